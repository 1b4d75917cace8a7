// Resize: redacted pixels at the size of a screen. Internal to redact; pure functions.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/redact/picture.hpp"
#include "engine/redact/redact.hpp"
#include "engine/redact/shrink.hpp"

namespace tutela::redact {

/// Of bars, and between the tiles of a sheet.
inline constexpr std::uint8_t kGroundGrey = 96;

[[nodiscard]] Picture make_ground(Size size, std::uint32_t channels);

/// Squares for the mosaic, smoothly otherwise. No side of `size` is 0.
[[nodiscard]] Picture resize(const Picture& picture, Size size, Grade grade);

/// Bars on both sides where a side is below `least`.
[[nodiscard]] Picture add_bars(Picture picture, Size least);

/// Copies all of `picture` into `to`, which has room for it there and as many channels.
void paste(const Picture& picture, Picture& to, std::size_t left, std::size_t top);

}  // namespace tutela::redact
