// Redact: a picture that somebody must look at, with only as much in it as they need.
//
// Two halves. render() runs in a sandboxed worker: it decodes hostile bytes and takes away what the
// grade does not show, so that a reply has very few pixels (16 x 16 for the mosaic). The server
// checks that bound in decode_reply(), and only then enlarges, marks and encodes (finish.hpp): a
// captured worker can send a wrong picture, but none with more in it than the grade has pixels
// (twelve times as many for a contact sheet, which full does not have), none without the mark, and
// no bytes that anything but this module parses. Pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

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

/// The contact sheet: several frames of an animation in one picture, each of them redacted.
inline constexpr std::int32_t kSheet = -1;
inline constexpr std::size_t kSheetTilesMax = 12;

struct Request {
  Grade grade = Grade::kOutline;
  std::int32_t frame = 0;  // 0 is the first; kSheet

  [[nodiscard]] bool is_sheet() const noexcept { return frame == kSheet; }
};

/// Error: kInvalidInput "redact.sheet_full": full is one frame at a time.
Status check_request(const Request& request);

struct Tile {
  std::uint32_t frame = 0;
  Picture picture;
};

/// What comes out of a worker: the redacted pixels, small and without the mark. One tile, or up to
/// kSheetTilesMax of a sheet, in the order of the frames.
struct View {
  std::vector<Tile> tiles{};
  std::uint32_t frames_total = 1;  // what the file claims or was counted
  bool damaged = false;            // the pixels may be incomplete
};

/// Decodes the frame, or the frames of a sheet, and redacts them; rows are shrunk while they are
/// decoded, so that no whole picture is in memory. A sheet has frames spread evenly over all that
/// are decoded within `limits`, the first and the last among them; a picture that does not move,
/// and an APNG, of which only the first frame is decoded, give a sheet of one. Errors: those of
/// media::decode and check_request, and kNotFound "redact.no_frame" where there is no such frame
/// within `limits`.
Result<View> render(ByteView bytes, const media::Limits& limits, const Request& request);

/// The reply of a worker. Bounded: a header and the grade's pixels, once or for each tile.
inline constexpr std::size_t kReplyHeaderBytes = 12;
inline constexpr std::size_t kTileHeaderBytes = 13;
inline constexpr std::size_t kReplyBytesMax =
    kReplyHeaderBytes + kTileHeaderBytes + std::size_t{2048} * 2048 * 3;
[[nodiscard]] std::size_t reply_bytes_max(const Request& request) noexcept;
[[nodiscard]] Bytes encode_reply(const Result<View>& reply);

/// Reads a reply that may come from a captured worker, to this request. The outer error is
/// kCorrupted "worker.bad_reply"; the inner Result is what the worker said, its error one of
/// render's in words of ours.
Result<Result<View>> decode_reply(ByteView bytes, const Request& request);

}  // namespace tutela::redact
