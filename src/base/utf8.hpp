// Utf8: whether bytes from outside are text that may be stored and shown, and how long it is. Pure.
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

/// A character of people's text (a code point) has at most so many bytes.
inline constexpr std::size_t kUtf8BytesMax = 4;

/// How many characters `text` has; of what is malformed, each byte is one.
[[nodiscard]] std::size_t utf8_length(std::string_view text) noexcept;
/// The beginning of `text`, at most so many characters.
[[nodiscard]] std::string_view utf8_prefix(std::string_view text,
                                           std::size_t characters_max) noexcept;

enum class Breaks : std::uint8_t { kNone, kLinesAndTabs };
/// Valid UTF-8 without control characters, but for line ends and tabs where they are allowed. Empty
/// text is.
[[nodiscard]] bool is_utf8_text(std::string_view text, Breaks breaks) noexcept;

}  // namespace tutela
