#include "engine/match/digest_set.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "engine/match/huge_array.hpp"

namespace tutela::match {
namespace {

using Random = std::mt19937_64;

struct Block {
  Block(SignalKind of_kind, std::vector<DigestEntry> all)
      : kind(of_kind), entries(std::move(all)), bytes(digest_block_bytes(kind, entries.size())) {
    std::memset(bytes.data(), 0xA5, bytes.size());  // what a builder leaves out shows
    std::ranges::sort(entries);
    DigestBlockBuilder builder(kind, entries.size(), {bytes.data(), bytes.size()});
    for (const DigestEntry& entry : entries) {
      builder.add(entry);
    }
    builder.finish();
  }

  [[nodiscard]] DigestSet set() const { return {kind, entries.size(), bytes.data()}; }

  SignalKind kind;
  std::vector<DigestEntry> entries;
  HugeArray<std::byte> bytes;
};

class DigestSetTest : public testing::TestWithParam<SignalKind> {
 protected:
  void SetUp() override {
    const auto seed = std::random_device{}();
    trace_ =
        std::make_unique<testing::ScopedTrace>(__FILE__, __LINE__, "seed " + std::to_string(seed));
    random_.seed(seed);
  }

  [[nodiscard]] std::size_t length() const { return digest_length(GetParam()); }

  DigestEntry random_entry() {
    DigestEntry entry;
    for (std::size_t i = 0; i < length(); ++i) {
      entry.value[i] = static_cast<std::byte>(random_());
    }
    entry.list = static_cast<std::uint32_t>(random_() % (kDigestListMax + 1));
    entry.signal_id = static_cast<std::int64_t>(random_() >> 24);
    return entry;
  }

  /// Each entry, and each with a changed last or first byte, is found or not as a scan says, alone
  /// and in a batch.
  void expect_exact(const Block& block) {
    const DigestSet set = block.set();
    ASSERT_EQ(set.size(), block.entries.size());
    std::vector<std::array<std::byte, 32>> values;
    for (std::size_t i = 0; i < block.entries.size(); ++i) {
      const DigestEntry entry = set.entry(i);
      EXPECT_EQ(entry, block.entries[i]);
      values.push_back(entry.value);
      values.push_back(entry.value);
      values.back()[length() - 1] ^= std::byte{1};
      values.push_back(entry.value);
      values.back()[0] ^= static_cast<std::byte>(random_());
    }
    std::ranges::shuffle(values, random_);
    values.resize(std::min<std::size_t>(values.size(), 3000));
    std::vector<ByteView> queries;
    std::vector<DigestMatch> expected;
    for (const auto& value : values) {
      for (const DigestEntry& entry : block.entries) {
        if (entry.value == value) {
          expected.push_back(
              {queries.size(),
               {.list = entry.list, .signal_id = entry.signal_id, .kind = block.kind}});
        }
      }
      queries.push_back({value.data(), length()});
    }
    std::vector<DigestMatch> alone;
    for (std::size_t i = 0; i < queries.size(); ++i) {
      std::vector<Hit> hits;
      set.find(queries[i], hits);
      for (const Hit& hit : hits) {
        alone.push_back({i, hit});
      }
    }
    EXPECT_EQ(alone, expected);
    std::vector<DigestMatch> batched;
    set.find_all(queries, batched);
    EXPECT_EQ(batched, expected);
  }

