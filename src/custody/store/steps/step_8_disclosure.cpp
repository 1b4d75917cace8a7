#include "custody/store/steps/steps.hpp"

namespace tutela::store {

// Packages for law enforcement: who got what, under which reference.
const std::string_view kDisclosure = R"sql(
CREATE TABLE disclosure (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  case_ref TEXT NOT NULL, agency TEXT NOT NULL, reference TEXT NOT NULL, recipient TEXT NOT NULL,
  state TEXT NOT NULL, objects BIGINT NOT NULL, created_ms BIGINT NOT NULL, finished_ms BIGINT
);
)sql";

}  // namespace tutela::store
