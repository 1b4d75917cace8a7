// What every backend of the store must do. A new backend adds its factory at the end.
#include <atomic>
#include <filesystem>
#include <latch>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "base/uuid.hpp"
#include "custody/store/store.hpp"

namespace tutela::store {
namespace {

/// An empty database, gone afterwards; each open() is one more user of it.
class Place {
 public:
  virtual ~Place() = default;
  virtual Result<std::unique_ptr<Database>> open() = 0;
};

using MakePlace = std::unique_ptr<Place> (*)();

class StoreConformance : public testing::TestWithParam<MakePlace> {
 protected:
  void SetUp() override {
    place_ = GetParam()();
    Result<std::unique_ptr<Database>> opened = place_->open();
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = *std::move(opened);
    ASSERT_TRUE(write("CREATE TABLE thing (id BIGINT PRIMARY KEY, text TEXT, number BIGINT)"));
    ASSERT_TRUE(
        write("CREATE TABLE part (id BIGINT PRIMARY KEY, "
              "thing_id BIGINT NOT NULL REFERENCES thing (id))"));
  }

  Status write(std::string_view sql, const std::vector<Value>& values = {}) {
    return database_->write([&](Transaction& transaction) -> Status {
      TUTELA_TRY(transaction.execute(sql, values));
      return ok();
    });
  }

  static Result<std::int64_t> count(Database& database) {
    std::int64_t found = -1;
    TUTELA_TRY(database.read([&](Transaction& transaction) { return count(transaction, found); }));
    return found;
  }

  static Status count(Transaction& transaction, std::int64_t& found) {
    return transaction.query("SELECT COUNT(*) FROM thing", {}, [&](const Row& row) {
      found = row.integer(0);
      return ok();
    });
  }

  static Status add(Transaction& transaction, std::int64_t id) {
    TUTELA_TRY(transaction.execute("INSERT INTO thing (id) VALUES (:id)", {id}));
    return ok();
  }

  std::unique_ptr<Place> place_;
  std::unique_ptr<Database> database_;
};

TEST_P(StoreConformance, KeepsWhatWasWrittenAfterClosing) {
  ASSERT_TRUE(write("INSERT INTO thing (id, text) VALUES (:id, :text)",
                    {std::int64_t{1}, std::string("kept")}));
  database_.reset();
  database_ = *place_->open();
  std::string text;
  ASSERT_TRUE(database_->read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT text FROM thing WHERE id = :id", {std::int64_t{1}}, [&](const Row& row) {
          text = row.text(0);
          return ok();
        });
  }));
  EXPECT_EQ(text, "kept");
}

TEST_P(StoreConformance, ReturnsValuesAsTheyWereGiven) {
  const std::string texts[] = {"",
                               " ",
                               "'; DROP TABLE thing; --",
                               "line\nbreak\ttab \\ \"",
                               "\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x94\x91",
                               std::string(100'000, 'x')};
  const std::int64_t numbers[] = {0,
                                  -1,
                                  std::numeric_limits<std::int64_t>::max(),
                                  std::numeric_limits<std::int64_t>::min(),
                                  1LL << 32,
                                  -2147483649};
  std::int64_t id = 0;
  for (const std::string& text : texts) {
    const std::int64_t number = numbers[id];
    ASSERT_TRUE(write("INSERT INTO thing (id, text, number) VALUES (:id, :text, :number)",
                      {++id, text, number}));
    bool seen = false;
    ASSERT_TRUE(database_->read([&](Transaction& transaction) {
      return transaction.query("SELECT id, text, number FROM thing WHERE text = :t AND number = :n",
                               {text, number},
                               [&](const Row& row) {
                                 seen = true;
                                 EXPECT_EQ(row.integer(0), id);
                                 EXPECT_EQ(row.text(1), text);
                                 EXPECT_EQ(row.integer(2), number);
                                 EXPECT_FALSE(row.is_null(1));
                                 return ok();
                               });
    }));
    EXPECT_TRUE(seen);
  }
}

TEST_P(StoreConformance, TellsNullFromEmptyAndZero) {
  const std::string sql = "INSERT INTO thing (id, text, number) VALUES (:id, :text, :number)";
  ASSERT_TRUE(write(sql, {std::int64_t{1}, {}, {}}));
  ASSERT_TRUE(write(sql, {std::int64_t{2}, std::string(), std::int64_t{0}}));
  ASSERT_TRUE(write(sql,
                    {std::int64_t{3},
                     to_value(std::optional<std::string>("")),
                     to_value(std::optional<std::int64_t>())}));
  std::vector<bool> nulls;
  ASSERT_TRUE(database_->read([&](Transaction& transaction) {
    return transaction.query("SELECT text, number FROM thing ORDER BY id", {}, [&](const Row& row) {
      nulls.push_back(row.is_null(0));
      nulls.push_back(row.is_null(1));
      EXPECT_EQ(row.text(0), "");
      EXPECT_EQ(row.integer(1), 0);
      return ok();
    });
  }));
  EXPECT_EQ(nulls, (std::vector<bool>{true, true, false, false, false, true}));
}

TEST_P(StoreConformance, RefusesANulCharacterInAText) {
  const Status status = write("INSERT INTO thing (id, text) VALUES (:id, :text)",
                              {std::int64_t{1}, std::string("a\0b", 3)});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, "store.bad_text");
  EXPECT_EQ(*count(*database_), 0);
}

TEST_P(StoreConformance, RollsBackAllOfAUnitThatFails) {
  const Status status = database_->write([](Transaction& transaction) -> Status {
    TUTELA_TRY(add(transaction, 1));
    TUTELA_TRY(add(transaction, 2));
    return Error{ErrorKind::kInvalidInput, "test.no", "no"};
  });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, "test.no");
  EXPECT_EQ(*count(*database_), 0);
  ASSERT_TRUE(database_->write([](Transaction& transaction) { return add(transaction, 3); }));
  EXPECT_EQ(*count(*database_), 1);
}

