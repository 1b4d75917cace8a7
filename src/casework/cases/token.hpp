// Token: what whoever a decision concerns shows to appeal. Internal. Kept as a hash alone.
#pragma once

#include <string>
#include <string_view>

namespace tutela::cases {

/// "tutelaa_" and 43 characters of base64url: 256 random bits.
[[nodiscard]] std::string new_appeal_token();
[[nodiscard]] bool is_appeal_token(std::string_view text) noexcept;
/// SHA-256 as hex, enough at rest for what is random.
[[nodiscard]] std::string hash_of_token(std::string_view token);

}  // namespace tutela::cases
