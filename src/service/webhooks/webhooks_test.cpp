#include "service/webhooks/webhooks.hpp"

#include <chrono>
#include <map>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "support/evidence_rows.hpp"
#include "support/receiver.hpp"
#include "watch/canaries/canaries.hpp"

namespace tutela::webhooks {
namespace {

using testing::code_of;
using testing::Receiver;
using testing::Request;

using Steady = std::chrono::steady_clock;
const store::Actor kLead{"default", "person:lead", "lead"};
const std::string kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Answers the nth request (from 1) with the nth status, afterwards with the last.
Receiver::Behave in_turn(std::vector<std::string> statuses, const std::string& headers = {}) {
  return [statuses = std::move(statuses), headers, n = std::size_t{0}](
             const Request&, const Receiver::Peer& peer) mutable {
    peer.send(Receiver::response(statuses[std::min(n, statuses.size() - 1)], headers));
    ++n;
  };
}

class SenderTest : public ::testing::Test {
 protected:
  std::int64_t add(const std::string& key,
                   const std::string& payload = "{}",
                   const std::string& topic = "case.action") {
    std::int64_t id = 0;
    EXPECT_TRUE(database_->write([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY(store::add_outbox(transaction, kLead, clock_.now_ms(), {topic, key, 1, payload}));
      TUTELA_TRY_ASSIGN(id, transaction.last_insert_id());
      return ok();
    }));
    return id;
  }

  std::unique_ptr<Sender> start(const std::string& url, std::int64_t timeout_ms = 60'000) {
    Options options;
    options.url = url;
    options.secrets = {kSecret};
    options.allow_private = true;
    options.timeout_ms = timeout_ms;
    options.attempts_max = 3;
    auto sender = Sender::start(
        *database_,
        clock_,
        options,
        [this](store::Transaction& transaction,
               UtcMs now_ms,
               std::int64_t id,
               bool done,
               std::string_view failure) -> Status {
          if (settle_fails_) {
            return Error{ErrorKind::kUnavailable, "test.no", "no"};
          }
          TUTELA_TRY(transaction.execute(
              "INSERT INTO concern (id, tenant_id, kind, at_ms) VALUES (:id, 'default', :kind, "
              ":at_ms)",
              {std::to_string(id), done ? "done" : std::string(failure), now_ms}));
          return ok();
        },
        [this](std::string_view what, std::int64_t id, std::string_view failure) {
          const MutexLock lock(mutex_);
          told_.push_back(std::string(what) + " " + std::to_string(id) + " " +
                          std::string(failure));
        });
    EXPECT_TRUE(sender) << (sender ? "" : sender.error().message);
    return sender ? *std::move(sender) : nullptr;
  }

  std::vector<std::string> told() {
    const MutexLock lock(mutex_);
    return told_;
  }

