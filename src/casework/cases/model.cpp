#include "casework/cases/model.hpp"

#include <algorithm>
#include <bit>

namespace tutela::cases {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
// What moves a case to the front, in hours of waiting.
constexpr std::int64_t kSeverityHours = 24;  // a step: 96 for A1
constexpr std::int64_t kSpreadHours = 12;    // each doubling
constexpr std::int64_t kReportHours = 12;
constexpr std::int64_t kReportsMax = 20;
constexpr std::int64_t kVulnerableHours = 168;
constexpr std::int64_t kHoursMax = 30 * 24;

}  // namespace

bool is_undecided(State state) noexcept {
  return state == State::kOpen || state == State::kSecondLook || state == State::kDisagreement ||
         state == State::kAppealed;
}

bool is_locked(const Case& of, UtcMs now_ms) noexcept {
  return of.lock_by.has_value() && of.lock_until_ms.value_or(0) > now_ms;
}

UtcMs rank_of(const Urgency& urgency) noexcept {
  // 0 and 1 are worth nothing: a single upload is the common case.
  const std::uint64_t spread =
      static_cast<std::uint64_t>(std::clamp<std::int64_t>(urgency.spread, 1, 1LL << 40));
  const std::int64_t hours =
      kSeverityHours * std::clamp(urgency.severity, 0, 4) +
      kSpreadHours * (static_cast<std::int64_t>(std::bit_width(spread)) - 1) +
      kReportHours * std::clamp<std::int64_t>(urgency.reports, 0, kReportsMax) +
      (urgency.vulnerable ? kVulnerableHours : 0);
  return urgency.opened_ms - kHourMs * std::min(hours, kHoursMax);
}

int severity_of(std::string_view classification) noexcept {
  constexpr std::string_view kWorst[] = {"A1", "A2", "B1", "B2"};
  const auto* const found = std::find(std::begin(kWorst), std::end(kWorst), classification);
  return static_cast<int>(std::end(kWorst) - found);
}

}  // namespace tutela::cases
