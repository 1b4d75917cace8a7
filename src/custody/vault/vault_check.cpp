// Checking: every living epoch's key is there and is the one that wrapped its objects' keys.
#include "custody/vault/parts.hpp"

namespace tutela::vault {
namespace {

namespace format = evidence_format;

/// How many objects an epoch has by their rows, and one of them.
Status count_objects(store::Transaction& transaction, EpochCheck& check) {
  return transaction.query(
      "SELECT COUNT(*), MIN(id) FROM evidence WHERE epoch = :epoch AND state <> 'destroyed' AND "
      "NOT EXISTS (SELECT 1 FROM vault_shredded WHERE evidence_id = evidence.id)",
      {check.epoch},
      [&](const store::Row& row) -> Status {
        check.objects = static_cast<std::uint64_t>(row.integer(0));
        if (!row.is_null(1)) {
          TUTELA_TRY_ASSIGN(check.opened, parse_uuid(row.text(1)));
        }
        return ok();
      });
}

}  // namespace

// By the epoch that the record names: a turn that was interrupted has not told all rows yet.
Status Vault::Parts::unwrap_key_of(const Uuid& id) {
  const std::string name = tutela::to_string(id);
  const MutexLock lock(change_mutex);
  const Result<Bytes> bytes = blobs.get(format::key_name(id), format::kKeyRecordSize);
  if (!bytes) {
    const ErrorKind kind = bytes.error().kind;
    return kind == ErrorKind::kNotFound    ? corrupt_object(name + " has no key record")
           : kind == ErrorKind::kCorrupted ? corrupt_object(name + " has a damaged key record")
                                           : bytes.error();
  }
  TUTELA_TRY_ASSIGN(const format::KeyRecord record, format::parse_key_record(*bytes));
  const auto key = key_of(record.epoch);
  if (key == nullptr) {
    return corrupt_object(name + " has a key record of an epoch that is gone");
  }
  TUTELA_TRY(format::unwrap_object_key(record, *key, id));
  return ok();
}

Result<std::vector<EpochCheck>> Vault::check() {
  Parts& parts = *parts_;
  const MutexLock lock(parts.turn_mutex);
  std::vector<EpochCheck> checks;
  for (const auto& [epoch, entry] : parts.epochs.living()) {
    checks.push_back({epoch, entry.key_id, entry.created_ms, 0, std::nullopt});
  }
  for (EpochCheck& check : checks) {
    TUTELA_TRY(parts.database.read(
        [&](store::Transaction& transaction) { return count_objects(transaction, check); }));
    if (check.opened) {
      TUTELA_TRY(parts.unwrap_key_of(*check.opened));
    }
  }
  return checks;
}

}  // namespace tutela::vault
