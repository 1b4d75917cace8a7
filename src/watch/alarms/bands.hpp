// Bands: how many matches are to be expected, from the same hours of the weeks before, and how
// unlikely it is to see so many or so few. Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.hpp"

namespace tutela::alarms {

/// One hour of one list, door and media type.
struct HourOf {
  UtcMs hour_ms = 0;
  std::int64_t items = 0;  // scanned
  std::int64_t matches = 0;
};

/// Matches to be expected among `items` at this hour: of the same hour of the week in the four
/// weeks before where these are known, else of all hours known (at least a day of them); smoothed,
/// so that one week proves little. Negative: too little is known to say.
[[nodiscard]] double expected_matches(std::span<const HourOf> history,
                                      UtcMs hour_ms,
                                      std::int64_t items);

/// The chance of at most (at least) so many where `expected` are usual: Poisson's distribution.
[[nodiscard]] double chance_of_at_most(std::int64_t count, double expected);
[[nodiscard]] double chance_of_at_least(std::int64_t count, double expected);

}  // namespace tutela::alarms
