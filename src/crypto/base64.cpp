#include "crypto/base64.hpp"

#include <sodium.h>

#include "base/check.hpp"

namespace tutela::crypto {

std::string to_base64(ByteView bytes) {
  // tidy:allow(reinterpret_cast): libsodium's interface takes unsigned char.
  const auto* const raw = reinterpret_cast<const unsigned char*>(bytes.data());
  std::string text(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  TUTELA_CHECK(sodium_bin2base64(
                   text.data(), text.size(), raw, bytes.size(), sodium_base64_VARIANT_ORIGINAL) !=
               nullptr);
  text.pop_back();  // its closing NUL
  return text;
}

Result<Bytes> parse_base64(std::string_view text) {
  if (text.empty()) {
    return Bytes();
  }
  Bytes bytes(text.size() / 4 * 3 + 1);  // never empty: libsodium wants an address
  std::size_t size = 0;
  // tidy:allow(reinterpret_cast): libsodium's interface takes unsigned char.
  auto* const raw = reinterpret_cast<unsigned char*>(bytes.data());
  if (text.size() % 4 != 0 || sodium_base642bin(raw,
                                                bytes.size(),
                                                text.data(),
                                                text.size(),
                                                nullptr,
                                                &size,
                                                nullptr,
                                                sodium_base64_VARIANT_ORIGINAL) != 0) {
    return Error{ErrorKind::kInvalidInput, "base64.bad", "not base64 with padding"};
  }
  bytes.resize(size);
  // libsodium 1.0.18 takes "/" and "+" with their eighth bit set, too.
  if (to_base64(bytes) != text) {
    return Error{ErrorKind::kInvalidInput, "base64.bad", "not base64 with padding"};
  }
  return bytes;
}

}  // namespace tutela::crypto
