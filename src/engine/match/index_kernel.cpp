#include <algorithm>
#include <bit>

#include "engine/match/index.hpp"
#include "engine/match/index_block.hpp"

namespace tutela::match {
namespace {

using fingerprint::Pdq256;

std::size_t near_lanes_scalar(const TagBatch& batch,
                              std::span<const TagLine> lines,
                              NearLanes* out) {
  std::size_t found = 0;
  for (const TagLine& line : lines) {
    NearLanes near{line.line, 0};
    const std::uint16_t* const tags = batch.tags + std::size_t{line.line} * kLineTags;
    for (std::uint32_t lanes = line.lanes; lanes != 0; lanes &= lanes - 1) {
      const int lane = std::countr_zero(lanes);
      if (tag_class(static_cast<std::uint32_t>(tags[lane] ^ batch.tag)) <= line.limit) {
        near.lanes |= 1U << lane;
      }
    }
    out[found] = near;
    found += near.lanes != 0 ? 1 : 0;
  }
  return found;
}

std::uint32_t uncovered_scalar(const TagBatch& batch) {
  const std::uint32_t of_tag = tag_class(batch.tag);
  std::uint32_t uncovered = 0;
  for (std::uint32_t i = 0; i < batch.piece_count; ++i) {
    const Piece& piece = batch.pieces[i];
    const std::uint32_t first = std::max(piece.first_line * kLineTags, piece.begin);
    const std::uint32_t last = std::min((piece.last_line + 1) * kLineTags, piece.end) - 1;
    const bool before = first > piece.begin && tag_class(batch.tags[first]) + piece.limit >= of_tag;
    const bool behind = last + 1 < piece.end && tag_class(batch.tags[last]) <= of_tag + piece.limit;
    uncovered |= static_cast<std::uint32_t>(before || behind) << i;
  }
  return uncovered;
}

int distance_scalar(const Pdq256& a, const Pdq256& b) {
  return fingerprint::distance(a, b);
}

}  // namespace

IndexKernel index_kernel(Kernel kernel) {
  switch (kernel) {
#if defined(__x86_64__)
    case Kernel::kAvx2:
      return index_kernel_avx2();
    case Kernel::kAvx512:
      return index_kernel_avx512();
#else
    case Kernel::kAvx2:
    case Kernel::kAvx512:
#endif
    case Kernel::kScalar:
      break;
  }
  return {&near_lanes_scalar, &uncovered_scalar, &distance_scalar};
}

}  // namespace tutela::match
