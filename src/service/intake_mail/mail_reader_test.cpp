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
  EXPECT_EQ(box_.names("cur"), Names()) << "nothing lies there in clear";
  EXPECT_EQ(box_.woken(), 1);
  EXPECT_EQ(box_.reader().look(), 0U);
}

TEST_F(MailReaderTest, KeepsItInCurWhereTheOperatorSaysSo) {
  box_.config().intake.maildir_keep = "cur";
  box_.deliver("1.a.host", mail_of("Subject: About a post\r\n", "Please look at it.\r\n"));
  EXPECT_EQ(box_.reader().look(), 1U);
  EXPECT_EQ(box_.names("new"), Names());
  EXPECT_EQ(box_.names("cur"), Names({"1.a.host:2,S"}));
  box_.config().intake.maildir_keep = "remove";
  EXPECT_EQ(box_.reader().look(), 0U);
  EXPECT_EQ(box_.names("cur"), Names({"1.a.host:2,S"})) << "what is kept is the operator's";
}

TEST_F(MailReaderTest, WhatTheNoticeDoesNotCarryIsAFileBeforeTheMessageIsRemoved) {
  const std::string message =
      mail_of("Subject: Signed\r\nContent-Type: multipart/signed; boundary=b\r\n",
              "--b\r\nContent-Type: text/plain\r\n\r\nterm-alpha\r\n--b\r\n"
              "Content-Type: application/pgp-signature\r\n\r\n-----BEGIN\r\n--b--\r\n");
  box_.deliver("1.a.host", message);
  EXPECT_EQ(box_.reader().look(), 1U);
  const intake::Whole whole = box_.only();
  ASSERT_EQ(whole.files.size(), 1U);
  EXPECT_EQ(box_.sha256_of(whole.files[0]), to_hex(crypto::sha256_of(as_bytes(message))));
  EXPECT_EQ(box_.names("cur"), Names());
}

TEST_F(MailReaderTest, RemovesWhatAnotherProcessWasAboutToRemove) {
  box_.deliver("1.a.host", mail_of("Subject: x\r\n", "y"));
  EXPECT_EQ(box_.reader().look(), 1U);
  box_.deliver("1.a.host", mail_of("Subject: x\r\n", "y"));
  std::filesystem::rename(box_.maildir() / "new/1.a.host", box_.maildir() / "cur/1.a.host:2,RST");
  EXPECT_EQ(box_.reader().look(), 1U);
  EXPECT_EQ(box_.names("cur"), Names());
  box_.only();
}

TEST_F(MailReaderTest, ReadsNothingOfAMailboxThatAnotherReads) {
  std::unique_ptr<MailReader> other = box_.another();
  EXPECT_EQ(other->look(), 0U);
  box_.deliver("1.a.host", mail_of("Subject: x\r\n", "y"));
  EXPECT_EQ(box_.reader().look(), 0U);
  EXPECT_FALSE(box_.reader().failing());
  EXPECT_EQ(box_.names("new"), Names({"1.a.host"}));
  other.reset();
  EXPECT_EQ(box_.reader().look(), 1U);
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
  EXPECT_EQ(box_.names("cur"), Names());
}

TEST_F(MailReaderTest, WaitsForTheProgramThatReadsAndNotForEver) {
  box_.use_program(folder_.path() / "absent");
  box_.deliver("1.a.host", mail_of("Subject: x\r\n", "y"));
  for (const std::int64_t pause : {10, 20, 40, 80, 160}) {
    EXPECT_EQ(box_.reader().look(), 0U);
    EXPECT_TRUE(box_.reader().failing());
    EXPECT_EQ(box_.names("new"), Names({"1.a.host"}));
    box_.clock().advance(pause * 1000);
  }
  EXPECT_EQ(box_.reader().look(), 1U);
  EXPECT_TRUE(box_.reader().failing());
  EXPECT_EQ(box_.only().files.size(), 1U);
  EXPECT_EQ(box_.names("cur"), Names({"1.a.host:2,S"})) << "nobody has read it";
  box_.reader().look();
  EXPECT_FALSE(box_.reader().failing());

  box_.deliver("2.a.host", mail_of("Subject: other\r\n", "y"));
  EXPECT_EQ(box_.reader().look(), 0U);
  box_.use_program(std::filesystem::path(TUTELA_BINARY_DIR) / "bin" / "tutela-mail");
  EXPECT_EQ(box_.reader().look(), 1U);
  EXPECT_TRUE(box_.all().front().has_contact) << "the newest";
  EXPECT_EQ(box_.names("cur"), Names({"1.a.host:2,S"}));
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
  EXPECT_FALSE(box_.only().of.has_contact) << "it was what was refused";
}

