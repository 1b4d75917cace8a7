// Font: letters of 5 x 7 dots for the mark. Internal to redact; a constant table.
#pragma once

#include <array>
#include <cstdint>

namespace tutela::redact {

inline constexpr std::uint32_t kGlyphWidth = 5;
inline constexpr std::uint32_t kGlyphHeight = 7;

/// Columns from left to right; the lowest bit is the top dot.
using Glyph = std::array<std::uint8_t, kGlyphWidth>;

/// Letters, digits, space and . _ - : / @ +; anything else is a question mark.
[[nodiscard]] const Glyph& glyph_of(char letter) noexcept;

}  // namespace tutela::redact
