// What a search needs to follow the lists: their history, and signals as bytes.
#include <algorithm>
#include <limits>
#include <utility>

#include "engine/fingerprint/pdq.hpp"
#include "exchange/lists/rows.hpp"

namespace tutela::lists {
namespace {

using match::SignalKind;
using store::Transaction;

constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();
/// Of one list, that are looked at.
constexpr std::int64_t kStatesMax = 2000;

/// A signal that cannot be read makes the whole load fail: a list with a hole matches less than it
/// says.
Error corrupt_signal() {
  return Error{ErrorKind::kCorrupted,
               "list.corrupt",
               "a stored signal cannot be read; restore the database from a backup"};
}

/// Of a row of id, kind, value.
Result<PackedSignal> packed_signal_of(const store::Row& row) {
  PackedSignal signal;
  signal.id = row.integer(0);
  const auto kind = match::parse_signal_kind(row.text(1));
  if (!kind || !parse_hex(row.text(2), std::span(signal.value).first(size_bytes_of(*kind)))) {
    return corrupt_signal();
  }
  signal.kind = *kind;
  return signal;
}

Result<std::vector<match::ListEntry>> entries(Transaction& transaction,
                                              std::string_view where,
                                              const std::vector<store::Value>& values) {
  std::vector<match::ListEntry> found;
  TUTELA_TRY(transaction.query(
      "SELECT id, version, pdq_distance_max FROM list WHERE " + std::string(where),
      values,
      [&](const store::Row& row) -> Status {
        TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(row.text(0)));
        found.push_back({.id = id,
                         .version = row.integer(1),
                         .pdq_distance_max = static_cast<int>(row.integer(2))});
        return ok();
      }));
  return found;
}

Result<std::vector<match::ListEntry>> active_lists(Transaction& transaction) {
  return entries(transaction, "state = 'active' ORDER BY id", {});
}

Result<std::int64_t> number(Transaction& transaction,
                            std::string_view sql,
                            const std::vector<store::Value>& values = {}) {
  std::int64_t found = 0;
  TUTELA_TRY(transaction.query(sql, values, [&](const store::Row& row) {
    found = row.integer(0);
    return ok();
  }));
  return found;
}

Result<std::int64_t> last_change(Transaction& transaction) {
  return number(transaction, "SELECT MAX(id) FROM list_change");
}

/// How many signals of a list come after an id, counted up to `limit`.
Result<std::int64_t> count_after(Transaction& transaction,
                                 const Uuid& list,
                                 std::int64_t after_id,
                                 std::int64_t limit) {
  return number(transaction,
                "SELECT COUNT(*) FROM (SELECT 1 FROM signal WHERE list_id = :list_id AND "
                "id > :after_id LIMIT :row_limit) AS counted",
                {to_string(list), after_id, limit});
}

Status read_removed(Transaction& transaction, const match::SignalSet& set, Missing& missing) {
  missing.update.removed_through = set.removed_through();
  return transaction.query(
      "SELECT id, signal_id FROM signal_removed WHERE id > :after_id ORDER BY id",
      {set.removed_through()},
      [&](const store::Row& row) {
        missing.update.removed_through = row.integer(0);
        missing.update.removed.push_back(row.integer(1));
        return ok();
      });
}

Status read_missing(Transaction& transaction,
                    const match::SignalSet& set,
                    std::size_t signals_max,
                    Missing& missing) {
  TUTELA_TRY_ASSIGN(missing.position, last_change(transaction));
  TUTELA_TRY_ASSIGN(missing.update.lists, active_lists(transaction));
  TUTELA_TRY(read_removed(transaction, set, missing));
  std::vector<match::NewSignal>& added = missing.update.added;
  for (std::uint32_t i = 0; i < missing.update.lists.size(); ++i) {
    const Uuid& list = missing.update.lists[i].id;
    const std::int64_t through = set.through(list);
    const auto room = static_cast<std::int64_t>(signals_max - added.size());
    TUTELA_TRY_ASSIGN(const std::int64_t count, count_after(transaction, list, through, room + 1));
    if (count > room) {
      missing.too_many = true;
      missing.update = {};
      return ok();
    }
    missing.update.lists_from.push_back(through);
    missing.update.lists_through.push_back(through);
    TUTELA_TRY(for_each_of(transaction,
                           to_string(list),
                           through + 1,
                           kNoLimit,
                           kNoLimit,
                           [&](const PackedSignal& signal) {
                             added.push_back({i, signal.id, signal.kind, signal.value});
                             missing.update.lists_through.back() = signal.id;
                             return ok();
                           }));
  }
  return ok();
}

}  // namespace

Status for_each_of(Transaction& transaction,
                   const std::string& list_id,
                   std::int64_t first_id,
                   std::int64_t last_id,
                   std::int64_t limit,
                   const std::function<Status(const PackedSignal&)>& on_signal) {
  return transaction.query(
      "SELECT id, kind, value FROM signal WHERE list_id = :list_id AND id >= :first_id AND "
      "id <= :last_id ORDER BY id LIMIT :row_limit",
      {list_id, first_id, last_id, limit},
      [&](const store::Row& row) -> Status {
        TUTELA_TRY_ASSIGN(const PackedSignal signal, packed_signal_of(row));
        return on_signal(signal);
      });
}

