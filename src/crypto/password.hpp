// Passwords: Argon2id (RFC 9106) as libsodium writes it: "$argon2id$v=19$m=...".
//
// 64 MiB and three passes, 0.1 to 0.25 seconds on a server's core. Thread-safe; each call takes its
// memory, so callers bound how many run at once.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tutela::crypto {

/// With a random salt. Error: kUnavailable "password.no_memory".
Result<std::string> hash_password(std::string_view password);

/// False for a hash that is none.
[[nodiscard]] bool verify_password(const std::string& hash, std::string_view password) noexcept;

}  // namespace tutela::crypto
