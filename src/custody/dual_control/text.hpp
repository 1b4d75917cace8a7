// Text: what a person may write as a reason. Pure functions.
#pragma once

#include <cstddef>
#include <string_view>

namespace tutela::dual_control {

/// UTF-8 (RFC 3629) of `least` to 1000 characters, not blanks alone, without control characters
/// other than line breaks and tabs.
[[nodiscard]] bool is_reason(std::string_view text, std::size_t least) noexcept;

/// "person:<id>".
[[nodiscard]] bool is_person(std::string_view principal_id) noexcept;

/// "cli:<user>": whoever operates the machine.
[[nodiscard]] bool is_operator(std::string_view principal_id) noexcept;

}  // namespace tutela::dual_control
