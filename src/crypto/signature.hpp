// Signatures: Ed25519 (RFC 8032), for checkpoints, certificates and receipts.
//
// Values; a SigningKey wipes itself, is never copied or printed, and may be used by several
// threads.
#pragma once

#include <array>
#include <cstddef>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/secret.hpp"

namespace tutela::crypto {

using PublicKey = std::array<std::byte, 32>;
using Signature = std::array<std::byte, 64>;

class SigningKey {
 public:
  /// The key pair of a 32-byte seed: the same seed gives the same pair.
  explicit SigningKey(Key seed);

  [[nodiscard]] const PublicKey& public_key() const noexcept { return public_key_; }

  [[nodiscard]] Signature sign(ByteView message) const;

 private:
  Key seed_;
  PublicKey public_key_;
};

[[nodiscard]] bool verify(const PublicKey& key, ByteView message, const Signature& signature);

}  // namespace tutela::crypto
