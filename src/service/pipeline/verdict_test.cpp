#include "service/pipeline/verdict.hpp"

#include <gtest/gtest.h>

namespace tutela::pipeline {
namespace {

using policy::Action;
using policy::Strength;
using policy::Verdict;

fingerprint::Pdq256 hash_with_bits(int bits) {
  fingerprint::Pdq256 hash{{0x5555555555555555, 0x3333333333333333, 0x0F0F0F0F0F0F0F0F, 1}};
  for (int i = 0; i < bits; ++i) {
    hash.words[static_cast<std::size_t>(i % 4)] ^= std::uint64_t{1} << (2 * i / 4 + 7);
  }
  return hash;
}

class VerdictTest : public ::testing::Test {
 protected:
  VerdictTest() {
    match::GenerationBuilder builder;
    const std::uint32_t index = builder.add_list({list_.id, 7, 31});
    builder.add_pdq(index, 1, hash_with_bits(0));
    builder.add_digest(index, 2, match::SignalKind::kSha256, content_.sha256);
    builder.add_digest(index, 3, match::SignalKind::kMd5, only_md5_.md5);
    builder.add_digest(index, 4, match::SignalKind::kMd5, md5_and_sha1_.md5);
    builder.add_digest(index, 5, match::SignalKind::kSha1, md5_and_sha1_.sha1);
    snapshot_.generation = std::move(builder).build();
    snapshot_.lists.emplace(list_.id, list_);
  }

  static lists::List make_list() {
    lists::List list;
    list.id = new_uuid(1);
    list.spec.name = "demo";
    return list;
  }

  static crypto::Digests digests(std::uint8_t fill) {
    crypto::Digests made;
    made.md5.fill(std::byte{fill});
    made.sha1.fill(std::byte{fill});
    made.sha256.fill(std::byte{fill});
    return made;
  }

  static inspect::Inspection inspection(int bits_away, std::uint8_t quality = 100) {
    inspect::Inspection made;
    made.report = {media::MediaType::kJpeg, 10, 10, 1, 1, false, false, "test 1"};
    inspect::FrameFingerprint frame;
    frame.pdq.hashes.fill(hash_with_bits(bits_away));
    frame.pdq.quality = quality;
    made.frames.push_back(frame);
    return made;
  }

  ledger::Outcome outcome_of(const crypto::Digests& of,
                             Result<inspect::Inspection> inspected,
                             bool canary = false) {
    const Search search =
        search_content(*snapshot_.generation,
                       of,
                       inspected ? inspected->frames : std::vector<inspect::FrameFingerprint>{});
    return judge(snapshot_,
                 policy::Policy::safe_default(),
                 std::move(inspected),
                 search,
                 {"http", "post", canary},
                 1'900'000'000'000);
  }

