// Popcount of bytes with AVX2, which has no instruction for it: a table of nibbles. Internal to
// match's x86 kernels.
#pragma once

#if defined(__x86_64__)

#include <immintrin.h>

// The functions of one kernel carry its target attribute; the rest of the program is built for the
// baseline CPU.
#define TUTELA_TARGET_AVX2 __attribute__((target("avx2")))

namespace tutela::match {

/// The number of bits of each byte.
TUTELA_TARGET_AVX2 inline __m256i byte_bits_avx2(__m256i x) {
  constexpr long long kBitsOf0To7 = 0x0302020102010100;
  constexpr long long kBitsOf8To15 = 0x0403030203020201;
  const __m256i table = _mm256_set_epi64x(kBitsOf8To15, kBitsOf0To7, kBitsOf8To15, kBitsOf0To7);
  const __m256i low_nibbles = _mm256_set1_epi8(15);
  const __m256i low = _mm256_and_si256(x, low_nibbles);
  const __m256i high = _mm256_and_si256(_mm256_srli_epi16(x, 4), low_nibbles);
  return _mm256_add_epi8(_mm256_shuffle_epi8(table, low), _mm256_shuffle_epi8(table, high));
}

}  // namespace tutela::match

#endif
