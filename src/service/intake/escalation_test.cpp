// Escalation: who is told that a promise is near its end, by mail through a real mail server, also
// where processes are killed, and where one of them fails.
#include <cstdlib>
#include <fstream>
#include <set>

#include <boost/json.hpp>

#include "service/auth/people.hpp"
#include "service/intake/desk_fixture.hpp"
#include "support/disabled_test.hpp"
#include "support/mail_server.hpp"

namespace tutela::intake_service {
namespace {

namespace json = boost::json;
using testing::MailServer;

constexpr std::int64_t kLongerThanALease = 120'000;

/// On duty for each queue: anna, with ben as her deputy.
struct Team {
  explicit Team(Place& place) : people(place.pipeline_->database(), place.clock_) {
    anna = add("anna", "anna@service.example");
    ben = add("ben", "ben@service.example");
    for (const char* const queue : {"imminent", "victim", "public"}) {
      EXPECT_TRUE(place.desk_->partners().set_duty(actor, queue, anna, ben));
    }
  }

  std::string add(const std::string& name, const std::string& email) {
    const auto made = people.invite(actor, name, auth::Role::kLead, email);
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    return made ? "person:" + to_string(made->person.id) : "";
  }

  const store::Actor actor{"default", "cli:tester", "operator"};
  auth::People people;
  std::string anna;
  std::string ben;
};

void use_server(Place& place, const std::string& url) {
  place.config_->smtp.server = url;
  place.config_->smtp.from = "tutela@service.example";
  place.config_->smtp.allow_plain = true;
  place.config_->people.public_url = "https://tutela.example.org";
}

std::size_t escalate(Place& place) {
  const auto escalated = place.desk_->escalate();
  EXPECT_TRUE(escalated) << (escalated ? "" : escalated.error().message);
  return escalated ? *escalated : 0;
}

std::size_t write_mails(Place& place) {
  const auto sent = place.desk_->write_to_duty();
  EXPECT_TRUE(sent) << (sent ? "" : sent.error().message);
  return sent ? *sent : 0;
}

json::array read(const std::filesystem::path& box) {
  const testing::Ran ran = testing::run_program(
      {"/usr/bin/python3", TUTELA_SOURCE_DIR "/tests/support/read_mail.py", box});
  EXPECT_EQ(ran.status, 0) << ran.output;
  return ran.status == 0 ? json::parse(ran.output).as_array() : json::array();
}

std::string text(const json::value& mail, const char* field) {
  return json::value_to<std::string>(mail.at(field));
}

class EscalationTest : public ::testing::Test {
 protected:
  const testing::TemporaryFolder folder_;
  Place place_{folder_.path()};
};

TEST_F(EscalationTest, TheDeputyIsToldAndThePersonOnDutyWarnedByMailWithIdsAlone) {
  if (const std::string missing = MailServer::missing(); !missing.empty()) {
    GTEST_SKIP() << "NOT TESTED against a mail server: " << missing;
  }
  const MailServer server;
  use_server(place_, server.url());
  const Team team(place_);
  auto notice = Place::about("user-secret", "https://example.org/secret");
  notice.body.text = "words that nobody else may read";
  const intake::Accepted told = place_.accept(notice);
  place_.clock_.advance(12 * kHour);
  EXPECT_EQ(escalate(place_), 1U);
  EXPECT_EQ(place_.get(told.id).escalated_to, team.ben);
  EXPECT_EQ(write_mails(place_), 0U) << "they wait for others";
  place_.clock_.advance(900'000);
  EXPECT_EQ(write_mails(place_), 2U);
  EXPECT_EQ(escalate(place_) + write_mails(place_), 0U) << "once";
  std::set<std::string> to;
  for (const json::value& mail : read(server.box(2))) {
    to.insert(text(mail, "to"));
    const std::string whole = text(mail, "subject") + text(mail, "text");
    EXPECT_NE(whole.find("https://tutela.example.org/notices/" + to_string(told.id)),
              std::string::npos)
        << whole;
    EXPECT_NE(whole.find("1 notice of the queue public"), std::string::npos) << whole;
    EXPECT_NE(whole.find(to_rfc3339(told.due_ms)), std::string::npos) << whole;
    for (const std::string& secret : {std::string("secret"), std::string("words"), told.number}) {
      EXPECT_EQ(whole.find(secret), std::string::npos) << secret;
    }
    EXPECT_EQ(whole.find("You are the deputy") != std::string::npos,
              text(mail, "to") == "ben@service.example");
  }
  EXPECT_EQ(to, (std::set<std::string>{"anna@service.example", "ben@service.example"}));
}

TEST_F(EscalationTest, AMailServerThatIsAwayStopsNothingAndIsAnAlarm) {
  use_server(place_, "smtp://127.0.0.1:1");
  const Team team(place_);
  const intake::Accepted told = place_.accept(Place::about("user-1"));
  place_.clock_.advance(12 * kHour);
  EXPECT_EQ(escalate(place_), 1U);
  EXPECT_EQ(place_.get(told.id).escalated_to, team.ben);
  EXPECT_EQ(place_.look().people_untold, 0);
  place_.clock_.advance(900'000);
  EXPECT_EQ(write_mails(place_), 0U);
  EXPECT_EQ(place_.look().people_untold, 2);
  const auto state = place_.look();
  ASSERT_FALSE(state.queues.empty());
  const auto open = place_.desk_->notices().whole("default", told.id);
  ASSERT_TRUE(open);
  ASSERT_TRUE(place_.desk_->notices().answer(
      team.actor, told.id, {open->of.version}, intake::Outcome::kNoViolation, ""));
  place_.clock_.advance(60'000);
  EXPECT_EQ(write_mails(place_), 0U);
  EXPECT_EQ(place_.look().people_untold, 0) << "nobody waits any more";
}

TEST_F(EscalationTest, WithoutAMailServerTheDeputyIsNamedAllTheSame) {
  const Team team(place_);
  const intake::Accepted told = place_.accept(Place::about("user-1"));
  place_.clock_.advance(12 * kHour);
  EXPECT_EQ(escalate(place_), 1U);
  EXPECT_EQ(place_.get(told.id).escalated_to, team.ben);
  EXPECT_EQ(place_.text("SELECT COUNT(*) FROM outbox WHERE topic = 'notice.due_soon'"), "0 ");
}

TEST_F(EscalationTest, ANoticeThatCannotBeReadIsAnAlarmAndKeepsNoOtherFromItsDeputy) {
  use_server(place_, "smtp://127.0.0.1:1");
  const Team team(place_);
  const intake::Accepted bad = place_.accept(Place::about("user-1"));
  place_.clock_.advance(1);
  const intake::Accepted good = place_.accept(Place::about("user-2"));
  const auto set_channel = [&](const std::string& word) {
    EXPECT_TRUE(place_.pipeline_->database().write([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY(transaction.execute("UPDATE notice SET channel = :word WHERE id = :id",
                                     {word, to_string(bad.id)}));
      return ok();
    }));
  };
  set_channel("pigeon");
  place_.clock_.advance(12 * kHour);
  EXPECT_EQ(escalate(place_), 1U);
  EXPECT_EQ(place_.get(good.id).escalated_to, team.ben);
  EXPECT_EQ(place_.look().people_untold, 1);
  EXPECT_EQ(escalate(place_), 0U);
  EXPECT_EQ(place_.look().people_untold, 1) << "as long as it cannot";
  set_channel("page");
  EXPECT_EQ(escalate(place_), 1U) << "and it is made up for";
  EXPECT_EQ(place_.look().people_untold, 0);
}

TEST(EscalationChild, DISABLED_Tells) {
  const char* const folder = std::getenv("TUTELA_TEST_FOLDER");
  ASSERT_NE(folder, nullptr);
  std::ifstream file(std::filesystem::path(folder) / "smtp");
  std::string url;
  ASSERT_TRUE(std::getline(file, url));
  Place place(folder);
  use_server(place, url);
  place.clock_.advance(12 * kHour);
  escalate(place);
  place.clock_.advance(900'000);
  write_mails(place);
}

class EscalationCrash : public ::testing::TestWithParam<const char*> {};

TEST_P(EscalationCrash, EveryMailIsSentAtLeastOnceWhereverTheProcessDied) {
  if (const std::string missing = MailServer::missing(); !missing.empty()) {
    GTEST_SKIP() << "NOT TESTED against a mail server: " << missing;
  }
  const MailServer server;
  std::vector<std::string> ids;  // of the folder at hand
  testing::kill_at_each_passing(
      "EscalationChild.DISABLED_Tells",
      GetParam(),
      [&](const std::filesystem::path& folder) {
        std::ofstream(folder / "smtp") << server.url() << "\n";
        Place place(folder);
        const Team team(place);
        ids.clear();
        for (int i = 0; i < 2; ++i) {
          ids.push_back(to_string(place.accept(Place::about("user-" + std::to_string(i))).id));
        }
      },
      [&](const std::filesystem::path& folder) {
        Place place(folder);
        use_server(place, server.url());
        place.clock_.advance(12 * kHour + 900'000 + kLongerThanALease);
        escalate(place);
        place.clock_.advance(900'000);
        write_mails(place);
        EXPECT_EQ(place.text("SELECT COUNT(*) FROM outbox WHERE topic = 'notice.due_soon'"), "0 ");
        EXPECT_EQ(place.text("SELECT COUNT(*) FROM notice_event WHERE kind = 'escalated'"), "2 ");
        std::map<std::string, std::set<std::string>> told;  // whom, of what
        std::map<std::string, int> sent;                    // by Message-ID
        for (const json::value& mail : read(server.settled_box())) {
          for (const std::string& id : ids) {
            if (text(mail, "text").find(id) != std::string::npos) {
              told[text(mail, "to")].insert(id);
              sent[text(mail, "message_id")] += id == ids.front() ? 1 : 0;
            }
          }
        }
        ASSERT_EQ(told.size(), 2U);
        for (const auto& [to, of] : told) {
          EXPECT_EQ(of.size(), 2U) << to;
        }
        // One was on its way when the process died; what tells the same twice has the same name.
        EXPECT_LE(sent.size(), 4U);
        int twice = 0;
        for (const auto& [id, times] : sent) {
          twice += std::max(times - 1, 0);
        }
        EXPECT_LE(twice, 1);
      });
}

INSTANTIATE_TEST_SUITE_P(Points,
                         EscalationCrash,
                         ::testing::Values("duty_mail.after_owed",
                                           "intake.after_escalate",
                                           "outbox.after_lease",
                                           "duty_mail.after_mail",
                                           "outbox.after_removal",
                                           "outbox.after_sent"));

}  // namespace
}  // namespace tutela::intake_service
