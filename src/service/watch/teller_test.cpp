#include "service/watch/teller.hpp"

#include <algorithm>
#include <thread>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "service/watch/teller_fixture.hpp"

namespace tutela::watch {
namespace {

namespace json = boost::json;

using testing::Request;

class TellerTest : public TellerFixture {};

std::vector<std::string> objects_of(const std::vector<Request>& requests) {
  std::vector<std::string> found;
  for (const Request& each : requests) {
    found.emplace_back(json::parse(each.body).at_pointer("/data/object").get_string());
  }
  return found;
}

TEST_F(TellerTest, APythonReceiverOfStandardWebhooksReadsAnAlarm) {
  Receiver receiver(Receiver::answers(Receiver::response("204 No Content")));
  start(webhook_to(receiver));
  Change made = change(7, What::kChanged, Level::kDegraded);
  made.level = Level::kBlind;
  teller_->tell({made});
  ASSERT_TRUE(soon([&] { return told("webhook").last_success_ms == kAt; }));
  ASSERT_EQ(receiver.requests().size(), 1U);
  const Request request = receiver.requests()[0];
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.headers.at("content-type"), "application/json");
  const json::value wanted = {{"type", "alarm.changed"},
                              {"timestamp", "2026-11-22T16:34:01.007Z"},
                              {"data",
                               {{"code", "list.empty"},
                                {"object", "list-7"},
                                {"level", "degraded"},
                                {"what", "changed"},
                                {"why", "an active list has no signals"},
                                {"since", "2026-11-22T16:34:01.000Z"},
                                {"state", "blind"}}}};
  EXPECT_EQ(json::parse(request.body), wanted) << request.body;
  const Ran python =
      run_program({"/usr/bin/python3",
                   "-c",
                   "import sys, hmac, hashlib, base64\n"
                   "secret, id, at, body = sys.argv[1:]\n"
                   "key = base64.b64decode(secret.removeprefix('whsec_'))\n"
                   "mac = hmac.new(key, f'{id}.{at}.{body}'.encode(), hashlib.sha256).digest()\n"
                   "print('v1,' + base64.b64encode(mac).decode(), end='')\n",
                   kSecret,
                   request.headers.at("webhook-id"),
                   request.headers.at("webhook-timestamp"),
                   request.body});
  EXPECT_EQ(request.headers.at("webhook-signature"), python.output);
  EXPECT_EQ(request.headers.at("webhook-timestamp"), std::to_string(kAt / 1000));
}

TEST_F(TellerTest, AReceiverThatWasDownIsToldLaterInOrderUnderTheSameIds) {
  std::atomic<bool> up = false;
  Receiver receiver([&](const Request&, const Receiver::Peer& peer) {
    if (up) {
      peer.send(Receiver::response("200 OK"));
    } else {
      peer.reset();
    }
  });
  start(webhook_to(receiver));
  for (std::int64_t i = 0; i < 20; ++i) {
    teller_->tell({change(i)});
  }
  ASSERT_TRUE(soon([&] { return receiver.requests().size() >= 3; }));
  EXPECT_EQ(told("webhook").waiting, 20);
  EXPECT_EQ(told("webhook").failure, "no_answer");
  EXPECT_EQ(told("webhook").last_failure_ms, kAt);
  EXPECT_EQ(told("webhook").last_success_ms, 0);
  const std::size_t failed = receiver.requests().size();
  up = true;
  ASSERT_TRUE(soon([&] { return told("webhook").waiting == 0; }));
  const auto requests = receiver.requests();
  std::vector<std::string> wanted;
  std::vector<std::string> objects = objects_of(requests);
  for (int i = 0; i < 20; ++i) {
    wanted.push_back("list-" + std::to_string(i));
  }
  // The first was tried again and again, and always under its id.
  const auto first_other =
      std::ranges::find_if(objects, [](const auto& each) { return each != "list-0"; });
  EXPECT_GE(first_other - objects.begin(), static_cast<std::ptrdiff_t>(failed));
  for (auto each = objects.begin(); each != first_other; ++each) {
    EXPECT_EQ(requests[static_cast<std::size_t>(each - objects.begin())].headers.at("webhook-id"),
              requests[0].headers.at("webhook-id"));
  }
  EXPECT_NE(requests.back().headers.at("webhook-id"), requests[0].headers.at("webhook-id"));
  objects.erase(std::unique(objects.begin(), objects.end()), objects.end());
  EXPECT_EQ(objects, wanted);
}

TEST_F(TellerTest, WhatIsGoneForGoodIsNotTriedAgain) {
  Receiver receiver([&](const Request& request, const Receiver::Peer& peer) {
    const bool first = request.body.find("list-0") != std::string::npos;
    peer.send(Receiver::response(first ? "410 Gone" : "200 OK"));
  });
  start(webhook_to(receiver));
  teller_->tell({change(0), change(1)});
  ASSERT_TRUE(soon([&] { return told("webhook").waiting == 0; }));
  EXPECT_EQ(objects_of(receiver.requests()), (std::vector<std::string>{"list-0", "list-1"}));
  EXPECT_EQ(told("webhook").failure, "http_410");
}

TEST_F(TellerTest, AQueueKeepsTheNewest) {
  std::atomic<bool> up = false;
  Receiver receiver([&](const Request&, const Receiver::Peer& peer) {
    peer.send(Receiver::response(up ? "200 OK" : "503 Busy"));
  });
  start(webhook_to(receiver));
  for (std::int64_t i = 0; i < 300; ++i) {
    teller_->tell({change(i)});
  }
  EXPECT_EQ(told("webhook").waiting, 256);
  ASSERT_TRUE(soon([&] { return told("webhook").failure == "http_503"; }));
  up = true;
  ASSERT_TRUE(soon([&] { return told("webhook").waiting == 0; }));
  EXPECT_EQ(objects_of(receiver.requests()).back(), "list-299");
}

TEST_F(TellerTest, ADeadChannelDelaysNoOther) {
  Receiver hangs([](const Request&, const Receiver::Peer& peer) { peer.pause(60'000); });
  Receiver silent_mail([](const Request&, const Receiver::Peer&) {});
  TellerOptions options = webhook_to(hangs);
  options.heartbeat_url = hangs.url();
  const std::string address = silent_mail.url().substr(std::string("http://").size());
  options.mail.server = "smtp://" + address.substr(0, address.find('/'));
  options.mail.allow_plain = true;
  options.mail.from = "tutela@service.example";
  options.mail_to = {"a@service.example", "b@service.example"};
  options.syslog = true;
  options.syslog_socket = folder_.path() / "log";
  const SyslogSocket socket(options.syslog_socket);
  start(options);
  const auto begin = steady_clock::now();
  teller_->heartbeat(true);
  for (std::int64_t i = 0; i < 50; ++i) {
    teller_->tell({change(i)});
    EXPECT_NE(socket.next().find("object=list-" + std::to_string(i) + " "), std::string::npos);
  }
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(30));
  EXPECT_EQ(told("webhook").waiting, 50);
  EXPECT_EQ(told("email").waiting, 100);
  EXPECT_EQ(told("heartbeat").waiting, 1);
  EXPECT_TRUE(soon([&] { return told("syslog").waiting == 0; }));
  // It ends soon, too, whatever hangs.
  const auto end = steady_clock::now();
  teller_.reset();
  EXPECT_LT(steady_clock::now() - end, std::chrono::seconds(30));
}

TEST_F(TellerTest, BeatsWhileAllIsWellAndNeverWhileBlind) {
  Receiver monitor(Receiver::answers(Receiver::response("200 OK")));
  TellerOptions options = quick();
  options.heartbeat_url = monitor.url();
  options.heartbeat_ms = 100;
  start(options);
  std::this_thread::sleep_for(milliseconds(300));
  EXPECT_EQ(monitor.connections(), 0);  // nobody has said that the watch lives
  const auto look = [&](bool well, int times) {
    for (int i = 0; i < times; ++i) {
      teller_->heartbeat(well);
      std::this_thread::sleep_for(milliseconds(10));
    }
  };
  const auto begin = steady_clock::now();
  EXPECT_TRUE(soon([&] {
    look(true, 10);
    return monitor.requests().size() >= 5;
  }));
  EXPECT_TRUE(soon([&] { return told("heartbeat").waiting == 0; }));
  const std::size_t beats = monitor.requests().size();
  EXPECT_LE(beats, 1 + static_cast<std::size_t>((steady_clock::now() - begin) / milliseconds(100)));
  EXPECT_EQ(monitor.requests()[0].method, "GET");
  EXPECT_EQ(told("heartbeat").last_success_ms, kAt);
  look(false, 30);
  EXPECT_EQ(monitor.requests().size(), beats);
  teller_->tell({change(1)});  // alarms are no heartbeats
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_EQ(monitor.requests().size(), beats);
  look(true, 1);
  EXPECT_TRUE(soon([&] { return monitor.requests().size() == beats + 1; }));
}

TEST_F(TellerTest, AMonitorThatIsDownIsTriedAgainBeforeTheNextBeat) {
  std::atomic<int> asked = 0;
  Receiver monitor([&](const Request&, const Receiver::Peer& peer) {
    peer.send(Receiver::response(++asked < 4 ? "500 Broken" : "200 OK"));
  });
  TellerOptions options = quick();
  options.heartbeat_url = monitor.url();
  start(options);
  teller_->heartbeat(true);
  EXPECT_TRUE(soon([&] { return told("heartbeat").last_success_ms != 0; }));
  EXPECT_EQ(asked, 4);
  EXPECT_EQ(told("heartbeat").failure, "http_500");
}

TEST_F(TellerTest, WhatWaitsGoesWhereConfigurationSaysNow) {
  Receiver bad(Receiver::answers(Receiver::response("500 Broken")));
  Receiver good(Receiver::answers(Receiver::response("200 OK")));
  TellerOptions options = webhook_to(bad);
  options.retry_ms_min = options.retry_ms_max = 600'000;
  start(options);
  teller_->tell({change(1), change(2)});
  ASSERT_TRUE(soon([&] { return told("webhook").failure == "http_500"; }));
  // The same again changes nothing: it is not tried before its time.
  ASSERT_TRUE(teller_->configure(options));
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_EQ(bad.requests().size(), 1U);
  TellerOptions wrong = options;
  wrong.webhook.secrets = {"hush"};
  const auto refused = teller_->configure(wrong);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "webhook.bad_secret");
  EXPECT_EQ(told("webhook").waiting, 2);
  options.webhook.url = good.url();
  ASSERT_TRUE(teller_->configure(options));
  EXPECT_TRUE(soon([&] { return told("webhook").waiting == 0; }));
  EXPECT_EQ(objects_of(good.requests()), (std::vector<std::string>{"list-1", "list-2"}));
  ASSERT_TRUE(teller_->configure(quick()));
  EXPECT_TRUE(teller_->told().empty());
  teller_->tell({change(3)});
  EXPECT_EQ(good.requests().size(), 2U);
}

TEST_F(TellerTest, WhatOneProcessDidNotTellTheNextOneTellsUnderTheSameIds) {
  std::atomic<bool> up = false;
  Receiver receiver([&](const Request&, const Receiver::Peer& peer) {
    peer.send(Receiver::response(up ? "200 OK" : "503 Busy"));
  });
  start(webhook_to(receiver));
  teller_->tell({change(1), change(2)});
  ASSERT_TRUE(soon([&] { return told("webhook").failure == "http_503"; }));
  teller_->end();
  HandedOn left{{change(1).alarm, change(2).alarm}, teller_->waiting()};
  ASSERT_EQ(left.lines.size(), 1U);
  ASSERT_EQ(left.lines[0].waiting.size(), 2U);
  const std::size_t before = receiver.requests().size();
  up = true;
  int after_told = 0;
  Mutex mutex;
  auto next = Teller::start(clock_, webhook_to(receiver), [&] {
    const MutexLock lock(mutex);
    ++after_told;
  });
  ASSERT_TRUE(next);
  teller_ = *std::move(next);
  teller_->take_over(left);
  teller_->tell({change(3)});
  ASSERT_TRUE(soon([&] { return told("webhook").waiting == 0; }));
  const auto requests = receiver.requests();
  ASSERT_EQ(requests.size(), before + 3);
  EXPECT_EQ(objects_of({requests.begin() + static_cast<std::ptrdiff_t>(before), requests.end()}),
            (std::vector<std::string>{"list-1", "list-2", "list-3"}));
  EXPECT_EQ(requests[before].headers.at("webhook-id"), requests[0].headers.at("webhook-id"));
  EXPECT_EQ(requests[before + 1].headers.at("webhook-id"), left.lines[0].waiting[1].id);
  EXPECT_NE(requests[before + 2].headers.at("webhook-id"), left.lines[0].waiting[0].id);
  EXPECT_TRUE(soon([&] {
    const MutexLock lock(mutex);
    return after_told == 3;
  }));
  EXPECT_TRUE(teller_->waiting().at(0).waiting.empty());
}

TEST_F(TellerTest, WhoWasNotThereBeforeIsToldOfWhatIsRaisedAndWhoWasIsNot) {
  Receiver receiver(Receiver::answers(Receiver::response("200 OK")));
  TellerOptions options = webhook_to(receiver);
  options.syslog = true;
  options.syslog_socket = folder_.path() / "log";
  const SyslogSocket socket(options.syslog_socket);
  start(options);
  teller_->take_over({{change(1).alarm}, {{"webhook", "", {}, 0}}});
  EXPECT_NE(socket.next().find("alarm raised code=list.empty object=list-1 "), std::string::npos);
  teller_->tell({change(2)});
  ASSERT_TRUE(soon([&] { return told("webhook").last_success_ms != 0; }));
  EXPECT_EQ(objects_of(receiver.requests()), std::vector<std::string>{"list-2"});
}

TEST_F(TellerTest, RefusesWhatCannotWork) {
  TellerOptions options = quick();
  options.mail_to = {"a@service.example"};
  EXPECT_EQ(Teller::start(clock_, options).error().code, "config.bad_mail_server");
  options.mail.server = "smtps://mail.example.org";
  EXPECT_EQ(Teller::start(clock_, options).error().code, "config.bad_mail");
  options.mail.from = "tutela@service.example";
  EXPECT_TRUE(Teller::start(clock_, options));
  options.webhook.url = "ftp://example.org";
  EXPECT_EQ(Teller::start(clock_, options).error().code, "webhook.bad_url");
}

TEST_F(TellerTest, IsSafeInManyHands) {
  Receiver receiver(
      [](const Request&, const Receiver::Peer& peer) { peer.send(Receiver::response("200 OK")); });
  TellerOptions options = webhook_to(receiver);
  options.heartbeat_url = receiver.url();
  options.heartbeat_ms = 5;
  options.syslog = true;
  options.syslog_socket = folder_.path() / "log";
  const SyslogSocket socket(options.syslog_socket);
  start(options);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 20; ++j) {
        TellerOptions mine = options;
        mine.syslog = j % 4 != 0;
        switch (i) {
          case 0:
            EXPECT_TRUE(teller_->configure(mine));
            break;
          case 1:
            teller_->tell({change(j)});
            break;
          case 2:
            teller_->heartbeat(j % 5 != 0);
            break;
          default:
            EXPECT_LE(teller_->told().size(), 3U);
        }
        std::this_thread::sleep_for(milliseconds(3));
      }
    });
  }
  for (std::thread& each : threads) {
    each.join();
  }
  EXPECT_TRUE(soon([&] { return told("webhook").waiting == 0; }));
  std::size_t alarms = 0;
  for (const Request& each : receiver.requests()) {
    alarms += each.method == "POST" ? 1U : 0U;
  }
  EXPECT_EQ(alarms, 20U);
}

