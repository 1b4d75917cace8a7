#include "crypto/password.hpp"

#include <array>
#include <cstddef>

#include <sodium.h>

#include "base/check.hpp"

namespace tutela::crypto {

namespace {

constexpr unsigned long long kPasses = 3;
constexpr std::size_t kMemoryBytes = std::size_t{64} << 20;

}  // namespace

Result<std::string> hash_password(std::string_view password) {
  TUTELA_CHECK(sodium_init() >= 0);
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (crypto_pwhash_str_alg(text.data(),
                            password.data(),
                            password.size(),
                            kPasses,
                            kMemoryBytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return Error{ErrorKind::kUnavailable,
                 "password.no_memory",
                 "there was no memory to hash a password; try again later"};
  }
  return std::string(text.data());
}

bool verify_password(const std::string& hash, std::string_view password) noexcept {
  return sodium_init() >= 0 && hash.size() < crypto_pwhash_STRBYTES &&
         crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

}  // namespace tutela::crypto
