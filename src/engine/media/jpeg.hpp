// JPEG through libjpeg-turbo: strips of rows straight into the sink.
//
// Default settings (accurate integer DCT, fancy upsampling), because the published PDQ values rest
// on them. Internal to media; not thread-safe.
#pragma once

#include "engine/media/media.hpp"

namespace tutela::media {

Result<DecodeReport> decode_jpeg(ByteView bytes, const Limits& limits, FrameSink& sink);

}  // namespace tutela::media
