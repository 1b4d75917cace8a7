#include "watch/alarms/bands.hpp"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace tutela::alarms {
namespace {

constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kWeek = 168 * kHour;
constexpr UtcMs kNow = 472 * 24 * 168 * kHour;

/// Poisson's distribution, summed up term by term: e^-m m^k / k!.
long double term(std::int64_t k, long double mean) {
  return std::exp(-mean + static_cast<long double>(k) * std::log(mean) -
                  std::lgamma(static_cast<long double>(k) + 1));
}

long double summed(std::int64_t from, std::int64_t until, double mean) {
  long double sum = 0;
  for (std::int64_t k = from; k <= until; ++k) {
    sum += term(k, mean);
  }
  return sum;
}

void near(double found, long double wanted) {
  EXPECT_NEAR(found, static_cast<double>(wanted), 1e-15 + 1e-9 * static_cast<double>(wanted));
}

TEST(Chance, IsThatOfPublishedTables) {
  // P(X <= 2) with mean 3 is 17/2 e^-3; P(X <= 0) is e^-m.
  near(chance_of_at_most(2, 3), 8.5L * std::exp(-3.0L));
  near(chance_of_at_most(0, 9.21), std::exp(-9.21L));
  near(chance_of_at_least(1, 0.5), 1 - std::exp(-0.5L));
}

TEST(Chance, IsThatOfTheSums) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 500; ++round) {
    const double mean = std::exp(std::uniform_real_distribution<>(-4, 7)(random));
    const auto reach = static_cast<std::int64_t>(mean + 12 * std::sqrt(mean) + 40);
    const auto count = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(reach));
    SCOPED_TRACE(std::to_string(mean) + " " + std::to_string(count));
    near(chance_of_at_most(count, mean), summed(0, count, mean));
    near(chance_of_at_least(count, mean), summed(count, reach + 400, mean));
  }
}

TEST(Chance, OfWhatCannotBeIsKnown) {
  EXPECT_EQ(chance_of_at_most(-1, 3), 0);
  EXPECT_EQ(chance_of_at_most(0, 0), 1);
  EXPECT_EQ(chance_of_at_least(0, 0), 1);
  EXPECT_EQ(chance_of_at_least(1, 0), 0);
  // Too little is known: nothing is unlikely.
  for (const double unknown : {-1.0, std::nan("")}) {
    EXPECT_EQ(chance_of_at_most(0, unknown), 1);
    EXPECT_EQ(chance_of_at_least(1'000'000, unknown), 1);
  }
  EXPECT_EQ(chance_of_at_most(0, 1e12), 0);
  EXPECT_EQ(chance_of_at_least(1'000'000'000'000, 1), 0);
}

TEST(Bands, HoldWhatIsLikelyAndLetOutWhatIsNot) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 2000; ++round) {
    const double expected = std::exp(std::uniform_real_distribution<>(-6, 14)(random));
    SCOPED_TRACE(expected);
    const Band band = band_of(expected);
    ASSERT_TRUE(band.known);
    ASSERT_LE(band.low, band.high);
    // Each end: the next count beyond is both unlikely and far off, the end itself is not.
    const auto too_few = [&](std::int64_t count) {
      return is_unlikely(chance_of_at_most(count, expected)) &&
             static_cast<double>(count) < expected / 2;
    };
    const auto too_many = [&](std::int64_t count) {
      return is_unlikely(chance_of_at_least(count, expected)) &&
             static_cast<double>(count) > expected * 2 && count > 10;
    };
    EXPECT_FALSE(too_few(band.low));
    EXPECT_TRUE(band.low == 0 || too_few(band.low - 1));
    EXPECT_FALSE(too_many(band.high));
    EXPECT_TRUE(too_many(band.high + 1));
  }
}

