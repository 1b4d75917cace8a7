#include "service/duty_mail/duty_mail.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "casework/intake/intake_fixture.hpp"
#include "service/auth/people.hpp"
#include "support/mail_server.hpp"

namespace tutela::duty_mail {
namespace {

namespace json = boost::json;
using intake::kDay;
using intake::kHour;
using testing::MailServer;

const mail::Head kHead = {"tutela@service.example", "ben@example.org", "1@service.example", 0};

TEST(DutyMailWords, SayWhichQueueHowManyUntilWhenAndWhere) {
  Words words;
  words.as = As::kDeputy;
  words.queue = "victim";
  words.console_url = "https://tutela.example.org";
  words.now_ms = *parse_time("2026-11-23T12:00:00Z");
  const Uuid id = new_uuid(1);
  words.lines = {{id, "victim", words.now_ms + kHour},
                 {new_uuid(2), "public", words.now_ms + kDay}};
  const std::string text = message(kHead, words);
  EXPECT_NE(text.find("\r\nSubject: Tutela: 2 notices of the queue victim, to answer by "
                      "2026-11-23T13:00:00.000Z\r\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("You are the deputy of the queue victim."), std::string::npos);
  EXPECT_NE(text.find("\r\n2026-11-23T13:00:00.000Z  victim  https://tutela.example.org/notices/" +
                      to_string(id) + "\r\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("Z  public  https://"), std::string::npos);
  EXPECT_NE(text.find("The first promise breaks at 2026-11-23T13:00:00.000Z."), std::string::npos);
  EXPECT_NE(text.find("\r\nAuto-Submitted: auto-generated\r\n"), std::string::npos);
}

TEST(DutyMailWords, NameIdsAloneWithoutAnAddressOfTheConsoleAndTwentyAtMost) {
  Words words;
  words.queue = "flood";
  words.now_ms = 1000;
  for (int i = 0; i < 23; ++i) {
    words.lines.push_back({new_uuid(i), "flood", 1000 + i});
  }
  const std::string text = message(kHead, words);
  EXPECT_NE(text.find("You are on duty for the queue flood."), std::string::npos) << text;
  EXPECT_NE(text.find("  flood  " + to_string(words.lines[19].notice_id) + "\r\n"),
            std::string::npos);
  EXPECT_EQ(text.find(to_string(words.lines[20].notice_id)), std::string::npos);
  EXPECT_NE(text.find("\r\nAnd 3 more.\r\n"), std::string::npos);
  EXPECT_NE(text.find("23 notices of the queue flood, overdue since 1970-01-01"),
            std::string::npos);
  EXPECT_NE(text.find("was broken at"), std::string::npos);
  words.lines.resize(1);
  EXPECT_NE(message(kHead, words).find("Subject: Tutela: 1 notice of"), std::string::npos);
}

TEST(DutyMailTimes, GrowWithThePromiseAndHaveBounds) {
  EXPECT_EQ(gathering_ms(450'000, 0), 15'000) << "half of a quarter of an hour";
  EXPECT_EQ(gathering_ms(2 * kHour, 0), 240'000);
  EXPECT_EQ(gathering_ms(12 * kHour, 0), 900'000);
  EXPECT_EQ(gathering_ms(0, 5), 0);
  EXPECT_EQ(delay_after(1, false), 5'000);
  EXPECT_EQ(delay_after(2, false), 10'000);
  EXPECT_EQ(delay_after(4, false), 40'000);
  EXPECT_EQ(delay_after(5, false), 60'000);
  EXPECT_EQ(delay_after(1'000'000, false), 60'000);
  EXPECT_EQ(delay_after(1, true), 600'000);
}

class DutyMailTest : public ::testing::Test {
 protected:
  DutyMailTest() {
    config_->smtp.from = "tutela@service.example";
    config_->people.public_url = "https://tutela.example.org";
  }

  void use(const MailServer& server) {
    config_->smtp.server = server.tls_url();
    config_->smtp.ca_file = server.ca_file();
  }

  /// Their principal.
  std::string person(const std::string& name, const std::string& email) {
    const auto made = people_.invite(actor_, name, auth::Role::kLead, email);
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    return made ? "person:" + to_string(made->person.id) : "";
  }

  Uuid notice() {
    intake::NewNotice what;
    what.kind = intake::Kind::kOther;
    what.body.text = "words of a person";
    return world_.accept(what).id;
  }

  void owe(const Uuid& id, const std::string& person, As as = As::kDeputy) {
    const intake::Notice of = world_.get(id);
    const Status owed = world_.database_->write([&](store::Transaction& transaction) {
      return duty_mail::owe(transaction, of, person, as, world_.clock_.now_ms());
    });
    EXPECT_TRUE(owed) << owed.error().message;
  }

  std::size_t send() {
    const auto sent = sender_.send_due(stop_);
    EXPECT_TRUE(sent) << (sent ? "" : sent.error().message);
    return sent ? *sent : 0;
  }

  std::int64_t failing() {
    std::int64_t count = -1;
    EXPECT_TRUE(world_.database_->read([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY_ASSIGN(count, count_failing(transaction));
      return ok();
    }));
    return count;
  }

  static json::array read(const MailServer& server, std::size_t count) {
    const testing::Ran ran = testing::run_program(
        {"/usr/bin/python3", TUTELA_SOURCE_DIR "/tests/support/read_mail.py", server.box(count)});
    EXPECT_EQ(ran.status, 0) << ran.output;
    return ran.status == 0 ? json::parse(ran.output).as_array() : json::array();
  }

  static std::string text(const json::value& mail, const char* field) {
    return json::value_to<std::string>(mail.at(field));
  }

  testing::TemporaryFolder folder_;
  intake::World world_{folder_.path()};
  std::shared_ptr<config::Config> config_ = std::make_shared<config::Config>();
  const store::Actor actor_{"default", "cli:tester", "operator"};
  auth::People people_{*world_.database_, world_.clock_};
  std::atomic<bool> stop_ = false;
  Sender sender_{*world_.database_, world_.clock_, [this] {
                   return config_;
                 }};
};

class DutyMailByMtaTest : public DutyMailTest {
 protected:
  void SetUp() override {
    if (const std::string missing = MailServer::missing(); !missing.empty()) {
      GTEST_SKIP() << "NOT TESTED against a mail server: " << missing;
    }
  }
};

TEST_F(DutyMailByMtaTest, OneMailTellsOfAllThatIsOwedByThen) {
  const MailServer server;
  use(server);
  const std::string ben = person("ben", "ben@service.example");
  const std::string anna = person("anna", "anna@service.example");
  std::vector<Uuid> ids;
  for (int i = 0; i < 3; ++i) {
    ids.push_back(notice());
    owe(ids.back(), ben);
    world_.clock_.advance(1);
  }
  owe(ids[0], ben);  // escalated anew: said once
  owe(ids[0], anna, As::kOnDuty);
  EXPECT_EQ(send(), 0U) << "they wait for others";
  world_.clock_.advance(900'000);
  EXPECT_EQ(send(), 2U);
  EXPECT_EQ(send(), 0U) << "once";
  EXPECT_EQ(world_.count("outbox"), 0);
  const json::array mails = read(server, 2);
  ASSERT_EQ(mails.size(), 2U);
  for (const json::value& mail : mails) {
    const bool to_ben = text(mail, "to") == "ben@service.example";
    const std::string body = text(mail, "text");
    EXPECT_EQ(body.find("You are the deputy") != std::string::npos, to_ben) << body;
    EXPECT_EQ(
        text(mail, "subject").find("Tutela: " + std::string(to_ben ? "3 notices" : "1 notice")),
        0U);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      EXPECT_EQ(
          body.find("https://tutela.example.org/notices/" + to_string(ids[i])) != std::string::npos,
          to_ben || i == 0);
      EXPECT_EQ(body.find(world_.get(ids[i]).number), std::string::npos);
    }
    EXPECT_EQ(body.find("words of a person"), std::string::npos);
  }
}

TEST_F(DutyMailByMtaTest, WhatWasAnsweredMeanwhileIsToldToNobody) {
  const MailServer server;
  use(server);
  const std::string ben = person("ben", "ben@service.example");
  const Uuid answered = notice();
  owe(answered, ben);
  world_.clock_.advance(1);
  const Uuid open = notice();
  owe(open, ben);
  world_.answer(answered);
  world_.clock_.advance(900'000);
  EXPECT_EQ(send(), 1U);
  const json::array mails = read(server, 1);
  ASSERT_EQ(mails.size(), 1U);
  EXPECT_NE(text(mails[0], "text").find(to_string(open)), std::string::npos);
  EXPECT_EQ(text(mails[0], "text").find(to_string(answered)), std::string::npos);
  owe(open, ben);
  world_.answer(open);
  world_.clock_.advance(900'000);
  EXPECT_EQ(send(), 0U);
  EXPECT_EQ(world_.count("outbox"), 0);
  static_cast<void>(server.box(1));
}

TEST_F(DutyMailByMtaTest, ARefusedAddressHoldsUpNobodyAndIsTriedWithTheNextOne) {
  const MailServer server;
  use(server);
  const std::string bad = person("bad", "nobody@service.example");
  const std::string ben = person("ben", "ben@service.example");
  const Uuid id = notice();
  owe(id, bad);
  owe(id, ben);
  world_.clock_.advance(900'000);
  EXPECT_EQ(send(), 1U);
  EXPECT_EQ(failing(), 1);
  world_.clock_.advance(599'999);
  EXPECT_EQ(send(), 0U);
  ASSERT_TRUE(people_.set_email(actor_, "bad", "good@service.example"));
  world_.clock_.advance(1);
  EXPECT_EQ(send(), 1U);
  EXPECT_EQ(failing(), 0);
  EXPECT_EQ(text(read(server, 2)[1], "to"), "good@service.example");
}

TEST_F(DutyMailTest, AMailServerThatIsAwayIsAskedAgainUntilNobodyWaits) {
  config_->smtp.server = "smtp://127.0.0.1:1";
  config_->smtp.allow_plain = true;
  const Uuid id = notice();
  owe(id, person("ben", "ben@service.example"));
  world_.clock_.advance(900'000);
  for (const std::int64_t wait_ms : {5'000, 10'000, 20'000, 40'000, 60'000, 60'000}) {
    EXPECT_EQ(send(), 0U);
    EXPECT_EQ(failing(), 1);
    EXPECT_EQ(world_.count("outbox WHERE next_at_ms = " +
                           std::to_string(world_.clock_.now_ms() + wait_ms)),
              1);
    world_.clock_.advance(wait_ms);
  }
  world_.answer(id);
  EXPECT_EQ(send(), 0U);
  EXPECT_EQ(failing(), 0);
  EXPECT_EQ(world_.count("outbox"), 0);
}

TEST_F(DutyMailTest, NothingIsOwedToWhoeverHasNoAddress) {
  config_->smtp.server = "smtp://127.0.0.1:1";
  config_->smtp.allow_plain = true;
  const Uuid id = notice();
  const std::string ben = person("ben", "ben@service.example");
  owe(id, person("anna", ""));
  owe(id, "person:" + to_string(new_uuid(9)));
  EXPECT_EQ(world_.count("outbox"), 0);
  owe(id, ben);
  EXPECT_EQ(world_.count("outbox"), 1);
  ASSERT_TRUE(people_.disable(actor_, "ben"));
  world_.clock_.advance(900'000);
  EXPECT_EQ(send(), 0U);
  EXPECT_EQ(world_.count("outbox"), 0) << "whoever has left is written to no more";
}

TEST_F(DutyMailTest, WithoutAMailServerNothingStaysOwed) {
  owe(notice(), person("ben", "ben@service.example"));
  world_.clock_.advance(900'000);
  EXPECT_EQ(send(), 0U);
  EXPECT_EQ(world_.count("outbox"), 0);
}

TEST_F(DutyMailTest, ARowThatNobodyCanReadIsDroppedAndHoldsUpNoOther) {
  config_->smtp.server = "smtp://127.0.0.1:1";
  config_->smtp.allow_plain = true;
  ASSERT_TRUE(world_.database_->write([&](store::Transaction& transaction) -> Status {
    for (const char* const payload : {"", "[]", "{\"notice\":1,\"as\":\"deputy\"}", "{}"}) {
      TUTELA_TRY(
          store::add_outbox(transaction, actor_, 1, {std::string(kTopic), "no slash", 1, payload}));
    }
    return ok();
  }));
  EXPECT_EQ(send(), 0U);
  EXPECT_EQ(world_.count("outbox"), 0);
}

}  // namespace
}  // namespace tutela::duty_mail
