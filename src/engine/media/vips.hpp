// Vips: PNG, WebP, GIF, TIFF, AVIF and HEIC through libvips, in the calling thread, strip by strip.
//
// The loader is chosen by the sniffed type, never by libvips; every other operation that reads or
// writes files is blocked. Only WebP makes libvips start a thread, which it keeps; the AVIF and
// HEIC decoders below it start their own for the time of one picture. Internal to media; not
// thread-safe.
#pragma once

#include "engine/media/media.hpp"

namespace tutela::media {

/// Starts libvips once and blocks what is not needed. Error: kUnavailable "media.no_decoder".
Status start_vips();

Result<DecodeReport> decode_vips(ByteView bytes,
                                 MediaType type,
                                 const Limits& limits,
                                 FrameSink& sink);

}  // namespace tutela::media
