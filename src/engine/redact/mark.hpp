// Mark: who looked, when and for which case, drawn into the pixels all over a picture, so that a
// photograph of a screen, or a part that somebody cut out, still says it.
//
// A stamp of a few slanted lines is repeated like bricks in a wall, close enough that any quarter
// of the picture (half its width, half its height, anywhere) holds a whole one. Letters lighten,
// their borders darken: readable on white, on black and on all between. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "engine/redact/picture.hpp"

namespace tutela::redact {

struct Mark {
  std::string person;    // a short id; 24 characters are shown
  UtcMs at_ms = 0;       // shown to the minute
  std::string case_ref;  // 72 characters are shown; a reference has at most 64
};

/// A marked picture has at least these sides, so that a stamp fits into any quarter of it.
inline constexpr std::uint32_t kMarkedLongerMin = 1280;
inline constexpr std::uint32_t kMarkedShorterMin = 640;

/// How large letters are on a picture of some size, how long lines are, and how far stamps stand
/// apart. High pictures get shorter lines.
struct Layout {
  std::uint32_t scale = 1;  // pixels a dot of the font
  std::uint32_t line_letters = 0;
  std::uint32_t step_x = 0;  // in dots
  std::uint32_t step_y = 0;
};

[[nodiscard]] Layout layout_of(std::uint32_t width, std::uint32_t height) noexcept;

/// One stamp, as it is drawn: 0 for nothing, else a dot of a letter or of its border.
struct Stamp {
  enum class Dot : std::uint8_t { kNone, kLetter, kBorder };
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::vector<Dot> dots;
};

[[nodiscard]] Stamp make_stamp(const Mark& mark, const Layout& layout);

/// Where a stamp's upper left corner is; it may lie outside the picture.
struct Place {
  std::int64_t x = 0;
  std::int64_t y = 0;
};

[[nodiscard]] std::vector<Place> stamp_places(std::uint32_t width, std::uint32_t height);

/// Draws the mark. The picture has at least the sides above.
void draw_mark(Picture& picture, const Mark& mark);

}  // namespace tutela::redact
