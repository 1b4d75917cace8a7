#include "service/auth/sign_in.hpp"

#include <algorithm>
#include <atomic>
#include <ctime>
#include <thread>

#include "service/auth/test_people.hpp"

namespace tutela::auth {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;

TEST_F(PeopleTest, AnInvitationIsUsedOnceWithin72Hours) {
  const auto late = people_->invite(admin_, "late", Role::kReviewer);
  clock_.advance(72 * 60 * kMinuteMs);
  EXPECT_EQ(code(sign_in_->accept_invitation(caller_, late->code, kGoodPassword)),
            "auth.bad_invitation");
  std::string used;
  invite("anna", Role::kReviewer, &used);
  EXPECT_EQ(code(sign_in_->accept_invitation(caller_, used, "another good password")),
            "auth.bad_invitation");
  for (const std::string& bad : {std::string(), std::string("x"), std::string(43, 'A')}) {
    EXPECT_EQ(code(sign_in_->accept_invitation(caller_, bad, kGoodPassword)),
              "auth.bad_invitation");
  }
  EXPECT_EQ(entries("person.join").size(), 1U);
}

TEST_F(PeopleTest, WeakPasswordsAreRefusedAndTheInvitationStays) {
  const auto invitation = people_->invite(admin_, "johanna@example.org", Role::kReviewer);
  for (const std::string& weak :
       {std::string("eleven char"),
        std::string("xxJOHANNAxx12345"),
        std::string(20, 'a'),
        std::string(1025, 'x'),
        std::string("\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9")}) {
    EXPECT_EQ(code(sign_in_->accept_invitation(caller_, invitation->code, weak)),
              "password.too_weak");
  }
  EXPECT_TRUE(sign_in_->accept_invitation(caller_, invitation->code, "all lower case is fine"));
}

TEST_F(PeopleTest, NothingIsAllowedBeforeTheSecondFactorIsEnrolled) {
  const Person anna = invite("anna", Role::kLead);
  const auto first = sign_in_->with_password(caller_, "anna", kGoodPassword);
  ASSERT_TRUE(first);
  const Principal pending = principal_of(*first);
  EXPECT_EQ(pending.session->stage, Stage::kEnrol);
  EXPECT_TRUE(pending.permissions.empty());
  EXPECT_EQ(code(sign_in_->confirm(caller_, pending, "123456")), "auth.bad_code") << "no seed yet";
  const auto enrolment = sign_in_->enrol(pending);
  ASSERT_TRUE(enrolment);
  EXPECT_TRUE(enrolment->uri.starts_with("otpauth://totp/Tutela:anna?secret="));
  const auto enrolled = sign_in_->confirm(caller_, pending, code_of(enrolment->secret));
  ASSERT_TRUE(enrolled) << enrolled.error().code;
  EXPECT_EQ(enrolled->recovery_codes.size(), 10U);
  const Principal open = principal_of(enrolled->opened);
  EXPECT_EQ(open.permissions, permissions_of(Role::kLead));
  EXPECT_EQ(open.actor.principal_id, "person:" + to_string(anna.id));
  EXPECT_EQ(open.actor.role, "lead");
  EXPECT_FALSE(open.assigned_only);
  EXPECT_EQ(open.session->fresh_until_ms, clock_.now_ms() + 5 * kMinuteMs);
}

TEST_F(PeopleTest, TheSecretChangesWithTheSecondFactorAndTheOldOneOpensNothing) {
  invite("anna", Role::kReviewer);
  enrol("anna");
  const auto first = sign_in_->with_password(caller_, "anna", kGoodPassword);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->session.stage, Stage::kSecondFactor);
  const auto second = sign_in_->second_factor(caller_, principal_of(*first), code_of(seed_));
  ASSERT_TRUE(second);
  EXPECT_NE(first->secret, second->secret);
  EXPECT_EQ(code(sign_in_->authenticate(first->secret)), "auth.bad_session");
  EXPECT_TRUE(sign_in_->authenticate(second->secret));
}

