// A process that dies while it reads mail: the next makes every message one notice with its files,
// never two, removes it then and not before, and nobody is answered twice. The test program starts
// itself again as the process that dies; the mail server, a real one, lives in the test.
#include <chrono>
#include <cstdlib>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/fault.hpp"
#include "crypto/digest.hpp"
#include "service/intake_mail/mailbox_fixture.hpp"
#include "support/driven.hpp"
#include "support/mail_server.hpp"

namespace tutela::intake_mail {
namespace {

constexpr int kMessages = 4;  // of people
constexpr int kFiles = 2;     // of each
constexpr int kSigned = 2;    // of programs, which get no answer; each is a file as a whole
constexpr int kAll = kMessages + kSigned;

void use_server(Mailbox& box, const std::string& url) {
  box.config().smtp.server = url;
  box.config().smtp.allow_plain = true;
  box.config().smtp.from = "desk@example.com";
}

std::string signed_mail(int number) {
  return "Auto-Submitted: auto-generated\r\n" +
         mail_of("Subject: " + std::to_string(number) +
                     "\r\nContent-Type: multipart/signed; boundary=b\r\n",
                 "--b\r\nContent-Type: text/plain\r\n\r\nterm-alpha\r\n--b\r\nContent-Type: "
                 "application/pgp-signature\r\n\r\n-----BEGIN\r\n--b--\r\n");
}

int drive(const std::filesystem::path& folder, const std::string& url, const std::string& keep) {
  Mailbox box(folder);
  use_server(box, url);
  box.config().intake.maildir_keep = keep;
  box.reader().look();
  return box.reader().failing() ? 3 : 0;
}

class IntakeMailCrashTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!fault::kCompiledIn) {
      GTEST_SKIP() << "fault points are not compiled in";
    }
    const std::string missing = testing::MailServer::missing();
    if (!missing.empty()) {
      GTEST_SKIP() << "NOT TESTED against a mail server: " << missing;
    }
    server_ = std::make_unique<testing::MailServer>(false);
    Mailbox box(folder_.path());
    for (int i = 0; i < kMessages; ++i) {
      const std::string n = std::to_string(i);
      box.deliver(n + ".a.host", mail_with_files({"first of " + n, "second of " + n}));
    }
    for (int i = kMessages; i < kAll; ++i) {
      box.deliver(std::to_string(i) + ".a.host", signed_mail(i));
    }
  }

  [[nodiscard]] std::vector<std::string> next_run() const {
    return {"--drive", folder_.path().string(), server_->url(), keep_};
  }

  /// How many mails the sender got: each has the number of its notice, which is in no other.
  [[nodiscard]] std::vector<std::string> answers() const {
    std::ifstream file(server_->settled_box());
    std::vector<std::string> numbers;
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("Subject: ")) {
        numbers.push_back(line);
      }
    }
    return numbers;
  }

  [[nodiscard]] static std::set<std::string> digests() {
    std::set<std::string> all;
    for (int i = 0; i < kMessages; ++i) {
      for (const char* const which : {"first of ", "second of "}) {
        all.insert(to_hex(crypto::sha256_of(as_bytes(which + std::to_string(i)))));
      }
    }
    for (int i = kMessages; i < kAll; ++i) {
      all.insert(to_hex(crypto::sha256_of(as_bytes(signed_mail(i)))));
    }
    return all;
  }

  void finish_and_expect_all() {
    // A later start takes up what another left behind, and one look more finds nothing.
    EXPECT_EQ(testing::run_driver("none", next_run()).status, 0);
    EXPECT_EQ(testing::run_driver("none", next_run()).status, 0);
    Mailbox box(folder_.path());
    EXPECT_EQ(box.names("new"), std::vector<std::string>());
    EXPECT_EQ(box.names("cur").size(), static_cast<std::size_t>(keep_ == "cur" ? kAll : 0));
    for (const std::string& name : box.names("cur")) {
      EXPECT_TRUE(name.ends_with(name < "4" ? ":2,RS" : ":2,S")) << name;
    }
    const std::vector<intake::Notice> notices = box.all();
    EXPECT_EQ(notices.size(), static_cast<std::size_t>(kAll));
    std::set<std::string> files;
    for (const intake::Notice& notice : notices) {
      for (const Uuid& file : box.whole(notice.id).files) {
        files.insert(box.sha256_of(file));
      }
    }
    EXPECT_EQ(files, digests());
    // What a killed one sealed without a row goes with the next round of owed items.
    EXPECT_GE(box.spooled(), digests().size()) << "every byte that was sent is there, sealed";
    EXPECT_EQ(box.contents(), static_cast<std::int64_t>(digests().size()));
    const std::vector<std::string> told = answers();
    EXPECT_EQ(std::set<std::string>(told.begin(), told.end()).size(), told.size());
    EXPECT_LE(told.size(), static_cast<std::size_t>(kMessages));
    EXPECT_GE(told.size() + killed_, static_cast<std::size_t>(kMessages)) << "only those in flight";
  }

  const testing::TemporaryFolder folder_;
  std::unique_ptr<testing::MailServer> server_;
  std::string keep_ = "remove";
  std::size_t killed_ = 0;
};

