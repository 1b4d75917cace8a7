// Rates: counts by the hour against what is usual at that hour: of matches, by list, door and media
// type; of what cannot be scanned, by door and type. And sums of everything since a while before
// this process began. Reads some weeks of hours: asked once in a while, through Asked.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "exchange/lists/lists.hpp"
#include "service/watch/gather.hpp"
#include "watch/alarms/bands.hpp"
#include "watch/alarms/observations.hpp"
#include "watch/ledger/coverage.hpp"

namespace tutela::watch {

/// Items of every hour of a door and a media type, and matches of a list among them.
using HourCounts = std::map<UtcMs, std::int64_t>;

/// Matches of a list, and what would be usual, in this hour and the one before.
struct Rate {
  std::string list;
  std::string purpose;
  std::string door;
  std::string media_type;  // empty: not known
  alarms::RateState state;
};

/// Pure. Hours before `known_from_ms` are not known.
[[nodiscard]] alarms::RateState rate_of(const HourCounts& items,
                                        const HourCounts& matches,
                                        UtcMs known_from_ms,
                                        UtcMs now_ms);

/// Of the hour and the one before, by door and type; "unknown" counts what has no type among all
/// items of the door. Pure.
[[nodiscard]] std::vector<alarms::UnscannableState> unscannable_of(
    std::span<const ledger::CoverageRow> cells, UtcMs now_ms);

/// Items by door and verdict ("arrived" too).
using Totals = std::map<std::pair<std::string, std::string>, std::int64_t>;

void add_to(Totals& totals, const ledger::CoverageRow& cell);

struct RatesSeen {
  std::vector<Rate> rates;  // by list, door and type; at most 1,000
  std::vector<alarms::UnscannableState> unscannable;
  Totals totals;  // of hours before this one
  UtcMs until_ms = 0;
  std::vector<Status::Canaries> canaries;
  std::map<Uuid, std::int64_t>
      not_rescanned;  // items, by list, that were judged before its last change
};

/// Totals count from a month before this process began.
Result<RatesSeen> look_at_rates(Sources sources, UtcMs started_ms);

}  // namespace tutela::watch
