#include "engine/media/media.hpp"

#include "engine/media/bmp.hpp"
#include "engine/media/jpeg.hpp"
#include "engine/media/vips.hpp"

namespace tutela::media {

Status warm_up() {
  return start_vips();
}

Result<DecodeReport> decode(ByteView bytes, const Limits& limits, FrameSink& sink) {
  if (bytes.empty()) {
    return Error{
        ErrorKind::kInvalidInput, "media.empty", "the item has no bytes: send its content"};
  }
  if (bytes.size() > limits.size_bytes_max) {
    return Error{ErrorKind::kLimitExceeded,
                 "media.too_large",
                 "the item has more bytes than the configured limit: raise it or send less"};
  }
  const MediaType type = sniff(bytes);
  switch (type) {
    case MediaType::kUnknown:
      break;
    case MediaType::kJpeg:
      return decode_jpeg(bytes, limits, sink);
    case MediaType::kBmp:
      return decode_bmp(bytes, limits, sink);
    case MediaType::kPng:
    case MediaType::kWebp:
    case MediaType::kGif:
    case MediaType::kTiff:
    case MediaType::kAvif:
    case MediaType::kHeic:
      return decode_vips(bytes, type, limits, sink);
  }
  return Error{ErrorKind::kInvalidInput,
               "media.unsupported_type",
               "the bytes are none of JPEG, PNG, WebP, GIF, TIFF, AVIF, HEIC, BMP"};
}

}  // namespace tutela::media
