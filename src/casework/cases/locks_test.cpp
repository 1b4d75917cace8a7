#include <atomic>
#include <map>
#include <thread>

#include "base/mutex.hpp"
#include "casework/cases/cases_fixture.hpp"

namespace tutela::cases {
namespace {

class LocksTest : public CasesTest {};

TEST_F(LocksTest, TheFirstOfTheQueueIsTakenAndLocked) {
  const Uuid later = add(finding("acc-1"));
  Finding severe = finding("acc-2");
  severe.classification = "A1";
  const Uuid first = add(severe);
  const Result<std::optional<Case>> taken = cases_->take_next(ann_, {}, {});
  ASSERT_TRUE(taken && *taken);
  EXPECT_EQ((*taken)->id, first);
  EXPECT_EQ((*taken)->lock_by, "person:ann");
  EXPECT_EQ((*taken)->lock_until_ms, clock_.now_ms() + 600'000);
  EXPECT_EQ((*taken)->first_look_ms, clock_.now_ms());
  EXPECT_EQ((*taken)->version, get(first).version);
  EXPECT_EQ(events(first), "opened locked");
  EXPECT_EQ(text("SELECT action FROM audit ORDER BY id DESC LIMIT 1"), "case.lock|");
  EXPECT_EQ(take(ben_), later);
  EXPECT_FALSE(take(ben_)) << "nothing waits";
}

TEST_F(LocksTest, UrgentComesBeforeStandardAndThatBeforeSelfReported) {
  const Uuid reported = add(self_reported("victim"));
  clock_.advance(1);
  const Uuid standard = add(finding("acc-1"));
  clock_.advance(kHour);
  const Uuid urgent = add(finding("acc-2"));
  ASSERT_TRUE(cases_->mark(ann_, urgent, {1, ""}, {Mark::kImminentHarm}));
  EXPECT_EQ(take(ann_, Queue::kSelfReported), reported);
  ASSERT_TRUE(cases_->unlock(ann_, reported));
  EXPECT_EQ(take(ann_), urgent);
  EXPECT_EQ(take(ann_), standard);
  EXPECT_EQ(take(ann_), reported);
}

TEST_F(LocksTest, ASelfReportedCaseOfDangerWaitsForNothing) {
  const Uuid standard = add(finding("acc-1"));
  const Uuid reported = add(self_reported("victim-1"));
  const Uuid danger = add(self_reported("victim-2"));
  ASSERT_TRUE(cases_->mark(ann_, danger, {1, ""}, {Mark::kImminentHarm}));
  EXPECT_EQ(take(ann_), danger);
  EXPECT_EQ(take(ann_), standard);
  EXPECT_EQ(take(ann_), reported);
}

TEST_F(LocksTest, AnExpiredLockIsFree) {
  const Uuid id = add(finding("acc-1"));
  EXPECT_EQ(take(ann_), id);
  clock_.advance(rules_.lock_ms - 1);
  EXPECT_FALSE(take(ben_));
  clock_.advance(1);
  EXPECT_EQ(take(ben_), id);
  EXPECT_EQ(get(id).lock_by, "person:ben");
}

TEST_F(LocksTest, WhatALegalOfficerDecidesIsNobodyElses) {
  const Uuid id = add(finding("acc-1"));
  change(id, [](Case& of) { of.queue = Queue::kLegal; });
  EXPECT_FALSE(take(ann_));
  EXPECT_FALSE(take(lead_, Queue::kLegal));
  EXPECT_EQ(code_of(cases_->lock(lead_, id, true)), "case.role");
  EXPECT_EQ(take(legal_), id);
}

TEST_F(LocksTest, ASecondLookIsAnotherPersons) {
  const Uuid id = add(finding("acc-1"));
  add_decision(id, ann_);
  set_state(id, State::kSecondLook);
  EXPECT_FALSE(take(ann_));
  EXPECT_EQ(code_of(cases_->lock(ann_, id, false)), "case.own");
  EXPECT_EQ(take(ben_), id);
}

TEST_F(LocksTest, ADisagreementIsALeadsWhoGaveNeitherDecision) {
  const Uuid id = add(finding("acc-1"));
  const Person second_lead = person_of("second", "lead");
  add_decision(id, ann_);
  add_decision(id, second_lead);
  set_state(id, State::kDisagreement);
  EXPECT_FALSE(take(ben_));
  EXPECT_EQ(code_of(cases_->lock(ben_, id, false)), "case.role");
  EXPECT_FALSE(take(second_lead));
  EXPECT_EQ(code_of(cases_->lock(second_lead, id, false)), "case.own");
  EXPECT_EQ(take(lead_), id);
}

TEST_F(LocksTest, ASoloOperatorLooksAgainAlone) {
  const Uuid id = add(finding("acc-1"));
  add_decision(id, lead_);
  set_state(id, State::kAppealed, Outcome::kConfirmed);
  EXPECT_FALSE(take(lead_));
  rules_.solo = true;
  restart();
  EXPECT_EQ(take(lead_), id);
}

TEST_F(LocksTest, ASampleOfWhatOneDecidedIsAnothers) {
  const Uuid original = add(finding("acc-1"));
  add_decision(original, ann_);
  set_state(original, State::kClosed, Outcome::kConfirmed);
  Case copy = get(original);
  copy.id = new_uuid(clock_.now_ms());
  copy.state = State::kOpen;
  copy.origin = Origin::kSample;
  copy.outcome.reset();
  ASSERT_TRUE(database_->write([&](store::Transaction& transaction) {
    return insert_case(transaction, lead_.actor, copy);
  }));
  execute(
      "INSERT INTO case_sample (case_id, tenant_id, principal_id, kind, of_case, outcome, "
      "classification, at_ms) VALUES (:id, 'default', 'person:lead', 'known', :of_case, "
      "'confirmed', 'A1', 0)",
      {to_string(copy.id), to_string(original)});
  EXPECT_FALSE(take(ann_));
  EXPECT_EQ(take(ben_), copy.id);
  // It shows the contents of what it is a sample of.
  EXPECT_EQ(whole(copy.id).items.size(), 1U);
}

TEST_F(LocksTest, KindsThatAPersonDeclinedGoToOthers) {
  Finding severe = finding("acc-1");
  severe.classification = "A1";
  const Uuid a1 = add(severe);
  const Uuid b1 = add(finding("acc-2"));
  Finding mixed = finding("acc-3");
  mixed.classification = "A2";
  const Uuid both = add(mixed);
  add(finding("acc-3"));
  EXPECT_EQ(take(ann_, {}, {"A1", "B1"}), std::nullopt) << "one of its items is B1";
  EXPECT_EQ(take(ann_, {}, {"A1", "A2", "no such kind"}), b1);
  EXPECT_EQ(take(ann_, {}, {"A1"}), both);
  EXPECT_EQ(take(ann_, {}, {}), a1);
}

TEST_F(LocksTest, AContractorGetsWhatIsAssigned) {
  const Uuid first = add(finding("acc-1"));
  clock_.advance(1);
  const Uuid assigned = add(finding("acc-2"));
  assign(assigned, contractor_);
  EXPECT_EQ(take(contractor_), assigned);
  EXPECT_FALSE(take(contractor_));
  EXPECT_EQ(take(ann_), first);
}

TEST_F(LocksTest, OneCaseIsLockedByName) {
  const Uuid id = add(finding("acc-1"));
  ASSERT_TRUE(cases_->lock(ann_, id, false));
  const Result<Case> second = cases_->lock(ben_, id, true);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(second.error().code, "case.locked");
  EXPECT_NE(second.error().message.find("person:ann"), std::string::npos);
  EXPECT_NE(second.error().message.find(to_rfc3339(clock_.now_ms() + rules_.lock_ms)),
            std::string::npos);
  EXPECT_EQ(code_of(cases_->lock(lead_, id, false)), "case.locked");
  const Result<Case> taken = cases_->lock(lead_, id, true);
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_EQ(taken->lock_by, "person:lead");
  EXPECT_EQ(whole(id).events.back().detail, "{\"taken_from\":\"person:ann\"}");
}

TEST_F(LocksTest, ARenewalMovesTheTimeAlone) {
  const Uuid id = add(finding("acc-1"));
  const Result<Case> first = cases_->lock(ann_, id, false);
  clock_.advance(60'000);
  const Result<Case> renewed = cases_->lock(ann_, id, false);
  ASSERT_TRUE(first && renewed);
  EXPECT_EQ(renewed->lock_until_ms, clock_.now_ms() + rules_.lock_ms);
  EXPECT_EQ(get(id).lock_until_ms, renewed->lock_until_ms);
  EXPECT_EQ(renewed->version, first->version);
  EXPECT_EQ(events(id), "opened locked");
}

TEST_F(LocksTest, WhatIsDecidedIsNotLocked) {
  const Uuid id = add(finding("acc-1"));
  set_state(id, State::kDecided, Outcome::kConfirmed);
  EXPECT_EQ(code_of(cases_->lock(ann_, id, false)), "case.decided");
  EXPECT_EQ(code_of(cases_->lock(ann_, new_uuid(1), false)), "case.not_found");
  EXPECT_FALSE(take(ann_));
}

TEST_F(LocksTest, ALockIsGivenBackByItsHolderOrALead) {
  const Uuid id = add(finding("acc-1"));
  EXPECT_EQ(cases_->unlock(ann_, id)->version, 1) << "there was none";
  ASSERT_TRUE(cases_->lock(ann_, id, false));
  EXPECT_EQ(code_of(cases_->unlock(ben_, id)), "case.locked");
  const Result<Case> given = cases_->unlock(ann_, id);
  ASSERT_TRUE(given);
  EXPECT_FALSE(given->lock_by);
  ASSERT_TRUE(cases_->lock(ben_, id, false));
  EXPECT_EQ(code_of(cases_->unlock(lead_, id)), "");
  EXPECT_EQ(events(id), "opened locked unlocked locked unlocked");
}

TEST_F(LocksTest, EightWhoTakeAtOnceNeverGetTheSameCase) {
  constexpr int kCases = 120;
  for (int i = 0; i < kCases; ++i) {
    add(finding("acc-" + std::to_string(i)));
  }
  Mutex mutex;
  std::map<Uuid, int> taken;
  std::atomic<int> errors = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      const Person person = person_of("p" + std::to_string(t));
      while (true) {
        const Result<std::optional<Case>> next = cases_->take_next(person, {}, {});
        if (!next) {
          ++errors;
          return;
        }
        if (!*next) {
          return;
        }
        const MutexLock lock(mutex);
        ++taken[(*next)->id];
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(errors, 0);
  EXPECT_EQ(taken.size(), static_cast<std::size_t>(kCases));
  for (const auto& [id, times] : taken) {
    EXPECT_EQ(times, 1);
  }
  EXPECT_EQ(text("SELECT COUNT(*) FROM case_event WHERE kind = 'locked'"), "120|");
}

TEST_F(LocksTest, OfTwoWhoWriteOnTheSameVersionOneIsTold) {
  const Uuid id = add(finding("acc-1"));
  std::atomic<int> written = 0;
  std::atomic<int> told = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      const Result<Case> done =
          cases_->add_note(person_of("p" + std::to_string(t)), id, {1, ""}, "note");
      written += done ? 1 : 0;
      told += code_of(done) == "case.changed" ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(written, 1);
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace tutela::cases
