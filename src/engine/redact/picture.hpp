// Picture: pixels in memory, one byte a channel, rows from top to bottom without padding. A plain
// value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tutela::redact {

struct Picture {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t channels = 1;  // 1 is grey, 3 is red, green, blue
  std::vector<std::uint8_t> pixels;

  [[nodiscard]] std::size_t stride() const noexcept { return std::size_t{width} * channels; }

  friend bool operator==(const Picture&, const Picture&) = default;
};

/// All black.
[[nodiscard]] inline Picture make_picture(std::uint32_t width,
                                          std::uint32_t height,
                                          std::uint32_t channels) {
  return {
      width, height, channels, std::vector<std::uint8_t>(std::size_t{width} * height * channels)};
}

}  // namespace tutela::redact
