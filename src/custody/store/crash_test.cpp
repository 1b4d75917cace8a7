// Processes that die: what was answered for is there, nothing is half there. The test program
// starts itself again as the process to be killed.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "base/fault.hpp"
#include "base/file.hpp"
#include "base/uuid.hpp"
#include "custody/store/store.hpp"
#include "support/disabled_test.hpp"

namespace tutela::store {
namespace {

constexpr int kThreads = 4;
constexpr int kUnitsPerThread = 400;

Status add_unit(Transaction& transaction, std::int64_t id) {
  TUTELA_TRY(transaction.execute("INSERT INTO thing (id) VALUES (:id)", {id}));
  for (std::int64_t part = 0; part < 3; ++part) {
    TUTELA_TRY(transaction.execute("INSERT INTO part (id, thing_id) VALUES (:id, :thing)",
                                   {id * 10 + part, id}));
  }
  return ok();
}

// The other process: writes units and notes each that was answered for.
TEST(CrashChild, DISABLED_Writes) {
  const char* const folder = std::getenv("TUTELA_TEST_FOLDER");
  const char* const first_id = std::getenv("TUTELA_TEST_FIRST_ID");
  ASSERT_TRUE(folder != nullptr && first_id != nullptr);
  const std::filesystem::path path(folder);
  Result<std::unique_ptr<Database>> database = Database::open({.path = path / "tutela.db"});
  ASSERT_TRUE(database) << database.error().message;
  const Fd answered(::open((path / "answered").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600));
  const std::int64_t base = std::atoll(first_id);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kUnitsPerThread; ++i) {
        const std::int64_t id = base + thread * kUnitsPerThread + i;
        const Status status =
            (*database)->write([&](Transaction& transaction) { return add_unit(transaction, id); });
        if (!status) {
          EXPECT_EQ(status.error().code, "fault.injected");
          continue;
        }
        ASSERT_TRUE(write_all(answered.get(), as_bytes(std::to_string(id) + "\n")));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

class CrashTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / to_string(new_uuid(SystemClock().now_ms()));
    std::filesystem::create_directory(folder_);
    ASSERT_TRUE(open()->write([](Transaction& transaction) -> Status {
      TUTELA_TRY(transaction.execute("CREATE TABLE thing (id BIGINT PRIMARY KEY)", {}));
      TUTELA_TRY(transaction.execute(
          "CREATE TABLE part (id BIGINT PRIMARY KEY, thing_id BIGINT REFERENCES thing (id))", {}));
      return ok();
    }));
  }

  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<Database> open() {
    Result<std::unique_ptr<Database>> database = Database::open({.path = folder_ / "tutela.db"});
    EXPECT_TRUE(database) << database.error().message;
    return *std::move(database);
  }

  pid_t start(const std::string& fault, int first_id = 1) {
    return testing::start_disabled("CrashChild.*",
                                   {"TUTELA_TEST_FOLDER=" + folder_.string(),
                                    "TUTELA_TEST_FIRST_ID=" + std::to_string(first_id),
                                    "TUTELA_FAULT=" + fault});
  }

  std::set<std::int64_t> answered() const {
    std::set<std::int64_t> ids;
    const Result<Bytes> bytes = read_file(folder_ / "answered", 1U << 20);
    std::string line;
    for (const char c : bytes ? as_text(*bytes) : "") {
      if (c == '\n') {
        ids.insert(std::atoll(line.c_str()));
        line.clear();
      } else {
        line.push_back(c);
      }
    }
    return ids;
  }

  // Every unit answered for is there, and every unit there has all its parts.
  std::set<std::int64_t> expect_whole() {
    std::set<std::int64_t> there;
    EXPECT_TRUE(open()->read([&](Transaction& transaction) {
      return transaction.query(
          "SELECT thing.id, COUNT(part.id) FROM thing LEFT JOIN part ON part.thing_id = thing.id "
          "GROUP BY thing.id",
          {},
          [&](const Row& row) {
            there.insert(row.integer(0));
            EXPECT_EQ(row.integer(1), 3);
            return ok();
          });
    }));
    for (const std::int64_t id : answered()) {
      EXPECT_TRUE(there.contains(id)) << "unit " << id << " was answered for and is lost";
    }
    return there;
  }

  std::size_t markers() const {
    return static_cast<std::size_t>(
        std::count_if(std::filesystem::directory_iterator(folder_), {}, [](const auto& entry) {
          return entry.path().string().find(".open-") != std::string::npos;
        }));
  }

  std::filesystem::path folder_;
};

TEST_F(CrashTest, KeepsWhatWasAnsweredForWhenKilledBeforeAndAfterACommit) {
  if (!fault::kCompiledIn) {
    GTEST_SKIP() << "fault points are not compiled in";
  }
  for (const std::string point : {"store.before_commit", "store.after_commit"}) {
    for (const std::string passing : {"1", "2", "37"}) {
      ASSERT_TRUE(testing::was_killed(testing::status_of(start(point + "=kill@" + passing, 1))));
      EXPECT_EQ(markers(), 1U);
      const std::set<std::int64_t> there = expect_whole();
      EXPECT_EQ(markers(), 0U);
      if (point == "store.after_commit") {
        EXPECT_GT(there.size(), answered().size());
      }
      std::filesystem::remove(folder_ / "answered");
      ASSERT_TRUE(open()->write([](Transaction& transaction) -> Status {
        TUTELA_TRY(transaction.execute("DELETE FROM part", {}));
        TUTELA_TRY(transaction.execute("DELETE FROM thing", {}));
        return ok();
      }));
    }
  }
}

TEST_F(CrashTest, KeepsWhatWasAnsweredForWhenKilledAtAnyTime) {
  int first = 1;
  // More often where the machine is so slow that none came to its first answer.
  for (int round = 0; round < 6 || (answered().empty() && round < 60); ++round) {
    const pid_t child = start("", first);
    std::this_thread::sleep_for(
        std::chrono::milliseconds(40 + 35 * round * (round < 6 ? 1 : round)));
    ::kill(child, SIGKILL);
    testing::status_of(child);
    expect_whole();
    first += kThreads * kUnitsPerThread;
  }
  EXPECT_FALSE(answered().empty()) << "no process lived long enough to prove anything";
}

TEST_F(CrashTest, LetsProcessesWriteSideBySide) {
  const std::unique_ptr<Database> mine = open();
  std::vector<pid_t> children;
  for (int i = 0; i < 3; ++i) {
    children.push_back(start("", 1 + i * kThreads * kUnitsPerThread));
  }
  for (std::int64_t id = 1; id <= 50; ++id) {
    EXPECT_TRUE(mine->write(
        [&](Transaction& transaction) { return add_unit(transaction, 1'000'000 + id); }));
  }
  for (const pid_t child : children) {
    EXPECT_EQ(testing::status_of(child), 0);
  }
  EXPECT_EQ(expect_whole().size(), 3U * kThreads * kUnitsPerThread + 50U);
  EXPECT_EQ(markers(), 1U);
}

TEST_F(CrashTest, FailsEveryUnitOfACommitThatFails) {
  if (!fault::kCompiledIn) {
    GTEST_SKIP() << "fault points are not compiled in";
  }
  EXPECT_EQ(testing::status_of(start("store.before_commit=error@5")), 0);
  const std::set<std::int64_t> there = expect_whole();
  EXPECT_EQ(there, answered());
  EXPECT_LT(there.size(), std::size_t{kThreads} * kUnitsPerThread);
}

}  // namespace
}  // namespace tutela::store
