// Sorting, and what time does: deputies, closing, removing.
#include "casework/intake/intake_fixture.hpp"

namespace tutela::intake {
namespace {

using testing::code_of;

class TimeTest : public IntakeTest {
 protected:
  Notices::Ticked tick(const std::string& deputy = "person:9") {
    Result<Notices::Ticked> ticked = notices_.tick(
        [&](store::Transaction&, const Notice&) -> Result<std::string> { return deputy; },
        [&](store::Transaction&, const Uuid&) -> Result<bool> { return case_over_; });
    EXPECT_TRUE(ticked) << (ticked ? "" : ticked.error().message);
    return ticked ? *std::move(ticked) : Notices::Ticked{};
  }

  std::size_t sort(const std::optional<Uuid>& into, std::size_t limit = 100) {
    const Result<std::size_t> sorted = notices_.sort(
        limit,
        [&](store::Transaction&, const Notice& of, const Body&, const std::vector<Uuid>&)
            -> Result<std::optional<Uuid>> {
          if (broken_.contains(of.id)) {
            return Error{ErrorKind::kUnavailable, "test.broken", "no place"};
          }
          placed_.push_back(of.id);
          return into;
        });
    EXPECT_TRUE(sorted || sorted.error().code == "test.broken");
    return sorted ? *sorted : 0;
  }

  bool case_over_ = false;
  std::set<Uuid> broken_;
  std::vector<Uuid> placed_;
};

TEST_F(TimeTest, EachIsSortedOnceTheOldestFirst) {
  std::vector<Uuid> all;
  for (int i = 0; i < 5; ++i) {
    all.push_back(world_.accept(a_notice()).id);
    world_.clock_.advance(1);
  }
  const Uuid of_case = new_uuid(3);
  EXPECT_EQ(sort(of_case, 2), 2U);
  EXPECT_EQ(sort(of_case), 3U);
  EXPECT_EQ(sort(of_case), 0U);
  EXPECT_EQ(placed_, all);
  EXPECT_EQ(world_.get(all[0]).case_id, of_case);
  EXPECT_EQ(world_.whole(all[0]).events.at(1).detail, "{\"case\":\"" + to_string(of_case) + "\"}");
  ASSERT_TRUE(world_.database_->read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const std::vector<Uuid> waiting, waiting_of_case(transaction, of_case));
    EXPECT_EQ(waiting, all);
    return ok();
  }));
}

TEST_F(TimeTest, OneThatHasNoPlaceHoldsUpNoOther) {
  const Uuid first = world_.accept(a_notice()).id;
  const Uuid second = world_.accept(a_notice()).id;
  broken_.insert(first);
  EXPECT_EQ(sort(std::nullopt, 1), 1U);
  EXPECT_EQ(world_.get(second).case_id, std::nullopt);
  EXPECT_NE(world_.get(second).sorted_ms, std::nullopt);
  EXPECT_EQ(world_.get(first).sorted_ms, std::nullopt);
  EXPECT_EQ(sort(std::nullopt), 0U);
  broken_.clear();
  EXPECT_EQ(sort(std::nullopt), 1U);
}

TEST_F(TimeTest, FilesThatAreAddedAreBroughtToTheCaseToo) {
  const Accepted accepted = world_.accept(a_notice());
  const Uuid of_case = new_uuid(3);
  EXPECT_EQ(sort(of_case), 1U);
  ASSERT_TRUE(notices_.add(accepted.number, accepted.pin, "words alone", {}));
  EXPECT_EQ(sort(std::nullopt), 0U);
  ASSERT_TRUE(notices_.add(accepted.number, accepted.pin, "", {new_uuid(8)}));
  EXPECT_EQ(sort(std::nullopt), 1U);
  EXPECT_EQ(world_.get(accepted.id).case_id, of_case) << "it keeps its case";
}

TEST_F(TimeTest, WhatWasWithdrawnInTimeIsBroughtToNobody) {
  const Accepted accepted = world_.accept(a_notice());
  ASSERT_TRUE(notices_.withdraw(accepted.number, accepted.pin));
  EXPECT_EQ(sort(new_uuid(3)), 1U);
  EXPECT_TRUE(placed_.empty());
  EXPECT_EQ(world_.get(accepted.id).case_id, std::nullopt);
}

TEST_F(TimeTest, TheDeputyIsToldOnceWhenHalfOfTheTimeIsOver) {
  const Uuid id = world_.accept(a_notice()).id;
  world_.clock_.advance(12 * kHour - 1);
  EXPECT_TRUE(tick().escalated.empty());
  world_.clock_.advance(1);
  const Notices::Ticked ticked = tick();
  ASSERT_EQ(ticked.escalated.size(), 1U);
  EXPECT_EQ(ticked.escalated[0].id, id);
  EXPECT_EQ(ticked.escalated[0].escalated_to, "person:9");
  EXPECT_TRUE(tick().escalated.empty());
  EXPECT_EQ(world_.whole(id).events.back().detail, "{\"to\":\"person:9\"}");
  EXPECT_TRUE(notices_.take(world_.desk_, id, {1})) << "who read it before need not read it again";
}

