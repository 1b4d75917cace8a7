#include "service/watch/gather_rates.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <tuple>

#include "service/pipeline/uncovered.hpp"
#include "service/watch/actor.hpp"
#include "watch/canaries/canaries.hpp"

namespace tutela::watch {

namespace {

using ledger::CoverageRow;
using ledger::kDayMs;
using ledger::kHourMs;

constexpr std::int64_t kSliceMs = 7 * kDayMs;
constexpr std::int64_t kHistoryMs = 59 * kDayMs;  // four weeks before a month without a match
constexpr std::int64_t kTotalsMs = 31 * kDayMs;
constexpr std::int64_t kZeroHoursMax = 31 * 24;
constexpr double kZeroEnough = 50;  // far beyond doubt
constexpr std::size_t kRatesMax = 1000;

using DoorAndType = std::pair<std::string, std::string>;

UtcMs hour_of(UtcMs at_ms) {
  return at_ms - at_ms % kHourMs;
}

bool is_scanned(const CoverageRow& cell) {
  return cell.verdict == policy::Verdict::kNoMatch || cell.verdict == policy::Verdict::kMatch;
}

/// What people send us because they think that it matches says nothing of what uploads do.
bool is_usual(std::string_view door) {
  return door != ledger::kIntakeDoor;
}

std::int64_t count_at(const HourCounts& counts, UtcMs hour_ms) {
  const auto found = counts.find(hour_ms);
  return found == counts.end() ? 0 : found->second;
}

std::vector<alarms::HourOf> history_of(const HourCounts& items,
                                       const HourCounts& matches,
                                       UtcMs known_from_ms) {
  std::vector<alarms::HourOf> history;
  for (auto at = items.lower_bound(known_from_ms); at != items.end(); ++at) {
    history.push_back({at->first, at->second, count_at(matches, at->first)});
  }
  return history;
}

/// Hours without a match, back from this one, and how many matches were to be expected in them.
void find_zero(const std::vector<alarms::HourOf>& history,
               const HourCounts& items,
               const HourCounts& matches,
               UtcMs known_from_ms,
               UtcMs hour_ms,
               alarms::RateState& rate) {
  if (matches.empty()) {
    return;  // never any: nothing is to be expected
  }
  for (UtcMs at_ms = hour_ms;
       at_ms >= known_from_ms && count_at(matches, at_ms) == 0 && rate.zero_hours < kZeroHoursMax;
       at_ms -= kHourMs) {
    ++rate.zero_hours;
    const std::int64_t count = count_at(items, at_ms);
    if (count > 0 && rate.expected_in_zero_hours < kZeroEnough) {
      rate.expected_in_zero_hours += std::max(0.0, alarms::expected_matches(history, at_ms, count));
    }
  }
}

struct Counted {
  std::map<DoorAndType, HourCounts> items;
  std::map<std::pair<Uuid, DoorAndType>, HourCounts> matches;
  std::vector<CoverageRow> cells;
};

/// In slices; where a query gives less than one, the next goes on there, so that no hour is cut
/// off.
Result<Counted> read_counts(ledger::Coverage& coverage,
                            const std::string& tenant_id,
                            UtcMs from_ms,
                            UtcMs until_ms) {
  Counted counted;
  for (UtcMs at_ms = from_ms; at_ms < until_ms;) {
    UtcMs end_ms = std::min(until_ms, at_ms + kSliceMs);
    TUTELA_TRY_ASSIGN(const auto matches, coverage.matches(tenant_id, at_ms, end_ms));
    end_ms = matches.next_ms.value_or(end_ms);
    TUTELA_TRY_ASSIGN(const auto cells, coverage.hours(tenant_id, at_ms, end_ms));
    end_ms = cells.next_ms.value_or(end_ms);
    for (const CoverageRow& cell : cells.rows) {
      if (is_scanned(cell) && is_usual(cell.door)) {
        counted.items[{cell.door, cell.media_type}][cell.hour_ms] += cell.items;
      }
    }
    counted.cells.insert(counted.cells.end(), cells.rows.begin(), cells.rows.end());
    for (const ledger::MatchCount& match : matches.rows) {
      if (!is_usual(match.door) || match.hour_ms >= end_ms) {
        continue;
      }
      counted.matches[{match.list_id, {match.door, match.media_type}}][match.hour_ms] +=
          match.items;
    }
    at_ms = end_ms;
  }
  return counted;
}

std::vector<Rate> rates_of(const std::vector<lists::List>& active,
                           const Counted& counted,
                           UtcMs now_ms) {
  static const HourCounts kNone;
  std::vector<Rate> rates;
  for (const lists::List& list : active) {
    for (const auto& [key, items] : counted.items) {
      if (rates.size() >= kRatesMax) {
        return rates;
      }
      const auto found = counted.matches.find({list.id, key});
      const HourCounts& matches = found == counted.matches.end() ? kNone : found->second;
      const UtcMs from_ms = hour_of(list.created_ms) + kHourMs;
      Rate rate{list.spec.name,
                std::string(to_string(list.spec.purpose)),
                key.first,
                key.second,
                rate_of(items, matches, from_ms, now_ms)};
      rate.state.object = rate.list + "/" + rate.door + "/" + rate.media_type;
      rates.push_back(std::move(rate));
    }
  }
  return rates;
}

tutela::Status look_at_judged(Sources sources,
                              ledger::Coverage& coverage,
                              const std::string& tenant_id,
                              const std::vector<lists::List>& active,
                              RatesSeen& seen) {
  lists::Lists& lists = sources.pipeline.lists();
  TUTELA_TRY_ASSIGN(const std::vector<pipeline::Uncovered> uncovered,
                    pipeline::uncovered_changes(lists, sources.pipeline.rescans()));
  std::map<Uuid, std::int64_t> last;
  for (const pipeline::Uncovered& change : uncovered) {
    last[change.list_id] = change.position;
  }
  for (const lists::List& list : active) {
    TUTELA_TRY_ASSIGN(seen.not_rescanned[list.id],
                      coverage.judged_before(tenant_id, last[list.id]));
  }
  return ok();
}

Result<std::vector<Status::Canaries>> count_canaries(Sources sources,
                                                     const std::string& tenant_id,
                                                     UtcMs from_ms,
                                                     UtcMs hour_ms) {
  canaries::Canaries canaries(
      sources.pipeline.database(), sources.clock, sources.pipeline.instance_id());
  std::map<std::tuple<std::string, std::string, canaries::Expected>, Status::Canaries> sums;
  for (UtcMs at_ms = from_ms; at_ms <= hour_ms; at_ms += kSliceMs) {
    const UtcMs end_ms = std::min(hour_ms + kHourMs, at_ms + kSliceMs);
    TUTELA_TRY_ASSIGN(const auto hours, canaries.hours(tenant_id, at_ms, end_ms));
    for (const canaries::HourRow& hour : hours) {
      Status::Canaries& sum = sums[{hour.door, hour.format, hour.expected}];
      sum.sent += hour.sent;
      sum.good += hour.good;
    }
  }
  std::vector<Status::Canaries> counts;
  for (auto& [key, sum] : sums) {
    const auto& [door, format, expected] = key;
    counts.push_back({door, format, std::string(to_string(expected)), sum.sent, sum.good});
  }
  return counts;
}

}  // namespace

alarms::RateState rate_of(const HourCounts& items,
                          const HourCounts& matches,
                          UtcMs known_from_ms,
                          UtcMs now_ms) {
  const UtcMs hour_ms = hour_of(now_ms);
  const auto history = history_of(items, matches, known_from_ms);
  alarms::RateState rate;
  // An hour that has just begun says little, so it is looked at with the one before.
  for (const UtcMs at_ms : {hour_ms - kHourMs, hour_ms}) {
    if (at_ms < known_from_ms) {
      continue;
    }
    const std::int64_t count = count_at(items, at_ms);
    const double expected = alarms::expected_matches(history, at_ms, count);
    rate.items += count;
    rate.matches += count_at(matches, at_ms);
    rate.expected = expected < 0 || rate.expected < 0 ? -1 : rate.expected + expected;
  }
  if (history.empty()) {
    rate.expected = -1;
  }
  find_zero(history, items, matches, known_from_ms, hour_ms, rate);
  return rate;
}

std::vector<alarms::UnscannableState> unscannable_of(std::span<const CoverageRow> cells,
                                                     UtcMs now_ms) {
  constexpr std::string_view kUnknown = "unknown";

  struct Sums {
    std::int64_t items = 0;
    std::int64_t unscannable = 0;
    std::int64_t items_before = 0;
    std::int64_t unscannable_before = 0;
  };

  const UtcMs from_ms = hour_of(now_ms) - kHourMs;
  std::map<std::string, Sums> sums;
  std::map<std::string, Sums> doors;
  for (const CoverageRow& cell : cells) {
    if (cell.verdict == policy::Verdict::kOwed || !is_usual(cell.door)) {
      continue;
    }
    const bool bad = cell.verdict == policy::Verdict::kUnscannable;
    const bool now = cell.hour_ms >= from_ms;
    const auto add = [&](Sums& sum) {
      (now ? sum.items : sum.items_before) += cell.items;
      (now ? sum.unscannable : sum.unscannable_before) += bad ? cell.items : 0;
    };
    add(sums[cell.door + "/" +
             (cell.media_type.empty() ? std::string(kUnknown) : cell.media_type)]);
    add(doors[cell.door]);
  }
  std::vector<alarms::UnscannableState> found;
  for (auto& [object, sum] : sums) {
    if (object.ends_with("/" + std::string(kUnknown))) {
      // What is not known to be a picture always is unscannable: its share of everything tells.
      const Sums& door = doors[object.substr(0, object.size() - kUnknown.size() - 1)];
      sum.items = door.items;
      sum.items_before = door.items_before;
    }
    const double usual = sum.items_before == 0 ? 0.0
                                               : static_cast<double>(sum.unscannable_before) /
                                                     static_cast<double>(sum.items_before);
    found.push_back({object, sum.items, sum.unscannable, usual});
  }
  return found;
}

void add_to(Totals& totals, const CoverageRow& cell) {
  const bool arrived = cell.verdict == policy::Verdict::kOwed;
  totals[{cell.door, arrived ? "arrived" : std::string(to_string(cell.verdict))}] += cell.items;
}

Result<RatesSeen> look_at_rates(Sources sources, UtcMs started_ms) {
  const store::Actor actor = system_actor();
  ledger::Coverage coverage(sources.pipeline.database());
  const UtcMs now_ms = sources.clock.now_ms();
  const UtcMs hour_ms = hour_of(now_ms);
  const UtcMs since_ms = hour_of(started_ms) - kTotalsMs;
  const UtcMs from_ms = std::min(since_ms, hour_ms - kHistoryMs);
  TUTELA_TRY_ASSIGN(std::vector<lists::List> active, sources.pipeline.lists().all(actor));
  std::erase_if(active, [](const lists::List& list) {
    return list.state != lists::State::kActive || list.spec.purpose == lists::Purpose::kCanary;
  });
  TUTELA_TRY_ASSIGN(const Counted counted,
                    read_counts(coverage, actor.tenant_id, from_ms, hour_ms + kHourMs));
  RatesSeen seen;
  seen.rates = rates_of(active, counted, now_ms);
  seen.unscannable = unscannable_of(counted.cells, now_ms);
  seen.until_ms = hour_ms - kHourMs;
  for (const CoverageRow& cell : counted.cells) {
    if (cell.hour_ms >= since_ms && cell.hour_ms < seen.until_ms) {
      add_to(seen.totals, cell);
    }
  }
  TUTELA_TRY_ASSIGN(seen.canaries,
                    count_canaries(sources, actor.tenant_id, hour_of(started_ms), hour_ms));
  TUTELA_TRY(look_at_judged(sources, coverage, actor.tenant_id, active, seen));
  return seen;
}

}  // namespace tutela::watch
