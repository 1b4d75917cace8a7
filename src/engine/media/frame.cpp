#include "engine/media/frame.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace tutela::media {

Error corrupt(std::string_view what) {
  return {ErrorKind::kInvalidInput,
          "media.corrupt",
          std::string(what) + ": no pixels can be read; the file is broken or not supported"};
}

Status check_dimensions(std::uint64_t width, std::uint64_t height, const Limits& limits) {
  if (width == 0 || height == 0) {
    return corrupt("a side of no pixels");
  }
  if (width > limits.side_pixels_max || height > limits.side_pixels_max ||
      height > limits.pixels_max / width) {
    return Error{ErrorKind::kLimitExceeded,
                 "media.too_many_pixels",
                 "the picture has more pixels than the configured limit: raise the limit or send a "
                 "smaller one"};
  }
  return ok();
}

std::uint32_t frames_allowed(std::uint64_t frame_pixels, const Limits& limits) {
  const std::uint64_t by_pixels =
      kAnimationPixelsFactor * limits.pixels_max / std::max<std::uint64_t>(frame_pixels, 1);
  return static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>(by_pixels, 1, std::max<std::uint32_t>(limits.frames_max, 1)));
}

void FrameWriter::add_rows(const std::uint8_t* rows,
                           std::size_t stride_bytes,
                           std::uint32_t count) {
  count = std::min(count, frame_.height - rows_written_);
  if (count == 0) {
    return;
  }
  if (rows_written_ == 0) {
    sink_.begin_frame(frame_);
  }
  sink_.add_rows(rows, stride_bytes, count);
  rows_written_ += count;
}

bool FrameWriter::finish() {
  if (rows_written_ == 0) {
    return false;
  }
  const std::size_t stride = std::size_t{frame_.width} * bytes_per_pixel(frame_.format);
  const std::vector<std::uint8_t> black(rows_written_ < frame_.height ? stride * kStripRows : 0);
  while (rows_written_ < frame_.height) {
    add_rows(black.data(), stride, kStripRows);
  }
  sink_.end_frame();
  return true;
}

}  // namespace tutela::media
