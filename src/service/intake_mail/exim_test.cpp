// The mailbox behind a real mail server: exim4 delivers into the Maildir, and takes the answers.
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "crypto/base64.hpp"
#include "service/intake_mail/mailbox_fixture.hpp"
#include "service/mail/mail.hpp"
#include "support/mail_server.hpp"

namespace tutela::intake_mail {
namespace {

class EximTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string missing = testing::MailServer::missing();
    if (!missing.empty()) {
      GTEST_SKIP() << "NOT TESTED against a mail server: " << missing;
    }
    server_ = std::make_unique<testing::MailServer>(false);
    box_ = std::make_unique<Mailbox>(folder_.path());
    box_->config().smtp.server = server_->url();
    box_->config().smtp.allow_plain = true;
    box_->config().smtp.from = "report@example.com";
    box_->config().intake.maildir_keep = "cur";  // to look at flags
    box_->config().intake.public_url = "https://report.example.com";
  }

  void send(const std::string& message,
            const std::string& from = "some.one@example.org",
            bool null_sender = false) {
    mail::Options options;
    options.server = server_->url();
    options.from = from;
    options.to = "report@example.com";
    options.allow_plain = true;
    options.null_sender = null_sender;
    const mail::Answer answer = mail::send(options, message);
    EXPECT_EQ(answer.outcome, mail::Outcome::kDone) << answer.last_line;
    box_->config().intake.maildir = server_->maildir(1);
  }

  [[nodiscard]] static std::string file_text(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }

  /// The decoded body of the only message in an mbox.
  [[nodiscard]] static std::string body_of(const std::string& mbox) {
    std::string encoded = mbox.substr(mbox.find("\n\n") + 2);
    std::erase_if(encoded, [](char c) { return c == '\r' || c == '\n'; });
    const Result<Bytes> body = crypto::parse_base64(encoded);
    EXPECT_TRUE(body);
    return body ? std::string(as_text(*body)) : "";
  }

  [[nodiscard]] std::string only_name() const {
    const std::filesystem::path cur = box_->config().intake.maildir / "cur";
    std::string names;
    for (const auto& entry : std::filesystem::directory_iterator(cur)) {
      names += entry.path().filename().string();
    }
    return names;
  }

  const testing::TemporaryFolder folder_;
  std::unique_ptr<testing::MailServer> server_;
  std::unique_ptr<Mailbox> box_;
};

TEST_F(EximTest, WhoeverWroteGetsNumberAndPinOnceAndTheyOpenTheNotice) {
  send(
      mail_of("Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nContent-Type: text/plain; charset=utf-8\r\n"
              "Content-Language: de\r\n",
              "Sehen Sie sich das bitte an.\r\n"));
  EXPECT_EQ(box_->reader().look(), 1U);
  const intake::Whole whole = box_->only();
  EXPECT_EQ(whole.body.text,
            "Gr\xC3\xBC\xC3\x9F"
            "e\n\nSehen Sie sich das bitte an.");
  EXPECT_EQ(whole.of.language, "de");

  const std::string mbox = file_text(server_->box(1));
  EXPECT_NE(mbox.find("Auto-Submitted: auto-replied"), std::string::npos);
  EXPECT_NE(mbox.find("In-Reply-To: <1@example.org>"), std::string::npos);
  EXPECT_NE(mbox.find("To: <some.one@example.org>"), std::string::npos);
  EXPECT_NE(server_->log().find("<= <> "), std::string::npos) << "no bounce can come back";
  const std::string body = body_of(mbox);
  EXPECT_EQ(body.find("Sehen Sie sich"), std::string::npos) << "nothing of what was written";
  const std::string pin = body.substr(body.find("PIN:    ") + 8, 8);
  const Result<intake::Followed> followed = box_->notices().follow(whole.of.number, pin);
  ASSERT_TRUE(followed) << pin;
  EXPECT_EQ(followed->id, whole.of.id);
  EXPECT_TRUE(only_name().ends_with(":2,RS"));

  box_->restart();
  EXPECT_EQ(box_->reader().look(), 0U);
  EXPECT_TRUE(server_->box(1).has_filename());
}

TEST_F(EximTest, ABounceIsKeptAndNotAnswered) {
  send(mail_of("Subject: Undelivered\r\n", "It came back.\r\n"), "ignored@example.org", true);
  EXPECT_EQ(box_->reader().look(), 1U);
  box_->only();
  EXPECT_TRUE(only_name().ends_with(":2,S")) << only_name();
}

