// Vault: evidence. Bytes are sealed while they stream in, and opened only against a durable entry
// of the audit log. The format is spec/evidence-object.md.
//
// An object has a random name, a key of its own and a padded length: the store of blobs learns
// neither content nor size. The object's key, wrapped by the key of an epoch, lies in a small blob
// beside it, so that keys turn without the object being written again. Epoch keys, wrapped by the
// key-encryption key, lie in folders of their own, which ordinary backups leave out: once an epoch
// key is destroyed, no backup brings back what was destroyed under it.
//
// Thread-safe; a Writer or Reader belongs to one caller and must not outlive its Vault. Only the
// vault process opens one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "crypto/digest.hpp"
#include "custody/audit/entry.hpp"
#include "custody/blobs/blobs.hpp"
#include "custody/store/store.hpp"
#include "custody/vault/keys.hpp"

namespace tutela::vault {

/// Where an object is in its life; casework/preservation moves it, nobody else.
enum class State : std::uint8_t { kKept, kHeld, kDue, kDestroying, kDestroyed };
[[nodiscard]] std::string_view to_string(State state) noexcept;
Result<State> parse_state(std::string_view text);

/// What an object is sealed for.
struct NewEvidence {
  std::optional<Uuid> content_id;  // of the ledger; at most one object each
  std::string case_ref;            // the case's number or id: 1 to 64 of A-Z a-z 0-9 . _ -
  std::string media_type;          // "image/jpeg", empty when unknown
  /// Where the ledger has them already: SHA-256 is compared, the others are taken over, which is
  /// much faster than computing them again.
  std::optional<crypto::Digests> known;
};

struct Evidence {
  Uuid id;
  std::string tenant_id;
  std::optional<Uuid> content_id;
  std::string case_ref;
  std::string media_type;
  std::uint64_t size_bytes = 0;
  crypto::Digests digests;
  std::int64_t epoch = 0;
  State state = State::kKept;
  UtcMs sealed_ms = 0;
};

/// What destruction left: the object is gone now, and from `final_ms` on for every backup too.
struct Destroyed {
  std::int64_t epoch = 0;
  UtcMs final_ms = 0;
};

/// A living epoch whose key is there.
struct EpochCheck {
  std::int64_t epoch = 0;
  std::string key_id;
  UtcMs created_ms = 0;
  std::uint64_t objects = 0;   // whose keys it wraps, as their rows say
  std::optional<Uuid> opened;  // the one whose key was unwrapped; nothing where there is none
};

struct VaultOptions {
  std::vector<std::filesystem::path> key_folders;  // each holds every epoch key; one is enough
  std::uint32_t epoch_days = 30;                   // an epoch key is destroyed at most this later
  std::uint32_t lock_days = 0;  // of an object, where the store can lock; its key is never locked
};

class Vault {
 public:
  /// Opens the epochs (makes the first). Takes the folder lock: two vault processes on one set of
  /// key folders are refused with kConflict "vault.in_use". Errors: kCorrupted "vault.bad_key"
  /// (the key-encryption key does not open the epoch keys), kNotFound "vault.epoch_missing".
  static Result<std::unique_ptr<Vault>> open(VaultOptions options,
                                             std::unique_ptr<KeyEncryptionKey> key,
                                             store::Database& database,
                                             blobs::Blobs& blobs,
                                             const Clock& clock);
  ~Vault();

  class Writer {
   public:
    Writer(Writer&&) noexcept;
    Writer& operator=(Writer&&) noexcept;
    ~Writer();  // what was not finished leaves nothing

    Status append(ByteView plain);
    /// Object, wrapped key, then the row and its audit entry in one unit of work. A second object
    /// for one content is dropped and the first is returned. May be called once. Errors:
    /// kCorrupted "vault.other_content" (not the bytes whose digests are known); kNotFound
    /// "content.not_found"; those of blobs and store. After an error nothing is left.
    Result<Evidence> finish();

   private:
    friend class Vault;
    struct Parts;
    explicit Writer(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
  };

  /// Errors: kInvalidInput "vault.bad_case", "vault.bad_media_type".
  Result<Writer> seal(const store::Actor& actor, NewEvidence what);

  /// kNotFound "evidence.not_found", also where it is another tenant's.
  Result<Evidence> find(const std::string& tenant_id, const Uuid& id);
  /// Of one case, or of all where `case_ref` is empty; in order of ids, after `after`.
  Result<std::vector<Evidence>> list(const std::string& tenant_id,
                                     std::string_view case_ref,
                                     const std::optional<Uuid>& after,
                                     std::size_t limit);

  class Reader {
   public:
    Reader(Reader&&) noexcept;
    Reader& operator=(Reader&&) noexcept;
    ~Reader();

    /// Up to `out.size()` plain bytes, 0 at the end. Every byte is authenticated before it is given
    /// out; the end is only reached where length and digests are those of the row.
    Result<std::size_t> read(std::span<std::byte> out);

   private:
    friend class Vault;
    struct Parts;
    explicit Reader(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
  };

  /// Opens the original. `entry` is the durable audit entry of this access: its object must be
  /// "evidence:<id>", else kForbidden "vault.no_entry". Who may, custody/opening decides.
  /// Errors: kNotFound "evidence.destroyed", "evidence.not_found"; kCorrupted "vault.corrupt".
  Result<Reader> read(const Uuid& id, const audit::Recorded& entry);

  /// Removes the object's key, then its bytes. The row must be in state kDestroying, else kConflict
  /// "evidence.not_due". Doing it again is success: a crash between the steps is finished so.
  Result<Destroyed> destroy(const Uuid& id);

  /// A new epoch when the present one is `epoch_days` old, or when something was destroyed in it
  /// and the day that was promised is near: survivors are wrapped again, then the old keys are
  /// destroyed. Goes on where a crash left it. Called from time to time.
  Status turn_epochs(const std::function<bool()>& stop_requested,
                     const std::function<void(std::uint64_t done, std::uint64_t all)>& on_progress);
  /// Wraps every epoch key with another key-encryption key and uses it from now on. No object is
  /// touched. A crash leaves every folder readable by the old key or by the new.
  /// Error: kConflict "vault.same_key".
  Status change_key(const store::Actor& actor, std::unique_ptr<KeyEncryptionKey> next);

  /// Unwraps the key of one object of each living epoch. Error: kCorrupted "vault.corrupt".
  Result<std::vector<EpochCheck>> check();

 private:
  struct Parts;
  explicit Vault(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace tutela::vault