  lists::List list_ = make_list();
  Snapshot snapshot_;
  crypto::Digests content_ = digests(1);
  crypto::Digests only_md5_ = digests(2);
  crypto::Digests md5_and_sha1_ = digests(3);
  crypto::Digests unknown_ = digests(9);
};

TEST_F(VerdictTest, NothingFoundInAWholePictureIsNoMatchAndPassesAndKeepsNoBytes) {
  const ledger::Outcome outcome = outcome_of(unknown_, inspection(40));
  EXPECT_EQ(outcome.verdict, Verdict::kNoMatch);
  EXPECT_EQ(outcome.reason, "");
  EXPECT_EQ(outcome.decision.action, Action::kPass);
  EXPECT_FALSE(outcome.keep_bytes);
}

TEST_F(VerdictTest, PdqWithinTheListsDistanceIsANearMatchAndNeverExact) {
  for (const int bits : {0, 31}) {
    const ledger::Outcome outcome = outcome_of(unknown_, inspection(bits));
    ASSERT_EQ(outcome.verdict, Verdict::kMatch) << bits;
    ASSERT_EQ(outcome.matches.size(), 1U);
    EXPECT_EQ(outcome.matches[0].distance, bits);
    EXPECT_EQ(outcome.matches[0].strength, Strength::kNear);
    EXPECT_EQ(outcome.matches[0].list_version, 7);
    EXPECT_NE(outcome.decision.action, Action::kPass);
    EXPECT_TRUE(outcome.keep_bytes);
  }
  EXPECT_EQ(outcome_of(unknown_, inspection(32)).verdict, Verdict::kNoMatch);
}

TEST_F(VerdictTest, Sha256IsExactMd5AloneIsNearMd5AndSha1TogetherAreExact) {
  EXPECT_EQ(outcome_of(content_, inspection(60)).matches.at(0).strength, Strength::kExact);
  EXPECT_EQ(outcome_of(only_md5_, inspection(60)).matches.at(0).strength, Strength::kNear);
  const ledger::Outcome both = outcome_of(md5_and_sha1_, inspection(60));
  ASSERT_EQ(both.matches.size(), 2U);
  EXPECT_EQ(both.matches[0].strength, Strength::kExact);
  EXPECT_EQ(both.matches[1].strength, Strength::kExact);
}

TEST_F(VerdictTest, AnErrorIsNeverNoMatch) {
  const Error corrupt{ErrorKind::kInvalidInput, "media.corrupt", ""};
  const ledger::Outcome outcome = outcome_of(unknown_, corrupt);
  EXPECT_EQ(outcome.verdict, Verdict::kUnscannable);
  EXPECT_EQ(outcome.reason, "media.corrupt");
  EXPECT_EQ(outcome.decision.action, Action::kHold);
  EXPECT_TRUE(outcome.keep_bytes);
  EXPECT_EQ(outcome_of(content_, corrupt).verdict, Verdict::kMatch) << "digests match all the same";
}

TEST_F(VerdictTest, DamagedAndPartialAreUnscannableUnlessTheyMatch) {
  inspect::Inspection damaged = inspection(40);
  damaged.report.damaged = true;
  EXPECT_EQ(outcome_of(unknown_, damaged).reason, "damaged");
  inspect::Inspection partial = inspection(40);
  partial.report.partial = true;
  const ledger::Outcome outcome = outcome_of(unknown_, partial);
  EXPECT_EQ(outcome.verdict, Verdict::kUnscannable);
  EXPECT_EQ(outcome.reason, "partial");
  EXPECT_EQ(outcome.decision.action, Action::kHold);
  inspect::Inspection matching = inspection(3);
  matching.report.damaged = true;
  EXPECT_EQ(outcome_of(unknown_, matching).verdict, Verdict::kMatch);
  inspect::Inspection empty = inspection(3);
  empty.frames.clear();
  EXPECT_EQ(outcome_of(unknown_, empty).reason, "no_frames");
}

TEST_F(VerdictTest, QualityBelow50IsNotMatchedAndTheVerdictSaysSo) {
  const ledger::Outcome low = outcome_of(unknown_, inspection(0, 49));
  EXPECT_EQ(low.verdict, Verdict::kNoMatch);
  EXPECT_EQ(low.reason, "quality_low");
  EXPECT_TRUE(low.quality_low);
  EXPECT_EQ(outcome_of(unknown_, inspection(0, 50)).verdict, Verdict::kMatch);
}

TEST_F(VerdictTest, ACanaryIsOneUnlessItMatchesAnyOtherList) {
  EXPECT_FALSE(outcome_of(unknown_, inspection(3), true).canary) << "another list's match";
  snapshot_.lists.at(list_.id).spec.purpose = lists::Purpose::kCanary;
  const ledger::Outcome matched = outcome_of(unknown_, inspection(3), true);
  EXPECT_EQ(matched.verdict, Verdict::kMatch);
  EXPECT_TRUE(matched.canary);
  EXPECT_FALSE(matched.keep_bytes);
  EXPECT_FALSE(outcome_of(unknown_, inspection(3)).canary) << "it only looks like one";
  EXPECT_TRUE(outcome_of(unknown_, inspection(40), true).canary) << "one that must not match";
  const Error corrupt{ErrorKind::kInvalidInput, "media.corrupt", ""};
  EXPECT_TRUE(outcome_of(unknown_, corrupt, true).canary);
  EXPECT_FALSE(outcome_of(unknown_, corrupt, true).keep_bytes);
  snapshot_.lists.clear();
  EXPECT_FALSE(outcome_of(unknown_, inspection(3), true).canary) << "of a list nobody knows";
}

TEST_F(VerdictTest, ManyHitsAreBoundedAndTheNearestStays) {
  match::GenerationBuilder builder;
  const std::uint32_t index = builder.add_list({list_.id, 7, 31});
  for (int i = 0; i < 1'000; ++i) {
    builder.add_pdq(index, i, hash_with_bits(i == 777 ? 1 : 9));
  }
  snapshot_.generation = std::move(builder).build();
  const ledger::Outcome outcome = outcome_of(unknown_, inspection(0));
  EXPECT_EQ(outcome.matches.size(), 100U);
  EXPECT_EQ(outcome.matches[0].signal_id, 777);
}

}  // namespace
}  // namespace tutela::pipeline
