#include "custody/store/sqlite_connection.hpp"

#include <charconv>
#include <utility>

#include <soci/sqlite3/soci-sqlite3.h>

#include "base/check.hpp"

namespace tutela::store {
namespace {

constexpr std::size_t kStatementsMax = 128;

// One letter a value, because SOCI binds types when a statement is prepared. NULL binds as text.
std::string kinds_of(const std::vector<Value>& values) {
  std::string kinds;
  for (const Value& value : values) {
    kinds.push_back(std::holds_alternative<std::int64_t>(value) ? 'i' : 't');
  }
  return kinds;
}

sqlite_api::sqlite3* handle_of(soci::session& session) {
  return static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
}

// SOCI's own text quotes the bound values; ours names what SQLite names: tables and columns.
Error error_of(int result, const std::string& names, bool preparing, Connection::Mode mode) {
  switch (result & 0xFF) {
    case SQLITE_CONSTRAINT:
      return {ErrorKind::kConflict, "store.conflict", "the database refused a row: " + names};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorKind::kUnavailable,
              "store.busy",
              "another process holds the database for too long; try again"};
    case SQLITE_FULL:
      return {ErrorKind::kLimitExceeded,
              "store.full",
              "the disk of the database is full; make room, nothing was written"};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {ErrorKind::kCorrupted,
              "store.corrupt",
              "the database file is damaged or is not a database; stop Tutela, keep the file for "
              "examination, and restore the last backup"};
    case SQLITE_READONLY:
      if (mode == Connection::Mode::kRead) {
        return {ErrorKind::kInternal, "store.statement", "a read may not write"};
      }
      [[fallthrough]];
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
    case SQLITE_PROTOCOL:
      return {ErrorKind::kUnavailable,
              "store.unavailable",
              std::string("the database cannot be used (") + sqlite_api::sqlite3_errstr(result) +
                  "); check that its folder exists, belongs to this user and has room"};
    default:
      return {ErrorKind::kInternal,
              "store.statement",
              preparing ? "a statement is wrong: " + names
                        : std::string("a statement failed: ") + sqlite_api::sqlite3_errstr(result)};
  }
}

}  // namespace

// SOCI keeps the addresses of these fields, hence fixed vectors behind a pointer. Columns are
// fetched as text: SOCI's own row cuts INTEGER columns to 32 bits and runs some statements twice.
struct Connection::Statement {
  explicit Statement(soci::session& session) : handle(session) {}

  soci::sqlite3_statement_backend& backend() {
    return *static_cast<soci::sqlite3_statement_backend*>(handle.get_backend());
  }

  std::vector<long long> integers;
  std::vector<std::string> texts;
  std::vector<soci::indicator> given;
  std::vector<std::string> columns;
  std::vector<soci::indicator> nulls;
  bool in_use = false;
  soci::statement handle;  // last, so that it goes first
};

// Resets a statement at the end of its use, also when its rows were not read to the end: a
// statement that is not reset keeps its snapshot open.
class Connection::Use {
 public:
  explicit Use(Statement& statement) : statement_(statement) { statement_.in_use = true; }

  ~Use() {
    sqlite_api::sqlite3_reset(statement_.backend().stmt_);
    statement_.in_use = false;
  }

  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

 private:
  Statement& statement_;
};

namespace {

class TextRow final : public Row {
 public:
  TextRow(const std::vector<std::string>& columns, const std::vector<soci::indicator>& nulls)
      : columns_(columns), nulls_(nulls) {}

  [[nodiscard]] bool is_null(std::size_t column) const override {
    TUTELA_CHECK(column < columns_.size());
    return nulls_[column] == soci::i_null;
  }

  [[nodiscard]] std::int64_t integer(std::size_t column) const override {
    std::int64_t value = 0;
    if (!is_null(column)) {
      const std::string& text = columns_[column];
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      TUTELA_CHECK(error == std::errc() && end == text.data() + text.size());
    }
    return value;
  }

  [[nodiscard]] std::string text(std::size_t column) const override {
    return is_null(column) ? std::string() : columns_[column];
  }

 private:
  const std::vector<std::string>& columns_;
  const std::vector<soci::indicator>& nulls_;
};

}  // namespace

Connection::~Connection() = default;

