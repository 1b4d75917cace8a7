// The rows that `tutela bench ledger` measures with: three months of items.
#pragma once

#include <cstdint>
#include <functional>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "custody/store/store.hpp"

namespace tutela::cli {

constexpr std::int64_t kBenchDays = 90;
constexpr std::int64_t kBenchLists = 5;
/// Of a hundred items one is owed, the latest ones.
constexpr std::int64_t kBenchOwedShare = 100;
/// Positions of the lists' history, each with a rescan, of which all but the last three ended.
constexpr std::int64_t kBenchPositions = 10'000;

/// Fills an empty database with `items` items that came in up to `now_ms`, and their counts. Rows
/// of fingerprints are left out: no figure reads them. Tells how far it is.
Status fill_ledger(store::Database& database,
                   std::int64_t items,
                   UtcMs now_ms,
                   const std::function<void(std::int64_t done)>& on_progress);

}  // namespace tutela::cli
