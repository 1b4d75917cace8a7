// Calendar: when a time of keeping ends, never earlier than the law says in any time zone.
//
// Pure functions. Days are those of UTC. What lasts until a day ends at the end of the day after
// it: by then it has ended everywhere on Earth, also where the beginning fell on the next day. A
// year after 29 February lasts until 1 March. spec/destruction-certificate.md has the argument, 18
// USC 2258A(h)(1) the year.
#pragma once

#include <cstdint>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tutela::preservation {

/// The later of both counts.
struct Length {
  std::uint32_t years = 0;
  std::uint32_t days = 0;
};

inline constexpr std::uint32_t kYearsMax = 100;
inline constexpr std::uint32_t kDaysMax = 36'525;

/// The first instant at which what began at `start_ms` has been kept long enough.
/// Error: kInvalidInput "preservation.bad_time" (before 2000, after 8000, longer than 100 years).
Result<UtcMs> end_of(UtcMs start_ms, Length length);

}  // namespace tutela::preservation
