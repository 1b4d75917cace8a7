#include "service/watch/outlets.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <signal.h>

#include "service/watch/teller_fixture.hpp"
#include "support/mail_server.hpp"

namespace tutela::watch {
namespace {

namespace json = boost::json;

using testing::MailServer;

class OutletsTest : public TellerFixture {};

TEST_F(OutletsTest, SyslogThatNobodyReadIsToldOnceSomebodyDoes) {
  TellerOptions options = quick();
  options.syslog = true;
  options.syslog_socket = folder_.path() / "log";
  start(options);
  teller_->tell({change(1), change(2)});
  ASSERT_TRUE(soon([&] { return told("syslog").failure == "no_syslog"; }));
  EXPECT_EQ(told("syslog").waiting, 2);
  const SyslogSocket socket(options.syslog_socket);
  EXPECT_NE(socket.next().find("object=list-1"), std::string::npos);
  EXPECT_NE(socket.next().find("object=list-2"), std::string::npos);
  EXPECT_TRUE(soon([&] { return told("syslog").waiting == 0; }));
}

/// Debian's rsyslogd with a socket and a file of its own.
class Rsyslog {
 public:
  explicit Rsyslog(const std::filesystem::path& folder) : folder_(folder) {
    std::ofstream(folder / "conf")
        << "module(load=\"imuxsock\" SysSock.Use=\"off\")\n"
        << "input(type=\"imuxsock\" Socket=\"" << socket().native() << "\")\n"
        << "template(name=\"t\" type=\"string\" string=\"%syslogfacility-text%|"
        << "%syslogseverity-text%|%programname%|%msg%\\n\")\n"
        << "action(type=\"omfile\" file=\"" << file().native() << "\" template=\"t\")\n";
    std::string program = "/usr/sbin/rsyslogd";
    std::string conf = "-f" + (folder / "conf").native();
    std::string pid = "-i" + (folder / "pid").native();
    std::string stay = "-n";
    char* argv[] = {program.data(), stay.data(), conf.data(), pid.data(), nullptr};
    EXPECT_EQ(::posix_spawn(&pid_, program.c_str(), nullptr, nullptr, argv, environ), 0);
    EXPECT_TRUE(soon([&] { return std::filesystem::exists(socket()); }));
  }

  Rsyslog(const Rsyslog&) = delete;
  Rsyslog& operator=(const Rsyslog&) = delete;

  ~Rsyslog() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }

  [[nodiscard]] std::filesystem::path socket() const { return folder_ / "log"; }

  [[nodiscard]] std::filesystem::path file() const { return folder_ / "messages"; }

 private:
  const std::filesystem::path folder_;
  pid_t pid_ = -1;
};

TEST_F(OutletsTest, RsyslogReadsFacilityPriorityAndText) {
  if (!std::filesystem::exists("/usr/sbin/rsyslogd")) {
    GTEST_SKIP() << "NOT TESTED against a syslog: rsyslogd is not installed";
  }
  const Rsyslog rsyslog(folder_.path());
  TellerOptions options = quick();
  options.syslog = true;
  options.syslog_socket = rsyslog.socket();
  start(options);
  teller_->tell({change(1), change(2, What::kRaised, Level::kDegraded), change(3, What::kCleared)});
  std::string text;
  EXPECT_TRUE(soon([&] {
    std::stringstream all;
    all << std::ifstream(rsyslog.file()).rdbuf();
    text = all.str();
    return std::ranges::count(text, '\n') == 3;
  }));
  EXPECT_EQ(text,
            "daemon|crit|tutela| alarm raised code=list.empty object=list-1 level=blind "
            "state=blind: an active list has no signals\n"
            "daemon|warning|tutela| alarm raised code=list.empty object=list-2 level=degraded "
            "state=degraded: an active list has no signals\n"
            "daemon|notice|tutela| alarm cleared code=list.empty object=list-3 level=blind "
            "state=ok: an active list has no signals\n");
}

class MailOutletTest : public TellerFixture {
 protected:
  void SetUp() override {
    if (const std::string missing = MailServer::missing(); !missing.empty()) {
      GTEST_SKIP() << "NOT TESTED against a mail server: " << missing;
    }
  }

  static TellerOptions mail_through(const MailServer& server) {
    TellerOptions options = quick();
    options.mail.server = server.tls_url();
    options.mail.ca_file = server.ca_file();
    options.mail.from = "tutela@service.example";
    options.mail.timeout_ms = 60'000;
    options.mail_to = {"people@service.example"};
    options.mail_interval_ms = 2'000;
    return options;
  }