Result<std::unique_ptr<Connection>> Connection::open(const std::filesystem::path& path, Mode mode) {
  const std::string name = std::filesystem::absolute(path).string();
  if (name.find('"') != std::string::npos) {
    return Error{ErrorKind::kInvalidInput,
                 "store.unavailable",
                 "the path of the database may not hold a quotation mark"};
  }
  std::unique_ptr<Connection> connection(new Connection(mode));
  try {
    connection->session_.open(soci::sqlite3, "dbname=\"" + name + "\"");
  } catch (const soci::soci_error& error) {
    const auto* const sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
    return error_of(sqlite == nullptr ? SQLITE_CANTOPEN : sqlite->result(), "", false, mode);
  }
  sqlite_api::sqlite3_busy_timeout(handle_of(connection->session_), 10'000);
  for (const std::string_view pragma : {"PRAGMA foreign_keys = ON",
                                        "PRAGMA synchronous = FULL",
                                        "PRAGMA cell_size_check = ON",
                                        "PRAGMA trusted_schema = OFF",
                                        "PRAGMA journal_size_limit = 67108864"}) {
    TUTELA_TRY(connection->run(pragma));
  }
  if (mode == Mode::kRead) {
    TUTELA_TRY(connection->run("PRAGMA query_only = ON"));
  }
  return connection;
}

Error Connection::translate(const soci::soci_error& error, bool preparing) {
  const auto* const sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
  if (sqlite == nullptr) {
    return Error{ErrorKind::kInternal, "store.statement", "SOCI refused a statement"};
  }
  const std::string names = sqlite_api::sqlite3_errmsg(handle_of(session_));
  return error_of(sqlite->result(), names, preparing, mode_);
}

Result<std::shared_ptr<Connection::Statement>> Connection::prepare(
    const std::string& sql, const std::vector<Value>& values) {
  const auto statement = std::make_shared<Statement>(session_);
  try {
    soci::statement& handle = statement->handle;
    handle.alloc();
    handle.prepare(sql);
    const int expected = sqlite_api::sqlite3_bind_parameter_count(statement->backend().stmt_);
    if (static_cast<std::size_t>(expected) != values.size()) {
      return Error{ErrorKind::kInternal,
                   "store.statement",
                   "a statement has " + std::to_string(expected) + " parameters and was given " +
                       std::to_string(values.size())};
    }
    const int columns = statement->backend().prepare_for_describe();
    statement->columns.resize(static_cast<std::size_t>(columns));
    statement->nulls.resize(static_cast<std::size_t>(columns));
    for (std::size_t i = 0; i < statement->columns.size(); ++i) {
      handle.exchange(soci::into(statement->columns[i], statement->nulls[i]));
    }
    statement->integers.resize(values.size());
    statement->texts.resize(values.size());
    statement->given.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::holds_alternative<std::int64_t>(values[i])) {
        handle.exchange(soci::use(statement->integers[i], statement->given[i]));
      } else {
        handle.exchange(soci::use(statement->texts[i], statement->given[i]));
      }
    }
    handle.define_and_bind();
  } catch (const soci::soci_error& error) {
    return translate(error, true);
  }
  return statement;
}

Result<std::shared_ptr<Connection::Statement>> Connection::prepared(
    std::string_view sql, const std::vector<Value>& values) {
  const std::string text(sql);
  const std::string key = text + '\0' + kinds_of(values);
  const auto found = statements_.find(key);
  std::shared_ptr<Statement> statement;
  if (found != statements_.end() && !found->second->in_use) {
    statement = found->second;
  } else {
    TUTELA_TRY_ASSIGN(statement, prepare(text, values));
    if (statements_.size() >= kStatementsMax) {
      statements_.clear();
    }
    statements_.emplace(key, statement);
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    statement->given[i] = soci::i_ok;
    if (const auto* const integer = std::get_if<std::int64_t>(&values[i])) {
      statement->integers[i] = *integer;
    } else if (const auto* const words = std::get_if<std::string>(&values[i])) {
      if (words->find('\0') != std::string::npos) {
        return Error{
            ErrorKind::kInvalidInput, "store.bad_text", "a text may not hold a NUL character"};
      }
      statement->texts[i] = *words;
    } else {
      statement->given[i] = soci::i_null;
    }
  }
  return statement;
}

// SOCI's execute() runs nothing unless it is asked to exchange data; the first row comes with it.
Result<bool> Connection::step(Statement& statement, bool first) {
  try {
    return first ? statement.handle.execute(true) : statement.handle.fetch();
  } catch (const soci::soci_error& error) {
    return translate(error, false);
  }
}

Result<std::int64_t> Connection::execute(std::string_view sql, const std::vector<Value>& values) {
  TUTELA_TRY_ASSIGN(const auto statement, prepared(sql, values));
  const Use use(*statement);
  bool more = true;
  for (bool first = true; more; first = false) {
    TUTELA_TRY_ASSIGN(more, step(*statement, first));
  }
  return sqlite_api::sqlite3_changes(handle_of(session_));
}

Status Connection::query(std::string_view sql,
                         const std::vector<Value>& values,
                         const std::function<Status(const Row&)>& on_row) {
  TUTELA_TRY_ASSIGN(const auto statement, prepared(sql, values));
  const Use use(*statement);
  const TextRow row(statement->columns, statement->nulls);
  for (bool first = true;; first = false) {
    TUTELA_TRY_ASSIGN(const bool got, step(*statement, first));
    if (!got) {
      return ok();
    }
    TUTELA_TRY(on_row(row));
  }
}

Result<std::int64_t> Connection::last_insert_id() {
  return sqlite_api::sqlite3_last_insert_rowid(handle_of(session_));
}

Status Connection::run(std::string_view sql) {
  TUTELA_TRY(execute(sql, {}));
  return ok();
}

Result<std::int64_t> Connection::query_integer(std::string_view sql) {
  std::int64_t value = 0;
  TUTELA_TRY(query(sql, {}, [&](const Row& row) {
    value = row.integer(0);
    return ok();
  }));
  return value;
}

Result<std::string> Connection::query_text(std::string_view sql) {
  std::string value;
  TUTELA_TRY(query(sql, {}, [&](const Row& row) {
    value = row.text(0);
    return ok();
  }));
  return value;
}

bool Connection::in_transaction() {
  return sqlite_api::sqlite3_get_autocommit(handle_of(session_)) == 0;
}

}  // namespace tutela::store
