// Utf8: whether bytes from outside are text that may be stored and shown. Pure.
//
// Source: RFC 3629.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tutela {

/// Bytes of the sequence at the start of `text`, which is not empty; 0 when it is malformed.
[[nodiscard]] std::size_t utf8_sequence(std::string_view text) noexcept;

/// Whether `text` begins with a control character of C0 or C1, or DEL.
[[nodiscard]] bool is_utf8_control(std::string_view text) noexcept;

enum class Breaks : std::uint8_t { kNone, kLinesAndTabs };
/// Valid UTF-8 without control characters, but for line ends and tabs where they are allowed. Empty
/// text is.
[[nodiscard]] bool is_utf8_text(std::string_view text, Breaks breaks) noexcept;

}  // namespace tutela