TEST_F(MailReaderTest, WhoWroteIsKeptSealedWhateverTheBodyIs) {
  // Words that no notice takes: it is about the whole message.
  box_.find_links_with([](std::string_view) { return std::vector<std::string>({" "}); });
  box_.deliver("1.a.host", mail_of("Subject: x\r\n", "y"));
  EXPECT_EQ(box_.reader().look(), 1U);
  const intake::Whole refused = box_.only();
  EXPECT_EQ(refused.files.size(), 1U);
  EXPECT_TRUE(refused.of.has_contact);
  // No subject, no text, no link.
  box_.find_links_with({});
  box_.deliver("2.a.host", mail_of("", ""));
  EXPECT_EQ(box_.reader().look(), 1U);
  // What is no address is a name.
  box_.deliver("3.a.host", "From: nobody-in-particular\r\nSubject: x\r\n\r\ny");
  EXPECT_EQ(box_.reader().look(), 1U);
  EXPECT_EQ(box_.all().size(), 3U);
  for (const intake::Notice& notice : box_.all()) {
    EXPECT_TRUE(notice.has_contact) << box_.whole(notice.id).body.text;
  }
}

TEST_F(MailReaderTest, WhoWroteIsInTheSealedFileWhereNothingCanBeSealedNow) {
  box_.fail_to_seal();
  box_.deliver("1.a.host", mail_with_files({"1", "22", "333", "4444", "55555"}));
  EXPECT_EQ(box_.reader().look(), 1U);
  const intake::Whole whole = box_.only();
  EXPECT_FALSE(whole.of.has_contact);
  EXPECT_EQ(whole.files.size(), 5U) << "four of them, and the whole message";
  EXPECT_EQ(box_.names("cur"), Names());
}

TEST_F(MailReaderTest, AnEmptyFileIsAMessageToo) {
  box_.deliver("1.a.host", "");
  EXPECT_EQ(box_.reader().look(), 1U);
  EXPECT_FALSE(box_.only().body.text.empty());
}

