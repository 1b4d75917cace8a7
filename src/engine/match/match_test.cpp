#include "engine/match/match.hpp"

#include <atomic>
#include <map>
#include <thread>
#include <tuple>

#include <gtest/gtest.h>

#include "engine/match/test_kernels.hpp"
#include "engine/match/test_values.hpp"

namespace tutela::match {
namespace {

struct Planted {
  std::uint32_t list = 0;
  std::int64_t id = 0;
  Pdq256 value;
};

/// The definition of search_pdq, word for word from the header.
std::vector<Hit> naive_search(const std::vector<Planted>& signals,
                              const std::vector<ListEntry>& lists,
                              const PdqQuery& query,
                              int distance_max = kPdqDistanceMax) {
  std::map<std::pair<std::uint32_t, std::int64_t>, Hit> nearest;
  for (const Planted& signal : signals) {
    for (std::size_t v = 0; v < query.variants.size(); ++v) {
      const int bits = fingerprint::distance(signal.value, query.variants[v]);
      if (bits > lists[signal.list].pdq_distance_max || bits > distance_max) {
        continue;
      }
      const Hit hit{signal.list,
                    signal.id,
                    SignalKind::kPdq,
                    bits,
                    query.frame,
                    static_cast<fingerprint::Orientation>(v)};
      const auto [place, is_new] = nearest.try_emplace({signal.list, signal.id}, hit);
      if (!is_new && bits < place->second.distance) {
        place->second = hit;
      }
    }
  }
  std::vector<Hit> hits;
  for (const auto& [key, hit] : nearest) {
    hits.push_back(hit);
  }
  return hits;
}

std::shared_ptr<const Generation> build(const std::vector<Planted>& signals,
                                        const std::vector<ListEntry>& lists) {
  GenerationBuilder builder;
  for (const ListEntry& list : lists) {
    builder.add_list(list);
  }
  for (const Planted& signal : signals) {
    builder.add_pdq(signal.list, signal.id, signal.value);
  }
  return std::move(builder).build();
}

std::vector<ListEntry> lists_with(std::initializer_list<int> distances) {
  std::vector<ListEntry> lists;
  for (const int distance : distances) {
    lists.push_back({.id = new_uuid(1), .version = 1, .pdq_distance_max = distance});
  }
  return lists;
}

class Search : public KernelTest {
 protected:
  std::vector<Pdq256> random_variants() {
    std::vector<Pdq256> variants(fingerprint::kOrientations);
    std::ranges::generate(variants, [&] { return random_pdq(random_); });
    return variants;
  }
};

INSTANTIATE_TEST_SUITE_P(Match,
                         Search,
                         testing::ValuesIn(supported_kernels()),
                         [](const auto& kernel) { return std::string(to_string(kernel.param)); });

TEST_P(Search, AgreesWithTheNaiveDefinitionOnTheSharedHashes) {
  const std::vector<Pdq256> haystack = shared_hashes("haystack.txt");
  const std::vector<Pdq256> needles = shared_hashes("needles.txt");
  if (haystack.empty() || needles.empty()) {
    GTEST_SKIP() << "shared data is absent: the hashes of shared/data/pdq were NOT searched";
  }
  const auto lists = lists_with({31, 20});
  std::vector<Planted> signals;
  for (const Pdq256& value : haystack) {
    const auto id = static_cast<std::int64_t>(signals.size());
    signals.push_back({static_cast<std::uint32_t>(id % 2), id, value});
  }
  const auto generation = build(signals, lists);
  EXPECT_EQ(generation->size(SignalKind::kPdq), haystack.size());
  std::size_t found = 0;
  for (const Pdq256& needle : needles) {
    const auto hits = generation->search_pdq({{&needle, 1}, 0});
    EXPECT_EQ(hits, naive_search(signals, lists, {{&needle, 1}, 0}));
    found += hits.size();
  }
  for (const Planted& signal : signals) {
    const auto hits = generation->search_pdq({{&signal.value, 1}, 0});
    EXPECT_EQ(hits, naive_search(signals, lists, {{&signal.value, 1}, 0}));
    found += hits.size();
  }
  EXPECT_GE(found, haystack.size());
}

TEST_P(Search, FindsAPlantedNeighbourAtEachDistanceUpToTheLists) {
  const auto lists = lists_with({31});
  const auto variants = random_variants();
  for (std::size_t distance = 0; distance <= 32; ++distance) {
    const std::size_t orientation = random_() % variants.size();
    const std::vector<Planted> signals = {
        {0, 5, random_pdq(random_)}, {0, 7, flipped(variants[orientation], distance, random_)}};
    const auto hits = build(signals, lists)->search_pdq({variants, 9});
    if (distance > 31) {
      EXPECT_TRUE(hits.empty());
      continue;
    }
    ASSERT_EQ(hits.size(), 1U) << distance;
    EXPECT_EQ(hits[0],
              (Hit{0,
                   7,
                   SignalKind::kPdq,
                   static_cast<int>(distance),
                   9,
                   static_cast<fingerprint::Orientation>(orientation)}));
  }
}

TEST_P(Search, AgreesWithTheNaiveDefinitionOverSeveralLists) {
  const auto lists = lists_with({31, 0, 17, 63, -1, 40});
  for (int round = 0; round < 20; ++round) {
    const auto variants = random_variants();
    std::vector<Planted> signals;
    for (std::int64_t id = 0; id < 300; ++id) {
      signals.push_back({static_cast<std::uint32_t>(random_() % 5),
                         id,
                         flipped(variants[random_() % 8], random_() % 60, random_)});
      if (random_() % 4 == 0) {  // the same value in another list, or again in its own
        signals.push_back(
            {static_cast<std::uint32_t>(random_() % 5), 1000 - id, signals.back().value});
      }
    }
    std::ranges::shuffle(signals, random_);
    const auto generation = build(signals, lists);
    const auto frame = static_cast<std::uint32_t>(round);
    EXPECT_EQ(generation->search_pdq({variants, frame}),
              naive_search(signals, lists, {variants, frame}));
    const auto limit = static_cast<int>(random_() % 32);
    EXPECT_EQ(generation->search_pdq({variants, frame}, limit),
              naive_search(signals, lists, {variants, frame}, limit));
    EXPECT_EQ(generation->search_pdq({{&variants[2], 1}, frame}),
              naive_search(signals, lists, {{&variants[2], 1}, frame}));
  }
}

TEST_P(Search, AgreesForEverySmallSize) {
  const auto lists = lists_with({31, 12});
  for (std::int64_t size = 0; size <= 70; ++size) {
    const auto variants = random_variants();
    std::vector<Planted> signals;
    for (std::int64_t id = 0; id < size; ++id) {
      signals.push_back({static_cast<std::uint32_t>(id * 2 / size),
                         id,
                         flipped(variants[random_() % 8], random_() % 34, random_)});
    }
    EXPECT_EQ(build(signals, lists)->search_pdq({variants, 0}),
              naive_search(signals, lists, {variants, 0}))
        << size;
  }
}

TEST_P(Search, ReportsEachSignalOnceWhenAllAreEqual) {
  const Pdq256 value = random_pdq(random_);
  const std::vector<Pdq256> variants(8, value);
  std::vector<Planted> signals;
  for (std::int64_t id = 5000; id > 0; --id) {
    signals.push_back({0, id, value});
  }
  const auto hits = build(signals, lists_with({31}))->search_pdq({variants, 0});
  ASSERT_EQ(hits.size(), 5000U);
  for (std::size_t i = 0; i < hits.size(); ++i) {
    EXPECT_EQ(hits[i].signal_id, static_cast<std::int64_t>(i) + 1);
    EXPECT_EQ(hits[i].orientation, fingerprint::Orientation::kOriginal);
  }
}

TEST_P(Search, KeepsTheNearestOrientationAndTheFirstOfEquals) {
  const Pdq256 value = random_pdq(random_);
  auto variants = random_variants();
  variants[1] = flipped(value, 9, random_);
  variants[4] = flipped(value, 3, random_);
  variants[6] = flipped(value, 3, random_);
  const auto hits = build({{0, 1, value}}, lists_with({31}))->search_pdq({variants, 0});
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits[0].distance, 3);
  EXPECT_EQ(hits[0].orientation, fingerprint::Orientation::kFlipX);
}

TEST(GenerationTest, WithoutSignalsFindsNothing) {
  const auto empty = GenerationBuilder().build();
  const Pdq256 zero{};
  EXPECT_TRUE(empty->search_pdq({{&zero, 1}, 0}).empty());
  EXPECT_TRUE(empty->search_digests({}).empty());
  EXPECT_TRUE(empty->lists().empty());
  EXPECT_EQ(empty->size(SignalKind::kPdq), 0U);
}

TEST(GenerationTest, NeverReachesBeyondTheGreatestDistance) {
  Random random(1);
  const Pdq256 value = random_pdq(random);
  const auto beyond = static_cast<std::size_t>(kPdqDistanceMax) + 1;
  const auto generation =
      build({{0, 1, flipped(value, beyond, random)}, {0, 2, flipped(value, beyond - 1, random)}},
            lists_with({200}));
  const auto hits = generation->search_pdq({{&value, 1}, 0}, 100);
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits[0].signal_id, 2);
}

