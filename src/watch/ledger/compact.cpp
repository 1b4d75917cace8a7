#include "watch/ledger/coverage.hpp"

namespace tutela::ledger {

Result<Compacted> compact(store::Database& /*database*/,
                          const Retention& /*retention*/,
                          UtcMs /*now_ms*/,
                          const std::function<bool()>& /*stop_requested*/) {
  return Error{ErrorKind::kUnavailable, "ledger.not_yet", "compaction is not built yet"};
}

}  // namespace tutela::ledger
