// The strip kernel on 16 lanes: AVX-512 F and BW, as Skylake-X, Zen 4 and later have them.
#if defined(__x86_64__)

#include <algorithm>
#include <cstring>

#include <immintrin.h>

#include "engine/fingerprint/pdq_strips.hpp"

#define TUTELA_KERNEL __attribute__((target("avx512f,avx512bw")))
#define TUTELA_STRIP strip_avx512
#define TUTELA_LANE TUTELA_KERNEL __attribute__((always_inline)) static inline

namespace tutela::fingerprint {
namespace {

struct Lanes {
  using V = __m512;
  static constexpr std::size_t kCount = kAvx512Lanes;

  TUTELA_LANE V load(const float* from) { return _mm512_load_ps(from); }

  TUTELA_LANE void store(float* to, V value) { _mm512_store_ps(to, value); }

  TUTELA_LANE V set(float value) { return _mm512_set1_ps(value); }

  TUTELA_LANE V add(V a, V b) { return _mm512_add_ps(a, b); }

  TUTELA_LANE V sub(V a, V b) { return _mm512_sub_ps(a, b); }

  TUTELA_LANE V mul(V a, V b) { return _mm512_mul_ps(a, b); }

  TUTELA_LANE V div(V a, V b) { return _mm512_div_ps(a, b); }

  TUTELA_LANE V fmadd(V a, V b, V c) { return _mm512_fmadd_ps(a, b, c); }

  TUTELA_LANE V fnmadd(V a, V b, V c) { return _mm512_fnmadd_ps(a, b, c); }

  TUTELA_LANE V load_grey(const std::uint8_t* from) {
    __m128i bytes;
    std::memcpy(&bytes, from, sizeof bytes);
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(bytes));
  }

  /// Reads 48 bytes: 12 to each quarter, then one pixel to each 32-bit lane.
  TUTELA_LANE void load_rgb(const std::uint8_t* from, V& red, V& green, V& blue) {
    const __m512i bytes = _mm512_maskz_loadu_epi8(0x0000'FFFF'FFFF'FFFF, from);
    const __m512i quarters = _mm512_permutexvar_epi32(
        _mm512_setr_epi32(0, 1, 2, 0, 3, 4, 5, 0, 6, 7, 8, 0, 9, 10, 11, 0), bytes);
    const __m512i pixels =
        _mm512_shuffle_epi8(quarters,
                            _mm512_broadcast_i32x4(_mm_setr_epi8(
                                0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1)));
    const __m512i low = _mm512_set1_epi32(0xFF);
    red = _mm512_cvtepi32_ps(_mm512_and_si512(pixels, low));
    green = _mm512_cvtepi32_ps(_mm512_and_si512(_mm512_srli_epi32(pixels, 8), low));
    blue = _mm512_cvtepi32_ps(_mm512_srli_epi32(pixels, 16));
  }

  TUTELA_LANE void transpose(V (&rows)[kCount]) {
    V pairs[kCount];
#pragma GCC unroll 16
    for (std::size_t i = 0; i < kCount; i += 2) {
      pairs[i] = _mm512_unpacklo_ps(rows[i], rows[i + 1]);
      pairs[i + 1] = _mm512_unpackhi_ps(rows[i], rows[i + 1]);
    }
    // quads[4g + c]: column 4q + c of rows 4g..4g+3, in quarter q.
    V quads[kCount];
#pragma GCC unroll 16
    for (std::size_t i = 0; i < kCount; i += 4) {
      quads[i] = unpack_low(pairs[i], pairs[i + 2]);
      quads[i + 1] = unpack_high(pairs[i], pairs[i + 2]);
      quads[i + 2] = unpack_low(pairs[i + 1], pairs[i + 3]);
      quads[i + 3] = unpack_high(pairs[i + 1], pairs[i + 3]);
    }
#pragma GCC unroll 16
    for (std::size_t c = 0; c < 4; ++c) {
      const V low_even = _mm512_shuffle_f32x4(quads[c], quads[4 + c], 0x88);
      const V low_odd = _mm512_shuffle_f32x4(quads[c], quads[4 + c], 0xDD);
      const V high_even = _mm512_shuffle_f32x4(quads[8 + c], quads[12 + c], 0x88);
      const V high_odd = _mm512_shuffle_f32x4(quads[8 + c], quads[12 + c], 0xDD);
      rows[c] = _mm512_shuffle_f32x4(low_even, high_even, 0x88);
      rows[4 + c] = _mm512_shuffle_f32x4(low_odd, high_odd, 0x88);
      rows[8 + c] = _mm512_shuffle_f32x4(low_even, high_even, 0xDD);
      rows[12 + c] = _mm512_shuffle_f32x4(low_odd, high_odd, 0xDD);
    }
  }

 private:
  TUTELA_LANE V unpack_low(V a, V b) {
    return _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
  }

  TUTELA_LANE V unpack_high(V a, V b) {
    return _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
  }
};

}  // namespace
}  // namespace tutela::fingerprint

#include "engine/fingerprint/pdq_strip_kernel.inc"

#endif