TEST(GenerationTest, CountsItsSignalsAndBytes) {
  Random random(2);
  std::vector<Planted> signals;
  for (std::int64_t id = 0; id < 1000; ++id) {
    signals.push_back({0, id, random_pdq(random)});
  }
  const auto lists = lists_with({31, 31});
  const auto generation = build(signals, lists);
  EXPECT_EQ(generation->size(SignalKind::kPdq), 1000U);
  EXPECT_EQ(generation->size_bytes(), 1000U * 52 + 3 * 16 * 4);
  ASSERT_EQ(generation->lists().size(), 2U);
  EXPECT_EQ(generation->lists()[1].id, lists[1].id);
}

class Digest : public testing::Test {
 protected:
  Digest() {
    list_a_ = builder_.add_list({.id = new_uuid(1)});
    list_b_ = builder_.add_list({.id = new_uuid(2)});
  }

  GenerationBuilder builder_;
  std::uint32_t list_a_ = 0;
  std::uint32_t list_b_ = 0;
  crypto::Digests digests_ = crypto::digests_of(as_bytes("harmless"));
};

TEST_F(Digest, IsFoundInEveryListThatHasIt) {
  builder_.add_digest(list_b_, 4, SignalKind::kMd5, digests_.md5);
  builder_.add_digest(list_b_, 3, SignalKind::kSha256, digests_.sha256);
  builder_.add_digest(list_a_, 9, SignalKind::kSha1, digests_.sha1);
  builder_.add_digest(list_a_, 2, SignalKind::kSha256, digests_.sha256);
  builder_.add_digest(list_a_, 1, SignalKind::kSha256, crypto::sha256_of(as_bytes("other")));
  const auto generation = std::move(builder_).build();
  const auto hits = generation->search_digests(digests_);
  ASSERT_EQ(hits.size(), 4U);
  EXPECT_EQ(hits[0], (Hit{.list = list_a_, .signal_id = 2, .kind = SignalKind::kSha256}));
  EXPECT_EQ(hits[1], (Hit{.list = list_a_, .signal_id = 9, .kind = SignalKind::kSha1}));
  EXPECT_EQ(hits[2], (Hit{.list = list_b_, .signal_id = 3, .kind = SignalKind::kSha256}));
  EXPECT_EQ(hits[3], (Hit{.list = list_b_, .signal_id = 4, .kind = SignalKind::kMd5}));
  EXPECT_EQ(generation->size(SignalKind::kSha256), 3U);
  EXPECT_GE(generation->size_bytes(), 5U * 32);
}

