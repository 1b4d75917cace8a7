#include "crypto/wrap.hpp"

#include <sodium.h>

#include "base/check.hpp"
#include "crypto/sodium_bytes.hpp"

namespace tutela::crypto {
namespace {

constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kPlain = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
static_assert(std::tuple_size_v<WrappedKey> ==
              kNonce + kPlain + crypto_aead_xchacha20poly1305_ietf_ABYTES);

}  // namespace

WrappedKey wrap_key(const Key& with, const Key& key, ByteView context) {
  TUTELA_CHECK(!with.bytes().empty() && key.bytes().size() == kPlain);
  WrappedKey wrapped{};
  random_bytes(std::span(wrapped).first<kNonce>());
  crypto_aead_xchacha20poly1305_ietf_encrypt(raw(wrapped.data() + kNonce),
                                             nullptr,
                                             raw(key.bytes()),
                                             kPlain,
                                             raw(context),
                                             context.size(),
                                             nullptr,
                                             raw(wrapped.data()),
                                             raw(with.bytes()));
  return wrapped;
}

Result<Key> unwrap_key(const Key& with, ByteView wrapped, ByteView context) {
  TUTELA_CHECK(!with.bytes().empty());
  std::array<std::byte, kPlain> plain{};
  if (wrapped.size() != std::tuple_size_v<WrappedKey> ||
      crypto_aead_xchacha20poly1305_ietf_decrypt(raw(plain.data()),
                                                 nullptr,
                                                 nullptr,
                                                 raw(wrapped.subspan(kNonce)),
                                                 wrapped.size() - kNonce,
                                                 raw(context),
                                                 context.size(),
                                                 raw(wrapped.first(kNonce)),
                                                 raw(with.bytes())) != 0) {
    return Error{ErrorKind::kCorrupted,
                 "key.not_unwrapped",
                 "the wrapped key was changed, or belongs to another key or place"};
  }
  Result<Key> key = Key::from_bytes(plain);
  sodium_memzero(plain.data(), plain.size());
  return key;
}

std::string key_id(const Key& key) {
  TUTELA_CHECK(key.bytes().size() == kPlain);
  constexpr std::string_view kWhat = "tutela key id 1";
  std::array<std::byte, crypto_generichash_BYTES> hash{};
  crypto_generichash(raw(hash.data()),
                     hash.size(),
                     raw(as_bytes(kWhat)),
                     kWhat.size(),
                     raw(key.bytes()),
                     key.bytes().size());
  return to_hex(ByteView(hash).first(8));
}

}  // namespace tutela::crypto
