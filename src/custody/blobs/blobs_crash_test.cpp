// Processes that die, or fail, at each step of a write, a replacement and a removal. The test
// program starts itself again as the process that dies.
#include <csignal>
#include <filesystem>

#include <sys/wait.h>
#include <unistd.h>

#include "base/fault.hpp"
#include "base/file.hpp"
#include "custody/blobs/places_test.hpp"
#include "support/disabled_test.hpp"

namespace tutela::blobs {
namespace {

constexpr std::size_t kSmall = 150'000;
constexpr std::size_t kLarge = std::size_t{11} << 20;

TEST(BlobsChild, DISABLED_Works) {
  Result<std::unique_ptr<Blobs>> blobs =
      open_place(variable("TUTELA_TEST_PLACE"), variable("TUTELA_TEST_FOLDER"));
  ASSERT_TRUE(blobs) << blobs.error().message;
  const std::string name = variable("TUTELA_TEST_NAME");
  const std::string work = variable("TUTELA_TEST_WORK");
  const Status status = work == "small"     ? put(**blobs, name, pattern(kSmall))
                        : work == "large"   ? put(**blobs, name, pattern(kLarge))
                        : work == "replace" ? (*blobs)->replace(name, pattern(200, 2))
                                            : (*blobs)->remove(name);
  EXPECT_TRUE(status || status.error().kind == ErrorKind::kUnavailable) << status.error().message;
}

class BlobsCrashTest : public PlaceTest {
 protected:
  void SetUp() override {
    if (!fault::kCompiledIn) {
      GTEST_SKIP() << "fault points are not compiled in";
    }
    PlaceTest::SetUp();
  }

  /// The wait status of a process that does the work with the fault armed.
  int run(const std::string& fault,
          const std::string& work,
          const std::string& blob,
          std::vector<std::string> command = {}) {
    std::vector<std::string> variables = {"TUTELA_FAULT=" + fault,
                                          "TUTELA_TEST_WORK=" + work,
                                          "TUTELA_TEST_NAME=" + blob,
                                          "TUTELA_TEST_PLACE=" + GetParam(),
                                          "TUTELA_TEST_FOLDER=" + folder_.path().string()};
    for (char** each = environ; *each != nullptr; ++each) {
      variables.emplace_back(*each);
    }
    return testing::status_of(
        testing::start_disabled("BlobsChild.*", std::move(variables), std::move(command)));
  }

  void kill_at(const std::string& point, const std::string& work, const std::string& blob) {
    EXPECT_TRUE(testing::was_killed(run(point + "=kill", work, blob))) << point;
  }

  [[nodiscard]] std::size_t unfinished() const {
    return static_cast<std::size_t>(std::distance(
        std::filesystem::directory_iterator(folder_.path() / "blobs" / "_unfinished"), {}));
  }

