#include "engine/match/stream_index.hpp"

#include <algorithm>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "engine/match/index.hpp"
#include "engine/match/match.hpp"
#include "engine/match/test_kernels.hpp"
#include "engine/match/test_values.hpp"

namespace tutela::match {
namespace {

std::vector<StreamNear> naive_near(const std::vector<Pdq256>& signals,
                                   const std::vector<Pdq256>& values,
                                   int limit) {
  std::vector<StreamNear> near;
  for (std::uint32_t v = 0; v < values.size(); ++v) {
    for (std::uint32_t s = 0; s < signals.size(); ++s) {
      const int bits = fingerprint::distance(values[v], signals[s]);
      if (bits <= limit) {
        near.push_back({v, s, bits});
      }
    }
  }
  return near;
}

std::vector<StreamNear> streamed(const std::vector<Pdq256>& signals,
                                 const std::vector<Pdq256>& values,
                                 int limit) {
  std::vector<StreamNear> near;
  StreamIndex(signals, limit).search(values, near);
  std::ranges::sort(near);
  return near;
}

void expect_exact(const std::vector<Pdq256>& signals,
                  const std::vector<Pdq256>& values,
                  int limit) {
  EXPECT_EQ(streamed(signals, values, limit), naive_near(signals, values, limit))
      << signals.size() << " signals, " << values.size() << " values, limit " << limit;
}

class StreamSearch : public KernelTest {};

INSTANTIATE_TEST_SUITE_P(Stream,
                         StreamSearch,
                         testing::ValuesIn(supported_kernels()),
                         [](const auto& kernel) { return std::string(to_string(kernel.param)); });

TEST_P(StreamSearch, FindsNothingWithoutSignalsOrValues) {
  expect_exact({}, random_values(10), 31);
  expect_exact(random_values(10), {}, 31);
  expect_exact(random_values(1000), {}, 31);
}

TEST_P(StreamSearch, FindsPlantedNeighboursAtEachDistanceAndNoneBeyond) {
  // Sizes on both sides of each change of method, and values over several groups.
  for (const std::size_t count : {1U, 7U, 8U, 192U, 193U, 300U, 3000U}) {
    const auto signals = random_values(count);
    auto values = random_values(500);
    for (std::size_t distance = 0; distance <= 66; ++distance) {
      for (std::size_t i = 0; i < 8; ++i) {
        values.push_back(flipped(signals[random_() % count], distance, random_));
      }
    }
    std::ranges::shuffle(values, random_);
    for (const int limit : {0, 1, 7, 8, 15, 16, 17, 23, 24, 30, 31, 32, 47, 63}) {
      expect_exact(signals, values, limit);
    }
  }
}

TEST_P(StreamSearch, FindsWhatTheRingJustAllows) {
  // Each band differs as much as it may: 2 flips in 15 bands and 1 in the 16th, wherever that is;
  // and all flips in as few bands as can hold them, the last beside the first.
  auto signals = random_values(250);
  const Pdq256 signal = signals[77];
  std::vector<Pdq256> values;
  for (std::size_t limit = 0; limit <= 33; ++limit) {
    for (std::size_t start = 0; start < kBands; ++start) {
      Pdq256 even = signal;
      for (std::size_t band = 0; band < kBands; ++band) {
        even = flip_in_band(
            even, (start + band) % kBands, limit / kBands + (band < limit % kBands), random_);
      }
      values.push_back(even);
      Pdq256 packed = signal;
      for (std::size_t left = limit, band = 0; left > 0; band += 2) {
        const std::size_t flips = std::min<std::size_t>(left, 16);
        packed = flip_in_band(packed, (start + band) % kBands, flips, random_);
        left -= flips;
      }
      values.push_back(packed);
    }
  }
  for (int limit = 0; limit <= 33; ++limit) {
    expect_exact(signals, values, limit);
  }
}

TEST_P(StreamSearch, FindsEachOfEqualSignalsOnceForEachOfEqualValues) {
  const Pdq256 same = random_pdq(random_);
  const std::vector<Pdq256> equal_signals(700, same);
  const std::vector<Pdq256> equal_values(40, flipped(same, 3, random_));
  for (const int limit : {0, 2, 3, 31}) {
    expect_exact(equal_signals, equal_values, limit);
  }
  auto mixed = random_values(300);
  mixed.insert(mixed.end(), mixed.begin(), mixed.end());
  auto values = mixed;
  std::ranges::shuffle(values, random_);
  expect_exact(mixed, values, 31);
}

TEST_P(StreamSearch, IsExactWhereAllLieInOneBucket) {
  // Zero but for a few bits: every signal meets every value in most bands.
  std::vector<Pdq256> signals(400);
  std::vector<Pdq256> values(400);
  for (auto* side : {&signals, &values}) {
    for (Pdq256& value : *side) {
      value = flipped({}, random_() % 34, random_);
    }
  }
  for (const int limit : {0, 5, 16, 31, 40}) {
    expect_exact(signals, values, limit);
  }
  // Equal in one band, random in all others: its bucket is full, and its tags decide.
  signals = random_values(5000);
  values = random_values(200);
  for (auto* side : {&signals, &values}) {
    for (Pdq256& value : *side) {
      value.words[1] &= ~0xFFFFULL;
    }
  }
  values.push_back(flipped(signals[4999], 31, random_));
  expect_exact(signals, values, 31);
}

TEST_P(StreamSearch, IsExactForSortedAndForSkewedValues) {
  std::vector<Pdq256> sorted(3000);
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    sorted[i].words = {0, i >> 6, i * 0x9E37, i};
  }
  expect_exact({sorted.begin(), sorted.begin() + 250}, sorted, 10);
  auto skewed = random_values(3000);
  for (Pdq256& value : skewed) {
    for (auto& word : value.words) {
      word &= random_() & random_();
    }
  }
  expect_exact({skewed.begin(), skewed.begin() + 500}, skewed, 31);
}

TEST_P(StreamSearch, GoesOnWhereTheSurvivorsFillTheirBuffer) {
  // More than a buffer of survivors for each value, all in the same buckets.
  const Pdq256 same = random_pdq(random_);
  std::vector<Pdq256> signals(9000, same);
  for (std::size_t i = 0; i < signals.size(); i += 2) {
    signals[i] = flipped(same, random_() % 40, random_);
  }
  expect_exact(signals, {same, flipped(same, 1, random_), same}, 31);
}

TEST_P(StreamSearch, CrossesGroupsOfValues) {
  const auto signals = random_values(200);
  auto values = random_values(70'001);
  for (std::size_t i = 0; i < values.size(); i += 997) {
    values[i] = flipped(signals[i % 200], i % 33, random_);
  }
  expect_exact(signals, values, 31);
  expect_exact({signals.begin(), signals.begin() + 3}, values, 31);
}

TEST_P(StreamSearch, AgreesOnHashesOfPictures) {
  const auto signals = shared_hashes("needles.txt");
  const auto values = shared_hashes("haystack.txt");
  if (signals.empty() || values.empty()) {
    GTEST_SKIP() << "shared/data/pdq is absent";
  }
  expect_exact(signals, values, 31);
  expect_exact(values, signals, 31);
}

TEST_P(StreamSearch, IsSearchedByManyThreadsAtOnce) {
  const auto signals = random_values(500);
  const StreamIndex index(signals, 31);
  auto values = random_values(2000);
  values[1999] = flipped(signals[499], 31, random_);
  const auto expected = naive_near(signals, values, 31);
  std::vector<std::vector<StreamNear>> found(4);
  std::vector<std::thread> threads;
  threads.reserve(found.size());
  for (auto& near : found) {
    threads.emplace_back([&] { index.search(values, near); });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  for (const auto& near : found) {
    EXPECT_EQ(near, expected);
  }
}

TEST(StreamIndex, SaysWhatItHoldsAndMoves) {
  Random random(1);
  std::vector<Pdq256> signals(10'000);
  std::ranges::generate(signals, [&] { return random_pdq(random); });
  StreamIndex index(signals, 31);
  EXPECT_EQ(index.size(), 10'000U);
  EXPECT_LE(index.size_bytes(), 10'000U * 1700 + (5U << 20));
  const StreamIndex moved(std::move(index));
  std::vector<StreamNear> near;
  moved.search(std::vector<Pdq256>{signals[9]}, near);
  ASSERT_EQ(near.size(), 1U);
  EXPECT_EQ(near[0], (StreamNear{0, 9, 0}));
}

}  // namespace
}  // namespace tutela::match
