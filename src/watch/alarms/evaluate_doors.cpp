// What canaries and doors say.
#include <algorithm>

#include "watch/alarms/found.hpp"

namespace tutela::alarms {

namespace {

constexpr std::int64_t kIntervals = 3;

/// How long nothing may have been sent; the time since the watch began counts where none ever was.
std::int64_t silence_max(const Rules& rules) {
  return kIntervals * rules.canary_interval_ms;
}

/// A canary takes an interval until it is its turn, and it and its repetition a timeout each.
std::int64_t lateness_max(const Rules& rules) {
  return silence_max(rules) + 2 * rules.canary_timeout_ms;
}

std::int64_t since(std::int64_t ms, const Observations& seen) {
  return ms < 0 ? seen.steady_ms : ms;
}

/// Empty: nothing wrong.
std::string why_unanswered(const CanaryState& canary,
                           const Observations& seen,
                           const Rules& rules) {
  if (canary.last == CanaryState::Last::kUnanswered) {
    return "a canary had no answer, verdict or message within " + duration(rules.canary_timeout_ms);
  }
  const bool pending =
      canary.last == CanaryState::Last::kGood || canary.last == CanaryState::Last::kNone;
  const std::int64_t late_ms = since(canary.since_good_ms, seen);
  if (pending && canary.since_sent_ms >= 0 && late_ms > lateness_max(rules)) {
    return "no canary came through for " + duration(late_ms);
  }
  return {};
}

void find_silence(const Observations& seen, const Rules& rules, Found& found) {
  const bool no_list = std::ranges::none_of(seen.lists, [](const ListState& list) {
    return list.purpose == "canary" && list.signals > 0;
  });
  for (const DoorState& door : seen.doors) {
    if (!door.enabled) {
      continue;
    }
    if (rules.canary_interval_ms <= 0) {
      found.degraded(
          "canary.none", door.door, "canaries are turned off: watch.canary_seconds is 0");
      continue;
    }
    std::int64_t newest_ms = seen.steady_ms;
    for (const CanaryState& canary : seen.canaries) {
      if (canary.door == door.door) {
        newest_ms = std::min(newest_ms, since(canary.since_sent_ms, seen));
      }
    }
    if (newest_ms > silence_max(rules)) {
      found.blind("canary.none", door.door, "no canary was sent for " + duration(newest_ms));
    } else if (no_list && (seen.store_up || !seen.lists.empty())) {
      found.blind("canary.none", door.door, "the list of canaries is not active or empty");
    }
    for (const CanaryState& canary : seen.canaries) {
      const std::int64_t silent_ms = since(canary.since_sent_ms, seen);
      if (canary.door == door.door && newest_ms <= silence_max(rules) &&
          silent_ms > silence_max(rules)) {
        found.degraded("canary.none",
                       door.door + "/" + canary.format,
                       "no canary of this format was sent for " + duration(silent_ms));
      }
    }
  }
}

}  // namespace

void find_in_canaries(const Observations& seen, const Rules& rules, Found& found) {
  using Last = CanaryState::Last;
  const auto each = [&](std::string_view code, Level level, const auto& why_of) {
    for (const CanaryState& canary : seen.canaries) {
      if (std::string why = why_of(canary); !why.empty()) {
        found.add(code, canary.door + "/" + canary.format, level, std::move(why));
      }
    }
  };
  const auto ended = [](Last last, std::string_view why) {
    return [=](const CanaryState& canary) {
      return std::string(canary.last == last ? why : "");
    };
  };
  if (rules.canary_interval_ms > 0) {
    each("canary.missed",
         Level::kBlind,
         ended(Last::kMissed, "a canary came back without its match, or let through"));
    each("canary.unanswered", Level::kBlind, [&](const CanaryState& canary) {
      return why_unanswered(canary, seen, rules);
    });
    each("canary.refused",
         Level::kDegraded,
         ended(Last::kRefused, "the door turned a canary away: it is busy"));
    each("canary.mistaken",
         Level::kBlind,
         ended(Last::kMistaken, "a picture that is on no list matched the list of canaries"));
  }
  find_silence(seen, rules, found);
}

void find_in_doors(const Observations& seen, Found& found) {
  for (const DoorState& door : seen.doors) {
    if (door.enabled && !door.scanning) {
      found.blind("door.not_scanning", door.door, "configuration stops the scans of this door");
    }
  }
  for (const DoorState& door : seen.doors) {
    if (door.let_through > 0) {
      found.degraded("door.let_through",
                     door.door,
                     "answered without a verdict in this hour and the one before: " +
                         std::to_string(door.let_through));
    }
  }
}

}  // namespace tutela::alarms