TEST(TellerOptionsTest, ComeFromConfiguration) {
  config::Config config;
  config.webhook.url = "https://example.org/hook";
  config.webhook.secrets = kSecret + " " + kSecret;
  config.smtp.server = "smtps://mail.example.org";
  config.smtp.from = "tutela@service.example";
  config.watch.email_to = "a@service.example b@service.example";
  config.watch.syslog = true;
  config.watch.heartbeat_url = "https://monitor.example/beat";
  config.watch.heartbeat_seconds = 30;
  const TellerOptions options = teller_options(config);
  EXPECT_EQ(options.webhook.url, config.webhook.url);
  EXPECT_EQ(options.webhook.secrets.size(), 2U);
  EXPECT_EQ(options.mail.from, config.smtp.from);
  EXPECT_EQ(options.mail_to, (std::vector<std::string>{"a@service.example", "b@service.example"}));
  EXPECT_TRUE(options.syslog);
  EXPECT_EQ(options.heartbeat_ms, 30'000);
  const SystemClock clock;
  const auto teller = Teller::start(clock, options);
  ASSERT_TRUE(teller) << teller.error().message;
  std::vector<std::string> channels;
  for (const Status::Told& each : (*teller)->told()) {
    channels.push_back(each.channel);
  }
  EXPECT_EQ(channels, (std::vector<std::string>{"webhook", "email", "syslog", "heartbeat"}));
}

}  // namespace
}  // namespace tutela::watch
