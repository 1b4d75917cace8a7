#include "watch/alarms/alarm_log.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace tutela::alarms {

namespace {

constexpr std::size_t kPageMax = 200;

Level level_of(std::string_view text) {
  return text == "degraded" ? Level::kDegraded : text == "ok" ? Level::kOk : Level::kBlind;
}

What what_of(std::string_view text) {
  return text == "cleared" ? What::kCleared : text == "changed" ? What::kChanged : What::kRaised;
}

Status insert(store::Transaction& transaction,
              const store::Actor& actor,
              const std::string& instance_id,
              const Change& change) {
  const Condition& condition = change.alarm.condition;
  TUTELA_TRY(transaction.execute(
      "INSERT INTO alarm_event (tenant_id, principal_id, instance_id, code, object, level, what, "
      "why, at_ms) VALUES (:tenant, :principal, :instance, :code, :object, :level, :what, :why, "
      ":at)",
      {actor.tenant_id,
       actor.principal_id,
       instance_id,
       condition.code,
       condition.object,
       std::string(to_string(condition.level)),
       std::string(to_string(change.what)),
       condition.why,
       change.at_ms}));
  return ok();
}

}  // namespace

AlarmLog::AlarmLog(store::Database& database, store::Actor actor, std::string instance_id)
    : database_(database), actor_(std::move(actor)), instance_id_(std::move(instance_id)) {}

Status AlarmLog::add(const std::vector<Change>& changes) {
  const MutexLock lock(mutex_);
  waiting_.insert(waiting_.end(), changes.begin(), changes.end());
  while (waiting_.size() > kWaitingMax) {
    waiting_.pop_front();
  }
  if (waiting_.empty()) {
    return ok();
  }
  const std::vector<Change> writing(waiting_.begin(), waiting_.end());
  TUTELA_TRY(database_.write([&](store::Transaction& transaction) -> Status {
    for (const Change& change : writing) {
      TUTELA_TRY(insert(transaction, actor_, instance_id_, change));
    }
    TUTELA_TRY_ASSIGN(const std::int64_t last, transaction.last_insert_id());
    TUTELA_TRY(transaction.execute("DELETE FROM alarm_event WHERE id <= :id", {last - kRowsMax}));
    return ok();
  }));
  waiting_.clear();
  return ok();
}

Result<AlarmPage> AlarmLog::page(std::optional<std::int64_t> after, std::size_t limit) {
  const std::size_t most = std::clamp<std::size_t>(limit, 1, kPageMax);
  AlarmPage page;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) {
    page = {};
    return transaction.query(
        "SELECT id, instance_id, what, code, object, level, why, at_ms FROM alarm_event "
        "WHERE tenant_id = :tenant AND id < :after ORDER BY id DESC LIMIT :limit",
        {actor_.tenant_id,
         after.value_or(std::numeric_limits<std::int64_t>::max()),
         static_cast<std::int64_t>(most) + 1},
        [&](const store::Row& row) {
          page.items.push_back({row.integer(0),
                                row.text(1),
                                what_of(row.text(2)),
                                {row.text(3), row.text(4), level_of(row.text(5)), row.text(6)},
                                row.integer(7)});
          return ok();
        });
  }));
  if (page.items.size() > most) {
    page.items.resize(most);
    page.next = page.items.back().id;
  }
  return page;
}

}  // namespace tutela::alarms
