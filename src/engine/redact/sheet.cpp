// The contact sheet. See finish.hpp.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.hpp"
#include "engine/redact/finish.hpp"
#include "engine/redact/font.hpp"
#include "engine/redact/resize.hpp"

namespace tutela::redact {

namespace {

constexpr std::uint32_t kSide = 1600;  // the width, and the most height
constexpr std::uint32_t kGap = 12;
constexpr std::uint32_t kLabelHeight = 22;
constexpr std::uint32_t kLabelScale = 2;
constexpr std::uint8_t kLabelGrey = 240;

struct Grid {
  std::uint32_t columns = 1;
  std::uint32_t rows = 1;
};

Grid grid_of(std::size_t tiles) {
  const std::uint32_t columns = tiles <= 1 ? 1 : tiles <= 4 ? 2 : tiles <= 9 ? 3 : 4;
  return {columns, (static_cast<std::uint32_t>(tiles) + columns - 1) / columns};
}

/// The largest of the same shape in `box`.
Size fill_box(const Picture& picture, Size box) {
  const std::uint64_t width = picture.width;
  const std::uint64_t height = picture.height;
  if (width * box.height >= height * box.width) {
    return {box.width, static_cast<std::uint32_t>(std::max(1UL, height * box.width / width))};
  }
  return {static_cast<std::uint32_t>(std::max(1UL, width * box.height / height)), box.height};
}

Picture to_colour(const Picture& grey) {
  Picture out = make_picture(grey.width, grey.height, 3);
  for (std::size_t i = 0; i < out.pixels.size(); ++i) {
    out.pixels[i] = grey.pixels[i / 3];
  }
  return out;
}

void write_label(Picture& sheet, std::string_view text, std::size_t left, std::size_t top) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const Glyph& glyph = glyph_of(text[i]);
    for (std::size_t y = 0; y < kGlyphHeight * kLabelScale; ++y) {
      for (std::size_t x = 0; x < kGlyphWidth * kLabelScale; ++x) {
        if ((unsigned{glyph[x / kLabelScale]} >> (y / kLabelScale) & 1U) == 0) {
          continue;
        }
        const std::size_t column = left + i * (kGlyphWidth + 1) * kLabelScale + x;
        std::uint8_t* const at =
            &sheet.pixels[sheet.stride() * (top + y) + column * sheet.channels];
        std::fill_n(at, sheet.channels, kLabelGrey);
      }
    }
  }
}

}  // namespace

Picture arrange(const View& view, Grade grade) {
  TUTELA_CHECK(!view.tiles.empty() && view.tiles.size() <= kSheetTilesMax);
  const Grid grid = grid_of(view.tiles.size());
  const Size box{(kSide - kGap * (grid.columns + 1)) / grid.columns,
                 (kSide - kGap * (grid.rows + 1)) / grid.rows - kLabelHeight};
  std::uint32_t channels = 1;
  std::uint32_t cell_height = 1;
  std::vector<Picture> large;
  for (const Tile& tile : view.tiles) {
    large.push_back(resize(tile.picture, fill_box(tile.picture, box), grade));
    channels = std::max(channels, tile.picture.channels);
    cell_height = std::max(cell_height, large.back().height);
  }
  const std::uint32_t step_y = cell_height + kLabelHeight + kGap;
  Picture sheet = make_ground({kSide, grid.rows * step_y + kGap}, channels);
  for (std::size_t i = 0; i < large.size(); ++i) {
    const std::size_t left = kGap + i % grid.columns * (box.width + kGap);
    const std::size_t top = kGap + i / grid.columns * step_y;
    const Picture& picture = large[i];
    paste(picture.channels == channels ? picture : to_colour(picture),
          sheet,
          left + (box.width - picture.width) / 2,
          top + (cell_height - picture.height) / 2);
    const std::string label =
        std::to_string(view.tiles[i].frame + 1ULL) + "/" + std::to_string(view.frames_total);
    write_label(
        sheet, label, left, top + cell_height + (kLabelHeight - kGlyphHeight * kLabelScale) / 2);
  }
  return add_bars(std::move(sheet), {kMarkedLongerMin, kMarkedShorterMin});
}

}  // namespace tutela::redact
