// Demo scenes: pictures of ordinary things (sea, hills, houses, trees, fruit, balloons, quilts),
// painted from a number. Pure functions.
#pragma once

#include <cstdint>

#include "demo_pictures.hpp"

namespace tutela::cli {

/// Equal numbers give equal scenes; different numbers give scenes that do not match each other. PDQ
/// quality is at least 80.
[[nodiscard]] Picture make_scene(std::uint32_t number, std::uint32_t width, std::uint32_t height);

}  // namespace tutela::cli