TEST_F(PeopleTest, ACodeIsTakenOnceAlsoFromManyThreadsAtOnce) {
  invite("anna", Role::kReviewer);
  enrol("anna");
  std::vector<Principal> pending;
  for (int i = 0; i < 8; ++i) {
    const auto first = sign_in_->with_password(caller_, "anna", kGoodPassword);
    ASSERT_TRUE(first) << first.error().code;
    pending.push_back(principal_of(*first));
  }
  const std::string now = code_of(seed_);
  std::atomic<int> opened = 0;
  std::vector<std::thread> threads;
  for (const Principal& principal : pending) {
    threads.emplace_back([&, principal] {
      Caller caller{"192.0.2.9"};
      opened += sign_in_->second_factor(caller, principal, now) ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(opened, 1);
}

TEST_F(PeopleTest, ARecoveryCodeStandsInOnceHoweverItIsTyped) {
  invite("anna", Role::kReviewer);
  const Enrolled enrolled = enrol("anna");
  std::string typed = enrolled.recovery_codes[3];
  for (char& c : typed) {
    c = c == '-' ? ' ' : static_cast<char>(std::tolower(c));
  }
  const auto enter = [&](const std::string& with) {
    const auto first = sign_in_->with_password(caller_, "anna", kGoodPassword);
    EXPECT_TRUE(first);
    return code(sign_in_->second_factor(caller_, principal_of(*first), with));
  };
  EXPECT_EQ(enter(typed), "good");
  EXPECT_EQ(enter(enrolled.recovery_codes[3]), "auth.bad_code");
  EXPECT_EQ(entries("person.recovery_code").size(), 1U);
  const auto renewed = sign_in_->new_recovery_codes(principal_of(enrolled.opened));
  ASSERT_TRUE(renewed);
  EXPECT_EQ(enter(enrolled.recovery_codes[4]), "auth.bad_code");
  EXPECT_EQ(enter((*renewed)[0]), "good");
}

TEST_F(PeopleTest, FiveWrongCodesEndTheSession) {
  invite("anna", Role::kReviewer);
  enrol("anna");
  const auto first = sign_in_->with_password(caller_, "anna", kGoodPassword);
  const Principal pending = principal_of(*first);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(sign_in_->authenticate(first->secret));
    EXPECT_EQ(code(sign_in_->second_factor(caller_, pending, "000000")), "auth.bad_code");
  }
  EXPECT_EQ(code(sign_in_->authenticate(first->secret)), "auth.bad_session");
  clock_.advance(60 * kMinuteMs);
  EXPECT_EQ(code(sign_in_->second_factor(caller_, pending, code_of(seed_))), "auth.bad_code")
      << "a right code does not revive it";
  EXPECT_EQ(entries("person.second_factor").size(), 5U);
}

TEST_F(PeopleTest, SessionsEndWhenIdleAndAfterTwelveHours) {
  invite("anna", Role::kReviewer);
  const std::string idle = enrol("anna").opened.secret;
  clock_.advance(30 * kMinuteMs);
  ASSERT_FALSE(sign_in_->authenticate(idle)) << "enrol() moved the clock already";
  const auto first = sign_in_->with_password(caller_, "anna", kGoodPassword);
  const auto open = sign_in_->second_factor(caller_, principal_of(*first), code_of(seed_));
  ASSERT_TRUE(open);
  for (int i = 0; i < 59; ++i) {
    clock_.advance(12 * kMinuteMs);
    EXPECT_TRUE(sign_in_->authenticate(open->secret)) << i;
  }
  clock_.advance(12 * kMinuteMs);
  EXPECT_EQ(code(sign_in_->authenticate(open->secret)), "auth.bad_session");
  const auto pending = sign_in_->with_password(caller_, "anna", kGoodPassword);
  clock_.advance(10 * kMinuteMs);
  EXPECT_EQ(code(sign_in_->authenticate(pending->secret)), "auth.bad_session");
}

TEST_F(PeopleTest, APageThatNobodyLooksAtKeepsNoSessionFromEnding) {
  invite("anna", Role::kReviewer);
  const std::string secret = enrol("anna").opened.secret;
  ASSERT_TRUE(sign_in_->authenticate(secret));
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(sign_in_->authenticate(secret, Attended::kNo)) << i;
    clock_.advance(9 * kMinuteMs);
  }
  clock_.advance(9 * kMinuteMs);
  EXPECT_EQ(code(sign_in_->authenticate(secret, Attended::kNo)), "auth.bad_session");
}

TEST_F(PeopleTest, SigningOutEndsOneSessionOrAll) {
  invite("anna", Role::kReviewer);
  const std::string one = enrol("anna").opened.secret;
  const auto first = sign_in_->with_password(caller_, "anna", kGoodPassword);
  const auto two = sign_in_->second_factor(caller_, principal_of(*first), code_of(seed_));
  ASSERT_TRUE(sign_in_->sign_out(*sign_in_->authenticate(one)));
  EXPECT_FALSE(sign_in_->authenticate(one));
  EXPECT_TRUE(sign_in_->authenticate(two->secret));
  ASSERT_TRUE(sign_in_->sign_out_everywhere(*sign_in_->authenticate(two->secret)));
  EXPECT_FALSE(sign_in_->authenticate(two->secret));
}

TEST_F(PeopleTest, AStepUpMakesASessionFreshForFiveMinutes) {
  invite("anna", Role::kLead);
  const Enrolled enrolled = enrol("anna");
  clock_.advance(10 * kMinuteMs);
  const Principal stale = principal_of(enrolled.opened);
  EXPECT_LE(stale.session->fresh_until_ms, clock_.now_ms());
  EXPECT_EQ(code(sign_in_->step_up(caller_, stale, "000000")), "auth.bad_code");
  const auto until = sign_in_->step_up(caller_, stale, code_of(seed_));
  ASSERT_TRUE(until);
  EXPECT_EQ(*until, clock_.now_ms() + 5 * kMinuteMs);
  EXPECT_EQ(principal_of(enrolled.opened).session->fresh_until_ms, *until);
  EXPECT_EQ(code(sign_in_->step_up(caller_, stale, code_of(seed_))), "auth.bad_code") << "replayed";
}

TEST_F(PeopleTest, GuessingIsThrottledTheSameForNamesThatExistAndThoseThatDoNot) {
  invite("anna", Role::kReviewer);
  for (const char* name : {"anna", "nobody-of-this-name"}) {
    Caller guesser{"198.51.100.7"};
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(code(sign_in_->with_password(guesser, name, "wrong wrong wrong")), "auth.refused");
    }
    EXPECT_EQ(code(sign_in_->with_password(guesser, name, kGoodPassword)), "auth.too_many");
    EXPECT_EQ(guesser.wait_ms, 1000);
  }
  const auto refusals = entries("person.sign_in");
  ASSERT_EQ(refusals.size(), 10U);
  EXPECT_TRUE(refusals[0].starts_with("person:") && refusals[0].ends_with(" refused"));
  EXPECT_EQ(refusals[9], "person:unknown refused");
  clock_.advance(1000);
  EXPECT_TRUE(sign_in_->with_password(caller_, "anna", kGoodPassword)) << "never for long";
}