TEST(Bands, HoldAtTheirLimits) {
  EXPECT_FALSE(band_of(-1).known);
  EXPECT_FALSE(band_of(std::nan("")).known);
  EXPECT_FALSE(band_of(HUGE_VAL).known);
  EXPECT_EQ(band_of(0).low, 0);
  EXPECT_EQ(band_of(0).high, 10);
  EXPECT_EQ(band_of(kExpectedMax).low, 500'000'000'000);
  EXPECT_EQ(band_of(kExpectedMax).high, 2'000'000'000'000);
}

TEST(Bands, AlmostNeverCryOverWhatIsUsual) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  int out = 0;
  for (const double usual : {0.1, 1.0, 5.0, 30.0, 500.0}) {
    std::poisson_distribution<std::int64_t> matches(usual);
    const Band band = band_of(usual);
    for (int hour = 0; hour < 40'000; ++hour) {
      const std::int64_t seen = matches(random);
      out += seen < band.low || seen > band.high ? 1 : 0;
    }
  }
  EXPECT_LE(out, 15);  // of 200,000; at most four are to be expected
}

/// Hours before kNow, each with so many items and matches.
std::vector<HourOf> past(std::int64_t hours, std::int64_t items, std::int64_t matches) {
  std::vector<HourOf> made;
  for (std::int64_t i = 1; i <= hours; ++i) {
    made.push_back({kNow - i * kHour, items, matches});
  }
  return made;
}

TEST(Expected, IsTheUsualShare) {
  EXPECT_NEAR(expected_matches(past(24, 1000, 10), kNow, 1000), 10, 0.05);
  EXPECT_NEAR(expected_matches(past(24 * 28, 1000, 10), kNow, 500), 5, 0.01);
  EXPECT_EQ(expected_matches(past(24 * 28, 1000, 10), kNow, 0), 0);
}

TEST(Expected, NeedsADayOfHoursWithItems) {
  EXPECT_LT(expected_matches({}, kNow, 10), 0);
  EXPECT_LT(expected_matches(past(23, 1000, 10), kNow, 10), 0);
  EXPECT_GE(expected_matches(past(24, 1000, 10), kNow, 10), 0);
  EXPECT_LT(expected_matches(past(1000, 0, 0), kNow, 10), 0);
  EXPECT_LT(expected_matches(past(24, 1000, 10), kNow, -1), 0);
}

TEST(Expected, LooksAtTheSameHoursOfTheWeek) {
  auto history = past(24 * 28, 1000, 2);
  for (HourOf& hour : history) {
    hour.matches = (kNow - hour.hour_ms) % kWeek == 0 ? 50 : 2;
  }
  const double busy = expected_matches(history, kNow, 1000);
  EXPECT_GT(busy, 35);
  EXPECT_LT(busy, 50);
  EXPECT_LT(expected_matches(history, kNow - kHour, 1000), 5);
}

TEST(Expected, OneWeekProvesLittleAndFourProveMuch) {
  double before = 2;
  for (int weeks = 1; weeks <= 4; ++weeks) {
    auto history = past(24 * 28, 1000, 2);
    for (HourOf& hour : history) {
      const std::int64_t back = kNow - hour.hour_ms;
      hour.matches = back % kWeek == 0 && back <= weeks * kWeek ? 50 : 2;
    }
    const double now = expected_matches(history, kNow, 1000);
    EXPECT_GT(now, before);
    EXPECT_LT(now, 50);
    before = now;
  }
  auto fresh = past(24 * 7, 1000, 2);
  fresh.back().matches = 50;  // a week ago
  EXPECT_NEAR(expected_matches(fresh, kNow, 1000), 26, 1);
}

TEST(Expected, ThePresentProvesNothing) {
  auto history = past(48, 1000, 10);
  const double before = expected_matches(history, kNow, 1000);
  history.push_back({kNow, 1000, 900});
  history.push_back({kNow + kHour, 1000, 900});
  EXPECT_EQ(expected_matches(history, kNow, 1000), before);
}

TEST(Expected, NoneSeenIsNotNever) {
  const double expected = expected_matches(past(240, 10, 0), kNow, 10);
  EXPECT_GT(expected, 0);
  EXPECT_LT(expected, 0.05);
}

}  // namespace
}  // namespace tutela::alarms
