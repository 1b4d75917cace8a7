// Inspect: what a decode worker does with one item, bytes to fingerprints, and the wire format in
// which it answers.
//
// Only fingerprints leave the worker, never pixels. The server treats every reply as hostile.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "engine/fingerprint/pdq.hpp"
#include "engine/media/media.hpp"

namespace tutela::inspect {

struct FrameFingerprint {
  std::uint32_t frame = 0;  // the first frame that looks like this
  fingerprint::PdqResult pdq;

  friend bool operator==(const FrameFingerprint&, const FrameFingerprint&) = default;
};

struct Inspection {
  media::DecodeReport report;
  std::vector<FrameFingerprint> frames;  // distinct fingerprints, in order of first appearance
};

/// Decodes and fingerprints. Errors: those of media::decode.
Result<Inspection> inspect(ByteView bytes, const media::Limits& limits);

/// The reply of a worker. Bounded: at most kReplyBytesMax.
inline constexpr std::size_t kReplyBytesMax = 1U << 20;
[[nodiscard]] Bytes encode_reply(const Result<Inspection>& reply);

/// Reads a reply that may come from a captured worker. Every count, enum and length is checked.
/// The outer error is kCorrupted "worker.bad_reply"; the inner Result is what the worker said, its
/// error code one of media::decode's (any other code is a bad reply).
Result<Result<Inspection>> decode_reply(ByteView bytes);

}  // namespace tutela::inspect
