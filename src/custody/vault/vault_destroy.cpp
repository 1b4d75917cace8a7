// Destroying: the promise is written down first, then the key goes, then the bytes.
#include "base/fault.hpp"
#include "custody/vault/parts.hpp"

namespace tutela::vault {
namespace {

// Every living epoch may have wrapped the object's key in some backup, so each gets a promise. One
// that was given before stays: it is the earlier one.
Result<UtcMs> promise(store::Transaction& transaction,
                      UtcMs now_ms,
                      std::int64_t lifetime_ms,
                      std::int64_t margin_ms) {
  TUTELA_TRY_ASSIGN(const auto rows, epoch_rows(transaction));
  UtcMs final_ms = now_ms;
  for (const auto& [epoch, row] : rows) {
    if (row.destroyed_ms) {
      continue;
    }
    const UtcMs promised = row.promised_ms.value_or(row.created_ms + lifetime_ms);
    final_ms = std::max({final_ms, promised, now_ms + margin_ms});
    if (!row.promised_ms) {
      TUTELA_TRY(
          transaction.execute("UPDATE vault_epoch SET promised_ms = :promised WHERE epoch = :epoch",
                              {std::max(promised, now_ms + margin_ms), epoch}));
      TUTELA_TRY(
          audit::add(transaction,
                     vault_actor(),
                     now_ms,
                     {"vault.epoch_promised", "epoch:" + std::to_string(epoch), "custody", "ok"}));
    }
  }
  return final_ms;
}

Status record_shredding(store::Transaction& transaction,
                        const Evidence& evidence,
                        const Destroyed& destroyed,
                        UtcMs now_ms) {
  const store::Actor actor = vault_actor(evidence.tenant_id);
  TUTELA_TRY(transaction.execute(
      "INSERT INTO vault_shredded (evidence_id, tenant_id, principal_id, epoch, final_ms, at_ms) "
      "VALUES (:id, :tenant_id, :principal_id, :epoch, :final_ms, :at_ms)",
      {to_string(evidence.id),
       actor.tenant_id,
       actor.principal_id,
       destroyed.epoch,
       destroyed.final_ms,
       now_ms}));
  return audit::add(transaction,
                    actor,
                    now_ms,
                    {"evidence.shred", "evidence:" + to_string(evidence.id), "destroy", "ok"});
}

}  // namespace

Result<Destroyed> Vault::destroy(const Uuid& id) {
  const UtcMs now_ms = parts_->clock.now_ms();
  const std::int64_t lifetime_ms = parts_->options.epoch_days * kDayMs;
  Destroyed destroyed;
  const MutexLock lock(parts_->change_mutex);
  TUTELA_TRY(parts_->database.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const auto row, find_row(transaction, id));
    if (!row) {
      return Error{ErrorKind::kNotFound, "evidence.not_found", "there is no evidence with this id"};
    }
    if (row->state != State::kDestroying && row->state != State::kDestroyed) {
      return Error{ErrorKind::kConflict,
                   "evidence.not_due",
                   "this evidence is not to be destroyed: its state says so"};
    }
    TUTELA_TRY_ASSIGN(const auto earlier, find_shredded(transaction, id));
    if (earlier) {
      destroyed = *earlier;
      return ok();
    }
    destroyed.epoch = row->epoch;
    TUTELA_TRY_ASSIGN(destroyed.final_ms,
                      promise(transaction, now_ms, lifetime_ms, parts_->margin_ms()));
    return record_shredding(transaction, *row, destroyed, now_ms);
  }));
  TUTELA_FAULT_POINT("vault.shred_recorded");
  TUTELA_TRY(parts_->blobs.remove(evidence_format::key_name(id)));
  TUTELA_FAULT_POINT("vault.shred_key_removed");
  TUTELA_TRY(parts_->blobs.remove(evidence_format::object_name(id)));
  TUTELA_FAULT_POINT("vault.shred_object_removed");
  return destroyed;
}

}  // namespace tutela::vault
