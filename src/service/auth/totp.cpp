#include "service/auth/totp.hpp"

#include <array>
#include <cstdlib>
#include <memory>

#include <oath.h>

#include "base/check.hpp"
#include "crypto/secret.hpp"

namespace tutela::auth::totp {

namespace {

constexpr std::int64_t kStepSeconds = 30;
constexpr unsigned kDigits = 6;

void start_oath() {
  static const bool started = oath_init() == OATH_OK;
  TUTELA_CHECK(started);
}

/// RFC 3986, section 2.3.
std::string percent(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4U];
    out += kHex[byte & 15U];
  }
  return out;
}

}  // namespace

Bytes new_seed() {
  Bytes seed(kSeedBytes);
  crypto::random_bytes(seed);
  return seed;
}

Result<std::string> to_base32(ByteView bytes) {
  start_oath();
  char* out = nullptr;
  std::size_t size = 0;
  const std::string_view text = as_text(bytes);
  if (oath_base32_encode(text.data(), text.size(), &out, &size) != OATH_OK) {
    return Error{ErrorKind::kInternal, "totp.base32", "a seed could not be written as text"};
  }
  const std::unique_ptr<char, decltype(&std::free)> owned(out, &std::free);
  std::string encoded(owned.get(), size);
  while (encoded.ends_with('=')) {
    encoded.pop_back();
  }
  return encoded;
}

Result<std::string> uri_of(std::string_view issuer, std::string_view name, ByteView seed) {
  TUTELA_TRY_ASSIGN(const std::string secret, to_base32(seed));
  return "otpauth://totp/" + percent(issuer) + ":" + percent(name) + "?secret=" + secret +
         "&issuer=" + percent(issuer);
}

std::optional<std::int64_t> step_of(ByteView seed,
                                    std::string_view code,
                                    UtcMs now_ms,
                                    std::int64_t last_step) {
  start_oath();
  const std::string_view key = as_text(seed);
  const std::int64_t now_step = now_ms / 1000 / kStepSeconds;
  std::optional<std::int64_t> found;
  for (std::int64_t step = now_step - 1; step <= now_step + 1; ++step) {
    std::array<char, kDigits + 1> expected{};
    const bool made = step >= 0 && oath_totp_generate(key.data(),
                                                      key.size(),
                                                      static_cast<std::time_t>(step * kStepSeconds),
                                                      kStepSeconds,
                                                      0,
                                                      kDigits,
                                                      expected.data()) == OATH_OK;
    const std::string_view wanted(expected.data(), kDigits);
    if (made && crypto::equal_constant_time(as_bytes(wanted), as_bytes(code)) && step > last_step) {
      found = step;
    }
  }
  return found;
}

}  // namespace tutela::auth::totp
