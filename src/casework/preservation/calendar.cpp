#include "casework/preservation/calendar.hpp"

#include <algorithm>
#include <chrono>

namespace tutela::preservation {
namespace {

std::chrono::sys_days years_after(std::chrono::sys_days day, std::uint32_t years) {
  const std::chrono::year_month_day date =
      std::chrono::year_month_day(day) + std::chrono::years(static_cast<int>(years));
  // 29 February of a year that has none: the day after, never before.
  return date.ok() ? date : date.year() / std::chrono::March / 1;
}

}  // namespace

Result<UtcMs> end_of(UtcMs start_ms, Length length) {
  using std::chrono::days;
  using std::chrono::milliseconds;
  using std::chrono::sys_days;
  using std::chrono::year;
  constexpr sys_days kFirst = year(2000) / 1 / 1;
  constexpr sys_days kLast = year(8000) / 1 / 1;
  const std::chrono::sys_time<milliseconds> start{milliseconds(start_ms)};
  if (start < kFirst || start >= kLast || length.years > kYearsMax || length.days > kDaysMax) {
    return Error{ErrorKind::kInvalidInput,
                 "preservation.bad_time",
                 "a time of keeping begins between the years 2000 and 8000 and lasts at most 100 "
                 "years"};
  }
  const sys_days first = std::chrono::floor<days>(start);
  const sys_days counted = first + days(static_cast<int>(length.days));
  // East of UTC it may have begun a day later, and a leap day may lie between the two.
  const sys_days here = std::max(years_after(first, length.years), counted);
  const sys_days east = years_after(first + days(1), length.years);
  const std::chrono::sys_time<milliseconds> end = std::max(here + days(2), east + days(1));
  return end.time_since_epoch().count();
}

}  // namespace tutela::preservation
