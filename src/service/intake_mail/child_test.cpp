#include "service/intake_mail/child.hpp"

#include <chrono>
#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "engine/sandbox/sandbox.hpp"
#include "support/folder.hpp"

namespace tutela::intake_mail {
namespace {

using mail_message::MailMessage;

class ChildTest : public ::testing::Test {
 protected:
  Result<MailMessage> read(const std::string& message,
                           const std::filesystem::path& program = kProgram,
                           int timeout_ms = 120'000) {
    std::ofstream(folder_.path() / "message", std::ios::binary) << message;
    const Fd fd(::open((folder_.path() / "message").c_str(), O_RDONLY | O_CLOEXEC));
    EXPECT_TRUE(fd.valid());
    return read_message(program, fd.get(), timeout_ms);
  }

  /// A program in the place of tutela-mail, in somebody else's hands.
  std::filesystem::path script(const std::string& text) {
    std::filesystem::path path = folder_.path() / "program";
    std::ofstream(path) << "#!/bin/sh\n" << text << "\n";
    std::filesystem::permissions(path, std::filesystem::perms(0755));
    return path;
  }

  std::string code_of(const Result<MailMessage>& result) {
    return result ? "read" : std::string(result.error().code);
  }

  static inline const std::filesystem::path kProgram = TUTELA_BINARY_DIR "/bin/tutela-mail";
  const testing::TemporaryFolder folder_;
};

TEST_F(ChildTest, ReadsAMessageLockedIn) {
  const Result<MailMessage> message = read(
      "From: A <a@example.org>\r\nSubject: =?koi8-r?B?8NLJ?=\r\nContent-Type: text/plain; "
      "charset=gb18030\r\n\r\n\xC4\xE3");
  ASSERT_TRUE(message) << message.error().message;
  EXPECT_EQ(message->address, "a@example.org");
  EXPECT_EQ(message->subject, "\xD0\x9F\xD1\x80\xD0\xB8");
  EXPECT_EQ(message->text, "\xE4\xBD\xA0");
}

TEST_F(ChildTest, CharsetsThatAreNotLoadedNeedNoFile) {
  const Result<MailMessage> message = read(
      "From: a@example.org\r\nSubject: =?iso-2022-cn-ext?Q?abc?= =?IBM500?Q?x?=\r\n"
      "Content-Type: text/plain; charset=IBM037\r\nDate: Mon, 23 Nov 2026 10:00:00 +0100 (X)"
      "\r\n\r\nabc");
  ASSERT_TRUE(message) << message.error().message;
  EXPECT_EQ(message->text, "abc");
}

TEST_F(ChildTest, SurvivesBombs) {
  std::string nested = "From: a@example.org\r\n";
  for (int i = 0; i < 20'000; ++i) {
    nested += "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n";
  }
  std::string forwarded = "From: a@example.org\r\n";
  for (int i = 0; i < 20'000; ++i) {
    forwarded += "Content-Type: message/rfc822\r\n\r\n";
  }
  std::string headers;
  for (int i = 0; i < 200'000; ++i) {
    headers += "X-" + std::to_string(i) + ": y\r\n";
  }
  std::string html = "Content-Type: text/html\r\n\r\n";
  for (int i = 0; i < 100'000; ++i) {
    html += "<table><tr><td>";
  }
  for (const std::string& bomb : {nested,
                                  forwarded,
                                  headers + "\r\n",
                                  html,
                                  std::string(1'000'000, '\0'),
                                  "Subject: " + std::string(5'000'000, '(') + "\r\n\r\n"}) {
    const auto begin = std::chrono::steady_clock::now();
    const std::string code = code_of(read(bomb));
    EXPECT_TRUE(code == "read" || code == "mail.not_read") << code;
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(180));
  }
}

TEST_F(ChildTest, TakesTheLargestMessageAndRefusesALargerOne) {
  if (sandbox::kSanitizerBuild) {
    GTEST_SKIP() << "sanitizers are too slow for it";
  }
  std::string large = "From: a@example.org\r\nContent-Type: application/octet-stream\r\n\r\n";
  large.resize(mail_message::kMessageBytesMax, 'x');
  const Result<MailMessage> message = read(large);
  ASSERT_TRUE(message) << message.error().message;
  ASSERT_EQ(message->files.size(), 1U);
  EXPECT_GT(message->files[0].size(), mail_message::kMessageBytesMax - 100);
  EXPECT_EQ(code_of(read(large + "x")), "mail.not_read");
}

TEST_F(ChildTest, BelievesNothingOfWhatItSays) {
  EXPECT_EQ(code_of(read("x", script("exit 0"))), "mail.not_read");
  EXPECT_EQ(code_of(read("x", script("exit 1"))), "mail.not_read");
  EXPECT_EQ(code_of(read("x", script("kill -9 $$"))), "mail.not_read");
  EXPECT_EQ(code_of(read("x", script("head -c 100000 /dev/zero"))), "mail.not_read");
  EXPECT_EQ(code_of(read("x", script("printf 'TMAIL1\\nz\\0\\0\\0\\0'"))), "mail.not_read");
  EXPECT_EQ(code_of(read("x", script("cat /dev/zero"))), "mail.not_read");
  EXPECT_EQ(code_of(read("x", script("exit 2"))), "mail.no_reader");
  EXPECT_EQ(code_of(read("x", folder_.path() / "absent")), "mail.no_reader");
}

TEST_F(ChildTest, GetsNothingOfTheServer) {
  ASSERT_EQ(::setenv("TUTELA_TEST_SECRET", "1", 1), 0);
  // Without the shell's own: the number of descriptors beside the three, and the environment.
  const std::string look =
      "[ -z \"$TUTELA_TEST_SECRET\" ] && [ \"$(ls /proc/self/fd | wc -l)\" -le 4 ] && exit 2";
  EXPECT_EQ(code_of(read("x", script(look))), "mail.no_reader");
  ::unsetenv("TUTELA_TEST_SECRET");
}

TEST_F(ChildTest, EndsOneThatHangs) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(code_of(read("x", script("exec sleep 100"), 300)), "mail.not_read");
  EXPECT_EQ(code_of(read("x", script("exec 1>&-; exec sleep 100"), 300)), "mail.not_read");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
}

}  // namespace
}  // namespace tutela::intake_mail