/// What this thread worked: other programs of the machine do not count.
double worked_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

TEST_F(PeopleTest, AnUnknownNameTakesAsLongAsAWrongPassword) {
  invite("anna", Role::kReviewer);
  const auto time_of = [&](const char* name) {
    double least = 1e9;
    for (int i = 0; i < 5; ++i) {
      const double begin = worked_seconds();
      EXPECT_EQ(code(sign_in_->with_password(caller_, name, "wrong wrong wrong")), "auth.refused");
      least = std::min(least, worked_seconds() - begin);
    }
    return least;
  };
  const double known = time_of("anna");
  const double unknown = time_of("nobody");
  EXPECT_LT(std::max(known, unknown) / std::min(known, unknown), 1.5) << known << " " << unknown;
  EXPECT_GT(unknown, 0.02) << "a hash was verified";
}

TEST_F(PeopleTest, AFloodOfSignInsIsBoundedAndTold) {
  invite("anna", Role::kReviewer);
  std::atomic<int> busy = 0;
  std::atomic<int> answered = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&, i] {
      Caller caller{"203.0.113." + std::to_string(i)};
      const auto result =
          sign_in_->with_password(caller, "name" + std::to_string(i), "wrong wrong wrong");
      (code(result) == "auth.busy" ? busy : answered) += 1;
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(busy + answered, 12);
  EXPECT_GT(busy, 0);
  EXPECT_GE(answered, 4);
}

