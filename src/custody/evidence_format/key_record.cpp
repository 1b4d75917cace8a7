#include "custody/evidence_format/key_record.hpp"

#include <algorithm>
#include <array>

#include "crypto/digest.hpp"
#include "custody/evidence_format/little_endian.hpp"

namespace tutela::evidence_format {
namespace {

// magic | object id | epoch | wrapped key | first bytes of the SHA-256 of all before
constexpr std::string_view kMagic = "TUTEKEY1";
constexpr std::size_t kEpochAt = 8 + 16;
constexpr std::size_t kContext = kEpochAt + 8;  // bound to the wrapped key
constexpr std::size_t kChecksum = 8;
static_assert(kKeyRecordSize == kContext + std::tuple_size_v<crypto::WrappedKey> + kChecksum);

std::array<std::byte, kContext> context_of(const Uuid& object_id, std::int64_t epoch) {
  std::array<std::byte, kContext> context{};
  std::ranges::copy(as_bytes(kMagic), context.begin());
  std::ranges::copy(object_id.bytes, context.begin() + kMagic.size());
  put_number(static_cast<std::uint64_t>(epoch), std::span(context).subspan(kEpochAt, 8));
  return context;
}

Error corrupt() {
  return Error{ErrorKind::kCorrupted,
               "vault.corrupt",
               "the key record of an object was changed, or is another object's; restore it from "
               "a backup of the store of blobs"};
}

std::string name_of(std::string_view folder, const Uuid& id) {
  const std::string hex = to_hex(id.bytes);
  return std::string(folder) + "/" + hex.substr(30) + "/" + hex;
}

}  // namespace

KeyRecord wrap_object_key(const crypto::Key& epoch_key,
                          std::int64_t epoch,
                          const Uuid& object_id,
                          const crypto::Key& object_key) {
  return {object_id, epoch, crypto::wrap_key(epoch_key, object_key, context_of(object_id, epoch))};
}

Result<crypto::Key> unwrap_object_key(const KeyRecord& record,
                                      const crypto::Key& epoch_key,
                                      const Uuid& object_id) {
  Result<crypto::Key> key =
      crypto::unwrap_key(epoch_key, record.wrapped, context_of(record.object_id, record.epoch));
  if (record.object_id != object_id || !key) {
    return corrupt();
  }
  return key;
}

Bytes encode(const KeyRecord& record) {
  const auto context = context_of(record.object_id, record.epoch);
  Bytes bytes(context.begin(), context.end());
  bytes.insert(bytes.end(), record.wrapped.begin(), record.wrapped.end());
  const crypto::Sha256 digest = crypto::sha256_of(bytes);
  bytes.insert(bytes.end(), digest.begin(), digest.begin() + kChecksum);
  return bytes;
}

Result<KeyRecord> parse_key_record(ByteView bytes) {
  if (bytes.size() != kKeyRecordSize || as_text(bytes.first(kMagic.size())) != kMagic) {
    return corrupt();
  }
  const crypto::Sha256 digest = crypto::sha256_of(bytes.first(kKeyRecordSize - kChecksum));
  if (!std::ranges::equal(bytes.last(kChecksum), ByteView(digest).first(kChecksum))) {
    return corrupt();
  }
  KeyRecord record;
  std::ranges::copy(bytes.subspan(kMagic.size(), 16), record.object_id.bytes.begin());
  record.epoch = static_cast<std::int64_t>(get_number(bytes.subspan(kEpochAt, 8)));
  std::ranges::copy(bytes.subspan(kContext, record.wrapped.size()), record.wrapped.begin());
  return record;
}

std::string object_name(const Uuid& id) {
  return name_of("objects", id);
}

std::string key_name(const Uuid& id) {
  return name_of("keys", id);
}

std::optional<Uuid> parse_key_name(std::string_view name) {
  Uuid id;
  if (name.size() != 40 || !parse_hex(name.substr(8), id.bytes) || key_name(id) != name) {
    return std::nullopt;
  }
  return id;
}

}  // namespace tutela::evidence_format
