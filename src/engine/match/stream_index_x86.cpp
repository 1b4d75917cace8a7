#if defined(__x86_64__)

#include <algorithm>
#include <bit>

#include <immintrin.h>

#include "engine/match/popcount_avx2.hpp"
#include "engine/match/stream_probe.hpp"

#define TUTELA_TARGET_AVX512 __attribute__((target("avx512f,avx512bw,avx512bitalg,bmi2")))

namespace tutela::match {
namespace {

/// The keys and tags of one value: 16 bits of words that this CPU keeps least significant first.
struct BandReader {
  explicit BandReader(std::size_t band)
      : key_word(band / 4),
        key_shift(static_cast<unsigned>(48 - 16 * (band % 4))),
        tag_word((band + 1) % kBands / 4),
        tag_shift(static_cast<unsigned>(48 - 16 * ((band + 1) % 4))) {}

  [[nodiscard]] std::uint16_t key(const fingerprint::Pdq256& value) const {
    return static_cast<std::uint16_t>(value.words[key_word] >> key_shift);
  }

  [[nodiscard]] std::uint16_t tag(const fingerprint::Pdq256& value) const {
    return static_cast<std::uint16_t>((value.words[tag_word] >> tag_shift) & kTagBits);
  }

  std::size_t key_word;
  unsigned key_shift;
  std::size_t tag_word;
  unsigned tag_shift;
};

constexpr std::size_t kRoomMin = 32;

}  // namespace

TUTELA_TARGET_AVX2 std::size_t probe_stream_avx2(const StreamBand& band,
                                                 std::span<const fingerprint::Pdq256> values,
                                                 StreamCursor& cursor,
                                                 StreamSurvivor* out) {
  constexpr std::uint32_t kLanes = 16;
  const BandReader reader(band.band);
  const __m256i beyond = _mm256_set1_epi16(static_cast<short>(band.tag_limit + 1));
  std::size_t found = 0;
  std::uint32_t skip = cursor.skip;
  for (std::uint32_t value = cursor.value; value < values.size(); ++value, skip = 0) {
    const std::uint16_t key = reader.key(values[value]);
    const __m256i tag = _mm256_set1_epi16(static_cast<short>(reader.tag(values[value])));
    const std::uint32_t start = band.starts[key];
    const std::uint32_t end = band.starts[key + 1];
    for (std::uint32_t at = start + skip; at < end; at += kLanes) {
      if (found + kRoomMin > kStreamSurvivorsMax) {
        cursor = {value, at - start};
        return found;
      }
      // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the load's own type.
      const __m256i row = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(band.tags + at));
      const __m256i bits =
          _mm256_maddubs_epi16(byte_bits_avx2(_mm256_xor_si256(row, tag)), _mm256_set1_epi8(1));
      const __m256i near = _mm256_cmpgt_epi16(beyond, bits);
      const __m128i lanes =
          _mm_packs_epi16(_mm256_castsi256_si128(near), _mm256_extracti128_si256(near, 1));
      auto mask = static_cast<std::uint32_t>(_mm_movemask_epi8(lanes));
      if (end - at < kLanes) {
        mask &= (1U << (end - at)) - 1;
      }
      for (; mask != 0; mask &= mask - 1) {
        out[found++] = {value, at + static_cast<std::uint32_t>(std::countr_zero(mask))};
      }
    }
  }
  cursor = {static_cast<std::uint32_t>(values.size()), 0};
  return found;
}

TUTELA_TARGET_AVX512 std::size_t probe_stream_avx512(const StreamBand& band,
                                                     std::span<const fingerprint::Pdq256> values,
                                                     StreamCursor& cursor,
                                                     StreamSurvivor* out) {
  constexpr std::uint32_t kLanes = 32;
  const BandReader reader(band.band);
  const __m512i limit = _mm512_set1_epi16(static_cast<short>(band.tag_limit));
  std::size_t found = 0;
  std::uint32_t skip = cursor.skip;
  for (std::uint32_t value = cursor.value; value < values.size(); ++value, skip = 0) {
    const std::uint16_t key = reader.key(values[value]);
    const __m512i tag = _mm512_set1_epi16(static_cast<short>(reader.tag(values[value])));
    const std::uint32_t start = band.starts[key];
    const std::uint32_t end = band.starts[key + 1];
    for (std::uint32_t at = start + skip; at < end; at += kLanes) {
      if (found + kRoomMin > kStreamSurvivorsMax) {
        cursor = {value, at - start};
        return found;
      }
      const __m512i row = _mm512_loadu_si512(band.tags + at);
      const __m512i bits = _mm512_popcnt_epi16(_mm512_xor_si512(row, tag));
      const __mmask32 present = _bzhi_u32(~0U, std::min(end - at, kLanes));
      for (std::uint32_t mask = _mm512_mask_cmple_epu16_mask(present, bits, limit); mask != 0;
           mask &= mask - 1) {
        out[found++] = {value, at + static_cast<std::uint32_t>(std::countr_zero(mask))};
      }
    }
  }
  cursor = {static_cast<std::uint32_t>(values.size()), 0};
  return found;
}

}  // namespace tutela::match

#endif
