// Structure: bounded walks over containers for what libvips does not tell: is the end there, does
// the file hold more pictures than are decoded.
//
// Sources: PNG 3rd edition sections 5 and 11.3.5; GIF89a; RFC 9649 (WebP); ISO 14496-12 (boxes).
// Reads only headers of chunks, never past the view. Internal to media. Plain functions.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "engine/media/media.hpp"

namespace tutela::media {

struct Structure {
  bool cut =
      false;  // the container's own end is missing or one of its parts is longer than the file
  bool sequence = false;     // a track of frames beside the picture that is decoded
  std::uint32_t frames = 0;  // of that track, where the file says so; else 0
};

/// For PNG, GIF, WebP, AVIF and HEIC; nothing to say for the others.
[[nodiscard]] Structure examine(ByteView bytes, MediaType type) noexcept;

}  // namespace tutela::media