TEST_F(TimeTest, WhereNobodyIsNamedItIsNotedAllTheSame) {
  const Uuid id = world_.accept(a_notice()).id;
  world_.clock_.advance(kDay);
  EXPECT_EQ(tick("").escalated.size(), 1U);
  EXPECT_EQ(world_.get(id).escalated_to, std::nullopt);
  EXPECT_NE(world_.get(id).escalated_ms, std::nullopt);
}

TEST_F(TimeTest, WhatIsAnsweredIsEscalatedNoMoreAndAgainWhenItIsOpened) {
  const Accepted accepted = world_.accept(a_notice());
  world_.answer(accepted.id);
  world_.clock_.advance(kDay);
  EXPECT_TRUE(tick().escalated.empty());
  ASSERT_TRUE(notices_.add(accepted.number, accepted.pin, "more", {}));
  EXPECT_TRUE(tick().escalated.empty()) << "it has a new promise";
  world_.clock_.advance(12 * kHour);
  EXPECT_EQ(tick().escalated.size(), 1U);
}

TEST_F(TimeTest, ManyAreEscalatedOverSomeTicks) {
  for (int i = 0; i < 250; ++i) {
    static_cast<void>(world_.accept(a_notice()));
  }
  world_.clock_.advance(kDay);
  std::size_t all = 0;
  for (const std::size_t expected : {100U, 100U, 50U, 0U}) {
    const std::size_t now = tick().escalated.size();
    EXPECT_EQ(now, expected);
    all += now;
  }
  EXPECT_EQ(all, 250U);
}

TEST_F(TimeTest, AnAnsweredOneIsClosedThirtyDaysLaterAndItsContactErased) {
  NewNotice notice = a_notice();
  notice.contact = SealedContact{"0123456789abcdef", "c2VhbGVk"};
  const Accepted accepted = world_.accept(notice);
  world_.answer(accepted.id);
  world_.clock_.advance(30 * kDay - 1);
  tick();
  EXPECT_EQ(world_.get(accepted.id).state, State::kAnswered);
  EXPECT_TRUE(world_.get(accepted.id).has_contact);
  world_.clock_.advance(1);
  tick();
  EXPECT_EQ(world_.get(accepted.id).state, State::kClosed);
  EXPECT_FALSE(world_.get(accepted.id).has_contact);
  EXPECT_EQ(code_of(notices_.add(accepted.number, accepted.pin, "x", {})), "notice.over");
  EXPECT_TRUE(notices_.follow(accepted.number, accepted.pin)) << "the answer can be read still";
}

TEST_F(TimeTest, WhatIsKeptNoLongerGoesWhole) {
  world_.rules_.limits.keep_days = 10;
  NewNotice notice = a_notice();
  notice.files = {new_uuid(4)};
  notice.contact = SealedContact{"0123456789abcdef", "c2VhbGVk"};
  const Accepted accepted = world_.accept(notice);
  ASSERT_TRUE(notices_.add(accepted.number, accepted.pin, "x", {}));
  sort(std::nullopt);
  world_.answer(accepted.id);
  world_.clock_.advance(30 * kDay);
  EXPECT_EQ(tick().removed, 0U);
  world_.clock_.advance(10 * kDay);
  EXPECT_EQ(tick().removed, 1U);
  for (const char* const table : {"notice",
                                  "notice_subject",
                                  "notice_file",
                                  "notice_contact",
                                  "notice_message",
                                  "notice_event"}) {
    EXPECT_EQ(world_.count(table), 0) << table;
  }
  EXPECT_EQ(world_.count("audit WHERE action = 'notice.remove'"), 1);
  EXPECT_EQ(notices_.kept("default", 60)->at(0).kept, 1) << "its promise stays counted";
}

TEST_F(TimeTest, WhatACaseNeedsStaysAndHoldsUpNoOther) {
  world_.rules_.limits.keep_days = 10;
  for (int i = 0; i < 120; ++i) {
    const Accepted accepted = world_.accept(a_notice());
    ASSERT_TRUE(sort(i < 110 ? std::optional(new_uuid(3)) : std::nullopt) == 1);
    ASSERT_TRUE(notices_.withdraw(accepted.number, accepted.pin));
  }
  world_.clock_.advance(10 * kDay);
  EXPECT_EQ(tick().removed, 10U);
  const Result<Notices::Ticked> none = notices_.tick(
      [](store::Transaction&, const Notice&) -> Result<std::string> { return std::string(); });
  ASSERT_TRUE(none);
  EXPECT_EQ(none->removed, 0U);
  case_over_ = true;
  EXPECT_EQ(tick().removed, 100U);
  EXPECT_EQ(tick().removed, 10U);
  EXPECT_EQ(world_.count("notice"), 0);
}

