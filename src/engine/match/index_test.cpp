#include "engine/match/index.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "engine/match/huge_array.hpp"
#include "engine/match/index_block.hpp"
#include "engine/match/test_kernels.hpp"
#include "engine/match/test_values.hpp"

namespace tutela::match {
namespace {

std::vector<NearRow> naive_near(const std::vector<Pdq256>& values,
                                std::span<const Pdq256> variants,
                                int limit) {
  std::vector<NearRow> near;
  for (std::size_t row = 0; row < values.size(); ++row) {
    for (std::uint32_t v = 0; v < variants.size(); ++v) {
      const int bits = fingerprint::distance(values[row], variants[v]);
      if (bits <= limit) {
        near.push_back({row, bits, v});
      }
    }
  }
  std::ranges::sort(near);
  return near;
}

struct Indexed {
  explicit Indexed(std::vector<Pdq256> all) : values(std::move(all)) {
    for (std::size_t band = kBands; band > 0; --band) {  // in any order
      blocks[band - 1] = HugeArray<std::byte>(band_bytes(values.size()));
      build_band(band - 1, values, {blocks[band - 1].data(), blocks[band - 1].size()});
    }
  }

  [[nodiscard]] Index index() const {
    std::array<const std::byte*, kBands> begins{};
    std::ranges::transform(blocks, begins.begin(), [](const auto& block) { return block.data(); });
    return {values, begins};
  }

  [[nodiscard]] std::vector<NearRow> near(std::span<const Pdq256> variants, int limit) const {
    std::vector<NearRow> near;
    EXPECT_TRUE(index().search(variants, limit, near)) << "left to the linear search";
    std::ranges::sort(near);
    return near;
  }

