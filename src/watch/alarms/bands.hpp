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
/// weeks before where these are known, else of all hours known; smoothed, so that one week proves
/// little. Hours without items and hours from `hour_ms` on prove nothing. Negative: fewer than 24
/// hours are known, too little to say.
[[nodiscard]] double expected_matches(std::span<const HourOf> history,
                                      UtcMs hour_ms,
                                      std::int64_t items);

/// The chance of at most (at least) so many where `expected` are usual: Poisson's distribution.
[[nodiscard]] double chance_of_at_most(std::int64_t count, double expected);
[[nodiscard]] double chance_of_at_least(std::int64_t count, double expected);

/// So rare that it is taken for a fault: less than once in 100,000.
[[nodiscard]] bool is_unlikely(double chance) noexcept;

/// Counts that are usual: neither so unlikely nor, since matches come in bursts, within half and
/// twice of what is expected, and never too many below ten.
struct Band {
  bool known = false;
  std::int64_t low = 0;
  std::int64_t high = 0;
};

inline constexpr double kExpectedMax = 1e12;

/// Not known: where `expected` is negative, no number, or above kExpectedMax.
[[nodiscard]] Band band_of(double expected);

}  // namespace tutela::alarms
