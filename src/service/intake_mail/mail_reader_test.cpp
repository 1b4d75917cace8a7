#include "service/intake_mail/mail_reader.hpp"

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "service/intake_mail/mailbox_fixture.hpp"

namespace tutela::intake_mail {
namespace {

using Names = std::vector<std::string>;

class MailReaderTest : public ::testing::Test {
 protected:
  const testing::TemporaryFolder folder_;
  Mailbox box_{folder_.path()};
};

TEST_F(MailReaderTest, AMailBecomesANotice) {
  box_.deliver("1.a.host", mail_of("Subject: About a post\r\n", "Please look at it.\r\n"));
  EXPECT_EQ(box_.reader().look(), 1U);
  EXPECT_FALSE(box_.reader().failing());
  const intake::Whole whole = box_.only();
  EXPECT_EQ(whole.body.text, "About a post\n\nPlease look at it.");
  EXPECT_EQ(whole.of.channel, intake::Channel::kMail);
  EXPECT_EQ(whole.of.queue, intake::Queue::kPublic);
  EXPECT_TRUE(whole.of.has_contact);
  EXPECT_TRUE(whole.files.empty());
  EXPECT_EQ(box_.names("new"), Names());
  EXPECT_EQ(box_.names("cur"), Names({"1.a.host:2,S"}));
  EXPECT_EQ(box_.woken(), 1);
  EXPECT_EQ(box_.reader().look(), 0U);
}

TEST_F(MailReaderTest, AttachmentsAreItsFiles) {
  box_.deliver("1.a.host", mail_with_files({"aaaa", "bb", "aaaa"}));
  EXPECT_EQ(box_.reader().look(), 1U);
  const intake::Whole whole = box_.only();
  EXPECT_EQ(whole.body.text, "Files\n\nPlease look.");
  EXPECT_EQ(whole.files.size(), 2U) << "the same file twice is one";
  EXPECT_EQ(box_.contents(), 2);
  EXPECT_FALSE(std::filesystem::exists("/tmp/tutela-escaped"))
      << "names of attachments name nothing here";
}

TEST_F(MailReaderTest, WhatHasNoPlaceComesWithTheWholeMessage) {
  std::string body = mail_with_files({"1", "22", "333", "4444", "55555", "666666"});
  box_.deliver("1.a.host", body);
  EXPECT_EQ(box_.reader().look(), 1U);
  const intake::Whole whole = box_.only();
  ASSERT_EQ(whole.files.size(), 5U);
  std::int64_t largest = 0;
  for (const Uuid& file : whole.files) {
    largest = std::max(largest, box_.size_of(file));
  }
  EXPECT_EQ(largest, static_cast<std::int64_t>(body.size()));
}

TEST_F(MailReaderTest, WhatCannotBeReadBecomesANoticeAllTheSame) {
  box_.use_program("/bin/false");
  const std::string message = mail_of("Subject: x\r\n", "y");
  box_.deliver("1.a.host", message);
  box_.deliver("2.a.host", std::string("\0\0\0", 3));
  EXPECT_EQ(box_.reader().look(), 2U);
  EXPECT_FALSE(box_.reader().failing());
  for (const intake::Notice& notice : box_.all()) {
    EXPECT_EQ(box_.whole(notice.id).files.size(), 1U);
    EXPECT_FALSE(notice.has_contact);
  }
  EXPECT_EQ(box_.contents(), 2);
  EXPECT_EQ(box_.names("cur"), Names({"1.a.host:2,S", "2.a.host:2,S"}));
}

TEST_F(MailReaderTest, SaysWhereTheProgramThatReadsIsNotThere) {
  box_.use_program(folder_.path() / "absent");
  box_.deliver("1.a.host", mail_of("Subject: x\r\n", "y"));
  EXPECT_EQ(box_.reader().look(), 1U);
  EXPECT_TRUE(box_.reader().failing());
  EXPECT_EQ(box_.only().files.size(), 1U);
  box_.reader().look();
  EXPECT_FALSE(box_.reader().failing());
}

TEST_F(MailReaderTest, WhatIsTooLargeForAFileStaysInTheMailbox) {
  box_.config().limits.size_bytes_max = 1000;
  box_.deliver("1.a.host", mail_with_files({std::string(5000, 'x')}));
  EXPECT_EQ(box_.reader().look(), 1U);
  const intake::Whole whole = box_.only();
  EXPECT_TRUE(whole.files.empty());
  EXPECT_NE(whole.body.text.find("1.a.host"), std::string::npos);
  EXPECT_EQ(box_.names("cur"), Names({"1.a.host:2,S"}));
}

TEST_F(MailReaderTest, WhatNoticesRefuseIsTakenAsAFileAlone) {
  box_.seal_with("no base64");
  box_.deliver("1.a.host", mail_of("Subject: x\r\n", "y"));
  EXPECT_EQ(box_.reader().look(), 1U);
  EXPECT_EQ(box_.only().files.size(), 1U);
}

TEST_F(MailReaderTest, AnEmptyFileIsAMessageToo) {
  box_.deliver("1.a.host", "");
  EXPECT_EQ(box_.reader().look(), 1U);
  EXPECT_FALSE(box_.only().body.text.empty());
}

TEST_F(MailReaderTest, TheSameMessageIsOneNoticeHoweverOftenItIsRead) {
  box_.deliver("1.a.host", mail_with_files({"aaaa"}));
  EXPECT_EQ(box_.reader().look(), 1U);
  std::filesystem::rename(box_.maildir() / "cur" / "1.a.host:2,S", box_.maildir() / "new/1.a.host");
  box_.restart();
  EXPECT_EQ(box_.reader().look(), 1U);
  box_.only();
  EXPECT_EQ(box_.contents(), 1);
  box_.deliver("2.a.host", mail_with_files({"aaaa"}));
  EXPECT_EQ(box_.reader().look(), 1U);
  EXPECT_EQ(box_.all().size(), 2U) << "who writes the same twice wrote twice";
}

TEST_F(MailReaderTest, ReadOtherwiseTheSecondTimeItIsStillOneNotice) {
  box_.deliver("1.a.host", mail_with_files({"aaaa", "bb"}));
  EXPECT_EQ(box_.reader().look(), 1U);
  std::filesystem::rename(box_.maildir() / "cur" / "1.a.host:2,S", box_.maildir() / "new/1.a.host");
  box_.use_program("/bin/false");
  EXPECT_EQ(box_.reader().look(), 1U);
  EXPECT_FALSE(box_.reader().failing());
  EXPECT_EQ(box_.only().files.size(), 2U);
  EXPECT_EQ(box_.names("cur"), Names({"1.a.host:2,S"}));
}

TEST_F(MailReaderTest, MassesOfOneSenderAreAFloodAndNothingIsDropped) {
  for (int i = 10; i < 25; ++i) {
    box_.deliver(std::to_string(i) + ".a.host", mail_of("Subject: x\r\n", std::to_string(i)));
  }
  EXPECT_EQ(box_.reader().look(), 15U);
  std::int64_t flood = 0;
  for (const intake::Notice& notice : box_.all()) {
    flood += notice.queue == intake::Queue::kFlood ? 1 : 0;
  }
  EXPECT_EQ(box_.all().size(), 15U);
  EXPECT_EQ(flood, 10) << "mail has no proof of work: half of per_source_hour";
}

TEST_F(MailReaderTest, SaysWhileTheMailboxCannotBeRead) {
  std::filesystem::rename(box_.maildir(), folder_.path() / "away");
  EXPECT_EQ(box_.reader().look(), 0U);
  EXPECT_TRUE(box_.reader().failing());
  std::filesystem::rename(folder_.path() / "away", box_.maildir());
  box_.deliver("1.a.host", mail_of("Subject: x\r\n", "y"));
  EXPECT_EQ(box_.reader().look(), 1U);
  EXPECT_FALSE(box_.reader().failing());
}

TEST_F(MailReaderTest, OneThatCannotBeTakenHoldsUpNoOther) {
  // Another message lies where this one would go.
  box_.deliver("1.a.host", mail_of("Subject: x\r\n", "y"));
  EXPECT_EQ(box_.reader().look(), 1U);
  box_.deliver("1.a.host", mail_of("Subject: other\r\n", "z"));
  box_.deliver("2.a.host", mail_of("Subject: x\r\n", "y"));
  EXPECT_EQ(box_.reader().look(), 1U);
  EXPECT_TRUE(box_.reader().failing());
  EXPECT_EQ(box_.all().size(), 3U);
  EXPECT_EQ(box_.names("new"), Names({"1.a.host"}));
}

TEST_F(MailReaderTest, OwesAnAnswerToPeopleAtMostFiveADay) {
  box_.config().smtp.server = "smtp://127.0.0.1:1";
  box_.config().smtp.allow_plain = true;
  box_.config().smtp.from = "report@example.com";
  for (int i = 1; i < 8; ++i) {
    box_.deliver(std::to_string(i) + ".a.host", mail_of("Subject: x\r\n", std::to_string(i)));
  }
  box_.deliver("8.a.host", "Auto-Submitted: auto-replied\r\n" + mail_of("Subject: x\r\n", "z"));
  box_.deliver("9.a.host", "From: REPORT@example.com\r\nSubject: x\r\n\r\nz");
  EXPECT_EQ(box_.reader().look(), 9U);
  EXPECT_FALSE(box_.reader().failing());
  EXPECT_EQ(box_.names("cur"),
            Names({"1.a.host:2,FS",
                   "2.a.host:2,FS",
                   "3.a.host:2,FS",
                   "4.a.host:2,FS",
                   "5.a.host:2,FS",
                   "6.a.host:2,S",
                   "7.a.host:2,S",
                   "8.a.host:2,S",
                   "9.a.host:2,S"}));
  box_.config().intake.mail_reply = false;
  box_.restart();
  box_.reader().look();
  EXPECT_EQ(box_.names("cur").front(), "1.a.host:2,S") << "who is owed nothing any more";
  EXPECT_EQ(box_.all().size(), 9U);
}

TEST_F(MailReaderTest, ReadsOnAThreadUntilItIsStopped) {
  box_.deliver("1.a.host", mail_of("Subject: x\r\n", "y"));
  box_.reader().start();
  for (int i = 0; i < 1200 && box_.names("cur").empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  const auto begin = std::chrono::steady_clock::now();
  box_.reader().request_stop();
  box_.restart();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  box_.only();
}

}  // namespace
}  // namespace tutela::intake_mail