  [[nodiscard]] bool in_folder() const { return GetParam() == "folder"; }
};

TEST_P(BlobsCrashTest, HoldsAWholeBlobOrNoneAfterAKillAtEveryStep) {
  const std::vector<std::pair<std::string, bool>> steps =
      in_folder() ? std::vector<std::pair<std::string, bool>>{{"blobs.after_write", false},
                                                              {"blobs.after_sync", false},
                                                              {"blobs.after_folder", false},
                                                              {"blobs.after_link", true},
                                                              {"blobs.after_folder_sync", true}}
                  : std::vector<std::pair<std::string, bool>>{{"blobs.after_put", true}};
  for (const auto& [point, there] : steps) {
    const std::string blob = name(std::string(1, static_cast<char>('a' + point.size())));
    kill_at(point, "small", blob);
    const std::unique_ptr<Blobs> after = open();
    const Result<Bytes> got = after->get(blob, kSmall);
    EXPECT_EQ(got.has_value(), there) << point;
    EXPECT_TRUE(got ? *got == pattern(kSmall) : got.error().code == "blob.missing") << point;
    EXPECT_EQ(names_under(*after, blob).size(), there ? 1U : 0U) << point;
    if (in_folder()) {
      EXPECT_EQ(unfinished(), 0U) << point;
    }
    EXPECT_TRUE(after->remove(blob));
    EXPECT_TRUE(put(*after, blob, pattern(10))) << point;
    EXPECT_TRUE(after->remove(blob));
  }
}

TEST_P(BlobsCrashTest, HoldsNothingHalfAfterAKillBetweenParts) {
  if (in_folder()) {
    GTEST_SKIP() << "a folder has no parts";
  }
  for (const std::string point :
       {"blobs.after_upload_begun", "blobs.after_part", "blobs.after_complete"}) {
    const std::string blob = name(point == "blobs.after_complete" ? "whole" : "none");
    kill_at(point, "large", blob);
    const Result<Bytes> got = open()->get(blob, kLarge);
    EXPECT_EQ(got.has_value(), point == "blobs.after_complete") << point;
    EXPECT_TRUE(got ? *got == pattern(kLarge) : got.error().code == "blob.missing") << point;
  }
  EXPECT_EQ(names_under(*blobs_, prefix_), std::vector<std::string>{name("whole")});
}

TEST_P(BlobsCrashTest, HoldsTheOldOrTheNewAfterAKillInAReplacement) {
  if (!in_folder()) {
    GTEST_SKIP() << "one request replaces an object; there is no step between";
  }
  const std::string blob = name("key");
  for (const std::string point : {"blobs.after_write", "blobs.after_sync", "blobs.after_rename"}) {
    ASSERT_TRUE(blobs_->replace(blob, pattern(100)));
    kill_at(point, "replace", blob);
    EXPECT_EQ(*open()->get(blob, 1000),
              point == "blobs.after_rename" ? pattern(200, 2) : pattern(100));
    EXPECT_EQ(unfinished(), 0U);
  }
}

TEST_P(BlobsCrashTest, FinishesARemovalThatWasKilled) {
  if (!in_folder()) {
    GTEST_SKIP() << "one request removes an object; there is no step between";
  }
  ASSERT_TRUE(put(*blobs_, name("gone"), pattern(10)));
  kill_at("blobs.after_unlink", "remove", name("gone"));
  EXPECT_EQ(code_of(blobs_->get(name("gone"), 10)), "blob.missing");
  EXPECT_TRUE(blobs_->remove(name("gone")));
}

TEST_P(BlobsCrashTest, LeavesNothingOfAWriteThatFailed) {
  if (!in_folder()) {
    GTEST_SKIP() << "tests/s3 breaks real servers";
  }
  for (const std::string point :
       {"blobs.after_write", "blobs.after_sync", "blobs.after_link", "blobs.after_folder_sync"}) {
    EXPECT_EQ(run(point + "=error", "small", name("failed")), 0);
    EXPECT_EQ(unfinished(), 0U) << point;
    EXPECT_EQ(code_of(blobs_->open(name("failed"))), "blob.missing") << point;
  }
}

// Where in the trace, from `from` on, a line holds both texts; npos where none does.
std::size_t find_call(const std::string& trace,
                      std::size_t from,
                      const std::string& call,
                      const std::string& about) {
  std::size_t at = from;
  while ((at = trace.find(call, at)) != std::string::npos) {
    const std::size_t end = trace.find('\n', at);
    if (trace.substr(at, end - at).find(about) != std::string::npos) {
      return at;
    }
    at = end;
  }
  return at;
}

TEST_P(BlobsCrashTest, SyncsTheFileThenItsNameThenTheNamesOfNewFolders) {
  if (!in_folder() || !std::filesystem::exists("/usr/bin/strace")) {
    GTEST_SKIP() << "no folder, or no strace: the order of writes and syncs was NOT checked";
  }
  const std::filesystem::path log = folder_.path() / "trace";
  const int status =
      run("",
          "small",
          "ab/cd",
          {"strace", "-f", "-y", "-o", log.string(), "-e", "trace=write,fsync,link,linkat,mkdir"});
  const Result<Bytes> bytes = read_file(log, 16U << 20U);
  if (status != 0 || !bytes || bytes->empty()) {
    GTEST_SKIP() << "strace may not trace here: the order of writes and syncs was NOT checked";
  }
  const std::string trace(as_text(*bytes));
  const std::string root = folder_.path() / "blobs";
  const std::size_t wrote = find_call(trace, 0, "write(", root + "/_unfinished/");
  const std::size_t synced = find_call(trace, wrote, "fsync(", root + "/_unfinished/");
  const std::size_t made = find_call(trace, 0, "mkdir(", root + "/ab");
  const std::size_t made_durable = find_call(trace, made, "fsync(", "<" + root + ">");
  const std::size_t linked = find_call(trace, synced, "link", root + "/ab/cd_");
  const std::size_t named = find_call(trace, linked, "fsync(", "<" + root + "/ab>");
  EXPECT_NE(made_durable, std::string::npos) << trace;
  EXPECT_NE(named, std::string::npos) << trace;
  EXPECT_EQ(find_call(trace, synced, "write(", root), std::string::npos) << trace;
}

INSTANTIATE_TEST_SUITE_P(Places,
                         BlobsCrashTest,
                         ::testing::ValuesIn(places()),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace tutela::blobs
