// BMP: a small bounded decoder, because libvips reads BMP only through ImageMagick.
//
// Source: Microsoft, "Bitmap Storage" (BITMAPCOREHEADER, BITMAPINFOHEADER, V4, V5), and the
// readings of Pillow where that is silent. 1, 4, 8, 16, 24 and 32 bits, BITFIELDS, RLE4, RLE8, rows
// from the top or the bottom. Internal to media; plain functions.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/media/media.hpp"

namespace tutela::media {

Result<DecodeReport> decode_bmp(ByteView bytes, const Limits& limits, FrameSink& sink);

enum class BmpCoding : std::uint8_t { kPlain, kRle8, kRle4 };

/// Where one colour lies in a 16- or 32-bit pixel.
struct BmpChannel {
  std::uint32_t mask = 0;
};

struct BmpHeader {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  bool top_down = false;
  std::uint32_t bits = 0;
  BmpCoding coding = BmpCoding::kPlain;
  std::array<BmpChannel, 3> channels{};                    // red, green, blue; of 16 and 32 bits
  std::array<std::array<std::uint8_t, 3>, 256> palette{};  // red, green, blue; up to 8 bits
  std::size_t pixels_at = 0;                               // offset in the file
};

/// Reads all headers and the palette. Error: "media.corrupt".
Result<BmpHeader> read_bmp_header(ByteView bytes);

/// Expands RLE4 or RLE8 to one index a pixel, in stored order; pixels that the file skips are 0.
/// `ended` tells whether the data covered the picture or ended as the format demands.
[[nodiscard]] std::vector<std::uint8_t> expand_bmp_rle(const BmpHeader& header,
                                                       ByteView data,
                                                       bool& ended);

/// One stored row of kPlain to RGB. `row` holds bmp_row_bytes().
void convert_bmp_row(const BmpHeader& header, ByteView row, std::uint8_t* rgb);

/// Rows are padded to four bytes.
[[nodiscard]] constexpr std::uint64_t bmp_row_bytes(const BmpHeader& header) noexcept {
  return (std::uint64_t{header.width} * header.bits + 31) / 32 * 4;
}

}  // namespace tutela::media