TEST_P(StoreConformance, ReportsConstraintsAsConflictsWithoutValues) {
  ASSERT_TRUE(write("CREATE UNIQUE INDEX thing_text ON thing (text)"));
  const std::string sql = "INSERT INTO thing (id, text) VALUES (:id, :text)";
  ASSERT_TRUE(write(sql, {std::int64_t{77'123}, std::string("private-value")}));
  for (const Status& status :
       {write(sql, {std::int64_t{77'124}, std::string("private-value")}),
        write(sql, {std::int64_t{77'123}, std::string("other-value")}),
        write("INSERT INTO part (id, thing_id) VALUES (1, :thing)", {std::int64_t{99'999}}),
        write("DELETE FROM part WHERE nothing = :text", {std::string("private-value")})}) {
    ASSERT_FALSE(status);
    const bool foreseen =
        status.error().code == "store.conflict" || status.error().code == "store.statement";
    EXPECT_TRUE(foreseen) << status.error().code;
    for (const char* const value : {"private-value", "other-value", "77123", "77124", "99999"}) {
      EXPECT_EQ(status.error().message.find(value), std::string::npos) << status.error().message;
    }
  }
  EXPECT_EQ(write(sql, {std::int64_t{77'123}, Value()}).error().kind, ErrorKind::kConflict);
}

TEST_P(StoreConformance, GoesOnAfterAConflictInsideAUnit) {
  ASSERT_TRUE(database_->write([](Transaction& transaction) -> Status {
    TUTELA_TRY(add(transaction, 1));
    EXPECT_EQ(add(transaction, 1).error().code, "store.conflict");
    return add(transaction, 2);
  }));
  EXPECT_EQ(*count(*database_), 2);
}

TEST_P(StoreConformance, RefusesWrongStatementsAndWrongNumbersOfValues) {
  EXPECT_EQ(write("INSERT INTO nowhere VALUES (1)").error().code, "store.statement");
  EXPECT_EQ(write("not sql").error().code, "store.statement");
  const std::string sql = "INSERT INTO thing (id, number) VALUES (:id, :number)";
  EXPECT_EQ(write(sql, {std::int64_t{1}}).error().code, "store.statement");
  EXPECT_EQ(write(sql, {std::int64_t{1}, std::int64_t{1}, std::int64_t{1}}).error().code,
            "store.statement");
  EXPECT_EQ(*count(*database_), 0);
}

TEST_P(StoreConformance, CountsChangedRowsAndNamesTheLastId) {
  ASSERT_TRUE(database_->write([](Transaction& transaction) -> Status {
    for (std::int64_t id = 1; id <= 5; ++id) {
      TUTELA_TRY(add(transaction, id));
    }
    TUTELA_TRY_ASSIGN(
        const std::int64_t some,
        transaction.execute("UPDATE thing SET number = 1 WHERE id > :id", {std::int64_t{2}}));
    EXPECT_EQ(some, 3);
    TUTELA_TRY_ASSIGN(const std::int64_t none,
                      transaction.execute("DELETE FROM thing WHERE id > :id", {std::int64_t{9}}));
    EXPECT_EQ(none, 0);
    const Actor actor{"default", "system"};
    TUTELA_TRY(add_outbox(transaction, actor, 1, {"a", "b", 1, "{}"}));
    TUTELA_TRY_ASSIGN(const std::int64_t first, transaction.last_insert_id());
    TUTELA_TRY(add_outbox(transaction, actor, 1, {"a", "b", 1, "{}"}));
    TUTELA_TRY_ASSIGN(const std::int64_t second, transaction.last_insert_id());
    EXPECT_EQ(second, first + 1);
    return ok();
  }));
}

TEST_P(StoreConformance, StopsAQueryWhereTheCallerWantsToAndCanWriteAfterwards) {
  ASSERT_TRUE(database_->write([](Transaction& transaction) -> Status {
    for (std::int64_t id = 1; id <= 100; ++id) {
      TUTELA_TRY(add(transaction, id));
    }
    int seen = 0;
    const Status stopped =
        transaction.query("SELECT id FROM thing ORDER BY id", {}, [&](const Row&) -> Status {
          if (++seen == 3) {
            return Error{ErrorKind::kInternal, "test.enough", "enough"};
          }
          return ok();
        });
    EXPECT_EQ(stopped.error().code, "test.enough");
    EXPECT_EQ(seen, 3);
    return add(transaction, 101);
  }));
  EXPECT_EQ(*count(*database_), 101);
}

TEST_P(StoreConformance, NestsQueriesOfOneStatement) {
  std::vector<std::int64_t> seen;
  ASSERT_TRUE(database_->write([&](Transaction& transaction) -> Status {
    for (std::int64_t id = 1; id <= 4; ++id) {
      TUTELA_TRY(add(transaction, id));
    }
    const std::string sql = "SELECT id FROM thing WHERE id > :id ORDER BY id";
    return transaction.query(sql, {std::int64_t{2}}, [&](const Row& outer) {
      return transaction.query(sql, {outer.integer(0)}, [&](const Row& inner) {
        seen.push_back(outer.integer(0) * 10 + inner.integer(0));
        return ok();
      });
    });
  }));
  EXPECT_EQ(seen, std::vector<std::int64_t>{34});
}

TEST_P(StoreConformance, DoesNotWriteInARead) {
  const Status status =
      database_->read([](Transaction& transaction) { return add(transaction, 1); });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, "store.statement");
  EXPECT_EQ(*count(*database_), 0);
}

TEST_P(StoreConformance, ReadsTheStateBeforeAWriteThatIsUnderWay) {
  std::latch written(1);
  std::latch read(1);
  std::thread writer([&] {
    EXPECT_TRUE(database_->write([&](Transaction& transaction) {
      Status status = add(transaction, 1);
      written.count_down();
      read.wait();
      return status;
    }));
  });
  written.wait();
  EXPECT_EQ(*count(*database_), 0);
  read.count_down();
  writer.join();
  EXPECT_EQ(*count(*database_), 1);
}

TEST_P(StoreConformance, ReadsOneSnapshot) {
  ASSERT_TRUE(database_->read([&](Transaction& transaction) -> Status {
    std::int64_t before = -1;
    TUTELA_TRY(count(transaction, before));
    std::thread writer(
        [&] { EXPECT_TRUE(database_->write([](Transaction& other) { return add(other, 1); })); });
    writer.join();
    std::int64_t after = -1;
    TUTELA_TRY(count(transaction, after));
    EXPECT_EQ(before, 0);
    EXPECT_EQ(after, 0);
    return ok();
  }));
  EXPECT_EQ(*count(*database_), 1);
}

TEST_P(StoreConformance, ChangesItsCounterWithEveryCommitOfAnybody) {
  const std::unique_ptr<Database> other = *place_->open();
  std::int64_t id = 0;
  for (Database* const writer : {database_.get(), other.get(), database_.get(), other.get()}) {
    const std::int64_t mine = *database_->change_counter();
    const std::int64_t theirs = *other->change_counter();
    EXPECT_EQ(*database_->change_counter(), mine);
    ++id;
    ASSERT_TRUE(writer->write([&](Transaction& transaction) { return add(transaction, id); }));
    EXPECT_NE(*database_->change_counter(), mine);
    EXPECT_NE(*other->change_counter(), theirs);
  }
  EXPECT_EQ(*count(*other), 4);
}

// Many threads make commits shared; the units that fail among them must not touch the others.
TEST_P(StoreConformance, KeepsUnitsApartInSharedCommits) {
  constexpr int kThreads = 8;
  constexpr int kWrites = 500;
  std::atomic<int> refused{0};
  std::atomic<int> done{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kWrites; ++i) {
        const std::int64_t id = 1 + thread * kWrites + i;
        const bool fails = i % 10 == 7;
        const Status status = database_->write([&](Transaction& transaction) -> Status {
          TUTELA_TRY(add(transaction, id));
          TUTELA_TRY(transaction.execute("INSERT INTO part (id, thing_id) VALUES (:id, :thing)",
                                         {id, fails ? -id : id}));
          return ok();
        });
        EXPECT_EQ(status.has_value(), !fails);
        refused += !status && status.error().code == "store.conflict" ? 1 : 0;
        done += status ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(refused.load(), kThreads * kWrites / 10);
  EXPECT_EQ(*count(*database_), done.load());
  std::int64_t unpaired = -1;
  ASSERT_TRUE(database_->read([&](Transaction& transaction) {
    return transaction.query("SELECT COUNT(*) FROM thing WHERE id NOT IN (SELECT id FROM part)",
                             {},
                             [&](const Row& row) {
                               unpaired = row.integer(0);
                               return ok();
                             });
  }));
  EXPECT_EQ(unpaired, 0);
}

TEST_P(StoreConformance, ReadsFromManyThreadsWhileOthersWrite) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 12; ++i) {
    readers.emplace_back([&] {
      std::int64_t last = 0;
      while (!stop.load()) {
        const Result<std::int64_t> found = count(*database_);
        ASSERT_TRUE(found) << found.error().message;
        EXPECT_GE(*found, last);
        EXPECT_EQ(*found % 2, 0) << "half a unit was seen";
        last = *found;
      }
    });
  }
  for (std::int64_t id = 1; id <= 100; ++id) {
    EXPECT_TRUE(database_->write([&](Transaction& transaction) -> Status {
      TUTELA_TRY(add(transaction, 2 * id));
      return add(transaction, 2 * id + 1);
    }));
  }
  stop = true;
  for (std::thread& reader : readers) {
    reader.join();
  }
}

TEST_P(StoreConformance, WritesOutboxRows) {
  const Actor actor{"tenant", "token:1"};
  ASSERT_TRUE(database_->write([&](Transaction& transaction) -> Status {
    return add_outbox(transaction, actor, 43, {"content.decided", "c1", 2, "{}"});
  }));
  std::string seen;
  const auto collect = [&](const Row& row) {
    for (std::size_t i = 0; i < 9; ++i) {
      seen += row.text(i) + "|";
    }
    return ok();
  };
  ASSERT_TRUE(database_->read([&](Transaction& transaction) -> Status {
    return transaction.query(
        "SELECT tenant_id, principal_id, topic, key, payload_version, payload, attempts, "
        "next_at_ms, created_ms FROM outbox WHERE state = 'waiting'",
        {},
        collect);
  }));
  EXPECT_EQ(seen, "tenant|token:1|content.decided|c1|2|{}|0|43|43|");
}

class SqlitePlace final : public Place {
 public:
  SqlitePlace()
      : folder_(std::filesystem::temp_directory_path() /
                to_string(new_uuid(SystemClock().now_ms()))) {
    std::filesystem::create_directory(folder_);
  }

  ~SqlitePlace() override { std::filesystem::remove_all(folder_); }

  Result<std::unique_ptr<Database>> open() override {
    return Database::open({.path = folder_ / "it's a tutela=1.db"});
  }

 private:
  std::filesystem::path folder_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreConformance, testing::Values(+[]() -> std::unique_ptr<Place> {
                           return std::make_unique<SqlitePlace>();
                         }));

}  // namespace
}  // namespace tutela::store
