#include "service/watch/judging.hpp"

#include <algorithm>
#include <array>

namespace tutela::watch {
namespace {

using canaries::Expected;
using policy::Verdict;

constexpr long kOk = 200;
constexpr long kAccepted = 202;
constexpr std::string_view kOverloaded = "server.overloaded";

/// A door that gives no outcome has failed, unless it says that it is busy.
std::optional<Last> judge_answer(const DoorAnswer& answer) {
  if (answer.failure.empty() && answer.code == kOverloaded) {
    return Last::kRefused;
  }
  const bool answered = answer.failure.empty() &&
                        (answer.status == kOk || answer.status == kAccepted) &&
                        (answer.outcome == "held" || answer.outcome == "accepted");
  return answered ? std::nullopt : std::optional(Last::kUnanswered);
}

std::optional<Last> judge_verdict(Expected expected,
                                  const DoorAnswer& answer,
                                  const Traces& traces) {
  if (expected == Expected::kMatch) {
    const bool matched = traces.verdict == Verdict::kMatch;
    return matched ? std::nullopt : std::optional(Last::kMissed);
  }
  if (traces.verdict == Verdict::kMatch) {
    return Last::kMistaken;
  }
  if (traces.verdict != Verdict::kNoMatch) {
    return Last::kMissed;
  }
  // With 202 the answer came before the verdict.
  const bool as_decided = (answer.outcome == "accepted") == traces.passes;
  return as_decided || traces.ordinary || answer.status == kAccepted
             ? std::nullopt
             : std::optional(Last::kMistaken);
}

}  // namespace

std::optional<Last> judge(Expected expected, const DoorAnswer& answer, const Traces& traces) {
  if (const auto bad = judge_answer(answer)) {
    return bad;
  }
  if (expected == Expected::kMatch && answer.outcome == "accepted") {
    return Last::kMissed;  // whatever the verdict will be: it was let through
  }
  if (!traces.verdict) {
    return std::nullopt;
  }
  if (const auto bad = judge_verdict(expected, answer, traces)) {
    return bad;
  }
  if (answer.content_id != traces.content_id) {
    return Last::kUnanswered;  // the answer was another's
  }
  return traces.echoed || traces.ordinary ? std::optional(Last::kGood) : std::nullopt;
}

Last worse(Last one, Last other) noexcept {
  constexpr std::array kOrder = {
      Last::kNone, Last::kGood, Last::kRefused, Last::kUnanswered, Last::kMissed, Last::kMistaken};
  return std::ranges::find(kOrder, one) < std::ranges::find(kOrder, other) ? other : one;
}

}  // namespace tutela::watch