TEST_F(PeopleTest, APasswordIsChangedWithTheOldOneAndEndsOtherSessions) {
  invite("anna", Role::kReviewer);
  const std::string one = enrol("anna").opened.secret;
  const auto first = sign_in_->with_password(caller_, "anna", kGoodPassword);
  const auto two = sign_in_->second_factor(caller_, principal_of(*first), code_of(seed_));
  const Principal me = principal_of(*two);
  EXPECT_EQ(
      code(sign_in_->change_password(caller_, me, "wrong wrong wrong", "a new long password")),
      "auth.refused");
  EXPECT_EQ(code(sign_in_->change_password(caller_, me, kGoodPassword, "short")),
            "password.too_weak");
  ASSERT_TRUE(sign_in_->change_password(caller_, me, kGoodPassword, "a new long password"));
  EXPECT_FALSE(sign_in_->authenticate(one));
  EXPECT_TRUE(sign_in_->authenticate(two->secret));
  EXPECT_EQ(code(sign_in_->with_password(caller_, "anna", kGoodPassword)), "auth.refused");
  EXPECT_TRUE(sign_in_->with_password(caller_, "anna", "a new long password"));
}

TEST_F(PeopleTest, AProviderVouchesForASubjectAndANameIsBoundToItOnce) {
  ASSERT_TRUE(people_->invite(admin_, "anna", Role::kReviewer));
  EXPECT_EQ(code(sign_in_->with_provider("iss sub-2", "unknown", std::nullopt)), "auth.refused");
  const auto first = sign_in_->with_provider("iss sub-1", "anna", std::nullopt);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->session.stage, Stage::kEnrol) << "the second factor is ours";
  EXPECT_EQ(code(sign_in_->with_provider("iss sub-2", "anna", std::nullopt)), "auth.refused")
      << "the name alone opens nothing for another subject";
  EXPECT_TRUE(sign_in_->with_provider("iss sub-1", "renamed", std::nullopt));
  const auto made = sign_in_->with_provider("iss sub-3", "bert", Role::kReviewer);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->session.role, Role::kReviewer);
  ASSERT_TRUE(people_->disable(admin_, "anna"));
  EXPECT_EQ(code(sign_in_->with_provider("iss sub-1", "anna", Role::kReviewer)), "auth.refused");
}

TEST_F(PeopleTest, WhatIsStoredOpensNothing) {
  std::string invitation;
  invite("anna", Role::kReviewer, &invitation);
  const Enrolled enrolled = enrol("anna");
  std::string all;
  ASSERT_TRUE(database_->read([&](store::Transaction& transaction) -> Status {
    for (const char* sql : {"SELECT COALESCE(password, '') || COALESCE(second_factor, '') || "
                            "COALESCE(invitation, '') FROM person",
                            "SELECT hash FROM person_session",
                            "SELECT hash FROM person_recovery",
                            "SELECT action || object || purpose || result FROM audit"}) {
      TUTELA_TRY(transaction.query(sql, {}, [&](const store::Row& row) {
        all += row.text(0) + "\n";
        return ok();
      }));
    }
    return ok();
  }));
  std::vector<std::string> secrets = enrolled.recovery_codes;
  secrets.insert(secrets.end(),
                 {kGoodPassword,
                  seed_,
                  enrolled.opened.secret,
                  invitation,
                  "anna",
                  csrf_of(enrolled.opened.secret)});
  for (const std::string& secret : secrets) {
    EXPECT_EQ(all.find(secret), std::string::npos) << secret;
  }
  EXPECT_FALSE(is_session_secret(all.substr(0, 51)));
}

TEST_F(PeopleTest, ASeedOfAnotherPersonsRowIsNotTaken) {
  invite("anna", Role::kLead);
  enrol("anna");
  invite("mallory", Role::kReviewer);
  enrol("mallory");
  // Somebody who can write to the database, and wants to sign in as Anna with their own app.
  ASSERT_TRUE(database_->write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(
        transaction.execute("UPDATE person SET last_step = 0, second_factor = (SELECT "
                            "second_factor FROM person WHERE name = 'mallory') WHERE name = "
                            "'anna'",
                            {}));
    return ok();
  }));
  const auto first = sign_in_->with_password(caller_, "anna", kGoodPassword);
  EXPECT_EQ(code(sign_in_->second_factor(caller_, principal_of(*first), code_of(seed_))),
            "person.bad_seed");
}

}  // namespace
}  // namespace tutela::auth
