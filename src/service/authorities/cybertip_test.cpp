// The channel against a small server of this machine, as good or as bad as each test wants it; and
// against the strict simulator where a whole report is filed (tests/reporting).
#include <cstdlib>
#include <thread>

#include <gtest/gtest.h>

#include "base/uuid.hpp"
#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "service/authorities/channel.hpp"
#include "support/receiver.hpp"

namespace tutela::authorities {
namespace {

using reports::Environment;
using reports::Phase;
using reports::Step;
using testing::Receiver;
using testing::Request;

std::string response(int code, std::string_view more = {}) {
  return "<reportResponse><responseCode>" + std::to_string(code) +
         "</responseCode><responseDescription>Words</responseDescription>" + std::string(more) +
         "</reportResponse>";
}

class OfBytes final : public Source {
 public:
  explicit OfBytes(Bytes bytes) : bytes_(std::move(bytes)) {}

  Result<std::size_t> read(std::span<std::byte> out) override {
    const std::size_t size = std::min(out.size(), bytes_.size() - at_);
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at_), size, out.begin());
    at_ += size;
    return size;
  }

 private:
  Bytes bytes_;
  std::size_t at_ = 0;
};

/// Has a length, and an end that never comes.
class Slow final : public Source {
 public:
  Result<std::size_t> read(std::span<std::byte> out) override {
    std::fill(out.begin(), out.end(), std::byte{1});
    return out.size();
  }
};

class CybertipTest : public ::testing::Test {
 protected:
  CybertipTest() {
    options_.username = "operator";
    options_.password = "a secret";
    options_.calls_per_minute = 100'000;
    options_.timeout_ms = 60'000;
    options_.connect_timeout_ms = 20'000;
    next_.authority_id = "42";
    next_.file = 0;
    next_.file_id = "f1";
    leased_.files.push_back({0, {}, {}, md5_of(content_), 5});
  }

  static std::string md5_of(std::string_view bytes) {
    return to_hex(crypto::digests_of(as_bytes(bytes)).md5);
  }

  static std::string base_of(const Receiver& receiver) {
    const std::string url = receiver.url();
    return url.substr(0, url.find("/hook")) + "/ispws";
  }

  Took take(Step step, const std::string& url) {
    options_.url = url;
    auto channel = open_cybertip(options_);
    EXPECT_TRUE(channel) << channel.error().message;
    next_.step = step;
    Task task{leased_, next_, checked_ ? &*checked_ : nullptr, {}, on_progress_};
    task.open_file = [this](std::int64_t file) -> Result<std::unique_ptr<Source>> {
      EXPECT_EQ(file, 0);
      if (!source_) {
        return Error{ErrorKind::kUnavailable, "vault.down", "no vault"};
      }
      return std::move(source_);
    };
    return (*channel)->take(task);
  }

  Took take(Step step, Receiver& receiver) { return take(step, base_of(receiver)); }

  Took upload(const std::string& url) {
    source_ =
        std::make_unique<OfBytes>(Bytes(as_bytes(content_).begin(), as_bytes(content_).end()));
    return take(Step::kUpload, url);
  }

  void check_document() {
    cybertip::Verdict verdict = cybertip::check(
        R"({"report":{"incidentSummary":{)"
        R"("incidentType":"Online Enticement of Children for Sexual Acts",)"
        R"("incidentDateTime":"2026-01-02T03:04:05Z"},)"
        R"("reporter":{"reportingPerson":{"email":[{"#text":"safety@example.org"}]}}},)"
        R"("files":[{"originalFileName":"holiday.jpg"}]})",
        1'800'000'000'000);
    ASSERT_TRUE(verdict.checked) << (verdict.problems.empty()
                                         ? std::string("no problem?")
                                         : verdict.problems[0].path + verdict.problems[0].message);
    checked_ = *std::move(verdict.checked);
  }

