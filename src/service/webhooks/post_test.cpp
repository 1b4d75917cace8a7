#include "service/webhooks/post.hpp"

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "support/receiver.hpp"

namespace tutela::webhooks {
namespace {

using testing::Receiver;
using testing::Request;

using Steady = std::chrono::steady_clock;

class PostTest : public ::testing::Test {
 protected:
  Answer post(const std::string& url, bool allow_private = true, std::int64_t timeout_ms = 60'000) {
    Options options;
    options.url = url;
    options.allow_private = allow_private;
    options.timeout_ms = timeout_ms;
    auto poster = Poster::open(options, stop_);
    EXPECT_TRUE(poster);
    return (*poster)->post({"webhook-id: msg_1"}, "{\"a\":1}");
  }

  std::string failure_of(Receiver::Behave behave, std::int64_t timeout_ms = 60'000) {
    Receiver receiver(std::move(behave));
    const Answer answer = post(receiver.url(), true, timeout_ms);
    EXPECT_FALSE(answer.stopped);
    return answer.failure;
  }

  static Receiver::Behave answers(std::string_view status, std::string_view headers = {}) {
    return Receiver::answers(Receiver::response(status, headers));
  }

  std::atomic<bool> stop_ = false;
};

TEST_F(PostTest, PostsTheBodyWithItsHeaders) {
  Receiver receiver(answers("204 No Content"));
  EXPECT_EQ(post(receiver.url()).failure, "");
  const auto requests = receiver.requests();
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].method, "POST");
  EXPECT_EQ(requests[0].target, "/hook?a=1");
  EXPECT_EQ(requests[0].headers.at("webhook-id"), "msg_1");
  EXPECT_EQ(requests[0].body, "{\"a\":1}");
}

TEST_F(PostTest, OnlyTwoHundredsAreDone) {
  EXPECT_EQ(failure_of(answers("200 OK")), "");
  EXPECT_EQ(failure_of(answers("299 Odd")), "");
  EXPECT_EQ(failure_of(answers("300 Choices")), "http_300");
  EXPECT_EQ(failure_of(answers("400 Bad")), "http_400");
  EXPECT_EQ(failure_of(answers("410 Gone")), "http_410");
  EXPECT_EQ(failure_of(answers("500 Broken")), "http_500");
  EXPECT_EQ(failure_of(answers("599 Odd")), "http_599");
  EXPECT_EQ(failure_of(answers("600 Odd")), "bad_answer");
  EXPECT_EQ(failure_of(answers("999 Odd")), "bad_answer");
}

TEST_F(PostTest, FollowsNoRedirect) {
  Receiver other(answers("200 OK"));
  for (const std::string status : {"301 Moved", "302 Found", "307 Temporary", "308 Permanent"}) {
    EXPECT_EQ(failure_of(answers(status, "location: " + other.url() + "\r\n")),
              "http_" + status.substr(0, 3));
  }
  EXPECT_EQ(other.connections(), 0);
}

TEST_F(PostTest, ReadsHowLongToWait) {
  Receiver seconds(answers("429 Slow", "retry-after: 120\r\n"));
  EXPECT_EQ(post(seconds.url()).retry_after_s, 120);
  for (const std::string odd : {"soon", "-5", "", "99999999999999999999999999"}) {
    Receiver receiver(answers("503 Later", "retry-after: " + odd + "\r\n"));
    const Answer answer = post(receiver.url());
    EXPECT_EQ(answer.failure, "http_503");
    EXPECT_TRUE(answer.retry_after_s <= 0 || odd.size() > 20) << odd;
  }
}

TEST_F(PostTest, ARefusedOrBrokenConnectionIsNoAnswer) {
  std::string url;
  {
    Receiver receiver(answers("200 OK"));
    url = receiver.url();
  }
  EXPECT_EQ(post(url).failure, "no_answer");
  EXPECT_EQ(post("http://no-such-name.invalid/").failure, "no_answer");
  EXPECT_EQ(failure_of([](const Request&, const Receiver::Peer& peer) { peer.reset(); }),
            "no_answer");
  EXPECT_EQ(failure_of([](const Request&, const Receiver::Peer&) {}), "no_answer");
  EXPECT_EQ(failure_of(Receiver::answers("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc")),
            "no_answer");
}

