// What a process leaves in the store for whoever looks from outside.
#include "service/watch/watch_state.hpp"

namespace tutela::watch {

/// What this process says of itself, and what changed: that it can be written is seen by it.
Result<Unit> Watch::State::beat() {
  if (!cleaned) {
    TUTELA_TRY_ASSIGN(cleaned, forget_the_dead());
  }
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
  TUTELA_TRY(pipeline.database().write([&](store::Transaction& transaction) -> tutela::Status {
    TUTELA_TRY(transaction.execute(
        "INSERT INTO watch_beat (instance_id, tenant_id, principal_id, started_ms, at_ms, body) "
        "VALUES (:instance_id, :tenant_id, :principal_id, :started_ms, :at_ms, :body) "
        "ON CONFLICT (instance_id) DO UPDATE SET at_ms = excluded.at_ms, body = excluded.body",
        {pipeline.instance_id(),
         actor.tenant_id,
         actor.principal_id,
         started_ms,
         clock.now_ms(),
         body}));
    return ok();
  }));
  return Unit{};
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
      TUTELA_TRY(transaction.execute("DELETE FROM watch_beat WHERE instance_id = :id", {id}));
    }
    return ok();
  }));
  return true;
}

}  // namespace tutela::watch