  const std::string content_ = "hello";
  CybertipOptions options_;
  reports::Leased leased_;
  reports::Next next_;
  std::optional<cybertip::Checked> checked_;
  std::unique_ptr<Source> source_;
  std::function<Status(std::int64_t)> on_progress_;
};

TEST_F(CybertipTest, SubmitsTheCheckedDocumentAsTheDocumentationSays) {
  ASSERT_NO_FATAL_FAILURE(check_document());
  Receiver receiver(Receiver::answers(Receiver::response(
      "200 OK", "Request-ID: r-77\r\n", response(0, "<reportId>4564654</reportId>"))));
  const Took took = take(Step::kSubmit, receiver);
  EXPECT_EQ(took.phase, Phase::kDone) << took.description;
  EXPECT_EQ(took.authority_id, "4564654");
  EXPECT_EQ(took.request_ref, "r-77");
  EXPECT_FALSE(took.simulated);
  ASSERT_EQ(receiver.requests().size(), 1U);
  const Request request = receiver.requests()[0];
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/ispws/submit");
  EXPECT_EQ(request.headers.at("content-type"), "text/xml; charset=utf-8");
  EXPECT_EQ(request.headers.at("authorization"),
            "Basic " + crypto::to_base64(as_bytes("operator:a secret")));
  EXPECT_EQ(request.headers.count("expect"), 0U);
  EXPECT_EQ(request.body, checked_->report_xml());
}

TEST_F(CybertipTest, SendsTheDetailsOfAFileWithBothIds) {
  ASSERT_NO_FATAL_FAILURE(check_document());
  Receiver receiver(Receiver::answers(Receiver::response("200 OK", "", response(0))));
  EXPECT_EQ(take(Step::kFileInfo, receiver).phase, Phase::kDone);
  EXPECT_EQ(receiver.requests()[0].target, "/ispws/fileinfo");
  EXPECT_EQ(receiver.requests()[0].body, checked_->file_xml(0, 42, "f1"));
}

TEST_F(CybertipTest, WithoutACheckedDocumentNothingIsSent) {
  Receiver receiver(Receiver::answers(Receiver::response("200 OK", "", response(0))));
  EXPECT_EQ(take(Step::kSubmit, receiver).phase, Phase::kRejected);
  EXPECT_EQ(take(Step::kFileInfo, receiver).phase, Phase::kRejected);
  EXPECT_EQ(take(Step::kDeliver, receiver).phase, Phase::kRejected);
  next_.authority_id = "42x";
  EXPECT_EQ(take(Step::kFinish, receiver).phase, Phase::kRejected);
  EXPECT_EQ(receiver.connections(), 0);
}

TEST_F(CybertipTest, UploadsAFileUnderANeutralName) {
  Receiver receiver(Receiver::answers(Receiver::response(
      "200 OK",
      "X-Tutela-Simulator: 1\r\n",
      response(
          0, "<reportId>42</reportId><fileId>f9</fileId><hash>" + md5_of(content_) + "</hash>"))));
  const Took took = upload(base_of(receiver));
  EXPECT_EQ(took.phase, Phase::kDone) << took.description;
  EXPECT_EQ(took.file_id, "f9");
  EXPECT_TRUE(took.simulated);
  const Request request = receiver.requests()[0];
  EXPECT_EQ(request.target, "/ispws/upload");
  EXPECT_TRUE(request.headers.at("content-type").starts_with("multipart/form-data; boundary="));
  EXPECT_NE(request.body.find("name=\"id\"\r\n\r\n42\r\n"), std::string::npos);
  EXPECT_NE(request.body.find("name=\"file\"; filename=\"file-0\"\r\n"), std::string::npos);
  EXPECT_NE(request.body.find("\r\n\r\nhello\r\n--"), std::string::npos);
}

