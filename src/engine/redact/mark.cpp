#include "engine/redact/mark.hpp"

#include <algorithm>
#include <string_view>

#include "base/check.hpp"
#include "engine/redact/font.hpp"

namespace tutela::redact {

namespace {

constexpr std::uint32_t kLetterStep = kGlyphWidth + 1;
constexpr std::uint32_t kLineStep = kGlyphHeight + 2;
constexpr std::uint32_t kColumnsPerRise = 6;
constexpr std::size_t kPersonLetters = 24;
constexpr std::size_t kCaseLetters = 72;

// Sizes are in dots of the font; the border of the letters adds one on each side. A quarter has at
// least 320 x 160 dots, or 160 x 320 in a high picture, which is more than a step and a stamp.
// Wide: five lines of 24 letters, 144 + 2 wide, and 45 + 24 + 2 high as they climb a dot a letter.
constexpr Layout kWide{.line_letters = 24, .step_x = 160, .step_y = 80};
// High: ten lines of 12 letters, 72 + 2 wide and 90 + 12 + 2 high.
constexpr Layout kHigh{.line_letters = 12, .step_x = 80, .step_y = 160};

// In 256ths: how far a letter goes to white, and its border to black.
constexpr std::uint32_t kLighten = 92;
constexpr std::uint32_t kDarken = 72;

void add_lines(std::vector<std::string>& lines, std::string_view text, std::size_t letters) {
  for (; !text.empty(); text.remove_prefix(std::min(letters, text.size()))) {
    lines.emplace_back(text.substr(0, letters));
  }
}

std::vector<std::string> lines_of(const Mark& mark, std::size_t letters) {
  const std::string when = to_rfc3339(mark.at_ms);
  const std::size_t day_end = when.find('T');
  const std::string day = when.substr(0, day_end);
  const std::string minute = when.substr(day_end + 1, 5) + "Z";
  std::vector<std::string> lines;
  add_lines(lines, std::string_view(mark.person).substr(0, kPersonLetters), letters);
  if (day.size() + 1 + minute.size() <= letters) {
    lines.push_back(day + " " + minute);
  } else {
    lines.insert(lines.end(), {day, minute});
  }
  add_lines(lines, std::string_view(mark.case_ref).substr(0, kCaseLetters), letters);
  return lines;
}

/// The dots of the font, before they are scaled and get a border.
struct DotMap {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::vector<bool> dots;

