// Index: sublinear exact search of PDQ values within a Hamming distance. Internal to match.
//
// A value is a ring of 16 bands of 16 bits. If the distance of two values is at most r, then some
// band i has d(i) <= r / 16 and d(i) + d(i + 1) <= 2 r / 16 (rounded down; the cycle lemma: a ring
// of numbers whose sum is at most r has a start from which each prefix of n numbers sums to at most
// n r / 16). For each band the index holds the rows ordered by the band's bits, and beside each row
// a tag: the bits of the next band. A search looks at the buckets whose bits differ from the
// query's in at most r / 16 places (17 a band at r = 31), compares their tags, 2 bytes a row, and
// reads only the values whose tags are near enough (about 0.26 % of them).
//
// Memory: 96 bytes a row and 4 MiB, in one block a band, as it lies in a segment's file too.
// Immutable once built, searched by many threads.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/fingerprint/pdq.hpp"
#include "engine/match/match.hpp"

namespace tutela::match {

inline constexpr std::size_t kBands = 16;
/// The greatest distance that the index answers; above 31 it looks at 8 to 41 times the buckets.
inline constexpr int kIndexDistanceMax = 63;

/// The bits of band `band`, 0..15.
[[nodiscard]] constexpr std::uint16_t band_bits(const fingerprint::Pdq256& value,
                                                std::size_t band) noexcept {
  return static_cast<std::uint16_t>(value.words[band / 4] >> (48 - 16 * (band % 4)));
}

/// A row within reach of a variant. Ordered so that the nearest of a row comes first.
struct NearRow {
  std::size_t row = 0;
  int distance = 0;
  std::uint32_t variant = 0;

  friend auto operator<=>(const NearRow&, const NearRow&) = default;
};

/// Bytes of the block of one band over `rows` values, a multiple of 64. A block begins at a
/// multiple of 64.
[[nodiscard]] std::size_t band_bytes(std::size_t rows);

/// Fills the block of one band, all of its bytes. Different bands may be built by different threads
/// at the same time. Needs 8 bytes a row while it runs. `values` are fewer than 2^32.
void build_band(std::size_t band,
                std::span<const fingerprint::Pdq256> values,
                std::span<std::byte> block);

/// A view over the blocks of all bands and over the values; owns neither.
class Index {
 public:
  Index(std::span<const fingerprint::Pdq256> values,
        const std::array<const std::byte*, kBands>& blocks);

  /// Appends each row within `limit` (0..kIndexDistanceMax) of each variant, a pair once, in no
  /// particular order. False if the values are so alike that a linear search is faster: `near` is
  /// then incomplete.
  [[nodiscard]] bool search(std::span<const fingerprint::Pdq256> variants,
                            int limit,
                            std::vector<NearRow>& near) const;

 private:
  std::span<const fingerprint::Pdq256> values_;
  std::array<const std::byte*, kBands> blocks_;
};

/// A bucket, or a piece of a large one.
struct Probe {
  const std::uint16_t* tags = nullptr;
  const std::uint32_t* ids = nullptr;
  std::uint32_t count = 0;  // at most kProbeTagsMax
  std::uint16_t tag = 0;
  std::uint8_t tag_limit = 0;
  std::uint8_t band = 0;
  std::uint32_t variant = 0;
};

/// A tag within the limit of its probe. Without initialisers: arrays of it are not cleared.
struct Survivor {
  std::uint32_t probe;
  std::uint32_t offset;  // in the probe
};

inline constexpr std::uint32_t kProbeTagsMax = 1024;
inline constexpr std::size_t kSurvivorsMax = std::size_t{2} * kProbeTagsMax;
/// Kernels read whole vectors.
inline constexpr std::size_t kTagPadding = 32;
/// Kernels fetch the tags of the probe this many places on.
inline constexpr std::size_t kProbesAhead = 8;

struct Scanned {
  std::size_t probes = 0;
  std::size_t survivors = 0;
};

/// Compares the tags of probes until all are done or `out`, of kSurvivorsMax, might not hold the
/// survivors of the next. Also fetches what the caller reads next: the ids of the survivors.
using TagScan = Scanned (*)(std::span<const Probe> probes, Survivor* out);

Scanned scan_tags_scalar(std::span<const Probe> probes, Survivor* out);
#if defined(__x86_64__)
Scanned scan_tags_avx2(std::span<const Probe> probes, Survivor* out);
Scanned scan_tags_avx512(std::span<const Probe> probes, Survivor* out);
#endif

/// The function of active_kernel().
[[nodiscard]] TagScan active_tag_scan();

/// Asks for the tags of a probe that comes later.
inline void fetch_tags(const Probe& probe) {
  constexpr std::size_t kTagsPerLine = 32;
  const std::uint16_t* const end = probe.tags + probe.count;
  for (const std::uint16_t* line = probe.tags; line < end; line += kTagsPerLine) {
    __builtin_prefetch(line);
  }
  if (probe.count != 0) {
    __builtin_prefetch(end - 1);
  }
}

}  // namespace tutela::match