TEST_F(CybertipTest, FinishAndRetractSendTheIdInAForm) {
  const std::string done =
      "<reportDoneResponse><responseCode>0</responseCode><reportId>42</reportId>"
      "<files><fileId>f9</fileId></files></reportDoneResponse>";
  Receiver finishing(Receiver::answers(Receiver::response("200 OK", "", done)));
  const Took finished = take(Step::kFinish, finishing);
  EXPECT_EQ(finished.phase, Phase::kDone);
  EXPECT_EQ(finished.raw, done);
  EXPECT_EQ(finished.file_ids, std::vector<std::string>{"f9"});
  EXPECT_EQ(finishing.requests()[0].target, "/ispws/finish");
  EXPECT_NE(finishing.requests()[0].body.find("name=\"id\"\r\n\r\n42\r\n"), std::string::npos);
  Receiver retracting(Receiver::answers(Receiver::response("400 Bad", "", response(5102))));
  const Took retracted = take(Step::kRetract, retracting);
  EXPECT_EQ(retracted.phase, Phase::kFinished);
  EXPECT_EQ(retracted.raw, response(5102));
  EXPECT_EQ(retracting.requests()[0].target, "/ispws/retract");
}

TEST_F(CybertipTest, OtherBytesAreNeverTakenForTheFile) {
  Receiver receiver(Receiver::answers(Receiver::response(
      "200 OK",
      "",
      response(0,
               "<reportId>42</reportId><fileId>f9</fileId><hash>" + md5_of("jello") + "</hash>"))));
  EXPECT_EQ(upload(base_of(receiver)).phase, Phase::kOtherBytes);
  // The vault gives other bytes than are on record: nothing is sent at all.
  leased_.files[0].md5 = md5_of("jello");
  EXPECT_EQ(upload(base_of(receiver)).phase, Phase::kOtherBytes);
  EXPECT_EQ(receiver.connections(), 1);
}

TEST_F(CybertipTest, AVaultThatIsDownIsTroubleBeforeAnythingWasSent) {
  Receiver receiver(Receiver::answers(Receiver::response("200 OK", "", response(0))));
  const Took took = take(Step::kUpload, receiver);
  EXPECT_EQ(took.phase, Phase::kTrouble);
  EXPECT_NE(took.description.find("vault.down"), std::string::npos);
  EXPECT_EQ(receiver.connections(), 0);
}

TEST_F(CybertipTest, NothingLeftWhereThereIsNoConnection) {
  std::string refused;
  {
    Receiver receiver(Receiver::answers(""));
    refused = base_of(receiver);
  }
  EXPECT_EQ(take(Step::kFinish, refused).phase, Phase::kTrouble);
  EXPECT_EQ(take(Step::kFinish, "https://nobody.invalid/ispws").phase, Phase::kTrouble);
  // What answers there speaks no TLS.
  Receiver plain(Receiver::answers(Receiver::response("200 OK", "", response(0))));
  const Took took = take(Step::kFinish, "https" + base_of(plain).substr(4));
  EXPECT_EQ(took.phase, Phase::kTrouble) << took.description;
  EXPECT_TRUE(plain.requests().empty());
  options_.ca_file = "/nonexistent/ca.pem";
  EXPECT_EQ(take(Step::kFinish, "https" + base_of(plain).substr(4)).phase, Phase::kTrouble);
}

