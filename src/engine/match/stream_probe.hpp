// StreamProbe: the inner loop of StreamIndex, one definition and its SIMD kernels. Internal to
// match.
//
// A lookup reads the first 8 tags of its key at once, so that four lookups share a vector; nearly
// all keys have fewer. Nothing in the loop depends on what was found, so that many lookups are
// under way at a time.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tutela::match {

/// A tag holds all bits of the next band but the first, and in its place whether the key is a flip.
inline constexpr std::uint16_t kTagBits = 0x7FFF;
inline constexpr std::uint16_t kTagFlip = 0x8000;
/// Tags of one key that a kernel looks at. The last slot only says that the key has so many or
/// more; they are then for the caller to look at, all of them.
inline constexpr std::size_t kSlots = 8;
inline constexpr std::size_t kMoreSlot = kSlots - 1;
/// Kernels look at so many values at a time.
inline constexpr std::size_t kProbeValues = 4;

struct StreamProbes {
  const std::uint32_t* starts = nullptr;       // of each of 65,536 keys in signal_tags, and the end
  const std::uint16_t* signal_tags = nullptr;  // and kSlots more
  const std::uint16_t* keys = nullptr;         // of the values
  const std::uint16_t* tags = nullptr;         // of the values; only kTagBits of them count
  std::size_t count = 0;                       // of the values; a multiple of kProbeValues
  int tag_limit = 0;
};

/// What was found for kProbeValues values. Without initialisers: arrays of it are not cleared.
struct StreamEvent {
  std::uint32_t first;  // value
  /// Bit n for slot n % kSlots of value first + n / kSlots: a tag within the limit, or more.
  std::uint32_t slots;
};

/// Writes an event for all values with a slot set; `out` has room for count / kProbeValues and one
/// more. Returns how many.
using StreamProbe = std::size_t (*)(const StreamProbes& probes, StreamEvent* out);

std::size_t probe_stream_scalar(const StreamProbes& probes, StreamEvent* out);
#if defined(__x86_64__)
std::size_t probe_stream_avx2(const StreamProbes& probes, StreamEvent* out);
std::size_t probe_stream_avx512(const StreamProbes& probes, StreamEvent* out);
#endif

/// The function of active_kernel().
[[nodiscard]] StreamProbe active_stream_probe();

}  // namespace tutela::match
