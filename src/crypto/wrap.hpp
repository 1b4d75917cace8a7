// Wrapped keys: a key sealed with another (XChaCha20-Poly1305), and names that tell keys apart.
//
// Functions without state; thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/secret.hpp"

namespace tutela::crypto {

/// Nonce (24 random bytes), the sealed key (32), tag (16).
using WrappedKey = std::array<std::byte, 72>;

/// `context` is bound to the result without being stored.
[[nodiscard]] WrappedKey wrap_key(const Key& with, const Key& key, ByteView context);

/// Error: kCorrupted "key.not_unwrapped" (other bytes, another wrapping key or another context).
Result<Key> unwrap_key(const Key& with, ByteView wrapped, ByteView context);

/// 16 hex digits that are the same for the same key and tell nothing of it: BLAKE2b of a constant,
/// keyed with it.
[[nodiscard]] std::string key_id(const Key& key);

}  // namespace tutela::crypto
