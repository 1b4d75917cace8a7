#include "engine/redact/resize.hpp"

#include <algorithm>
#include <vector>

#include "base/check.hpp"

namespace tutela::redact {

namespace {

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

}  // namespace

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

Picture add_bars(Picture picture, Size least) {
  const Size size{std::max(picture.width, least.width), std::max(picture.height, least.height)};
  if (size == Size{picture.width, picture.height}) {
    return picture;
  }
  Picture out = make_ground(size, picture.channels);
  paste(picture, out, (size.width - picture.width) / 2, (size.height - picture.height) / 2);
  return out;
}

void paste(const Picture& picture, Picture& to, std::size_t left, std::size_t top) {
  TUTELA_CHECK(picture.channels == to.channels && left + picture.width <= to.width &&
               top + picture.height <= to.height);
  for (std::size_t y = 0; y < picture.height; ++y) {
    std::copy_n(picture.pixels.data() + picture.stride() * y,
                picture.stride(),
                to.pixels.data() + to.stride() * (top + y) + left * to.channels);
  }
}

Picture make_ground(Size size, std::uint32_t channels) {
  Picture ground = make_picture(size.width, size.height, channels);
  std::fill(ground.pixels.begin(), ground.pixels.end(), kGroundGrey);
  return ground;
}

}  // namespace tutela::redact
