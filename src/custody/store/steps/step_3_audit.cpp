#include "custody/store/steps/steps.hpp"

namespace tutela::store {

// Entries are numbered without a gap in the order of their commits: entry n of the log is row n
// + 1. The indexes are what auditors search by; their entries are in order of id within a value.
const std::string_view kAudit = R"sql(
ALTER TABLE audit ADD COLUMN role TEXT NOT NULL DEFAULT '';
CREATE INDEX audit_by_time ON audit (at_ms, id);
CREATE INDEX audit_by_principal ON audit (principal_id, id);
CREATE INDEX audit_by_action ON audit (action, id);
CREATE INDEX audit_by_object ON audit (object, id);
)sql";

}  // namespace tutela::store
