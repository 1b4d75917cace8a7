// What is particular to the SQLite backend: files, damage, versions, full disks.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/clock.hpp"
#include "base/uuid.hpp"
#include "custody/store/migrations.hpp"
#include "custody/store/sqlite_connection.hpp"
#include "custody/store/sqlite_presence.hpp"
#include "custody/store/store.hpp"

namespace tutela::store {
namespace {

class SqliteTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / to_string(new_uuid(SystemClock().now_ms()));
    std::filesystem::create_directory(folder_);
    path_ = folder_ / "tutela.db";
  }

  void TearDown() override { std::filesystem::remove_all(folder_); }

  Result<std::unique_ptr<Database>> open(bool full_check = false) {
    return Database::open({.path = path_, .full_check = full_check});
  }

  std::string code_of_open(bool full_check = false) {
    const Result<std::unique_ptr<Database>> opened = open(full_check);
    return opened ? "opened" : std::string(opened.error().code);
  }

  // A database with some pages of rows, closed.
  void fill() {
    const std::unique_ptr<Database> database = *open();
    ASSERT_TRUE(database->write([](Transaction& transaction) -> Status {
      TUTELA_TRY(transaction.execute("CREATE TABLE thing (id BIGINT PRIMARY KEY, text TEXT)", {}));
      for (std::int64_t id = 0; id < 200; ++id) {
        TUTELA_TRY(transaction.execute("INSERT INTO thing (id, text) VALUES (:id, :text)",
                                       {id, std::string(1000, 'x')}));
      }
      return ok();
    }));
  }

  std::vector<std::string> names(const std::string& part) const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      const std::string name = entry.path().filename().string();
      if (name.find(part) != std::string::npos) {
        found.push_back(name);
      }
    }
    return found;
  }

  std::filesystem::path folder_;
  std::filesystem::path path_;
};

TEST_F(SqliteTest, IsReadableByItsOwnerOnly) {
  const mode_t before = ::umask(0);
  std::ofstream(path_).close();  // somebody else's mode, to be narrowed
  const std::unique_ptr<Database> database = *open();
  ASSERT_TRUE(database->write([](Transaction& transaction) {
    return add_outbox(transaction, {"default", "system"}, 1, {"a", "b", 1, "{}"});
  }));
  ::umask(before);
  EXPECT_EQ(names("-wal").size(), 1U);
  EXPECT_EQ(names("-shm").size(), 1U);
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    struct stat info {};

    ASSERT_EQ(::stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777U, 0600U) << entry.path().filename();
  }
}

TEST_F(SqliteTest, WritesAheadAndSyncsEveryCommit) {
  static_cast<void>(*open());
  const auto connection = *Connection::open(path_, Connection::Mode::kWrite);
  EXPECT_EQ(*connection->query_text("PRAGMA journal_mode"), "wal");
  EXPECT_EQ(*connection->query_integer("PRAGMA synchronous"), 2);
  EXPECT_EQ(*connection->query_integer("PRAGMA foreign_keys"), 1);
}

TEST_F(SqliteTest, NumbersItsMigrationsOnceEach) {
  static_cast<void>(*open());
  static_cast<void>(*open());
  const auto connection = *Connection::open(path_, Connection::Mode::kRead);
  EXPECT_EQ(*connection->query_integer("SELECT COUNT(*) FROM schema_migration"),
            static_cast<std::int64_t>(migrations().size()));
  EXPECT_GT(*connection->query_integer("SELECT MIN(applied_ms) FROM schema_migration"), 0);
}

