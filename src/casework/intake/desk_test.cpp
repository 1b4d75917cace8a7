// What people of ours do: on the version that they read, on what waits, and what is told of it.
#include "casework/intake/intake_fixture.hpp"

namespace tutela::intake {
namespace {

using testing::code_of;

class DeskTest : public IntakeTest {
 protected:
  Result<Notice> answer(const Uuid& id, Outcome outcome, const std::string& words = {}) {
    return notices_.answer(world_.desk_, id, world_.now(id), outcome, words);
  }

  Uuid request() {
    NewNotice notice = a_notice();
    notice.kind = Kind::kLawRequest;
    notice.sender = Sender::kAuthority;
    return world_.accept(notice).id;
  }

  std::vector<std::string> events(const Uuid& id) {
    std::vector<std::string> kinds;
    for (const Event& event : world_.whole(id).events) {
      kinds.push_back(event.kind);
    }
    return kinds;
  }

  Accepted accepted_ = world_.accept(a_notice());
  const Uuid& id_ = accepted_.id;
};

TEST_F(DeskTest, TakingIsSeenByTheSenderWithoutAName) {
  const Result<Notice> taken = notices_.take(world_.desk_, id_, {1});
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->taken_by, "person:1");
  EXPECT_EQ(taken->version, 2);
  EXPECT_TRUE(notices_.follow(accepted_.number, accepted_.pin)->looked_at);
  const store::Actor other{"default", "person:2", "reviewer"};
  EXPECT_EQ(notices_.take(other, id_, {2})->taken_by, "person:2");
}

TEST_F(DeskTest, WhoeverReadAnotherVersionDecidesAnew) {
  ASSERT_TRUE(notices_.add(accepted_.number, accepted_.pin, "more", {}));
  for (const std::int64_t version : {0, 1, 3}) {
    const Command command{version};
    EXPECT_EQ(code_of(notices_.take(world_.desk_, id_, command)), "notice.changed");
    EXPECT_EQ(code_of(notices_.ask(world_.desk_, id_, command, "?")), "notice.changed");
    EXPECT_EQ(code_of(notices_.answer(world_.desk_, id_, command, Outcome::kGone, "")),
              "notice.changed");
    EXPECT_EQ(code_of(notices_.move(world_.desk_, id_, command, Queue::kLaw, "r")),
              "notice.changed");
    EXPECT_EQ(code_of(notices_.verify(world_.desk_, id_, command, true, "h")), "notice.changed");
  }
  EXPECT_EQ(code_of(notices_.take(world_.desk_, new_uuid(1), {1})), "notice.not_found");
  const store::Actor elsewhere{"other", "person:1", "reviewer"};
  EXPECT_EQ(code_of(notices_.take(elsewhere, id_, {2})), "notice.not_found");
}

TEST_F(DeskTest, AQuestionWaitsForTheSenderAndTheirWordsOpenItAgain) {
  ASSERT_TRUE(notices_.ask(world_.desk_, id_, {1}, "Which account?"));
  Result<Followed> followed = notices_.follow(accepted_.number, accepted_.pin);
  ASSERT_TRUE(followed);
  EXPECT_EQ(followed->state, State::kQuestion);
  EXPECT_EQ(followed->messages.at(0).text, "Which account?");
  EXPECT_EQ(followed->due_ms, accepted_.due_ms) << "asking gains no time";
  followed = notices_.add(accepted_.number, accepted_.pin, "that one", {});
  ASSERT_TRUE(followed);
  EXPECT_EQ(followed->state, State::kOpen);
  EXPECT_EQ(followed->due_ms, accepted_.due_ms);
  EXPECT_EQ(events(id_), (std::vector<std::string>{"received", "asked", "added"}));
}

TEST_F(DeskTest, WhatWeWriteIsBoundedText) {
  const Command now{1};
  EXPECT_EQ(code_of(notices_.ask(world_.desk_, id_, now, "")), "notice.bad_text");
  EXPECT_EQ(code_of(notices_.ask(world_.desk_, id_, now, std::string(4001, 'x'))),
            "notice.bad_text");
  EXPECT_EQ(code_of(notices_.move(world_.desk_, id_, now, Queue::kLaw, " ")), "notice.bad_text");
  EXPECT_EQ(code_of(answer(id_, Outcome::kGone, std::string(2001, 'x'))), "notice.bad_text");
  EXPECT_EQ(code_of(answer(id_, Outcome::kGone, "\x1B")), "notice.bad_text");
  EXPECT_EQ(world_.get(id_).version, 1);
}

TEST_F(DeskTest, AnAnswerInTimeKeepsThePromiseAndALateOneBreaksIt) {
  const Uuid late = world_.accept(a_notice("late")).id;
  world_.clock_.advance(24 * kHour);
  ASSERT_TRUE(answer(id_, Outcome::kActed, "We removed it."));
  world_.clock_.advance(1);
  ASSERT_TRUE(answer(late, Outcome::kGone));
  const Uuid waiting = world_.accept(a_notice("waiting")).id;
  const Result<std::vector<Kept>> kept = notices_.kept("default", 30);
  ASSERT_TRUE(kept);
  ASSERT_EQ(kept->size(), 1U);
  EXPECT_EQ((*kept)[0].received, 3);
  EXPECT_EQ((*kept)[0].kept, 1);
  EXPECT_EQ((*kept)[0].broken, 1);
  EXPECT_EQ((*kept)[0].took_ms_mean, 24 * kHour);
  world_.clock_.advance(24 * kHour + 1);
  EXPECT_EQ(notices_.kept("default", 30)->at(0).broken, 2) << "one waits and is overdue";
  ASSERT_TRUE(answer(waiting, Outcome::kGone));
  EXPECT_EQ(notices_.kept("default", 30)->at(0).broken, 2) << "and is counted once";
}

TEST_F(DeskTest, OnlyWhatMayBeToldIsAnswered) {
  EXPECT_EQ(code_of(answer(id_, Outcome::kDone)), "notice.bad_outcome");
  NewNotice file;
  file.files = {new_uuid(4)};
  const Uuid files_alone = world_.accept(file).id;
  EXPECT_EQ(code_of(answer(files_alone, Outcome::kNoViolation)), "notice.bad_outcome");
  EXPECT_EQ(code_of(answer(files_alone, Outcome::kActed)), "notice.bad_outcome");
  EXPECT_EQ(code_of(answer(files_alone, Outcome::kHandled)), "ok");
  EXPECT_EQ(code_of(answer(files_alone, Outcome::kHandled)), "notice.not_waiting");
}

TEST_F(DeskTest, NothingIsDoneForARequestBeforeItIsVerified) {
  const Uuid id = request();
  EXPECT_EQ(code_of(answer(id, Outcome::kDone)), "notice.not_verified");
  ASSERT_TRUE(notices_.verify(world_.desk_, id, world_.now(id), false, "no such office"));
  EXPECT_EQ(code_of(answer(id, Outcome::kDone)), "notice.not_verified");
  const Result<Notice> verified =
      notices_.verify(world_.desk_, id, world_.now(id), true, "called back");
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->verified, Verified::kVerified);
  EXPECT_EQ(verified->verified_by, "person:1");
  EXPECT_EQ(code_of(answer(id, Outcome::kDone)), "ok");
  EXPECT_EQ(events(id), (std::vector<std::string>{"received", "refused", "verified", "answered"}));
  EXPECT_EQ(world_.whole(id).events[2].detail, "{\"how\":\"called back\"}");
  EXPECT_EQ(code_of(notices_.verify(world_.desk_, id_, {1}, true, "x")), "notice.not_a_request");
  EXPECT_EQ(code_of(answer(request(), Outcome::kDeclined)), "ok") << "declining needs none";
}