TEST_F(TimeTest, ZeroDaysIsForEver) {
  world_.rules_.limits.keep_days = 0;
  const Accepted accepted = world_.accept(a_notice());
  sort(std::nullopt);
  ASSERT_TRUE(notices_.withdraw(accepted.number, accepted.pin));
  world_.clock_.advance(40'000 * kDay);
  EXPECT_EQ(tick().removed, 0U);
}

TEST_F(TimeTest, WhatIsMovedIsEscalatedToThoseOfItsNewQueue) {
  const Uuid id = world_.accept(a_notice()).id;
  world_.clock_.advance(12 * kHour);
  EXPECT_EQ(tick("person:1").escalated.size(), 1U);
  ASSERT_TRUE(notices_.move(world_.desk_, id, {1}, Queue::kVictim, "is about them"));
  EXPECT_EQ(world_.get(id).escalated_to, std::nullopt);
  EXPECT_EQ(tick("person:2").escalated.size(), 1U);
  EXPECT_EQ(world_.get(id).escalated_to, "person:2");
}

TEST_F(TimeTest, OneThatCannotBeEscalatedKeepsNoOtherWaiting) {
  std::vector<Uuid> all;
  for (int i = 0; i < 130; ++i) {
    all.push_back(world_.accept(a_notice()).id);
  }
  const Uuid answered = all.back();
  world_.answer(answered);
  world_.clock_.advance(30 * kDay);
  const std::set<Uuid> bad(all.begin(), all.begin() + 120);
  const auto tick_with = [&](ErrorKind kind) {
    return notices_.tick([&, kind](store::Transaction&, const Notice& of) -> Result<std::string> {
      if (bad.contains(of.id)) {
        return Error{kind, "test.dead_reference", "nobody"};
      }
      return std::string("person:9");
    });
  };
  const auto ticked = tick_with(ErrorKind::kCorrupted);
  ASSERT_TRUE(ticked);
  EXPECT_EQ(ticked->escalated.size(), 9U) << "those behind the bad ones";
  ASSERT_EQ(ticked->failed.size(), 100U) << "which are named, up to a bound";
  EXPECT_EQ(ticked->failed[0].id, all[0]);
  EXPECT_EQ(ticked->failed[0].step, "escalate");
  EXPECT_EQ(ticked->failed[0].error.code, "test.dead_reference");
  EXPECT_EQ(world_.get(answered).state, State::kClosed) << "nor what is to be closed";
  EXPECT_EQ(world_.get(all[0]).escalated_ms, std::nullopt);
  // Where the store takes nothing, asking for each would only keep others from it.
  EXPECT_EQ(code_of(tick_with(ErrorKind::kUnavailable)), "test.dead_reference");
  std::size_t made_up = 0;
  while (const std::size_t now = tick().escalated.size()) {
    made_up += now;
  }
  EXPECT_EQ(made_up, 120U);
}

TEST_F(TimeTest, ARowThatCannotBeReadKeepsNoOtherFromClosingOrGoing) {
  world_.rules_.limits.keep_days = 10;
  std::vector<Uuid> all;
  for (int i = 0; i < 3; ++i) {
    all.push_back(world_.accept(a_notice()).id);
    ASSERT_EQ(sort(std::nullopt), 1U);
    world_.answer(all.back());
    world_.clock_.advance(1);
  }
  ASSERT_TRUE(world_.database_->write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.execute("UPDATE notice SET channel = 'pigeon' WHERE id = :id",
                                   {to_string(all[0])}));
    return ok();
  }));
  world_.clock_.advance(30 * kDay);
  const Notices::Ticked closing = tick();
  ASSERT_EQ(closing.failed.size(), 1U);
  EXPECT_EQ(closing.failed[0].id, all[0]);
  EXPECT_EQ(closing.failed[0].step, "close");
  EXPECT_EQ(world_.get(all[1]).state, State::kClosed);
  ASSERT_TRUE(world_.database_->write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.execute("UPDATE notice SET channel = 'pigeon' WHERE id = :id",
                                   {to_string(all[1])}));
    return ok();
  }));
  world_.clock_.advance(10 * kDay);
  EXPECT_EQ(tick().removed, 1U);
  EXPECT_EQ(world_.count("notice"), 2);
}

TEST_F(TimeTest, AFailingDeputyDoesNotKeepOthersFromClosing) {
  const Uuid answered = world_.accept(a_notice()).id;
  world_.answer(answered);
  static_cast<void>(world_.accept(a_notice()));
  world_.clock_.advance(30 * kDay);
  const auto ticked = notices_.tick([](store::Transaction&, const Notice&) -> Result<std::string> {
    return Error{ErrorKind::kUnavailable, "test.broken", "nobody knows"};
  });
  ASSERT_TRUE(ticked);
  EXPECT_EQ(ticked->failed.size(), 1U);
  EXPECT_EQ(world_.get(answered).state, State::kClosed);
  EXPECT_EQ(tick().escalated.size(), 1U) << "and is made up for";
}

}  // namespace
}  // namespace tutela::intake
