// Turning: a new epoch, the survivors' keys wrapped again, then the old epochs' keys destroyed.
#include <algorithm>
#include <chrono>

#include "base/fault.hpp"
#include "custody/vault/parts.hpp"

namespace tutela::vault {
namespace {

namespace format = evidence_format;

constexpr std::size_t kRowsAtOnce = 256;

std::string key_folder(unsigned byte) {
  const std::byte one = static_cast<std::byte>(byte);
  return "keys/" + to_hex({&one, 1}) + "/";
}

}  // namespace

// Whether the newest epoch has had its time, or has a promise to keep that is near.
Result<bool> Vault::Parts::is_due() {
  const UtcMs now_ms = clock.now_ms();
  const std::int64_t newest = epochs.living().rbegin()->first;
  const std::int64_t margin = margin_ms();
  bool due = false;
  TUTELA_TRY(database.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const auto rows, epoch_rows(transaction));
    const auto row = rows.find(newest);
    if (row == rows.end()) {
      return Error{ErrorKind::kCorrupted, "store.corrupt", "the row of the newest epoch is gone"};
    }
    const UtcMs end_ms = row->second.created_ms + options.epoch_days * kDayMs;
    due = now_ms >= std::min(end_ms, row->second.promised_ms.value_or(end_ms)) - margin;
    return ok();
  }));
  return due;
}

// Seals that are about to use an old epoch's key end first. False where it was asked to stop.
Status Vault::Parts::wait_for_pins(const std::function<bool()>& stop_requested) {
  const MutexLock lock(mutex);
  const std::int64_t newest = keys.rbegin()->first;
  while (!pins.empty() && pins.begin()->first < newest) {
    if (stop_requested()) {
      return ok();
    }
    pin_freed.wait_for(mutex, std::chrono::milliseconds(100));
  }
  return ok();
}

// Goes by what lies in the store, not by rows: objects that a restored, older database does not
// know keep their keys too. False where it was asked to stop.
Result<bool> Vault::Parts::rewrap_all(
    const std::function<bool()>& stop_requested,
    const std::function<void(std::uint64_t, std::uint64_t)>& on_progress) {
  std::uint64_t all = 0;
  TUTELA_TRY(database.read([&](store::Transaction& transaction) {
    return transaction.query(
        "SELECT COUNT(*) FROM evidence WHERE state <> 'destroyed'", {}, [&](const store::Row& row) {
          all = static_cast<std::uint64_t>(row.integer(0));
          return ok();
        });
  }));
  std::uint64_t done = 0;
  Status first_bad = ok();
  for (unsigned byte = 0; byte < 256; ++byte) {
    std::vector<std::string> names;
    TUTELA_TRY(blobs.list(key_folder(byte), [&](std::string_view name) {
      names.emplace_back(name);
      return ok();
    }));
    for (const std::string& name : names) {
      if (stop_requested()) {
        return false;
      }
      Result<bool> rewrapped = rewrap(name);
      if (!rewrapped && rewrapped.error().kind != ErrorKind::kCorrupted) {
        return rewrapped;
      }
      if (!rewrapped && first_bad) {
        first_bad = std::move(rewrapped).error();
      }
      on_progress(++done, std::max(done, all));
      if (moved.size() >= kRowsAtOnce) {
        TUTELA_TRY(update_rows());
      }
    }
    TUTELA_TRY(update_rows());
  }
  TUTELA_TRY(first_bad);
  return true;
}

// False where nothing had to be done.
Result<bool> Vault::Parts::rewrap(const std::string& name) {
  const std::optional<Uuid> id = format::parse_key_name(name);
  if (!id) {
    return false;
  }
  const MutexLock lock(change_mutex);
  std::optional<Evidence> row;
  bool shredded = false;
  TUTELA_TRY(database.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(row, find_row(transaction, *id));
    TUTELA_TRY_ASSIGN(const auto found, find_shredded(transaction, *id));
    shredded = found.has_value() || (row && row->state == State::kDestroyed);
    return ok();
  }));
  if (shredded) {
    // A crash left it, or a backup brought it back.
    TUTELA_TRY(blobs.remove(name));
    TUTELA_TRY(blobs.remove(format::object_name(*id)));
    return true;
  }
  Result<Bytes> bytes = blobs.get(name, format::kKeyRecordSize);
  if (!bytes && bytes.error().kind == ErrorKind::kNotFound) {
    return false;
  }
  TUTELA_TRY(bytes);
  TUTELA_TRY_ASSIGN(const format::KeyRecord record, format::parse_key_record(*bytes));
  const std::int64_t newest = epochs.living().rbegin()->first;
  if (record.epoch != newest) {
    const auto old = epochs.living().find(record.epoch);
    if (old == epochs.living().end()) {
      return corrupt_object(tutela::to_string(*id) + " has a key record of an epoch that is gone");
    }
    TUTELA_TRY_ASSIGN(const crypto::Key key,
                      format::unwrap_object_key(record, *old->second.key, *id));
    const Bytes next =
        format::encode(format::wrap_object_key(*epochs.living().at(newest).key, newest, *id, key));
    TUTELA_TRY(blobs.replace(name, next));
    TUTELA_FAULT_POINT("vault.rewrapped");
  }
  if (!row || row->epoch == newest) {
    return record.epoch != newest;
  }
  moved.push_back(*id);
  return true;
}

