#include "service/watch/courier.hpp"

#include <algorithm>
#include <utility>

#include "base/fault.hpp"
#include "crypto/digest.hpp"
#include "service/watch/actor.hpp"

namespace tutela::watch {
namespace {

using canaries::Expected;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr std::size_t kAttemptsMax = 2;
/// Longer than any jump of the clock that has no other alarm: bytes that arrive after it would be
/// an ordinary item.
constexpr std::int64_t kValidMs = 24LL * 3600 * 1000;
constexpr long kUnauthorized = 401;

}  // namespace

Courier::Courier(canaries::Canaries& canaries,
                 ledger::Ledger& ledger,
                 Stock& stock,
                 DoorClient& client,
                 std::vector<OwnDoor> doors)
    : canaries_(canaries), ledger_(ledger), stock_(stock), client_(client) {
  for (OwnDoor& door : doors) {
    doors_.push_back({std::move(door), {}, {}});
  }
}

void Courier::find_doors(const config::Config& config) {
  for (Door& door : doors_) {
    Result<DoorTarget> target =
        target_of(door.own.address, config.server.tls_certificate, config.watch.canary_source);
    door.target = target ? std::optional(*std::move(target)) : std::nullopt;
  }
}

std::vector<std::string> Courier::doors() const {
  std::vector<std::string> names;
  for (const Door& door : doors_) {
    names.push_back(door.own.door);
  }
  return names;
}

Round Courier::begin(std::size_t door,
                     std::string format,
                     Expected expected,
                     milliseconds timeout) {
  const auto now = Steady::now();
  return {door, std::move(format), expected, now + timeout / 2, now + timeout, {}};
}

void Courier::take(DoorClient::Done done) {
  for (auto& [number, answer] : done) {
    answers_.emplace(number, std::move(answer));
  }
}

void Courier::drop(Round& round) {
  for (const Attempt& made : round.attempts) {
    if (made.request != 0) {
      client_.cancel(made.request);
      answers_.erase(made.request);
    }
  }
}

std::optional<Ended> Courier::advance(Round& round) {
  for (Attempt& made : round.attempts) {
    if (!made.end) {
      look(round, made);
    }
    if (made.end == Last::kGood) {
      return end(round, Last::kGood, made);
    }
  }
  const auto now = Steady::now();
  const bool on_its_way = std::ranges::any_of(
      round.attempts, [](const Attempt& made) { return !made.end.has_value(); });
  if (round.attempts.size() < kAttemptsMax && (!on_its_way || now >= round.second_at)) {
    // A new one is looked at the next time; without a picture it is tried again until the end.
    if (auto made = attempt(round)) {
      round.attempts.push_back(*std::move(made));
      return std::nullopt;
    }
  } else if (!on_its_way) {
    const auto bad = worse(round.attempts[0].end.value_or(Last::kNone),
                           round.attempts[1].end.value_or(Last::kNone));
    return end(round, bad, round.attempts.back());
  }
  if (now < round.deadline) {
    return std::nullopt;
  }
  Last last = Last::kUnanswered;
  for (const Attempt& made : round.attempts) {
    last = worse(last, made.end.value_or(Last::kNone));
  }
  return end(round, last, round.attempts.empty() ? Attempt() : round.attempts.back());
}

/// Absent when there is no picture now.
std::optional<Attempt> Courier::attempt(const Round& round) {
  std::optional<Bytes> picture = stock_.take(round.format, round.expected);
  if (!picture) {
    return std::nullopt;
  }
  Attempt made;
  made.sent = Steady::now();
  if (!send(round, *std::move(picture), made)) {
    made.end = Last::kUnanswered;
  }
  return made;
}

/// Nothing is sent that is not registered: it would be an ordinary item, and open a case.
tutela::Status Courier::send(const Round& round, Bytes picture, Attempt& made) {
  Door& door = doors_[round.door];
  TUTELA_TRY_ASSIGN(made.canary,
                    canaries_.add(system_actor(),
                                  door.own.door,
                                  round.format,
                                  round.expected,
                                  crypto::sha256_of(picture),
                                  kValidMs));
  TUTELA_FAULT_POINT("canary.after_add");
  if (!door.target) {
    return Error{ErrorKind::kUnavailable, "canary.no_door", "the door's address is not known"};
  }
  if (!door.token) {
    TUTELA_TRY_ASSIGN(door.token, door.own.token());
  }
  made.request = client_.post(*door.target,
                              *door.token,
                              std::move(picture),
                              duration_cast<milliseconds>(round.deadline - made.sent));
  TUTELA_FAULT_POINT("canary.after_send");
  return ok();
}

void Courier::look(const Round& round, Attempt& attempt) {
  if (!attempt.answer) {
    const auto found = answers_.find(attempt.request);
    if (found == answers_.end()) {
      return;
    }
    attempt.answer = std::move(found->second);
    answers_.erase(found);
    if (attempt.answer->status == kUnauthorized) {
      doors_[round.door].token.reset();
    }
  }
  const Result<Traces> traces = traces_of(round, *attempt.canary);
  if (!traces) {
    return;  // the store does not answer: it may yet, until the round's time is over
  }
  attempt.end = judge(round.expected, *attempt.answer, *traces);
}

Result<Traces> Courier::traces_of(const Round& round, const Uuid& canary) {
  Traces traces;
  TUTELA_TRY_ASSIGN(const canaries::Canary found, canaries_.get(canary));
  if (!found.content_id) {
    return traces;
  }
  traces.content_id = to_string(*found.content_id);
  traces.echoed = found.echoed_ms.has_value();
  if (found.verdict) {
    TUTELA_TRY_ASSIGN(traces.verdict, policy::parse_verdict(*found.verdict));
  }
  if (!found.verdict || round.expected == Expected::kNoMatch) {
    TUTELA_TRY(read_ordinary(*found.content_id, traces));
  }
  return traces;
}

/// Of an item that another list matched, too, the store has no canary's verdict.
tutela::Status Courier::read_ordinary(const Uuid& content_id, Traces& traces) {
  TUTELA_TRY_ASSIGN(const ledger::Content content, ledger_.get(system_actor(), content_id));
  const ledger::Outcome& outcome = content.outcome;
  traces.passes = outcome.decision.action == policy::Action::kPass;
  if (outcome.verdict == policy::Verdict::kOwed || content.canary) {
    return ok();
  }
  const bool on_list = std::ranges::any_of(outcome.matches, [](const ledger::MatchRow& match) {
    return match.list_name == canaries::kListName;
  });
  traces.ordinary = true;
  traces.verdict = on_list ? policy::Verdict::kMatch : policy::Verdict::kNoMatch;
  return ok();
}

Ended Courier::end(Round& round, Last last, const Attempt& told) {
  const Ended ended{last, duration_cast<milliseconds>(Steady::now() - told.sent)};
  if (told.canary) {
    // Counts are for people; what keeps the store from them is an alarm of its own.
    static_cast<void>(
        canaries_.settle(*told.canary, last == Last::kGood, ended.took.count()).has_value());
  }
  drop(round);
  return ended;
}

}  // namespace tutela::watch
