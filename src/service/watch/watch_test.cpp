// The watch on a real pipeline, without doors: what canaries add is in tests/http/test_watch.py.
#include "service/watch/watch.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <thread>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "service/watch/distrust.hpp"
#include "support/evidence_rows.hpp"
#include "support/folder.hpp"
#include "support/pipelines.hpp"

namespace tutela::watch {
namespace {

using alarms::Level;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

class WatchTest : public ::testing::Test {
 protected:
  WatchTest() {
    auto config = testing::pipeline_config(folder_.path());
    config.watch.canary_seconds = 0;
    settings_ = std::make_shared<const config::Config>(std::move(config));
    auto opened = pipeline::Pipeline::open(*settings_, clock_);
    EXPECT_TRUE(opened);
    pipeline_ = *std::move(opened);
  }

  void start() {
    auto started = Watch::start([this] { return settings_; }, *pipeline_, vault_, {}, clock_);
    ASSERT_TRUE(started) << (started ? "" : started.error().message);
    watch_ = *std::move(started);
  }

  /// As a process that runs no more.
  void leave(const Status& status) {
    testing::run_sql(
        pipeline_->database(),
        "INSERT INTO watch_beat (instance_id, tenant_id, principal_id, started_ms, at_ms, body) "
        "VALUES (:id, 'default', 'system', 1, 1, :body)",
        {to_string(new_uuid(clock_.now_ms())), to_json(status)});
  }

  /// Waits until it holds, at most 60 s.
  static bool becomes(const std::function<bool()>& holds) {
    const auto until = steady_clock::now() + std::chrono::seconds(60);
    while (!holds()) {
      if (steady_clock::now() > until) {
        return false;
      }
      std::this_thread::sleep_for(milliseconds(20));
    }
    return true;
  }

  [[nodiscard]] bool has(std::string_view code, std::string_view object = "") const {
    const auto status = watch_->status();
    return std::ranges::any_of(status->alarms, [&](const alarms::Alarm& alarm) {
      return alarm.condition.code == code && alarm.condition.object == object;
    });
  }

  /// What is in watch_beat: instance and body.
  std::vector<std::pair<std::string, std::string>> beats() {
    std::vector<std::pair<std::string, std::string>> rows;
    EXPECT_TRUE(pipeline_->database().read([&](store::Transaction& transaction) {
      return transaction.query(
          "SELECT instance_id, body FROM watch_beat", {}, [&](const auto& row) {
            rows.emplace_back(row.text(0), row.text(1));
            return ok();
          });
    }));
    return rows;
  }

  testing::TemporaryFolder folder_;
  SystemClock clock_;
  std::shared_ptr<const config::Config> settings_;
  vault_client::Client vault_{folder_.path() / "no-socket", milliseconds(500)};
  std::unique_ptr<pipeline::Pipeline> pipeline_;
  std::unique_ptr<Watch> watch_;
};

TEST_F(WatchTest, WithoutListsItIsBlindAndSaysSoToEverybodyWhoAsks) {
  start();
  ASSERT_TRUE(becomes([&] { return has("lists.none_active"); }));
  EXPECT_EQ(watch_->status()->level, Level::kBlind);
  ASSERT_TRUE(becomes([&] { return !beats().empty(); }));
  ASSERT_TRUE(becomes([&] {
    const auto page = watch_->log().page(std::nullopt, 10);
    return page && !page->items.empty() && page->items[0].condition.code == "lists.none_active";
  })) << "it is kept for those who look later";
  ASSERT_TRUE(
      becomes([&] { return beats()[0].second.find("lists.none_active") != std::string::npos; }));
  EXPECT_EQ(beats()[0].first, pipeline_->instance_id());
}

TEST_F(WatchTest, WhatIsRaisedOutlivesTheProcessAndIsNotRaisedAgain) {
  start();
  ASSERT_TRUE(becomes([&] { return has("lists.none_active") && has("vault.down"); }));
  const auto raised = watch_->status()->alarms;
  watch_.reset();  // what was raised a moment ago is left to the next all the same
  pipeline_.reset();
  pipeline_ = *pipeline::Pipeline::open(*settings_, clock_);
  testing::add_active_list(*pipeline_, "one", "00000000000000000000000000000001");
  start();
  EXPECT_TRUE(has("lists.none_active")) << "from its first look on, until it is gone for its time";
  ASSERT_TRUE(becomes([&] { return beats().size() == 1; })) << "it is taken over";
  std::map<std::string, UtcMs> since;
  for (const alarms::Alarm& alarm : watch_->status()->alarms) {
    since[alarm.condition.code] = alarm.since_ms;
  }
  for (const alarms::Alarm& alarm : raised) {
    EXPECT_EQ(since[alarm.condition.code], alarm.since_ms) << alarm.condition.code;
  }
  const auto page = watch_->log().page(std::nullopt, 100);
  ASSERT_TRUE(page);
  EXPECT_EQ(
      std::ranges::count(
          page->items, "lists.none_active", [](const auto& event) { return event.condition.code; }),
      1);
}

TEST_F(WatchTest, AnActiveListThatLosesItsSignalsIsAnAlarm) {
  const std::string value = "00000000000000000000000000000001";
  const Uuid id = testing::add_active_list(*pipeline_, "one", value + "\n");
  start();
  EXPECT_FALSE(has("lists.none_active"));
  EXPECT_FALSE(has("list.empty", "one"));
  ASSERT_EQ(watch_->status()->lists.size(), 1U);
  EXPECT_EQ(watch_->status()->lists[0].signals, 1);
  ASSERT_TRUE(pipeline_->lists().remove_signals(testing::tester(), id, {value}));
  ASSERT_TRUE(becomes([&] { return has("list.empty", "one"); }));
}

TEST_F(WatchTest, AVaultThatDoesNotAnswerDegrades) {
  start();
  ASSERT_TRUE(becomes([&] { return has("vault.down"); }));
  EXPECT_FALSE(watch_->status()->seen.vault_up);
}

TEST_F(WatchTest, WhatDeadProcessesSaidIsForgotten) {
  leave({});
  start();
  ASSERT_TRUE(becomes([&] {
    const auto rows = beats();
    return rows.size() == 1 && rows[0].first == pipeline_->instance_id();
  }));
}

TEST_F(WatchTest, WhatADeadProcessDoubtedIsSearchedAgainAndForgottenThen) {
  const Uuid list = testing::add_active_list(*pipeline_, "one", std::string(64, '5'));
  Status said;
  said.started_ms = 1'000;
  said.canaries.resize(2);
  said.canaries[0].state = {.door = "http", .format = "png"};
  said.canaries[1].state = {.door = "http", .format = "jpeg"};
  said.canaries[1].last_good_ms = 1'900'000'000'123;
  said.alarms.push_back({{"canary.missed", "http/jpeg", Level::kBlind, "why"}, 1, 1});
  leave(said);
  start();
  ASSERT_TRUE(becomes([&] { return !pipeline_->rescans().latest(testing::tester(), 9)->empty(); }));
  const auto asked = *pipeline_->rescans().latest(testing::tester(), 9);
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].list_id, list);
  EXPECT_EQ(asked[0].since_ms, 1'900'000'000'123);
  EXPECT_TRUE(becomes([&] {
    const auto rows = beats();
    return rows.size() == 1 && rows[0].first == pipeline_->instance_id();
  }));
  EXPECT_EQ(pipeline_->rescans().latest(testing::tester(), 9)->size(), 1U) << "once";
}

