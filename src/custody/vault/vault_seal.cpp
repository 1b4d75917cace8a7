// Sealing: object, wrapped key, then the row and its audit entry.
#include <algorithm>

#include "base/fault.hpp"
#include "custody/evidence_format/object.hpp"
#include "custody/vault/helper.hpp"
#include "custody/vault/parts.hpp"

namespace tutela::vault {
namespace {

constexpr std::size_t kBlock = std::size_t{512} * 1024;
constexpr std::size_t kHelpFrom = std::size_t{128} * 1024;
constexpr std::size_t kCaseRefMax = 64;

bool is_case_ref(std::string_view text) {
  return !text.empty() && text.size() <= kCaseRefMax && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

Error ended() {
  return Error{ErrorKind::kInternal, "vault.ended", "the writer has finished or failed before"};
}

}  // namespace

struct Vault::Writer::Parts {
  // Room that is neither cleared nor written twice, and what of it holds sealed bytes.
  struct Sealed {
    std::span<std::byte> room_of(std::size_t plain_size) {
      const std::size_t size = evidence_format::ObjectSealer::room_for(plain_size);
      if (room == nullptr) {
        room = std::make_unique_for_overwrite<std::byte[]>(size);
      }
      return {room.get(), size};
    }

    std::unique_ptr<std::byte[]> room;
    ByteView bytes;
  };

  Parts(Vault::Parts& owner, store::Actor who, NewEvidence given, const Uuid& new_id)
      : vault(owner),
        actor(std::move(who)),
        what(std::move(given)),
        id(new_id),
        key(crypto::Key::random()),
        sealer(new_id, key),
        digester(what.known ? crypto::Digester::Kinds::kSha256 : crypto::Digester::Kinds::kAll) {
    const MutexLock lock(vault.mutex);
    vault.sealing.insert(id);
  }

  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  ~Parts() {
    // An error of what nobody waited for is of an object that is dropped.
    static_cast<void>(storing.wait().has_value());
    blob.reset();
    if (recorded && !committed) {
      // What this cannot remove, the next turn or start does.
      static_cast<void>(vault.collect(id).has_value());
    }
    const MutexLock lock(vault.mutex);
    vault.sealing.erase(id);
  }

  // Beside the cipher, one helper hashes the same block, and another stores what was sealed of the
  // block before; that one may go on while the caller gets the next block.
  Status append(ByteView plain) {
    while (!plain.empty()) {
      const ByteView block = plain.first(std::min(plain.size(), kBlock));
      plain = plain.subspan(block.size());
      TUTELA_TRY(storing.wait());
      std::swap(stored, sealed);
      const auto hash = [this, block]() -> Status {
        digester.update(block);
        return ok();
      };
      const auto store = [this]() -> Status {
        return stored.bytes.empty() ? ok() : blob->append(stored.bytes);
      };
      if (block.size() < kHelpFrom) {
        TUTELA_TRY(store());
        TUTELA_TRY(hash());
        sealed.bytes = sealer.update(block, sealed.room_of(kBlock));
        continue;
      }
      hashing.start(hash);
      storing.start(store);
      sealed.bytes = sealer.update(block, sealed.room_of(kBlock));
      TUTELA_TRY(hashing.wait());
    }
    return ok();
  }

  Result<Evidence> finish();
  Result<crypto::Digests> checked_digests();
  Status write_blobs(const Evidence& evidence, const Vault::Parts::Pin& pin);
  Result<Evidence> commit(const Evidence& evidence);

  Vault::Parts& vault;
  const store::Actor actor;
  const NewEvidence what;
  const Uuid id;
  const crypto::Key key;
  evidence_format::ObjectSealer sealer;
  crypto::Digester digester;
  std::unique_ptr<blobs::Writer> blob;
  Sealed sealed;           // not yet in the store: of the present block
  Sealed stored;           // of the block before
  bool recorded = false;   // in vault_sealing
  bool committed = false;  // the row is there
  Helper hashing;          // end before what they use
  Helper storing;
};

Result<crypto::Digests> Vault::Writer::Parts::checked_digests() {
  const crypto::Digests computed = digester.finish();
  if (!what.known) {
    return computed;
  }
  if (what.known->sha256 != computed.sha256) {
    return Error{ErrorKind::kCorrupted,
                 "vault.other_content",
                 "the bytes are not those whose digests are known; nothing was kept"};
  }
  return *what.known;
}

Status Vault::Writer::Parts::write_blobs(const Evidence& evidence, const Vault::Parts::Pin& pin) {
  TUTELA_TRY(vault.database.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.execute(
        "INSERT INTO vault_sealing (evidence_id, tenant_id, principal_id, at_ms) VALUES (:id, "
        ":tenant_id, :principal_id, :at_ms)",
        {tutela::to_string(id), actor.tenant_id, actor.principal_id, evidence.sealed_ms}));
    return ok();
  }));
  recorded = true;
  TUTELA_FAULT_POINT("vault.seal_recorded");
  TUTELA_TRY(blob->finish());
  blob.reset();
  TUTELA_FAULT_POINT("vault.object_written");
  const Bytes record =
      evidence_format::encode(evidence_format::wrap_object_key(pin.key(), pin.epoch(), id, key));
  TUTELA_TRY(vault.blobs.replace(evidence_format::key_name(id), record));
  TUTELA_FAULT_POINT("vault.key_written");
  return ok();
}

