#include <algorithm>

#include "exchange/lists/lists_fixture.hpp"

namespace tutela::lists {
namespace {

constexpr std::int64_t kHour = 3600 * 1000;

TEST_F(ListsTest, ActivationTakesADryRunAndTwoPeople) {
  const List list = make(spec("one"));
  import(list, value(1));
  EXPECT_EQ(lists_->activate(ann_, list.id).error().code, "list.no_dry_run");
  dry_run(list);
  EXPECT_EQ(activate(ann_, list), ActivationState::kNeedsSecondPerson);
  EXPECT_EQ(activate(ann_, list), ActivationState::kNeedsSecondPerson);
  clock_.advance(1000 * kHour);
  EXPECT_EQ(activate(ann_, list), ActivationState::kNeedsSecondPerson);
  EXPECT_EQ(now(list).state, State::kInactive);
  EXPECT_EQ(activate(bob_, list), ActivationState::kActive);
  EXPECT_EQ(now(list).state, State::kActive);
  EXPECT_EQ(activate(bob_, list), ActivationState::kActive);
  EXPECT_EQ(audit_of(list),
            (std::vector<std::string>{"list.create ok",
                                      "list.import ok",
                                      "list.dry_run ok",
                                      "list.consent ok",
                                      "list.consent ok",
                                      "list.activate ok"}));
}

TEST_F(ListsTest, AChangeOfTheListAsksForANewDryRun) {
  const List list = make(spec("one"));
  dry_run(list);
  EXPECT_EQ(activate(ann_, list), ActivationState::kNeedsSecondPerson);
  import(list, value(1));
  EXPECT_EQ(lists_->activate(bob_, list.id).error().code, "list.no_dry_run");
  EXPECT_EQ(lists_->activate(bob_, list.id).error().kind, ErrorKind::kConflict);
  dry_run(list);
  EXPECT_EQ(activate(bob_, list), ActivationState::kNeedsSecondPerson);
  EXPECT_EQ(activate(ann_, list), ActivationState::kActive);
}

TEST_F(ListsTest, ConsentsToDifferentDryRunsDoNotAddUp) {
  const List list = make(spec("one"));
  dry_run(list);
  activate(ann_, list);
  dry_run(list);
  EXPECT_EQ(activate(bob_, list), ActivationState::kNeedsSecondPerson);
  EXPECT_EQ(activate(ann_, list), ActivationState::kActive);
}

TEST_F(ListsTest, ADryRunIsOfThePresentVersionAndItsCountsFit) {
  const List list = make(spec("one"));
  EXPECT_FALSE((*lists_->latest_dry_run(ann_, list.id)).has_value());
  const auto code = [&](const List& of, const DryRun& run) {
    const auto recorded = lists_->record_dry_run(ann_, of.id, run);
    return recorded ? "ok" : recorded.error().code;
  };
  EXPECT_EQ(code(list, {.list_version = 2, .sample_size = 9}), "list.changed");
  EXPECT_EQ(code(list, {.list_version = 1, .sample_size = 0}), "list.bad_dry_run");
  EXPECT_EQ(code(list, {.list_version = 1, .sample_size = 2, .matched = 3}), "list.bad_dry_run");
  EXPECT_EQ(code(list, {.list_version = 1, .sample_size = 2, .matched = 2, .unscannable = 1}),
            "list.bad_dry_run");
  EXPECT_EQ(code(list, {.list_version = 1, .sample_size = -1, .matched = -1}), "list.bad_dry_run");
  EXPECT_EQ(code(list, {.list_version = 1, .sample_size = 5, .matched = 2, .unscannable = 3}),
            "ok");
  const auto latest = *lists_->latest_dry_run(bob_, list.id);
  ASSERT_TRUE(latest.has_value());
  EXPECT_EQ(latest->sample_size, 5);
  EXPECT_EQ(latest->matched, 2);
  EXPECT_EQ(latest->unscannable, 3);
  EXPECT_EQ(latest->at_ms, clock_.now_ms());
  EXPECT_EQ(code(make(spec("two", Purpose::kTest)), {.list_version = 1}), "ok");
}

TEST_F(ListsTest, ListsOfPurposeTestAndCanaryTakeOnePerson) {
  for (const auto purpose : {Purpose::kTest, Purpose::kCanary}) {
    const List list = make(spec("trial-" + std::string(to_string(purpose)), purpose));
    EXPECT_EQ(lists_->activate(ann_, list.id).error().code, "list.no_dry_run");
    dry_run(list);
    EXPECT_EQ(activate(ann_, list), ActivationState::kActive);
  }
  const List reported = make(spec("reported", Purpose::kSelfReported));
  dry_run(reported);
  EXPECT_EQ(activate(ann_, reported), ActivationState::kNeedsSecondPerson);
}

TEST_F(ListsTest, OnlyAPersonConsents) {
  const List list = make(spec("one"));
  dry_run(list);
  EXPECT_EQ(lists_->activate({.principal_id = ""}, list.id).error().code, "list.no_consent");
  EXPECT_EQ(lists_->activate({.principal_id = "system"}, list.id).error().code, "list.no_consent");
  const List trial = make(spec("two", Purpose::kTest));
  dry_run(trial);
  EXPECT_EQ(activate({.principal_id = "system"}, trial), ActivationState::kActive);
}

TEST_F(ListsTest, NewSignalsOfAnActiveListCountAtOnce) {
  const List list = make(spec("one"));
  make_active(list);
  import(list, value(1));
  EXPECT_EQ(now(list).state, State::kActive);
  EXPECT_EQ(searchable()->size(match::SignalKind::kPdq), 1U);
}

TEST_F(ListsTest, AfterADeactivationConsentIsAskedForAgain) {
  const List list = make(spec("one"));
  make_active(list);
  ASSERT_TRUE(lists_->deactivate(ann_, list.id));
  EXPECT_EQ(now(list).state, State::kInactive);
  EXPECT_EQ(activate(ann_, list), ActivationState::kNeedsSecondPerson);
  EXPECT_EQ(activate(bob_, list), ActivationState::kActive);
  EXPECT_EQ(std::ranges::count(audit_of(list), "list.deactivate ok"), 1);
}

TEST_F(ListsTest, ADeactivationOfAnInactiveListWithdrawsConsent) {
  const List list = make(spec("one"));
  dry_run(list);
  activate(ann_, list);
  ASSERT_TRUE(lists_->deactivate(bob_, list.id));
  EXPECT_EQ(activate(bob_, list), ActivationState::kNeedsSecondPerson);
}

TEST_F(ListsTest, ASoloServerWaitsInsteadOfASecondPerson) {
  set_rules({.solo = true, .solo_wait_ms = 24 * kHour});
  const List list = make(spec("one"));
  dry_run(list);
  const UtcMs from_ms = clock_.now_ms() + 24 * kHour;
  const auto first = lists_->activate(ann_, list.id);
  EXPECT_EQ(first->state, ActivationState::kWaiting);
  EXPECT_EQ(first->active_from_ms, from_ms);
  clock_.advance(24 * kHour - 1);
  const auto early = lists_->activate(ann_, list.id);
  EXPECT_EQ(early->state, ActivationState::kWaiting);
  EXPECT_EQ(early->active_from_ms, from_ms);
  EXPECT_EQ(now(list).state, State::kInactive);
  clock_.advance(1);
  EXPECT_EQ(activate(ann_, list), ActivationState::kActive);
  EXPECT_EQ(audit_of(list).back(), "list.activate_solo ok");
}

TEST_F(ListsTest, OnASoloServerASecondAccountDoesNotShortenTheWait) {
  set_rules({.solo = true, .solo_wait_ms = 24 * kHour});
  const List list = make(spec("one"));
  dry_run(list);
  EXPECT_EQ(activate(ann_, list), ActivationState::kWaiting);
  EXPECT_EQ(activate(bob_, list), ActivationState::kWaiting);
  clock_.advance(12 * kHour);
  EXPECT_EQ(activate(bob_, list), ActivationState::kWaiting);
  import(list, value(1));
  clock_.advance(12 * kHour);
  EXPECT_EQ(lists_->activate(ann_, list.id).error().code, "list.no_dry_run");
}

TEST_F(ListsTest, OnASoloServerATrialNeedsNoWait) {
  set_rules({.solo = true});
  const List list = make(spec("one", Purpose::kCanary));
  dry_run(list);
  EXPECT_EQ(activate(ann_, list), ActivationState::kActive);
  EXPECT_EQ(audit_of(list).back(), "list.activate ok");
}

}  // namespace
}  // namespace tutela::lists
