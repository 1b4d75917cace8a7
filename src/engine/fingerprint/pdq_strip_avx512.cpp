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
  static constexpr std::size_t kPixelsRead = 22;  // 64 bytes, of which 48 are used

  TUTELA_LANE V load(const float* from) { return _mm512_load_ps(from); }

  TUTELA_LANE void store(float* to, V value) { _mm512_store_ps(to, value); }

  TUTELA_LANE V set(float value) { return _mm512_set1_ps(value); }

  TUTELA_LANE V add(V a, V b) { return _mm512_add_ps(a, b); }

  TUTELA_LANE V sub(V a, V b) { return _mm512_sub_ps(a, b); }

  TUTELA_LANE V mul(V a, V b) { return _mm512_mul_ps(a, b); }

  TUTELA_LANE V div(V a, V b) { return _mm512_div_ps(a, b); }

  TUTELA_LANE V fmadd(V a, V b, V c) { return _mm512_fmadd_ps(a, b, c); }

  TUTELA_LANE V load_grey(const std::uint8_t* from) {
    __m128i bytes;
    std::memcpy(&bytes, from, sizeof bytes);
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(bytes));
  }

  /// The rounded products of the colours and their weights. Four pixels go to each quarter with
  /// the bytes of 2^23 behind them; a float lane then gets the bytes of 2^23 + colour, and one
  /// fused operation takes weight * 2^23 away again, which is exact but for its one rounding.
  TUTELA_LANE void load_rgb(const std::uint8_t* from, V& red, V& green, V& blue) {
    const __m512i quarters = _mm512_permutex2var_epi32(
        _mm512_loadu_si512(from),
        _mm512_setr_epi32(0, 1, 2, 16, 3, 4, 5, 16, 6, 7, 8, 16, 9, 10, 11, 16),
        _mm512_castps_si512(set(kTwo23)));
    red = weigh(quarters,
                _mm_setr_epi8(0, -1, -1, 15, 3, -1, -1, 15, 6, -1, -1, 15, 9, -1, -1, 15),
                kLumaRed);
    green = weigh(quarters,
                  _mm_setr_epi8(1, -1, -1, 15, 4, -1, -1, 15, 7, -1, -1, 15, 10, -1, -1, 15),
                  kLumaGreen);
    blue = weigh(quarters,
                 _mm_setr_epi8(2, -1, -1, 15, 5, -1, -1, 15, 8, -1, -1, 15, 11, -1, -1, 15),
                 kLumaBlue);
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
  static constexpr float kTwo23 = 8388608.0F;

  TUTELA_LANE V weigh(__m512i quarters, __m128i places, float weight) {
    const __m512i shifted = _mm512_shuffle_epi8(quarters, _mm512_broadcast_i32x4(places));
    return fmadd(set(weight), _mm512_castsi512_ps(shifted), set(-weight * kTwo23));
  }

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
