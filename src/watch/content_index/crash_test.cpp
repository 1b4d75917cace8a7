// Kills a process at each step of append(), again and again over one folder, and looks at what is
// there.
#include <csignal>
#include <cstdlib>
#include <optional>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/fault.hpp"
#include "base/file.hpp"
#include "support/folder.hpp"
#include "watch/content_index/test_entries.hpp"

namespace tutela::content_index {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kSegmentBytesMax = 6'000;
constexpr const char* kFolderVariable = "TUTELA_TEST_CRASH_FOLDER";

/// In a process of its own: appends until a fault kills it, and writes down each position that it
/// was told is durable.
void append_until_killed(const fs::path& folder) {
  const Fd answers(::open((folder / "answers").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600));
  auto index = ContentIndex::open({folder / "index", kSegmentBytesMax, {}});
  for (int i = 0; index && i < 200; ++i) {
    const auto at = static_cast<std::uint64_t>((*index)->position());
    const std::uint64_t end = at + 1 + at % 5;
    if (!(*index)->append(entries_of(at, end), static_cast<std::int64_t>(end)) ||
        ::write(answers.get(), &end, sizeof end) != sizeof end) {
      break;
    }
  }
  std::_Exit(1);
}

/// All that was answered for is there; what is there is whole, in order, and up to the position.
void expect_whole(const fs::path& folder) {
  std::uint64_t answered = 0;
  if (const auto answers = read_file(folder / "answers", 1U << 20); answers && !answers->empty()) {
    std::memcpy(&answered, answers->data() + answers->size() - sizeof answered, sizeof answered);
  }
  const auto index = ContentIndex::open({folder / "index", kSegmentBytesMax, {}});
  ASSERT_TRUE(index) << index.error().message;
  const auto position = static_cast<std::uint64_t>((*index)->position());
  EXPECT_GE(position, answered);
  EXPECT_LE(position, answered + 5) << "at most one append more";
  std::uint64_t next = 0;
  ASSERT_TRUE((*index)->for_each({}, (*index)->end(), [&](const Uuid& id, const auto* first) {
    const Entry entry = entry_of(next);
    EXPECT_EQ(number_of(id), next++);
    EXPECT_TRUE(first == nullptr ? entry.frames.empty() : *first == entry.frames[0][0]);
    return true;
  }));
  EXPECT_EQ(next, position);
  EXPECT_EQ((*index)->stats().contents, position);
}

class ContentIndexCrash : public ::testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Points,
                         ContentIndexCrash,
                         ::testing::Values("content_index.after_write",
                                           "content_index.after_sync",
                                           "content_index.after_segment"),
                         [](const auto& point) {
                           return std::string(point.param).substr(sizeof "content_index." - 1);
                         });

TEST_P(ContentIndexCrash, LosesNothingDurableAndLeavesNothingHalf) {
  if (!fault::kCompiledIn) {
    GTEST_SKIP() << "fault points are not compiled in";
  }
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // runs the program again, up to this statement
  const char* const given = std::getenv(kFolderVariable);
  const bool is_child = given != nullptr;
  std::optional<tutela::testing::TemporaryFolder> made;
  if (!is_child) {
    made.emplace();
    ASSERT_TRUE(fault::reach("a point that is not armed"));  // reads the environment once
    ::setenv(kFolderVariable, made->path().c_str(), 1);
  }
  const fs::path folder = is_child ? fs::path(given) : made->path();
  for (const int passing : {1, 2, 3, 5, 8}) {
    ::setenv("TUTELA_FAULT", (GetParam() + ("=kill@" + std::to_string(passing))).c_str(), 1);
    EXPECT_EXIT(append_until_killed(folder), ::testing::KilledBySignal(SIGKILL), "");
    if (!is_child) {
      expect_whole(folder);
    }
  }
  ::unsetenv("TUTELA_FAULT");
  ::unsetenv(kFolderVariable);
}

}  // namespace
}  // namespace tutela::content_index