TEST_F(Digest, OfAnotherKindOrLengthFindsNothing) {
  builder_.add_digest(list_a_, 1, SignalKind::kSha256, digests_.sha256);
  const auto generation = std::move(builder_).build();
  const ByteView sha256(digests_.sha256);
  EXPECT_EQ(generation->search_digest(SignalKind::kSha256, sha256).size(), 1U);
  EXPECT_TRUE(generation->search_digest(SignalKind::kSha256, sha256.first(31)).empty());
  EXPECT_TRUE(generation->search_digest(SignalKind::kSha256, {}).empty());
  EXPECT_TRUE(generation->search_digest(SignalKind::kMd5, sha256.first(16)).empty());
  EXPECT_TRUE(generation->search_digest(SignalKind::kSha1, sha256).empty());
  EXPECT_TRUE(generation->search_digest(SignalKind::kPdq, sha256).empty());
  EXPECT_TRUE(generation->search_digests(crypto::digests_of(as_bytes("else"))).empty());
}

TEST_F(Digest, IsFoundAmongManyAndOthersAreNot) {
  const auto digest_of = [](int i) {
    return crypto::sha256_of(as_bytes(std::to_string(i)));
  };
  for (int i = 0; i < 3000; ++i) {
    builder_.add_digest(list_a_, i, SignalKind::kSha256, digest_of(i));
  }
  for (const std::uint8_t edge : {std::uint8_t{0x00}, std::uint8_t{0xFF}}) {
    const Bytes bytes(32, std::byte{edge});
    builder_.add_digest(list_b_, edge, SignalKind::kSha256, bytes);
  }
  const auto generation = std::move(builder_).build();
  for (int i = 0; i < 6000; ++i) {
    const auto hits = generation->search_digest(SignalKind::kSha256, digest_of(i));
    ASSERT_EQ(hits.size(), i < 3000 ? 1U : 0U) << i;
    EXPECT_TRUE(hits.empty() || hits[0].signal_id == i);
  }
  EXPECT_EQ(generation->search_digest(SignalKind::kSha256, Bytes(32, std::byte{0x00})).size(), 1U);
  EXPECT_EQ(generation->search_digest(SignalKind::kSha256, Bytes(32, std::byte{0xFF})).size(), 1U);
}

