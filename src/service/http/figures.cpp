#include "service/http/figures.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "base/uuid.hpp"
#include "service/http/app.hpp"
#include "service/http/custody.hpp"
#include "service/http/review.hpp"

namespace tutela::http {

namespace {

constexpr std::int64_t kHours = 48;
constexpr std::size_t kListsMax = 200;

using ledger::kHourMs;

/// Hours from the first on, with what their cells say.
std::vector<Hour> hours_from(UtcMs from_ms, const std::vector<ledger::CoverageRow>& cells) {
  std::vector<Hour> hours;
  for (std::int64_t i = 0; i < kHours; ++i) {
    hours.push_back({from_ms + i * kHourMs});
  }
  for (const ledger::CoverageRow& cell : cells) {
    const std::int64_t at = (cell.hour_ms - from_ms) / kHourMs;
    if (at < 0 || at >= kHours) {
      continue;
    }
    Hour& hour = hours[static_cast<std::size_t>(at)];
    switch (cell.verdict) {
      case policy::Verdict::kOwed:
        hour.owed += cell.items;  // all that arrived
        continue;
      case policy::Verdict::kNoMatch:
        hour.no_match += cell.items;
        break;
      case policy::Verdict::kMatch:
        hour.match += cell.items;
        break;
      case policy::Verdict::kUnscannable:
        hour.unscannable += cell.items;
        break;
    }
    hour.owed -= cell.items;
  }
  return hours;
}

std::vector<ListMatches> matches_by_list(const std::vector<lists::List>& lists,
                                         const std::vector<ledger::MatchCount>& counts) {
  std::map<Uuid, std::int64_t> by_list;
  for (const ledger::MatchCount& count : counts) {
    by_list[count.list_id] += count.items;
  }
  std::vector<ListMatches> found;
  for (const lists::List& list : lists) {
    if (list.state == lists::State::kActive) {
      found.push_back({list.spec.name, by_list[list.id]});
    }
  }
  std::ranges::sort(found, {}, &ListMatches::name);
  found.resize(std::min(found.size(), kListsMax));
  return found;
}

}  // namespace

Result<std::shared_ptr<const Waits>> waits_of(App& app, const std::string& tenant_id) {
  return app.review.waits.get(tenant_id, [&]() -> Result<Waits> {
    TUTELA_TRY_ASSIGN(cases::Waits of_cases, app.review.cases.waits(tenant_id));
    TUTELA_TRY_ASSIGN(const std::int64_t requests, app.custody.requests.count_waiting(tenant_id));
    return Waits{std::move(of_cases), requests};
  });
}

Result<std::shared_ptr<const Hours>> hours_of(App& app, const std::string& tenant_id) {
  return app.review.hours.get(tenant_id, [&]() -> Result<Hours> {
    const UtcMs now_ms = app.clock.now_ms();
    const UtcMs from_ms = now_ms - now_ms % kHourMs - (kHours - 1) * kHourMs;
    Hours found;
    TUTELA_TRY_ASSIGN(found.ages, app.review.cases.ages(tenant_id));
    const store::Actor actor{tenant_id, "system", "system"};
    ledger::Coverage coverage(app.review.database);
    const UtcMs until_ms = now_ms + kHourMs;
    std::vector<ledger::CoverageRow> cells;
    for (std::optional<UtcMs> at_ms = from_ms; at_ms;) {
      TUTELA_TRY_ASSIGN(auto page, coverage.hours(tenant_id, *at_ms, until_ms));
      std::ranges::move(page.rows, std::back_inserter(cells));
      at_ms = page.next_ms;
    }
    found.hours = hours_from(from_ms, cells);
    for (const Hour& hour : found.hours) {
      found.scanned += hour.no_match + hour.match;
    }
    TUTELA_TRY_ASSIGN(const auto lists, app.pipeline.lists().all(actor));
    std::vector<ledger::MatchCount> matches;
    for (std::optional<UtcMs> at_ms = from_ms; at_ms;) {
      TUTELA_TRY_ASSIGN(auto page, coverage.matches(tenant_id, *at_ms, until_ms));
      std::ranges::move(page.rows, std::back_inserter(matches));
      at_ms = page.next_ms;
    }
    found.lists = matches_by_list(lists, matches);
    return found;
  });
}

}  // namespace tutela::http