  Random random_;
  std::unique_ptr<testing::ScopedTrace> trace_;
};

INSTANTIATE_TEST_SUITE_P(Digests,
                         DigestSetTest,
                         testing::Values(SignalKind::kMd5, SignalKind::kSha1, SignalKind::kSha256),
                         [](const auto& kind) { return std::string(to_string(kind.param)); });

TEST_P(DigestSetTest, FindsExactlyWhatWasAdded) {
  for (const std::size_t size : {1U, 2U, 3U, 4U, 7U, 8U, 9U, 31U, 32U, 1000U, 4096U, 5000U}) {
    std::vector<DigestEntry> entries(size);
    std::ranges::generate(entries, [&] { return random_entry(); });
    expect_exact(Block(GetParam(), entries));
  }
}

TEST_P(DigestSetTest, StaysExactOnUnevenValues) {
  std::uint32_t counter = 0;
  const std::vector<std::function<void(DigestEntry&)>> makers = {
      [](DigestEntry& entry) { entry.value = {}; },  // all equal, and all in the first bucket
      [&](DigestEntry& entry) { std::fill_n(entry.value.begin(), length(), std::byte{0xFF}); },
      [&](DigestEntry& entry) {  // the first 12 bytes equal, the rest random
        std::fill_n(entry.value.begin(), 12, std::byte{0x42});
      },
      [&](DigestEntry& entry) {  // one after the other, in one bucket
        std::fill_n(entry.value.begin(), length(), std::byte{0});
        ++counter;
        entry.value[length() - 1] = static_cast<std::byte>(counter);
        entry.value[length() - 2] = static_cast<std::byte>(counter >> 8);
      },
      [&](DigestEntry& entry) {  // most in two buckets, at their ends
        std::fill_n(entry.value.begin(), 8, (random_() & 1) != 0 ? std::byte{0xFF} : std::byte{0});
      },
      [&](DigestEntry& entry) {  // each value up to eight times
        const auto value = static_cast<std::byte>(random_() % 64);
        std::fill_n(entry.value.begin(), length(), value);
      }};
  for (const auto& make : makers) {
    for (const std::size_t size : {2U, 33U, 500U}) {
      std::vector<DigestEntry> entries(size);
      for (DigestEntry& entry : entries) {
        entry = random_entry();
        make(entry);
      }
      expect_exact(Block(GetParam(), entries));
    }
  }
}

TEST_P(DigestSetTest, FindsNothingInNothingNorByAnotherLength) {
  std::vector<Hit> hits;
  std::vector<DigestMatch> matches;
  const DigestEntry entry = random_entry();
  const ByteView query(entry.value.data(), length());
  const DigestSet none;
  none.find(query, hits);
  none.find_all({&query, 1}, matches);
  const Block empty(GetParam(), {});
  empty.set().find(query, hits);
  empty.set().find_all({&query, 1}, matches);
  const Block one(GetParam(), {entry});
  for (std::size_t other = 0; other <= 32; ++other) {
    const ByteView wrong(entry.value.data(), other);
    if (other != length()) {
      one.set().find(wrong, hits);
      one.set().find_all({&wrong, 1}, matches);
    }
  }
  EXPECT_TRUE(hits.empty());
  EXPECT_TRUE(matches.empty());
  one.set().find(query, hits);
  EXPECT_EQ(hits.size(), 1U);
}

TEST_P(DigestSetTest, KeepsTheGreatestListAndId) {
  DigestEntry entry = random_entry();
  entry.list = kDigestListMax;
  entry.signal_id = kDigestSignalIdMax;
  const DigestEntry read = Block(GetParam(), {entry}).set().entry(0);
  EXPECT_EQ(read, entry);
}

TEST_P(DigestSetTest, IsTheSameBlockForTheSameEntries) {
  std::vector<DigestEntry> entries(777);
  std::ranges::generate(entries, [&] { return random_entry(); });
  const Block a(GetParam(), entries);
  std::ranges::shuffle(entries, random_);
  const Block b(GetParam(), entries);
  EXPECT_TRUE(std::ranges::equal(a.bytes.span(), b.bytes.span()));
}

using DigestSetDeathTest = DigestSetTest;

TEST_P(DigestSetDeathTest, RefusesWhatDoesNotFitOrIsOutOfOrder) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto add = [&](std::vector<DigestEntry> entries) {
    std::vector<std::byte> bytes(digest_block_bytes(GetParam(), 2));
    DigestBlockBuilder builder(GetParam(), 2, bytes);
    for (const DigestEntry& entry : entries) {
      builder.add(entry);
    }
    builder.finish();
  };
  const DigestEntry small;
  DigestEntry later;
  later.value[0] = std::byte{1};
  DigestEntry list = later;
  list.list = kDigestListMax + 1;
  DigestEntry id = later;
  id.signal_id = kDigestSignalIdMax + 1;
  DigestEntry negative = later;
  negative.signal_id = -1;
  EXPECT_DEATH(add({small, list}), "kDigestListMax");
  EXPECT_DEATH(add({small, id}), "kDigestSignalIdMax");
  EXPECT_DEATH(add({small, negative}), "signal_id");
  EXPECT_DEATH(add({later, small}), "last_");
  EXPECT_DEATH(add({small}), "count_");
  EXPECT_DEATH(add({small, later, later}), "count_");
}

INSTANTIATE_TEST_SUITE_P(Digests, DigestSetDeathTest, testing::Values(SignalKind::kSha256));

TEST(DigestSetSizeTest, TakesFortyBytesForASha256AtMost) {
  for (const std::size_t count : {1'000'000U, 8'388'608U, 10'000'000U, 100'000'000U}) {
    EXPECT_LE(digest_block_bytes(SignalKind::kSha256, count), count * 40 + 64) << count;
    EXPECT_LE(digest_block_bytes(SignalKind::kSha1, count), count * 28 + 64) << count;
    EXPECT_LE(digest_block_bytes(SignalKind::kMd5, count), count * 24 + 64) << count;
  }
}

}  // namespace
}  // namespace tutela::match