  [[nodiscard]] bool at(std::int64_t x, std::int64_t y) const {
    return x >= 0 && y >= 0 && x < width && y < height &&
           dots[static_cast<std::size_t>(y) * width + static_cast<std::size_t>(x)];
  }
};

DotMap write_dots(const std::vector<std::string>& lines) {
  std::size_t letters = 0;
  for (const std::string& line : lines) {
    letters = std::max(letters, line.size());
  }
  DotMap map;
  map.width = static_cast<std::uint32_t>(letters) * kLetterStep;
  const std::uint32_t rise = map.width / kColumnsPerRise;
  map.height = static_cast<std::uint32_t>(lines.size()) * kLineStep + rise;
  map.dots.resize(std::size_t{map.width} * map.height);
  for (std::uint32_t line = 0; line < lines.size(); ++line) {
    for (std::uint32_t i = 0; i < lines[line].size() * kLetterStep; ++i) {
      const Glyph& glyph = glyph_of(lines[line][i / kLetterStep]);
      const std::uint32_t column = i % kLetterStep;
      const std::uint32_t top = rise - i / kColumnsPerRise + line * kLineStep;
      for (std::uint32_t y = 0; y < kGlyphHeight && column < kGlyphWidth; ++y) {
        map.dots[std::size_t{top + y} * map.width + i] = (unsigned{glyph[column]} >> y & 1U) != 0;
      }
    }
  }
  return map;
}

void draw_stamp(Picture& picture, const Stamp& stamp, const Place& place) {
  const std::int64_t x_begin = std::max<std::int64_t>(0, -place.x);
  const std::int64_t x_end = std::min<std::int64_t>(stamp.width, picture.width - place.x);
  const std::int64_t y_begin = std::max<std::int64_t>(0, -place.y);
  const std::int64_t y_end = std::min<std::int64_t>(stamp.height, picture.height - place.y);
  for (std::int64_t y = y_begin; y < y_end; ++y) {
    for (std::int64_t x = x_begin; x < x_end; ++x) {
      const Stamp::Dot dot = stamp.dots[static_cast<std::size_t>(y * stamp.width + x)];
      if (dot == Stamp::Dot::kNone) {
        continue;
      }
      const auto at = static_cast<std::size_t>((place.y + y) * picture.width + place.x + x);
      for (std::size_t c = 0; c < picture.channels; ++c) {
        std::uint8_t& value = picture.pixels[at * picture.channels + c];
        const std::uint32_t change =
            dot == Stamp::Dot::kLetter ? (255U - value) * kLighten / 256U : value * kDarken / 256U;
        value =
            static_cast<std::uint8_t>(dot == Stamp::Dot::kLetter ? value + change : value - change);
      }
    }
  }
}

}  // namespace

Layout layout_of(std::uint32_t width, std::uint32_t height) noexcept {
  Layout layout = width >= height ? kWide : kHigh;
  layout.scale = std::max(1U,
                          std::min(2 * std::max(width, height) / kMarkedLongerMin,
                                   2 * std::min(width, height) / kMarkedShorterMin));
  return layout;
}

Stamp make_stamp(const Mark& mark, const Layout& layout) {
  const DotMap map = write_dots(lines_of(mark, layout.line_letters));
  const std::uint32_t scale = layout.scale;
  Stamp stamp;
  stamp.width = (map.width + 2) * scale;
  stamp.height = (map.height + 2) * scale;
  stamp.dots.resize(std::size_t{stamp.width} * stamp.height);
  for (std::uint32_t y = 0; y < stamp.height; ++y) {
    for (std::uint32_t x = 0; x < stamp.width; ++x) {
      const std::int64_t dot_x = std::int64_t{x / scale} - 1;
      const std::int64_t dot_y = std::int64_t{y / scale} - 1;
      bool near = false;
      for (int i = 0; i < 9 && !near; ++i) {
        near = map.at(dot_x + i % 3 - 1, dot_y + i / 3 - 1);
      }
      Stamp::Dot& dot = stamp.dots[std::size_t{y} * stamp.width + x];
      dot = near ? Stamp::Dot::kBorder : Stamp::Dot::kNone;
      dot = map.at(dot_x, dot_y) ? Stamp::Dot::kLetter : dot;
    }
  }
  return stamp;
}

std::vector<Place> stamp_places(std::uint32_t width, std::uint32_t height) {
  const Layout layout = layout_of(width, height);
  const std::int64_t step_x = std::int64_t{layout.step_x} * layout.scale;
  const std::int64_t step_y = std::int64_t{layout.step_y} * layout.scale;
  std::vector<Place> places;
  std::int64_t row = 0;
  for (std::int64_t y = -step_y / 4; y < height; y += step_y, ++row) {
    for (std::int64_t x = row % 2 == 0 ? -step_x / 4 : -step_x * 3 / 4; x < width; x += step_x) {
      places.push_back({x, y});
    }
  }
  return places;
}

void draw_mark(Picture& picture, const Mark& mark) {
  TUTELA_CHECK(std::max(picture.width, picture.height) >= kMarkedLongerMin &&
               std::min(picture.width, picture.height) >= kMarkedShorterMin);
  const Stamp stamp = make_stamp(mark, layout_of(picture.width, picture.height));
  for (const Place& place : stamp_places(picture.width, picture.height)) {
    draw_stamp(picture, stamp, place);
  }
}

}  // namespace tutela::redact
