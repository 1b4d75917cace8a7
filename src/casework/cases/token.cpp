#include "casework/cases/token.hpp"

#include <array>
#include <cstddef>

#include "base/bytes.hpp"
#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "crypto/secret.hpp"

namespace tutela::cases {
namespace {

constexpr std::string_view kPrefix = "tutelaa_";
constexpr std::size_t kCharacters = 43;
constexpr std::string_view kBase64Url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

std::string new_appeal_token() {
  std::array<std::byte, 32> bytes{};
  crypto::random_bytes(bytes);
  std::string token(kPrefix);
  for (const char c : crypto::to_base64(bytes).substr(0, kCharacters)) {
    token += c == '+' ? '-' : c == '/' ? '_' : c;
  }
  return token;
}

bool is_appeal_token(std::string_view text) noexcept {
  return text.size() == kPrefix.size() + kCharacters && text.starts_with(kPrefix) &&
         text.find_first_not_of(kBase64Url, kPrefix.size()) == std::string_view::npos;
}

std::string hash_of_token(std::string_view token) {
  return to_hex(crypto::sha256_of(as_bytes(token)));
}

}  // namespace tutela::cases
