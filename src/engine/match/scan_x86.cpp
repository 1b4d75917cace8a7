#if defined(__x86_64__)

#include <bit>

#include <immintrin.h>

#include "engine/match/popcount_avx2.hpp"
#include "engine/match/scan.hpp"

#define TUTELA_TARGET_AVX512 __attribute__((target("avx512f,avx512vpopcntdq")))

namespace tutela::match {
namespace {

using fingerprint::Pdq256;

/// Writes the lanes that are set, of variant after variant.
template <std::size_t kVariants>
std::size_t write_lanes(const std::uint32_t* lanes_of_variant,
                        std::uint32_t present,
                        std::uint32_t first_row,
                        std::uint32_t first_variant,
                        Candidate* out) {
  std::size_t found = 0;
  for (std::uint32_t v = 0; v < kVariants; ++v) {
    for (std::uint32_t lanes = lanes_of_variant[v] & present; lanes != 0; lanes &= lanes - 1) {
      out[found++] = {first_row + static_cast<std::uint32_t>(std::countr_zero(lanes)),
                      first_variant + v};
    }
  }
  return found;
}

/// The low `width` bits, or fewer where fewer rows are left.
std::uint32_t present_lanes(std::size_t rows_left, std::uint32_t width) {
  return rows_left >= width ? (1U << width) - 1 : (1U << rows_left) - 1;
}

TUTELA_TARGET_AVX2 inline __m256i load_avx2(const std::uint32_t* from) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the load's own type.
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

template <std::size_t kVariants>
TUTELA_TARGET_AVX2 std::size_t scan_variants_avx2(const ScanRows& rows,
                                                  const Pdq256* variants,
                                                  std::uint32_t first_variant,
                                                  int limit,
                                                  Candidate* out) {
  constexpr std::uint32_t kLanes = 8;
  __m256i query[kPlanes][kVariants];
  for (std::size_t v = 0; v < kVariants; ++v) {
    const auto words = plane_words(variants[v]);
    for (std::size_t p = 0; p < kPlanes; ++p) {
      query[p][v] = _mm256_set1_epi32(static_cast<int>(words[p]));
    }
  }
  const __m256i ones8 = _mm256_set1_epi8(1);
  const __m256i ones16 = _mm256_set1_epi16(1);
  const __m256i beyond = _mm256_set1_epi32(limit + 1);
  std::size_t found = 0;
  for (std::size_t i = 0; i < rows.count; i += kLanes) {
    const __m256i a = load_avx2(rows.planes[0] + i);
    const __m256i b = load_avx2(rows.planes[1] + i);
    const __m256i c = load_avx2(rows.planes[2] + i);
    std::uint32_t within[kVariants];
    std::uint32_t any = 0;
    for (std::size_t v = 0; v < kVariants; ++v) {
      // At most 24 a byte, so the three sums fit before they are widened.
      __m256i sum = byte_bits_avx2(_mm256_xor_si256(a, query[0][v]));
      sum = _mm256_add_epi8(sum, byte_bits_avx2(_mm256_xor_si256(b, query[1][v])));
      sum = _mm256_add_epi8(sum, byte_bits_avx2(_mm256_xor_si256(c, query[2][v])));
      sum = _mm256_madd_epi16(_mm256_maddubs_epi16(sum, ones8), ones16);
      const __m256i near = _mm256_cmpgt_epi32(beyond, sum);
      within[v] = static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(near)));
      any |= within[v];
    }
    const std::uint32_t present = present_lanes(rows.count - i, kLanes);
    if ((any & present) != 0) {
      found += write_lanes<kVariants>(
          within, present, static_cast<std::uint32_t>(i), first_variant, out + found);
    }
  }
  return found;
}

template <std::size_t kVariants>
TUTELA_TARGET_AVX512 std::size_t scan_variants_avx512(const ScanRows& rows,
                                                      const Pdq256* variants,
                                                      std::uint32_t first_variant,
                                                      int limit,
                                                      Candidate* out) {
  constexpr std::uint32_t kLanes = 16;
  __m512i query[kPlanes][kVariants];
  for (std::size_t v = 0; v < kVariants; ++v) {
    const auto words = plane_words(variants[v]);
    for (std::size_t p = 0; p < kPlanes; ++p) {
      query[p][v] = _mm512_set1_epi32(static_cast<int>(words[p]));
    }
  }
  const __m512i limits = _mm512_set1_epi32(limit);
  std::size_t found = 0;
  for (std::size_t i = 0; i < rows.count; i += kLanes) {
    const __m512i a = _mm512_loadu_si512(rows.planes[0] + i);
    const __m512i b = _mm512_loadu_si512(rows.planes[1] + i);
    const __m512i c = _mm512_loadu_si512(rows.planes[2] + i);
    std::uint32_t within[kVariants];
    std::uint32_t any = 0;
    for (std::size_t v = 0; v < kVariants; ++v) {
      __m512i sum = _mm512_popcnt_epi32(_mm512_xor_si512(a, query[0][v]));
      sum = _mm512_add_epi32(sum, _mm512_popcnt_epi32(_mm512_xor_si512(b, query[1][v])));
      sum = _mm512_add_epi32(sum, _mm512_popcnt_epi32(_mm512_xor_si512(c, query[2][v])));
      within[v] = _mm512_cmple_epi32_mask(sum, limits);
      any |= within[v];
    }
    const std::uint32_t present = present_lanes(rows.count - i, kLanes);
    if ((any & present) != 0) {
      found += write_lanes<kVariants>(
          within, present, static_cast<std::uint32_t>(i), first_variant, out + found);
    }
  }
  return found;
}

}  // namespace

std::size_t scan_avx2(const ScanRows& rows,
                      std::span<const Pdq256> variants,
                      int limit,
                      Candidate* out) {
  // Eight variants at once do not fit the sixteen registers.
  std::size_t found = 0;
  std::uint32_t v = 0;
  for (; v + 4 <= variants.size(); v += 4) {
    found += scan_variants_avx2<4>(rows, &variants[v], v, limit, out + found);
  }
  for (; v < variants.size(); ++v) {
    found += scan_variants_avx2<1>(rows, &variants[v], v, limit, out + found);
  }
  return found;
}

std::size_t scan_avx512(const ScanRows& rows,
                        std::span<const Pdq256> variants,
                        int limit,
                        Candidate* out) {
  std::size_t found = 0;
  std::uint32_t v = 0;
  for (; v + 8 <= variants.size(); v += 8) {
    found += scan_variants_avx512<8>(rows, &variants[v], v, limit, out + found);
  }
  for (; v < variants.size(); ++v) {
    found += scan_variants_avx512<1>(rows, &variants[v], v, limit, out + found);
  }
  return found;
}

}  // namespace tutela::match

#endif
