#include "custody/store/steps/steps.hpp"

namespace tutela::store {

// People, how they sign in, and what is assigned to them.
const std::string_view kPeople = R"sql(
CREATE TABLE person (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  name TEXT NOT NULL, role TEXT NOT NULL, created_ms BIGINT NOT NULL,
  UNIQUE (tenant_id, name)
);
CREATE TABLE case_assignment (
  tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL,
  case_ref TEXT NOT NULL, assignee TEXT NOT NULL, at_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, case_ref, assignee)
);
)sql";

}  // namespace tutela::store
