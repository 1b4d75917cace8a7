#include "casework/cases/closing.hpp"
#include "casework/cases/decisions_fixture.hpp"

namespace tutela::cases {
namespace {

using SamplesTest = DecisionsTest;

TEST_F(SamplesTest, ASampleLooksLikeAnyCaseAndDoesNothing) {
  const Uuid original = world_.closed({.account = "user-1"});
  EXPECT_EQ(code_of(world_.decisions_->make_sample(world_.ann_, original)), "case.role");
  EXPECT_EQ(code_of(world_.decisions_->make_sample(world_.lead_, world_.add())), "case.not_closed");
  const auto sample = world_.decisions_->make_sample(world_.lead_, original);
  ASSERT_TRUE(sample);
  const std::int64_t messages = world_.count("outbox");
  const auto shown = world_.cases_->whole(world_.cat_, sample->id);
  const auto real = world_.cases_->whole(world_.cat_, original);
  ASSERT_TRUE(shown && real);
  EXPECT_EQ(shown->of.origin, real->of.origin);
  EXPECT_EQ(shown->of.account, real->of.account);
  EXPECT_EQ(shown->items.size(), real->items.size());
  ASSERT_EQ(shown->events.size(), 1U);
  EXPECT_EQ(shown->events[0].principal_id, real->events[0].principal_id);
  EXPECT_EQ(shown->events[0].detail, real->events[0].detail);
  const auto plan = world_.decisions_->plan(world_.cat_, sample->id, World::confirmed());
  EXPECT_TRUE(plan->second_look && plan->report_due_ms && plan->actions.size() == 1);
  for (const Person& knows : {world_.ann_, world_.ben_, world_.lead_}) {
    EXPECT_EQ(code_of(world_.cases_->lock(knows, sample->id, false)), "case.own");
  }
  EXPECT_EQ(code_of(world_.decisions_->make_sample(world_.lead_, sample->id)), "case.not_closed");
  ASSERT_EQ(code_of(world_.decide(world_.cat_, sample->id, World::cleared())), "");
  EXPECT_EQ(world_.read(sample->id).state, State::kDecided);
  world_.pass_window();
  EXPECT_EQ(world_.count("outbox"), messages);
  EXPECT_TRUE(world_.kinds(sample->id).empty());
  EXPECT_EQ(world_.count("case_event WHERE kind = 'sample_differs' AND case_id = '" +
                         to_string(original) + "'"),
            1);
  const auto quality = world_.decisions_->quality(world_.lead_, 0);
  ASSERT_TRUE(quality && quality->size() == 1);
  EXPECT_EQ(quality->at(0).answered, 1);
  EXPECT_EQ(quality->at(0).right, 0);
  EXPECT_EQ(code_of(world_.decisions_->quality(world_.ann_, 0)), "case.role");
  const auto days = world_.decisions_->days(world_.lead_, kTestStart);
  ASSERT_TRUE(days && days->size() == 1);
  EXPECT_EQ(days->at(0).opened, 2);
  EXPECT_EQ(days->at(0).decided, 1);
  EXPECT_EQ(days->at(0).confirmed, 1);
  EXPECT_EQ(days->at(0).views, 3);
  EXPECT_EQ(days->at(0).samples, 1);
  EXPECT_EQ(days->at(0).samples_wrong, 1);
}

TEST_F(SamplesTest, TakingTheNextCaseNeverGivesASampleToWhoKnowsIt) {
  const auto sample = world_.decisions_->make_sample(world_.lead_, world_.closed());
  ASSERT_TRUE(sample);
  for (const Person& knows : {world_.ann_, world_.ben_, world_.lead_}) {
    EXPECT_FALSE(*world_.cases_->take_next(knows, std::nullopt, {}));
  }
  EXPECT_EQ((*world_.cases_->take_next(world_.cat_, std::nullopt, {}))->id, sample->id);
}

TEST_F(SamplesTest, ASampleThatIsUndoneIsNotAnswered) {
  const auto sample = world_.decisions_->make_sample(world_.lead_, world_.closed());
  ASSERT_TRUE(sample);
  ASSERT_EQ(code_of(world_.decide(world_.cat_, sample->id, World::cleared())), "");
  ASSERT_TRUE(
      world_.decisions_->undo(world_.cat_, sample->id, {world_.read(sample->id).version, ""}));
  world_.pass_window();
  EXPECT_TRUE(world_.decisions_->quality(world_.lead_, 0)->empty());
  ASSERT_EQ(code_of(world_.decide(world_.cat_, sample->id, World::confirmed())), "");
  world_.pass_window();
  EXPECT_EQ(world_.decisions_->quality(world_.lead_, 0)->at(0).right, 1);
}

TEST_F(SamplesTest, WhatIsSampledIsTheSameEveryTimeAndAboutAsMuchAsAskedFor) {
  int sampled = 0;
  for (int i = 0; i < 2000; ++i) {
    const Uuid id = new_uuid(kTestStart + i);
    EXPECT_EQ(is_sampled(id, 5), is_sampled(id, 5));
    EXPECT_FALSE(is_sampled(id, 0));
    EXPECT_TRUE(is_sampled(id, 100));
    sampled += is_sampled(id, 5) ? 1 : 0;
  }
  EXPECT_GT(sampled, 50);
  EXPECT_LT(sampled, 160);
}

}  // namespace
}  // namespace tutela::cases
