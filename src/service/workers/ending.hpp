// Ending: how one worker ended, and the stable answer that follows from it.
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "engine/inspect/inspect.hpp"
#include "engine/redact/redact.hpp"

namespace tutela::workers {

struct Ending {
  Bytes reply{};
  bool reply_too_large = false;
  bool timed_out = false;  // the supervisor had it killed at the deadline
  int wait_status = 0;     // as waitpid gives it
};

/// A reply counts only from a worker that then ended in good order. Pure.
/// Errors: those of Workers::inspect and Workers::render that are the item's.
Result<inspect::Inspection> judge(const Ending& ending);
Result<redact::View> judge_view(const Ending& ending, const redact::Request& request);

}  // namespace tutela::workers
