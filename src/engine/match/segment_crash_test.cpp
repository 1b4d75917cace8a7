// Processes that die while they merge. The test program starts itself again as the process to be
// killed.
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/fault.hpp"
#include "engine/match/signal_set.hpp"
#include "engine/match/test_folder.hpp"
#include "engine/match/test_signals.hpp"
#include "support/disabled_test.hpp"

namespace tutela::match {
namespace {

constexpr std::size_t kOld = 300;
constexpr std::size_t kNew = 500;

/// The same signals in every process: `count` in one list with an index.
SignalUpdate first_signals(std::size_t count) {
  Random random(1);
  SignalUpdate update;
  update.lists = {ListEntry{}};
  update.lists_through = {static_cast<std::int64_t>(count)};
  for (std::size_t i = 1; i <= count; ++i) {
    const auto id = static_cast<std::int64_t>(i);
    if (i % 3 == 0) {
      const TestSignal signal = digest_signal(0, id, i);
      update.added.push_back({0, id, signal.kind, signal.value});
    } else {
      update.added.push_back({0, id, SignalKind::kPdq, bytes_of(random_pdq(random))});
    }
  }
  return update;
}

/// Each of the first `count` signals, and no others.
void expect_first_signals(const Generation& generation, std::size_t count) {
  for (const NewSignal& signal : first_signals(kNew).added) {
    const TestSignal wanted{0, signal.id, signal.kind, signal.value};
    const Pdq256 pdq = wanted.pdq();
    const auto hits = signal.kind == SignalKind::kPdq
                          ? generation.search_pdq({{&pdq, 1}, 0})
                          : generation.search_digest(wanted.kind, wanted.bytes());
    const bool is_first = signal.id <= static_cast<std::int64_t>(count);
    ASSERT_EQ(hits.size(), is_first ? 1U : 0U) << signal.id;
    EXPECT_TRUE(!is_first || hits[0].signal_id == signal.id);
  }
}

std::unique_ptr<SignalSet> open_set(const std::filesystem::path& file) {
  auto set = SignalSet::open({.file = file, .merge_signals_min = 1, .run_steps = {}});
  EXPECT_TRUE(set);
  return *std::move(set);
}

TEST(SegmentChild, DISABLED_Merges) {
  const char* const file = std::getenv("TUTELA_TEST_FILE");
  ASSERT_NE(file, nullptr);
  const auto set = open_set(file);
  EXPECT_EQ(set->through({}), static_cast<std::int64_t>(kOld));
  set->apply(first_signals(kNew));
  const Status merged = set->merge();
  ASSERT_FALSE(merged);
  EXPECT_EQ(merged.error().code, "fault.injected");
  expect_first_signals(*set->generation(), kNew);
  EXPECT_TRUE(set->merge_due());
  // The fault passes once.
  EXPECT_TRUE(set->merge());
  expect_first_signals(*set->generation(), kNew);
  EXPECT_EQ(set->stats().delta_signals, 0U);
}

class SegmentCrashTest : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!fault::kCompiledIn) {
      GTEST_SKIP() << "fault points are not compiled in";
    }
    const auto set = open_set(file_);
    set->apply(first_signals(kOld));
    ASSERT_TRUE(set->merge());
  }

  int run_with(const std::string& fault) {
    return testing::status_of(testing::start_disabled(
        "SegmentChild.*", {"TUTELA_TEST_FILE=" + file_.string(), "TUTELA_FAULT=" + fault}));
  }

  const TestFolder folder_;
  const std::filesystem::path file_ = folder_.path() / "signals.index";
};

INSTANTIATE_TEST_SUITE_P(Match,
                         SegmentCrashTest,
                         ::testing::Values("segment.after_rows",
                                           "segment.after_blocks",
                                           "segment.before_sync",
                                           "segment.after_sync",
                                           "segment.after_rename"),
                         [](const auto& point) {
                           const std::string name = point.param;
                           return name.substr(name.find('.') + 1);
                         });

TEST_P(SegmentCrashTest, LeavesTheOldFileOrTheNewOne) {
  const std::string point = GetParam();
  ASSERT_TRUE(testing::was_killed(run_with(point + "=kill")));
  const auto set = open_set(file_);
  EXPECT_TRUE(set->refused().empty());
  const std::size_t there = point == "segment.after_rename" ? kNew : kOld;
  EXPECT_EQ(set->through({}), static_cast<std::int64_t>(there));
  SignalUpdate nothing;
  nothing.lists = {ListEntry{}};
  nothing.lists_through = {static_cast<std::int64_t>(there)};
  expect_first_signals(*set->apply(nothing), there);
  // The lock went with the process; what it left is overwritten.
  expect_first_signals(*set->apply(first_signals(kNew)), kNew);
  ASSERT_TRUE(set->merge());
  expect_first_signals(*open_set(file_)->apply(nothing), kNew);
  EXPECT_FALSE(std::filesystem::exists(file_.string() + ".new"));
}

TEST_P(SegmentCrashTest, KeepsAllThatItHadAfterAnError) {
  EXPECT_EQ(run_with(std::string(GetParam()) + "=error"), 0);
  EXPECT_FALSE(std::filesystem::exists(file_.string() + ".new"));
}

}  // namespace
}  // namespace tutela::match
