#include "custody/store/sqlite_schema.hpp"

#include <cerrno>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "custody/store/migrations.hpp"

namespace tutela::store {
namespace {

Error corrupt() {
  return Error{ErrorKind::kCorrupted,
               "store.corrupt",
               "the check of the database found damage; stop Tutela, keep the file for "
               "examination, and restore the last backup"};
}

Status check_whole(Connection& connection, Check check) {
  if (check == Check::kNone) {
    return ok();
  }
  TUTELA_TRY_ASSIGN(const std::string found,
                    connection.query_text(check == Check::kFull ? "PRAGMA integrity_check(1)"
                                                                : "PRAGMA quick_check(1)"));
  if (found != "ok") {
    return corrupt();
  }
  if (check == Check::kFull) {
    TUTELA_TRY(connection.query(
        "PRAGMA foreign_key_check", {}, [](const Row&) -> Status { return corrupt(); }));
  }
  return ok();
}

// Statements end in ";" and a line break; none of ours holds that inside a text.
std::vector<std::string_view> statements_of(std::string_view script) {
  std::vector<std::string_view> statements;
  while (true) {
    const std::size_t end = script.find(";\n");
    if (end == std::string_view::npos) {
      return statements;
    }
    statements.push_back(script.substr(0, end));
    script.remove_prefix(end + 2);
  }
}

enum class Step : std::uint8_t { kApplied, kUpToDate };

Result<Step> apply_next(Connection& connection) {
  TUTELA_TRY(
      connection.run("CREATE TABLE IF NOT EXISTS schema_migration (version INTEGER PRIMARY KEY, "
                     "applied_ms BIGINT NOT NULL)"));
  TUTELA_TRY_ASSIGN(const std::int64_t version,
                    connection.query_integer("SELECT MAX(version) FROM schema_migration"));
  const auto known = static_cast<std::int64_t>(migrations().size());
  if (version > known) {
    return Error{ErrorKind::kConflict,
                 "store.newer",
                 "a newer Tutela wrote this database (schema " + std::to_string(version) +
                     ", this one knows " + std::to_string(known) +
                     "); install that version or restore a backup from before it"};
  }
  if (version == known) {
    return Step::kUpToDate;
  }
  const std::string_view script = migrations()[static_cast<std::size_t>(version)];
  for (const std::string_view statement : statements_of(script)) {
    TUTELA_TRY(connection.run(statement));
  }
  TUTELA_TRY(connection.execute(
      "INSERT INTO schema_migration (version, applied_ms) VALUES (:version, :applied_ms)",
      {version + 1, SystemClock().now_ms()}));
  return Step::kApplied;
}

Status migrate(Connection& connection) {
  while (true) {
    TUTELA_TRY(connection.run("BEGIN IMMEDIATE"));
    const Result<Step> step = apply_next(connection);
    if (!step) {
      if (connection.in_transaction()) {
        TUTELA_TRY(connection.run("ROLLBACK"));
      }
      return step.error();
    }
    TUTELA_TRY(connection.run("COMMIT"));
    if (*step == Step::kUpToDate) {
      return ok();
    }
  }
}

}  // namespace

Status prepare_file(const std::filesystem::path& path, mode_t mode) {
  // SQLite gives -wal and -shm the mode of the file itself. An existing file is not opened here:
  // closing any descriptor of it would drop the locks that this process holds on it.
  const Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  bool good = fd.valid() || errno == EEXIST;
  for (const std::string_view suffix : {"", "-wal", "-shm"}) {
    const std::string name = path.string() + std::string(suffix);
    // Another user of the group may have made it: then it has the mode that they gave it.
    const bool changed =
        ::chmod(name.c_str(), mode) == 0 || errno == ENOENT || (errno == EPERM && mode != 0600);
    good = good && changed;
  }
  if (!good) {
    return Error{ErrorKind::kUnavailable,
                 "store.unavailable",
                 system_error("store.unavailable", "make the database file").message +
                     "; check that its folder exists and belongs to this user"};
  }
  return ok();
}

Status prepare_schema(const std::filesystem::path& path, Check check) {
  TUTELA_TRY_ASSIGN(const auto connection, Connection::open(path, Connection::Mode::kWrite));
  TUTELA_TRY(check_whole(*connection, check));
  TUTELA_TRY_ASSIGN(const std::string mode, connection->query_text("PRAGMA journal_mode = WAL"));
  if (mode != "wal") {
    return Error{ErrorKind::kUnavailable,
                 "store.unavailable",
                 "the file system of the database does not take a write-ahead log; put it on a "
                 "local disk"};
  }
  return migrate(*connection);
}

}  // namespace tutela::store
