// VipsPixels: rows of any libvips sample format to the 8-bit rows that Pillow's convert("RGB")
// gives. Internal to media; the one header of this module with types of libvips.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include <vips/vips.h>

#include "engine/fingerprint/pdq.hpp"

namespace tutela::media {

struct VipsUnref {
  void operator()(void* object) const { g_object_unref(object); }
};

using VipsImagePtr = std::unique_ptr<VipsImage, VipsUnref>;
using VipsRegionPtr = std::unique_ptr<VipsRegion, VipsUnref>;

/// Lab, and floats in a colour space, become sRGB; anything else stays as it is. Null on failure.
[[nodiscard]] VipsImagePtr in_plain_colours(VipsImagePtr image);

/// One or two bands are grey (the second is alpha); more are RGB or CMYK.
[[nodiscard]] fingerprint::PixelFormat pixel_format(const VipsImage& image);

/// Writes `image.Xsize` pixels of pixel_format() to `out`. False for sample formats that are not
/// pictures (complex numbers).
[[nodiscard]] bool convert_row(const VipsImage& image, const void* row, std::uint8_t* out);

/// Gives the fully transparent pixels of a row of RGBA bytes this colour, in the converted row.
void colour_transparent(const VipsImage& image,
                        const void* row,
                        const std::array<std::uint8_t, 3>& colour,
                        std::uint8_t* out);

}  // namespace tutela::media
