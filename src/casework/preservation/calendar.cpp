#include "casework/preservation/calendar.hpp"

#include <algorithm>
#include <chrono>

namespace tutela::preservation {

Result<UtcMs> end_of(UtcMs start_ms, Length length) {
  using std::chrono::days;
  using std::chrono::milliseconds;
  using std::chrono::sys_days;
  using std::chrono::year;
  using std::chrono::year_month_day;
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
  const year_month_day date(first);
  year_month_day anniversary = date + std::chrono::years(static_cast<int>(length.years));
  if (!anniversary.ok()) {  // 29 February of a year that has none: the day after, never before
    anniversary = anniversary.year() / 3 / 1;
  }
  const sys_days last =
      std::max(sys_days(anniversary), first + days(static_cast<int>(length.days)));
  const std::chrono::sys_time<milliseconds> end = last + days(2);
  return end.time_since_epoch().count();
}

}  // namespace tutela::preservation
