#include "custody/store/steps/steps.hpp"

namespace tutela::store {

// Entries are numbered without a gap in the order of their commits: entry n of the log is row n
// + 1.
const std::string_view kAudit = R"sql(
ALTER TABLE audit ADD COLUMN role TEXT NOT NULL DEFAULT '';
)sql";

}  // namespace tutela::store
