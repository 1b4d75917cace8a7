#include "service/mail/mail.hpp"

#include <chrono>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "service/mail/text.hpp"
#include "support/mail_server.hpp"
#include "support/receiver.hpp"

namespace tutela::mail {
namespace {

using ::tutela::testing::MailServer;
using ::tutela::testing::Ran;
using ::tutela::testing::Receiver;
using ::tutela::testing::run_program;

TEST(MailText, KnowsAddresses) {
  for (const std::string_view good : {"a@b", "first.last+tag@sub.example.org"}) {
    EXPECT_TRUE(is_address(good)) << good;
  }
  for (const std::string_view bad : {"",
                                     "a",
                                     "@b",
                                     "a@",
                                     "a@b@c",
                                     "a b@c",
                                     "<a@b>",
                                     "a@b,c@d",
                                     "a@b\n",
                                     "\"a\"@b",
                                     "\xC3\xA9@b"}) {
    EXPECT_FALSE(is_address(bad)) << bad;
  }
}

TEST(MailText, WritesDatesAsTheStandardDoes) {
  EXPECT_EQ(date(0), "Thu, 01 Jan 1970 00:00:00 +0000");
  EXPECT_EQ(date(1'795'365'241'999), "Sun, 22 Nov 2026 16:34:01 +0000");
  EXPECT_EQ(date(951'782'400'000), "Tue, 29 Feb 2000 00:00:00 +0000");
}

TEST(MailText, NothingEndsALineThatDidNotBefore) {
  const Head head = {"a@b", "c@d", "1@b", 0};
  const std::string text =
      plain_message(head, "one\r\nBcc: e@f", "two\rthree\xC3\xA9\n" + std::string(2000, 'x'));
  EXPECT_NE(text.find("\r\nSubject: one??Bcc: e@f\r\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\r\n\r\ntwo?three??\r\n"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with("\r\n"));
  std::size_t xs = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find("\r\n", at);
    ASSERT_NE(end, std::string::npos);
    EXPECT_LE(end - at, 900U);
    EXPECT_EQ(text.substr(at, end - at).find_first_of("\r\n"), std::string::npos);
    xs += text[at] == 'x' ? end - at : 0;
    at = end + 2;
  }
  EXPECT_EQ(xs, 2000U);
}

class MailTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string missing = MailServer::missing(); !missing.empty()) {
      GTEST_SKIP() << "NOT TESTED against a mail server: " << missing;
    }
  }

  static Options options(const MailServer& server) {
    Options options;
    options.server = server.tls_url();
    options.from = "tutela@service.example";
    options.to = "people@service.example";
    options.ca_file = server.ca_file();
    options.timeout_ms = 60'000;
    return options;
  }
};

TEST_F(MailTest, PythonReadsThePlainMailThatEximDelivered) {
  const MailServer server;
  const Head head = {"tutela@service.example", "people@service.example", "1@service.example", 0};
  const Answer answer =
      send(options(server), plain_message(head, "A subject", "First.\n.\nFrom here\n"));
  ASSERT_EQ(answer.outcome, Outcome::kDone) << answer.description << server.log();
  const Ran ran = run_program(
      {"/usr/bin/python3", TUTELA_SOURCE_DIR "/tests/support/read_mail.py", server.box(1)});
  ASSERT_EQ(ran.status, 0) << ran.output;
  // A mailbox marks lines that begin like the next message.
  for (const char* const part : {R"("subject": "A subject")",
                                 R"("from": "tutela@service.example")",
                                 R"("message_id": "<1@service.example>")",
                                 R"("text": "First.\n.\n>From here\n")"}) {
    EXPECT_NE(ran.output.find(part), std::string::npos) << part << ran.output;
  }
}

TEST_F(MailTest, TellsRefusalFromTrouble) {
  const MailServer server;
  Options with = options(server);
  with.to = "nobody@service.example";
  EXPECT_EQ(send(with, "Subject: x\r\n\r\n").outcome, Outcome::kRejected);
  with.to = "later@service.example";
  EXPECT_EQ(send(with, "Subject: x\r\n\r\n").outcome, Outcome::kTrouble);
  with.username = "tutela";
  with.password = "wrong";
  EXPECT_EQ(send(with, {}).outcome, Outcome::kCredentials);
  with.password = "right";
  EXPECT_EQ(send(with, {}).outcome, Outcome::kDone);
  static_cast<void>(server.box(0));
}

TEST(Mail, EndsSoonAfterItIsTold) {
  // Takes the connection and never greets.
  Receiver silent([](const auto&, const auto&) {});
  const std::string port = silent.url().substr(0, silent.url().rfind('/')).substr(17);
  Options with;
  with.server = "smtp://127.0.0.1:" + port;
  with.allow_plain = true;
  with.from = "a@b";
  with.to = "c@d";
  std::atomic<bool> stop = false;
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    stop = true;
  });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(send(with, "Subject: x\r\n\r\n", &stop).outcome, Outcome::kTrouble);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  later.join();
}

TEST(Mail, RefusesOddSettings) {
  const auto refused = [](std::string server, std::string to, std::int64_t timeout_ms) {
    Options with;
    with.server = std::move(server);
    with.from = "a@b";
    with.to = std::move(to);
    with.timeout_ms = timeout_ms;
    return !check(with).has_value();
  };
  EXPECT_FALSE(refused("smtps://mail.example.org", "c@d", 1000));
  EXPECT_FALSE(refused("smtp://mail.example.org:587", "c@d", 600'000));
  EXPECT_TRUE(refused("https://mail.example.org", "c@d", 1000));
  EXPECT_TRUE(refused("smtps://mail.example.org", "c@d\r\n", 1000));
  EXPECT_TRUE(refused("smtps://mail.example.org", "c@d", 999));
  EXPECT_TRUE(refused("smtps://mail.example.org", "c@d", 600'001));
}

}  // namespace
}  // namespace tutela::mail
