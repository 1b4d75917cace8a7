#include "custody/blobs/folder_blobs.hpp"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.hpp"
#include "custody/blobs/format.hpp"
#include "custody/blobs/places_test.hpp"

namespace tutela::blobs {
namespace {

class FolderBlobsTest : public ::testing::Test {
 protected:
  void SetUp() override { blobs_ = open(); }

  std::unique_ptr<Blobs> open(FolderOptions options = {0}) {
    Result<std::unique_ptr<Blobs>> opened = open_folder(place(), options);
    EXPECT_TRUE(opened) << opened.error().message;
    return *std::move(opened);
  }

  [[nodiscard]] std::filesystem::path place() const { return folder_.path() / "blobs"; }

  void store(const std::filesystem::path& path, ByteView bytes) const {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << as_text(bytes);
    EXPECT_TRUE(file.good());
  }

  static mode_t mode_of(const std::filesystem::path& path) {
    struct stat info {};

    EXPECT_EQ(::stat(path.c_str(), &info), 0);
    return info.st_mode & 07777U;
  }

  tutela::testing::TemporaryFolder folder_;
  std::unique_ptr<Blobs> blobs_;
};

TEST_F(FolderBlobsTest, LetsNobodyElseIn) {
  ASSERT_TRUE(put(*blobs_, "ab/cd", pattern(10)));
  for (const char* const folder : {"", "ab", "_unfinished"}) {
    EXPECT_EQ(mode_of(place() / folder), 0700U);
  }
  EXPECT_EQ(mode_of(place() / "ab" / "cd_"), 0600U);
}

TEST_F(FolderBlobsTest, WritesTheFormatOfItsHeader) {
  ASSERT_TRUE(put(*blobs_, "x", as_bytes("tutela")));
  const Result<Bytes> file = read_file(place() / "x_", 1000);
  ASSERT_TRUE(file);
  EXPECT_EQ(*file, with_footer(as_bytes("tutela")));
}

TEST_F(FolderBlobsTest, FindsEveryFlippedBitAndEveryCut) {
  const Bytes good = with_footer(pattern(100));
  std::vector<Bytes> broken;
  for (std::size_t at = 0; at < good.size(); ++at) {
    broken.push_back(good);
    broken.back()[at] ^= static_cast<std::byte>(1U << (at % 8));
    broken.emplace_back(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(at));
  }
  broken.push_back(good);
  broken.back().push_back(std::byte{0});
  for (std::size_t i = 0; i < broken.size(); ++i) {
    store(place() / "x_", broken[i]);
    EXPECT_EQ(code_of(blobs_->get("x", 1000)), "blob.corrupt") << i;
  }
  store(place() / "x_", good);
  EXPECT_EQ(*blobs_->get("x", 1000), pattern(100));
}

TEST_F(FolderBlobsTest, TellsRotOnlyAtTheEndAndThenForEver) {
  Bytes bytes = with_footer(pattern(100));
  bytes[50] ^= std::byte{1};
  store(place() / "x_", bytes);
  const Result<std::unique_ptr<Reader>> reader = blobs_->open("x");
  ASSERT_TRUE(reader);
  Bytes out(100);
  EXPECT_EQ(*(*reader)->read(out), 100U);
  EXPECT_EQ(code_of((*reader)->read(out)), "blob.corrupt");
  EXPECT_EQ(code_of((*reader)->read(out)), "blob.corrupt");
}

TEST_F(FolderBlobsTest, ScrubNamesWhatIsRotten) {
  for (const std::string name : {"a/1", "a/2", "b/1"}) {
    ASSERT_TRUE(put(*blobs_, name, pattern(1000)));
  }
  Bytes bytes = with_footer(pattern(1000));
  bytes[7] ^= std::byte{16};
  store(place() / "a" / "2_", bytes);
  store(place() / "b" / "2_", {});
  std::filesystem::create_directory(place() / "b" / "3_");
  const Result<Scrub> scrub = blobs_->scrub("", [] { return false; }, {});
  ASSERT_TRUE(scrub) << scrub.error().message;
  EXPECT_EQ(scrub->blobs, 5U);
  EXPECT_EQ(scrub->corrupt, (std::vector<std::string>{"a/2", "b/2", "b/3"}));
  EXPECT_EQ(blobs_->scrub("a/1", [] { return false; }, {})->corrupt.size(), 0U);
}

TEST_F(FolderBlobsTest, ScrubsNoFasterThanItWasTold) {
  const std::unique_ptr<Blobs> slow = open({4U << 20U});
  ASSERT_TRUE(put(*slow, "x", pattern(2U << 20U)));
  const auto begun = std::chrono::steady_clock::now();
  ASSERT_TRUE(slow->scrub("", [] { return false; }, {}));
  EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(450));
}

TEST_F(FolderBlobsTest, RemovesWhatTheDeadLeftAndNothingOfTheLiving) {
  const auto dead = place() / "_unfinished" / "dead";
  const auto living = place() / "_unfinished" / "living";
  store(dead, pattern(10));
  store(living, pattern(10));
  const Fd held(::open(living.c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(::flock(held.get(), LOCK_EX), 0);
  open();
  EXPECT_FALSE(std::filesystem::exists(dead));
  EXPECT_TRUE(std::filesystem::exists(living));
}

TEST_F(FolderBlobsTest, FollowsNoLinkOutOfTheFolder) {
  store(folder_.path() / "outside", with_footer(pattern(10)));
  std::filesystem::create_symlink(folder_.path() / "outside", place() / "x_");
  EXPECT_FALSE(blobs_->get("x", 100));
}

TEST_F(FolderBlobsTest, ListsAFolderOfMoreThanAPage) {
  std::filesystem::create_directory(place() / "m");
  constexpr int kCount = 66'000;
  for (int i = 0; i < kCount; ++i) {
    const std::string path = place() / "m" / (std::to_string(100'000 + i) + "_");
    ::close(::open(path.c_str(), O_CREAT | O_WRONLY, 0600));
  }
  int next = 100'000;
  ASSERT_TRUE(blobs_->list("m/", [&](std::string_view name) -> Status {
    EXPECT_EQ(name, "m/" + std::to_string(next));
    ++next;
    return ok();
  }));
  EXPECT_EQ(next, 100'000 + kCount);
}

// Runs in a process that has a disk of one megabyte of its own; 77 where it may not have one.
int fill_a_small_disk(const std::filesystem::path& disk) {
  const uid_t user = ::getuid();
  if (::unshare(CLONE_NEWNS) != 0) {
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) {
      return 77;
    }
    std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
  }
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=1m") != 0) {
    return 77;
  }
  const Result<std::unique_ptr<Blobs>> blobs = open_folder(disk / "blobs", {0});
  if (!blobs || !(*blobs)->replace("key", pattern(1000)) || !put(**blobs, "a", pattern(300'000))) {
    return 1;
  }
  if (code_of(put(**blobs, "b", pattern(2'000'000))) != "blob.full") {
    return 2;
  }
  if (code_of((*blobs)->open("b")) != "blob.missing" ||
      (*blobs)->get("a", 300'000)->size() != 300'000) {
    return 3;
  }
  // What failed has given its room back.
  if (!put(**blobs, "c", pattern(400'000)) ||
      code_of(put(**blobs, "d", pattern(400'000))) != "blob.full") {
    return 4;
  }
  const std::string full = code_of((*blobs)->replace("key", pattern(60'000, 2)));
  const Bytes key = *(*blobs)->get("key", 60'000);
  return (full.empty() && key == pattern(60'000, 2)) ||
                 (full == "blob.full" && key == pattern(1000))
             ? 0
             : 5;
}

TEST_F(FolderBlobsTest, SaysThatTheDiskIsFullAndLosesNothing) {
  const std::filesystem::path disk = folder_.path() / "disk";
  std::filesystem::create_directory(disk);
  const pid_t child = ::fork();
  if (child == 0) {
    ::_exit(fill_a_small_disk(disk));
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) {
    GTEST_SKIP() << "may not mount here: a full disk was NOT tested";
  }
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace tutela::blobs
