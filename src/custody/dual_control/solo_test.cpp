// The one-person server: safeguards.md 13.
#include <boost/json.hpp>

#include "custody/dual_control/dual_control.hpp"
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

Rules solo_rules() {
  Rules rules;
  rules.solo = true;
  rules.trustee = "\"trustee\"\n@example.org";  // whatever was configured, the message is JSON
  return rules;
}

class SoloTest : public ::testing::Test {
 protected:
  Uuid asked(const store::Actor& actor) {
    const Result<Request> request = control_.ask(actor, ask_);
    EXPECT_TRUE(request) << (request ? "" : request.error().message);
    return request->id;
  }

  std::string use(const store::Actor& actor, const Uuid& id) {
    return code_of(control_.use(actor, id, ask_.kind, ask_.object));
  }

  const store::Actor one_{"default", "person:one", "admin"};
  const store::Actor two_{"default", "person:two", "lead"};
  const store::Actor machine_{"default", "cli:root", "operator"};
  const Ask ask_{Kind::kOpenOriginal,
                 "evidence:" + to_string(new_uuid(kStart)),
                 "C-1",
                 "legal_request",
                 "the police asked"};
  testing::TemporaryFolder folder_;
  std::unique_ptr<store::Database> database_ = testing::open_database(folder_.path());
  ManualClock clock_{kStart};
  DualControl control_{*database_, clock_, solo_rules()};
};

TEST_F(SoloTest, WaitingStandsInForTheSecondPersonAndIsLoud) {
  const Uuid id = asked(one_);
  const Result<Request> waiting = control_.find("default", id);
  EXPECT_TRUE(waiting->solo);
  EXPECT_EQ(waiting->usable_from_ms, kStart + 24 * kHour);
  EXPECT_EQ(waiting->expires_ms, kStart + 28 * kHour);
  EXPECT_EQ(use(one_, id), "request.not_yet");
  clock_.advance(24 * kHour - 1);
  EXPECT_EQ(use(one_, id), "request.not_yet");
  clock_.advance(1);
  EXPECT_EQ(use(two_, id), "request.other_person");
  EXPECT_EQ(use(one_, id), "ok");
  EXPECT_EQ(use(one_, id), "request.used");
  EXPECT_EQ(entries(*database_),
            (Lines{"person:one request.ask request legal_request ok",
                   "person:one request.solo_wait request legal_request ok",
                   "person:one open_original evidence legal_request refused",
                   "person:one open_original evidence legal_request refused",
                   "person:two open_original evidence legal_request refused",
                   "person:one open_original_solo evidence legal_request ok",
                   "person:one open_original evidence legal_request ok",
                   "person:one open_original evidence legal_request refused"}));
}

TEST_F(SoloTest, TheTrusteeIsToldWhenItIsAskedForAndWhenItIsUsed) {
  const Uuid id = asked(one_);
  clock_.advance(24 * kHour);
  ASSERT_EQ(use(one_, id), "ok");
  const Lines payloads =
      texts(*database_, "SELECT payload FROM outbox WHERE topic = 'trustee.notice' ORDER BY id");
  ASSERT_EQ(payloads.size(), 2U);
  for (const std::size_t i : {0U, 1U}) {
    const boost::json::object notice = boost::json::parse(payloads[i]).as_object();
    EXPECT_EQ(notice.at("event"), i == 0 ? "asked" : "used");
    EXPECT_EQ(notice.at("trustee"), solo_rules().trustee.c_str());
    EXPECT_EQ(notice.at("request_id"), to_string(id).c_str());
    EXPECT_EQ(notice.at("object"), ask_.object.c_str());
    EXPECT_FALSE(notice.contains("reason"));
  }
  EXPECT_EQ(count(*database_, "outbox WHERE key = '" + to_string(id) + "'"), 2);
}

TEST_F(SoloTest, TheWaitIsOverForAsLongAsAnApprovalLasts) {
  const Uuid first = asked(one_);
  const Uuid second = asked(one_);
  clock_.advance(28 * kHour - 1);
  EXPECT_EQ(use(one_, first), "ok");
  clock_.advance(1);
  EXPECT_EQ(use(one_, second), "request.expired");
  EXPECT_EQ(count(*database_, "audit WHERE action = 'request.expire'"), 1);
}

