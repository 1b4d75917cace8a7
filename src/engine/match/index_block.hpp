// The block of one band of the index: how it lies in memory, and in a segment's file. Internal to
// match.
//
//   class_starts  18 x u32  of 65,536ths of the band's tags: where those of each popcount begin
//   offsets    65,537 x u32  where each bucket begins, and the end
//   tags          rows x u16  by bucket, popcount of the tag, row
//   ids           rows x 3 or 4 bytes, little-endian: the row of each tag
//
// Each part begins at a cache line; what lies between them is zero.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/match/index.hpp"

namespace tutela::match {

inline constexpr std::size_t kBuckets = 65536;
/// Popcounts of 16 bits: 0..16.
inline constexpr std::size_t kTagClasses = 17;
inline constexpr std::uint32_t kWholeBand = 65536;

/// The popcount of a tag, on machines without an instruction for it too.
[[nodiscard]] constexpr std::uint32_t tag_class(std::uint32_t tag) noexcept {
  tag -= (tag >> 1) & 0x5555;
  tag = (tag & 0x3333) + ((tag >> 2) & 0x3333);
  tag = (tag + (tag >> 4)) & 0x0F0F;
  return (tag + (tag >> 8)) & 0x1F;
}

/// Where the parts of a block begin, in bytes.
struct BlockLayout {
  explicit constexpr BlockLayout(std::size_t rows)
      : id_bytes(rows <= (std::size_t{1} << 24) ? 3 : 4),
        offsets(aligned((kTagClasses + 1) * sizeof(std::uint32_t))),
        tags(offsets + aligned((kBuckets + 1) * sizeof(std::uint32_t))),
        ids(tags + aligned(rows * sizeof(std::uint16_t))),
        // An id is read as four bytes.
        end(ids + aligned(rows * id_bytes + sizeof(std::uint32_t) - id_bytes)) {}

  static constexpr std::size_t aligned(std::size_t bytes) {
    constexpr std::size_t kAlignment = 64;
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
  }

  std::size_t id_bytes;
  std::size_t offsets;
  std::size_t tags;
  std::size_t ids;
  std::size_t end;
};

}  // namespace tutela::match
