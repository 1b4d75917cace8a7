// Canary list: the built-in list "canary", made and kept whole. Internal to watch.
#pragma once

#include "base/result.hpp"
#include "exchange/lists/lists.hpp"
#include "watch/canaries/canaries.hpp"

namespace tutela::watch {

/// Makes the list, puts back what it lacks, activates it. Whether anything changed. Error:
/// kConflict "canary.list_taken" when a list of another purpose has its name; those of Lists.
Result<bool> ensure_canary_list(lists::Lists& lists, const canaries::Seeds& seeds);

}  // namespace tutela::watch
