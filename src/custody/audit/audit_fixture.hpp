// A database with entries and a log beside it, for the tests of this module.
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "custody/audit/log.hpp"
#include "custody/audit/rows.hpp"
#include "custody/audit/sequencer.hpp"
#include "support/folder.hpp"

namespace tutela::audit {

class AuditTest : public ::testing::Test {
 protected:
  void SetUp() override {
    options_ = LogOptions::in(folder_.path());
    options_.origin = "example.org/audit";
    open_database();
  }

  void open_database() {
    auto opened = store::Database::open({.path = folder_.path() / "tutela.db"});
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = *std::move(opened);
  }

  /// Entries about objects "thing:<number of the entry>".
  static void add_to(store::Database& database, std::uint64_t count) {
    while (count > 0) {
      const std::uint64_t now = std::min<std::uint64_t>(count, 5000);
      const Status written = database.write([&](store::Transaction& transaction) -> Status {
        TUTELA_TRY_ASSIGN(const std::uint64_t before, count_entries(transaction));
        for (std::uint64_t i = before; i < before + now; ++i) {
          TUTELA_TRY(add(transaction,
                         {"default", "person:" + std::to_string(i % 7), "reviewer"},
                         1'763'805'600'000 + static_cast<UtcMs>(i),
                         {"evidence.view", "thing:" + std::to_string(i), "review", "ok"}));
        }
        return ok();
      });
      ASSERT_TRUE(written) << written.error().message;
      count -= now;
    }
  }

  void add_entries(std::uint64_t count) { add_to(*database_, count); }

  /// Opens a sequencer, signs everything and closes it.
  std::uint64_t sign() {
    auto sequencer = Sequencer::open(options_, *database_);
    EXPECT_TRUE(sequencer) << sequencer.error().message;
    const auto size = sequencer ? (*sequencer)->follow({}) : Result<std::uint64_t>(0);
    EXPECT_TRUE(size) << size.error().message;
    return size ? *size : 0;
  }

  /// The code with which a sequencer refuses to start; empty when it does not.
  std::string refusal() {
    const auto sequencer = Sequencer::open(options_, *database_);
    return sequencer ? "" : std::string(sequencer.error().code);
  }

  Log log() {
    auto opened = Log::open(options_, *database_);
    EXPECT_TRUE(opened) << opened.error().message;
    return *std::move(opened);
  }

  /// The code of what verify() says of the whole log; its message in message_.
  std::string verdict() {
    auto opened = Log::open(options_, *database_);
    const auto verified = opened ? opened->verify({}, {}) : Result<Verified>(opened.error());
    message_ = verified ? "" : verified.error().message;
    return verified ? "" : std::string(verified.error().code);
  }

  void change(const std::string& sql) {
    const Status changed = database_->write([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY_ASSIGN(const std::int64_t rows, transaction.execute(sql, {}));
      EXPECT_GT(rows, 0) << sql;
      return ok();
    });
    ASSERT_TRUE(changed) << changed.error().message;
  }

  /// Leaves of all entries of the database.
  std::vector<std::string> leaves() {
    std::vector<std::string> all;
    EXPECT_TRUE(database_->read([&](store::Transaction& transaction) {
      return read_entries(transaction, 0, 1U << 30, [&](const LoggedEntry& logged) {
        all.push_back(to_leaf(logged));
        return ok();
      });
    }));
    return all;
  }

  /// Flips one bit of a file, `from_end` bytes before its end.
  void flip(const std::string& name, std::size_t from_end = 5) {
    const std::filesystem::path path = options_.folder / name;
    auto bytes = read_file(path, 1U << 28);
    ASSERT_TRUE(bytes) << path;
    ASSERT_GT(bytes->size(), from_end);
    (*bytes)[bytes->size() - 1 - from_end] ^= std::byte{1};
    ASSERT_TRUE(write_file_atomic(path, *bytes));
  }

  testing::TemporaryFolder folder_;
  LogOptions options_;
  std::unique_ptr<store::Database> database_;
  std::string message_;
};

}  // namespace tutela::audit