TEST_F(SoloTest, NobodyApprovesTheirOwnAndASecondPersonStillCan) {
  const Uuid id = asked(one_);
  EXPECT_EQ(code_of(control_.approve(one_, id)), "request.own");
  const Result<Request> approved = control_.approve(two_, id);
  ASSERT_TRUE(approved) << approved.error().message;
  EXPECT_EQ(approved->usable_from_ms, kStart);
  EXPECT_EQ(use(one_, id), "ok");
  EXPECT_EQ(count(*database_, "audit WHERE action = 'open_original_solo'"), 0);
  EXPECT_EQ(count(*database_, "audit WHERE action = 'open_original' AND result = 'ok'"), 1);
  EXPECT_EQ(count(*database_, "outbox WHERE topic = 'trustee.notice'"), 2);
}

TEST_F(SoloTest, ARefusedRequestDoesNotComeBackByWaiting) {
  const Uuid id = asked(one_);
  ASSERT_TRUE(control_.refuse(two_, id));
  clock_.advance(25 * kHour);
  EXPECT_EQ(use(one_, id), "request.not_approved");
}

TEST_F(SoloTest, TheMachinesOperatorMayAskAndWaitButIsNobodysSecondPerson) {
  const Uuid of_machine = asked(machine_);
  const Uuid of_person = asked(one_);
  EXPECT_EQ(code_of(control_.approve(machine_, of_person)), "request.not_a_person");
  EXPECT_EQ(code_of(control_.approve(one_, of_machine)), "request.not_a_person");
  EXPECT_EQ(code_of(control_.approve(two_, of_machine)), "request.not_a_person");
  for (const std::string principal : {"token:t", "system"}) {
    EXPECT_EQ(code_of(control_.ask({"default", principal, "service"}, ask_)),
              "request.not_a_person");
  }
  clock_.advance(24 * kHour);
  EXPECT_EQ(use(machine_, of_machine), "ok");
  EXPECT_EQ(count(*database_, "audit WHERE action = 'open_original_solo'"), 1);
}

TEST_F(SoloTest, WithoutATrusteeNothingIsAskedFor) {
  Rules rules = solo_rules();
  rules.trustee.clear();
  DualControl control(*database_, clock_, rules);
  EXPECT_EQ(code_of(control.ask(one_, ask_)), "request.no_trustee");
  EXPECT_EQ(count(*database_, "audit"), 0);
}

TEST_F(SoloTest, NobodyConfiguresTheWaitAway) {
  Rules rules = solo_rules();
  rules.solo_wait_ms = 0;
  DualControl control(*database_, clock_, rules);
  const Result<Request> request = control.ask(one_, ask_);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->usable_from_ms, kStart + kHour);
  clock_.advance(kHour - 1);
  EXPECT_EQ(use(one_, request->id), "request.not_yet");
}

TEST_F(SoloTest, WaitingCountsOnlyWhereItWasAskedForAndUsedOnAOnePersonServer) {
  DualControl of_many(*database_, clock_, {});
  const Uuid asked_solo = asked(one_);
  const Uuid asked_of_many = of_many.ask(one_, ask_)->id;
  clock_.advance(24 * kHour);
  EXPECT_EQ(code_of(of_many.use(one_, asked_solo, ask_.kind, ask_.object)), "request.not_approved");
  EXPECT_EQ(use(one_, asked_of_many), "request.not_approved");
  EXPECT_EQ(use(one_, asked_solo), "ok");
}

TEST_F(SoloTest, ThePersonsClockDoesNotShortenTheWait) {
  const Uuid id = asked(one_);
  clock_.advance(24 * kHour);
  ASSERT_TRUE(control_.expire_due(0));  // the jump was seen
  clock_.advance(-24 * kHour);
  ASSERT_TRUE(control_.expire_due(0));
  EXPECT_EQ(use(one_, id), "request.not_yet");  // by the clock
  clock_.advance(-24 * kHour);
  EXPECT_EQ(use(one_, id), "request.not_yet");
}

}  // namespace
}  // namespace tutela::dual_control
