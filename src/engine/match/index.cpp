#include "engine/match/index.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "base/check.hpp"
#include "engine/match/huge_array.hpp"

namespace tutela::match {
namespace {

using fingerprint::Pdq256;

constexpr std::size_t kBuckets = 65536;
constexpr std::size_t kOffsets = kBuckets + 1;  // of a band

/// Which bits of a band a bucket may differ in, fewest first: 1 + 16 + 120 + 560 masks.
constexpr std::array<std::size_t, 4> kMasksUpTo = {1, 17, 137, 697};

constexpr std::array<std::uint16_t, kMasksUpTo.back()> kMasks = [] {
  std::array<std::uint16_t, kMasksUpTo.back()> masks{};
  std::array<std::size_t, kMasksUpTo.size()> next = {
      0, kMasksUpTo[0], kMasksUpTo[1], kMasksUpTo[2]};
  for (std::uint32_t mask = 0; mask < kBuckets; ++mask) {
    const auto bits = static_cast<std::size_t>(std::popcount(mask));
    if (bits < next.size()) {
      masks[next[bits]++] = static_cast<std::uint16_t>(mask);
    }
  }
  return masks;
}();

/// What the cycle lemma says of one band, and of one band and the next.
struct RingLimits {
  int band = 0;
  int pair = 0;
};

constexpr RingLimits ring_limits(int limit) {
  constexpr int kRing = static_cast<int>(kBands);
  return {limit / kRing, 2 * limit / kRing};
}

/// The first band through which a search at these limits finds `value`, so that it is counted once.
std::size_t first_band(const Pdq256& value, const Pdq256& query, RingLimits limits) {
  std::array<int, kBands> bits{};
  for (std::size_t band = 0; band < kBands; ++band) {
    bits[band] =
        std::popcount(static_cast<std::uint32_t>(band_bits(value, band) ^ band_bits(query, band)));
  }
  std::size_t band = 0;
  while (bits[band] > limits.band || bits[band] + bits[(band + 1) % kBands] > limits.pair) {
    ++band;
  }
  return band;
}

/// Beyond so many tags, or rows to verify, a linear search is faster.
std::size_t tags_max(std::size_t rows, std::size_t variants) {
  return std::max<std::size_t>(rows * variants, 65'536);
}

std::size_t survivors_max(std::size_t rows) {
  return std::max<std::size_t>(rows / 16, 16'384);
}

/// Appends a bucket in pieces that the kernels take.
void append_pieces(Probe probe, std::uint32_t count, std::vector<Probe>& probes) {
  for (probe.count = kProbeTagsMax; count > kProbeTagsMax; count -= kProbeTagsMax) {
    probes.push_back(probe);
    probe.tags += kProbeTagsMax;
    probe.ids += kProbeTagsMax;
  }
  probe.count = count;
  probes.push_back(probe);
}

constexpr std::size_t kAlignment = 64;

constexpr std::size_t aligned(std::size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

/// Where the parts of a block begin, in bytes.
struct BlockLayout {
  explicit constexpr BlockLayout(std::size_t rows)
      : tags(aligned(kOffsets * sizeof(std::uint32_t))),
        ids(tags + aligned((rows + kTagPadding) * sizeof(std::uint16_t))),
        end(ids + aligned(rows * sizeof(std::uint32_t))) {}

  std::size_t tags;
  std::size_t ids;
  std::size_t end;
};

/// The parts of one band's block.
struct Band {
  Band(const std::byte* block, std::size_t rows) {
    const BlockLayout layout(rows);
    // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): a block is these arrays.
    offsets = reinterpret_cast<const std::uint32_t*>(block);
    tags = reinterpret_cast<const std::uint16_t*>(block + layout.tags);
    ids = reinterpret_cast<const std::uint32_t*>(block + layout.ids);
    // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
  }

  const std::uint32_t* offsets;  // where each bucket begins, and the end
  const std::uint16_t* tags;     // kTagPadding longer
  const std::uint32_t* ids;
};

using Bands = std::vector<Band>;

/// Asks for all the offsets that probes_of reads, so that their misses overlap.
void fetch_offsets(const Bands& bands,
                   std::span<const Pdq256> variants,
                   std::span<const std::uint16_t> masks) {
  for (const Pdq256& variant : variants) {
    for (std::size_t band = 0; band < kBands; ++band) {
      const std::uint16_t bits = band_bits(variant, band);
      for (const std::uint16_t mask : masks) {
        __builtin_prefetch(bands[band].offsets + (bits ^ mask));
      }
    }
  }
}

/// The buckets to look at; empty if there are too many tags in them.
std::vector<Probe> probes_of(const Bands& bands,
                             std::size_t rows,
                             std::span<const Pdq256> variants,
                             RingLimits limits) {
  const std::span masks(kMasks.data(), kMasksUpTo[static_cast<std::size_t>(limits.band)]);
  fetch_offsets(bands, variants, masks);
  std::vector<Probe> probes;
  probes.reserve(variants.size() * kBands * masks.size());
  std::size_t tags = 0;
  for (std::uint32_t variant = 0; variant < variants.size(); ++variant) {
    for (std::size_t band = 0; band < kBands; ++band) {
      const std::uint16_t bits = band_bits(variants[variant], band);
      Probe probe{.tag = band_bits(variants[variant], (band + 1) % kBands),
                  .tag_limit = static_cast<std::uint8_t>(limits.pair),
                  .band = static_cast<std::uint8_t>(band),
                  .variant = variant};
      std::size_t next = 0;
      for (int flips = 0; flips <= limits.band; ++flips, --probe.tag_limit) {
        for (; next < kMasksUpTo[static_cast<std::size_t>(flips)]; ++next) {
          const std::uint32_t* const bucket = bands[band].offsets + (bits ^ kMasks[next]);
          const std::uint32_t count = bucket[1] - bucket[0];
          probe.tags = bands[band].tags + bucket[0];
          probe.ids = bands[band].ids + bucket[0];
          append_pieces(probe, count, probes);
          tags += count;
        }
      }
    }
    if (tags > tags_max(rows, variants.size())) {
      return {};
    }
  }
  return probes;
}

}  // namespace

std::size_t band_bytes(std::size_t rows) {
  return BlockLayout(rows).end;
}

void build_band(std::size_t band, std::span<const Pdq256> values, std::span<std::byte> block) {
  const std::size_t rows = values.size();
  const BlockLayout layout(rows);
  TUTELA_CHECK(band < kBands && rows < std::numeric_limits<std::uint32_t>::max() &&
               block.size() == layout.end);

  struct Posting {
    std::uint16_t bits;
    std::uint16_t tag;
    std::uint32_t row;
  };

  std::ranges::fill(block.first(layout.tags), std::byte{0});
  // What lies between the arrays, so that equal values make equal blocks.
  const std::size_t tags_end = layout.tags + rows * sizeof(std::uint16_t);
  const std::size_t ids_end = layout.ids + rows * sizeof(std::uint32_t);
  std::ranges::fill(block.subspan(tags_end, layout.ids - tags_end), std::byte{0});
  std::ranges::fill(block.subspan(ids_end), std::byte{0});
  // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): a block is these arrays.
  auto* const offsets = reinterpret_cast<std::uint32_t*>(block.data());
  auto* const tags = reinterpret_cast<std::uint16_t*>(block.data() + layout.tags);
  auto* const ids = reinterpret_cast<std::uint32_t*>(block.data() + layout.ids);
  // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
  for (const Pdq256& value : values) {
    ++offsets[band_bits(value, band) + 1];
  }
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    offsets[bucket + 1] += offsets[bucket];
  }
  // First by the high byte, then into the buckets: both steps write to few places at a time, which
  // the caches hold; straight into 65,536 buckets is several times slower.
  std::array<std::uint32_t, 256> coarse{};
  for (std::size_t high = 0; high < coarse.size(); ++high) {
    coarse[high] = offsets[high << 8];
  }
  HugeArray<Posting> postings(rows);
  std::uint32_t row = 0;
  for (const Pdq256& value : values) {
    const std::uint16_t bits = band_bits(value, band);
    const std::uint16_t tag = band_bits(value, (band + 1) % kBands);
    postings.data()[coarse[bits >> 8]++] = {bits, tag, row++};
  }
  std::vector<std::uint32_t> next(offsets, offsets + kBuckets);
  for (const Posting& posting : postings.span()) {
    const std::uint32_t place = next[posting.bits]++;
    tags[place] = posting.tag;
    ids[place] = posting.row;
  }
}

Index::Index(std::span<const Pdq256> values, const std::array<const std::byte*, kBands>& blocks)
    : values_(values), blocks_(blocks) {}

bool Index::search(std::span<const Pdq256> variants, int limit, std::vector<NearRow>& near) const {
  TUTELA_CHECK(limit >= 0 && limit <= kIndexDistanceMax);
  const RingLimits limits = ring_limits(limit);
  Bands bands;
  bands.reserve(kBands);
  for (const std::byte* const block : blocks_) {
    bands.emplace_back(block, values_.size());
  }
  const std::vector<Probe> all = probes_of(bands, values_.size(), variants, limits);
  if (all.empty()) {
    return false;
  }
  const TagScan scan = active_tag_scan();
  std::array<Survivor, kSurvivorsMax> survivors;
  std::array<std::uint32_t, kSurvivorsMax> found;
  std::size_t verified = 0;
  for (std::span<const Probe> probes = all; !probes.empty();) {
    const Scanned scanned = scan(probes, survivors.data());
    verified += scanned.survivors;
    if (verified > survivors_max(values_.size())) {
      return false;
    }
    for (std::size_t i = 0; i < scanned.survivors; ++i) {
      found[i] = probes[survivors[i].probe].ids[survivors[i].offset];
      __builtin_prefetch(&values_[found[i]]);
    }
    for (std::size_t i = 0; i < scanned.survivors; ++i) {
      const Probe& probe = probes[survivors[i].probe];
      const Pdq256& value = values_[found[i]];
      const Pdq256& variant = variants[probe.variant];
      const int bits = fingerprint::distance(value, variant);
      if (bits <= limit && first_band(value, variant, limits) == probe.band) {
        near.push_back({found[i], bits, probe.variant});
      }
    }
    probes = probes.subspan(scanned.probes);
  }
  return true;
}

Scanned scan_tags_scalar(std::span<const Probe> probes, Survivor* out) {
  Scanned scanned;
  while (scanned.probes < probes.size() && scanned.survivors + kProbeTagsMax <= kSurvivorsMax) {
    if (scanned.probes + kProbesAhead < probes.size()) {
      fetch_tags(probes[scanned.probes + kProbesAhead]);
    }
    const Probe& probe = probes[scanned.probes];
    for (std::uint32_t i = 0; i < probe.count; ++i) {
      const auto differing = static_cast<std::uint32_t>(probe.tags[i] ^ probe.tag);
      if (std::popcount(differing) <= probe.tag_limit) {
        __builtin_prefetch(probe.ids + i);
        out[scanned.survivors++] = {static_cast<std::uint32_t>(scanned.probes), i};
      }
    }
    ++scanned.probes;
  }
  return scanned;
}

TagScan active_tag_scan() {
  switch (active_kernel()) {
#if defined(__x86_64__)
    case Kernel::kAvx2:
      return &scan_tags_avx2;
    case Kernel::kAvx512:
      return &scan_tags_avx512;
#else
    case Kernel::kAvx2:
    case Kernel::kAvx512:
#endif
    case Kernel::kScalar:
      break;
  }
  return &scan_tags_scalar;
}

}  // namespace tutela::match
