// The strip kernel on 8 lanes: AVX2 and FMA, as Haswell, Zen and later have them.
#if defined(__x86_64__)

#include <algorithm>
#include <cstring>

#include <immintrin.h>

#include "engine/fingerprint/pdq_strips.hpp"

#define TUTELA_KERNEL __attribute__((target("avx2,fma")))
#define TUTELA_STRIP strip_avx2
#define TUTELA_LANE TUTELA_KERNEL __attribute__((always_inline)) static inline

namespace tutela::fingerprint {
namespace {

struct Lanes {
  using V = __m256;
  static constexpr std::size_t kCount = kAvx2Lanes;
  static constexpr std::size_t kPixelsRead = kCount;

  TUTELA_LANE V load(const float* from) { return _mm256_load_ps(from); }

  TUTELA_LANE void store(float* to, V value) { _mm256_store_ps(to, value); }

  TUTELA_LANE V set(float value) { return _mm256_set1_ps(value); }

  TUTELA_LANE V add(V a, V b) { return _mm256_add_ps(a, b); }

  TUTELA_LANE V sub(V a, V b) { return _mm256_sub_ps(a, b); }

  TUTELA_LANE V mul(V a, V b) { return _mm256_mul_ps(a, b); }

  TUTELA_LANE V div(V a, V b) { return _mm256_div_ps(a, b); }

  TUTELA_LANE V fmadd(V a, V b, V c) { return _mm256_fmadd_ps(a, b, c); }

  TUTELA_LANE V load_grey(const std::uint8_t* from) {
    std::int64_t bytes = 0;
    std::memcpy(&bytes, from, sizeof bytes);
    return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_cvtsi64_si128(bytes)));
  }

  /// The rounded products of the colours and their weights. Reads 24 bytes as 0..15 and 8..23, then
  /// puts one pixel into each 32-bit lane.
  TUTELA_LANE void load_rgb(const std::uint8_t* from, V& red, V& green, V& blue) {
    __m128i low;
    __m128i high;
    std::memcpy(&low, from, sizeof low);
    std::memcpy(&high, from + 8, sizeof high);
    const __m256i pixels = _mm256_shuffle_epi8(_mm256_set_m128i(high, low),
                                               _mm256_setr_epi8(0,
                                                                1,
                                                                2,
                                                                -1,
                                                                3,
                                                                4,
                                                                5,
                                                                -1,
                                                                6,
                                                                7,
                                                                8,
                                                                -1,
                                                                9,
                                                                10,
                                                                11,
                                                                -1,
                                                                4,
                                                                5,
                                                                6,
                                                                -1,
                                                                7,
                                                                8,
                                                                9,
                                                                -1,
                                                                10,
                                                                11,
                                                                12,
                                                                -1,
                                                                13,
                                                                14,
                                                                15,
                                                                -1));
    const __m256i low_byte = _mm256_set1_epi32(0xFF);
    red = mul(set(kLumaRed), _mm256_cvtepi32_ps(_mm256_and_si256(pixels, low_byte)));
    green = mul(set(kLumaGreen),
                _mm256_cvtepi32_ps(_mm256_and_si256(_mm256_srli_epi32(pixels, 8), low_byte)));
    blue = mul(set(kLumaBlue), _mm256_cvtepi32_ps(_mm256_srli_epi32(pixels, 16)));
  }

  TUTELA_LANE void transpose(V (&rows)[kCount]) {
    V pairs[kCount];
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kCount; i += 2) {
      pairs[i] = _mm256_unpacklo_ps(rows[i], rows[i + 1]);
      pairs[i + 1] = _mm256_unpackhi_ps(rows[i], rows[i + 1]);
    }
    // quads[4g + c]: column 4h + c of rows 4g..4g+3, in half h.
    V quads[kCount];
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kCount; i += 4) {
      quads[i] = _mm256_shuffle_ps(pairs[i], pairs[i + 2], 0x44);
      quads[i + 1] = _mm256_shuffle_ps(pairs[i], pairs[i + 2], 0xEE);
      quads[i + 2] = _mm256_shuffle_ps(pairs[i + 1], pairs[i + 3], 0x44);
      quads[i + 3] = _mm256_shuffle_ps(pairs[i + 1], pairs[i + 3], 0xEE);
    }
#pragma GCC unroll 8
    for (std::size_t c = 0; c < 4; ++c) {
      rows[c] = _mm256_permute2f128_ps(quads[c], quads[4 + c], 0x20);
      rows[4 + c] = _mm256_permute2f128_ps(quads[c], quads[4 + c], 0x31);
    }
  }
};

}  // namespace
}  // namespace tutela::fingerprint

#include "engine/fingerprint/pdq_strip_kernel.inc"

#endif
