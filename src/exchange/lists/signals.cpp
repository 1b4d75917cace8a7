#include <algorithm>
#include <array>
#include <cctype>
#include <compare>
#include <iterator>
#include <tuple>
#include <utility>

#include "base/check.hpp"
#include "engine/fingerprint/pdq.hpp"
#include "exchange/lists/rows.hpp"

namespace tutela::lists {
namespace {

using match::SignalKind;
using store::Transaction;

constexpr std::size_t kBadLinesMax = 100;
/// Rows of one INSERT. Few large statements are several times faster than many small ones.
constexpr std::size_t kBatchRows = 100;

/// Inserts signals of one list, many a statement. Those that are there already stay as they are.
class SignalInserter {
 public:
  SignalInserter(Transaction& transaction, const store::Actor& actor, const List& list, UtcMs at_ms)
      : transaction_(transaction), actor_(actor), list_(list), at_ms_(at_ms) {}

  /// After an error further calls do nothing; flush() returns it.
  void add(SignalKind kind, std::string hex) {
    pairs_.emplace_back(std::string(match::to_string(kind)));
    pairs_.emplace_back(std::move(hex));
    ++given_;
    if (pairs_.size() == 2 * kBatchRows) {
      insert();
    }
  }

  Status flush() {
    insert();
    return status_;
  }

  [[nodiscard]] std::int64_t added() const { return added_; }

  [[nodiscard]] std::int64_t already_there() const { return given_ - added_; }

 private:
  void insert() {
    const std::size_t rows = pairs_.size() / 2;
    if (rows > 0 && status_) {
      std::vector<store::Value> values = {
          actor_.tenant_id, actor_.principal_id, to_string(list_.id), list_.version + 1, at_ms_};
      std::ranges::move(pairs_, std::back_inserter(values));
      const auto inserted = transaction_.execute(statement(rows), values);
      if (inserted) {
        added_ += *inserted;
      } else {
        status_ = inserted.error();
      }
    }
    pairs_.clear();
  }

  const std::string& statement(std::size_t rows) {
    if (rows != statement_rows_) {
      statement_rows_ = rows;
      statement_ =
          "INSERT INTO signal (tenant_id, principal_id, list_id, added_version, created_ms, kind, "
          "value) SELECT :tenant_id, :principal_id, :list_id, :added_version, :created_ms, "
          "column1, column2 FROM (VALUES ";
      for (std::size_t row = 0; row < rows; ++row) {
        const std::string number = std::to_string(row);
        statement_ += std::string(row == 0 ? "" : ", ") + "(:k" + number + ", :v" + number + ")";
      }
      // "WHERE true" keeps SQLite from reading ON as a part of a join.
      statement_ += ") AS given WHERE true ON CONFLICT (list_id, kind, value) DO NOTHING";
    }
    return statement_;
  }

