#include "service/auth/opaque.hpp"

#include <array>
#include <cstddef>

#include "crypto/digest.hpp"
#include "crypto/secret.hpp"

namespace tutela::auth {

namespace {

constexpr std::string_view kBase64Url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

std::string to_base64url(ByteView bytes) {
  std::string text;
  unsigned bits = 0;
  int count = 0;
  for (const std::byte b : bytes) {
    bits = (bits << 8U | std::to_integer<unsigned>(b)) & 0x3FFFU;
    for (count += 8; count >= 6; count -= 6) {
      text.push_back(kBase64Url[(bits >> (count - 6)) & 63U]);
    }
  }
  if (count > 0) {
    text.push_back(kBase64Url[(bits << (6 - count)) & 63U]);
  }
  return text;
}

std::string new_opaque(std::string_view prefix) {
  std::array<std::byte, 32> bytes{};
  crypto::random_bytes(bytes);
  return std::string(prefix) + to_base64url(bytes);
}

bool is_opaque(std::string_view prefix, std::string_view text) noexcept {
  return text.size() == prefix.size() + kOpaqueCharacters && text.starts_with(prefix) &&
         text.find_first_not_of(kBase64Url, prefix.size()) == std::string_view::npos;
}

std::string hash_of(std::string_view text) {
  return to_hex(crypto::sha256_of(as_bytes(text)));
}

}  // namespace tutela::auth