TEST_F(DeskTest, AMoveNeverMakesThePromiseLaterThanItWasSaid) {
  const UtcMs received = world_.clock_.now_ms();
  world_.clock_.advance(kHour);
  Result<Notice> moved = notices_.move(world_.desk_, id_, {1}, Queue::kVictim, "a child writes");
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->due_ms, received + 4 * kHour);
  moved = notices_.move(world_.desk_, id_, {2}, Queue::kFlood, "one of many");
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->queue, Queue::kFlood);
  EXPECT_EQ(moved->due_ms, received + 4 * kHour);
  EXPECT_EQ(world_.text("SELECT group_concat(queue || ' ' || received, ', ') FROM (SELECT * FROM "
                        "notice_promise_day ORDER BY queue)"),
            "flood 1, public 0, victim 0");
}

TEST_F(DeskTest, CountsAreOfWhatWaits) {
  NewNotice urgent = a_notice();
  urgent.imminent = true;
  const Uuid imminent = world_.accept(urgent).id;
  const Uuid taken = world_.accept(a_notice("taken")).id;
  ASSERT_TRUE(notices_.take(world_.desk_, taken, {1}));
  world_.answer(world_.accept(a_notice("answered")).id);
  const UtcMs received = world_.clock_.now_ms();
  world_.clock_.advance(15 * kMinute + 1);
  const Result<std::vector<QueueCount>> counts = notices_.counts("default");
  ASSERT_TRUE(counts);
  ASSERT_EQ(counts->size(), 7U);
  const QueueCount& of_imminent = (*counts)[0];
  EXPECT_EQ(of_imminent.waiting, 1);
  EXPECT_EQ(of_imminent.taken, 0);
  EXPECT_EQ(of_imminent.due_soon, 1);
  EXPECT_EQ(of_imminent.overdue, 1);
  EXPECT_EQ(of_imminent.oldest_ms, received);
  EXPECT_EQ(of_imminent.next_due_ms, received + 15 * kMinute);
  const QueueCount& of_public = (*counts)[5];
  EXPECT_EQ(of_public.queue, Queue::kPublic);
  EXPECT_EQ(of_public.waiting, 2);
  EXPECT_EQ(of_public.taken, 1);
  EXPECT_EQ(of_public.due_soon, 0);
  EXPECT_EQ((*counts)[1].oldest_ms, std::nullopt);
  EXPECT_EQ(world_.get(imminent).queue, Queue::kImminent);
}

TEST_F(DeskTest, OthersAboutTheSameAreCounted) {
  NewNotice same = a_notice("somebody else saw it");
  same.body.links = {"https://EXAMPLE.org/Post/1", "https://example.org/other"};
  const Uuid second = world_.accept(same).id;
  NewNotice other = a_notice();
  other.body.links = {"https://example.org/other"};
  static_cast<void>(world_.accept(other));
  EXPECT_EQ(world_.whole(id_).same_subject, 1);
  EXPECT_EQ(world_.whole(second).same_subject, 2);
  ASSERT_TRUE(world_.database_->read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const std::vector<Notice> all,
                      same_subject(transaction, world_.get(second), 10));
    EXPECT_EQ(all.size(), 2U);
    TUTELA_TRY_ASSIGN(const std::vector<Notice> one,
                      same_subject(transaction, world_.get(second), 1));
    EXPECT_EQ(one.size(), 1U);
    return ok();
  }));
}

}  // namespace
}  // namespace tutela::intake
