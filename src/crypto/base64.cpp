#include "crypto/base64.hpp"

#include <sodium.h>

#include "base/check.hpp"

namespace tutela::crypto {

namespace {

std::string encode(ByteView bytes, int variant) {
  // tidy:allow(reinterpret_cast): libsodium's interface takes unsigned char.
  const auto* const raw = reinterpret_cast<const unsigned char*>(bytes.data());
  std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  TUTELA_CHECK(sodium_bin2base64(text.data(), text.size(), raw, bytes.size(), variant) != nullptr);
  text.pop_back();  // its closing NUL
  return text;
}

Result<Bytes> decode(std::string_view text, int variant) {
  if (text.empty()) {
    return Bytes();
  }
  Bytes bytes(text.size() / 4 * 3 + 3);  // never empty: libsodium wants an address
  std::size_t size = 0;
  // tidy:allow(reinterpret_cast): libsodium's interface takes unsigned char.
  auto* const raw = reinterpret_cast<unsigned char*>(bytes.data());
  const bool decoded =
      sodium_base642bin(
          raw, bytes.size(), text.data(), text.size(), nullptr, &size, nullptr, variant) == 0;
  bytes.resize(decoded ? size : 0);
  // libsodium 1.0.18 takes "/" and "+" with their eighth bit set, too.
  if (!decoded || encode(bytes, variant) != text) {
    return Error{ErrorKind::kInvalidInput, "base64.bad", "not base64 as it is written here"};
  }
  return bytes;
}

}  // namespace

std::string to_base64(ByteView bytes) {
  return encode(bytes, sodium_base64_VARIANT_ORIGINAL);
}

Result<Bytes> parse_base64(std::string_view text) {
  return decode(text, sodium_base64_VARIANT_ORIGINAL);
}

std::string to_base64url(ByteView bytes) {
  return encode(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

Result<Bytes> parse_base64url(std::string_view text) {
  return decode(text, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

}  // namespace tutela::crypto
