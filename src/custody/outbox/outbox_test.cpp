#include "custody/outbox/outbox.hpp"

#include <atomic>
#include <chrono>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "custody/outbox/queries.hpp"
#include "support/evidence_rows.hpp"

namespace tutela::outbox {
namespace {

using testing::code_of;

constexpr std::int64_t kLease = 60'000;
const store::Actor kLead{"default", "person:lead", "lead"};

class OutboxTest : public ::testing::Test {
 protected:
  void add(const std::string& topic, const std::string& key, const std::string& payload = "{}") {
    EXPECT_TRUE(database_->write([&](store::Transaction& transaction) {
      return store::add_outbox(transaction, kLead, clock_.now_ms(), {topic, key, 1, payload});
    }));
  }

  Message leased(const std::vector<std::string>& topics = {"t"}) {
    const auto message = outbox_.lease(topics, kLease);
    EXPECT_TRUE(message && *message) << (message ? "nothing is due" : message.error().message);
    return message && *message ? **message : Message{};
  }

  bool none(const std::vector<std::string>& topics = {"t"}) {
    const auto message = outbox_.lease(topics, kLease);
    EXPECT_TRUE(message);
    return message && !*message;
  }

  Outbox::Counts counts(const std::vector<std::string>& topics = {"t"}) {
    const auto counts = outbox_.counts("default", topics);
    EXPECT_TRUE(counts);
    return counts ? *counts : Outbox::Counts{};
  }

