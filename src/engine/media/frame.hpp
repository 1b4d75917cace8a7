// Frame: what every decoder of this module shares. FrameWriter keeps the FrameSink's promises
// whatever the decoder does, and the bounds and errors are the same for all formats.
//
// Internal to media. Borrows the sink.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.hpp"
#include "engine/media/media.hpp"

namespace tutela::media {

/// Rows handed to the sink at a time, where a decoder is free to choose.
inline constexpr std::uint32_t kStripRows = 16;

/// An animation may cost at most this many times Limits::pixels_max over all its frames: libvips
/// holds all frames of a WebP in memory, four bytes a pixel.
inline constexpr std::uint64_t kAnimationPixelsFactor = 2;

/// kInvalidInput "media.corrupt". `what` names the format.
[[nodiscard]] Error corrupt(std::string_view what);

/// Bounds of one frame, checked on the header before any pixel is decoded.
/// Errors: "media.corrupt" where a side is zero, "media.too_many_pixels".
Status check_dimensions(std::uint64_t width, std::uint64_t height, const Limits& limits);

/// How many frames of this size may be decoded: frames_max, and the pixels of all together.
[[nodiscard]] std::uint32_t frames_allowed(std::uint64_t frame_pixels, const Limits& limits);

/// One frame on its way to the sink. The sink hears of the frame with its first row, so that a file
/// without any pixel leaves no trace; finish() supplies the rows that the decoder could not.
class FrameWriter {
 public:
  FrameWriter(FrameSink& sink, const FrameInfo& frame) : sink_(sink), frame_(frame) {}

  /// Rows beyond the height are dropped.
  void add_rows(const std::uint8_t* rows, std::size_t stride_bytes, std::uint32_t count);

  [[nodiscard]] std::uint32_t rows_written() const noexcept { return rows_written_; }

  /// Ends the frame. Missing rows become black. False, and nothing told to the sink, when there
  /// was no row at all.
  [[nodiscard]] bool finish();

 private:
  FrameSink& sink_;
  FrameInfo frame_;
  std::uint32_t rows_written_ = 0;
};

[[nodiscard]] constexpr std::uint32_t bytes_per_pixel(fingerprint::PixelFormat format) noexcept {
  return format == fingerprint::PixelFormat::kGrey8 ? 1 : 3;
}

/// Pillow's CMYK -> RGB of one pixel, 0 meaning no ink.
inline void cmyk_to_rgb(const std::uint8_t* cmyk, std::uint8_t* rgb) noexcept {
  const std::uint32_t light = 255U - cmyk[3];
  for (int i = 0; i < 3; ++i) {
    const std::uint32_t product = cmyk[i] * light + 128U;
    rgb[i] = static_cast<std::uint8_t>(light - ((product + (product >> 8)) >> 8));
  }
}

}  // namespace tutela::media
