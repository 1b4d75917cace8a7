#include "watch/alarms/bands.hpp"

#include <algorithm>
#include <cmath>

#include <boost/math/policies/policy.hpp>
#include <boost/math/special_functions/gamma.hpp>

namespace tutela::alarms {

namespace {

namespace rules = boost::math::policies;

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kWeekMs = 7 * 24 * kHourMs;
constexpr std::int64_t kWeeks = 4;
constexpr std::int64_t kHoursMin = 24;
// Seen by chance about once in eleven years of hours, by Poisson's distribution. Real matches come
// in bursts, hence the factor and the floor below.
constexpr double kUnlikely = 1e-5;
constexpr double kFactor = 2;
constexpr std::int64_t kHighMin = 10;

// A library that does not throw: what it cannot say is no number, which counts as likely.
using Quiet = rules::policy<rules::domain_error<rules::ignore_error>,
                            rules::pole_error<rules::ignore_error>,
                            rules::overflow_error<rules::ignore_error>,
                            rules::underflow_error<rules::ignore_error>,
                            rules::evaluation_error<rules::ignore_error>,
                            rules::promote_double<false>>;

struct Sum {
  double items = 0;
  double matches = 0;
  std::int64_t hours = 0;

  void add(const HourOf& hour) {
    items += static_cast<double>(hour.items);
    matches += static_cast<double>(hour.matches);
    ++hours;
  }
};

/// The least count in [low, high) for which it holds, as it then does for all above; else high.
template <class Holds>
std::int64_t first_where(std::int64_t low, std::int64_t high, const Holds& holds) {
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (holds(middle)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

}  // namespace

double expected_matches(std::span<const HourOf> history, UtcMs hour_ms, std::int64_t items) {
  Sum all;
  Sum same;
  for (const HourOf& hour : history) {
    const std::int64_t before_ms = hour_ms - hour.hour_ms;
    if (before_ms <= 0 || hour.items <= 0) {
      continue;
    }
    all.add(hour);
    if (before_ms % kWeekMs == 0 && before_ms <= kWeeks * kWeekMs) {
      same.add(hour);
    }
  }
  if (all.hours < kHoursMin || items < 0) {
    return -1;
  }
  // Half a match more than were seen, so that none seen is not never. An hour of the usual rate
  // stands beside the same hours: with one week known, it has about half the say.
  const double usual = (all.matches + 0.5) / (all.items + 1);
  const double weight = all.items / static_cast<double>(all.hours);
  const double rate = (same.matches + usual * weight) / (same.items + weight);
  return rate * static_cast<double>(items);
}

double chance_of_at_most(std::int64_t count, double expected) {
  if (std::isnan(expected) || expected < 0) {
    return 1;
  }
  if (count < 0) {
    return 0;
  }
  if (expected == 0) {
    return 1;
  }
  const double chance = boost::math::gamma_q(static_cast<double>(count) + 1, expected, Quiet());
  return std::isnan(chance) ? 1 : chance;
}

double chance_of_at_least(std::int64_t count, double expected) {
  if (std::isnan(expected) || expected < 0 || count <= 0) {
    return 1;
  }
  if (expected == 0) {
    return 0;
  }
  const double chance = boost::math::gamma_p(static_cast<double>(count), expected, Quiet());
  return std::isnan(chance) ? 1 : chance;
}

bool is_unlikely(double chance) noexcept {
  return chance < kUnlikely;
}

Band band_of(double expected) {
  if (!(expected >= 0) || expected > kExpectedMax) {
    return {};
  }
  const auto middle = static_cast<std::int64_t>(expected);
  const auto half = static_cast<std::int64_t>(std::ceil(expected / kFactor));
  const auto twice = static_cast<std::int64_t>(expected * kFactor);
  const std::int64_t low = first_where(0, middle, [&](std::int64_t count) {
    return !is_unlikely(chance_of_at_most(count, expected));
  });
  const std::int64_t beyond = first_where(middle, 4 * middle + 100, [&](std::int64_t count) {
    return is_unlikely(chance_of_at_least(count, expected));
  });
  return {true, std::min(low, half), std::max({beyond - 1, twice, kHighMin})};
}

}  // namespace tutela::alarms