Result<std::shared_ptr<const match::Generation>> Lists::load_generation(const Uuid& list_id) {
  match::GenerationBuilder builder;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(
        const auto found,
        entries(transaction, "id = :id AND state <> 'removed'", {to_string(list_id)}));
    if (found.empty()) {
      return Error{ErrorKind::kNotFound, "list.not_found", "there is no such list"};
    }
    const std::uint32_t index = builder.add_list(found.front());
    return for_each_of(
        transaction, to_string(list_id), 0, kNoLimit, kNoLimit, [&](const PackedSignal& signal) {
          if (signal.kind == SignalKind::kPdq) {
            builder.add_pdq(index, signal.id, fingerprint::pdq_from_bytes(signal.value));
          } else {
            builder.add_digest(index,
                               signal.id,
                               signal.kind,
                               ByteView(signal.value).first(size_bytes_of(signal.kind)));
          }
          return ok();
        });
  }));
  return std::move(builder).build();
}

Result<std::int64_t> Lists::position() {
  std::int64_t position = 0;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(position, last_change(transaction));
    return ok();
  }));
  return position;
}

Result<std::int64_t> Lists::position_of_judges() {
  std::int64_t position = 0;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(position,
                      number(transaction,
                             "SELECT MAX(c.id) FROM list_change c JOIN list l ON l.id = c.list_id "
                             "WHERE l.purpose <> 'canary'"));
    return ok();
  }));
  return position;
}

Result<std::int64_t> Lists::position_of(const Uuid& list_id) {
  std::int64_t position = 0;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(position,
                      number(transaction,
                             "SELECT MAX(position) FROM list_state WHERE list_id = :list_id",
                             {to_string(list_id)}));
    return ok();
  }));
  return position;
}

Result<std::int64_t> Lists::most_signals(const List& list, UtcMs from_ms) {
  std::int64_t most = list.signal_count;
  // The newest first, up to the one that was in force at that time.
  bool before = false;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT signals, active, at_ms FROM list_state WHERE list_id = "
        ":list_id ORDER BY position DESC LIMIT :row_limit",
        {to_string(list.id), kStatesMax},
        [&](const store::Row& row) {
          if (!before && row.integer(1) != 0) {
            most = std::max(most, row.integer(0));
          }
          before = before || row.integer(2) < from_ms;
          return ok();
        });
  }));
  return most;
}

Result<Lists::Last> Lists::last() {
  Last last;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(last.signal, number(transaction, "SELECT MAX(id) FROM signal"));
    TUTELA_TRY_ASSIGN(last.removal, number(transaction, "SELECT MAX(id) FROM signal_removed"));
    return ok();
  }));
  return last;
}

Result<std::int64_t> Lists::reach_of(const match::SignalSet& set) {
  std::int64_t reach = 0;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const auto all, entries(transaction, "1 = 1", {}));
    for (const match::ListEntry& list : all) {
      reach = std::max(reach, set.through(list.id));
    }
    return ok();
  }));
  return reach;
}

Result<Missing> Lists::missing(const match::SignalSet& set, std::size_t signals_max) {
  Missing missing;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return read_missing(transaction, set, signals_max, missing);
  }));
  return missing;
}

Status Lists::load_all(match::SegmentBuilder& builder) {
  return database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const std::int64_t removed,
                      number(transaction, "SELECT MAX(id) FROM signal_removed"));
    builder.set_removed_through(removed);
    TUTELA_TRY_ASSIGN(const auto lists, active_lists(transaction));
    for (const match::ListEntry& list : lists) {
      const std::uint32_t index = builder.add_list({.id = list.id, .through_id = 0});
      std::int64_t through = 0;
      TUTELA_TRY(for_each_of(
          transaction, to_string(list.id), 0, kNoLimit, kNoLimit, [&](const PackedSignal& signal) {
            builder.add(index,
                        signal.id,
                        signal.kind,
                        ByteView(signal.value).first(size_bytes_of(signal.kind)));
            through = signal.id;
            return ok();
          }));
      builder.set_through(index, through);
    }
    return ok();
  });
}

Result<std::vector<Change>> Lists::changes_after(std::int64_t position, std::int64_t limit) {
  std::vector<Change> changes;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT id, list_id, kind, first_id, last_id, tenant_id FROM list_change WHERE id > "
        ":after_id "
        "ORDER BY id LIMIT :row_limit",
        {position, limit},
        [&](const store::Row& row) -> Status {
          TUTELA_TRY_ASSIGN(const Uuid list, parse_uuid(row.text(1)));
          TUTELA_TRY_ASSIGN(const ChangeKind kind, parse_change_kind(row.text(2)));
          changes.push_back(
              {row.integer(0), row.text(5), list, kind, row.integer(3), row.integer(4)});
          return ok();
        });
  }));
  return changes;
}

Status Lists::for_each_signal(const Uuid& list_id,
                              std::int64_t first_id,
                              std::int64_t last_id,
                              std::int64_t limit,
                              const std::function<Status(const PackedSignal&)>& on_signal) {
  return database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const auto active,
                      entries(transaction, "id = :id AND state = 'active'", {to_string(list_id)}));
    return active.empty()
               ? ok()
               : for_each_of(transaction, to_string(list_id), first_id, last_id, limit, on_signal);
  });
}

Result<std::vector<std::int64_t>> Lists::removed_signals(std::int64_t first, std::int64_t last) {
  std::vector<std::int64_t> ids;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT signal_id FROM signal_removed WHERE id >= :first_id AND id <= :last_id ORDER BY id",
        {first, last},
        [&](const store::Row& row) {
          ids.push_back(row.integer(0));
          return ok();
        });
  }));
  return ids;
}

}  // namespace tutela::lists
