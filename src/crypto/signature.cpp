#include "crypto/signature.hpp"

#include <sodium.h>

#include "base/check.hpp"

namespace tutela::crypto {

namespace {

const unsigned char* raw(ByteView bytes) {
  // tidy:allow(reinterpret_cast): libsodium's interface takes unsigned char.
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

template <std::size_t N>
unsigned char* raw(std::array<std::byte, N>& bytes) {
  // tidy:allow(reinterpret_cast): libsodium's interface takes unsigned char.
  return reinterpret_cast<unsigned char*>(bytes.data());
}

/// libsodium's secret key, seed and public key in one; wiped when it goes.
struct Expanded {
  std::array<std::byte, crypto_sign_SECRETKEYBYTES> secret{};
  PublicKey public_key{};

  explicit Expanded(const Key& seed) {
    TUTELA_CHECK(sodium_init() >= 0);
    TUTELA_CHECK(crypto_sign_seed_keypair(raw(public_key), raw(secret), raw(seed.bytes())) == 0);
  }

  Expanded(const Expanded&) = delete;
  Expanded& operator=(const Expanded&) = delete;

  ~Expanded() { sodium_memzero(secret.data(), secret.size()); }
};

}  // namespace

SigningKey::SigningKey(Key seed)
    : seed_(std::move(seed)), public_key_(Expanded(seed_).public_key) {}

Signature SigningKey::sign(ByteView message) const {
  Expanded key(seed_);
  Signature signature{};
  TUTELA_CHECK(crypto_sign_detached(
                   raw(signature), nullptr, raw(message), message.size(), raw(key.secret)) == 0);
  return signature;
}

bool verify(const PublicKey& key, ByteView message, const Signature& signature) {
  return sodium_init() >= 0 &&
         crypto_sign_verify_detached(
             raw(ByteView(signature)), raw(message), message.size(), raw(ByteView(key))) == 0;
}

}  // namespace tutela::crypto
