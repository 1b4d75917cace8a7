// Structure: bounded walks over containers for what libvips does not tell: is the end there, does
// the file hold more pictures than are decoded.
//
// Sources: PNG 3rd edition sections 5 and 11.3.5; GIF89a; TIFF 6.0 and BigTIFF; RFC 9649 (WebP);
// ISO 14496-12 (boxes). Reads only headers of chunks, never past the view. Internal to media. Plain
// functions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "engine/media/media.hpp"

namespace tutela::media {

struct Structure {
  bool cut = false;  // the container's own end is missing, or a part reaches past the file's end
  bool sequence = false;  // a track of frames beside the picture that is decoded
  /// Red, green and blue that the first frame of a GIF has under its transparent pixels.
  std::optional<std::array<std::uint8_t, 3>> transparent;
  std::uint32_t frames = 0;  // of that track, or the pages of a TIFF; 0 where the file does not say
};

/// For PNG, GIF, WebP, TIFF, AVIF and HEIC; nothing to say for the others.
[[nodiscard]] Structure examine(ByteView bytes, MediaType type) noexcept;

}  // namespace tutela::media
