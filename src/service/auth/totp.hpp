// TOTP (RFC 6238): six digits of SHA-1 every 30 seconds, as every authenticator app takes them.
// Through liboath. Pure but for new_seed().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

namespace tutela::auth::totp {

inline constexpr std::size_t kSeedBytes = 20;  // RFC 4226, section 4: as long as the hash

[[nodiscard]] Bytes new_seed();

/// RFC 4648 base32 without padding.
Result<std::string> to_base32(ByteView bytes);

/// otpauth://totp/ISSUER:NAME?secret=...&issuer=ISSUER, for a QR code.
Result<std::string> uri_of(std::string_view issuer, std::string_view name, ByteView seed);

/// The step that the code is of: the present one, the one before or after, and later than
/// `last_step`, so that no code is taken twice. Nothing when it is none of them.
[[nodiscard]] std::optional<std::int64_t> step_of(ByteView seed,
                                                  std::string_view code,
                                                  UtcMs now_ms,
                                                  std::int64_t last_step);

}  // namespace tutela::auth::totp
