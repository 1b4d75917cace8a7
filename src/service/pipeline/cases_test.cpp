// A verdict and its case, through the whole pipeline.
#include "casework/cases/cases.hpp"

#include <gtest/gtest.h>

#include "support/folder.hpp"
#include "support/pictures.hpp"
#include "support/pipelines.hpp"

namespace tutela::pipeline {
namespace {

using testing::never;
using testing::picture_bmp;
using testing::tester;

class CasesOfVerdictsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = Pipeline::open(testing::pipeline_config(folder_.path()), clock_);
    ASSERT_TRUE(opened) << opened.error().message;
    pipeline_ = *std::move(opened);
  }

  Uuid scan(ByteView bytes,
            std::optional<std::string> account = {},
            std::optional<std::string> external_id = {}) {
    auto intake = pipeline_->receive(
        {tester(), "http", "post", std::move(external_id), {}, std::move(account)});
    EXPECT_TRUE(intake && intake->append(bytes));
    const auto id = intake->finish();
    EXPECT_TRUE(id && pipeline_->scan(*std::move(intake)));
    return *id;
  }

  std::optional<Uuid> case_of(const Uuid& content) {
    std::optional<Uuid> found;
    EXPECT_TRUE(pipeline_->database().read([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY_ASSIGN(found, cases::case_of(transaction, "default", content));
      return ok();
    }));
    return found;
  }

  cases::Whole whole(const Uuid& id) {
    cases::Cases all(pipeline_->database(), clock_, {});
    auto found = all.whole({{"default", "person:lead", "lead"}, false, true, false}, id);
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    return found ? *std::move(found) : cases::Whole{};
  }

  std::string text(const std::string& sql) { return testing::text_of(*pipeline_, sql); }

  void catch_up() { EXPECT_TRUE(pipeline_->catch_up(never)); }

  static std::string sha256_signal(ByteView bytes) {
    return "sha256," + to_hex(crypto::sha256_of(bytes)) + "\n";
  }

  void import(const Uuid& list, const std::string& signals) {
    lists::ImportReport report;
    EXPECT_TRUE(pipeline_->lists().import_signals(tester(), list, signals, {}, report));
  }

  testing::TemporaryFolder folder_;
  SystemClock clock_;
  std::unique_ptr<Pipeline> pipeline_;
};

TEST_F(CasesOfVerdictsTest, AMatchOpensACaseAndTheSameAccountJoinsIt) {
  const Bytes one = picture_bmp(1);
  const Bytes two = picture_bmp(2);
  testing::add_active_list(*pipeline_, "demo", sha256_signal(one) + sha256_signal(two));
  const Uuid first = scan(one, "account-1", "post-1");
  const Uuid second = scan(two, "account-1", "post-2");
  const Uuid other = scan(one, "account-2");
  const Uuid clean = scan(picture_bmp(3), "account-1");
  ASSERT_TRUE(case_of(first));
  EXPECT_EQ(case_of(first), case_of(second));
  EXPECT_FALSE(case_of(clean));
  const cases::Whole found = whole(*case_of(first));
  EXPECT_EQ(found.of.account, "account-1");
  EXPECT_EQ(found.of.external_id, "post-1");
  EXPECT_EQ(found.of.origin, cases::Origin::kMatch);
  EXPECT_EQ(found.of.items, 2);
  EXPECT_FALSE(found.of.needs_view) << "exact, on a list of purpose test";
  ASSERT_EQ(found.links.size(), 1U) << "the same bytes of another account";
  EXPECT_EQ(found.links[0].other, case_of(other));
  EXPECT_EQ(text("SELECT DISTINCT principal_id FROM case_event"), "system ");
}

TEST_F(CasesOfVerdictsTest, ANearMatchNeedsAView) {
  const Bytes picture = picture_bmp(1);
  testing::add_active_list(*pipeline_, "demo", testing::pdq_hex(*pipeline_, picture));
  const Uuid item = scan(picture);
  ASSERT_TRUE(case_of(item));
  EXPECT_TRUE(whole(*case_of(item)).of.needs_view);
}

TEST_F(CasesOfVerdictsTest, WhatCannotBeScannedIsACaseOfOriginHeld) {
  const Uuid held = scan(as_bytes("just some words"));
  ASSERT_TRUE(case_of(held));
  EXPECT_EQ(whole(*case_of(held)).of.origin, cases::Origin::kHeld);
}

