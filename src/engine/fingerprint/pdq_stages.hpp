// The stages of PDQ that every kernel shares: windows, sample positions, luma, and all that follows
// the 64 x 64 samples (quality, DCT, median, the eight orientations).
//
// Pure functions on plain values; any thread. Definition: the PDQ paper (see pdq.hpp), float32 and
// in exactly the order written here, without fused multiply-adds.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/fingerprint/pdq.hpp"

namespace tutela::fingerprint {

/// The blurred picture is sampled on a grid of this many rows and columns.
inline constexpr std::uint32_t kGrid = 64;
/// Pictures with a shorter side are hashed to zero with quality 0.
inline constexpr std::uint32_t kSideMin = 5;

/// Row-major, kGrid x kGrid.
using Samples = std::array<float, std::size_t{kGrid} * kGrid>;

/// Width of the box filter along an axis of `size` pixels: two passes of it cover one grid cell.
[[nodiscard]] constexpr std::uint32_t box_window(std::uint32_t size) noexcept {
  return size / (2 * kGrid) + (size % (2 * kGrid) != 0 ? 1 : 0);
}

/// How far the right edge of the box lies ahead of the pixel that it is written to.
[[nodiscard]] constexpr std::uint32_t box_lag(std::uint32_t window) noexcept {
  return window / 2;
}

/// How many of the box's pixels lie inside the axis for output `at`.
[[nodiscard]] constexpr std::uint32_t box_count(std::uint32_t at, std::uint32_t size) noexcept {
  const std::uint32_t window = box_window(size);
  const std::uint32_t lag = box_lag(window);
  const std::uint32_t first = at + lag + 1 < window ? 0 : at + lag + 1 - window;
  const std::uint32_t end = at + lag < size ? at + lag + 1 : size;
  return end - first;
}

/// The pixel under the centre of grid cell `cell` along an axis of `size` pixels. In exact
/// arithmetic this is what the definition's doubles give: (cell + 0.5) * size is exact in them.
[[nodiscard]] constexpr std::uint32_t sample_position(std::uint32_t cell,
                                                      std::uint32_t size) noexcept {
  return static_cast<std::uint32_t>((std::uint64_t{2} * cell + 1) * size / (2 * kGrid));
}

inline constexpr float kLumaRed = 0.299F;
inline constexpr float kLumaGreen = 0.587F;
inline constexpr float kLumaBlue = 0.114F;

[[nodiscard]] constexpr std::size_t bytes_per_pixel(PixelFormat format) noexcept {
  return format == PixelFormat::kRgb24 ? 3 : 1;
}

/// Quality and the hashes of all orientations.
[[nodiscard]] PdqResult hash_samples(const Samples& samples);

}  // namespace tutela::fingerprint
