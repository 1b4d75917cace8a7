#include "custody/store/steps/steps.hpp"

namespace tutela::store {

// How long evidence is kept and why, what stops its destruction, and how that was done.
const std::string_view kPreservation = R"sql(
CREATE TABLE preservation (
  evidence_id TEXT PRIMARY KEY REFERENCES evidence (id), tenant_id TEXT NOT NULL,
  principal_id TEXT NOT NULL, basis TEXT NOT NULL, reference TEXT NOT NULL,
  start_ms BIGINT NOT NULL, due_ms BIGINT NOT NULL, updated_ms BIGINT NOT NULL
);
)sql";

}  // namespace tutela::store
