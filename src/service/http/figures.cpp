#include "service/http/figures.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/uuid.hpp"
#include "service/http/app.hpp"
#include "service/http/custody.hpp"
#include "service/http/handlers.hpp"
#include "service/http/review.hpp"

namespace tutela::http {

namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;
constexpr std::int64_t kLateMs = 120'000;  // ids of uploads in progress may still come in
constexpr std::int64_t kOwedOldMs = 60'000;
constexpr std::int64_t kStaleMs = 7 * kDayMs;
constexpr std::int64_t kHours = 48;

/// Where ids of this time begin: they sort by it (UUIDv7).
std::string first_id_of(UtcMs time_ms) {
  Uuid id;
  for (std::size_t i = 0; i < 6; ++i) {
    id.bytes[i] = static_cast<std::byte>(time_ms >> (40 - 8 * static_cast<int>(i)));
  }
  return to_string(id).substr(0, 13);
}

UtcMs time_of(std::string_view id) {
  const auto parsed = parse_uuid(id);
  UtcMs time_ms = 0;
  for (std::size_t i = 0; parsed && i < 6; ++i) {
    time_ms = time_ms * 256 + std::to_integer<UtcMs>(parsed->bytes[i]);
  }
  return time_ms;
}

/// Adds the items that came from `from_ms` to before `until_ms`.
Status add_doors(store::Transaction& transaction,
                 const std::string& tenant_id,
                 UtcMs from_ms,
                 UtcMs until_ms,
                 std::map<std::string, DoorCount>& doors) {
  // The index is to be that of ids: a tenant's items are all there are.
  return transaction.query(
      "SELECT door, COUNT(*), MAX(id) FROM content WHERE id >= :from AND id < :until AND "
      "tenant_id || '' = :tenant_id GROUP BY door",
      {first_id_of(from_ms), first_id_of(until_ms), tenant_id},
      [&](const store::Row& row) {
        DoorCount& door = doors[row.text(0)];
        door.items_today += row.integer(1);
        door.last_ms = std::max(door.last_ms, time_of(row.text(2)));
        return ok();
      });
}

Status query_number(store::Transaction& transaction,
                    std::string_view sql,
                    const std::vector<store::Value>& values,
                    std::int64_t& number) {
  return transaction.query(sql, values, [&](const store::Row& row) {
    number = row.integer(0);
    return ok();
  });
}

Result<std::optional<UtcMs>> last_verdict(store::Database& database) {
  std::optional<UtcMs> last_ms;
  TUTELA_TRY(database.read([&](store::Transaction& transaction) {
    return transaction.query(
        "SELECT at_ms FROM ledger WHERE event NOT IN ('received', 'bytes') ORDER BY id DESC "
        "LIMIT 1",
        {},
        [&](const store::Row& row) {
          last_ms = row.integer(0);
          return ok();
        });
  }));
  return last_ms;
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

Result<std::map<std::string, DoorCount>> DoorCounts::get(store::Database& database,
                                                         const std::string& tenant_id,
                                                         UtcMs now_ms) {
  const MutexLock lock(mutex_);
  const UtcMs day_ms = now_ms - now_ms % kDayMs;
  if (day_ms != day_ms_ || now_ms < counted_until_ms_) {
    day_ms_ = day_ms;
    counted_until_ms_ = day_ms;
    counted_.clear();
  }
  const UtcMs until_ms = std::max(counted_until_ms_, now_ms - kLateMs);
  std::map<std::string, DoorCount> counted = counted_;
  std::map<std::string, DoorCount> all;
  TUTELA_TRY(database.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(add_doors(transaction, tenant_id, counted_until_ms_, until_ms, counted));
    all = counted;
    return add_doors(transaction, tenant_id, until_ms, now_ms + kDayMs, all);
  }));
  counted_ = std::move(counted);
  counted_until_ms_ = until_ms;
  for (const std::string_view door : {"http", "cli"}) {
    all.try_emplace(std::string(door));
  }
  return all;
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
    TUTELA_TRY_ASSIGN(found.last_verdict_ms, last_verdict(app.review.database));
    TUTELA_TRY_ASSIGN(found.doors,
                      app.review.doors.get(app.review.database, system_actor().tenant_id, now_ms));
  }
  found.state = off ? Health::kOff : degraded ? Health::kDegraded : Health::kOn;
  return found;
}

namespace {

Status count_hour(store::Transaction& transaction, const std::string& tenant_id, Hour& hour) {
  return transaction.query(
      "SELECT verdict, COUNT(*) FROM content WHERE tenant_id = :tenant_id AND verdict IN "
      "('no_match', 'match', 'unscannable', 'owed') AND id >= :from AND id < :until "
      "GROUP BY verdict",
      {tenant_id, first_id_of(hour.at_ms), first_id_of(hour.at_ms + kHourMs)},
      [&](const store::Row& row) {
        const std::string verdict = row.text(0);
        std::int64_t& count = verdict == "match"         ? hour.match
                              : verdict == "no_match"    ? hour.no_match
                              : verdict == "unscannable" ? hour.unscannable
                                                         : hour.owed;
        count = row.integer(1);
        return ok();
      });
}

Status count_matches(store::Transaction& transaction,
                     const std::string& tenant_id,
                     UtcMs from_ms,
                     std::vector<ListMatches>& lists) {
  std::vector<std::pair<std::string, std::string>> active;
  TUTELA_TRY(transaction.query(
      "SELECT id, name FROM list WHERE tenant_id = :tenant_id AND state = 'active' ORDER BY name "
      "LIMIT 200",
      {tenant_id},
      [&](const store::Row& row) {
        active.emplace_back(row.text(0), row.text(1));
        return ok();
      }));
  for (const auto& [id, name] : active) {
    ListMatches list{name, 0};
    TUTELA_TRY(query_number(transaction,
                            "SELECT COUNT(DISTINCT content_id) FROM content_match WHERE list_id = "
                            ":list_id AND content_id >= :from",
                            {id, first_id_of(from_ms)},
                            list.matches));
    lists.push_back(std::move(list));
  }
  return ok();
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
    TUTELA_TRY(app.review.database.read([&](store::Transaction& transaction) -> Status {
      for (std::int64_t i = 0; i < kHours; ++i) {
        Hour hour{from_ms + i * kHourMs};
        TUTELA_TRY(count_hour(transaction, tenant_id, hour));
        found.scanned += hour.no_match + hour.match;
        found.hours.push_back(hour);
      }
      return count_matches(transaction, tenant_id, from_ms, found.lists);
    }));
    return found;
  });
}

}  // namespace tutela::http