  static json::array read(const MailServer& server, std::size_t count) {
    const Ran ran = run_program(
        {"/usr/bin/python3", TUTELA_SOURCE_DIR "/tests/support/read_mail.py", server.box(count)});
    EXPECT_EQ(ran.status, 0) << ran.output;
    return ran.status == 0 ? json::parse(ran.output).get_array() : json::array();
  }
};

TEST_F(MailOutletTest, AStormIsOneMailAndThenAnotherThatSumsItUp) {
  const MailServer server;
  start(mail_through(server));
  const auto begin = steady_clock::now();
  teller_->tell({change(0)});
  ASSERT_TRUE(soon([&] { return told("email").last_success_ms == kAt; }));
  std::vector<Change> storm;
  for (std::int64_t i = 1; i <= 80; ++i) {
    storm.push_back(change(i, i % 2 == 0 ? What::kRaised : What::kCleared));
  }
  teller_->tell(storm);
  ASSERT_TRUE(soon([&] { return told("email").waiting == 0; }));
  EXPECT_GE(steady_clock::now() - begin, milliseconds(2'000));
  const json::array box = read(server, 2);
  ASSERT_EQ(box.size(), 2U);
  EXPECT_EQ(box[0].at("subject"), "Tutela blind: list.empty list-0 raised");
  EXPECT_EQ(box[1].at("subject"), "Tutela blind: list.empty list-2 raised (and 79 more)");
  EXPECT_NE(box[0].at("message_id"), box[1].at("message_id"));
  EXPECT_NE(box[1].at("text").get_string().find("And 30 more."), json::string::npos);
}

TEST_F(MailOutletTest, EveryAddressIsServedThoughOneIsRefused) {
  const MailServer server;
  TellerOptions options = mail_through(server);
  options.mail_to = {"nobody@service.example", "people@service.example", "later@service.example"};
  options.mail_interval_ms = 0;
  start(options);
  teller_->tell({change(1)});
  ASSERT_TRUE(soon([&] { return told("email").last_success_ms == kAt; }));
  EXPECT_TRUE(soon([&] { return told("email").last_failure_ms == kAt; }));
  EXPECT_EQ(told("email").waiting, 2);
  EXPECT_EQ(read(server, 1).at(0).at("to"), "people@service.example");
}

TEST_F(MailOutletTest, AServerThatWasDownIsSentWhatHappenedSince) {
  const MailServer server;
  TellerOptions options = mail_through(server);
  options.mail.server = "smtp://localhost:1";
  start(options);
  teller_->tell({change(1)});
  ASSERT_TRUE(soon([&] { return told("email").failure == "mail_trouble"; }));
  teller_->tell({change(1, What::kCleared)});
  options.mail.server = server.tls_url();
  ASSERT_TRUE(teller_->configure(options));
  ASSERT_TRUE(soon([&] { return told("email").waiting == 0; }));
  const json::array box = read(server, 1);
  ASSERT_EQ(box.size(), 1U);
  EXPECT_EQ(box[0].at("subject"), "Tutela ok: list.empty list-1 cleared");
}

TEST(MailWords, SayWhatHappenedWhatIsSafeAndWhatToDo) {
  Change made = change(3);
  made.alarm.times = 2;
  const MailWords words = mail_words({{1, made}}, 4, "tutela.example");
  EXPECT_EQ(words.subject, "Tutela blind: list.empty list-3 raised");
  EXPECT_EQ(words.body,
            "State of detection: blind\n"
            "Server: tutela.example\n"
            "As of: 2026-11-22T16:34:01.003Z\n"
            "\n"
            "raised: list.empty list-3\n"
            "  blind since 2026-11-22T16:34:01.000Z, raised 2 times within a day\n"
            "  What happened: an active list has no signals\n"
            "  What is safe: Other lists work. What matched this one before stays held until its "
            "rescan has judged it again.\n"
            "  What to do: Import its signals, or deactivate it if it is not needed any more.\n"
            "\n"
            "Before these 4 could not be sent.\n"
            "Everything at this moment: tutela status\n");
}

TEST(MailWords, TheWorstIsInTheSubject) {
  const MailWords words = mail_words({{1, change(1, What::kCleared)},
                                      {2, change(2, What::kRaised, Level::kDegraded)},
                                      {3, change(3, What::kChanged, Level::kBlind)},
                                      {4, change(4, What::kRaised, Level::kDegraded)}},
                                     0,
                                     "x");
  EXPECT_EQ(words.subject, "Tutela degraded: list.empty list-3 changed (and 3 more)");
  EXPECT_LT(words.body.find("changed: list.empty list-3"),
            words.body.find("raised: list.empty list-2"));
  EXPECT_LT(words.body.find("raised: list.empty list-4"),
            words.body.find("cleared: list.empty list-1"));
}

TEST(MailWords, WhatCameAndWentWithinOneMailIsSaidOnce) {
  const MailWords words = mail_words({{1, change(1)},
                                      {2, change(2, What::kRaised, Level::kDegraded)},
                                      {3, change(1, What::kCleared)}},
                                     0,
                                     "x");
  EXPECT_EQ(words.subject, "Tutela ok: list.empty list-2 raised (and 1 more)");
  EXPECT_EQ(words.body.find("raised: list.empty list-1"), std::string::npos) << words.body;
  EXPECT_NE(words.body.find("cleared: list.empty list-1\n  over since"), std::string::npos);
}

TEST(MailWords, WhatWaitsForPeopleIsNotCalledAStateOfDetection) {
  Change made = change(1, What::kRaised, Level::kDegraded);
  made.alarm.condition.code = "intake.imminent";
  made.alarm.condition.object = "";
  made.level = Level::kOk;
  EXPECT_EQ(mail_words({{1, made}}, 0, "x").subject, "Tutela: intake.imminent raised");
}

TEST(SyslogLine, HoldsOneLineOfAscii) {
  Change made = change(1);
  made.alarm.condition.why = "two\nlines\xC3\xA9";
  const std::string line = syslog_line(made, 7);
  EXPECT_TRUE(line.starts_with("<26>")) << line;
  EXPECT_NE(line.find(" tutela[7]: alarm raised "), std::string::npos) << line;
  EXPECT_TRUE(line.ends_with("two?lines??")) << line;
}

}  // namespace
}  // namespace tutela::watch
