// Opening of a vault: folders of keys and rows are brought to agree, leftovers of a crash removed.
#include <algorithm>

#include "base/fault.hpp"
#include "custody/vault/parts.hpp"

namespace tutela::vault {
namespace {

constexpr std::string_view kStates[] = {"kept", "held", "due", "destroying", "destroyed"};

}  // namespace

std::string_view to_string(State state) noexcept {
  return kStates[static_cast<std::size_t>(state)];
}

Result<State> parse_state(std::string_view text) {
  const auto* const found = std::ranges::find(kStates, text);
  if (found == std::end(kStates)) {
    return Error{ErrorKind::kInvalidInput,
                 "evidence.bad_state",
                 "a state is kept, held, due, destroying or destroyed"};
  }
  return static_cast<State>(found - std::begin(kStates));
}

Error corrupt_object(std::string_view what) {
  return Error{ErrorKind::kCorrupted,
               "vault.corrupt",
               "a preserved object " + std::string(what) +
                   "; restore its blobs from a backup, and find out why"};
}

Vault::Parts::Pin::Pin(Parts& parts) : parts_(parts) {
  const MutexLock lock(parts.mutex);
  const auto newest = parts.keys.rbegin();
  epoch_ = newest->first;
  key_ = newest->second;
  ++parts.pins[epoch_];
}

Vault::Parts::Pin::~Pin() {
  const MutexLock lock(parts_.mutex);
  if (--parts_.pins[epoch_] == 0) {
    parts_.pins.erase(epoch_);
    parts_.pin_freed.notify_all();
  }
}

// A row and the folders agree, or one is ahead of the other by a crash or a restored backup.
Status Vault::Parts::reconcile_row(std::int64_t epoch, const EpochRow& row, UtcMs now_ms) {
  const auto living = epochs.living().find(epoch);
  const auto dead = epochs.destroyed().find(epoch);
  const std::string* const key_id = living != epochs.living().end()    ? &living->second.key_id
                                    : dead != epochs.destroyed().end() ? &dead->second
                                                                       : nullptr;
  if (key_id != nullptr && *key_id != row.key_id) {
    return Error{ErrorKind::kConflict,
                 "vault.epochs_differ",
                 "the key folders are not those of this database: epoch " + std::to_string(epoch) +
                     " has another key; nothing was changed"};
  }
  if (row.destroyed_ms) {
    return living == epochs.living().end() ? ok() : epochs.destroy(epoch, row.key_id);
  }
  if (living != epochs.living().end()) {
    return ok();
  }
  if (dead == epochs.destroyed().end()) {
    return Error{ErrorKind::kNotFound,
                 "vault.epoch_missing",
                 "no key folder has the key of epoch " + std::to_string(epoch) +
                     "; restore epoch-" + std::to_string(epoch) + ".key from a copy"};
  }
  return database.write(
      [&](store::Transaction& transaction) { return mark_destroyed(transaction, epoch, now_ms); });
}

Status Vault::Parts::reconcile() {
  const UtcMs now_ms = clock.now_ms();
  std::map<std::int64_t, EpochRow> rows;
  TUTELA_TRY(database.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(rows, epoch_rows(transaction));
    return ok();
  }));
  for (const auto& [epoch, row] : rows) {
    TUTELA_TRY(reconcile_row(epoch, row, now_ms));
  }
  std::map<std::int64_t, EpochRow> unknown;
  for (const auto& [epoch, entry] : epochs.living()) {
    unknown[epoch] = {entry.key_id, now_ms, {}, {}};
  }
  for (const auto& [epoch, key_id] : epochs.destroyed()) {
    unknown[epoch] = {key_id, now_ms, {}, now_ms};
  }
  std::erase_if(unknown, [&](const auto& each) { return rows.contains(each.first); });
  TUTELA_TRY(database.write([&](store::Transaction& transaction) -> Status {
    for (const auto& [epoch, row] : unknown) {
      TUTELA_TRY(insert_epoch(transaction, epoch, row));
    }
    return ok();
  }));
  if (!epochs.living().empty()) {
    return ok();
  }
  const std::int64_t last = rows.empty() ? 0 : rows.rbegin()->first;
  return new_epoch(unknown.empty() ? last + 1 : std::max(last, unknown.rbegin()->first) + 1);
}

