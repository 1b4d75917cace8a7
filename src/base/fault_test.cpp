#include "base/fault.hpp"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "base/file.hpp"

namespace tutela {
namespace {

// A point may be looked at just before the file changes; then 50 ms pass.
constexpr std::chrono::milliseconds kSeen{120};

Status pass_the_point() {
  TUTELA_FAULT_POINT("test.point");
  return ok();
}

/// The file's name is read once a process, so it is set before any test runs.
class FaultFileName : public testing::Environment {
 public:
  void SetUp() override { ::setenv("TUTELA_FAULT_FILE", file().c_str(), 1); }

  void TearDown() override { std::filesystem::remove(file()); }

  static std::filesystem::path file() {
    return std::filesystem::temp_directory_path() /
           ("tutela-fault-test-" + std::to_string(::getpid()));
  }
};

const testing::Environment* const kFaultFileName =
    testing::AddGlobalTestEnvironment(std::make_unique<FaultFileName>().release());

class FaultFile : public testing::Test {
 protected:
  void SetUp() override {
    if (!fault::kCompiledIn) {
      GTEST_SKIP() << "this build has no fault hooks (a release)";
    }
    arm("");
  }

  void arm(const std::string& lines) const {
    ASSERT_TRUE(write_file_atomic(file_, as_bytes(lines)));
    std::this_thread::sleep_for(kSeen);
  }

  const std::filesystem::path file_ = FaultFileName::file();
};

TEST_F(FaultFile, ArmsAPointForAsLongAsItsLineIsThere) {
  EXPECT_TRUE(pass_the_point());
  arm("other.point=error\ntest.point=error\n");
  EXPECT_EQ(pass_the_point().error().code, "fault.injected");
  EXPECT_EQ(pass_the_point().error().code, "fault.injected");
  EXPECT_TRUE(TUTELA_FAULT_ARMED("test.point"));
  arm("other.point=error\n");
  EXPECT_TRUE(pass_the_point());
  EXPECT_FALSE(TUTELA_FAULT_ARMED("test.point"));
  std::filesystem::remove(file_);
  std::this_thread::sleep_for(kSeen);
  EXPECT_FALSE(TUTELA_FAULT_ARMED("other.point"));
}

TEST_F(FaultFile, HangsUntilTheLineIsGone) {
  arm("test.point=hang");
  std::atomic<bool> passed = false;
  std::thread other([&] {
    EXPECT_TRUE(pass_the_point());
    passed = true;
  });
  std::this_thread::sleep_for(2 * kSeen);
  EXPECT_FALSE(passed);
  arm("");
  other.join();  // or the test hangs until its limit
  EXPECT_TRUE(passed);
}

TEST_F(FaultFile, KillsTheProcessThatComesBy) {
  EXPECT_EXIT(
      {
        arm("test.point=kill");
        static_cast<void>(pass_the_point());
        std::exit(0);
      },
      testing::KilledBySignal(SIGKILL),
      "");
}

TEST_F(FaultFile, StopsTheSystemClockAndLetsItGoOn) {
  const SystemClock clock;
  arm("clock.now=error");
  const UtcMs stopped = clock.now_ms();
  std::this_thread::sleep_for(kSeen);
  EXPECT_EQ(clock.now_ms(), stopped);
  arm("");
  EXPECT_GT(clock.now_ms(), stopped);
}

TEST_F(FaultFile, ArmsNothingByLinesThatAreNone) {
  arm("test.point\n=error\n\n");
  EXPECT_TRUE(pass_the_point());
}

}  // namespace
}  // namespace tutela
