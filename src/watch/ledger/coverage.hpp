// Coverage: what arrived, what came of it and what is owed, by hour; queries that cost the same at
// any size, because counts are kept by hour in the unit of work of what they count.
//
// An item counts in the hour in which it arrived, once as arrived and once under its present
// verdict: for every hour and door, arrived - scanned = owed. Canaries count nowhere here. Reads
// alone, but for compact(). Thread-safe as the store is.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "custody/store/store.hpp"
#include "engine/policy/policy.hpp"

namespace tutela::ledger {

inline constexpr std::int64_t kHourMs = 3'600'000;
inline constexpr std::int64_t kDayMs = 24 * kHourMs;

/// One cell of the counts.
struct CoverageRow {
  UtcMs hour_ms = 0;
  std::string door;
  std::string media_type;                            // empty: not known
  policy::Verdict verdict = policy::Verdict::kOwed;  // kOwed: those that arrived, of any verdict
  std::string reason;
  std::int64_t items = 0;
  std::int64_t size_bytes = 0;
  std::int64_t took_ms = 0;  // sum, from arrival to first verdict
  std::int64_t took_ms_max = 0;
  std::int64_t let_through = 0;  // of those that arrived: answered without a verdict
  UtcMs last_ms = 0;             // when the last of them arrived
};

/// What came in through one door.
struct DoorTraffic {
  std::string door;
  std::int64_t items = 0;
  std::int64_t let_through = 0;
  UtcMs last_ms = 0;
};

/// Items of one hour that matched a list.
struct MatchCount {
  UtcMs hour_ms = 0;
  Uuid list_id;
  std::string door;
  std::string media_type;
  std::int64_t items = 0;
};

/// What is owed now.
struct Owed {
  struct Door {
    std::string door;
    std::int64_t items = 0;
    UtcMs oldest_ms = 0;
  };

  std::vector<Door> doors;
  std::int64_t items = 0;
  UtcMs oldest_ms = 0;  // 0 when none
};

/// Counts of whole hours, in their order, and where they go on.
template <class Row>
struct HourPage {
  std::vector<Row> rows;
  std::optional<UtcMs> next_ms;  // the first hour that is left out; absent: none is
};

class Coverage {
 public:
  /// Rows of one answer.
  static constexpr std::size_t kRowsMax = 100'000;

  explicit Coverage(store::Database& database) : database_(database) {}

  Result<Owed> owed(const std::string& tenant_id);
  /// Cells with from_ms <= hour_ms < until_ms, at most so many.
  /// Error: kLimitExceeded "coverage.hour_too_large": one hour alone has more.
  Result<HourPage<CoverageRow>> hours(const std::string& tenant_id,
                                      UtcMs from_ms,
                                      UtcMs until_ms,
                                      std::size_t most = kRowsMax);
  /// What arrived in the hours from `from_ms` on, by door; doors that nothing came through are left
  /// out.
  Result<std::vector<DoorTraffic>> doors(const std::string& tenant_id, UtcMs from_ms);
  /// Likewise.
  Result<HourPage<MatchCount>> matches(const std::string& tenant_id,
                                       UtcMs from_ms,
                                       UtcMs until_ms,
                                       std::size_t most = kRowsMax);
  /// Items whose verdict rests on lists older than this position of their history, whether or not a
  /// rescan has made up for it: pipeline::uncovered_changes() knows for which positions none has.
  Result<std::int64_t> judged_before(const std::string& tenant_id, std::int64_t lists_position);
  /// The latest verdict of an item that counts; absent when none.
  Result<std::optional<UtcMs>> last_verdict(const std::string& tenant_id);

 private:
  store::Database& database_;
};

/// What may go, and what of it is gone.
struct Retention {
  std::int64_t keep_days = 0;  // of items that did not match and that nothing rests on; 0: for ever
  std::int64_t canary_minutes = 60;   // of canaries' items and messages
  std::int64_t hours_keep_days = 92;  // after that the hours of a day become one
};

struct Compacted {
  std::int64_t items = 0;
  std::int64_t canaries = 0;
  std::int64_t hours = 0;
};

/// Removes what Retention lets go, in units of work of at most 100 items, 500 messages or the hours
/// of a day, so that live traffic waits for none of them; counts stay. Never an item that is owed,
/// spooled, matched, held, part of a case, preserved, reported, in an unfinished rescan or owed to
/// a sampling audit.
Result<Compacted> compact(store::Database& database,
                          const Retention& retention,
                          UtcMs now_ms,
                          const std::function<bool()>& stop_requested);

}  // namespace tutela::ledger
