#include "service/http/figures.hpp"

#include <algorithm>
#include <map>
#include <string_view>

#include "base/uuid.hpp"
#include "service/http/app.hpp"
#include "service/http/custody.hpp"
#include "service/http/handlers.hpp"
#include "service/http/review.hpp"

namespace tutela::http {

namespace {

constexpr std::int64_t kOwedOldMs = 60'000;
constexpr std::int64_t kStaleMs = 7 * ledger::kDayMs;
constexpr std::int64_t kHours = 48;
constexpr std::size_t kListsMax = 200;

/// What came in today through every door that there is.
Result<std::vector<ledger::DoorTraffic>> doors_of_today(ledger::Coverage& coverage,
                                                        const std::string& tenant_id,
                                                        UtcMs now_ms) {
  TUTELA_TRY_ASSIGN(std::vector<ledger::DoorTraffic> doors,
                    coverage.doors(tenant_id, now_ms - now_ms % ledger::kDayMs));
  for (const std::string_view door : {"cli", "http"}) {
    if (std::ranges::find(doors, door, &ledger::DoorTraffic::door) == doors.end()) {
      doors.push_back({std::string(door), 0, 0, 0});
    }
  }
  std::ranges::sort(doors, {}, &ledger::DoorTraffic::door);
  return doors;
}

Status look_at_lists(App& app, UtcMs now_ms, Detected& found) {
  TUTELA_TRY_ASSIGN(const auto lists, app.pipeline.lists().all(system_actor()));
  bool only_test = true;
  for (const lists::List& list : lists) {
    if (list.state != lists::State::kActive) {
      continue;
    }
    only_test = only_test && (list.spec.purpose == lists::Purpose::kTest ||
                              list.spec.purpose == lists::Purpose::kCanary);
    if (list.signal_count == 0) {
      found.empty.push_back(list.spec.name);
      found.reasons.push_back({"list.empty", list.spec.name});
    } else if (now_ms - list.updated_ms > kStaleMs) {
      found.stale.push_back(list.spec.name);
      found.reasons.push_back({"list.stale", list.spec.name});
    }
  }
  if (found.active > 0 && only_test) {
    found.reasons.push_back({"lists.only_test", ""});
  }
  return ok();
}

}  // namespace

std::string_view to_string(Health health) noexcept {
  switch (health) {
    case Health::kOn:
      return "on";
    case Health::kDegraded:
      return "degraded";
    case Health::kOff:
      break;
  }
  return "off";
}

Result<Detected> detect(App& app) {
  const UtcMs now_ms = app.clock.now_ms();
  const pipeline::Readiness ready = app.pipeline.readiness();
  Detected found;
  found.active = static_cast<std::int64_t>(ready.active_lists);
  found.signals = static_cast<std::int64_t>(ready.signals);
  bool off = false;
  bool degraded = false;
  const auto note = [&](bool wrong, std::string_view code, bool& grade) {
    if (wrong) {
      found.reasons.push_back({code, ""});
      grade = true;
    }
  };
  note(!ready.store_up, "store.down", off);
  note(!ready.workers_up, "workers.down", off);
  note(found.active == 0, "lists.none_active", off);
  note(found.active > 0 && found.signals == 0, "lists.no_signals", off);
  note(app.stopping.load(), "server.stopping", off);
  note(!app.custody.vault.status(), "vault.down", degraded);
  if (ready.store_up) {
    TUTELA_TRY_ASSIGN(const auto owed, app.pipeline.ledger().owed_counts());
    found.owed = owed.owed;
    found.oldest_owed_ms = owed.oldest_owed_ms;
    note(owed.owed > 0 && now_ms - owed.oldest_owed_ms > kOwedOldMs, "owed.old", degraded);
    TUTELA_TRY(look_at_lists(app, now_ms, found));
    const auto active = static_cast<std::size_t>(found.active);
    note(active > 0 && found.stale.size() + found.empty.size() >= active,
         "lists.all_stale",
         degraded);
    TUTELA_TRY_ASSIGN(const std::int64_t position, app.pipeline.lists().position());
    note(app.pipeline.index_stats().position < position, "index.behind", degraded);
    ledger::Coverage coverage(app.review.database);
    const std::string tenant_id = system_actor().tenant_id;
    TUTELA_TRY_ASSIGN(found.last_verdict_ms, coverage.last_verdict(tenant_id));
    TUTELA_TRY_ASSIGN(found.doors, doors_of_today(coverage, tenant_id, now_ms));
  }
  found.state = off ? Health::kOff : degraded ? Health::kDegraded : Health::kOn;
  return found;
}

namespace {

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
    TUTELA_TRY_ASSIGN(const auto cells, coverage.hours(tenant_id, from_ms, now_ms + kHourMs));
    found.hours = hours_from(from_ms, cells);
    for (const Hour& hour : found.hours) {
      found.scanned += hour.no_match + hour.match;
    }
    TUTELA_TRY_ASSIGN(const auto lists, app.pipeline.lists().all(actor));
    TUTELA_TRY_ASSIGN(const auto matches, coverage.matches(tenant_id, from_ms, now_ms + kHourMs));
    found.lists = matches_by_list(lists, matches);
    return found;
  });
}

}  // namespace tutela::http
