// What a process leaves in the store for whoever looks from outside.
#include <utility>

#include "base/fault.hpp"
#include "service/watch/watch_state.hpp"

namespace tutela::watch {

/// What this process says of itself, and what changed: that it can be written is seen by it.
Result<Unit> Watch::State::beat() {
  std::vector<alarms::Change> changes;
  std::shared_ptr<const Status> now;
  {
    const MutexLock lock(mutex);
    if (status->at_ms == 0) {
      return Unit{};  // nothing was seen yet
    }
    changes.swap(unsaved);
    now = status;
  }
  TUTELA_TRY(log.add(changes));
  const store::Actor actor = system_actor();
  const std::string body = to_json(*now);
  // Asked for after the alarms: who is not told yet of what they say is among those that wait.
  const std::string alarms = to_text({now->alarms, teller->waiting()});
  TUTELA_TRY(pipeline.database().write([&](store::Transaction& transaction) -> tutela::Status {
    TUTELA_TRY(transaction.execute(
        "INSERT INTO watch_beat (instance_id, tenant_id, principal_id, started_ms, at_ms, body, "
        "alarms) VALUES (:instance_id, :tenant_id, :principal_id, :started_ms, :at_ms, :body, "
        ":alarms) ON CONFLICT (instance_id) DO UPDATE SET at_ms = excluded.at_ms, "
        "body = excluded.body, alarms = excluded.alarms",
        {pipeline.instance_id(),
         actor.tenant_id,
         actor.principal_id,
         started_ms,
         clock.now_ms(),
         body,
         alarms}));
    TUTELA_FAULT_POINT("watch.in_beat");
    for (const std::string& id : taken_over) {
      TUTELA_TRY(
          transaction.execute("UPDATE watch_beat SET alarms = '' WHERE instance_id = :id", {id}));
    }
    return ok();
  }));
  TUTELA_FAULT_POINT("watch.after_beat");
  taken_over.clear();
  if (!cleaned) {
    TUTELA_TRY_ASSIGN(cleaned, forget_the_dead());
  }
  return Unit{};
}

tutela::Status Watch::State::take_over() {
  std::vector<HandedOn> left;
  std::vector<std::string> from;
  TUTELA_TRY(pipeline.database().read([&](store::Transaction& transaction) {
    left.clear();
    from.clear();
    return transaction.query(
        "SELECT instance_id, alarms FROM watch_beat WHERE alarms <> '' ORDER BY at_ms",
        {},
        [&](const store::Row& row) {
          if (!pipeline.is_alive(row.text(0))) {
            from.push_back(row.text(0));
            if (auto read = parse_handed_on(row.text(1))) {
              left.push_back(*std::move(read));
            }
          }
          return ok();
        });
  }));
  for (const HandedOn& each : left) {
    board.restore(each.raised);
    teller->take_over(each);
  }
  taken_over = std::move(from);
  return ok();
}

/// What processes said that run no more. False while it is needed: until what they doubted is
/// searched again.
Result<bool> Watch::State::forget_the_dead() {
  std::vector<std::string> dead;
  TUTELA_TRY(pipeline.database().read([&](store::Transaction& transaction) {
    return transaction.query(
        "SELECT instance_id, body FROM watch_beat", {}, [&](const store::Row& row) {
          if (!pipeline.is_alive(row.text(0))) {
            dead.push_back(row.text(0));
            const UtcMs good_ms = doubts_taken ? 0 : good_before(row.text(1));
            if (good_ms != 0) {
              distrust.remember(good_ms);
            }
          }
          return ok();
        });
  }));
  doubts_taken = true;
  if (distrust.pending()) {
    return false;
  }
  TUTELA_TRY(pipeline.database().write([&](store::Transaction& transaction) -> tutela::Status {
    for (const std::string& id : dead) {
      // What died since this process began is the next one's to take over.
      TUTELA_TRY(transaction.execute(
          "DELETE FROM watch_beat WHERE instance_id = :id AND alarms = ''", {id}));
    }
    return ok();
  }));
  return true;
}

}  // namespace tutela::watch