TEST_F(SqliteTest, LetsManyOpenANewDatabaseAtOnce) {
  std::vector<std::string> codes(12);
  std::vector<std::thread> threads;
  for (std::string& code : codes) {
    threads.emplace_back([&] { code = code_of_open(); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(codes, std::vector<std::string>(12, "opened"));
  EXPECT_TRUE(names(".open-").empty());
}

TEST_F(SqliteTest, RefusesTheDatabaseOfANewerVersionAndLeavesItAsItIs) {
  ASSERT_TRUE((*open())->write([](Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.execute("INSERT INTO schema_migration VALUES (999, 1)", {}));
    return ok();
  }));
  const Result<std::unique_ptr<Database>> opened = open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "store.newer");
  EXPECT_EQ(opened.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(code_of_open(), "store.newer");
}

TEST_F(SqliteTest, RefusesWhatIsNoDatabase) {
  std::ofstream(path_) << std::string(8192, 'x');
  const Result<std::unique_ptr<Database>> opened = open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "store.corrupt");
  EXPECT_EQ(opened.error().kind, ErrorKind::kCorrupted);
  EXPECT_NE(opened.error().message.find("restore the last backup"), std::string::npos);
}

TEST_F(SqliteTest, RefusesADatabaseThatIsCutShort) {
  fill();
  std::filesystem::resize_file(path_, std::filesystem::file_size(path_) / 2 / 4096 * 4096);
  EXPECT_EQ(code_of_open(), "store.corrupt");
}

TEST_F(SqliteTest, RefusesADatabaseWithOverwrittenPages) {
  fill();
  const auto size = static_cast<std::streamoff>(std::filesystem::file_size(path_));
  std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(size - 3 * 4096);
  file << std::string(4096, '\xFF');
  file.close();
  EXPECT_EQ(code_of_open(), "store.corrupt");
  EXPECT_EQ(code_of_open(true), "store.corrupt");
}

TEST_F(SqliteTest, FindsBrokenReferencesWithTheFullCheckOnly) {
  static_cast<void>(*open());
  {
    const auto connection = *Connection::open(path_, Connection::Mode::kWrite);
    ASSERT_TRUE(connection->run("PRAGMA foreign_keys = OFF"));
    ASSERT_TRUE(
        connection->run("INSERT INTO ledger (tenant_id, principal_id, content_id, event, "
                        "detail, at_ms) VALUES ('t', 'p', 'none', 'e', 'd', 1)"));
  }
  EXPECT_EQ(code_of_open(), "opened");
  EXPECT_EQ(code_of_open(true), "store.corrupt");
}

TEST_F(SqliteTest, SaysWhenItsFolderIsMissing) {
  path_ = folder_ / "none" / "tutela.db";
  const Result<std::unique_ptr<Database>> opened = open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "store.unavailable");
  EXPECT_EQ(opened.error().kind, ErrorKind::kUnavailable);
}

TEST_F(SqliteTest, WritesNothingOnAFullDiskAndGoesOnAfterwards) {
  fill();
  const std::unique_ptr<Database> database = *open();
  const auto set_limit = [&](const std::string& pages) {
    return database->write([&](Transaction& transaction) {
      return transaction.query(
          "PRAGMA max_page_count = " + pages, {}, [](const Row&) { return ok(); });
    });
  };
  ASSERT_TRUE(set_limit("1"));  // SQLite takes the present size for the least
  const auto add = [&](std::int64_t id, std::size_t size) {
    return database->write([&](Transaction& transaction) -> Status {
      TUTELA_TRY(transaction.execute("INSERT INTO thing (id, text) VALUES (:id, :text)",
                                     {id, std::string(size, 'y')}));
      return ok();
    });
  };
  const Status full = add(1000, 500'000);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, "store.full");
  EXPECT_EQ(full.error().kind, ErrorKind::kLimitExceeded);
  ASSERT_TRUE(set_limit("100000"));
  EXPECT_TRUE(add(1001, 10));
  EXPECT_FALSE(add(1001, 10));
}

TEST_F(SqliteTest, IsBusyWhileAnotherProcessWritesTooLong) {
  static_cast<void>(*open());
  const auto one = *Connection::open(path_, Connection::Mode::kWrite);
  const auto two = *Connection::open(path_, Connection::Mode::kWrite);
  ASSERT_TRUE(two->run("PRAGMA busy_timeout = 50"));
  ASSERT_TRUE(one->run("BEGIN IMMEDIATE"));
  EXPECT_EQ(two->run("BEGIN IMMEDIATE").error().code, "store.busy");
  ASSERT_TRUE(one->run("ROLLBACK"));
  EXPECT_TRUE(two->run("BEGIN IMMEDIATE"));
}

TEST_F(SqliteTest, LosesNothingOfItsSharedCommitWhenTheTransactionIsGivenUp) {
  const std::unique_ptr<Database> database = *open();
  const Status lost = database->write([](Transaction& transaction) -> Status {
    TUTELA_TRY(add_outbox(transaction, {"default", "system"}, 1, {"a", "b", 1, "{}"}));
    TUTELA_TRY(transaction.execute("ROLLBACK", {}));
    return ok();
  });
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, "store.unavailable");
  EXPECT_TRUE(database->write([](Transaction& transaction) {
    return add_outbox(transaction, {"default", "system"}, 1, {"a", "b", 1, "{}"});
  }));
}

TEST_F(SqliteTest, NoticesWhoDiedAndNotWhoIsStillThere) {
  {
    Result<Presence> first = Presence::enter(path_);
    ASSERT_TRUE(first);
    EXPECT_FALSE(first->found_unclean_stop());
    EXPECT_FALSE(Presence::enter(path_)->found_unclean_stop());
  }
  EXPECT_TRUE(names(".open-").empty());
  std::ofstream(path_.string() + ".open-dead").close();
  {
    Result<Presence> next = Presence::enter(path_);
    ASSERT_TRUE(next);
    EXPECT_TRUE(next->found_unclean_stop());
  }
  Result<Presence> again = Presence::enter(path_);
  EXPECT_TRUE(again->found_unclean_stop()) << "a check that did not pass must be made again";
  again->forget_unclean_stop();
  EXPECT_FALSE(Presence::enter(path_)->found_unclean_stop());
}

}  // namespace
}  // namespace tutela::store