// The first object of a content stays: a second is dropped by the destructor.
Result<Evidence> Vault::Writer::Parts::commit(const Evidence& evidence) {
  std::optional<Evidence> earlier;
  const Status written = vault.database.write([&](store::Transaction& transaction) -> Status {
    earlier.reset();
    if (what.content_id) {
      TUTELA_TRY_ASSIGN(earlier, find_row_by_content(transaction, *what.content_id));
      if (earlier) {
        return ok();
      }
    }
    TUTELA_TRY(insert_row(transaction, actor.principal_id, evidence));
    TUTELA_TRY(transaction.execute("DELETE FROM vault_sealing WHERE evidence_id = :id",
                                   {tutela::to_string(id)}));
    return audit::add(transaction,
                      actor,
                      evidence.sealed_ms,
                      {"evidence.seal", "evidence:" + tutela::to_string(id), "preserve", "ok"});
  });
  if (!written && written.error().code == "store.conflict") {
    return Error{ErrorKind::kNotFound,
                 "content.not_found",
                 "the content that this is evidence of is not in the ledger"};
  }
  TUTELA_TRY(written);
  if (earlier && earlier->tenant_id != actor.tenant_id) {
    return Error{ErrorKind::kNotFound, "content.not_found", "there is no content with this id"};
  }
  committed = !earlier.has_value();
  return earlier ? *std::move(earlier) : evidence;
}

Result<Evidence> Vault::Writer::Parts::finish() {
  Evidence evidence;
  evidence.id = id;
  evidence.tenant_id = actor.tenant_id;
  evidence.content_id = what.content_id;
  evidence.case_ref = what.case_ref;
  evidence.media_type = what.media_type;
  evidence.size_bytes = sealer.size_bytes();
  evidence.sealed_ms = vault.clock.now_ms();
  TUTELA_TRY_ASSIGN(evidence.digests, checked_digests());
  TUTELA_TRY(storing.wait());
  TUTELA_TRY(sealed.bytes.empty() ? ok() : blob->append(sealed.bytes));
  TUTELA_TRY(sealer.finish(
      {evidence.size_bytes, evidence.digests, evidence.sealed_ms, evidence.media_type},
      [this](ByteView bytes) { return blob->append(bytes); }));
  const Vault::Parts::Pin pin(vault);
  evidence.epoch = pin.epoch();
  TUTELA_TRY(write_blobs(evidence, pin));
  TUTELA_TRY_ASSIGN(Evidence kept, commit(evidence));
  TUTELA_FAULT_POINT("vault.sealed");
  return kept;
}

Vault::Writer::Writer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Vault::Writer::Writer(Writer&&) noexcept = default;
Vault::Writer& Vault::Writer::operator=(Writer&&) noexcept = default;
Vault::Writer::~Writer() = default;

Status Vault::Writer::append(ByteView plain) {
  if (parts_ == nullptr) {
    return ended();
  }
  Status status = parts_->append(plain);
  if (!status) {
    parts_.reset();
  }
  return status;
}

Result<Evidence> Vault::Writer::finish() {
  if (parts_ == nullptr) {
    return ended();
  }
  Result<Evidence> evidence = parts_->finish();
  parts_.reset();
  return evidence;
}

Result<Vault::Writer> Vault::seal(const store::Actor& actor, NewEvidence what) {
  if (!is_case_ref(what.case_ref)) {
    return Error{ErrorKind::kInvalidInput,
                 "vault.bad_case",
                 "a case is named by 1 to 64 of A-Z a-z 0-9 . _ -"};
  }
  if (!evidence_format::is_media_type(what.media_type)) {
    return Error{ErrorKind::kInvalidInput,
                 "vault.bad_media_type",
                 "a media type is at most 127 printable characters without blanks"};
  }
  const Uuid id = new_uuid(parts_->clock.now_ms());
  auto parts = std::make_unique<Writer::Parts>(*parts_, actor, std::move(what), id);
  std::optional<UtcMs> lock_until_ms;
  if (parts_->options.lock_days > 0) {
    lock_until_ms = parts_->clock.now_ms() + parts_->options.lock_days * kDayMs;
  }
  TUTELA_TRY_ASSIGN(parts->blob,
                    parts_->blobs.create(evidence_format::object_name(id), lock_until_ms));
  return Writer(std::move(parts));
}

}  // namespace tutela::vault
