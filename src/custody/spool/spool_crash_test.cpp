// Processes that die while they spool, and the order of writes and syncs, which a kill cannot
// show. The test program starts itself again as the process to be killed or watched.
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "base/fault.hpp"
#include "base/file.hpp"
#include "custody/spool/spool.hpp"
#include "support/disabled_test.hpp"

namespace tutela::spool {
namespace {

constexpr std::size_t kItemSize = 150'000;
constexpr std::string_view kItem = "01890a5d-ac96-774b-bcce-b302099a8057";

Result<std::unique_ptr<Spool>> open_in(const std::filesystem::path& folder) {
  return Spool::open({folder, 1U << 30}, *crypto::Key::from_bytes(Bytes(32, std::byte{9})));
}

TEST(SpoolChild, DISABLED_Writes) {
  const char* const folder = std::getenv("TUTELA_TEST_FOLDER");
  ASSERT_NE(folder, nullptr);
  const auto spool = open_in(folder);
  ASSERT_TRUE(spool);
  Result<Spool::Writer> writer = (*spool)->create(*parse_uuid(kItem));
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->append(Bytes(kItemSize, std::byte{7})));
  const Status status = writer->finish();
  EXPECT_TRUE(status || status.error().code == "fault.injected");
}

class SpoolCrashTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / to_string(new_uuid(SystemClock().now_ms()));
    std::filesystem::create_directory(folder_);
  }

  void TearDown() override { std::filesystem::remove_all(folder_); }

  int run(std::vector<std::string> command, const std::string& fault) {
    return testing::status_of(testing::start_disabled(
        "SpoolChild.*",
        {"TUTELA_TEST_FOLDER=" + spool_folder().string(), "TUTELA_FAULT=" + fault},
        std::move(command)));
  }

  std::filesystem::path spool_folder() const { return folder_ / "spool"; }

  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(spool_folder()), {}));
  }

  std::filesystem::path folder_;
};

TEST_F(SpoolCrashTest, HoldsAWholeItemOrNoneAfterAKillAtEveryStep) {
  if (!fault::kCompiledIn) {
    GTEST_SKIP() << "fault points are not compiled in";
  }
  for (const std::string point : {"spool.before_sync", "spool.after_sync", "spool.after_rename"}) {
    std::filesystem::remove_all(spool_folder());
    ASSERT_TRUE(testing::was_killed(run({}, point + "=kill"))) << point;
    EXPECT_EQ(files(), 1U);
    const auto spool = open_in(spool_folder());
    ASSERT_TRUE(spool);
    const bool there = (*spool)->contains(*parse_uuid(kItem));
    EXPECT_EQ(there, point == "spool.after_rename");
    EXPECT_EQ(files(), there ? 1U : 0U);
    if (there) {
      EXPECT_EQ(*(*spool)->read(*parse_uuid(kItem), kItemSize), Bytes(kItemSize, std::byte{7}));
    }
  }
}

TEST_F(SpoolCrashTest, HoldsNothingOfAnItemWhoseFinishFailed) {
  if (!fault::kCompiledIn) {
    GTEST_SKIP() << "fault points are not compiled in";
  }
  for (const std::string point : {"spool.before_sync", "spool.after_sync", "spool.after_rename"}) {
    EXPECT_EQ(run({}, point + "=error"), 0);
    EXPECT_EQ(files(), 0U) << point;
  }
}

// Where in the trace, from `from` on, a line holds both texts; npos where none does.
std::size_t find_call(const std::string& trace,
                      std::size_t from,
                      const std::string& call,
                      const std::string& about) {
  std::size_t at = from;
  while ((at = trace.find(call + "(", at)) != std::string::npos) {
    const std::size_t end = trace.find('\n', at);
    if (trace.substr(at, end - at).find(about) != std::string::npos) {
      return at;
    }
    at = end;
  }
  return at;
}

TEST_F(SpoolCrashTest, WritesThenSyncsThenRenamesThenSyncsTheFolder) {
  if (!std::filesystem::exists("/usr/bin/strace")) {
    GTEST_SKIP() << "strace is not installed: the order of writes and syncs was NOT checked";
  }
  const std::filesystem::path log = folder_ / "trace";
  const int status = run({"strace",
                          "-f",
                          "-y",
                          "-o",
                          log.string(),
                          "-e",
                          "trace=write,fsync,fdatasync,rename,renameat,renameat2"},
                         "");
  const Result<Bytes> bytes = read_file(log, 16U << 20);
  if (status != 0 || !bytes || bytes->empty()) {
    GTEST_SKIP() << "strace may not trace here: the order of writes and syncs was NOT checked";
  }
  const std::string trace(as_text(*bytes));
  const std::string temporary = std::string(kItem) + ".tmp-";
  const std::size_t made = find_call(trace, 0, "fsync", "<" + folder_.string() + ">");
  const std::size_t wrote = find_call(trace, made, "write", temporary);
  const std::size_t synced = find_call(trace, wrote, "fsync", temporary);
  const std::size_t renamed = find_call(trace, synced, "rename", temporary);
  const std::size_t named = find_call(trace, renamed, "fsync", "<" + spool_folder().string() + ">");
  EXPECT_NE(made, std::string::npos) << "the new folder's own name was not synced\n" << trace;
  EXPECT_NE(named, std::string::npos) << trace;
  EXPECT_EQ(find_call(trace, synced, "write", temporary), std::string::npos)
      << "something was written after the sync";
}

}  // namespace
}  // namespace tutela::spool
