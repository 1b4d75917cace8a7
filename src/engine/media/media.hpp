// Media: hostile bytes to pixels. Runs inside a sandboxed worker process (service/workers), never
// in the server itself.
//
// Pixels are what Pillow's convert("RGB") gives: as stored (no EXIF rotation), no colour
// management, alpha dropped, CMYK the naive way, 16 bit shifted down. Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "engine/fingerprint/pdq.hpp"

namespace tutela::media {

enum class MediaType : std::uint8_t {
  kUnknown,
  kJpeg,
  kPng,
  kWebp,
  kGif,
  kTiff,
  kAvif,
  kHeic,
  kBmp
};

/// Decides from the first bytes, never from a name or a header of the request. kUnknown when none
/// of ours. Looks at no more than 64 bytes.
[[nodiscard]] MediaType sniff(ByteView head) noexcept;
/// "image/jpeg", ...; "application/octet-stream" for kUnknown.
[[nodiscard]] std::string_view mime_type(MediaType type) noexcept;

/// Every bound on what one item may cost. Configuration; these are the safe defaults.
struct Limits {
  std::uint64_t size_bytes_max = 64ULL << 20;
  std::uint64_t pixels_max = 100'000'000;  // width times height of one frame
  std::uint32_t side_pixels_max = 65'535;
  std::uint32_t frames_max = 64;       // frames decoded of an animation or a multi-page file
  std::uint32_t time_ms_max = 20'000;  // wall clock for one item, kept by the supervisor
  std::uint32_t cpu_seconds_max = 15;  // RLIMIT_CPU of the worker
  std::uint64_t memory_bytes_max = 2ULL << 30;  // RLIMIT_AS of the worker

  friend bool operator==(const Limits&, const Limits&) = default;
};

struct FrameInfo {
  std::uint32_t index = 0;  // 0 for the first
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  fingerprint::PixelFormat format = fingerprint::PixelFormat::kRgb24;
};

/// Takes the decoded pixels frame by frame, strips of rows from top to bottom.
class FrameSink {
 public:
  virtual ~FrameSink() = default;
  virtual void begin_frame(const FrameInfo& frame) = 0;
  virtual void add_rows(const std::uint8_t* rows,
                        std::size_t stride_bytes,
                        std::uint32_t count) = 0;
  /// Always called after exactly `height` rows.
  virtual void end_frame() = 0;
};

struct DecodeReport {
  MediaType type = MediaType::kUnknown;
  std::uint32_t width = 0;  // of the first frame, or of the canvas of an animation
  std::uint32_t height = 0;
  std::uint32_t frames_total = 1;    // what the file claims or was counted
  std::uint32_t frames_decoded = 0;  // what the sink got, duplicates included
  bool damaged = false;  // the decoder warned or bytes were missing: the pixels may be incomplete
  bool partial = false;  // something was not decoded: more frames than the limit, an APNG's or an
                         // AVIF sequence's later frames
  std::string decoder;   // library and version, "libjpeg-turbo 2.1.5"; part of the verdict
};

/// Loads what decoders load lazily (codecs found with dlopen), without starting a thread. Call once
/// before the sandbox is locked and before workers are forked. Never decode before forking: threads
/// that libvips keeps are missing in the child, which would wait for them.
/// Error: kUnavailable "media.no_decoder".
Status warm_up();

/// Decodes up to the limits. A file that is cut or broken but gives pixels is success with
/// `damaged`. Errors, which become the item's `unscannable` reason:
///   kInvalidInput  "media.empty", "media.unsupported_type", "media.corrupt"
///   kLimitExceeded "media.too_large", "media.too_many_pixels"
///   kUnavailable   "media.no_decoder": libvips does not start
/// TIFF's orientation tag is not applied either; AVIF and HEIC come as libheif gives them, turned
/// as their own boxes say. Grey of 16 bits is shifted down, which older Pillow clips.
Result<DecodeReport> decode(ByteView bytes, const Limits& limits, FrameSink& sink);

}  // namespace tutela::media