  std::string plan(const std::string& sql, const std::vector<store::Value>& values) {
    std::string plan;
    EXPECT_TRUE(database_->read([&](store::Transaction& transaction) {
      return transaction.query("EXPLAIN QUERY PLAN " + sql, values, [&](const store::Row& row) {
        plan += row.text(3) + "; ";
        return ok();
      });
    }));
    return plan;
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<store::Database> database_ = testing::open_database(folder_.path());
  ManualClock clock_{1'800'000'000'000};
  Outbox outbox_{*database_, clock_};
};

TEST(DelayAfter, FollowsTheScheduleWithATenthOfJitter) {
  EXPECT_EQ(delay_after(1, 10, 0), 5'000);
  EXPECT_EQ(delay_after(2, 10, 0), 300'000);
  EXPECT_EQ(delay_after(9, 10, 0), 86'400'000);
  EXPECT_EQ(delay_after(10, 10, 0), std::nullopt);
  EXPECT_EQ(delay_after(11, 10, 0), std::nullopt);
  EXPECT_EQ(delay_after(50, 100, 0), 86'400'000);
  EXPECT_EQ(delay_after(0, 10, 0), 5'000);
  EXPECT_EQ(delay_after(1, 1, 0), std::nullopt);
  std::mt19937_64 random(7);
  std::int64_t most = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::int64_t delay = delay_after(1, 10, random()).value_or(-1);
    ASSERT_GE(delay, 5'000);
    ASSERT_LE(delay, 5'500);
    most = std::max(most, delay);
  }
  EXPECT_GT(most, 5'450);
}

TEST_F(OutboxTest, GivesWhatWasWritten) {
  add("t", "k", R"({"a":1})");
  const Message message = leased();
  EXPECT_GT(message.id, 0);
  EXPECT_EQ(message.tenant_id, "default");
  EXPECT_EQ(message.principal_id, "person:lead");
  EXPECT_EQ(message.topic, "t");
  EXPECT_EQ(message.key, "k");
  EXPECT_EQ(message.payload_version, 1);
  EXPECT_EQ(message.payload, R"({"a":1})");
  EXPECT_EQ(message.attempts, 0);
  EXPECT_EQ(message.state, "waiting");
  EXPECT_EQ(message.created_ms, clock_.now_ms());
  EXPECT_EQ(message.next_at_ms, clock_.now_ms() + kLease);
}

TEST_F(OutboxTest, LeasesOnlyTheTopicsThatAreAskedForTheLongestDueFirst) {
  add("other", "k");
  EXPECT_TRUE(none());
  EXPECT_TRUE(none({}));
  add("u", "k");
  clock_.advance(1);
  add("t", "k");
  EXPECT_EQ(leased({"t", "u"}).topic, "u");
  EXPECT_EQ(leased({"t", "u"}).topic, "t");
  EXPECT_TRUE(none({"t", "u"}));
}

TEST_F(OutboxTest, LeavesALeasedMessageToTheNextWhenTheLeaseEnds) {
  add("t", "k");
  const Message first = leased();
  clock_.advance(kLease - 1);
  EXPECT_TRUE(none());
  clock_.advance(1);
  const Message second = leased();
  EXPECT_EQ(second.id, first.id);
  // Who lost the lease cannot settle what somebody else delivers now.
  bool written = false;
  const auto with = [&](store::Transaction&) {
    written = true;
    return ok();
  };
  EXPECT_EQ(code_of(outbox_.sent(first, with)), "outbox.lost_lease");
  EXPECT_EQ(code_of(outbox_.failed(first, "timeout", 1, with)), "outbox.lost_lease");
  EXPECT_EQ(code_of(outbox_.failed(first, "timeout", std::nullopt, with)), "outbox.lost_lease");
  EXPECT_FALSE(written);
  EXPECT_TRUE(outbox_.sent(second, with));
  EXPECT_TRUE(written);
  EXPECT_EQ(code_of(outbox_.sent(second)), "outbox.lost_lease");
}

TEST_F(OutboxTest, KeepsTheOrderOfAKeyAndLetsOtherKeysPass) {
  add("t", "a", R"({"n":1})");
  add("t", "a", R"({"n":2})");
  add("t", "a", R"({"n":3})");
  add("t", "b", R"({"n":4})");
  const Message first = leased();
  EXPECT_EQ(first.payload, R"({"n":1})");
  EXPECT_EQ(leased().payload, R"({"n":4})");
  EXPECT_TRUE(none());
  EXPECT_TRUE(outbox_.failed(first, "timeout", 5'000));
  clock_.advance(4'999);
  EXPECT_TRUE(none()) << "a younger one passed one that is tried again";
  clock_.advance(1);
  const Message again = leased();
  EXPECT_EQ(again.id, first.id);
  EXPECT_EQ(again.attempts, 1);
  EXPECT_EQ(again.failure, "timeout");
  add("t", "a", R"({"n":5})");
  EXPECT_TRUE(outbox_.sent(again));
  for (const std::string expected : {R"({"n":2})", R"({"n":3})", R"({"n":5})"}) {
    const Message next = leased();
    EXPECT_EQ(next.payload, expected);
    EXPECT_TRUE(none());
    EXPECT_TRUE(outbox_.sent(next));
  }
}

TEST_F(OutboxTest, WhatIsDeliveredWithAnotherGoesWithItAndWhatCameLaterIsNext) {
  for (const char* const each : {"1", "2", "3"}) {
    add("t", "a", each);
  }
  add("t", "b", "other");
  add("u", "a", "other");
  const Message first = leased();
  EXPECT_EQ(first.payload, "1");
  EXPECT_EQ(leased().payload, "other");
  EXPECT_TRUE(none()) << "those behind were looked at";
  const auto behind = outbox_.behind(first, 100);
  ASSERT_TRUE(behind && behind->size() == 2U);
  EXPECT_EQ(behind->at(0).payload + behind->at(1).payload, "23");
  EXPECT_EQ(outbox_.behind(first, 1)->size(), 1U);
  add("t", "a", "4");
  ASSERT_TRUE(outbox_.sent_through(first, behind->back().id));
  EXPECT_EQ(leased().payload, "4");
  EXPECT_EQ(counts().waiting, 2);
  EXPECT_EQ(counts({"u"}).waiting, 1);
  EXPECT_EQ(code_of(outbox_.sent_through(first, behind->back().id)), "outbox.lost_lease");
}

TEST_F(OutboxTest, AMessageMayWaitBeforeItsFirstAttempt) {
  ASSERT_TRUE(database_->write([&](store::Transaction& transaction) {
    return add_later(transaction, kLead, clock_.now_ms(), 5'000, {"t", "a", 1, "{}"});
  }));
  clock_.advance(4'999);
  EXPECT_TRUE(none());
  clock_.advance(1);
  EXPECT_EQ(leased().created_ms, clock_.now_ms() - 5'000);
}

TEST_F(OutboxTest, ADeadMessageHoldsUpItsKeyUntilItIsReplayed) {
  add("t", "a", R"({"n":1})");
  add("t", "a", R"({"n":2})");
  add("u", "a", R"({"n":3})");
  EXPECT_TRUE(outbox_.failed(leased(), "http_410", std::nullopt));
  EXPECT_EQ(leased({"t", "u"}).payload, R"({"n":3})") << "a key is one of its topic";
  EXPECT_TRUE(none());
  clock_.advance(1'000'000'000);
  EXPECT_TRUE(none());
  const auto dead = outbox_.dead("default", 10);
  ASSERT_TRUE(dead);
  ASSERT_EQ(dead->size(), 1U);
  EXPECT_EQ(dead->front().state, "dead");
  EXPECT_EQ(dead->front().failure, "http_410");
  EXPECT_EQ(dead->front().attempts, 1);
  EXPECT_EQ(dead->front().next_at_ms, 0);
  EXPECT_TRUE(outbox_.replay(kLead, dead->front().id));
  const Message again = leased();
  EXPECT_EQ(again.id, dead->front().id);
  EXPECT_EQ(again.attempts, 0) << "a replayed message has all its attempts again";
  EXPECT_TRUE(outbox_.sent(again));
  EXPECT_EQ(leased().payload, R"({"n":2})");
}

TEST_F(OutboxTest, ReplaysDeadOnesOfTheTenantWithAnEntry) {
  add("t", "a");
  const Message message = leased();
  EXPECT_EQ(code_of(outbox_.replay(kLead, message.id)), "outbox.not_dead");
  EXPECT_EQ(code_of(outbox_.replay(kLead, message.id + 1)), "outbox.not_found");
  EXPECT_TRUE(outbox_.failed(message, "timeout", std::nullopt));
  EXPECT_EQ(code_of(outbox_.replay({"other", "person:x", "lead"}, message.id)), "outbox.not_found");
  EXPECT_TRUE(testing::entries(*database_).empty());
  const Error refused{ErrorKind::kUnavailable, "test.no", "no"};
  EXPECT_EQ(code_of(outbox_.replay(
                kLead, message.id, [&](store::Transaction&) -> Status { return refused; })),
            "test.no");
  EXPECT_TRUE(testing::entries(*database_).empty());
  EXPECT_EQ(counts().dead, 1);
  EXPECT_TRUE(outbox_.replay(kLead, message.id));
  EXPECT_EQ(testing::entries(*database_),
            std::vector<std::string>{"person:lead outbox.replay outbox delivery ok"});
  EXPECT_EQ(counts().waiting, 1);
  EXPECT_EQ(code_of(outbox_.replay(kLead, message.id)), "outbox.not_dead");
}

TEST_F(OutboxTest, ListsTheDeadOfATenantTheOldestFirst) {
  for (int i = 0; i < 5; ++i) {
    add(i % 2 == 0 ? "t" : "u", std::to_string(i));
    EXPECT_TRUE(outbox_.failed(leased({"t", "u"}), "timeout", std::nullopt));
  }
  const auto dead = outbox_.dead("default", 3);
  ASSERT_TRUE(dead);
  ASSERT_EQ(dead->size(), 3U);
  EXPECT_EQ(dead->at(0).key, "0");
  EXPECT_EQ(dead->at(1).key, "1");
  EXPECT_EQ(dead->at(2).key, "2");
  const auto others = outbox_.dead("other", 3);
  EXPECT_TRUE(others && others->empty());
  const auto no_limit = outbox_.dead("default", -1);
  EXPECT_TRUE(no_limit && no_limit->empty());
}

TEST_F(OutboxTest, WritesWhatGoesWithItOrNothing) {
  const Error refused{ErrorKind::kUnavailable, "test.no", "no"};
  const Outbox::With no = [&](store::Transaction&) -> Status {
    return refused;
  };
  add("t", "a");
  const Message message = leased();
  EXPECT_EQ(code_of(outbox_.sent(message, no)), "test.no");
  EXPECT_EQ(code_of(outbox_.failed(message, "timeout", 1, no)), "test.no");
  EXPECT_EQ(code_of(outbox_.failed(message, "timeout", std::nullopt, no)), "test.no");
  EXPECT_EQ(counts().waiting, 1);
  EXPECT_TRUE(outbox_.sent(message));
  EXPECT_EQ(counts().waiting, 0);
}

TEST_F(OutboxTest, NeverGivesANumberTwice) {
  add("t", "a");
  const Message first = leased();
  EXPECT_TRUE(outbox_.sent(first));
  EXPECT_EQ(testing::count(*database_, "outbox"), 0);
  add("t", "a");
  EXPECT_GT(leased().id, first.id);
}

TEST_F(OutboxTest, CountsWhatIsNotDeliveredAndItsAge) {
  EXPECT_EQ(counts().waiting, 0);
  EXPECT_EQ(counts().oldest_ms, std::nullopt);
  const UtcMs start = clock_.now_ms();
  add("t", "a");
  clock_.advance(5);
  add("t", "a");
  add("u", "a");
  const Message first = leased();
  EXPECT_EQ(counts().waiting, 2);
  EXPECT_EQ(counts({"t", "u"}).waiting, 3);
  EXPECT_EQ(counts().oldest_ms, start);
  EXPECT_EQ(counts({"u"}).oldest_ms, start + 5);
  EXPECT_TRUE(none());
  EXPECT_TRUE(outbox_.failed(first, "timeout", std::nullopt));
  EXPECT_EQ(counts().waiting, 1);
  EXPECT_EQ(counts().dead, 1);
  EXPECT_EQ(counts().oldest_ms, start);
  const auto others = outbox_.counts("other", {"t", "u"});
  ASSERT_TRUE(others);
  EXPECT_EQ(others->waiting + others->dead, 0);
}

/// Any order of leases, failures, lost leases and deaths leaves each key in order.
TEST_F(OutboxTest, KeepsOrderThroughRandomTrouble) {
  const std::uint32_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::map<std::string, int> last;
  int written = 0;
  int delivered = 0;
  for (int step = 0; step < 1'500 || delivered < written; ++step) {
    ASSERT_LT(step, 20'000);
    if (written < 200 && random() % 3 == 0) {
      add("t", std::to_string(random() % 5), std::to_string(++written));
    }
    const auto message = outbox_.lease({"t"}, kLease);
    ASSERT_TRUE(message);
    if (!*message) {
      clock_.advance(kLease);
      const auto dead = outbox_.dead("default", 1);
      ASSERT_TRUE(dead);
      if (!dead->empty()) {
        ASSERT_TRUE(outbox_.replay(kLead, dead->front().id));
      }
      continue;
    }
    const int number = std::stoi((*message)->payload);
    switch (random() % 4) {
      case 0:
        ASSERT_TRUE(outbox_.failed(**message, "timeout", random() % 100'000));
        break;
      case 1:
        ASSERT_TRUE(outbox_.failed(**message, "timeout", std::nullopt));
        break;
      case 2:  // whoever had it died
        break;
      default:
        ASSERT_LT(last[(*message)->key], number);
        last[(*message)->key] = number;
        ASSERT_TRUE(outbox_.sent(**message));
        ++delivered;
    }
  }
  EXPECT_EQ(written, 200);
}

TEST_F(OutboxTest, SeveralAtOnceNeverGetTheSame) {
  for (int i = 0; i < 60; ++i) {
    add("t", std::to_string(i % 7));
  }
  std::atomic<int> settled = 0;
  testing::all_at_once(4, [&](int) {
    Outbox mine(*database_, clock_);
    while (settled < 60) {
      const auto message = mine.lease({"t"}, kLease);
      ASSERT_TRUE(message);
      if (*message) {
        ASSERT_TRUE(mine.sent(**message)) << "two had one lease";
        ++settled;
      }
    }
  });
  EXPECT_EQ(settled, 60);
  EXPECT_EQ(testing::count(*database_, "outbox"), 0);
}

template <class Act>
double best_ms(const Act& act) {
  double best = 1e9;
  for (int i = 0; i < 5; ++i) {
    const auto start = std::chrono::steady_clock::now();
    act();
    best =
        std::min(best,
                 std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
                     .count());
  }
  return best;
}

TEST_F(OutboxTest, StaysFastBesideAMillionOthers) {
  testing::run_sql(*database_,
                   "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
                   "1000000) INSERT INTO outbox (tenant_id, principal_id, topic, key, "
                   "payload_version, payload, attempts, next_at_ms, created_ms) SELECT 'default', "
                   "'token:1', 'content.decided', 'c' || i, 1, '{}', 0, :now_ms, 1 FROM n",
                   {clock_.now_ms()});
  add("t", "a");
  add("t", "a");
  EXPECT_NE(plan(std::string(kDue), {"t", clock_.now_ms()})
                .find("USING INDEX outbox_due (topic=? AND state=? AND next_at_ms<?)"),
            std::string::npos);
  EXPECT_EQ(plan(std::string(kDue), {"t", clock_.now_ms()}).find("TEMP B-TREE"), std::string::npos);
  EXPECT_NE(plan(std::string(kOlder), {"t", "a", 5})
                .find("USING COVERING INDEX outbox_in_order (topic=? AND key=? AND id<?)"),
            std::string::npos);
  EXPECT_NE(plan(std::string(kNext), {1, "t", "a"})
                .find("USING COVERING INDEX outbox_in_order (topic=? AND key=?)"),
            std::string::npos)
      << plan(std::string(kNext), {1, "t", "a"});
  const std::string dead = plan("SELECT id FROM outbox " + std::string(kDead), {"default", 5});
  EXPECT_NE(dead.find("INDEX outbox_dead (tenant_id=?)"), std::string::npos) << dead;
  EXPECT_EQ(dead.find("TEMP B-TREE"), std::string::npos) << dead;
  const std::string count = plan(std::string(kCount), {"t", "dead", "default"});
  EXPECT_NE(count.find("USING COVERING INDEX outbox_due (topic=? AND state=?)"), std::string::npos)
      << count;
  const std::vector<std::string> topics = {"t", "content.decided"};
  EXPECT_LT(best_ms([&] { EXPECT_TRUE(outbox_.sent(leased(topics))); }), 250);
  EXPECT_LT(best_ms([&] { EXPECT_TRUE(outbox_.failed(leased(topics), "x", 1'000)); }), 250);
  EXPECT_LT(best_ms([&] { EXPECT_TRUE(outbox_.dead("default", 200)); }), 250);
  EXPECT_LT(best_ms([&] { counts({"t"}); }), 250);
}

/// Else each lease would pass by 20,000 messages while one is tried again.
TEST_F(OutboxTest, LooksOnceAtWhatStandsBehindAnother) {
  testing::run_sql(*database_,
                   "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
                   "20000) INSERT INTO outbox (tenant_id, principal_id, topic, key, "
                   "payload_version, payload, attempts, next_at_ms, created_ms) SELECT 'default', "
                   "'token:1', 't', 'a', 1, '{}', 0, :now_ms, 1 FROM n",
                   {clock_.now_ms()});
  EXPECT_TRUE(outbox_.failed(leased(), "timeout", 1));
  EXPECT_TRUE(none());
  EXPECT_EQ(testing::count(*database_, "outbox WHERE next_at_ms IS NULL"), 19'999);
  clock_.advance(1);
  const Message again = leased();
  EXPECT_TRUE(outbox_.sent(again));
  EXPECT_EQ(leased().id, again.id + 1);
  EXPECT_EQ(testing::count(*database_, "outbox WHERE next_at_ms IS NULL"), 19'998);
  EXPECT_EQ(counts().waiting, 19'999);
}

}  // namespace
}  // namespace tutela::outbox
