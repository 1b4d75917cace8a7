#if defined(__x86_64__)

#include <algorithm>
#include <cstring>

#include <immintrin.h>

#include "engine/match/popcount_avx2.hpp"
#include "engine/match/stream_probe.hpp"

#define TUTELA_TARGET_AVX512 __attribute__((target("avx512f,avx512bw,avx512bitalg")))

namespace tutela::match {
namespace {

constexpr std::uint32_t kMoreSlots = 0x80808080;

/// The slots of four values, and a bit for each that holds a tag of its key.
struct FourKeys {
  FourKeys(const StreamProbes& probes, std::size_t first) {
    for (std::size_t i = 0; i < kProbeValues; ++i) {
      const std::uint32_t* const start = probes.starts + probes.keys[first + i];
      const std::uint32_t count = std::min<std::uint32_t>(start[1] - start[0], kSlots);
      slots[i] = probes.signal_tags + start[0];
      used |= ((1U << count) - 1) << (i * kSlots);
    }
  }

  const std::uint16_t* slots[kProbeValues];
  std::uint32_t used = 0;
};

inline __m128i load_slots(const std::uint16_t* slots) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the load's own type.
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(slots));
}

/// The tags of four values.
inline long long tags_of(const StreamProbes& probes, std::size_t first) {
  constexpr long long kFourTagBits = 0x7FFF'7FFF'7FFF'7FFF;
  static_assert(kProbeValues == 4 && kTagBits == 0x7FFF);
  long long tags = 0;
  std::memcpy(&tags, probes.tags + first, sizeof tags);
  return tags & kFourTagBits;
}

/// One bit a slot for two values; `beyond` is the limit and one.
TUTELA_TARGET_AVX2 inline std::uint32_t two_values_avx2(const std::uint16_t* low,
                                                        const std::uint16_t* high,
                                                        __m256i tags,
                                                        __m256i beyond) {
  const __m256i slots =
      _mm256_inserti128_si256(_mm256_castsi128_si256(load_slots(low)), load_slots(high), 1);
  const __m256i bits =
      _mm256_maddubs_epi16(byte_bits_avx2(_mm256_xor_si256(slots, tags)), _mm256_set1_epi8(1));
  const __m256i near = _mm256_cmpgt_epi16(beyond, bits);
  const __m128i lanes =
      _mm_packs_epi16(_mm256_castsi256_si128(near), _mm256_extracti128_si256(near, 1));
  return static_cast<std::uint32_t>(_mm_movemask_epi8(lanes));
}

}  // namespace

TUTELA_TARGET_AVX2 std::size_t probe_stream_avx2(const StreamProbes& probes, StreamEvent* out) {
  const __m256i beyond = _mm256_set1_epi16(static_cast<short>(probes.tag_limit + 1));
  // Bytes 0 and 1 eight times, then bytes 2 and 3; and the same of the next four bytes.
  const __m256i first_two = _mm256_setr_epi64x(
      0x0100010001000100, 0x0100010001000100, 0x0302030203020302, 0x0302030203020302);
  const __m256i last_two = _mm256_setr_epi64x(
      0x0504050405040504, 0x0504050405040504, 0x0706070607060706, 0x0706070607060706);
  std::size_t found = 0;
  for (std::size_t value = 0; value < probes.count; value += kProbeValues) {
    const FourKeys keys(probes, value);
    const __m256i tags = _mm256_set1_epi64x(tags_of(probes, value));
    const std::uint32_t low =
        two_values_avx2(keys.slots[0], keys.slots[1], _mm256_shuffle_epi8(tags, first_two), beyond);
    const std::uint32_t high =
        two_values_avx2(keys.slots[2], keys.slots[3], _mm256_shuffle_epi8(tags, last_two), beyond);
    const std::uint32_t set = keys.used & (low | high << 16 | kMoreSlots);
    out[found] = {static_cast<std::uint32_t>(value), set};
    found += set != 0 ? 1 : 0;
  }
  return found;
}

TUTELA_TARGET_AVX512 std::size_t probe_stream_avx512(const StreamProbes& probes, StreamEvent* out) {
  const __m512i limit = _mm512_set1_epi16(static_cast<short>(probes.tag_limit));
  const __m512i order = _mm512_set_epi64(0x0706070607060706,
                                         0x0706070607060706,
                                         0x0504050405040504,
                                         0x0504050405040504,
                                         0x0302030203020302,
                                         0x0302030203020302,
                                         0x0100010001000100,
                                         0x0100010001000100);
  std::size_t found = 0;
  for (std::size_t value = 0; value < probes.count; value += kProbeValues) {
    const FourKeys keys(probes, value);
    const __m256i low = _mm256_inserti128_si256(
        _mm256_castsi128_si256(load_slots(keys.slots[0])), load_slots(keys.slots[1]), 1);
    const __m256i high = _mm256_inserti128_si256(
        _mm256_castsi128_si256(load_slots(keys.slots[2])), load_slots(keys.slots[3]), 1);
    // With a mask of all: the plain intrinsic makes this compiler warn of its own header.
    const __m512i slots = _mm512_maskz_inserti64x4(0xFF, _mm512_castsi256_si512(low), high, 1);
    const __m512i tags = _mm512_shuffle_epi8(_mm512_set1_epi64(tags_of(probes, value)), order);
    const __m512i bits = _mm512_popcnt_epi16(_mm512_xor_si512(slots, tags));
    const std::uint32_t near = _mm512_cmple_epu16_mask(bits, limit);
    const std::uint32_t set = keys.used & (near | kMoreSlots);
    out[found] = {static_cast<std::uint32_t>(value), set};
    found += set != 0 ? 1 : 0;
  }
  return found;
}

}  // namespace tutela::match

#endif
