#include <algorithm>
#include <array>
#include <cctype>
#include <compare>
#include <iterator>
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

/// A signal of a file, packed: a million of them lie in memory at once.
struct PackedSignal {
  SignalKind kind = SignalKind::kPdq;
  std::array<std::byte, 32> bytes{};  // as many of them as the kind has

  friend auto operator<=>(const PackedSignal&, const PackedSignal&) = default;
};

std::size_t size_bytes_of(SignalKind kind) {
  switch (kind) {
    case SignalKind::kMd5:
      return 16;
    case SignalKind::kSha1:
      return 20;
    case SignalKind::kPdq:
    case SignalKind::kSha256:
      break;
  }
  return 32;
}

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
        PackedSignal signal{.kind = kind};
        const Status parsed = parse_hex(hex, std::span(signal.bytes).first(size_bytes_of(kind)));
        TUTELA_CHECK(parsed.has_value());
        signals.push_back(signal);
      },
      [&](BadLine bad) {
        ++report.bad;
        if (report.bad_lines.size() < kBadLinesMax) {
          report.bad_lines.push_back(std::move(bad));
        }
      });
  std::ranges::sort(signals);
  return signals;
}

std::string lowercase_of(const std::string& value) {
  std::string lower = value;
  std::ranges::transform(
      lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

struct ListToLoad {
  std::string id;
  std::uint32_t index = 0;
};

Result<std::vector<ListToLoad>> add_lists(Transaction& transaction,
                                          const std::optional<Uuid>& only_list,
                                          match::GenerationBuilder& builder) {
  std::vector<ListToLoad> lists;
  const auto on_row = [&](const store::Row& row) -> Status {
    TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(row.text(0)));
    const std::uint32_t index =
        builder.add_list({.id = id,
                          .version = row.integer(1),
                          .pdq_distance_max = static_cast<int>(row.integer(2))});
    lists.push_back({row.text(0), index});
    return ok();
  };
  if (only_list) {
    TUTELA_TRY(transaction.query(
        "SELECT id, version, pdq_distance_max FROM list WHERE id = :id AND state <> 'removed'",
        {to_string(*only_list)},
        on_row));
    if (lists.empty()) {
      return Error{ErrorKind::kNotFound, "list.not_found", "there is no such list"};
    }
    return lists;
  }
  TUTELA_TRY(transaction.query(
      "SELECT id, version, pdq_distance_max FROM list WHERE state = 'active' ORDER BY id",
      {},
      on_row));
  return lists;
}

Status add_signal(const store::Row& row, std::uint32_t list, match::GenerationBuilder& builder) {
  TUTELA_TRY_ASSIGN(const SignalKind kind, match::parse_signal_kind(row.text(1)));
  const std::string hex = row.text(2);
  if (kind == SignalKind::kPdq) {
    TUTELA_TRY_ASSIGN(const auto value, fingerprint::parse_pdq(hex));
    builder.add_pdq(list, row.integer(0), value);
    return ok();
  }
  const std::size_t bytes = size_bytes_of(kind);
  std::array<std::byte, 32> digest{};
  TUTELA_TRY(parse_hex(hex, std::span(digest).first(bytes)));
  builder.add_digest(list, row.integer(0), kind, ByteView(digest).first(bytes));
  return ok();
}

/// A signal that cannot be read makes the whole load fail: a list with a hole matches less than it
/// says.
Status add_signals(Transaction& transaction,
                   const ListToLoad& list,
                   match::GenerationBuilder& builder) {
  return transaction.query(
      "SELECT id, kind, value FROM signal WHERE list_id = :list_id",
      {list.id},
      [&](const store::Row& row) -> Status {
        if (!add_signal(row, list.index, builder)) {
          return Error{ErrorKind::kCorrupted,
                       "list.corrupt",
                       "a stored signal cannot be read; restore the database from a backup"};
        }
        return ok();
      });
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
    SignalInserter inserter(transaction, actor, list, now_ms);
    for (const PackedSignal& signal : signals) {
      inserter.add(signal.kind, to_hex(ByteView(signal.bytes).first(size_bytes_of(signal.kind))));
    }
    TUTELA_TRY(inserter.flush());
    done.added = inserter.added();
    done.already_there = inserter.already_there();
    if (done.added > 0) {
      list.version += 1;
      list.signal_count += done.added;
      list.updated_ms = now_ms;
      TUTELA_TRY(update_list(transaction, list));
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
    for (const std::string& value : values) {
      for (const SignalKind kind :
           {SignalKind::kPdq, SignalKind::kMd5, SignalKind::kSha1, SignalKind::kSha256}) {
        // With the kind, because the index is by list, kind and value.
        TUTELA_TRY_ASSIGN(
            const std::int64_t rows,
            transaction.execute(
                "DELETE FROM signal WHERE list_id = :list_id AND kind = :kind AND "
                "value = :value",
                {to_string(id), std::string(match::to_string(kind)), lowercase_of(value)}));
        removed += rows;
      }
    }
    const UtcMs now_ms = clock_.now_ms();
    if (removed > 0) {
      list.version += 1;
      list.signal_count -= removed;
      list.updated_ms = now_ms;
      TUTELA_TRY(update_list(transaction, list));
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
    // Not by the index of lists, which would sort the whole list for each page: a list's ids lie
    // mostly together.
    return transaction.query(
        "SELECT id, kind, value FROM signal WHERE list_id || '' = :list_id AND id > :after_id "
        "ORDER BY id LIMIT :row_limit",
        {to_string(id), after_id, std::max<std::int64_t>(limit, 0)},
        [&](const store::Row& row) -> Status {
          TUTELA_TRY_ASSIGN(const SignalKind kind, match::parse_signal_kind(row.text(1)));
          return on_signal({row.integer(0), kind, row.text(2)});
        });
  });
}

Result<std::shared_ptr<const match::Generation>> Lists::load_generation(
    std::optional<Uuid> only_list) {
  match::GenerationBuilder builder;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const auto lists, add_lists(transaction, only_list, builder));
    for (const ListToLoad& list : lists) {
      TUTELA_TRY(add_signals(transaction, list, builder));
    }
    return ok();
  }));
  return std::move(builder).build();
}

}  // namespace tutela::lists