// The files first: a row without files would be a lost key, files without a row are adopted.
Status Vault::Parts::new_epoch(std::int64_t epoch) {
  const UtcMs now_ms = clock.now_ms();
  TUTELA_TRY(epochs.create(epoch, now_ms, *key_encryption_key));
  TUTELA_FAULT_POINT("vault.epoch_created");
  const EpochRow row{epochs.living().at(epoch).key_id, now_ms, {}, {}};
  TUTELA_TRY(database.write(
      [&](store::Transaction& transaction) { return insert_epoch(transaction, epoch, row); }));
  TUTELA_FAULT_POINT("vault.epoch_recorded");
  return ok();
}

Status Vault::Parts::collect(const Uuid& id) {
  bool left_over = false;
  // In a unit of work that writes, so that no commit is still to come.
  TUTELA_TRY(database.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const auto row, find_row(transaction, id));
    left_over = !row.has_value();
    return ok();
  }));
  if (left_over) {
    TUTELA_TRY(blobs.remove(evidence_format::key_name(id)));
    TUTELA_TRY(blobs.remove(evidence_format::object_name(id)));
  }
  return database.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.execute("DELETE FROM vault_sealing WHERE evidence_id = :id",
                                   {tutela::to_string(id)}));
    return ok();
  });
}

Status Vault::Parts::collect_leftovers() {
  std::vector<Uuid> ids;
  TUTELA_TRY(database.read([&](store::Transaction& transaction) {
    return transaction.query(
        "SELECT evidence_id FROM vault_sealing", {}, [&](const store::Row& row) -> Status {
          TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(row.text(0)));
          ids.push_back(id);
          return ok();
        });
  }));
  {
    const MutexLock lock(mutex);
    std::erase_if(ids, [&](const Uuid& id) TUTELA_REQUIRES(mutex) { return sealing.contains(id); });
  }
  for (const Uuid& id : ids) {
    TUTELA_TRY(collect(id));
  }
  return ok();
}

Vault::Vault(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Vault::~Vault() = default;

Result<std::unique_ptr<Vault>> Vault::open(VaultOptions options,
                                           std::unique_ptr<KeyEncryptionKey> key,
                                           store::Database& database,
                                           blobs::Blobs& blobs,
                                           const Clock& clock) {
  if (options.epoch_days < 1 || options.epoch_days > 36'500) {
    return Error{ErrorKind::kInvalidInput,
                 "vault.bad_epoch_days",
                 "an epoch lasts between a day and a hundred years"};
  }
  TUTELA_TRY_ASSIGN(Epochs epochs, Epochs::open(options.key_folders, *key));
  auto parts = std::make_unique<Parts>(
      std::move(options), std::move(key), database, blobs, clock, std::move(epochs));
  {
    const MutexLock lock(parts->turn_mutex);
    TUTELA_TRY(parts->reconcile());
    parts->refresh_keys();
  }
  TUTELA_TRY(parts->collect_leftovers());
  return std::unique_ptr<Vault>(new Vault(std::move(parts)));
}

Result<Evidence> Vault::find(const std::string& tenant_id, const Uuid& id) {
  std::optional<Evidence> found;
  TUTELA_TRY(parts_->database.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(found, find_row(transaction, id));
    return ok();
  }));
  if (!found || found->tenant_id != tenant_id) {
    return Error{ErrorKind::kNotFound, "evidence.not_found", "there is no evidence with this id"};
  }
  return *std::move(found);
}

Result<std::vector<Evidence>> Vault::list(const std::string& tenant_id,
                                          std::string_view case_ref,
                                          const std::optional<Uuid>& after,
                                          std::size_t limit) {
  std::vector<Evidence> rows;
  TUTELA_TRY(parts_->database.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(rows, list_rows(transaction, tenant_id, case_ref, after, limit));
    return ok();
  }));
  return rows;
}

}  // namespace tutela::vault
