#include <memory>
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "service/authorities/letter_fixture.hpp"
#include "service/webhooks/webhooks.hpp"
#include "support/receiver.hpp"

namespace tutela::authorities {
namespace {

namespace json = boost::json;

using reports::Phase;
using ::tutela::testing::Receiver;
using ::tutela::testing::Request;

const std::string kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

std::unique_ptr<Channel> channel_to(const std::string& url, std::int64_t timeout_ms = 60'000) {
  auto channel = open_webhook({url, {kSecret}, true, timeout_ms});
  EXPECT_TRUE(channel) << (channel ? "" : channel.error().message);
  return channel ? *std::move(channel) : nullptr;
}

Took deliver(const std::string& url, std::int64_t timeout_ms = 60'000) {
  const testing::Given given = testing::given_report();
  return channel_to(url, timeout_ms)->take(given.task());
}

Took answered(std::string_view status, std::string_view headers, std::string_view body) {
  Receiver receiver(Receiver::answers(
      "HTTP/1.1 " + std::string(status) + "\r\n" + std::string(headers) +
      "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body)));
  return deliver(receiver.url());
}

TEST(AuthorityWebhook, SendsASignedReportWithItsPageAndItsOrigins) {
  Receiver receiver(Receiver::answers(
      "HTTP/1.1 200 OK\r\ncontent-length: 25\r\n\r\n{\"reference\": \"H-2026/7\"}"));
  const Took took = deliver(receiver.url());
  const auto requests = receiver.requests();
  ASSERT_EQ(requests.size(), 1U);
  const auto& headers = requests[0].headers;
  EXPECT_EQ(headers.at("webhook-id"), "report_0192f0aa-0000-7000-8000-000000000001_3");
  const Result<std::string> signature = webhooks::sign({kSecret},
                                                       headers.at("webhook-id"),
                                                       std::stoll(headers.at("webhook-timestamp")),
                                                       requests[0].body);
  ASSERT_TRUE(signature);
  EXPECT_EQ(headers.at("webhook-signature"), *signature);
  const json::value body = json::parse(requests[0].body);
  EXPECT_EQ(body.at("type"), "report");
  const json::value& data = body.at("data");
  EXPECT_EQ(data.at("environment"), "production");
  EXPECT_EQ(data.at("kind"), "report");
  EXPECT_EQ(data.at("report_id"), "0192f0aa-0000-7000-8000-000000000001");
  EXPECT_EQ(data.at_pointer("/document/report/incidentSummary/incidentType"), "Child Sex Tourism");
  EXPECT_EQ(data.at_pointer("/origins/0/source"), "exposure");
  EXPECT_NE(data.at("page").get_string().find("M\xC3\xBCller &amp; &lt;S\xC3\xB6hne&gt;"),
            json::string::npos);
  EXPECT_EQ(took.phase, Phase::kDone);
  EXPECT_EQ(took.authority_id, "H-2026/7");
}

TEST(AuthorityWebhook, KeepsTheReferenceAndTheAnswer) {
  const Took took = answered("202 Accepted", "", R"({"reference": "H-2026/7"})");
  EXPECT_EQ(took.phase, Phase::kDone);
  EXPECT_EQ(took.authority_id, "H-2026/7");
  EXPECT_EQ(took.raw, R"({"reference": "H-2026/7"})");
  EXPECT_EQ(took.http_status, 202);
  EXPECT_FALSE(took.simulated);
}

TEST(AuthorityWebhook, TakesNoReferenceThatIsNone) {
  for (const std::string_view body : {"",
                                      "ok",
                                      "[]",
                                      "{}",
                                      R"({"reference": 7})",
                                      R"({"reference": "a\u0000b"})",
                                      R"({"reference": "\u00e9"})"}) {
    const Took took = answered("200 OK", "", body);
    EXPECT_EQ(took.phase, Phase::kDone) << body;
    EXPECT_EQ(took.authority_id, "") << body;
    EXPECT_EQ(took.raw, body);
  }
  EXPECT_EQ(
      answered("200 OK", "", "{\"reference\": \"" + std::string(256, 'a') + "\"}").authority_id,
      "");
}

TEST(AuthorityWebhook, TellsRefusalFromTroubleFromDoubt) {
  EXPECT_EQ(answered("401 No", "", "").phase, Phase::kCredentials);
  EXPECT_EQ(answered("403 No", "", "").phase, Phase::kCredentials);
  EXPECT_EQ(answered("400 Bad", "", "").phase, Phase::kRejected);
  EXPECT_EQ(answered("410 Gone", "", "").phase, Phase::kRejected);
  EXPECT_EQ(answered("302 There", "location: /b\r\n", "").phase, Phase::kRejected);
  EXPECT_EQ(answered("429 Slow", "", "").phase, Phase::kTrouble);
  EXPECT_EQ(answered("503 Later", "", "").phase, Phase::kTrouble);
  EXPECT_EQ(answered("500 Broken", "", "").phase, Phase::kUnclear);
  Receiver silent([](const Request&, const Receiver::Peer& peer) { peer.pause(60'000); });
  EXPECT_EQ(deliver(silent.url(), 3'000).phase, Phase::kUnclear);
  Receiver gone([](const Request&, const Receiver::Peer& peer) { peer.reset(); });
  EXPECT_EQ(deliver(gone.url()).phase, Phase::kUnclear);
}

TEST(AuthorityWebhook, TheSameReportHasTheSameIdAndBodyAtEveryAttempt) {
  Receiver receiver(Receiver::answers(Receiver::response("500 Broken", "")));
  const std::unique_ptr<Channel> channel = channel_to(receiver.url());
  const testing::Given given = testing::given_report();
  channel->take(given.task());
  channel->take(given.task());
  const auto requests = receiver.requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].headers.at("webhook-id"), requests[1].headers.at("webhook-id"));
  EXPECT_EQ(requests[0].body, requests[1].body);
}

TEST(AuthorityWebhook, SaysLoudlyThatATestIsNone) {
  Receiver receiver(Receiver::answers(Receiver::response("204 No Content", "")));
  testing::Given given = testing::given_report();
  given.leased.of.environment = reports::Environment::kSimulated;
  EXPECT_EQ(channel_to(receiver.url())->take(given.task()).phase, Phase::kDone);
  const json::value body = json::parse(receiver.requests().at(0).body);
  EXPECT_EQ(body.at_pointer("/data/environment"), "simulated");
  EXPECT_NE(body.at_pointer("/data/page").get_string().find("TEST, NOT A REPORT"),
            json::string::npos);
}

TEST(AuthorityWebhook, StatusIsASignedPing) {
  Receiver good(Receiver::answers(Receiver::response("204 No Content", "")));
  EXPECT_TRUE(channel_to(good.url())->status().ok);
  EXPECT_EQ(json::parse(good.requests().at(0).body).at("type"), "ping");
  Receiver bad(Receiver::answers(Receiver::response("401 No", "")));
  EXPECT_FALSE(channel_to(bad.url())->status().ok);
}

TEST(AuthorityWebhook, RefusesOtherStepsAndOddSettings) {
  Receiver receiver(Receiver::answers(Receiver::response("200 OK", "")));
  testing::Given given = testing::given_report();
  given.next.step = reports::Step::kSubmit;
  EXPECT_EQ(channel_to(receiver.url())->take(given.task()).phase, Phase::kRejected);
  given.next.step = reports::Step::kDeliver;
  given.leased.document.body = "{";
  EXPECT_EQ(channel_to(receiver.url())->take(given.task()).phase, Phase::kRejected);
  EXPECT_EQ(receiver.connections(), 0);
  EXPECT_FALSE(open_webhook({"", {kSecret}, true, 5'000}));
  EXPECT_FALSE(open_webhook({"https://a.example/", {}, false, 5'000}));
  EXPECT_FALSE(open_webhook({"http://a.example/", {kSecret}, false, 5'000}));
}

}  // namespace
}  // namespace tutela::authorities
