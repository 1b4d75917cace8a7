// Epoch files: the key of an epoch, wrapped by a key-encryption key, or by two while that changes.
//
// A short text; the layout is spec/evidence-object.md. Values and functions without state;
// thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "crypto/secret.hpp"

namespace tutela::evidence_format {

inline constexpr std::size_t kEpochFileSizeMax = 8192;

struct EpochWrap {
  std::string key_id;  // of the key-encryption key: 1 to 64 of a-z 0-9 -
  Bytes wrapped;       // at most 512 bytes
};

struct EpochFile {
  std::int64_t epoch = 0;  // from 1 on
  UtcMs created_ms = 0;
  std::vector<EpochWrap> wraps;  // 1 to 4
};

[[nodiscard]] std::string encode(const EpochFile& file);
/// Error: kCorrupted "vault.bad_epoch_file".
Result<EpochFile> parse_epoch_file(std::string_view text);

/// What an epoch key is wrapped for: "epoch:7".
[[nodiscard]] std::string epoch_purpose(std::int64_t epoch);

/// How a key-encryption key that is 32 bytes in a file wraps. Error of the second: kCorrupted
/// "key.not_unwrapped".
[[nodiscard]] Bytes wrap_for(const crypto::Key& key_encryption_key,
                             const crypto::Key& key,
                             std::string_view purpose);
Result<crypto::Key> unwrap_for(const crypto::Key& key_encryption_key,
                               ByteView wrapped,
                               std::string_view purpose);

}  // namespace tutela::evidence_format