  std::vector<Pdq256> values;
  std::array<HugeArray<std::byte>, kBands> blocks;
};

class IndexSearch : public KernelTest {};

INSTANTIATE_TEST_SUITE_P(Index,
                         IndexSearch,
                         testing::ValuesIn(supported_kernels()),
                         [](const auto& kernel) { return std::string(to_string(kernel.param)); });

TEST_P(IndexSearch, FindsPlantedNeighboursAtEachDistanceAndNoneBeyond) {
  for (const std::size_t variant_count : {1U, 8U}) {
    const auto variants = random_values(variant_count);
    auto values = random_values(2000);
    for (std::size_t distance = 0; distance <= 66; ++distance) {
      for (const Pdq256& variant : variants) {
        values.push_back(flipped(variant, distance, random_));
      }
    }
    std::ranges::shuffle(values, random_);
    const Indexed indexed(values);
    for (int limit = 0; limit <= kIndexDistanceMax; ++limit) {
      const auto expected = naive_near(values, variants, limit);
      EXPECT_GE(expected.size(), static_cast<std::size_t>(limit + 1) * variant_count);
      EXPECT_EQ(indexed.near(variants, limit), expected) << "limit " << limit;
    }
  }
}

TEST_P(IndexSearch, FindsWhatTheRingJustAllows) {
  // Each band differs as much as it may: 2 flips in 15 bands and 1 in the 16th, wherever that is.
  // So do the same at other limits, and all flips in as few bands as can hold them.
  const Pdq256 query = random_pdq(random_);
  std::vector<Pdq256> values;
  for (int limit = 0; limit <= 33; ++limit) {
    for (std::size_t start = 0; start < kBands; ++start) {
      Pdq256 even = query;
      for (std::size_t band = 0; band < kBands; ++band) {
        const auto flips = static_cast<std::size_t>(limit) / kBands +
                           (band < static_cast<std::size_t>(limit) % kBands ? 1U : 0U);
        even = flip_in_band(even, (start + band) % kBands, flips, random_);
      }
      values.push_back(even);
      Pdq256 packed = query;
      auto left = static_cast<std::size_t>(limit);
      for (std::size_t band = 0; left > 0; band += 2) {
        const std::size_t flips = std::min<std::size_t>(left, 16);
        packed = flip_in_band(packed, (start + band) % kBands, flips, random_);
        left -= flips;
      }
      values.push_back(packed);
    }
  }
  const Indexed indexed(values);
  for (int limit = 0; limit <= 33; ++limit) {
    const auto near = indexed.near({&query, 1}, limit);
    EXPECT_EQ(near.size(), 2 * kBands * static_cast<std::size_t>(limit + 1));
    EXPECT_EQ(near, naive_near(values, {&query, 1}, limit)) << "limit " << limit;
  }
}

TEST_P(IndexSearch, AgreesOnAdversarialValues) {
  const auto variants = random_values(8);
  const Pdq256 centre = variants[3];
  Pdq256 counter{};
  const std::vector<std::function<Pdq256()>> makers = {
      [&] { return centre; },
      [&] {  // all in one bucket of each even band
        Pdq256 value = random_pdq(random_);
        for (std::size_t i = 0; i < 4; ++i) {
          value.words[i] =
              (value.words[i] & 0x0000FFFF0000FFFF) | (centre.words[i] & 0xFFFF0000FFFF0000);
        }
        return value;
      },
      [&] {  // sorted, all in one bucket but for the last band
        ++counter.words[3];
        return counter;
      },
      [&] { return flipped(centre, 1, random_); },
      [&] { return flipped(centre, random_() % 40, random_); },
      [&] {  // bits mostly set
        Pdq256 value;
        for (auto& word : value.words) {
          word = random_() | random_() | random_();
        }
        return value;
      }};
  for (const auto& make : makers) {
    for (const std::size_t size : {1U, 31U, 33U, 100U, 3000U}) {
      std::vector<Pdq256> values(size);
      std::ranges::generate(values, make);
      const Indexed indexed(values);
      for (const int limit : {0, 15, 16, 31}) {
        std::vector<NearRow> near;
        if (!indexed.index().search(variants, limit, near)) {
          EXPECT_GE(size, 3000U) << "few rows are never too many";
          continue;
        }
        std::ranges::sort(near);
        EXPECT_EQ(near, naive_near(values, variants, limit)) << size << " at " << limit;
      }
    }
  }
}

TEST_P(IndexSearch, LeavesTooManyAlikeToTheLinearSearch) {
  const Pdq256 value = random_pdq(random_);
  const Indexed indexed(std::vector<Pdq256>(300'000, value));
  std::vector<NearRow> near;
  EXPECT_FALSE(indexed.index().search({&value, 1}, 31, near));
  EXPECT_LE(near.size(), 300'000U / 16);
}

TEST_P(IndexSearch, OfNoValuesFindsNothing) {
  const Pdq256 query = random_pdq(random_);
  EXPECT_TRUE(Indexed({}).near({&query, 1}, 31).empty());
}

TEST_P(IndexSearch, CoversBucketsThatAreSpreadUnlikeTheirBand) {
  // Tags of few bits in one half of the buckets and of many in the other, so that what the band
  // tells about a bucket is wrong; some buckets are a piece, some are several.
  const auto variants = random_values(8);
  std::vector<Pdq256> values;
  for (int i = 0; i < 30'000; ++i) {
    Pdq256 value = flipped(variants[random_() % 8], 40, random_);
    const std::uint64_t sparse = random_() & random_() & random_();
    for (std::size_t word = 0; word < 4; ++word) {
      if (random_() % 4 != 0) {  // the first and third band as the query has them, or nearly
        const std::uint64_t tags = (value.words[word] & 1) != 0 ? sparse : ~sparse;
        value.words[word] =
            (variants[0].words[word] & 0xFFFF0000FFFF0000) | (tags & 0x0000FFFF0000FFFF);
      }
    }
    values.push_back(i % 3 == 0 ? flipped(value, 1, random_) : value);
  }
  for (const Pdq256& variant : variants) {
    for (std::size_t distance = 0; distance < 64; ++distance) {
      values.push_back(flipped(variant, distance, random_));
    }
  }
  const Indexed indexed(values);
  std::size_t answered = 0;
  for (const int limit : {0, 5, 15, 16, 31, 47, 63}) {
    for (const Pdq256& variant : variants) {
      std::vector<NearRow> near;
      if (indexed.index().search({&variant, 1}, limit, near)) {
        std::ranges::sort(near);
        EXPECT_EQ(near, naive_near(values, {&variant, 1}, limit)) << "limit " << limit;
        ++answered;
      }
    }
  }
  EXPECT_GE(answered, 30U);
}

TEST_P(IndexSearch, KernelsAgreeWithTheScalarOne) {
  const IndexKernel scalar = index_kernel(Kernel::kScalar);
  const IndexKernel kernel = index_kernel(GetParam());
  HugeArray<std::uint16_t> tags(64 * kLineTags);
  for (int round = 0; round < 300; ++round) {
    TagBatch batch{};
    batch.tags = tags.data();
    batch.tag = static_cast<std::uint16_t>(random_());
    for (std::size_t i = 0; i < tags.size(); ++i) {
      const auto flip = static_cast<std::uint16_t>(random_() & random_() & random_());
      tags.data()[i] = static_cast<std::uint16_t>(batch.tag ^ flip);
    }
    for (std::uint32_t i = 0; i < TagBatch::kLinesMax; ++i) {
      const auto limit = static_cast<std::uint16_t>(random_() % 8);
      batch.lines[i] = {i % 64, static_cast<std::uint32_t>(random_()), limit};
    }
    batch.line_count = TagBatch::kLinesMax;
    for (Piece& piece : batch.pieces) {
      piece.begin = static_cast<std::uint32_t>(random_() % (tags.size() - 1));
      piece.end =
          piece.begin + 1 + static_cast<std::uint32_t>(random_() % (tags.size() - piece.begin));
      piece.end = std::min(piece.end, static_cast<std::uint32_t>(tags.size()));
      const std::uint32_t lines = (piece.end - 1) / kLineTags - piece.begin / kLineTags + 1;
      piece.first_line = piece.begin / kLineTags + static_cast<std::uint32_t>(random_() % lines);
      piece.last_line =
          piece.first_line + static_cast<std::uint32_t>(
                                 random_() % ((piece.end - 1) / kLineTags - piece.first_line + 1));
      piece.limit = static_cast<std::uint32_t>(random_() % 8);
    }
    batch.piece_count = TagBatch::kPiecesMax;
    std::array<NearLanes, TagBatch::kLinesMax + 1> expected{};
    std::array<NearLanes, TagBatch::kLinesMax + 1> found{};
    const std::size_t count = scalar.near_lanes(batch, batch.lines, expected.data());
    ASSERT_EQ(kernel.near_lanes(batch, batch.lines, found.data()), count);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ(found[i].line, expected[i].line);
      EXPECT_EQ(found[i].lanes, expected[i].lanes);
    }
    EXPECT_EQ(kernel.uncovered(batch), scalar.uncovered(batch));
    const Pdq256 a = random_pdq(random_);
    const Pdq256 b = random_pdq(random_);
    EXPECT_EQ(kernel.distance(a, b), fingerprint::distance(a, b));
  }
}

TEST(IndexTest, CountsTheBitsOfEachTag) {
  EXPECT_EQ(tag_class(0), 0U);
  EXPECT_EQ(tag_class(0xFFFF), 16U);
  for (std::uint32_t tag = 0; tag < 65'536; ++tag) {
    ASSERT_EQ(tag_class(tag), static_cast<std::uint32_t>(std::popcount(tag)));
  }
}

TEST(IndexTest, MakesTheSameBlocksOfTheSameValues) {
  Random random(5);
  std::vector<Pdq256> values(1000);
  std::ranges::generate(values, [&] { return random_pdq(random); });
  std::vector<std::byte> zeros(band_bytes(values.size()), std::byte{0});
  std::vector<std::byte> ones(band_bytes(values.size()), std::byte{0xFF});
  build_band(7, values, zeros);
  build_band(7, values, ones);
  EXPECT_EQ(zeros, ones);
}

TEST(IndexTest, TellsOfEachPieceThatWasRead) {
  Random random(6);
  std::vector<Pdq256> values(150'000);
  std::ranges::generate(values, [&] { return random_pdq(random); });
  std::vector<std::byte> block(band_bytes(values.size()));
  const Pdq256* next = values.data();
  int times = 0;
  build_band(3, values, block, [&](std::span<const Pdq256> read) {
    EXPECT_EQ(read.data(), next);
    EXPECT_LE(read.size(), 65'536U);
    next = read.data() + read.size();
    if (next == values.data() + values.size()) {
      next = values.data();
      ++times;
    }
  });
  EXPECT_EQ(times, 2);
}

TEST(IndexTest, TakesEightyBytesARowAndFourMebibytes) {
  EXPECT_LE(kBands * band_bytes(1'000'000), 80'000'000U + 16 * (65'537 * 4 + 512));
  EXPECT_LE(kBands * (band_bytes(20'000'000) - band_bytes(17'000'000)),
            96U * 3'000'000U + 16 * 256);
}

// Generations: the same signals with an index and without one give the same hits.

struct Signal {
  std::uint32_t list = 0;
  Pdq256 value;
};

std::shared_ptr<const Generation> build(const std::vector<Signal>& signals,
                                        std::initializer_list<int> distances,
                                        const BuildOptions& options) {
  GenerationBuilder builder;
  for (const int distance : distances) {
    builder.add_list({.id = {}, .version = 1, .pdq_distance_max = distance});
  }
  for (std::size_t i = 0; i < signals.size(); ++i) {
    // Ids in no order, so that rows are not in the order of their adding.
    builder.add_pdq(
        signals[i].list, static_cast<std::int64_t>(i * 7919 % 100'003), signals[i].value);
  }
  return std::move(builder).build(options);
}

/// Both ways of searching agree, for one variant and for eight, at the lists' limits and narrower.
/// Returns how many hits there were.
std::size_t expect_agreement(const std::vector<Signal>& signals,
                             std::initializer_list<int> distances,
                             std::span<const Pdq256> variants) {
  const auto linear =
      build(signals, distances, {.index_signals_min = signals.size() + 1, .run_steps = {}});
  const auto indexed = build(signals, distances, {.index_signals_min = 0, .run_steps = {}});
  EXPECT_EQ(indexed->size(SignalKind::kPdq), linear->size(SignalKind::kPdq));
  EXPECT_GT(indexed->size_bytes(), linear->size_bytes());
  std::size_t found = 0;
  for (const std::optional<int> limit : {std::optional<int>{},
                                         std::optional<int>{0},
                                         std::optional<int>{13},
                                         std::optional<int>{16},
                                         std::optional<int>{30},
                                         std::optional<int>{-1}}) {
    const auto hits = linear->search_pdq({variants, 3}, limit);
    EXPECT_EQ(indexed->search_pdq({variants, 3}, limit), hits);
    EXPECT_EQ(indexed->search_pdq({variants.first(1), 3}, limit),
              linear->search_pdq({variants.first(1), 3}, limit));
    found += hits.size();
  }
  return found;
}

TEST_P(IndexSearch, OfAGenerationAgreesOverSeveralListsAndDuplicates) {
  const auto variants = random_values(8);
  std::vector<Signal> signals;
  for (int i = 0; i < 4000; ++i) {
    const auto list = static_cast<std::uint32_t>(random_() % 6);
    signals.push_back({list, flipped(variants[random_() % 8], random_() % 60, random_)});
    if (random_() % 4 == 0) {  // the same value in another list, or again in its own
      signals.push_back({static_cast<std::uint32_t>(random_() % 6), signals.back().value});
    }
    signals.push_back({list, random_pdq(random_)});
  }
  EXPECT_GT(expect_agreement(signals, {31, 0, 17, 63, -1, 40}, variants), 0U);
  EXPECT_EQ(expect_agreement(signals, {-1, -1, -1, -1, -1, -1}, variants), 0U);
}

TEST_P(IndexSearch, OfAGenerationAgreesWhereTheLinearSearchStepsIn) {
  const auto variants = random_values(8);
  std::vector<Signal> signals;
  for (int i = 0; i < 30'000; ++i) {
    const auto list = static_cast<std::uint32_t>(i % 3);
    signals.push_back({list, i % 7 == 0 ? random_pdq(random_) : flipped(variants[2], 1, random_)});
  }
  EXPECT_GT(expect_agreement(signals, {31, 0, 5}, variants), 20'000U);
}

TEST_P(IndexSearch, OfAGenerationAgreesAroundTheSwitchOver) {
  const auto variants = random_values(8);
  std::vector<Signal> signals;
  while (signals.size() < kIndexSignalsMin - 1) {
    signals.push_back({0,
                       signals.size() % 1000 == 0
                           ? flipped(variants[random_() % 8], random_() % 40, random_)
                           : random_pdq(random_)});
  }
  const auto before = build(signals, {31}, {});
  EXPECT_EQ(before->size_bytes(), signals.size() * 52 + 3 * 16 * 4);
  const std::size_t found = before->search_pdq({variants, 0}).size();
  EXPECT_GT(found, 0U);
  signals.push_back({0, flipped(variants[5], 31, random_)});
  const auto after = build(signals, {31}, {});
  EXPECT_EQ(after->size_bytes(), signals.size() * 40 + kBands * band_bytes(signals.size()));
  EXPECT_EQ(after->search_pdq({variants, 0}).size(), found + 1);
}

TEST(IndexTest, IsTheSameWhenItsBandsAreBuiltAtOnce) {
  Random random(4);
  std::vector<Signal> signals(20'000);
  std::ranges::generate(signals, [&] { return Signal{0, random_pdq(random)}; });
  std::atomic<std::size_t> steps = 0;
  const RunSteps in_threads = [&](std::size_t count, const std::function<void(std::size_t)>& step) {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < count; ++i) {
      threads.emplace_back([&, i] {
        step(i);
        ++steps;
      });
    }
    for (auto& thread : threads) {
      thread.join();
    }
  };
  const auto apart = build(signals, {31}, {.index_signals_min = 0, .run_steps = in_threads});
  const auto linear = build(signals, {31}, {});
  EXPECT_EQ(steps, kBands);
  for (std::size_t i = 0; i < signals.size(); i += 97) {
    const Pdq256 query = flipped(signals[i].value, i % 34, random);
    EXPECT_EQ(apart->search_pdq({{&query, 1}, 0}), linear->search_pdq({{&query, 1}, 0}));
  }
}

}  // namespace
}  // namespace tutela::match