TEST_F(CasesOfVerdictsTest, AListThatGrowsOpensACaseAndOneThatShrinksClosesIt) {
  const Bytes picture = picture_bmp(1);
  const std::string signal = to_hex(crypto::sha256_of(picture));
  const Uuid list = testing::add_active_list(*pipeline_, "demo", std::string(64, '5'));
  const Uuid item = scan(picture, "account-1");
  catch_up();
  EXPECT_FALSE(case_of(item));
  import(list, "sha256," + signal);
  catch_up();
  ASSERT_TRUE(case_of(item));
  const cases::Case opened = whole(*case_of(item)).of;
  EXPECT_EQ(opened.origin, cases::Origin::kListGrew);
  EXPECT_EQ(opened.account, "account-1");
  EXPECT_EQ(opened.state, cases::State::kOpen);
  ASSERT_TRUE(pipeline_->lists().remove_signals(tester(), list, {signal}));
  catch_up();
  const cases::Case closed = whole(*case_of(item)).of;
  EXPECT_EQ(closed.id, opened.id);
  EXPECT_EQ(closed.state, cases::State::kClosed);
  EXPECT_EQ(closed.outcome, cases::Outcome::kCleared);
}

TEST_F(CasesOfVerdictsTest, AListThatIsWithdrawnTakesItsTrustAlong) {
  const Bytes picture = picture_bmp(1);
  const std::string signal = to_hex(crypto::sha256_of(picture));
  testing::add_active_list(*pipeline_, "near", testing::pdq_hex(*pipeline_, picture));
  const Uuid exact = testing::add_active_list(*pipeline_, "exact", "sha256," + signal);
  const Uuid item = scan(picture, "account-1");
  catch_up();
  EXPECT_FALSE(whole(*case_of(item)).of.needs_view);
  ASSERT_TRUE(pipeline_->lists().remove_signals(tester(), exact, {signal}));
  catch_up();
  const cases::Case now = whole(*case_of(item)).of;
  EXPECT_EQ(now.state, cases::State::kOpen);
  EXPECT_TRUE(now.needs_view) << "what is left is near: a person looks";
}

TEST_F(CasesOfVerdictsTest, WhatSomebodySentUsIsAFindingWhateverListsSay) {
  const Bytes picture = picture_bmp(1);
  const std::string signal = to_hex(crypto::sha256_of(picture));
  const Uuid list = testing::add_active_list(*pipeline_, "demo", "sha256," + signal);
  auto intake = pipeline_->receive(
      {tester(), std::string(ledger::kIntakeDoor), "notice", {}, {}, "account-1"});
  ASSERT_TRUE(intake && intake->append(picture));
  const auto item = intake->finish();
  ASSERT_TRUE(item && pipeline_->scan(*std::move(intake)));
  catch_up();
  ASSERT_TRUE(case_of(*item));
  const Uuid id = *case_of(*item);
  EXPECT_EQ(whole(id).of.origin, cases::Origin::kUserReport);
  EXPECT_EQ(text("SELECT exact || trusted || automation FROM case_item"), "110 ");
  ASSERT_TRUE(pipeline_->lists().remove_signals(tester(), list, {signal}));
  catch_up();
  EXPECT_EQ(text("SELECT verdict FROM content"), "no_match ");
  EXPECT_EQ(case_of(*item), id);
  EXPECT_EQ(whole(id).of.state, cases::State::kOpen);
  EXPECT_EQ(text("SELECT exact || trusted || automation FROM case_item"), "000 ");
  EXPECT_EQ(text("SELECT spooled FROM content"), "1 ") << "it is evidence all the same";
}

TEST_F(CasesOfVerdictsTest, NearDuplicatesOfOtherAccountsAreLinkedWhenTheyAreGrouped) {
  const Bytes picture = picture_bmp(1);
  Bytes changed = picture;
  changed.back() ^= std::byte{1};  // one channel of one pixel
  testing::add_active_list(*pipeline_, "demo", sha256_signal(picture) + sha256_signal(changed));
  const Uuid first = scan(picture, "account-1");
  const Uuid second = scan(changed, "account-2");
  EXPECT_TRUE(whole(*case_of(first)).links.empty()) << "neither bytes nor signal are the same";
  catch_up();
  const auto links = whole(*case_of(first)).links;
  ASSERT_EQ(links.size(), 1U);
  EXPECT_EQ(links[0].other, case_of(second));
  EXPECT_EQ(links[0].kind, cases::LinkKind::kNearDuplicate);
}

}  // namespace
}  // namespace tutela::pipeline
