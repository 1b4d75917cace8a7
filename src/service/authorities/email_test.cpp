#include <algorithm>
#include <memory>
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "crypto/base64.hpp"
#include "service/authorities/letter_fixture.hpp"
#include "service/authorities/mail_text.hpp"
#include "support/mail_server.hpp"

namespace tutela::authorities {
namespace {

namespace json = boost::json;

using reports::Phase;
using ::tutela::testing::installed;
using ::tutela::testing::MailServer;
using ::tutela::testing::Ran;
using ::tutela::testing::run_program;
using ::tutela::testing::TemporaryFolder;

/// An authority's key pair in a key ring of its own, made by gpg.
class Authority {
 public:
  Authority() {
    const Ran made = run_program({"gpg",
                                  "--homedir",
                                  home(),
                                  "--batch",
                                  "--passphrase",
                                  "",
                                  "--quick-gen-key",
                                  "hotline@authority.example",
                                  "default",
                                  "default",
                                  "1y"});
    EXPECT_EQ(made.status, 0) << made.output;
    const Ran shown = run_program({"gpg", "--homedir", home(), "--batch", "--armor", "--export"},
                                  {.stdout_to = folder_.path() / "key.asc"});
    EXPECT_EQ(shown.status, 0) << shown.output;
    const Result<Bytes> key = read_file(folder_.path() / "key.asc", 64U << 10);
    EXPECT_TRUE(key);
    key_ = key ? std::string(as_text(*key)) : "";
  }

  ~Authority() { run_program({"gpgconf", "--homedir", home(), "--kill", "all"}); }

  [[nodiscard]] std::string home() const { return folder_.path(); }

  [[nodiscard]] const std::string& key() const noexcept { return key_; }

 private:
  TemporaryFolder folder_;
  std::string key_;
};

class EmailTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string missing = MailServer::missing(); !missing.empty()) {
      GTEST_SKIP() << "NOT TESTED against a mail server: " << missing;
    }
  }

  static const Authority& authority() {
    static const Authority one;
    return one;
  }

  static EmailOptions options(const MailServer& server, bool tls = true) {
    EmailOptions options;
    options.server = tls ? server.tls_url() : server.url();
    options.from = "safety@service.example";
    options.to = "hotline@authority.example";
    options.key = authority().key();
    options.ca_file = server.ca_file();
    options.timeout_ms = 60'000;
    return options;
  }

  static Took deliver(const EmailOptions& options) {
    const auto channel = open_email(options);
    EXPECT_TRUE(channel) << (channel ? "" : channel.error().message);
    return channel ? (*channel)->take(testing::given_report().task()) : Took{};
  }

  static json::value read(const MailServer& server, std::size_t count) {
    const Ran ran = run_program({"/usr/bin/python3",
                                 TUTELA_SOURCE_DIR "/tests/support/read_mail.py",
                                 server.box(count),
                                 authority().home()});
    EXPECT_EQ(ran.status, 0) << ran.output;
    return ran.status == 0 ? json::parse(ran.output) : json::value(json::array());
  }
};

TEST_F(EmailTest, GpgAndPythonReadWhatEximDelivered) {
  const MailServer server;
  const Took took = deliver(options(server));
  ASSERT_EQ(took.phase, Phase::kDone) << took.description << server.log();
  const std::string id = "<report_0192f0aa-0000-7000-8000-000000000001_3@service.example>";
  EXPECT_EQ(took.authority_id, id);
  EXPECT_TRUE(took.raw.starts_with("250 OK id=")) << took.raw;
  const json::value box = read(server, 1);
  ASSERT_EQ(box.get_array().size(), 1U);
  const json::value& mail = box.at(0);
  EXPECT_EQ(mail.at("message_id"), json::value(id));
  EXPECT_EQ(mail.at("subject"), "Encrypted report");
  EXPECT_EQ(mail.at("from"), "safety@service.example");
  EXPECT_LE(mail.at("lines_max").as_int64(), 200);
  EXPECT_EQ(mail.at_pointer("/document/document/report/incidentSummary/incidentType"),
            "Child Sex Tourism");
  EXPECT_EQ(mail.at_pointer("/document/origins/0/source"), "exposure");
  EXPECT_NE(mail.at("page").get_string().find("M\xC3\xBCller &amp; &lt;S\xC3\xB6hne&gt;"),
            json::string::npos);
}

