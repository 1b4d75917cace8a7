// Demo pictures: harmless, photo-like pictures made from a seed (gradients, soft light, shapes,
// noise), their variants, and the encoders that write them. Pure functions.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.hpp"

namespace tutela::cli {

/// RGB, three bytes a pixel, rows from top to bottom without padding.
struct Picture {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::vector<std::uint8_t> pixels;
};

/// Equal seeds give equal pictures; different seeds give pictures that do not match each other.
/// PDQ quality is at least 80.
[[nodiscard]] Picture make_picture(std::uint32_t seed, std::uint32_t width, std::uint32_t height);

/// A quarter turn clockwise.
[[nodiscard]] Picture rotated(const Picture& picture);
[[nodiscard]] Picture mirrored(const Picture& picture);
/// Without `border` pixels on each side.
[[nodiscard]] Picture cropped(const Picture& picture, std::uint32_t border);
/// Every output pixel is the mean of the input pixels that it covers.
[[nodiscard]] Picture resized(const Picture& picture, std::uint32_t width, std::uint32_t height);

/// Quality 1 to 100.
[[nodiscard]] Bytes encode_jpeg(const Picture& picture, int quality);
[[nodiscard]] Bytes encode_png(const Picture& picture);

}  // namespace tutela::cli
