// Rules: what the documentation asks for across the fields of a submission, which neither the
// leaves nor the schema know. Used by check() alone. Thread-safe.
#pragma once

#include <vector>

#include "base/clock.hpp"
#include "exchange/cybertip/model.hpp"

namespace tutela::cybertip {

/// Every rule that is broken at `now_ms`, in the order of the document; at most kProblemsMax.
std::vector<Problem> broken_rules(const Submission& submission, UtcMs now_ms);

/// The additional rules of a batched report (documentation, appendix E); used by broken_rules().
std::vector<Problem> broken_batch_rules(const Submission& submission);

}  // namespace tutela::cybertip
