// Canaries through a whole pipeline: real pictures, workers, lists, store and outbox. The door
// itself is a receiver of HTTP that hands over to the pipeline, so that it can misbehave.
#include "service/watch/runner.hpp"

#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "base/mutex.hpp"
#include "service/webhooks/webhooks.hpp"
#include "support/evidence_rows.hpp"
#include "support/pipelines.hpp"
#include "support/receiver.hpp"
#include "watch/canaries/canaries.hpp"

namespace tutela::watch {
namespace {

using Last = alarms::CanaryState::Last;
using testing::Receiver;
using testing::Request;
using Time = std::chrono::steady_clock;

enum class Manner : std::uint8_t { kScans, kSilent, kBusy, kLetsThrough, kUnauthorized, kForgets };

class RunnerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    config_ = testing::pipeline_config(folder_.path());
    auto opened = pipeline::Pipeline::open(config_, clock_);
    ASSERT_TRUE(opened) << opened.error().message;
    pipeline_ = *std::move(opened);
    receiver_ = std::make_unique<Receiver>(
        [this](const Request& request, const Receiver::Peer& peer) { answer(request, peer); });
    set("jpeg png", 1, 10'000);
    auto sender = webhooks::Sender::start(pipeline_->database(), clock_, {}, {}, {});
    ASSERT_TRUE(sender);
    sender_ = *std::move(sender);
  }

  void TearDown() override {
    runner_.reset();
    receiver_.reset();
  }

  void set(const std::string& formats, std::uint32_t seconds, std::uint32_t timeout_ms) {
    auto next = std::make_shared<config::Config>(config_);
    next->watch.canary_formats = formats;
    next->watch.canary_seconds = seconds;
    next->watch.canary_timeout_ms = timeout_ms;
    const MutexLock lock(mutex_);
    settings_ = std::move(next);
  }

  void start() {
    RunnerOptions options;
    options.settings = [this] {
      const MutexLock lock(mutex_);
      return settings_;
    };
    options.program = std::filesystem::path(TUTELA_BINARY_DIR) / "bin" / "tutela";
    options.list_changed = [this] {
      return pipeline_->refresh_generation();
    };
    const std::string url = receiver_->url();
    options.doors.push_back({"http", url.substr(0, url.rfind("/hook")), [this] {
                               ++tokens_;
                               return Result<std::string>("secret" + std::to_string(tokens_));
                             }});
    auto started = Runner::start(
        pipeline_->database(), pipeline_->lists(), pipeline_->ledger(), clock_, std::move(options));
    ASSERT_TRUE(started) << started.error().message;
    runner_ = *std::move(started);
  }

  /// The door.
  void answer(const Request& request, const Receiver::Peer& peer) {
    const Manner manner = manner_;
    if (manner == Manner::kSilent) {
      peer.pause(60'000);
    } else if (manner == Manner::kBusy) {
      peer.send(Receiver::response(
          "503 Busy", "content-type: application/json\r\n", R"({"code":"server.overloaded"})"));
    } else if (manner == Manner::kUnauthorized &&
               request.headers.at("authorization") == "Bearer secret1") {
      peer.send(Receiver::response("401 Who", "", R"({"code":"auth.bad_token"})"));
    } else if (manner == Manner::kForgets) {
      peer.send(Receiver::response("200 OK", "", R"({"id":"none","outcome":"held"})"));
    } else {
      scan(request, peer, manner == Manner::kLetsThrough);
    }
  }

  void scan(const Request& request, const Receiver::Peer& peer, bool lets_through) {
    auto content = scan_bytes(as_bytes(request.body));
    if (!content) {
      peer.send(Receiver::response("500 No", "", "{}"));
      return;
    }
    const bool passes = content->outcome.decision.action == policy::Action::kPass || lets_through;
    peer.send(Receiver::response("200 OK",
                                 "content-type: application/json\r\n",
                                 R"({"id":")" + to_string(content->arrival.id) +
                                     R"(","outcome":")" + (passes ? "accepted" : "held") +
                                     R"("})"));
  }

  Result<ledger::Content> scan_bytes(ByteView bytes) {
    TUTELA_TRY_ASSIGN(auto intake, pipeline_->receive({testing::tester(), "http", "", {}, {}}));
    TUTELA_TRY(intake.append(bytes));
    TUTELA_TRY(intake.finish());
    return pipeline_->scan(std::move(intake));
  }

  /// Waits until all lines are so, and there are some.
  bool all_become(Last last, int seconds = 120) {
    return becomes(
        [&](const std::vector<CanaryLine>& lines) {
          return !lines.empty() && std::ranges::all_of(lines, [&](const CanaryLine& line) {
            return line.state.last == last;
          });
        },
        seconds);
  }