// Many at once. What a crash leaves undone, the next turn does, because old epochs live until then.
Status Vault::Parts::update_rows() {
  const std::int64_t newest = epochs.living().rbegin()->first;
  const std::vector<Uuid> ids = std::move(moved);
  moved.clear();
  if (ids.empty()) {
    return ok();
  }
  return database.write([&](store::Transaction& transaction) -> Status {
    for (const Uuid& id : ids) {
      TUTELA_TRY(transaction.execute("UPDATE evidence SET epoch = :epoch WHERE id = :id",
                                     {newest, tutela::to_string(id)}));
    }
    return ok();
  });
}

// An old epoch's key stays while an object is known whose key record was not found: it may come
// back from a backup.
Status Vault::Parts::check_all_rewrapped() {
  std::string missing;
  const std::int64_t newest = epochs.living().rbegin()->first;
  TUTELA_TRY(database.read([&](store::Transaction& transaction) {
    return transaction.query(
        "SELECT id FROM evidence WHERE epoch < :newest AND state <> 'destroyed' AND NOT EXISTS "
        "(SELECT 1 FROM vault_shredded WHERE evidence_id = evidence.id) LIMIT 1",
        {newest},
        [&](const store::Row& row) {
          missing = row.text(0);
          return ok();
        });
  }));
  return missing.empty() ? ok() : corrupt_object(missing + " has no key record");
}

Status Vault::Parts::destroy_old_epochs() {
  while (epochs.living().size() > 1) {
    const std::int64_t oldest = epochs.living().begin()->first;
    const std::string key_id = epochs.living().begin()->second.key_id;
    TUTELA_TRY(epochs.destroy(oldest, key_id));
    refresh_keys();
    TUTELA_FAULT_POINT("vault.after_epoch_destroyed");
    TUTELA_TRY(database.write([&](store::Transaction& transaction) {
      return mark_destroyed(transaction, oldest, clock.now_ms());
    }));
  }
  return ok();
}

Status Vault::turn_epochs(
    const std::function<bool()>& stop_requested,
    const std::function<void(std::uint64_t done, std::uint64_t all)>& on_progress) {
  Parts& parts = *parts_;
  const MutexLock lock(parts.turn_mutex);
  TUTELA_TRY(parts.collect_leftovers());
  TUTELA_TRY_ASSIGN(const bool due, parts.is_due());
  if (due) {
    TUTELA_TRY(parts.new_epoch(parts.epochs.living().rbegin()->first + 1));
    parts.refresh_keys();
  }
  if (parts.epochs.living().size() == 1) {
    return ok();
  }
  TUTELA_TRY(parts.wait_for_pins(stop_requested));
  TUTELA_TRY_ASSIGN(const bool all, parts.rewrap_all(stop_requested, on_progress));
  if (!all) {
    return ok();
  }
  TUTELA_TRY(parts.check_all_rewrapped());
  TUTELA_FAULT_POINT("vault.all_rewrapped");
  return parts.destroy_old_epochs();
}

Status Vault::change_key(const store::Actor& actor, std::unique_ptr<KeyEncryptionKey> next) {
  Parts& parts = *parts_;
  const MutexLock lock(parts.turn_mutex);
  const std::string key_id = next->id();
  if (key_id == parts.key_encryption_key->id()) {
    return Error{ErrorKind::kConflict,
                 "vault.same_key",
                 "this is the key that the vault has; nothing was changed"};
  }
  const auto record = [&](std::string action) -> Status {
    TUTELA_TRY(audit::record(parts.database,
                             actor,
                             parts.clock.now_ms(),
                             {std::move(action), "key:" + key_id, "custody", "ok"}));
    return ok();
  };
  TUTELA_TRY(record("vault.key_changing"));
  TUTELA_TRY(parts.epochs.change_key(*parts.key_encryption_key, *next));
  parts.key_encryption_key = std::move(next);
  return record("vault.key_changed");
}

}  // namespace tutela::vault
