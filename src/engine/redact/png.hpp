// Png: pixels of ours as a PNG file (RFC 2083) of IHDR, IDAT and IEND, and nothing else: what an
// original's file said beside its pixels has no way into it. Pure.
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "engine/redact/picture.hpp"

namespace tutela::redact {

/// Error: kInternal "redact.png" where there is no memory to compress it.
Result<Bytes> to_png(const Picture& picture);

}  // namespace tutela::redact