  Transaction& transaction_;
  const store::Actor& actor_;
  const List& list_;
  UtcMs at_ms_;
  std::vector<store::Value> pairs_;  // kind and value of each row
  std::string statement_;
  std::size_t statement_rows_ = 0;
  std::int64_t given_ = 0;
  std::int64_t added_ = 0;
  Status status_ = ok();
};

/// The good lines of a file, sorted: in the order of the store's indexes a million rows take
/// seconds instead of most of a minute. Counts the bad lines and keeps the first of them.
std::vector<PackedSignal> read_signals(std::string_view text,
                                       const ImportOptions& options,
                                       ImportReport& report) {
  std::vector<PackedSignal> signals;
  parse_signals(
      text,
      options.kind,
      [&](SignalKind kind, const std::string& hex) {
        PackedSignal signal{.id = 0, .kind = kind};
        const Status parsed = parse_hex(hex, std::span(signal.value).first(size_bytes_of(kind)));
        TUTELA_CHECK(parsed.has_value());
        signals.push_back(signal);
      },
      [&](BadLine bad) {
        ++report.bad;
        if (report.bad_lines.size() < kBadLinesMax) {
          report.bad_lines.push_back(std::move(bad));
        }
      });
  std::ranges::sort(
      signals, {}, [](const PackedSignal& signal) { return std::tie(signal.kind, signal.value); });
  return signals;
}

std::string lowercase_of(const std::string& value) {
  std::string lower = value;
  std::ranges::transform(
      lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

Result<std::int64_t> greatest(Transaction& transaction, std::string_view sql) {
  std::int64_t id = 0;
  TUTELA_TRY(transaction.query(sql, {}, [&](const store::Row& row) {
    id = row.integer(0);
    return ok();
  }));
  return id;
}

Result<std::int64_t> last_signal(Transaction& transaction) {
  return greatest(transaction, "SELECT MAX(id) FROM signal");
}

Result<std::int64_t> last_removal(Transaction& transaction) {
  return greatest(transaction, "SELECT MAX(id) FROM signal_removed");
}

/// Returns how many there were, 0 or 1, and remembers the removal.
Result<std::int64_t> remove_signal(Transaction& transaction,
                                   const store::Actor& actor,
                                   const Uuid& list_id,
                                   SignalKind kind,
                                   const std::string& value) {
  // With the kind, because the index is by list, kind and value.
  const std::string kind_name(match::to_string(kind));
  TUTELA_TRY_ASSIGN(
      const std::int64_t rows,
      transaction.execute(
          "INSERT INTO signal_removed (tenant_id, principal_id, list_id, signal_id) "
          "SELECT :tenant_id, :principal_id, list_id, id FROM signal "
          "WHERE list_id = :list_id AND kind = :kind AND value = :value",
          {actor.tenant_id, actor.principal_id, to_string(list_id), kind_name, value}));
  if (rows == 0) {
    return rows;
  }
  return transaction.execute(
      "DELETE FROM signal WHERE list_id = :list_id AND kind = :kind AND value = :value",
      {to_string(list_id), kind_name, value});
}

}  // namespace

Status Lists::import_signals(const store::Actor& actor,
                             const Uuid& id,
                             std::string_view text,
                             const ImportOptions& options,
                             ImportReport& report) {
  report = {};
  const std::vector<PackedSignal> signals = read_signals(text, options, report);
  if (report.bad > 0 && !options.skip_bad) {
    return Error{ErrorKind::kInvalidInput,
                 "list.bad_lines",
                 "nothing was imported; bad lines: " + std::to_string(report.bad) +
                     "; the first is line " + std::to_string(report.bad_lines[0].line) + ": " +
                     report.bad_lines[0].why};
  }
  ImportReport done = report;
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(List list, find_kept_list(transaction, actor, id));
    const UtcMs now_ms = clock_.now_ms();
    TUTELA_TRY_ASSIGN(const std::int64_t last_before, last_signal(transaction));
    SignalInserter inserter(transaction, actor, list, now_ms);
    for (const PackedSignal& signal : signals) {
      inserter.add(signal.kind, to_hex(ByteView(signal.value).first(size_bytes_of(signal.kind))));
    }
    TUTELA_TRY(inserter.flush());
    done.added = inserter.added();
    done.already_there = inserter.already_there();
    if (done.added > 0) {
      list.version += 1;
      list.signal_count += done.added;
      list.updated_ms = now_ms;
      TUTELA_TRY(update_list(transaction, list));
      TUTELA_TRY_ASSIGN(const std::int64_t last, last_signal(transaction));
      TUTELA_TRY(
          add_change(transaction, actor, list, now_ms, ChangeKind::kAdded, last_before + 1, last));
    }
    done.version = list.version;
    return audit(transaction, actor, list, now_ms, "list.import");
  }));
  report = std::move(done);
  return ok();
}

Result<std::int64_t> Lists::remove_signals(const store::Actor& actor,
                                           const Uuid& id,
                                           const std::vector<std::string>& values) {
  std::int64_t removed = 0;
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(List list, find_kept_list(transaction, actor, id));
    TUTELA_TRY_ASSIGN(const std::int64_t first, last_removal(transaction));
    std::vector<PackedSignal> gone;
    for (const std::string& value : values) {
      for (const SignalKind kind :
           {SignalKind::kPdq, SignalKind::kMd5, SignalKind::kSha1, SignalKind::kSha256}) {
        const std::string hex = lowercase_of(value);
        TUTELA_TRY_ASSIGN(const std::int64_t rows,
                          remove_signal(transaction, actor, id, kind, hex));
        removed += rows;
        if (rows > 0) {
          TUTELA_TRY(parse_hex(
              hex, std::span(gone.emplace_back(0, kind).value).first(size_bytes_of(kind))));
        }
      }
    }
    const UtcMs now_ms = clock_.now_ms();
    if (removed > 0) {
      list.version += 1;
      list.signal_count -= removed;
      list.updated_ms = now_ms;
      TUTELA_TRY(update_list(transaction, list));
      TUTELA_TRY(add_change(transaction,
                            actor,
                            list,
                            now_ms,
                            ChangeKind::kRemoved,
                            first + 1,
                            first + removed,
                            std::move(gone)));
    }
    return audit(transaction, actor, list, now_ms, "list.remove_signals");
  }));
  return removed;
}

Status Lists::export_signals(const store::Actor& actor,
                             const Uuid& id,
                             std::int64_t after_id,
                             std::int64_t limit,
                             const std::function<Status(const Signal&)>& on_signal) {
  bool exportable = false;
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const List list, find_kept_list(transaction, actor, id));
    exportable = !source_begins_with(list.spec, "exchange:");
    return audit(
        transaction, actor, list, clock_.now_ms(), "list.export", exportable ? "ok" : "refused");
  }));
  if (!exportable) {
    return Error{ErrorKind::kForbidden,
                 "list.not_exportable",
                 "signals that came from an exchange are never exported"};
  }
  return database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT id, kind, value FROM signal WHERE list_id = :list_id AND id > :after_id "
        "ORDER BY id LIMIT :row_limit",
        {to_string(id), after_id, std::max<std::int64_t>(limit, 0)},
        [&](const store::Row& row) -> Status {
          TUTELA_TRY_ASSIGN(const SignalKind kind, match::parse_signal_kind(row.text(1)));
          return on_signal({row.integer(0), kind, row.text(2)});
        });
  });
}

}  // namespace tutela::lists
