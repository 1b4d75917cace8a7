// Counts: what an item adds to the hours, in the unit of work of what is counted. Internal to the
// ledger.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/uuid.hpp"
#include "custody/store/store.hpp"
#include "watch/ledger/coverage.hpp"

namespace tutela::ledger {

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
