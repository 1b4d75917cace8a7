// Key records: the key of one object, wrapped by the key of an epoch, in a small blob of its own.
//
// The layout is spec/evidence-object.md. Values and functions without state; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "crypto/secret.hpp"
#include "crypto/wrap.hpp"

namespace tutela::evidence_format {

inline constexpr std::size_t kKeyRecordSize = 112;

struct KeyRecord {
  Uuid object_id;
  std::int64_t epoch = 0;
  crypto::WrappedKey wrapped{};
};

[[nodiscard]] KeyRecord wrap_object_key(const crypto::Key& epoch_key,
                                        std::int64_t epoch,
                                        const Uuid& object_id,
                                        const crypto::Key& object_key);
/// Errors: kCorrupted "vault.corrupt" (also where the record is another object's).
Result<crypto::Key> unwrap_object_key(const KeyRecord& record,
                                      const crypto::Key& epoch_key,
                                      const Uuid& object_id);

[[nodiscard]] Bytes encode(const KeyRecord& record);
/// Error: kCorrupted "vault.corrupt".
Result<KeyRecord> parse_key_record(ByteView bytes);

/// "objects/57/01890a5dac96774bbcceb302099a8057": the folder is the id's last byte, which is
/// random.
[[nodiscard]] std::string object_name(const Uuid& id);
[[nodiscard]] std::string key_name(const Uuid& id);  // "keys/57/..."
/// The id in a name that key_name() made; nothing for other names.
[[nodiscard]] std::optional<Uuid> parse_key_name(std::string_view name);

}  // namespace tutela::evidence_format
