#include <algorithm>
#include <utility>

#include "exchange/lists/rows.hpp"

namespace tutela::lists {
namespace {

using store::Transaction;

Result<std::vector<List>> lists_to_count(Transaction& transaction,
                                         const store::Actor& actor,
                                         const std::optional<Uuid>& only_list) {
  std::vector<List> lists;
  if (only_list) {
    TUTELA_TRY_ASSIGN(List list, find_kept_list(transaction, actor, *only_list));
    lists.push_back(std::move(list));
    return lists;
  }
  TUTELA_TRY(transaction.query(
      "SELECT " + std::string(kListColumns) +
          " FROM list WHERE tenant_id = :tenant_id AND state <> 'removed' ORDER BY name",
      {actor.tenant_id},
      [&](const store::Row& row) -> Status {
        TUTELA_TRY_ASSIGN(List list, list_of(row));
        lists.push_back(std::move(list));
        return ok();
      }));
  return lists;
}

/// The greatest id stands for the youngest signal: the index of lists holds ids and no times.
Result<ListStats> count(Transaction& transaction, List list) {
  ListStats stats;
  stats.list = std::move(list);
  std::int64_t newest_id = 0;
  TUTELA_TRY(transaction.query(
      "SELECT kind, COUNT(*), MAX(id) FROM signal WHERE list_id = :list_id GROUP BY kind",
      {to_string(stats.list.id)},
      [&](const store::Row& row) -> Status {
        TUTELA_TRY_ASSIGN(const match::SignalKind kind, match::parse_signal_kind(row.text(0)));
        stats.signals.at(static_cast<std::size_t>(kind)) = row.integer(1);
        newest_id = std::max(newest_id, row.integer(2));
        return ok();
      }));
  TUTELA_TRY(transaction.query(
      "SELECT created_ms FROM signal WHERE id = :id", {newest_id}, [&](const store::Row& row) {
        stats.newest_signal_ms = row.integer(0);
        return ok();
      }));
  return stats;
}

}  // namespace

Result<std::vector<ListStats>> Lists::stats(const store::Actor& actor,
                                            std::optional<Uuid> only_list) {
  std::vector<ListStats> all;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(std::vector<List> lists, lists_to_count(transaction, actor, only_list));
    for (List& list : lists) {
      TUTELA_TRY_ASSIGN(ListStats stats, count(transaction, std::move(list)));
      all.push_back(std::move(stats));
    }
    return ok();
  }));
  return all;
}

}  // namespace tutela::lists
