#include "service/pipeline/linear_search.hpp"

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "service/pipeline/verdict.hpp"
#include "support/folder.hpp"
#include "support/pipelines.hpp"

namespace tutela::pipeline {
namespace {

using testing::tester;

class LinearSearchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = Pipeline::open(testing::pipeline_config(folder_.path()), clock_);
    ASSERT_TRUE(opened) << opened.error().message;
    pipeline_ = *std::move(opened);
  }

  std::vector<lists::List> active() {
    std::vector<lists::List> found = *pipeline_->lists().all(tester());
    std::erase_if(found,
                  [](const lists::List& list) { return list.state != lists::State::kActive; });
    return found;
  }

  std::vector<match::Hit> search(const LinearItem& item) {
    std::vector<LinearItem> items = {item};
    EXPECT_TRUE(search_linearly(pipeline_->lists(), active(), items, [] { return false; }));
    return items.front().hits;
  }

  testing::TemporaryFolder folder_;
  SystemClock clock_;
  std::unique_ptr<Pipeline> pipeline_;
};

fingerprint::Pdq256 random_hash(std::mt19937_64& random) {
  fingerprint::Pdq256 hash;
  for (std::uint64_t& word : hash.words) {
    word = random();
  }
  return hash;
}

/// The hash with so many bits turned over, each once.
fingerprint::Pdq256 away(fingerprint::Pdq256 hash, int bits, std::mt19937_64& random) {
  std::vector<int> places(256);
  std::iota(places.begin(), places.end(), 0);
  std::ranges::shuffle(places, random);
  for (int i = 0; i < bits; ++i) {
    const auto place = static_cast<std::size_t>(places[static_cast<std::size_t>(i)]);
    hash.words[place / 64] ^= std::uint64_t{1} << (place % 64);
  }
  return hash;
}

LinearItem item_of(const fingerprint::PdqResult& pdq) {
  return {.digests = crypto::digests_of(as_bytes("other bytes")), .frames = {{3, pdq}}, .hits = {}};
}

TEST(DifferingBits, CountsEveryBit) {
  std::array<std::byte, 32> zero{};
  std::array<std::byte, 32> ones{};
  ones.fill(std::byte{0xFF});
  EXPECT_EQ(differing_bits(zero, zero), 0);
  EXPECT_EQ(differing_bits(zero, ones), 256);
  for (std::size_t bit = 0; bit < 256; ++bit) {
    std::array<std::byte, 32> one{};
    one[bit / 8] = static_cast<std::byte>(1U << (bit % 8));
    EXPECT_EQ(differing_bits(zero, one), 1);
    EXPECT_EQ(differing_bits(ones, one), 255);
  }
}

TEST_F(LinearSearchTest, FindsAtTheListsDistanceAndNotBeyondInEveryOrientation) {
  std::mt19937_64 random(7);
  fingerprint::PdqResult pdq;
  std::ranges::generate(pdq.hashes, [&] { return random_hash(random); });
  pdq.quality = match::kPdqQualityMin;
  std::string signals;
  for (const fingerprint::Pdq256& hash : pdq.hashes) {
    signals += fingerprint::to_hex(away(hash, match::kPdqDistanceDefault, random)) + "\n";
    signals += fingerprint::to_hex(away(hash, match::kPdqDistanceDefault + 1, random)) + "\n";
  }
  testing::add_active_list(*pipeline_, "near", signals);
  const std::vector<match::Hit> hits = search(item_of(pdq));
  ASSERT_EQ(hits.size(), fingerprint::kOrientations);
  std::set<fingerprint::Orientation> orientations;
  for (const match::Hit& hit : hits) {
    EXPECT_EQ(hit.distance, match::kPdqDistanceDefault);
    EXPECT_EQ(hit.frame, 3U);
    orientations.insert(hit.orientation);
  }
  EXPECT_EQ(orientations.size(), fingerprint::kOrientations);
  pdq.quality = match::kPdqQualityMin - 1;
  EXPECT_TRUE(search(item_of(pdq)).empty()) << "not fit for matching";
}

TEST_F(LinearSearchTest, DigestsOfEveryKindAreCompared) {
  const crypto::Digests digests = crypto::digests_of(as_bytes("some words"));
  testing::add_active_list(*pipeline_,
                           "digests",
                           "md5," + to_hex(digests.md5) + "\nsha1," + to_hex(digests.sha1) +
                               "\nsha256," + to_hex(digests.sha256) + "\nmd5," +
                               std::string(32, '7') + "\n");
  EXPECT_EQ(search({.digests = digests, .frames = {}, .hits = {}}).size(), 3U);
  EXPECT_TRUE(search({.digests = crypto::digests_of(as_bytes("others")), .frames = {}, .hits = {}})
                  .empty());
}

TEST_F(LinearSearchTest, SaysWhatTheSearchOfUploadsSaysOverSeveralPages) {
  const std::uint32_t seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937_64 random(seed);
  std::vector<fingerprint::Pdq256> known;
  for (int list = 0; list < 3; ++list) {
    std::string signals;
    for (int i = 0; i < 2500; ++i) {
      known.push_back(random_hash(random));
      signals += fingerprint::to_hex(known.back()) + "\n";
    }
    testing::add_active_list(*pipeline_, "list-" + std::to_string(list), signals);
  }
  std::vector<LinearItem> items;
  for (int i = 0; i < 40; ++i) {
    fingerprint::PdqResult pdq;
    std::ranges::generate(pdq.hashes, [&] { return random_hash(random); });
    pdq.hashes[random() % 8] =
        away(known[random() % known.size()], static_cast<int>(24 + random() % 14), random);
    pdq.quality = 100;
    items.push_back(item_of(pdq));
  }
  const std::vector<lists::List> searched = active();
  ASSERT_TRUE(search_linearly(pipeline_->lists(), searched, items, [] { return false; }));
  const std::shared_ptr<const match::Generation> generation = pipeline_->generation();
  std::size_t found = 0;
  for (const LinearItem& item : items) {
    const Search expected = search_content(*generation, item.digests, item.frames);
    ASSERT_EQ(item.hits.size(), expected.hits.size());
    for (std::size_t i = 0; i < item.hits.size(); ++i) {
      EXPECT_EQ(searched[item.hits[i].list].id, generation->lists()[expected.hits[i].list].id);
      EXPECT_EQ(item.hits[i].signal_id, expected.hits[i].signal_id);
      EXPECT_EQ(item.hits[i].distance, expected.hits[i].distance);
      EXPECT_EQ(item.hits[i].orientation, expected.hits[i].orientation);
    }
    found += item.hits.size();
  }
  EXPECT_GT(found, 0U);
}

TEST_F(LinearSearchTest, StopsWhenItIsTold) {
  testing::add_active_list(*pipeline_, "demo", std::string(64, '5'));
  std::vector<LinearItem> items(1);
  EXPECT_EQ(search_linearly(pipeline_->lists(), active(), items, [] { return true; }).error().code,
            "samples.stopped");
}

}  // namespace
}  // namespace tutela::pipeline
