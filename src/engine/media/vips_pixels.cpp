#include "engine/media/vips_pixels.hpp"

#include <algorithm>
#include <utility>

#include "engine/media/frame.hpp"

namespace tutela::media {

namespace {

std::uint8_t to_byte(std::uint8_t sample) {
  return sample;
}

std::uint8_t to_byte(std::uint16_t sample) {
  return static_cast<std::uint8_t>(sample >> 8);
}

/// The wide formats are clipped, not scaled: Pillow's modes I and F.
template <class Sample>
std::uint8_t to_byte(Sample sample) {
  // Written so that NaN becomes zero.
  if (!(sample > Sample{0})) {
    return 0;
  }
  return sample >= Sample{255} ? std::uint8_t{255} : static_cast<std::uint8_t>(sample);
}

template <class Sample>
void convert(const VipsImage& image, const void* row, std::uint8_t* out) {
  const auto* in = static_cast<const Sample*>(row);
  const auto bands = static_cast<std::size_t>(image.Bands);
  const auto width = static_cast<std::size_t>(image.Xsize);
  if (bands < 3) {
    for (std::size_t x = 0; x < width; ++x) {
      out[x] = to_byte(in[x * bands]);
    }
    return;
  }
  const bool cmyk = image.Type == VIPS_INTERPRETATION_CMYK && bands >= 4;
  for (std::size_t x = 0; x < width; ++x, in += bands, out += 3) {
    if (cmyk) {
      const std::uint8_t inks[4] = {to_byte(in[0]), to_byte(in[1]), to_byte(in[2]), to_byte(in[3])};
      cmyk_to_rgb(inks, out);
    } else {
      for (std::size_t i = 0; i < 3; ++i) {
        out[i] = to_byte(in[i]);
      }
    }
  }
}

bool needs_colour_space(const VipsImage& image) {
  switch (image.Type) {
    case VIPS_INTERPRETATION_LAB:
    case VIPS_INTERPRETATION_LABQ:
    case VIPS_INTERPRETATION_LABS:
    case VIPS_INTERPRETATION_XYZ:
    case VIPS_INTERPRETATION_scRGB:
      return true;
    default:
      return false;
  }
}

}  // namespace

VipsImagePtr in_plain_colours(VipsImagePtr image) {
  if (!needs_colour_space(*image)) {
    return image;
  }
  VipsImage* converted = nullptr;
  if (vips_colourspace(image.get(), &converted, VIPS_INTERPRETATION_sRGB, nullptr) != 0) {
    return nullptr;
  }
  return VipsImagePtr(converted);
}

fingerprint::PixelFormat pixel_format(const VipsImage& image) {
  return image.Bands < 3 ? fingerprint::PixelFormat::kGrey8 : fingerprint::PixelFormat::kRgb24;
}

bool convert_row(const VipsImage& image, const void* row, std::uint8_t* out) {
  switch (image.BandFmt) {
    case VIPS_FORMAT_UCHAR:
      convert<std::uint8_t>(image, row, out);
      return true;
    case VIPS_FORMAT_USHORT:
      convert<std::uint16_t>(image, row, out);
      return true;
    case VIPS_FORMAT_SHORT:
      convert<std::int16_t>(image, row, out);
      return true;
    case VIPS_FORMAT_UINT:
      convert<std::uint32_t>(image, row, out);
      return true;
    case VIPS_FORMAT_INT:
      convert<std::int32_t>(image, row, out);
      return true;
    case VIPS_FORMAT_FLOAT:
      convert<float>(image, row, out);
      return true;
    case VIPS_FORMAT_DOUBLE:
      convert<double>(image, row, out);
      return true;
    default:
      return false;
  }
}

void colour_transparent(const VipsImage& image,
                        const void* row,
                        const std::array<std::uint8_t, 3>& colour,
                        std::uint8_t* out) {
  if (image.Bands != 4 || image.BandFmt != VIPS_FORMAT_UCHAR) {
    return;
  }
  const auto* alpha = static_cast<const std::uint8_t*>(row) + 3;
  for (int x = 0; x < image.Xsize; ++x, alpha += 4, out += 3) {
    if (*alpha == 0) {
      std::copy(colour.begin(), colour.end(), out);
    }
  }
}

}  // namespace tutela::media