TEST_F(CybertipTest, WhatMayHaveArrivedIsUnclear) {
  const std::vector<std::string> answers = {
      "",
      "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n<reportDone",
      "HTTP/1.1 200 OK\r\n",
      "no HTTP at all",
      Receiver::response("200 OK", "", "<html>welcome</html>"),
      Receiver::response("302 Found", "location: https://report.cybertip.org/\r\n"),
      Receiver::response("200 OK", "", std::string(cybertip::kAnswerBytesMax + 1, ' ')),
      "HTTP/1.1 200 OK\r\nx: " + std::string(90'000, 'y') + "\r\n\r\n",
      Receiver::response("503 Busy", "", "<html>busy</html>")};
  for (const std::string& answer : answers) {
    Receiver receiver(Receiver::answers(answer));
    EXPECT_EQ(take(Step::kFinish, receiver).phase, Phase::kUnclear) << answer.substr(0, 60);
    EXPECT_EQ(receiver.connections(), 1) << "a request is sent once";
  }
  options_.timeout_ms = 3'000;
  Receiver silent([](const Request&, const Receiver::Peer& peer) { peer.pause(60'000); });
  EXPECT_EQ(take(Step::kFinish, silent).phase, Phase::kUnclear);
  Receiver resetting([](const Request&, const Receiver::Peer& peer) { peer.reset(); });
  EXPECT_EQ(take(Step::kFinish, resetting).phase, Phase::kUnclear);
}

TEST_F(CybertipTest, AnAnswerThatDripsEndsInTime) {
  options_.timeout_ms = 2'000;
  Receiver dripping([](const Request&, const Receiver::Peer& peer) {
    peer.send("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n");
    while (peer.send(" ") && peer.pause(50)) {
    }
  });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(take(Step::kSubmit, dripping).phase, Phase::kRejected);  // no document
  EXPECT_EQ(take(Step::kFinish, dripping).phase, Phase::kUnclear);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(40));
}

TEST_F(CybertipTest, AnUploadThatNobodyTakesEnds) {
  options_.stall_ms = 2'000;
  // Listens, and never accepts: the kernel takes what fits its buffers.
  const int listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(::bind(listening, any, size), 0);
  ASSERT_EQ(::listen(listening, 4), 0);
  ASSERT_EQ(::getsockname(listening, any, &size), 0);
  leased_.files[0].size_bytes = 1LL << 40;
  source_ = std::make_unique<Slow>();
  const Took took =
      take(Step::kUpload, "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/ispws");
  EXPECT_EQ(took.phase, Phase::kUnclear);
  EXPECT_EQ(took.description, "the service stopped taking the file");
  ::close(listening);
}

TEST_F(CybertipTest, TellsOfProgressAndEndsWhenToldTo) {
  int told = 0;
  on_progress_ = [&](std::int64_t) -> Status {
    ++told;
    return Error{ErrorKind::kConflict, "report.lost_lease", "another has it"};
  };
  options_.timeout_ms = 3'000;
  Receiver silent([](const Request&, const Receiver::Peer& peer) { peer.pause(10'000); });
  const Took took = take(Step::kFinish, silent);
  EXPECT_EQ(told, 1);
  EXPECT_EQ(took.phase, Phase::kUnclear);
  EXPECT_NE(took.description.find("report.lost_lease"), std::string::npos);
}

TEST_F(CybertipTest, TheEnvironmentsProxiesAreNotAsked) {
  Receiver proxy(Receiver::answers(Receiver::response("200 OK", "", response(0))));
  const std::string url = proxy.url();
  ::setenv("http_proxy", url.c_str(), 1);
  ::setenv("ALL_PROXY", url.c_str(), 1);
  Receiver receiver(Receiver::answers(Receiver::response("200 OK", "", response(0))));
  EXPECT_EQ(take(Step::kRetract, receiver).phase, Phase::kDone);
  EXPECT_EQ(take(Step::kRetract, "http://localhost:1/ispws").phase, Phase::kTrouble);
  ::unsetenv("http_proxy");
  ::unsetenv("ALL_PROXY");
  EXPECT_EQ(proxy.connections(), 0);
}

TEST_F(CybertipTest, KeepsToTheRate) {
  options_.calls_per_minute = 1;
  int waited = 0;
  on_progress_ = [&](std::int64_t) -> Status {
    ++waited;
    return Error{ErrorKind::kUnavailable, "test.stop", "stop"};
  };
  Receiver receiver(Receiver::answers(Receiver::response("200 OK", "", response(0))));
  options_.url = base_of(receiver);
  auto channel = open_cybertip(options_);
  ASSERT_TRUE(channel);
  next_.step = Step::kRetract;
  const Task task{leased_, next_, nullptr, {}, on_progress_};
  EXPECT_EQ((*channel)->take(task).phase, Phase::kDone);
  EXPECT_EQ((*channel)->take(task).phase, Phase::kTrouble);
  EXPECT_EQ(waited, 1);
  EXPECT_EQ(receiver.connections(), 1);
}

TEST_F(CybertipTest, SaysWhetherTheServiceIsReached) {
  Receiver good(Receiver::answers(Receiver::response("200 OK", "", response(0))));
  options_.url = base_of(good);
  const Reached reached = (*open_cybertip(options_))->status();
  EXPECT_TRUE(reached.ok) << reached.message;
  EXPECT_EQ(good.requests()[0].method, "GET");
  EXPECT_EQ(good.requests()[0].target, "/ispws/status");
  Receiver bad(Receiver::answers(Receiver::response("401 No", "", "")));
  options_.url = base_of(bad);
  const Reached refused = (*open_cybertip(options_))->status();
  EXPECT_FALSE(refused.ok);
  EXPECT_NE(refused.message.find("cybertip.password"), std::string::npos);
  EXPECT_EQ(refused.message.find(options_.password), std::string::npos);
}

TEST(CybertipAddressTest, OnlyTheRealHostsAreRealAndOnlyOverTls) {
  EXPECT_EQ(*environment_of("https://report.cybertip.org/ispws"), Environment::kProduction);
  EXPECT_EQ(*environment_of("https://report.cybertip.org:443/ispws/"), Environment::kProduction);
  EXPECT_EQ(*environment_of("https://exttest.cybertip.org/ispws"), Environment::kTest);
  for (const std::string simulator : {"https://simulator.example.org/ispws",
                                      "https://report.cybertip.org.example.org/ispws",
                                      "https://notcybertip.org/ispws",
                                      "http://127.0.0.1:8080/ispws",
                                      "http://[::1]:8080/ispws",
                                      "http://localhost/ispws",
                                      "https://10.1.2.3:8443"}) {
    ASSERT_TRUE(environment_of(simulator)) << simulator;
    EXPECT_EQ(*environment_of(simulator), Environment::kSimulated) << simulator;
  }
  for (const std::string bad : {"",
                                "report.cybertip.org",
                                "http://report.cybertip.org/ispws",
                                "http://exttest.cybertip.org/ispws",
                                "http://simulator.example.org/ispws",
                                "http://127.0.0.1.example.org/",
                                "http://localhost.example.org/",
                                "https://REPORT.cybertip.org/ispws",
                                "https://report.cybertip.org./ispws",
                                "https://www.cybertip.org/ispws",
                                "https://cybertip.org/ispws",
                                "https://user@report.cybertip.org/ispws",
                                "https://report.cybertip.org@example.org/ispws",
                                "https://report.cybertip.org\\@example.org/ispws",
                                "https://report.cybertip.org/ispws?a=1",
                                "https://report.cybertip.org/ispws#a",
                                "https://report.cybertip.org/a/../b",
                                "https://report.cybertip.org:0/ispws",
                                "https://report.cybertip.org:99999/ispws",
                                "https://report.cybertip.org:/ispws",
                                "https:///ispws",
                                "https://[::1/ispws",
                                "https://a b/",
                                "ftp://report.cybertip.org/ispws"}) {
    const auto environment = environment_of(bad);
    ASSERT_FALSE(environment) << bad;
    EXPECT_EQ(environment.error().code, "config.bad_cybertip_url") << bad;
  }
}

TEST_F(CybertipTest, IsNotOpenedWithoutCredentials) {
  options_.url = "https://exttest.cybertip.org/ispws";
  EXPECT_TRUE(open_cybertip(options_));
  for (const auto& [username, password] : std::vector<std::pair<std::string, std::string>>{
           {"", "p"}, {"u", ""}, {"u:v", "p"}, {"u\n", "p"}, {"u", "p\r\nHost: x"}}) {
    options_.username = username;
    options_.password = password;
    EXPECT_FALSE(open_cybertip(options_));
  }
}

}  // namespace
}  // namespace tutela::authorities
