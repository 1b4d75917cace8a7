#include "drill_pictures.hpp"

#include <array>

#include "base/check.hpp"
#include "base/file.hpp"
#include "demo_pictures.hpp"
#include "file_hash.hpp"

namespace tutela::cli {
namespace {

constexpr std::uint32_t kWidth = 480;
constexpr std::uint32_t kHeight = 360;
constexpr std::uint64_t kPictureBytesMax = 4U << 20;
constexpr std::size_t kCommentBytesMax = 200;

struct Seeds {
  std::uint32_t first;
  std::uint32_t count;
};

constexpr Seeds seeds_of(DrillKind kind) noexcept {
  switch (kind) {
    case DrillKind::kKnown:
      return {7001, 5};
    case DrillKind::kLate:
      return {7101, 2};
    case DrillKind::kUnknown:
      break;
  }
  return {7201, 8};
}

std::vector<Bytes> variants(DrillKind kind) {
  std::vector<Bytes> made;
  const Seeds seeds = seeds_of(kind);
  for (std::uint32_t i = 0; i < seeds.count; ++i) {
    const Picture picture = make_picture(seeds.first + i, kWidth, kHeight);
    made.push_back(encode_jpeg(picture, 60));
    made.push_back(encode_jpeg(resized(picture, kWidth / 2, kHeight / 2), 85));
  }
  return made;
}

}  // namespace

const std::vector<Bytes>& DrillPictures::of(DrillKind kind) const noexcept {
  switch (kind) {
    case DrillKind::kKnown:
      return known;
    case DrillKind::kLate:
      return late;
    case DrillKind::kUnknown:
      break;
  }
  return unknown;
}

DrillPictures make_drill_pictures() {
  return {variants(DrillKind::kKnown), variants(DrillKind::kLate), variants(DrillKind::kUnknown)};
}

Result<std::vector<std::string>> drill_signals(workers::Workers& workers,
                                               DrillKind kind,
                                               const std::filesystem::path& folder) {
  std::vector<std::string> signals;
  const std::filesystem::path file = folder / "original.jpg";
  const Seeds seeds = seeds_of(kind);
  for (std::uint32_t i = 0; i < seeds.count; ++i) {
    const Bytes original = encode_jpeg(make_picture(seeds.first + i, kWidth, kHeight), 92);
    TUTELA_TRY(write_file_atomic(file, original));
    const FileHash hash = hash_file(workers, file, kPictureBytesMax);
    TUTELA_TRY(hash.inspection);
    for (const inspect::FrameFingerprint& frame : hash.inspection->frames) {
      signals.push_back(to_hex(frame.pdq.hashes[0]));
    }
  }
  return signals;
}

Bytes with_comment(ByteView jpeg, std::string_view comment) {
  constexpr std::size_t kMarkerBytes = 2;
  TUTELA_CHECK(jpeg.size() > kMarkerBytes && comment.size() <= kCommentBytesMax);
  Bytes made(jpeg.begin(), jpeg.begin() + kMarkerBytes);
  // COM, and a length that counts itself (ITU-T T.81 B.2.4.5).
  for (const std::size_t byte :
       {std::size_t{0xFF}, std::size_t{0xFE}, std::size_t{0}, comment.size() + 2}) {
    made.push_back(static_cast<std::byte>(byte));
  }
  const ByteView text = as_bytes(comment);
  made.insert(made.end(), text.begin(), text.end());
  made.insert(made.end(), jpeg.begin() + kMarkerBytes, jpeg.end());
  return made;
}

}  // namespace tutela::cli