TEST(SignalKindTest, NamesRoundTrip) {
  for (const auto kind :
       {SignalKind::kPdq, SignalKind::kMd5, SignalKind::kSha1, SignalKind::kSha256}) {
    EXPECT_EQ(*parse_signal_kind(to_string(kind)), kind);
  }
  EXPECT_EQ(parse_signal_kind("PDQ").error().code, "match.bad_kind");
}

TEST(CurrentGenerationTest, IsReplacedUnderSearchesWithoutAPause) {
  Random random(3);
  const Pdq256 value = random_pdq(random);
  const auto lists = lists_with({31});
  const auto generation_of = [&](std::int64_t size) {
    std::vector<Planted> signals;
    for (std::int64_t id = 0; id < size; ++id) {
      signals.push_back({0, id, value});
    }
    return build(signals, lists);
  };
  CurrentGeneration current;
  EXPECT_EQ(current.get(), nullptr);
  current.replace(generation_of(1));
  std::atomic<bool> stop = false;
  std::atomic<int> torn = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        const auto generation = current.get();
        const auto hits = generation->search_pdq({{&value, 1}, 0});
        torn += hits.size() == generation->size(SignalKind::kPdq) ? 0 : 1;
      }
    });
  }
  for (std::int64_t size = 1; size <= 200; ++size) {
    current.replace(generation_of(size));
  }
  stop = true;
  for (auto& reader : readers) {
    reader.join();
  }
  EXPECT_EQ(torn, 0);
  EXPECT_EQ(current.get()->size(SignalKind::kPdq), 200U);
}

}  // namespace
}  // namespace tutela::match
