#include "service/workers/ending.hpp"

#include <csignal>
#include <utility>

#include <sys/wait.h>

#include "service/workers/protocol.hpp"

namespace tutela::workers {

namespace {

Error judge_signal(int signal) {
  switch (signal) {
    case SIGSYS:
      return Error{ErrorKind::kInvalidInput,
                   "worker.sandbox_violation",
                   "the decode worker tried what the sandbox forbids and was killed; treat the "
                   "item as hostile"};
    case SIGXCPU:
      return Error{ErrorKind::kLimitExceeded,
                   "worker.cpu_time",
                   "the decode worker used up its processor time (limit cpu_seconds_max)"};
    default:
      return Error{ErrorKind::kInvalidInput,
                   "worker.crashed",
                   "the decode worker died of signal " + std::to_string(signal)};
  }
}

Status check(const Ending& ending) {
  if (ending.timed_out) {
    return Error{ErrorKind::kLimitExceeded,
                 "worker.timeout",
                 "the decode worker did not answer in time and was killed (limit time_ms_max)"};
  }
  if (ending.reply_too_large) {
    return Error{ErrorKind::kInvalidInput,
                 "worker.bad_reply",
                 "the decode worker's reply is over the bound; treat the item as hostile"};
  }
  if (WIFSIGNALED(ending.wait_status)) {
    return judge_signal(WTERMSIG(ending.wait_status));
  }
  if (WEXITSTATUS(ending.wait_status) == protocol::kExitOutOfMemory) {
    return Error{ErrorKind::kLimitExceeded,
                 "worker.memory",
                 "the decode worker needs more memory than it may use (limit memory_bytes_max)"};
  }
  if (ending.wait_status != 0) {
    return Error{
        ErrorKind::kInvalidInput,
        "worker.bad_reply",
        "the decode worker ended with status " + std::to_string(WEXITSTATUS(ending.wait_status))};
  }
  return ok();
}

/// What the worker said: a result, or an error of the item.
template <class Reply>
Reply take(Result<Reply> reply) {
  if (!reply) {
    return Error{ErrorKind::kInvalidInput,
                 "worker.bad_reply",
                 "the decode worker's reply cannot be understood; treat the item as hostile"};
  }
  return *std::move(reply);
}

}  // namespace

Result<inspect::Inspection> judge(const Ending& ending) {
  TUTELA_TRY(check(ending));
  return take(inspect::decode_reply(ending.reply));
}

Result<redact::View> judge_view(const Ending& ending, const redact::Request& request) {
  TUTELA_TRY(check(ending));
  return take(redact::decode_reply(ending.reply, request));
}

}  // namespace tutela::workers
