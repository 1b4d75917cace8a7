#if defined(__x86_64__)

#include <bit>

#include <immintrin.h>

#include "engine/match/index.hpp"
#include "engine/match/popcount_avx2.hpp"

#define TUTELA_TARGET_AVX512 __attribute__((target("avx512f,avx512bw,avx512bitalg")))

namespace tutela::match {
namespace {

/// Writes the survivors among the tags from `first` on.
std::size_t write_survivors(std::uint32_t lanes,
                            std::uint32_t first,
                            std::size_t probe,
                            const std::uint32_t* ids,
                            Survivor* out) {
  std::size_t found = 0;
  for (; lanes != 0; lanes &= lanes - 1) {
    const std::uint32_t offset = first + static_cast<std::uint32_t>(std::countr_zero(lanes));
    __builtin_prefetch(ids + offset);
    out[found++] = {static_cast<std::uint32_t>(probe), offset};
  }
  return found;
}

/// The low `width` bits, or fewer where fewer tags are left.
constexpr std::uint32_t present_lanes(std::uint32_t left, std::uint32_t width) {
  return left >= width ? static_cast<std::uint32_t>((std::uint64_t{1} << width) - 1)
                       : (1U << left) - 1;
}

/// One bit for each of sixteen tags within the limit; `beyond` is the limit and one.
TUTELA_TARGET_AVX2 inline std::uint32_t near_lanes_avx2(const std::uint16_t* tags,
                                                        __m256i tag,
                                                        __m256i beyond) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the load's own type.
  const __m256i row = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(tags));
  const __m256i bits =
      _mm256_maddubs_epi16(byte_bits_avx2(_mm256_xor_si256(row, tag)), _mm256_set1_epi8(1));
  const __m256i near = _mm256_cmpgt_epi16(beyond, bits);
  const __m128i lanes =
      _mm_packs_epi16(_mm256_castsi256_si128(near), _mm256_extracti128_si256(near, 1));
  return static_cast<std::uint32_t>(_mm_movemask_epi8(lanes));
}

}  // namespace

TUTELA_TARGET_AVX2 Scanned scan_tags_avx2(std::span<const Probe> probes, Survivor* out) {
  constexpr std::uint32_t kLanes = 16;
  Scanned scanned;
  while (scanned.probes < probes.size() && scanned.survivors + kProbeTagsMax <= kSurvivorsMax) {
    if (scanned.probes + kProbesAhead < probes.size()) {
      fetch_tags(probes[scanned.probes + kProbesAhead]);
    }
    const Probe& probe = probes[scanned.probes];
    const __m256i tag = _mm256_set1_epi16(static_cast<short>(probe.tag));
    const __m256i beyond = _mm256_set1_epi16(static_cast<short>(probe.tag_limit + 1));
    for (std::uint32_t i = 0; i < probe.count; i += kLanes) {
      const std::uint32_t near =
          near_lanes_avx2(probe.tags + i, tag, beyond) & present_lanes(probe.count - i, kLanes);
      if (near != 0) {
        scanned.survivors +=
            write_survivors(near, i, scanned.probes, probe.ids, out + scanned.survivors);
      }
    }
    ++scanned.probes;
  }
  return scanned;
}

TUTELA_TARGET_AVX512 Scanned scan_tags_avx512(std::span<const Probe> probes, Survivor* out) {
  constexpr std::uint32_t kLanes = 32;
  Scanned scanned;
  while (scanned.probes < probes.size() && scanned.survivors + kProbeTagsMax <= kSurvivorsMax) {
    if (scanned.probes + kProbesAhead < probes.size()) {
      fetch_tags(probes[scanned.probes + kProbesAhead]);
    }
    const Probe& probe = probes[scanned.probes];
    const __m512i tag = _mm512_set1_epi16(static_cast<short>(probe.tag));
    const __m512i limit = _mm512_set1_epi16(probe.tag_limit);
    for (std::uint32_t i = 0; i < probe.count; i += kLanes) {
      const __m512i row = _mm512_loadu_si512(probe.tags + i);
      const __m512i bits = _mm512_popcnt_epi16(_mm512_xor_si512(row, tag));
      const std::uint32_t near =
          _mm512_mask_cmple_epu16_mask(present_lanes(probe.count - i, kLanes), bits, limit);
      if (near != 0) {
        scanned.survivors +=
            write_survivors(near, i, scanned.probes, probe.ids, out + scanned.survivors);
      }
    }
    ++scanned.probes;
  }
  return scanned;
}

}  // namespace tutela::match

#endif
