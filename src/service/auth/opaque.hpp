// Opaque: random secrets as text, and their hashes. Internal to auth. Pure but for the randomness.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace tutela::auth {

inline constexpr std::size_t kOpaqueCharacters = 43;  // of 256 bits

/// RFC 4648, section 5, without padding.
[[nodiscard]] std::string to_base64url(ByteView bytes);
/// `prefix` and 256 random bits.
[[nodiscard]] std::string new_opaque(std::string_view prefix);
[[nodiscard]] bool is_opaque(std::string_view prefix, std::string_view text) noexcept;
/// SHA-256 as hex: enough at rest for what has 80 random bits and more.
[[nodiscard]] std::string hash_of(std::string_view text);

}  // namespace tutela::auth
