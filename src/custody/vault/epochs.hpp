// Epochs: the keys of epochs in their folders. Internal to the vault.
//
// Every folder holds every key; one that lacks a key, or has a damaged file, gets it from another.
// A destroyed key leaves a tombstone with its id, so that a copy of the file that comes back from a
// backup is destroyed again. Not thread-safe. Holds the locks of its folders.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/result.hpp"
#include "crypto/secret.hpp"
#include "custody/evidence_format/epoch_file.hpp"
#include "custody/vault/keys.hpp"

namespace tutela::vault {

struct Epoch {
  UtcMs created_ms = 0;
  std::string key_id;
  std::shared_ptr<const crypto::Key> key;
};

class Epochs {
 public:
  /// Makes folders that are missing, locks and heals them, and finishes what a crash interrupted.
  /// Errors: kConflict "vault.in_use", "vault.epochs_differ"; kCorrupted "vault.bad_key"; kNotFound
  /// "vault.epoch_missing"; those of `key` and "file.*".
  static Result<Epochs> open(std::vector<std::filesystem::path> folders, KeyEncryptionKey& key);

  /// By number, those that are not destroyed.
  [[nodiscard]] const std::map<std::int64_t, Epoch>& living() const noexcept { return living_; }

  /// Number and key id of those that are.
  [[nodiscard]] const std::map<std::int64_t, std::string>& destroyed() const noexcept {
    return destroyed_;
  }

  /// Durable in every folder when it returns.
  Status create(std::int64_t epoch, UtcMs created_ms, KeyEncryptionKey& key);
  /// Gone from every folder when it returns. `key_id` is that of the epoch's key.
  Status destroy(std::int64_t epoch, const std::string& key_id);
  /// Wraps every key with both, then with `next` alone: whenever it ends, each folder opens with
  /// the one or with the other.
  Status change_key(KeyEncryptionKey& present, KeyEncryptionKey& next);

 private:
  struct Found;

  explicit Epochs(std::vector<std::filesystem::path> folders) : folders_(std::move(folders)) {}

  Status lock();
  Status list();
  Status load(std::int64_t epoch, KeyEncryptionKey& key);
  Status heal(std::int64_t epoch, const std::vector<Found>& found, KeyEncryptionKey& key);
  Status finish_destroying(std::int64_t epoch, KeyEncryptionKey& key);
  Status write(std::int64_t epoch, const std::vector<KeyEncryptionKey*>& keys);

  std::vector<std::filesystem::path> folders_;
  std::vector<Fd> locks_;
  std::map<std::int64_t, Epoch> living_;
  std::map<std::int64_t, std::string> destroyed_;
};

}  // namespace tutela::vault
