// Pattern: harmless pictures that are drawn, not taken: smooth coloured shapes from a seed.
//
// A picture is a function of the plane, drawn at any size: at every size, in every lossy format,
// its PDQ stays within 31 bits of that of 512 x 512 pixels, and its quality is at least 80. Two
// seeds give pictures that are more than 90 bits apart; a seed for which that would not hold is
// skipped by whoever chooses seeds. Pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/secret.hpp"

namespace tutela::canaries {

using Seed = std::array<std::byte, 32>;

/// RGB, rows without padding.
[[nodiscard]] std::vector<std::uint8_t> draw(const Seed& seed,
                                             std::uint32_t width,
                                             std::uint32_t height);

/// What the decoders of this build read and the encoders of it write, in this order:
/// "jpeg" "png" "webp" "gif" "tiff" "avif" "heic" "bmp".
[[nodiscard]] std::vector<std::string_view> formats();

/// The bytes of such a picture in a format; `fresh` makes them unlike any before (size, quality,
/// metadata), though the picture is the same. Uses libvips; not for the server's own process.
/// Errors: kInvalidInput "canary.bad_format", kUnavailable "canary.no_encoder".
Result<Bytes> encode(std::string_view format, const Seed& seed, const Seed& fresh);

}  // namespace tutela::canaries