TEST_F(EximTest, AnAnswerOfOursThatComesBackStartsNoLoop) {
  box_->config().smtp.from = "desk@example.com";
  send("From: report@example.com\r\nMessage-ID: <1@example.com>\r\nSubject: x\r\n\r\nHello");
  EXPECT_EQ(box_->reader().look(), 1U);
  EXPECT_TRUE(only_name().ends_with(":2,RS"));
  static_cast<void>(server_->maildir(1));  // our answer went to the mailbox itself
  EXPECT_EQ(box_->reader().look(), 1U);
  EXPECT_EQ(box_->all().size(), 2U);
  EXPECT_EQ(box_->reader().look(), 0U);
}

TEST_F(EximTest, ARefusedAnswerIsNotTriedAgain) {
  send("From: nobody@example.org\r\nSubject: x\r\n\r\nHello");
  EXPECT_EQ(box_->reader().look(), 1U);
  EXPECT_TRUE(only_name().ends_with(":2,RS"));
  box_->only();
}

TEST_F(EximTest, AnAnswerWaitsForAServerThatTakesItLater) {
  send("From: later@example.org\r\nSubject: x\r\n\r\nHello");
  EXPECT_EQ(box_->reader().look(), 1U);
  EXPECT_TRUE(only_name().ends_with(":2,FS"));
  box_->clock().advance(61'000);
  box_->reader().look();
  EXPECT_TRUE(only_name().ends_with(":2,FS"));
  EXPECT_FALSE(box_->reader().failing()) << "the mailbox can be read";
  box_->only();
}

TEST_F(EximTest, AClockThatIsSetBackHoldsNoAnswer) {
  box_->config().smtp.server = "smtp://127.0.0.1:1";
  send(mail_of("Subject: x\r\n", "Hello"));
  EXPECT_EQ(box_->reader().look(), 1U);
  box_->config().smtp.server = server_->url();
  box_->reader().look();
  EXPECT_TRUE(only_name().ends_with(":2,FS")) << "for a minute";
  box_->clock().advance(-86'400'000);
  box_->reader().look();
  EXPECT_TRUE(only_name().ends_with(":2,RS")) << only_name();
}

TEST_F(EximTest, AnAnswerOwedByAProcessThatEndedHasAPinThatOpens) {
  box_->config().intake.maildir_keep = "remove";
  box_->config().smtp.server = "smtp://127.0.0.1:1";
  send(mail_of("Subject: x\r\n", "Hello"));
  EXPECT_EQ(box_->reader().look(), 1U);
  EXPECT_TRUE(only_name().ends_with(":2,FST"));
  box_->config().smtp.server = server_->url();
  box_->restart();
  EXPECT_EQ(box_->reader().look(), 1U);
  const std::string body = body_of(file_text(server_->box(1)));
  const std::string number = box_->only().of.number;
  EXPECT_NE(body.find(number), std::string::npos);
  const std::string pin = body.substr(body.find("PIN:    ") + 8, 8);
  EXPECT_TRUE(box_->notices().follow(number, pin)) << pin;
  EXPECT_EQ(only_name(), "") << "removed when it was answered";
}

TEST_F(EximTest, AnAnswerOwedByAProcessThatReadItOtherwiseHasAPinThatOpens) {
  box_->config().smtp.server = "smtp://127.0.0.1:1";
  send(mail_with_files({"aaaa", "bb"}));
  EXPECT_EQ(box_->reader().look(), 1U);
  box_->config().smtp.server = server_->url();
  box_->config().intake.files_max = 1;
  box_->restart();
  EXPECT_EQ(box_->reader().look(), 1U);
  EXPECT_TRUE(only_name().ends_with(":2,RS")) << only_name();
  const std::string body = body_of(file_text(server_->box(1)));
  const std::string number = box_->only().of.number;
  EXPECT_NE(body.find(number), std::string::npos);
  const std::string pin = body.substr(body.find("PIN:    ") + 8, 8);
  EXPECT_TRUE(box_->notices().follow(number, pin)) << pin;
}

TEST_F(EximTest, AnAnswerIsSentAlsoWhereSomebodyRemovedTheMessage) {
  box_->config().smtp.server = "smtp://127.0.0.1:1";
  send(mail_of("Subject: x\r\n", "Hello"));
  EXPECT_EQ(box_->reader().look(), 1U);
  std::filesystem::remove(box_->config().intake.maildir / "cur" / only_name());
  box_->config().smtp.server = server_->url();
  box_->clock().advance(61'000);
  box_->reader().look();
  EXPECT_NE(body_of(file_text(server_->box(1))).find(box_->only().of.number), std::string::npos);
}

TEST_F(EximTest, TakesAMailWithAnAttachmentAsItsFile) {
  send(mail_with_files({"attached"}));
  EXPECT_EQ(box_->reader().look(), 1U);
  EXPECT_EQ(box_->only().files.size(), 1U);
}

}  // namespace
}  // namespace tutela::intake_mail
