// A canary's way through the whole pipeline.
#include <gtest/gtest.h>

#include "support/folder.hpp"
#include "support/pictures.hpp"
#include "support/pipelines.hpp"
#include "watch/canaries/canaries.hpp"
#include "watch/ledger/coverage.hpp"

namespace tutela::pipeline {
namespace {

using policy::Verdict;
using testing::picture_bmp;
using testing::tester;

class CanaryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = Pipeline::open(testing::pipeline_config(folder_.path()), clock_);
    ASSERT_TRUE(opened) << opened.error().message;
    pipeline_ = *std::move(opened);
    testing::add_active_list(*pipeline_, "canary", signal(picture_), lists::Purpose::kCanary);
  }

  static std::string signal(ByteView bytes) {
    return "sha256," + to_hex(crypto::sha256_of(bytes)) + "\n";
  }

  Uuid announce(ByteView bytes) {
    const auto id = canaries().add(
        tester(), "http", "bmp", canaries::Expected::kMatch, crypto::sha256_of(bytes), 60'000);
    EXPECT_TRUE(id);
    return id ? *id : Uuid();
  }

  canaries::Canaries canaries() { return {pipeline_->database(), clock_, "instance"}; }

  Intake receive(ByteView bytes) {
    auto intake = pipeline_->receive({tester(), "http", "post", {}, {}});
    EXPECT_TRUE(intake && intake->append(bytes));
    EXPECT_TRUE(intake->finish());
    return *std::move(intake);
  }

  ledger::Content scan(ByteView bytes) {
    const auto content = pipeline_->scan(receive(bytes));
    EXPECT_TRUE(content);
    return content ? *content : ledger::Content();
  }

  std::string text(const std::string& sql) { return testing::text_of(*pipeline_, sql); }

  /// What people, statistics and partners see of items.
  void expect_nobody_learned_of_it() {
    EXPECT_EQ(text("SELECT COUNT(*) FROM review_case"), "0 ");
    EXPECT_EQ(text("SELECT COUNT(*) FROM audit WHERE action = 'content.verdict'"), "0 ");
    EXPECT_EQ(text("SELECT topic FROM outbox"), "canary.decided ");
    EXPECT_EQ(text("SELECT COUNT(*) FROM coverage_hour"), "0 ");
    EXPECT_EQ(text("SELECT COUNT(*) FROM match_hour"), "0 ");
    EXPECT_EQ(text("SELECT COUNT(*) FROM judged_at"), "0 ");
    EXPECT_TRUE(pipeline_->ledger().with_matches(tester(), {})->empty());
    EXPECT_TRUE(pipeline_->catch_up([] { return false; }));
    EXPECT_EQ(pipeline_->index_stats().contents->contents, 0U);
    EXPECT_TRUE(pipeline_->spool().list()->empty());
  }

  const Bytes picture_ = picture_bmp(4);
  testing::TemporaryFolder folder_;
  SystemClock clock_;
  std::unique_ptr<Pipeline> pipeline_;
};

TEST_F(CanaryTest, ItTakesTheWholeWayAndReachesNobody) {
  const Uuid canary = announce(picture_);
  const ledger::Content content = scan(picture_);
  EXPECT_EQ(content.outcome.verdict, Verdict::kMatch);
  EXPECT_NE(content.outcome.decision.action, policy::Action::kPass);
  EXPECT_TRUE(content.canary);
  const canaries::Canary seen = *canaries().get(canary);
  EXPECT_EQ(seen.content_id, content.arrival.id);
  EXPECT_EQ(seen.verdict, "match");
  expect_nobody_learned_of_it();
}

TEST_F(CanaryTest, OneThatMustNotMatchReachesNobodyEither) {
  const Bytes other = picture_bmp(5);
  const Uuid canary = announce(other);
  EXPECT_EQ(scan(other).outcome.verdict, Verdict::kNoMatch);
  EXPECT_EQ(canaries().get(canary)->verdict, "no_match");
  expect_nobody_learned_of_it();
}

TEST_F(CanaryTest, TheSameBytesAgainAreAnOrdinaryItemWithItsCase) {
  announce(picture_);
  EXPECT_TRUE(scan(picture_).canary);
  const ledger::Content again = scan(picture_);
  EXPECT_FALSE(again.canary);
  EXPECT_EQ(again.outcome.verdict, Verdict::kMatch);
  EXPECT_EQ(text("SELECT COUNT(*) FROM review_case"), "1 ");
  EXPECT_EQ(text("SELECT verdict || ':' || items FROM coverage_hour ORDER BY verdict"),
            "arrived:1 match:1 ");
}

TEST_F(CanaryTest, OneThatMatchesAnotherListIsAnOrdinaryItem) {
  testing::add_active_list(*pipeline_, "known", signal(picture_));
  const Uuid canary = announce(picture_);
  const ledger::Content content = scan(picture_);
  EXPECT_FALSE(content.canary);
  EXPECT_EQ(content.outcome.matches.size(), 2U);
  EXPECT_EQ(text("SELECT COUNT(*) FROM review_case"), "1 ");
  EXPECT_EQ(text("SELECT topic FROM outbox WHERE topic LIKE '%.decided'"), "content.decided ");
  EXPECT_EQ(text("SELECT verdict || ':' || items FROM coverage_hour ORDER BY verdict"),
            "arrived:1 match:1 ");
  EXPECT_EQ(pipeline_->ledger().with_matches(tester(), {})->size(), 1U);
  EXPECT_EQ(canaries().get(canary)->content_id, content.arrival.id);
  EXPECT_FALSE(canaries().get(canary)->verdict);
}

TEST_F(CanaryTest, OneThatIsOwedIsOneStillWhenItsScanIsMadeUpFor) {
  const Uuid canary = announce(picture_);
  static_cast<void>(receive(picture_));
  EXPECT_EQ(pipeline_->ledger().owed_counts()->owed, 0) << "nobody is owed a canary";
  EXPECT_EQ(*pipeline_->finish_owed([] { return false; }), 1U);
  EXPECT_EQ(canaries().get(canary)->verdict, "match");
  expect_nobody_learned_of_it();
}

}  // namespace
}  // namespace tutela::pipeline
