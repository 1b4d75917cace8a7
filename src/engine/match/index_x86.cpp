#if defined(__x86_64__)

#include <algorithm>
#include <bit>

#include <immintrin.h>

#include "engine/match/index.hpp"
#include "engine/match/popcount_avx2.hpp"

#define TUTELA_TARGET_AVX512 __attribute__((target("avx512f,avx512bw,avx512bitalg,popcnt")))
#define TUTELA_TARGET_POPCNT __attribute__((target("popcnt")))

namespace tutela::match {
namespace {

using fingerprint::Pdq256;

/// One bit for each of the sixteen tags within the limit; `beyond` is the limit and one.
TUTELA_TARGET_AVX2 inline std::uint32_t near_half_avx2(const std::uint16_t* tags,
                                                       __m256i tag,
                                                       __m256i beyond) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the load's own type.
  const __m256i row = _mm256_load_si256(reinterpret_cast<const __m256i*>(tags));
  const __m256i bits =
      _mm256_maddubs_epi16(byte_bits_avx2(_mm256_xor_si256(row, tag)), _mm256_set1_epi8(1));
  const __m256i near = _mm256_cmpgt_epi16(beyond, bits);
  const __m128i lanes =
      _mm_packs_epi16(_mm256_castsi256_si128(near), _mm256_extracti128_si256(near, 1));
  return static_cast<std::uint32_t>(_mm_movemask_epi8(lanes));
}

TUTELA_TARGET_AVX2 std::size_t near_lanes_avx2(const TagBatch& batch,
                                               std::span<const TagLine> lines,
                                               NearLanes* out) {
  constexpr std::uint32_t kHalfLine = kLineTags / 2;
  const __m256i tag = _mm256_set1_epi16(static_cast<short>(batch.tag));
  std::size_t found = 0;
  for (const TagLine& line : lines) {
    const std::uint16_t* const tags = batch.tags + std::size_t{line.line} * kLineTags;
    const __m256i beyond = _mm256_set1_epi16(static_cast<short>(line.limit + 1));
    const std::uint32_t near = (near_half_avx2(tags, tag, beyond) |
                                near_half_avx2(tags + kHalfLine, tag, beyond) << kHalfLine) &
                               line.lanes;
    // Without a branch: whether one is near cannot be foretold.
    out[found] = {line.line, near};
    found += near != 0 ? 1 : 0;
  }
  return found;
}

TUTELA_TARGET_AVX512 std::size_t near_lanes_avx512(const TagBatch& batch,
                                                   std::span<const TagLine> lines,
                                                   NearLanes* out) {
  const __m512i tag = _mm512_set1_epi16(static_cast<short>(batch.tag));
  std::size_t found = 0;
  for (const TagLine& line : lines) {
    const __m512i row = _mm512_load_si512(batch.tags + std::size_t{line.line} * kLineTags);
    const __m512i bits = _mm512_popcnt_epi16(_mm512_xor_si512(row, tag));
    const __m512i limit = _mm512_set1_epi16(static_cast<short>(line.limit));
    const std::uint32_t near = _mm512_mask_cmple_epu16_mask(line.lanes, bits, limit);
    out[found] = {line.line, near};
    found += near != 0 ? 1 : 0;
  }
  return found;
}

TUTELA_TARGET_POPCNT std::uint32_t uncovered_popcnt(const TagBatch& batch) {
  const auto class_of = [](std::uint32_t tag) TUTELA_TARGET_POPCNT {
    return static_cast<std::uint32_t>(std::popcount(tag));
  };
  const std::uint32_t of_tag = class_of(batch.tag);
  std::uint32_t uncovered = 0;
  for (std::uint32_t i = 0; i < batch.piece_count; ++i) {
    const Piece& piece = batch.pieces[i];
    const std::uint32_t first = std::max(piece.first_line * kLineTags, piece.begin);
    const std::uint32_t last = std::min((piece.last_line + 1) * kLineTags, piece.end) - 1;
    const auto before =
        static_cast<std::uint32_t>(first > piece.begin) &
        static_cast<std::uint32_t>(class_of(batch.tags[first]) + piece.limit >= of_tag);
    const auto behind =
        static_cast<std::uint32_t>(last + 1 < piece.end) &
        static_cast<std::uint32_t>(class_of(batch.tags[last]) <= of_tag + piece.limit);
    uncovered |= (before | behind) << i;
  }
  return uncovered;
}

TUTELA_TARGET_POPCNT int distance_popcnt(const Pdq256& a, const Pdq256& b) {
  int bits = 0;
  for (std::size_t i = 0; i < a.words.size(); ++i) {
    bits += std::popcount(a.words[i] ^ b.words[i]);
  }
  return bits;
}

}  // namespace

IndexKernel index_kernel_avx2() {
  return {&near_lanes_avx2, &uncovered_popcnt, &distance_popcnt};
}

IndexKernel index_kernel_avx512() {
  return {&near_lanes_avx512, &uncovered_popcnt, &distance_popcnt};
}

}  // namespace tutela::match

#endif