TEST_F(EmailTest, StartTlsAndPasswordWork) {
  const MailServer server;
  EmailOptions with = options(server, false);
  with.to = "members@authority.example";
  EXPECT_EQ(deliver(with).phase, Phase::kRejected);
  with.username = "tutela";
  with.password = "wrong";
  EXPECT_EQ(deliver(with).phase, Phase::kCredentials);
  with.password = "right";
  EXPECT_EQ(deliver(with).phase, Phase::kDone) << server.log();
  EXPECT_EQ(read(server, 1).get_array().size(), 1U);
}

TEST_F(EmailTest, TheMessageIdIsTheSameAtEveryAttempt) {
  const MailServer server;
  EXPECT_EQ(deliver(options(server)).phase, Phase::kDone);
  EXPECT_EQ(deliver(options(server)).phase, Phase::kDone);
  const json::value box = read(server, 2);
  ASSERT_EQ(box.get_array().size(), 2U);
  EXPECT_EQ(box.at(0).at("message_id"), box.at(1).at("message_id"));
}

TEST_F(EmailTest, NothingIsSentWithoutTls) {
  const MailServer server(false);
  const Took took = deliver(options(server, false));
  EXPECT_EQ(took.phase, Phase::kTrouble);
  EXPECT_EQ(took.description, "the mail server offers no TLS");
  EmailOptions plain = options(server, false);
  plain.allow_plain = true;
  EXPECT_EQ(deliver(plain).phase, Phase::kDone);
  EXPECT_EQ(read(server, 1).get_array().size(), 1U);
}

TEST_F(EmailTest, NothingIsSentToAServerThatNobodyVouchesFor) {
  const MailServer server;
  EmailOptions with = options(server);
  with.ca_file = "";
  EXPECT_EQ(deliver(with).phase, Phase::kTrouble);
  EXPECT_EQ(deliver(with).description, "no trusted TLS connection to the mail server");
  static_cast<void>(server.box(0));
}

TEST_F(EmailTest, TellsRefusalFromTroubleAndDoubt) {
  const MailServer server;
  EmailOptions with = options(server);
  with.to = "nobody@authority.example";
  EXPECT_EQ(deliver(with).phase, Phase::kRejected);
  with.to = "full@authority.example";
  EXPECT_EQ(deliver(with).phase, Phase::kRejected);
  with.to = "later@authority.example";
  EXPECT_EQ(deliver(with).phase, Phase::kTrouble);
  with.server = "smtp://localhost:1";
  EXPECT_EQ(deliver(with).phase, Phase::kTrouble);
  static_cast<void>(server.box(0));
}

TEST_F(EmailTest, StatusSignsInAndSendsNothing) {
  const MailServer server;
  EmailOptions with = options(server);
  with.username = "tutela";
  with.password = "right";
  EXPECT_TRUE((*open_email(with))->status().ok) << server.log();
  with.password = "wrong";
  EXPECT_FALSE((*open_email(with))->status().ok);
  static_cast<void>(server.box(0));
}

TEST_F(EmailTest, RefusesOddSettings) {
  EmailOptions good;
  good.server = "smtps://mail.example.org";
  good.from = "a@b.example";
  good.to = "c@d.example";
  good.key = authority().key();
  EXPECT_TRUE(open_email(good));
  const auto refused = [&](const auto& change) {
    EmailOptions with = good;
    change(with);
    return !open_email(with).has_value();
  };
  for (const std::string server : {"",
                                   "mail.example.org",
                                   "https://a.example",
                                   "smtp://",
                                   "smtps://a/b",
                                   "smtps://u:p@a",
                                   "smtp://a?x=1",
                                   "smtp://a:0"}) {
    EXPECT_TRUE(refused([&](EmailOptions& with) { with.server = server; })) << server;
  }
  EXPECT_TRUE(refused([](EmailOptions& with) { with.key = ""; }));
  EXPECT_TRUE(refused([](EmailOptions& with) { with.key = "none"; }));
  EXPECT_TRUE(refused([](EmailOptions& with) { with.allow_plain = true; }));
  EXPECT_TRUE(refused([](EmailOptions& with) { with.to = "c@d.example\r\nBcc: e@f.example"; }));
  EXPECT_TRUE(refused([](EmailOptions& with) { with.from = "not an address"; }));
}

TEST(MailText, ArmorsAsTheStandardDoes) {
  // CRC-24/OPENPGP of "123456789" is 21CF02 in hexadecimal.
  const std::string text = armored(as_bytes("123456789"));
  EXPECT_EQ(text,
            "-----BEGIN PGP MESSAGE-----\r\n\r\nMTIzNDU2Nzg5\r\n=Ic8C\r\n-----END PGP "
            "MESSAGE-----\r\n");
}

}  // namespace
}  // namespace tutela::authorities