  /// Waits until so much was told.
  bool told_at_least(std::size_t count) {
    const auto end = Steady::now() + std::chrono::seconds(60);
    while (told().size() < count && Steady::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return told().size() >= count;
  }

  std::vector<std::string> settled() {
    return testing::texts(*database_, "SELECT id || ' ' || kind FROM concern ORDER BY at_ms, id");
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<store::Database> database_ = testing::open_database(folder_.path());
  ManualClock clock_{1'800'000'000'123};
  outbox::Outbox outbox_{*database_, clock_};
  std::atomic<bool> settle_fails_ = false;
  Mutex mutex_;
  std::vector<std::string> told_ TUTELA_GUARDED_BY(mutex_);
};

TEST_F(SenderTest, DeliversSignedAndSettlesInTheSameUnitOfWork) {
  Receiver receiver(in_turn({"200 OK"}));
  const std::int64_t id = add("case-1", R"({"action":"remove"})");
  const auto sender = start(receiver.url());
  EXPECT_TRUE(sender->configured());
  ASSERT_TRUE(told_at_least(1));
  EXPECT_EQ(told()[0], "sent " + std::to_string(id) + " ");
  EXPECT_EQ(settled(), std::vector<std::string>{std::to_string(id) + " done"});
  EXPECT_EQ(testing::count(*database_, "outbox"), 0);
  const auto requests = receiver.requests();
  ASSERT_EQ(requests.size(), 1U);
  const auto& headers = requests[0].headers;
  EXPECT_EQ(headers.at("content-type"), "application/json");
  EXPECT_EQ(headers.at("webhook-id"), "msg_" + std::to_string(id) + "_1800000000123");
  EXPECT_EQ(headers.at("webhook-timestamp"), "1800000000");
  EXPECT_EQ(requests[0].body,
            R"({"type":"case.action","timestamp":"2027-01-15T08:00:00.123Z",)"
            R"("data":{"action":"remove"}})");
  const auto signature = sign({kSecret}, headers.at("webhook-id"), 1'800'000'000, requests[0].body);
  ASSERT_TRUE(signature);
  EXPECT_EQ(headers.at("webhook-signature"), *signature);
}

TEST_F(SenderTest, RepeatsAFailedOneWithTheSameIdAndBodyUntilItIsDead) {
  Receiver receiver(in_turn({"500 No", "404 No", "302 No"}));
  const std::int64_t id = add("case-1");
  const std::string mark = std::to_string(id);
  const auto sender = start(receiver.url());
  ASSERT_TRUE(told_at_least(1));
  clock_.advance(5'500);
  sender->wake();
  ASSERT_TRUE(told_at_least(2));
  clock_.advance(330'000);
  sender->wake();
  ASSERT_TRUE(told_at_least(3));
  EXPECT_EQ(told(),
            (std::vector<std::string>{"failed " + mark + " http_500",
                                      "failed " + mark + " http_404",
                                      "dead " + mark + " http_302"}));
  EXPECT_EQ(settled(), std::vector<std::string>{mark + " http_302"});
  const auto requests = receiver.requests();
  ASSERT_EQ(requests.size(), 3U);
  std::set<std::string> ids;
  std::set<std::string> bodies;
  std::set<std::string> times;
  for (const Request& request : requests) {
    ids.insert(request.headers.at("webhook-id"));
    bodies.insert(request.body);
    times.insert(request.headers.at("webhook-timestamp"));
  }
  EXPECT_EQ(ids.size(), 1U);
  EXPECT_EQ(bodies.size(), 1U);
  EXPECT_EQ(times.size(), 3U);
  const auto dead = outbox_.dead("default", 10);
  ASSERT_TRUE(dead);
  ASSERT_EQ(dead->size(), 1U);
  EXPECT_EQ(dead->front().attempts, 3);
  EXPECT_EQ(dead->front().failure, "http_302");
}

TEST_F(SenderTest, AReplayedOneIsDeliveredUnderItsOldId) {
  Receiver receiver(in_turn({"410 Gone", "200 OK"}));
  const std::int64_t id = add("case-1");
  const auto sender = start(receiver.url());
  ASSERT_TRUE(told_at_least(1));
  EXPECT_EQ(told()[0], "dead " + std::to_string(id) + " http_410") << "410 is final at once";
  testing::run_sql(*database_, "DELETE FROM concern", {});
  ASSERT_TRUE(outbox_.replay(kLead, id));
  sender->wake();
  ASSERT_TRUE(told_at_least(2));
  EXPECT_EQ(settled(), std::vector<std::string>{std::to_string(id) + " done"});
  const auto requests = receiver.requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].headers.at("webhook-id"), requests[1].headers.at("webhook-id"));
}

TEST_F(SenderTest, WaitsAsLongAsABusyReceiverAsksButNotLongerThanADay) {
  const auto due_after_s = [&](const std::string& status, const std::string& retry_after) {
    Receiver receiver(in_turn({status}, "retry-after: " + retry_after + "\r\n"));
    const std::int64_t id = add(retry_after + status);
    const std::size_t before = told().size();
    const auto sender = start(receiver.url());
    EXPECT_TRUE(told_at_least(before + 1));
    const std::string due = testing::texts(
        *database_, "SELECT next_at_ms FROM outbox WHERE id = " + std::to_string(id))[0];
    return (std::stoll(due) - clock_.now_ms()) / 1000;
  };
  EXPECT_EQ(due_after_s("429 Slow", "600"), 600);
  EXPECT_EQ(due_after_s("503 Later", "600"), 600);
  EXPECT_EQ(due_after_s("503 Later", "99999999"), 86'400);
  EXPECT_EQ(due_after_s("429 Slow", "1"), 5) << "never sooner than the schedule";
  EXPECT_EQ(due_after_s("500 Broken", "600"), 5);
}

TEST_F(SenderTest, KeepsTheOrderOfAKeyWhileOthersPass) {
  Receiver receiver([](const Request& request, const Receiver::Peer& peer) {
    const bool bad = request.body.find(R"("n":1})") != std::string::npos;
    peer.send(Receiver::response(bad ? "500 No" : "200 OK"));
  });
  const std::string first = std::to_string(add("a", R"({"n":1})"));
  add("a", R"({"n":2})");
  const std::string other = std::to_string(add("b", R"({"n":3})"));
  const auto sender = start(receiver.url());
  ASSERT_TRUE(told_at_least(2));
  for (const std::int64_t wait : {5'500, 330'000}) {
    clock_.advance(wait);
    sender->wake();
    ASSERT_TRUE(told_at_least(wait == 5'500 ? 3 : 4));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(700));
  EXPECT_EQ(told(),
            (std::vector<std::string>{"failed " + first + " http_500",
                                      "sent " + other + " ",
                                      "failed " + first + " http_500",
                                      "dead " + first + " http_500"}));
}

TEST_F(SenderTest, APayloadThatIsNoneIsDeadWithoutARequest) {
  Receiver receiver(in_turn({"200 OK"}));
  const std::int64_t id = add("a", "[1]");
  const auto sender = start(receiver.url());
  ASSERT_TRUE(told_at_least(1));
  EXPECT_EQ(told()[0], "dead " + std::to_string(id) + " bad_payload");
  EXPECT_EQ(receiver.connections(), 0);
}

TEST_F(SenderTest, OnlySendsItsTopics) {
  Receiver receiver(in_turn({"200 OK"}));
  add("a", "{}", "content.decided");
  const std::int64_t id = add("a", "{}", "appeal.decided");
  const auto sender = start(receiver.url());
  ASSERT_TRUE(told_at_least(1));
  EXPECT_EQ(told()[0], "sent " + std::to_string(id) + " ");
  EXPECT_EQ(testing::count(*database_, "outbox WHERE topic = 'content.decided'"), 1);
}

TEST_F(SenderTest, NothingIsDoneThatCouldNotBeRecorded) {
  Receiver receiver(in_turn({"200 OK"}));
  const std::string id = std::to_string(add("a"));
  settle_fails_ = true;
  const auto sender = start(receiver.url());
  ASSERT_TRUE(told_at_least(1));
  EXPECT_EQ(told()[0], "error " + id + " test.no");
  EXPECT_EQ(testing::count(*database_, "outbox"), 1);
  EXPECT_TRUE(settled().empty());
  settle_fails_ = false;
  clock_.advance(600'000);  // past the end of the lease
  sender->wake();
  ASSERT_TRUE(told_at_least(2));
  EXPECT_EQ(told()[1], "sent " + id + " ");
  EXPECT_EQ(receiver.requests().size(), 2U) << "at least once";
}

TEST_F(SenderTest, WithoutAnAddressEverythingWaits) {
  add("a");
  const auto sender = start("");
  EXPECT_FALSE(sender->configured());
  sender->wake();
  std::this_thread::sleep_for(std::chrono::milliseconds(600));
  EXPECT_EQ(testing::count(*database_, "outbox WHERE state = 'waiting' AND attempts = 0"), 1);
  EXPECT_TRUE(told().empty());
}

TEST_F(SenderTest, MessagesAboutCanariesGoNowhereAndAreNotedEvenWithoutAnAddress) {
  Receiver receiver(in_turn({"200 OK"}));
  canaries::Canaries canaries(*database_, clock_, "instance");
  for (const std::string& url : {std::string(), receiver.url()}) {
    const Uuid content = new_uuid(clock_.now_ms());
    const auto digest = crypto::sha256_of(content.bytes);
    const auto canary =
        canaries.add(kLead, "http", "jpeg", canaries::Expected::kMatch, digest, 60'000);
    ASSERT_TRUE(canary);
    ASSERT_TRUE(database_->write([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY_ASSIGN(
          const bool known,
          canaries::claim(transaction, kLead.tenant_id, content, digest, clock_.now_ms()));
      EXPECT_TRUE(known);
      return ok();
    }));
    clock_.advance(1'000);
    add(to_string(content), "{}", std::string(kCanaryTopic));
    const auto sender = start(url);
    const auto end = Steady::now() + std::chrono::seconds(60);
    while (testing::count(*database_, "outbox") > 0 && Steady::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_EQ(canaries.get(*canary)->echoed_ms, clock_.now_ms());
  }
  EXPECT_TRUE(receiver.requests().empty());
  EXPECT_TRUE(settled().empty()) << "they are nobody's actions";
  EXPECT_TRUE(told().empty());
}

TEST_F(SenderTest, ASlowReceiverHoldsUpNoCanary) {
  Receiver receiver([](const Request&, const Receiver::Peer& peer) { peer.pause(60'000); });
  add("case-1");
  const auto sender = start(receiver.url(), 60'000);
  const auto end = Steady::now() + std::chrono::seconds(60);
  while (receiver.connections() == 0 && Steady::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  add(to_string(new_uuid(1)), "{}", std::string(kCanaryTopic));
  while (testing::count(*database_, "outbox") > 1 && Steady::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(testing::texts(*database_, "SELECT topic FROM outbox"),
            std::vector<std::string>{"case.action"});
  EXPECT_TRUE(told().empty()) << "the receiver has not answered yet";
}

TEST_F(SenderTest, DoesNotStartWithWhatCannotWork) {
  Options options;
  options.url = "http://example.org";
  options.secrets = {kSecret};
  EXPECT_EQ(code_of(Sender::start(*database_, clock_, options, {}, {})), "webhook.bad_url");
  options.url = "https://example.org";
  options.secrets = {"whsec_"};
  EXPECT_EQ(code_of(Sender::start(*database_, clock_, options, {}, {})), "webhook.bad_secret");
}

TEST_F(SenderTest, EndsSoonWhileAReceiverHangsAndLosesNothing) {
  const std::string id = std::to_string(add("a"));
  {
    Receiver receiver([](const Request&, const Receiver::Peer& peer) { peer.pause(60'000); });
    auto sender = start(receiver.url(), 60'000);
    const auto end = Steady::now() + std::chrono::seconds(60);
    while (receiver.requests().empty() && Steady::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ASSERT_EQ(receiver.requests().size(), 1U);
    const auto begin = Steady::now();
    sender.reset();
    EXPECT_LT(Steady::now() - begin, std::chrono::seconds(30));
  }
  EXPECT_TRUE(told().empty());
  clock_.advance(150'000);
  Receiver receiver(in_turn({"200 OK"}));
  const auto sender = start(receiver.url());
  ASSERT_TRUE(told_at_least(1));
  EXPECT_EQ(told()[0], "sent " + id + " ");
}

TEST_F(SenderTest, FindsWhatIsWrittenLaterWithoutBeingWoken) {
  Receiver receiver(in_turn({"200 OK"}));
  const auto sender = start(receiver.url());
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  add("a");
  EXPECT_TRUE(told_at_least(1));
}

TEST_F(SenderTest, SeveralSendEachMessageOnceAndInOrder) {
  Receiver receiver(in_turn({"200 OK"}));
  for (int i = 0; i < 60; ++i) {
    add(std::to_string(i % 3), "{\"n\":" + std::to_string(i) + "}");
  }
  {
    const auto one = start(receiver.url());
    const auto two = start(receiver.url());
    ASSERT_TRUE(told_at_least(60));
  }
  EXPECT_EQ(told().size(), 60U);
  std::map<int, int> last;
  for (const Request& request : receiver.requests()) {
    const int n = std::stoi(request.body.substr(request.body.find("\"n\":") + 4));
    EXPECT_TRUE(last.count(n % 3) == 0 || last[n % 3] < n);
    last[n % 3] = n;
  }
  EXPECT_EQ(receiver.requests().size(), 60U);
  EXPECT_EQ(settled().size(), 60U);
}

}  // namespace
}  // namespace tutela::webhooks