TEST(GoodBefore, IsTheEarliestLastGoodCanaryOfThoseThatAreMissed) {
  Status said;
  said.started_ms = 1'900'000'000'000;
  said.canaries.resize(3);
  for (std::size_t i = 0; i < 3; ++i) {
    said.canaries[i].state = {.door = "http", .format = "f" + std::to_string(i)};
    said.canaries[i].last_good_ms = said.started_ms + 3'000 - static_cast<UtcMs>(i) * 1'000;
  }
  EXPECT_EQ(good_before(to_json(said)), 0);
  said.alarms.push_back({{"canary.unanswered", "http/f2", Level::kBlind, "why"}, 1, 1});
  EXPECT_EQ(good_before(to_json(said)), 0);
  said.alarms.push_back({{"canary.missed", "http/f0", Level::kBlind, "why"}, 1, 1});
  EXPECT_EQ(good_before(to_json(said)), said.started_ms + 3'000);
  said.alarms.push_back({{"canary.missed", "http/f1", Level::kBlind, "why"}, 1, 1});
  EXPECT_EQ(good_before(to_json(said)), said.started_ms + 2'000);
  said.canaries[1].last_good_ms = 0;
  EXPECT_EQ(good_before(to_json(said)), said.started_ms) << "never one since it began";
  for (const char* body : {"", "{}", "[]", "{\"alarms\": 7}", "{\"alarms\": [7]}"}) {
    EXPECT_EQ(good_before(body), 0) << body;
  }
}

TEST_F(WatchTest, AsJsonItSaysWhatItSees) {
  testing::add_active_list(*pipeline_, "one", "00000000000000000000000000000001\n");
  start();
  boost::system::error_code bad;
  const auto parsed = boost::json::parse(to_json(*watch_->status()), bad);
  ASSERT_FALSE(bad);
  const auto& body = parsed.as_object();
  EXPECT_EQ(body.at("lists").as_array().at(0).at("name").as_string(), "one");
  EXPECT_TRUE(body.contains("started_at"));
  EXPECT_TRUE(body.at("canaries").as_array().empty());
}

TEST(LevelOfDoor, AlarmsOfAnotherDoorDoNotCount) {
  Status status;
  const auto raise = [&](std::string code, std::string object, Level level) {
    status.alarms.push_back({{std::move(code), std::move(object), level, "why"}, 1, 1});
  };
  raise("canary.missed", "bridge/jpeg", Level::kBlind);
  EXPECT_EQ(level_of_door(status, "http"), Level::kOk);
  raise("list.stale", "http", Level::kDegraded);  // a list of that name
  EXPECT_EQ(level_of_door(status, "http"), Level::kDegraded);
  raise("canary.missed", "http/png", Level::kBlind);
  EXPECT_EQ(level_of_door(status, "http"), Level::kBlind);
}

}  // namespace
}  // namespace tutela::watch
