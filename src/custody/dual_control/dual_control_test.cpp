#include "custody/dual_control/dual_control.hpp"

#include <atomic>

#include "support/evidence_rows.hpp"

namespace tutela::dual_control {
namespace {

using testing::code_of;
using testing::count;
using testing::entries;
using testing::texts;
using Lines = std::vector<std::string>;

constexpr UtcMs kStart = 1'800'000'000'000;
constexpr std::int64_t kHour = 3'600'000;

store::Actor person(const std::string& name, const std::string& tenant = "default") {
  return {tenant, "person:" + name, "lead"};
}

class DualControlTest : public ::testing::Test {
 protected:
  Request asked(const store::Actor& actor) {
    const Result<Request> request = control_.ask(actor, ask_);
    EXPECT_TRUE(request) << (request ? "" : request.error().message);
    return *request;
  }

  Uuid approved() {
    const Uuid id = asked(alice_).id;
    EXPECT_TRUE(control_.approve(bob_, id));
    return id;
  }

  std::string use(const store::Actor& actor, const Uuid& id) {
    return code_of(control_.use(actor, id, ask_.kind, ask_.object));
  }

  State state_of(const Uuid& id) { return control_.find("default", id)->state; }

  const store::Actor alice_ = person("alice");
  const store::Actor bob_ = person("bob");
  const Ask ask_{Kind::kOpenOriginal,
                 "evidence:" + to_string(new_uuid(kStart)),
                 "C-1",
                 "report",
                 "the report needs the metadata"};
  testing::TemporaryFolder folder_;
  std::unique_ptr<store::Database> database_ = testing::open_database(folder_.path());
  ManualClock clock_{kStart};
  DualControl control_{*database_, clock_, {}};
};

TEST_F(DualControlTest, OneAsksAnotherApprovesAndTheFirstUsesItOnce) {
  const Request request = asked(alice_);
  EXPECT_EQ(request.state, State::kWaiting);
  EXPECT_EQ(request.asked_by, "person:alice");
  EXPECT_EQ(request.usable_from_ms, request.created_ms);
  EXPECT_EQ(request.expires_ms, kStart + 72 * kHour);
  EXPECT_FALSE(request.solo);
  clock_.advance(kHour);
  const Result<Request> approved = control_.approve(bob_, request.id);
  ASSERT_TRUE(approved) << approved.error().message;
  EXPECT_EQ(approved->state, State::kApproved);
  EXPECT_EQ(approved->decided_by, "person:bob");
  EXPECT_EQ(approved->decided_ms, kStart + kHour);
  EXPECT_EQ(approved->expires_ms, kStart + 5 * kHour);
  const auto used = control_.use(alice_, request.id, ask_.kind, ask_.object);
  ASSERT_TRUE(used) << used.error().message;
  EXPECT_EQ(used->object(), ask_.object);
  EXPECT_EQ(used->index(), 2);
  const Result<Request> found = control_.find("default", request.id);
  EXPECT_EQ(found->state, State::kUsed);
  EXPECT_EQ(found->used_ms, kStart + kHour);
  EXPECT_EQ(found->ask.reason, ask_.reason);
  EXPECT_EQ(use(alice_, request.id), "request.used");
  EXPECT_EQ(entries(*database_),
            (Lines{"person:alice request.ask request report ok",
                   "person:bob request.approve request report ok",
                   "person:alice open_original evidence report ok",
                   "person:alice open_original evidence report refused"}));
  EXPECT_EQ(count(*database_, "outbox"), 0);
}

TEST_F(DualControlTest, TheReasonIsInTheRowAndNowhereInTheAuditLog) {
  approved();
  EXPECT_EQ(count(*database_, "dual_request WHERE reason = 'the report needs the metadata'"), 1);
  EXPECT_EQ(count(*database_,
                  "audit WHERE action || object || purpose || result || principal_id || role LIKE "
                  "'%metadata%'"),
            0);
}

TEST_F(DualControlTest, WhatIsNoRequestIsRefusedAndLeavesNothing) {
  const std::string uuid = to_string(new_uuid(kStart));
  std::vector<Ask> bad(16, ask_);
  bad[0].object = "evidence:1";
  bad[1].object = "case:C-1";  // an original is of one object
  bad[2].object = "";
  bad[3].object = "evidence:" + uuid + " ";
  bad[4].case_ref = "";
  bad[5].case_ref = std::string(65, 'a');
  bad[6].case_ref = "C 1";
  bad[7].purpose = "";
  bad[8].purpose = "curiosity";
  bad[9].purpose = "disposal";  // of a disposal only
  bad[10].reason = "";
  bad[11].reason = std::string(1001, 'x');
  bad[12].reason = std::string("a\0b", 3);
  bad[13].reason = "\xFF";
  bad[14] = {Kind::kExport, "case:C-2", "C-1", "legal_request", "another case"};
  bad[15].object = "evidence:" + std::string(36, 'A');
  for (const Ask& ask : bad) {
    EXPECT_EQ(code_of(control_.ask(alice_, ask)), "request.bad");
  }
  EXPECT_EQ(count(*database_, "dual_request"), 0);
  EXPECT_EQ(count(*database_, "audit"), 0);
}

TEST_F(DualControlTest, EveryKindHasItsObjectsAndItsEntry) {
  const std::string evidence = ask_.object;
  for (const Ask& ask :
       {Ask{Kind::kExport, "case:" + std::string(64, 'a'), std::string(64, 'a'), "report", "r"},
        Ask{Kind::kExport, evidence, "a.b_c-D9", "legal_request", std::string(1000, 'x')},
        Ask{Kind::kDispose, evidence, "1", "disposal", "due"}}) {
    const Result<Request> request = control_.ask(alice_, ask);
    ASSERT_TRUE(request) << request.error().message;
    ASSERT_TRUE(control_.approve(bob_, request->id));
    ASSERT_TRUE(control_.use(alice_, request->id, ask.kind, ask.object));
    EXPECT_EQ(texts(*database_, "SELECT action FROM audit ORDER BY id DESC LIMIT 1"),
              Lines{std::string(to_string(ask.kind))});
  }
  for (const Kind kind : {Kind::kOpenOriginal, Kind::kExport, Kind::kDispose}) {
    EXPECT_EQ(*parse_kind(to_string(kind)), kind);
  }
  for (const State state :
       {State::kWaiting, State::kApproved, State::kRefused, State::kUsed, State::kExpired}) {
    EXPECT_EQ(*parse_state(to_string(state)), state);
  }
  EXPECT_FALSE(parse_kind("open"));
  EXPECT_FALSE(parse_state(""));
}

TEST_F(DualControlTest, AReleaseIsApprovedByReleasingInOneUnitOfWork) {
  const std::string report = "report:" + to_string(new_uuid(kStart));
  const Ask ask{Kind::kReleaseReport, report, "C-1", "report", "release of a report"};
  EXPECT_EQ(*parse_kind("release_report"), Kind::kReleaseReport);
  for (const std::string& object :
       {ask_.object, std::string("case:C-1"), std::string("report:1")}) {
    EXPECT_EQ(code_of(control_.ask(alice_, {ask.kind, object, "C-1", "report", "r"})),
              "request.bad");
  }
  EXPECT_EQ(code_of(control_.ask(alice_, {Kind::kExport, report, "C-1", "report", "r"})),
            "request.bad");
  const Result<Request> request = control_.ask(alice_, ask);
  ASSERT_TRUE(request) << request.error().message;
  const auto consent = [&](const store::Actor& actor, const Status& beside = ok()) {
    return code_of(control_.consent(
        actor, request->id, ask.kind, report, [&](store::Transaction&, const Request& used) {
          EXPECT_EQ(used.asked_by, "person:alice");
          return beside;
        }));
  };
  EXPECT_EQ(code_of(control_.approve(bob_, request->id)), "request.by_release");
  EXPECT_EQ(consent(alice_), "request.own");
  EXPECT_EQ(consent({"default", "token:t", "service"}), "request.not_a_person");
  EXPECT_EQ(consent({"another", "person:bob", "lead"}), "request.not_found");
  EXPECT_EQ(consent(bob_, Error{ErrorKind::kUnavailable, "test.later", "no"}), "test.later");
  EXPECT_EQ(state_of(request->id), State::kWaiting) << "an error leaves neither";
  EXPECT_EQ(
      code_of(control_.consent(bob_, request->id, ask.kind, "report:" + to_string(Uuid{}), {})),
      "request.other_object");
  EXPECT_EQ(code_of(control_.consent(bob_, asked(alice_).id, ask_.kind, ask_.object, {})),
            "request.bad")
      << "an original is opened by who asked";
  EXPECT_EQ(consent(bob_), "ok");
  EXPECT_EQ(state_of(request->id), State::kUsed);
  EXPECT_EQ(control_.find("default", request->id)->decided_by, "person:bob");
  EXPECT_EQ(consent(bob_), "request.not_waiting");
  const Result<Request> late = control_.ask(alice_, ask);
  ASSERT_TRUE(late);
  clock_.advance(73 * kHour);
  EXPECT_EQ(code_of(control_.consent(bob_, late->id, ask.kind, report, {})), "request.expired");
}

TEST_F(DualControlTest, WhatWasAskedForIsTakenBackWithWhatChanged) {
  const Uuid id = asked(alice_).id;
  const auto lapse = [&](const Status& then) {
    return database_->write([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY(control_.lapse(transaction, bob_, id));
      return then;
    });
  };
  EXPECT_FALSE(lapse(Error{ErrorKind::kUnavailable, "test.later", "no"}));
  EXPECT_EQ(state_of(id), State::kWaiting);
  ASSERT_TRUE(lapse(ok()));
  EXPECT_EQ(state_of(id), State::kRefused);
  const std::int64_t entries = count(*database_, "audit");
  ASSERT_TRUE(lapse(ok())) << "what is not open stays as it is";
  EXPECT_EQ(count(*database_, "audit"), entries);
  const Result<Request> none = control_.ask(alice_, ask_, [](store::Transaction&, const Request&) {
    return Status(Error{ErrorKind::kUnavailable, "test.later", "no"});
  });
  EXPECT_EQ(code_of(none), "test.later");
  EXPECT_EQ(count(*database_, "dual_request"), 1);
}

TEST_F(DualControlTest, OnlyPeopleAskAndApprove) {
  const Uuid id = asked(alice_).id;
  for (const std::string principal : {"token:t", "system", "cli:root", "person:", "", "worker:1"}) {
    const store::Actor actor{"default", principal, "service"};
    EXPECT_EQ(code_of(control_.ask(actor, ask_)), "request.not_a_person") << principal;
    EXPECT_EQ(code_of(control_.approve(actor, id)), "request.not_a_person") << principal;
    EXPECT_EQ(code_of(control_.refuse(actor, id)), "request.not_a_person") << principal;
  }
  EXPECT_EQ(state_of(id), State::kWaiting);
  EXPECT_EQ(count(*database_, "audit WHERE result = 'refused'"), 12);
}

TEST_F(DualControlTest, NobodyApprovesTheirOwnButMayTakeItBack) {
  const Uuid id = asked(alice_).id;
  EXPECT_EQ(code_of(control_.approve(alice_, id)), "request.own");
  EXPECT_EQ(state_of(id), State::kWaiting);
  ASSERT_TRUE(control_.refuse(alice_, id));
  EXPECT_EQ(state_of(id), State::kRefused);
  EXPECT_EQ(code_of(control_.approve(bob_, id)), "request.not_waiting");
  EXPECT_EQ(use(alice_, id), "request.not_approved");
  EXPECT_EQ(entries(*database_),
            (Lines{"person:alice request.ask request report ok",
                   "person:alice request.approve request report refused",
                   "person:alice request.refuse request report ok",
                   "person:bob request.approve request report refused",
                   "person:alice open_original evidence report refused"}));
}

TEST_F(DualControlTest, ARequestIsAnsweredOnce) {
  const Uuid yes = approved();
  EXPECT_EQ(code_of(control_.approve(person("carol"), yes)), "request.not_waiting");
  EXPECT_EQ(code_of(control_.refuse(person("carol"), yes)), "request.not_waiting");
  EXPECT_EQ(control_.find("default", yes)->decided_by, "person:bob");
  EXPECT_EQ(use(alice_, yes), "ok");
  EXPECT_EQ(code_of(control_.approve(bob_, yes)), "request.not_waiting");
}

TEST_F(DualControlTest, AnApprovalServesItsAskerAndItsObjectOnly) {
  const Uuid waiting = asked(alice_).id;
  EXPECT_EQ(use(alice_, waiting), "request.not_approved");
  const Uuid id = approved();
  EXPECT_EQ(use(bob_, id), "request.other_person");
  EXPECT_EQ(use({"default", "person:alic", "lead"}, id), "request.other_person");
  EXPECT_EQ(code_of(control_.use(alice_, id, Kind::kExport, ask_.object)), "request.other_object");
  EXPECT_EQ(code_of(control_.use(alice_, id, ask_.kind, "evidence:" + to_string(new_uuid(kStart)))),
            "request.other_object");
  EXPECT_EQ(code_of(control_.use(alice_, id, ask_.kind, "evidence:x y")), "request.bad");
  EXPECT_EQ(state_of(id), State::kApproved);
  EXPECT_EQ(use(alice_, id), "ok");
  EXPECT_EQ(count(*database_, "audit WHERE action = 'open_original' AND result = 'ok'"), 1);
  EXPECT_EQ(count(*database_, "audit WHERE result = 'refused'"), 5);
}

TEST_F(DualControlTest, AnotherTenantsRequestsAreNotFound) {
  const Uuid id = approved();
  const store::Actor other = person("alice", "other");
  EXPECT_EQ(code_of(control_.find("other", id)), "request.not_found");
  EXPECT_EQ(code_of(control_.approve(other, id)), "request.not_found");
  EXPECT_EQ(code_of(control_.refuse(other, id)), "request.not_found");
  EXPECT_EQ(use(other, id), "request.not_found");
  EXPECT_TRUE(control_.list("other", false, 10)->empty());
  EXPECT_EQ(state_of(id), State::kApproved);
  EXPECT_EQ(count(*database_, "audit WHERE tenant_id = 'other' AND result = 'refused'"), 3);
}

TEST_F(DualControlTest, AWaitingRequestExpiresExactlyAtItsTime) {
  const Uuid first = asked(alice_).id;
  const Uuid second = asked(alice_).id;
  clock_.advance(72 * kHour - 1);
  EXPECT_EQ(control_.list("default", true, 10)->size(), 2U);
  EXPECT_TRUE(control_.approve(bob_, first));
  clock_.advance(1);
  EXPECT_EQ(state_of(second), State::kExpired);
  EXPECT_TRUE(control_.list("default", true, 10)->empty());
  EXPECT_EQ(count(*database_, "audit WHERE action = 'request.expire'"), 0);
  EXPECT_EQ(code_of(control_.approve(bob_, second)), "request.expired");
  EXPECT_EQ(code_of(control_.refuse(bob_, second)), "request.expired");
  EXPECT_EQ(use(alice_, second), "request.expired");
  EXPECT_EQ(count(*database_, "audit WHERE action = 'request.expire' AND role = 'system'"), 1);
  EXPECT_EQ(count(*database_, "dual_request WHERE state = 'expired'"), 1);
}

TEST_F(DualControlTest, AnApprovalExpiresExactlyAtItsTime) {
  const Uuid first = approved();
  const Uuid second = approved();
  clock_.advance(4 * kHour - 1);
  EXPECT_EQ(use(alice_, first), "ok");
  clock_.advance(1);
  EXPECT_EQ(use(alice_, second), "request.expired");
  EXPECT_EQ(count(*database_, "dual_request WHERE state = 'expired'"), 1);
  EXPECT_EQ(use(alice_, second), "request.expired");
  EXPECT_EQ(count(*database_, "audit WHERE action = 'request.expire'"), 1);
  EXPECT_EQ(use(alice_, first), "request.used");
}

TEST_F(DualControlTest, AClockThatIsSetBackExtendsNothing) {
  const Uuid id = approved();
  const Uuid waiting = asked(alice_).id;
  clock_.advance(3 * kHour);
  ASSERT_TRUE(control_.expire_due(10));  // somebody looked
  clock_.advance(-100 * kHour);
  ASSERT_TRUE(control_.expire_due(10));
  clock_.advance(kHour - 1);
  EXPECT_EQ(state_of(id), State::kApproved);
  clock_.advance(1);
  EXPECT_EQ(state_of(id), State::kExpired);
  EXPECT_EQ(use(alice_, id), "request.expired");
  EXPECT_EQ(state_of(waiting), State::kWaiting);
  clock_.advance(68 * kHour);
  EXPECT_EQ(code_of(control_.approve(bob_, waiting)), "request.expired");
}

TEST_F(DualControlTest, WhatExpiredByAClockThatWasAheadStaysExpired) {
  const Uuid id = approved();
  clock_.advance(5 * kHour);
  EXPECT_EQ(*control_.expire_due(10), 1U);
  clock_.advance(-5 * kHour);
  EXPECT_EQ(use(alice_, id), "request.expired");
  EXPECT_EQ(use(alice_, approved()), "ok");  // what is asked for now is in time
}

TEST_F(DualControlTest, AnErrorOfWhatIsWrittenBesideLeavesTheApprovalUnused) {
  const Uuid id = approved();
  const auto failed =
      control_.use(alice_,
                   id,
                   ask_.kind,
                   ask_.object,
                   [](store::Transaction& transaction, const Request& request) -> Status {
                     EXPECT_EQ(request.ask.case_ref, "C-1");
                     TUTELA_TRY(transaction.execute("DELETE FROM dual_request", {}));
                     return Error{ErrorKind::kForbidden, "test.no", "no"};
                   });
  EXPECT_EQ(code_of(failed), "test.no");
  EXPECT_EQ(state_of(id), State::kApproved);
  EXPECT_EQ(count(*database_, "audit WHERE action = 'open_original' AND result = 'refused'"), 1);
  const auto broken = control_.use(
      alice_, id, ask_.kind, ask_.object, [](store::Transaction&, const Request&) -> Status {
        return Error{ErrorKind::kUnavailable, "test.later", "no"};
      });
  EXPECT_EQ(code_of(broken), "test.later");
  EXPECT_EQ(count(*database_, "audit WHERE action = 'open_original'"), 1);  // nobody was refused
  EXPECT_EQ(use(alice_, id), "ok");
}

TEST_F(DualControlTest, APersonHasAtMostTwentyRequestsThatWait) {
  std::vector<Uuid> ids;
  for (int i = 0; i < 20; ++i) {
    ids.push_back(asked(alice_).id);
  }
  EXPECT_EQ(code_of(control_.ask(alice_, ask_)), "request.too_many");
  EXPECT_TRUE(control_.ask(bob_, ask_));
  EXPECT_TRUE(control_.ask(person("alice", "other"), ask_));
  EXPECT_TRUE(control_.refuse(bob_, ids[0]));
  EXPECT_TRUE(control_.ask(alice_, ask_));
  EXPECT_EQ(code_of(control_.ask(alice_, ask_)), "request.too_many");
  clock_.advance(72 * kHour);
  EXPECT_TRUE(control_.ask(alice_, ask_));
}

TEST_F(DualControlTest, ListsAreBoundedAndShowTheNewestFirst) {
  std::vector<Uuid> ids;
  for (int i = 0; i < 220; ++i) {
    ids.push_back(asked(person("p" + std::to_string(i / 20))).id);
    clock_.advance(i % 3);  // some in the same millisecond
  }
  ASSERT_TRUE(control_.refuse(bob_, ids[219]));
  const auto all = control_.list("default", false, 1'000'000);
  ASSERT_EQ(all->size(), 200U);
  for (std::size_t i = 0; i < all->size(); ++i) {
    EXPECT_EQ(all->at(i).id, ids[219 - i]);
  }
  const auto waiting = control_.list("default", true, 3);
  ASSERT_EQ(waiting->size(), 3U);
  EXPECT_EQ(waiting->at(0).id, ids[218]);
  EXPECT_TRUE(control_.list("default", true, 0)->empty());
}

TEST_F(DualControlTest, WhatIsDueGetsItsEntryInBoundedSteps) {
  for (int i = 0; i < 5; ++i) {
    asked(alice_);
  }
  const Uuid used = approved();
  EXPECT_EQ(use(alice_, used), "ok");
  ASSERT_TRUE(control_.ask(person("x", "other"), ask_));
  EXPECT_EQ(*control_.expire_due(10), 0U);
  clock_.advance(72 * kHour);
  EXPECT_EQ(*control_.expire_due(4), 4U);
  EXPECT_EQ(*control_.expire_due(10), 2U);
  EXPECT_EQ(*control_.expire_due(10), 0U);
  EXPECT_EQ(count(*database_, "audit WHERE action = 'request.expire'"), 6);
  EXPECT_EQ(count(*database_, "audit WHERE action = 'request.expire' AND tenant_id = 'other'"), 1);
  EXPECT_EQ(state_of(used), State::kUsed);
}

TEST_F(DualControlTest, OfManyThreadsOneUsesAnApprovalAndOneAnswersARequest) {
  const std::unique_ptr<store::Database> second = testing::open_database(folder_.path());
  DualControl other(*second, clock_, {});
  for (int round = 0; round < 5; ++round) {
    const Uuid id = asked(alice_).id;
    std::atomic<int> approved = 0;
    std::atomic<int> used = 0;
    testing::all_at_once(16, [&](int i) {
      DualControl& control = i % 2 == 0 ? control_ : other;
      const store::Actor actor = person("p" + std::to_string(i));
      approved += i < 12 ? (control.approve(actor, id) ? 1 : 0) : 0;
      while (control.find("default", id)->state == State::kWaiting) {
        std::this_thread::yield();
      }
      used += control.use(alice_, id, ask_.kind, ask_.object) ? 1 : 0;
    });
    EXPECT_EQ(approved, 1);
    EXPECT_EQ(used, 1);
  }
  EXPECT_EQ(count(*database_, "audit WHERE action = 'open_original' AND result = 'ok'"), 5);
  EXPECT_EQ(count(*database_, "audit WHERE action = 'open_original'"), 80);
  EXPECT_EQ(count(*database_, "audit WHERE action = 'request.approve' AND result = 'ok'"), 5);
}

}  // namespace
}  // namespace tutela::dual_control
