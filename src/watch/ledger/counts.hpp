// Counts: what an item adds to the hours, in the unit of work of what is counted. Internal to the
// ledger.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/uuid.hpp"
#include "custody/store/store.hpp"
#include "watch/ledger/coverage.hpp"

namespace tutela::ledger {

/// What an INSERT of cells adds to those that are there.
inline constexpr std::string_view kAddToCells =
    " ON CONFLICT (tenant_id, hour_ms, door, media_type, verdict, reason) DO UPDATE "
    "SET items = coverage_hour.items + excluded.items, "
    "size_bytes = coverage_hour.size_bytes + excluded.size_bytes, "
    "took_ms = coverage_hour.took_ms + excluded.took_ms, "
    "took_ms_max = CASE WHEN excluded.took_ms_max > coverage_hour.took_ms_max "
    "THEN excluded.took_ms_max ELSE coverage_hour.took_ms_max END, "
    "let_through = coverage_hour.let_through + excluded.let_through, "
    "last_ms = CASE WHEN excluded.last_ms > coverage_hour.last_ms "
    "THEN excluded.last_ms ELSE coverage_hour.last_ms END";
inline constexpr std::string_view kAddToMatches =
    " ON CONFLICT (tenant_id, hour_ms, list_id, door, media_type) DO UPDATE "
    "SET items = match_hour.items + excluded.items";

/// An item as far as it counts, as it stands in its rows.
struct Item {
  std::string tenant_id;
  std::string door;
  std::string media_type;
  std::string verdict;
  std::string reason;
  UtcMs received_ms = 0;
  std::int64_t size_bytes = 0;
  std::int64_t took_ms = 0;  // from arrival to the first verdict
  std::int64_t lists_position = 0;
  bool canary = false;
  bool let_through = false;
  std::vector<std::string> lists;  // that it matches
};

/// Error: kNotFound "content.not_found".
Result<Item> read_item(store::Transaction& transaction,
                       const std::string& tenant_id,
                       const Uuid& id);

Status count_arrival(store::Transaction& transaction, const Item& item);
Status count_let_through(store::Transaction& transaction, const Item& item);
/// Under its verdict, its lists and the position that it was judged at.
Status count_verdict(store::Transaction& transaction, const Item& item);
/// Takes out what count_verdict() put in.
Status uncount_verdict(store::Transaction& transaction, const Item& item);
/// It is nobody's to judge again any more: it was removed. The hours keep it.
Status forget_position(store::Transaction& transaction, const Item& item);

}  // namespace tutela::ledger
