#include "custody/store/steps/steps.hpp"

namespace tutela::store {

// Samples that cannot be ended yet have a next look each, so that none holds up others. What a
// process knew of its alarms lies beside its beat: which are raised, and who has not been told of
// what; empty once another process has taken it over.
const std::string_view kWatchAgain = R"sql(
ALTER TABLE sample_audit ADD COLUMN next_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sample_audit ADD COLUMN tries BIGINT NOT NULL DEFAULT 0;
DROP INDEX sample_audit_owed;
CREATE INDEX sample_audit_owed ON sample_audit (next_ms, asked_ms) WHERE state = 'owed';
ALTER TABLE watch_beat ADD COLUMN alarms TEXT NOT NULL DEFAULT '';
)sql";

}  // namespace tutela::store