TEST_F(MailReaderTest, TheSameMessageIsOneNoticeHoweverOftenItIsRead) {
  box_.config().intake.maildir_keep = "cur";
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

TEST_F(MailReaderTest, ReadOtherwiseTheSecondTimeItIsStillOneNoticeAndTheMessageStays) {
  box_.deliver("1.a.host", mail_with_files({"aaaa", "bb"}));
  EXPECT_EQ(box_.reader().look(), 1U);
  box_.deliver("1.a.host", mail_with_files({"aaaa", "bb"}));
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
  box_.config().intake.maildir_keep = "cur";
  // Another message lies where this one would go.
  box_.deliver("1.a.host", mail_of("Subject: x\r\n", "y"));
  EXPECT_EQ(box_.reader().look(), 1U);
  box_.deliver("1.a.host", mail_of("Subject: other\r\n", "z"));
  box_.deliver("2.a.host", mail_of("Subject: x\r\n", "y"));
  EXPECT_EQ(box_.reader().look(), 1U);
  EXPECT_TRUE(box_.reader().failing());
  EXPECT_EQ(box_.all().size(), 3U);
  EXPECT_EQ(box_.names("new"), Names({"1.a.host"}));
  std::filesystem::remove(box_.maildir() / "cur" / "1.a.host:2,S");
  EXPECT_EQ(box_.reader().look(), 0U);
  EXPECT_TRUE(box_.reader().failing()) << "its time has not come, and it was not read";
  box_.clock().advance(10'000);
  EXPECT_EQ(box_.reader().look(), 1U);
  EXPECT_FALSE(box_.reader().failing());
}

TEST_F(MailReaderTest, AHundredThatAlwaysFailHoldUpNothingNewer) {
  box_.fail_files(true);
  for (int i = 100; i < 205; ++i) {
    box_.deliver(std::to_string(i) + ".a.host", mail_with_files({"bad" + std::to_string(i)}));
  }
  box_.deliver("300.a.host", mail_of("Subject: x\r\n", "y"));
  EXPECT_EQ(box_.reader().look(), 0U);
  EXPECT_EQ(box_.reader().look(), 1U);
  EXPECT_TRUE(box_.reader().failing());
  EXPECT_EQ(box_.names("new").size(), 105U) << "nothing is dropped";

  // Another process tries all of them once, and then the newer ones, too.
  box_.deliver("301.a.host", mail_of("Subject: x\r\n", "y"));
  box_.restart();
  EXPECT_EQ(box_.reader().look() + box_.reader().look(), 1U);

  box_.fail_files(false);
  EXPECT_EQ(box_.reader().look(), 0U) << "each waits for its own next try";
  EXPECT_TRUE(box_.reader().failing());
  box_.clock().advance(10'000);
  EXPECT_EQ(box_.reader().look(), 100U);
  EXPECT_TRUE(box_.reader().failing());
  EXPECT_EQ(box_.reader().look(), 5U);
  EXPECT_FALSE(box_.reader().failing());
  EXPECT_EQ(box_.all().size(), 107U);
  EXPECT_EQ(box_.names("new"), Names());
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
            Names({"1.a.host:2,FST",
                   "2.a.host:2,FST",
                   "3.a.host:2,FST",
                   "4.a.host:2,FST",
                   "5.a.host:2,FST"}))
      << "the others are done, and removed";
  box_.config().intake.mail_reply = false;
  EXPECT_EQ(box_.reader().look(), 0U);
  box_.restart();
  EXPECT_EQ(box_.reader().look(), 5U);
  EXPECT_EQ(box_.names("cur"), Names()) << "who is owed nothing any more";
  EXPECT_EQ(box_.all().size(), 9U);
}

/// What is owed an answer, and is read otherwise when another process takes it up.
class OwedTest : public MailReaderTest {
 protected:
  OwedTest() {
    box_.config().smtp.server = "smtp://127.0.0.1:1";
    box_.config().smtp.allow_plain = true;
    box_.config().smtp.from = "report@example.com";
    box_.deliver("1.a.host", mail_with_files({"aaaa", "bb"}));
    EXPECT_EQ(box_.reader().look(), 1U);
    EXPECT_EQ(box_.names("cur"), Names({"1.a.host:2,FST"}));
    number_ = box_.only().of.number;
  }

  void expect_still_owed() {
    EXPECT_EQ(box_.reader().look(), 1U);
    EXPECT_FALSE(box_.reader().failing());
    EXPECT_EQ(box_.names("cur"), Names({"1.a.host:2,FS"})) << "and it stays afterwards";
    const intake::Whole whole = box_.only();
    EXPECT_EQ(whole.of.number, number_);
    EXPECT_EQ(whole.files.size(), 2U);
    EXPECT_EQ(whole.events.back().kind, "pin_renewed") << "the answer that waits has a PIN";
  }

  std::string number_;
};

TEST_F(OwedTest, WithOtherLimits) {
  box_.config().intake.files_max = 1;
  box_.restart();
  expect_still_owed();
}

TEST_F(OwedTest, InAnotherCountry) {
  box_.config().intake.country = "DE";
  box_.restart();
  expect_still_owed();
}

TEST_F(OwedTest, WithWordsThatNoNoticeTakesNow) {
  box_.find_links_with([](std::string_view) { return std::vector<std::string>({" "}); });
  expect_still_owed();
}

TEST_F(OwedTest, WhereNothingCanBeSealedNow) {
  box_.fail_to_seal();
  box_.restart();
  expect_still_owed();
}

TEST_F(OwedTest, WaitsForTheProgramThatReadsHoweverLong) {
  box_.use_program(folder_.path() / "absent");
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(box_.reader().look(), 0U);
    EXPECT_TRUE(box_.reader().failing());
    box_.clock().advance(600'000);
  }
  EXPECT_EQ(box_.names("cur"), Names({"1.a.host:2,FST"}));
  box_.use_program(std::filesystem::path(TUTELA_BINARY_DIR) / "bin" / "tutela-mail");
  EXPECT_EQ(box_.reader().look(), 1U);
  EXPECT_EQ(box_.names("cur"), Names({"1.a.host:2,FST"})) << "read as it was the first time";
  EXPECT_EQ(box_.only().of.number, number_);
}

TEST_F(MailReaderTest, ReadsOnAThreadUntilItIsStopped) {
  box_.deliver("1.a.host", mail_of("Subject: x\r\n", "y"));
  box_.reader().start();
  for (int i = 0; i < 1200 && !box_.names("new").empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  box_.reader().request_stop();
  box_.restart();
  box_.only();
}

}  // namespace
}  // namespace tutela::intake_mail