  bool becomes(const std::function<bool(const std::vector<CanaryLine>&)>& what, int seconds = 120) {
    const auto end = Time::now() + std::chrono::seconds(seconds);
    while (Time::now() < end) {
      if (what(runner_->lines())) {
        return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  }

  std::int64_t count(const std::string& from) {
    return testing::count(pipeline_->database(), from);
  }

  void expect_nobody_learned_of_canaries() {
    for (const std::string table :
         {"review_case", "case_item", "coverage_hour", "match_hour", "judged_at", "evidence"}) {
      EXPECT_EQ(count(table), 0) << table;
    }
    EXPECT_EQ(count("audit WHERE action LIKE 'content.%'"), 0);
    EXPECT_EQ(count("outbox WHERE topic <> 'canary.decided'"), 0);
    EXPECT_EQ(count("content WHERE canary = 0"), 0);
    EXPECT_TRUE(pipeline_->ledger().with_matches(testing::tester(), {})->empty());
  }

  testing::TemporaryFolder folder_;
  SystemClock clock_;
  config::Config config_;
  std::atomic<Manner> manner_ = Manner::kScans;
  std::atomic<int> tokens_ = 0;
  Mutex mutex_;
  std::shared_ptr<const config::Config> settings_ TUTELA_GUARDED_BY(mutex_);
  std::unique_ptr<pipeline::Pipeline> pipeline_;
  std::unique_ptr<webhooks::Sender> sender_;
  std::unique_ptr<Receiver> receiver_;
  std::unique_ptr<Runner> runner_;
};

TEST_F(RunnerTest, CanariesOfEveryFormatFlowAndReachNobody) {
  set("jpeg png webp gif tiff avif heic bmp", 4, 60'000);
  start();
  ASSERT_TRUE(all_become(Last::kGood));
  ASSERT_TRUE(becomes([](const std::vector<CanaryLine>& lines) {
    return std::ranges::all_of(lines, [](const CanaryLine& line) { return line.sent >= 2; }) &&
           std::ranges::count_if(
               lines, [](const CanaryLine& line) { return line.negatives_good > 0; }) >= 2;
  }));
  EXPECT_EQ(runner_->problem(), "");
  const auto lines = runner_->lines();
  ASSERT_EQ(lines.size(), 8U);
  for (const CanaryLine& line : lines) {
    EXPECT_EQ(line.state.door, "http");
    EXPECT_EQ(line.good, line.sent) << line.state.format;
    EXPECT_EQ(line.negatives_good, line.negatives_sent);
    EXPECT_GE(line.state.since_good_ms, 0);
    EXPECT_GT(line.last_good_ms, 0);
  }
  expect_nobody_learned_of_canaries();
  EXPECT_GT(count("canary_hour WHERE sent = good AND expected = 'match'"), 7);
  std::set<std::string> bodies;
  for (const Request& request : receiver_->requests()) {
    EXPECT_EQ(request.headers.at("authorization"), "Bearer secret1");
    EXPECT_EQ(request.target, "/v1/scan");
    EXPECT_TRUE(bodies.insert(request.body).second) << "never the same bytes";
  }
  const std::string key = (folder_.path() / "canary.key").string();
  EXPECT_EQ(std::filesystem::status(key).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(RunnerTest, WhoeverSendsTheSameBytesAgainSendsAnOrdinaryMatch) {
  start();
  ASSERT_TRUE(all_become(Last::kGood));
  runner_.reset();
  const auto body = receiver_->requests().front().body;
  const auto content = scan_bytes(as_bytes(body));
  ASSERT_TRUE(content);
  EXPECT_EQ(content->outcome.verdict, policy::Verdict::kMatch);
  EXPECT_FALSE(content->canary);
  EXPECT_EQ(count("review_case"), 1);
  EXPECT_EQ(count("coverage_hour WHERE verdict = 'match'"), 1);
}

TEST_F(RunnerTest, AListThatIsEmptiedIsNoticedAndMadeWhole) {
  start();
  ASSERT_TRUE(all_become(Last::kGood));
  const auto list = pipeline_->lists().get(testing::tester(), "canary");
  ASSERT_TRUE(list);
  const auto values = testing::texts(pipeline_->database(), "SELECT value FROM signal ORDER BY id");
  ASSERT_EQ(values.size(), canaries::kPositives);
  ASSERT_EQ(*pipeline_->lists().remove_signals(testing::tester(), list->id, values), 8);
  ASSERT_TRUE(pipeline_->refresh_generation());
  EXPECT_TRUE(becomes([](const std::vector<CanaryLine>& lines) {
    return std::ranges::any_of(
        lines, [](const CanaryLine& line) { return line.state.last == Last::kMissed; });
  }));
  EXPECT_TRUE(all_become(Last::kGood));
  EXPECT_EQ(count("signal"), 8);
  ASSERT_TRUE(pipeline_->lists().deactivate(testing::tester(), list->id));
  ASSERT_TRUE(pipeline_->refresh_generation());
  EXPECT_TRUE(all_become(Last::kMissed));
  EXPECT_TRUE(all_become(Last::kGood)) << "active again";
}

TEST_F(RunnerTest, ADoorThatMisbehavesIsNoticed) {
  start();
  ASSERT_TRUE(all_become(Last::kGood));
  for (const auto& [manner, last] : {std::pair(Manner::kSilent, Last::kUnanswered),
                                     std::pair(Manner::kBusy, Last::kRefused),
                                     std::pair(Manner::kForgets, Last::kUnanswered),
                                     std::pair(Manner::kLetsThrough, Last::kMissed)}) {
    manner_ = manner;
    EXPECT_TRUE(all_become(last)) << static_cast<int>(manner);
    manner_ = Manner::kScans;
    EXPECT_TRUE(all_become(Last::kGood)) << static_cast<int>(manner);
  }
  for (const CanaryLine& line : runner_->lines()) {
    EXPECT_LT(line.good, line.sent);
  }
}

TEST_F(RunnerTest, AStoppedOutboxIsNoticed) {
  start();
  ASSERT_TRUE(all_become(Last::kGood));
  sender_.reset();
  EXPECT_TRUE(all_become(Last::kUnanswered));
}

TEST_F(RunnerTest, ATokenThatIsTakenNoLongerIsAskedForAgain) {
  manner_ = Manner::kUnauthorized;
  start();
  EXPECT_TRUE(all_become(Last::kGood));
  EXPECT_GE(tokens_, 2);
}

TEST_F(RunnerTest, WhatCannotBeRegisteredIsNotSentAndHasFailed) {
  start();
  ASSERT_TRUE(all_become(Last::kGood));
  testing::run_sql(pipeline_->database(),
                   "CREATE TRIGGER no_canaries BEFORE INSERT ON canary "
                   "BEGIN SELECT RAISE(FAIL, 'read only'); END",
                   {});
  ASSERT_TRUE(all_become(Last::kUnanswered));
  const auto sent = receiver_->requests().size();
  std::this_thread::sleep_for(std::chrono::milliseconds(2'500));
  EXPECT_EQ(receiver_->requests().size(), sent);
  testing::run_sql(pipeline_->database(), "DROP TRIGGER no_canaries", {});
  EXPECT_TRUE(all_become(Last::kGood));
  expect_nobody_learned_of_canaries();
}

TEST_F(RunnerTest, AMatchOnAnotherListIsHandledNormallyAndIsNotTheCanarysFailure) {
  start();
  ASSERT_TRUE(all_become(Last::kGood));
  std::string signals;
  for (const std::string& value :
       testing::texts(pipeline_->database(), "SELECT value FROM signal")) {
    signals += "pdq," + value + "\n";
  }
  testing::add_active_list(*pipeline_, "other", signals);
  const std::int64_t sent = runner_->lines().front().sent;
  ASSERT_TRUE(
      becomes([&](const std::vector<CanaryLine>& lines) { return lines.front().sent > sent + 2; }));
  EXPECT_TRUE(all_become(Last::kGood));
  EXPECT_GT(count("review_case"), 0);
  EXPECT_GT(count("content WHERE canary = 0 AND verdict = 'match'"), 0);
  EXPECT_EQ(count("content WHERE canary = 0 AND verdict = 'no_match'"), 0);
}

TEST_F(RunnerTest, FollowsSettingsThatChange) {
  start();
  ASSERT_TRUE(all_become(Last::kGood));
  set("gif", 1, 10'000);
  ASSERT_TRUE(becomes([](const std::vector<CanaryLine>& lines) {
    return lines.size() == 1 && lines[0].state.format == "gif" &&
           lines[0].state.last == Last::kGood;
  }));
  set("gif", 0, 10'000);
  ASSERT_TRUE(becomes([](const std::vector<CanaryLine>& lines) { return lines.empty(); }));
  const auto sent = receiver_->requests().size();
  std::this_thread::sleep_for(std::chrono::milliseconds(2'500));
  EXPECT_EQ(receiver_->requests().size(), sent);
}

TEST_F(RunnerTest, WakeSendsOneOfEveryLineNow) {
  set("jpeg png", 3600, 60'000);  // the next one comes in an hour
  start();
  ASSERT_TRUE(all_become(Last::kGood));
  runner_->wake();
  EXPECT_TRUE(becomes([](const std::vector<CanaryLine>& lines) {
    return std::ranges::all_of(lines, [](const CanaryLine& line) { return line.good >= 2; });
  }));
}

TEST_F(RunnerTest, AListOfAnotherPurposeIsLeftAlone) {
  testing::add_active_list(*pipeline_, "canary", "md5," + std::string(31, '0') + "1\n");
  start();
  EXPECT_TRUE(all_become(Last::kMissed));
  EXPECT_EQ(runner_->problem(), "canary.list_taken");
  EXPECT_EQ(count("signal"), 1);
}

}  // namespace
}  // namespace tutela::watch
