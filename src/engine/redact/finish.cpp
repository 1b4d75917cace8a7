#include "engine/redact/finish.hpp"

#include <algorithm>
#include <utility>

#include "engine/redact/png.hpp"
#include "engine/redact/shrink.hpp"

namespace tutela::redact {

namespace {

constexpr std::uint8_t kBarGrey = 96;
constexpr std::uint32_t kOne = 256;  // of a position between two pixels

/// Where an output pixel lies in the input: between two neighbours, so many 256ths to the second.
struct Between {
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  std::uint32_t part = 0;
};

std::vector<Between> map_side(std::uint32_t from, std::uint32_t to, Grade grade) {
  std::vector<Between> map(to);
  for (std::uint32_t i = 0; i < to; ++i) {
    if (grade == Grade::kMosaic) {
      const auto cell = static_cast<std::uint32_t>(std::uint64_t{i} * from / to);
      map[i] = {cell, cell, 0};
      continue;
    }
    // Centres of pixels lie half a pixel in.
    const std::uint64_t centre = (std::uint64_t{2 * i + 1} * from * kOne / to + 1) / 2;
    const std::uint64_t at = std::max<std::uint64_t>(centre, kOne / 2) - kOne / 2;
    const auto first = static_cast<std::uint32_t>(at / kOne);
    map[i] = {first, std::min(first + 1, from - 1), static_cast<std::uint32_t>(at % kOne)};
  }
  return map;
}

Picture resize(const Picture& picture, Size size, Grade grade) {
  const std::vector<Between> columns = map_side(picture.width, size.width, grade);
  const std::vector<Between> rows = map_side(picture.height, size.height, grade);
  Picture out = make_picture(size.width, size.height, picture.channels);
  std::uint8_t* to = out.pixels.data();
  for (const Between& row : rows) {
    const std::uint8_t* const upper = picture.pixels.data() + picture.stride() * row.first;
    const std::uint8_t* const lower = picture.pixels.data() + picture.stride() * row.second;
    for (const Between& column : columns) {
      const std::size_t left = std::size_t{column.first} * picture.channels;
      const std::size_t right = std::size_t{column.second} * picture.channels;
      for (std::size_t c = 0; c < picture.channels; ++c) {
        const std::uint32_t above =
            upper[left + c] * (kOne - column.part) + upper[right + c] * column.part;
        const std::uint32_t below =
            lower[left + c] * (kOne - column.part) + lower[right + c] * column.part;
        const std::uint32_t sum = above * (kOne - row.part) + below * row.part;
        *to++ = static_cast<std::uint8_t>((sum + kOne * kOne / 2) / (kOne * kOne));
      }
    }
  }
  return out;
}

/// Bars on both sides where a side is below `least`.
Picture add_bars(Picture picture, Size least) {
  const Size size{std::max(picture.width, least.width), std::max(picture.height, least.height)};
  if (size == Size{picture.width, picture.height}) {
    return picture;
  }
  Picture out = make_picture(size.width, size.height, picture.channels);
  std::fill(out.pixels.begin(), out.pixels.end(), kBarGrey);
  const std::size_t left = std::size_t{(size.width - picture.width) / 2} * picture.channels;
  const std::size_t top = (size.height - picture.height) / 2;
  for (std::size_t y = 0; y < picture.height; ++y) {
    std::copy_n(picture.pixels.data() + picture.stride() * y,
                picture.stride(),
                out.pixels.data() + out.stride() * (top + y) + left);
  }
  return out;
}

}  // namespace

Picture enlarge(const Picture& picture, Grade grade) {
  const std::uint32_t longer = std::max(picture.width, picture.height);
  Size size{picture.width, picture.height};
  if (longer < kMarkedLongerMin) {
    const auto scaled = [&](std::uint32_t side) {
      return std::max(side, (side * kMarkedLongerMin + longer / 2) / longer);
    };
    size = {scaled(picture.width), scaled(picture.height)};
  }
  Picture large =
      size == Size{picture.width, picture.height} ? picture : resize(picture, size, grade);
  return add_bars(std::move(large), {kMarkedShorterMin, kMarkedShorterMin});
}

Result<Finished> finish(const Picture& redacted, Grade grade, const Mark& mark) {
  Picture picture = enlarge(redacted, grade);
  draw_mark(picture, mark);
  TUTELA_TRY_ASSIGN(Bytes png, to_png(picture));
  return Finished{.png = std::move(png), .width = picture.width, .height = picture.height};
}

}  // namespace tutela::redact
