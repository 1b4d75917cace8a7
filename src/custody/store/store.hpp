// Store: the database behind everything: transactions with group commit, numbered migrations, the
// outbox. SQLite through SOCI; the SQL keeps to what PostgreSQL takes too.
//
// A Database is thread-safe. A Transaction belongs to the call that received it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tutela::store {

/// What a column holds. Booleans are 0 or 1. No large values in rows.
using Value = std::variant<std::monostate, std::int64_t, std::string>;

/// NULL for nothing.
[[nodiscard]] Value to_value(const std::optional<std::int64_t>& number);
[[nodiscard]] Value to_value(const std::optional<std::string>& text);

/// One result row, valid during the callback only. Columns count from 0.
class Row {
 public:
  virtual ~Row() = default;
  [[nodiscard]] virtual bool is_null(std::size_t column) const = 0;
  /// 0 for NULL.
  [[nodiscard]] virtual std::int64_t integer(std::size_t column) const = 0;
  /// Empty for NULL.
  [[nodiscard]] virtual std::string text(std::size_t column) const = 0;
};

/// Statements inside one unit of work. Parameters are named in the SQL (:id) and given in the order
/// in which their names first appear; use each name once. A text may not hold a NUL character.
/// Errors: kConflict "store.conflict" (a constraint), kUnavailable "store.busy" or
/// "store.unavailable", kLimitExceeded "store.full" (the disk), kInvalidInput "store.bad_text",
/// kCorrupted "store.corrupt", kInternal "store.statement". Messages hold no values.
class Transaction {
 public:
  virtual ~Transaction() = default;

  /// Returns the number of rows changed.
  virtual Result<std::int64_t> execute(std::string_view sql, const std::vector<Value>& values) = 0;
  /// Calls `on_row` for each row; an error from it ends the query and is returned.
  virtual Status query(std::string_view sql,
                       const std::vector<Value>& values,
                       const std::function<Status(const Row&)>& on_row) = 0;
  /// The INTEGER PRIMARY KEY of the last inserted row.
  virtual Result<std::int64_t> last_insert_id() = 0;
};

struct DatabaseOptions {
  std::filesystem::path path;  // of the SQLite file
  bool full_check = false;     // integrity_check instead of quick_check
  bool group_access = false;   // files of mode 0660, for a vault process with a user of its own
};

class Database {
 public:
  /// Opens or creates (mode 0600), sets WAL, synchronous=FULL, foreign_keys; runs quick_check when
  /// a process died with the database open, and always below 16 MiB; migrates forward. Several
  /// processes may use one database. Errors: kCorrupted "store.corrupt"; kConflict "store.newer"
  /// when a newer Tutela wrote it; kUnavailable "store.unavailable", or "store.busy" when another
  /// process has been checking it for a minute.
  static Result<std::unique_ptr<Database>> open(const DatabaseOptions& options);
  virtual ~Database() = default;

  /// Runs `work` in a write transaction (BEGIN IMMEDIATE) and returns after its commit is durable.
  /// Calls of several threads that wait at the same time share one commit (each in a savepoint of
  /// its own: one that fails is rolled back alone). `work` may run on another caller's thread,
  /// must not block and must not call the Database. After an error nothing of it is written, except
  /// that a failing disk can leave a commit in doubt.
  virtual Status write(const std::function<Status(Transaction&)>& work) = 0;

  /// Runs `work` on a snapshot; it cannot write. At most 8 at once, others wait their turn.
  virtual Status read(const std::function<Status(Transaction&)>& work) = 0;

  /// Changes whenever any process, this one too, commits a change to this database. Two values of
  /// one Database object can be compared for equality, nothing more.
  virtual Result<std::int64_t> change_counter() = 0;
};

/// Who acts, on every row from the first migration on.
struct Actor {
  std::string tenant_id = "default";
  std::string principal_id;      // "person:<id>", "token:<id>", "cli:<user>", "system"
  std::string role = "service";  // of a person: "reviewer"; else "service", "operator", "system"
};

/// A message for others, delivered at least once, in order per key.
struct OutboxMessage {
  std::string topic;  // "content.decided"
  std::string key;    // messages with one key stay in order
  int payload_version = 1;
  std::string payload;  // JSON
};

Status add_outbox(Transaction& transaction,
                  const Actor& actor,
                  UtcMs at_ms,
                  const OutboxMessage& message);

}  // namespace tutela::store