TEST_F(PostTest, ASlowAnswerEndsInTime) {
  const auto start = Steady::now();
  EXPECT_EQ(failure_of([](const Request&, const Receiver::Peer& peer) { peer.pause(60'000); }, 300),
            "timeout");
  EXPECT_EQ(failure_of(
                [](const Request&, const Receiver::Peer& peer) {
                  peer.send("HTTP/1.1 200 OK\r\nx: ");
                  while (peer.send("a") && peer.pause(20)) {
                  }
                },
                300),
            "timeout");
  EXPECT_EQ(failure_of(
                [](const Request&, const Receiver::Peer& peer) {
                  peer.send("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab");
                  peer.pause(60'000);
                },
                300),
            "timeout");
  EXPECT_LT(Steady::now() - start, std::chrono::seconds(20));
}

TEST_F(PostTest, AHugeOrEndlessAnswerIsCutOff) {
  const std::string line = "x: " + std::string(1000, 'a') + "\r\n";
  EXPECT_EQ(failure_of([&](const Request&, const Receiver::Peer& peer) {
              peer.send("HTTP/1.1 200 OK\r\n");
              while (peer.send(line)) {
              }
            }),
            "bad_answer");
  EXPECT_EQ(failure_of([&](const Request&, const Receiver::Peer& peer) {
              while (peer.send("HTTP/1.1 100 Continue\r\n\r\n")) {
              }
            }),
            "bad_answer");
  // Its status has come whole, and what follows it says nothing.
  for (const std::string status : {"200 OK", "500 Broken"}) {
    std::size_t sent = 0;
    EXPECT_EQ(failure_of([&](const Request&, const Receiver::Peer& peer) {
                peer.send("HTTP/1.1 " + status + "\r\nconnection: close\r\n\r\n");
                while (sent < (256U << 20) && peer.send(line)) {
                  sent += line.size();
                }
              }),
              status == "200 OK" ? "" : "http_500");
    EXPECT_LT(sent, 32U << 20);
  }
}

TEST_F(PostTest, AMalformedAnswerIsNoSuccess) {
  EXPECT_EQ(failure_of(Receiver::answers("200 OK\r\n\r\n")), "bad_answer");
  EXPECT_EQ(failure_of(Receiver::answers(std::string(300, '\0'))), "bad_answer");
  EXPECT_NE(failure_of(Receiver::answers("HTTP/9.9 200 OK\r\n\r\n")), "");
  EXPECT_NE(failure_of(Receiver::answers("HTTP/1.1 2x0 OK\r\n\r\n")), "");
  EXPECT_NE(failure_of(Receiver::answers("HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n")), "");
  EXPECT_NE(
      failure_of(Receiver::answers("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n")),
      "");
}

TEST_F(PostTest, DoesNotConnectToPrivateAddresses) {
  Receiver receiver(answers("200 OK"));
  const std::string port = receiver.url("https").substr(std::string("https://127.0.0.1").size());
  for (const std::string host : {"127.0.0.1",
                                 "localhost",
                                 "2130706433",
                                 "0x7f.1",
                                 "0.0.0.0",
                                 "[::1]",
                                 "[::ffff:127.0.0.1]",
                                 "10.0.0.1",
                                 "169.254.169.254",
                                 "192.168.1.1",
                                 "100.64.0.1",
                                 "[fd00::1]",
                                 "[fe80::1]"}) {
    EXPECT_EQ(post("https://" + host + port, false).failure, "refused_address") << host;
  }
  EXPECT_EQ(receiver.connections(), 0);
}

TEST_F(PostTest, WhatIsNoTlsIsNoSuccess) {
  Receiver receiver(answers("200 OK"));
  // The receiver takes the hello for the begin of a request and waits, or hangs up.
  const std::string failure = post(receiver.url("https"), true, 500).failure;
  EXPECT_TRUE(failure == "timeout" || failure == "tls") << failure;
}

TEST_F(PostTest, EndsSoonAfterItIsTold) {
  Receiver receiver([](const Request&, const Receiver::Peer& peer) { peer.pause(60'000); });
  const auto start = Steady::now();
  std::thread teller([&] {
    while (receiver.requests().empty()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    stop_ = true;
  });
  EXPECT_TRUE(post(receiver.url(), true, 60'000).stopped);
  EXPECT_LT(Steady::now() - start, std::chrono::seconds(30));
  teller.join();
}

}  // namespace
}  // namespace tutela::webhooks
