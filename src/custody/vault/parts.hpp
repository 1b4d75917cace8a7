// Parts: what the functions of one Vault share. Internal to the vault.
//
// Locks, in the order in which they are taken: `turn_mutex`, `change_mutex`, `mutex`.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/mutex.hpp"
#include "custody/evidence_format/key_record.hpp"
#include "custody/vault/epochs.hpp"
#include "custody/vault/rows.hpp"
#include "custody/vault/vault.hpp"

namespace tutela::vault {

inline constexpr std::int64_t kDayMs = std::int64_t{24} * 3600 * 1000;

struct Vault::Parts {
  /// The newest epoch, whose key is not destroyed while a Pin of it lives.
  class Pin {
   public:
    explicit Pin(Parts& parts);
    Pin(const Pin&) = delete;
    Pin& operator=(const Pin&) = delete;
    ~Pin();

    [[nodiscard]] std::int64_t epoch() const noexcept { return epoch_; }

    [[nodiscard]] const crypto::Key& key() const noexcept { return *key_; }

   private:
    Parts& parts_;
    std::int64_t epoch_ = 0;
    std::shared_ptr<const crypto::Key> key_;
  };

  Parts(VaultOptions given,
        std::unique_ptr<KeyEncryptionKey> key,
        store::Database& the_database,
        blobs::Blobs& the_blobs,
        const Clock& the_clock,
        Epochs opened)
      : options(std::move(given)),
        database(the_database),
        blobs(the_blobs),
        clock(the_clock),
        key_encryption_key(std::move(key)),
        epochs(std::move(opened)) {}

  // vault_open.cpp
  Status reconcile() TUTELA_REQUIRES(turn_mutex);
  Status reconcile_row(std::int64_t epoch, const EpochRow& row, UtcMs now_ms)
      TUTELA_REQUIRES(turn_mutex);
  Status new_epoch(std::int64_t epoch) TUTELA_REQUIRES(turn_mutex);
  /// Removes what a seal left that has no row, then its mention.
  Status collect(const Uuid& id);
  Status collect_leftovers();

  // vault_turn.cpp
  Result<bool> is_due() TUTELA_REQUIRES(turn_mutex);
  Status wait_for_pins(const std::function<bool()>& stop_requested);
  Result<bool> rewrap_all(const std::function<bool()>& stop_requested,
                          const std::function<void(std::uint64_t, std::uint64_t)>& on_progress)
      TUTELA_REQUIRES(turn_mutex);
  Status update_rows() TUTELA_REQUIRES(turn_mutex);
  Result<bool> rewrap(const std::string& name) TUTELA_REQUIRES(turn_mutex);
  Status check_all_rewrapped() TUTELA_REQUIRES(turn_mutex);
  Status destroy_old_epochs() TUTELA_REQUIRES(turn_mutex);

  // vault_check.cpp
  Status unwrap_key_of(const Uuid& id) TUTELA_REQUIRES(turn_mutex);

  /// How long before a promised day the turning of an epoch begins, so that it can take its time.
  [[nodiscard]] std::int64_t margin_ms() const noexcept {
    return std::min(kDayMs, options.epoch_days * kDayMs / 2);
  }

  [[nodiscard]] std::shared_ptr<const crypto::Key> key_of(std::int64_t epoch) {
    const MutexLock lock(mutex);
    const auto found = keys.find(epoch);
    return found == keys.end() ? nullptr : found->second;
  }

  /// After `epochs` changed.
  void refresh_keys() TUTELA_REQUIRES(turn_mutex) {
    const MutexLock lock(mutex);
    keys.clear();
    for (const auto& [epoch, entry] : epochs.living()) {
      keys[epoch] = entry.key;
    }
  }

  const VaultOptions options;
  store::Database& database;
  blobs::Blobs& blobs;
  const Clock& clock;

  Mutex turn_mutex;  // one turning of epochs or keys at a time
  std::unique_ptr<KeyEncryptionKey> key_encryption_key TUTELA_GUARDED_BY(turn_mutex);
  Epochs epochs TUTELA_GUARDED_BY(turn_mutex);
  std::vector<Uuid> moved TUTELA_GUARDED_BY(turn_mutex);  // to the newest epoch, but for their rows

  Mutex change_mutex;  // one key record is replaced or removed at a time

  Mutex mutex;
  Condition pin_freed;
  std::map<std::int64_t, std::shared_ptr<const crypto::Key>> keys TUTELA_GUARDED_BY(mutex);
  std::map<std::int64_t, int> pins TUTELA_GUARDED_BY(mutex);  // seals that are about to use a key
  std::set<Uuid> sealing TUTELA_GUARDED_BY(mutex);            // writers that live
};

[[nodiscard]] Error corrupt_object(std::string_view what);

}  // namespace tutela::vault
