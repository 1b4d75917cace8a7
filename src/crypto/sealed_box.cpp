#include "crypto/sealed_box.hpp"

#include <array>

#include <sodium.h>

#include "base/check.hpp"
#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "crypto/sodium_bytes.hpp"

namespace tutela::crypto {
namespace {

using PublicBytes = std::array<std::byte, crypto_box_PUBLICKEYBYTES>;

PublicBytes public_of(const Key& secret) {
  TUTELA_CHECK(sodium_init() >= 0);
  PublicBytes bytes{};
  TUTELA_CHECK(crypto_scalarmult_base(raw(bytes.data()), raw(secret.bytes())) == 0);
  return bytes;
}

}  // namespace

std::string box_public_key(const Key& secret) {
  return to_base64(public_of(secret));
}

std::string box_key_id(std::string_view public_key) {
  constexpr std::size_t kIdBytes = 8;
  return to_hex(ByteView(sha256_of(as_bytes(public_key))).first(kIdBytes));
}

Result<std::string> seal_box(std::string_view public_key, ByteView plain) {
  TUTELA_CHECK(sodium_init() >= 0);
  const Result<Bytes> key = parse_base64(public_key);
  Bytes sealed(plain.size() + crypto_box_SEALBYTES);
  // It refuses keys of small order too, whose boxes anybody could open.
  if (!key || key->size() != crypto_box_PUBLICKEYBYTES ||
      crypto_box_seal(raw(sealed.data()), raw(plain), plain.size(), raw(ByteView(*key))) != 0) {
    return Error{ErrorKind::kInvalidInput, "box.bad_key", "this is not the public key of a box"};
  }
  return to_base64(sealed);
}

Result<Bytes> open_box(const Key& secret, std::string_view sealed) {
  const PublicBytes public_key = public_of(secret);
  const Result<Bytes> bytes = parse_base64(sealed);
  const Error corrupt{
      ErrorKind::kCorrupted, "box.corrupt", "a sealed box is damaged, or was made for another key"};
  if (!bytes || bytes->size() < crypto_box_SEALBYTES) {
    return corrupt;
  }
  Bytes plain(bytes->size() - crypto_box_SEALBYTES);
  if (crypto_box_seal_open(raw(plain.data()),
                           raw(ByteView(*bytes)),
                           bytes->size(),
                           raw(ByteView(public_key)),
                           raw(secret.bytes())) != 0) {
    return corrupt;
  }
  return plain;
}

}  // namespace tutela::crypto
