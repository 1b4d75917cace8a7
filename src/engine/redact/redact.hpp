// Redact: a picture that somebody must look at, with only as much in it as they need.
//
// Two halves. render() runs in a sandboxed worker: it decodes hostile bytes and takes away what the
// grade does not show, so that a reply has very few pixels (16 x 16 for the mosaic). The server
// checks that bound in decode_reply(), and only then enlarges, marks and encodes (finish.hpp): a
// captured worker can send a wrong picture, but none with more in it than the grade has pixels,
// none without the mark, and no bytes that anything but this module parses. Pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "engine/media/media.hpp"
#include "engine/redact/picture.hpp"

namespace tutela::redact {

/// How much of the original is shown, the least first.
enum class Grade : std::uint8_t { kOutline, kMosaic, kGreyBlurred, kGreySmall, kFull };
inline constexpr std::array<Grade, 5> kGrades = {
    Grade::kOutline, Grade::kMosaic, Grade::kGreyBlurred, Grade::kGreySmall, Grade::kFull};

/// "outline", "mosaic", "grey_blurred", "grey_small", "full".
[[nodiscard]] std::string_view to_string(Grade grade) noexcept;
/// Error: kInvalidInput "redact.bad_grade".
Result<Grade> parse_grade(std::string_view text);

/// The most that a rendered picture of this grade may have.
struct Bounds {
  std::uint32_t side_max = 0;
  std::uint32_t channels_max = 0;
};

[[nodiscard]] Bounds bounds_of(Grade grade) noexcept;

/// What comes out of a worker: the redacted pixels, small and without the mark.
struct View {
  Picture picture;
  std::uint32_t frames_total = 1;  // what the file claims or was counted
  bool damaged = false;            // the pixels may be incomplete
};

/// Decodes the frame (0 is the first) and redacts it; rows are shrunk while they are decoded, so
/// that no whole picture is in memory. Errors: those of media::decode, and kNotFound
/// "redact.no_frame" where there is no such frame within `limits`.
Result<View> render(ByteView bytes, const media::Limits& limits, Grade grade, std::uint32_t frame);

/// The reply of a worker. Bounded: a header and 2048 x 2048 pixels.
inline constexpr std::size_t kReplyHeaderBytes = 20;
inline constexpr std::size_t kReplyBytesMax = kReplyHeaderBytes + std::size_t{2048} * 2048 * 3;
[[nodiscard]] Bytes encode_reply(const Result<View>& reply);

/// Reads a reply that may come from a captured worker, to a request for `grade`. The outer error is
/// kCorrupted "worker.bad_reply"; the inner Result is what the worker said, its error one of
/// render's in words of ours.
Result<Result<View>> decode_reply(ByteView bytes, Grade grade);

}  // namespace tutela::redact
