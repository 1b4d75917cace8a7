#include "casework/intake/promises.hpp"

#include <algorithm>
#include <utility>

namespace tutela::intake {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

std::int64_t day_of(UtcMs at_ms) noexcept {
  return at_ms / kDayMs;  // nothing is received before 1970
}

bool pauses(const Promises& promises, std::int64_t day) {
  const std::int64_t weekday = (day + 3) % 7;  // 1970-01-01 was a Thursday; 0 is Monday
  return (promises.weekends_pause && weekday >= 5) || promises.holidays.contains(day);
}

UtcMs after(const Promises& promises, UtcMs from_ms, std::int64_t left_ms) {
  UtcMs at_ms = from_ms;
  while (left_ms > 0) {
    const std::int64_t day = day_of(at_ms);
    const UtcMs end_ms = (day + 1) * kDayMs;
    if (!pauses(promises, day)) {
      const std::int64_t here_ms = std::min(left_ms, end_ms - at_ms);
      left_ms -= here_ms;
      if (left_ms == 0) {
        return at_ms + here_ms;
      }
    }
    at_ms = end_ms;
  }
  return at_ms;
}

}  // namespace

Result<std::set<std::int64_t>> parse_holidays(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  std::set<std::int64_t> days;
  for (std::size_t at = text.find_first_not_of(kBlanks); at < text.size();) {
    const std::size_t end = std::min(text.size(), text.find_first_of(kBlanks, at));
    const std::string_view word = text.substr(at, end - at);
    const Result<UtcMs> day = parse_time(word);
    if (!day || word.size() != 10) {
      return Error{ErrorKind::kInvalidInput,
                   "config.bad_holidays",
                   "holidays are days such as 2026-12-25, separated by blanks"};
    }
    days.insert(day_of(*day));
    at = text.find_first_not_of(kBlanks, end);
  }
  return days;
}

Due due_of(const Promises& promises, Queue queue, UtcMs from_ms) {
  const std::int64_t ms = std::max<std::int64_t>(promises.ms[static_cast<std::size_t>(queue)], 0);
  const std::int64_t escalate_ms = ms * std::min(promises.escalate_percent, 100U) / 100;
  if (queue == Queue::kImminent || queue == Queue::kVictim) {
    return {from_ms + ms, from_ms + escalate_ms};
  }
  return {after(promises, from_ms, ms), after(promises, from_ms, escalate_ms)};
}

}  // namespace tutela::intake