class IntakeMailKeptCrashTest : public IntakeMailCrashTest {};

TEST_P(IntakeMailKeptCrashTest, EveryMessageIsOneNoticeAndLiesInCur) {
  keep_ = "cur";
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(testing::run_driver(GetParam(), next_run()).killed) << "never came there";
    ++killed_;
  }
  finish_and_expect_all();
}

INSTANTIATE_TEST_SUITE_P(Points,
                         IntakeMailKeptCrashTest,
                         ::testing::Values("intake_mail.after_accept",
                                           "intake_mail.after_rename",
                                           "intake_mail.after_move",
                                           "intake_mail.after_send"));

TEST_P(IntakeMailCrashTest, EveryMessageIsOneNoticeWithItsFiles) {
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(testing::run_driver(GetParam(), next_run()).killed) << "never came there";
    ++killed_;
  }
  finish_and_expect_all();
}

INSTANTIATE_TEST_SUITE_P(Points,
                         IntakeMailCrashTest,
                         ::testing::Values("pipeline.after_spool",
                                           "pipeline.after_owed",
                                           "intake_mail.after_file",
                                           "intake_mail.after_accept",
                                           "intake_mail.after_rename",
                                           "intake_mail.after_move",
                                           "intake_mail.before_send",
                                           "intake_mail.after_send",
                                           "intake_mail.before_remove",
                                           "intake_mail.after_remove"));

TEST_F(IntakeMailCrashTest, APinThatNobodyWasToldIsAnotherWhereverItIsMade) {
  EXPECT_TRUE(testing::run_driver("intake_mail.after_accept", next_run()).killed);
  EXPECT_TRUE(testing::run_driver("intake.after_pin", next_run()).killed) << "never came there";
  finish_and_expect_all();
}

TEST_F(IntakeMailCrashTest, EveryMessageIsOneNoticeWhenKilledAtAnyTime) {
  const std::uint32_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 8; ++i) {
    std::vector<std::string> arguments = next_run();
    std::string program = "/proc/self/exe";
    std::vector<char*> argv = {program.data()};
    for (std::string& argument : arguments) {
      argv.push_back(argument.data());
    }
    argv.push_back(nullptr);
    pid_t pid = -1;
    ASSERT_EQ(::posix_spawn(&pid, program.c_str(), nullptr, nullptr, argv.data(), environ), 0);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 600'000));
    ::kill(pid, SIGKILL);
    int status = 0;
    EXPECT_EQ(::waitpid(pid, &status, 0), pid);
    killed_ += WIFSIGNALED(status) ? 1U : 0U;
  }
  finish_and_expect_all();
}

}  // namespace
}  // namespace tutela::intake_mail

int main(int argc, char** argv) {
  if (argc == 5 && std::string_view(argv[1]) == "--drive") {
    return tutela::intake_mail::drive(argv[2], argv[3], argv[4]);
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
