// Sealed boxes: bytes that whoever has the public key can seal and only the secret key opens
// (libsodium crypto_box_seal: X25519, XSalsa20-Poly1305 with an ephemeral key). For what a process
// takes in and must not be able to read again. Thread-safe.
//
// Source: libsodium documentation, "Sealed boxes".
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/secret.hpp"

namespace tutela::crypto {

/// The public key of a secret one: 32 bytes, base64.
[[nodiscard]] std::string box_public_key(const Key& secret);
/// Names a public key: 16 hex digits of its SHA-256.
[[nodiscard]] std::string box_key_id(std::string_view public_key);
/// base64. Error: kInvalidInput "box.bad_key".
Result<std::string> seal_box(std::string_view public_key, ByteView plain);
/// Error: kCorrupted "box.corrupt".
Result<Bytes> open_box(const Key& secret, std::string_view sealed);

}  // namespace tutela::crypto
