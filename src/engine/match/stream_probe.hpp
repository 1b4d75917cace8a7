// StreamProbe: the inner loop of StreamIndex, one definition and its SIMD kernels. Internal to
// match.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/fingerprint/pdq.hpp"
#include "engine/match/index.hpp"

namespace tutela::match {

/// The postings of one band, ordered by key. Kernels read kTagPadding tags beyond the last.
struct StreamBand {
  const std::uint32_t* starts = nullptr;  // of each key in tags, and the end
  const std::uint16_t* tags = nullptr;
  std::size_t band = 0;
  int tag_limit = 0;
};

inline constexpr std::uint16_t kTagBits = 0x7FFF;
inline constexpr std::uint16_t kTagFlip = 0x8000;

/// A posting whose tag is within the limit of a value's. Without initialisers: arrays of it are not
/// cleared.
struct StreamSurvivor {
  std::uint32_t value;
  std::uint32_t posting;
};

/// Where a call ended for want of room: the tags of values[value] from `skip` on are left.
struct StreamCursor {
  std::uint32_t value = 0;
  std::uint32_t skip = 0;
};

inline constexpr std::size_t kStreamSurvivorsMax = 4096;

/// Looks up each value from the cursor on until all are done (the cursor is then at the end) or
/// `out`, of kStreamSurvivorsMax, is nearly full. Returns the survivors written.
using StreamProbe = std::size_t (*)(const StreamBand& band,
                                    std::span<const fingerprint::Pdq256> values,
                                    StreamCursor& cursor,
                                    StreamSurvivor* out);

std::size_t probe_stream_scalar(const StreamBand& band,
                                std::span<const fingerprint::Pdq256> values,
                                StreamCursor& cursor,
                                StreamSurvivor* out);
#if defined(__x86_64__)
std::size_t probe_stream_avx2(const StreamBand& band,
                              std::span<const fingerprint::Pdq256> values,
                              StreamCursor& cursor,
                              StreamSurvivor* out);
std::size_t probe_stream_avx512(const StreamBand& band,
                                std::span<const fingerprint::Pdq256> values,
                                StreamCursor& cursor,
                                StreamSurvivor* out);
#endif

/// The function of active_kernel().
[[nodiscard]] StreamProbe active_stream_probe();

}  // namespace tutela::match
