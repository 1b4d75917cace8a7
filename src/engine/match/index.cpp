#include "engine/match/index.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>

#include "base/check.hpp"
#include "engine/match/fetch.hpp"
#include "engine/match/index_block.hpp"

namespace tutela::match {
namespace {

using fingerprint::Pdq256;

constexpr int kFlipsMax = kIndexDistanceMax / static_cast<int>(kBands);
constexpr std::size_t kBoundsMax = kFlipsMax + 1;

/// Which bits of a band a bucket may differ in, fewest first: 1 + 16 + 120 + 560 masks.
constexpr std::array<std::size_t, kBoundsMax> kMasksUpTo = {1, 17, 137, 697};

constexpr std::array<std::uint16_t, kMasksUpTo.back()> kMasks = [] {
  std::array<std::uint16_t, kMasksUpTo.back()> masks{};
  std::array<std::size_t, kMasksUpTo.size()> next = {
      0, kMasksUpTo[0], kMasksUpTo[1], kMasksUpTo[2]};
  for (std::uint32_t mask = 0; mask < kBuckets; ++mask) {
    const std::size_t bits = tag_class(mask);
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

/// The parts of one band's block.
struct Band {
  explicit Band(const std::byte* block, const BlockLayout& layout) {
    // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): a block is these arrays.
    class_starts = reinterpret_cast<const std::uint32_t*>(block);
    offsets = reinterpret_cast<const std::uint32_t*>(block + layout.offsets);
    tags = reinterpret_cast<const std::uint16_t*>(block + layout.tags);
    // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
  }

  const std::uint32_t* class_starts;
  const std::uint32_t* offsets;
  const std::uint16_t* tags;
};

/// Where in a bucket the tags of some classes are expected, in 65,536ths.
struct Bounds {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// Lines that hold some tags of a band.
struct Lines {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

/// The tags of `line` that belong to a piece.
std::uint32_t lanes_of(std::uint32_t line, std::uint32_t begin, std::uint32_t end) {
  const std::uint32_t first = line * kLineTags;
  std::uint32_t lanes = ~0U;
  lanes <<= begin > first ? begin - first : 0;
  const std::uint32_t absent = end - first < kLineTags ? kLineTags - (end - first) : 0;
  return lanes << absent >> absent;
}

/// What a search compares, batch after batch: variant after variant, band after band, bucket after
/// bucket. Asks for what it hands out.
class TagStream {
 public:
  TagStream(const std::array<const std::byte*, kBands>& blocks,
            const BlockLayout& layout,
            std::span<const Pdq256> variants,
            RingLimits limits)
      : blocks_(blocks), layout_(layout), variants_(variants), limits_(limits) {
    for (std::size_t step = 0; step < kStepsAhead; ++step) {
      fetch_directory(step);
    }
    begin_band();
  }

  [[nodiscard]] bool ended() const noexcept { return step_ == steps(); }

  /// Tags in the buckets so far.
  [[nodiscard]] std::size_t tags() const noexcept { return tags_; }

  void next(TagBatch& batch) {
    batch.line_count = 0;
    batch.piece_count = 0;
    batch.tags = tags_of_band_;
    batch.tag = tag_;
    batch.band = static_cast<std::uint8_t>(step_ % kBands);
    batch.variant = static_cast<std::uint32_t>(step_ / kBands);
    while (flips_ <= limits_.band) {
      for (; mask_ < kMasksUpTo[static_cast<std::size_t>(flips_)]; ++mask_) {
        if (!add_bucket(batch)) {
          return;
        }
      }
      ++flips_;
    }
    ++step_;
    if (!ended()) {
      begin_band();
    }
  }

 private:
  static constexpr std::size_t kStepsAhead = 4;
  static constexpr std::uint32_t kPieceTags = 2048;
  static constexpr std::size_t kPieceLines = kPieceTags / kLineTags + 1;

  [[nodiscard]] std::size_t steps() const noexcept { return variants_.size() * kBands; }

  [[nodiscard]] Band band_of(std::size_t step) const {
    return Band(blocks_[step % kBands], layout_);
  }

  void fetch_directory(std::size_t step) const {
    const Band band = band_of(step);
    const std::uint16_t bits = band_bits(variants_[step / kBands], step % kBands);
    for (std::size_t i = 0; i < kMasksUpTo[static_cast<std::size_t>(limits_.band)]; ++i) {
      fetch_soon(band.offsets + (bits ^ kMasks[i]));
    }
    fetch_soon(band.class_starts);
    fetch_soon(band.class_starts + kTagClasses);
  }

  void begin_band() {
    if (step_ + kStepsAhead < steps()) {
      fetch_directory(step_ + kStepsAhead);
    }
    const Band band = band_of(step_);
    const Pdq256& variant = variants_[step_ / kBands];
    bits_ = band_bits(variant, step_ % kBands);
    tag_ = band_bits(variant, (step_ + 1) % kBands);
    tags_of_band_ = band.tags;
    offsets_ = band.offsets;
    const int of_tag = static_cast<int>(tag_class(tag_));
    for (int flips = 0; flips <= limits_.band; ++flips) {
      const int limit = limits_.pair - flips;
      bounds_[static_cast<std::size_t>(flips)] = {
          .begin = band.class_starts[std::max(of_tag - limit, 0)],
          .end = band.class_starts[std::min<int>(of_tag + limit + 1, kTagClasses)]};
    }
    mask_ = 0;
    flips_ = 0;
    bucket_done_ = 0;
  }

  /// Adds a bucket, or what is left of it. False if the batch has no room for all of it.
  bool add_bucket(TagBatch& batch) {
    const std::uint32_t* const bucket = offsets_ + (bits_ ^ kMasks[mask_]);
    const std::uint32_t begin = bucket[0];
    const std::uint32_t count = bucket[1] - begin;
    const Bounds& bounds = bounds_[static_cast<std::size_t>(flips_)];
    // As far as chance moves the bounds in a bucket of this size: half the root of the count.
    const std::uint32_t margin = (1U << (std::bit_width(count) / 2)) / 2;
    const auto low = static_cast<std::uint32_t>((std::uint64_t{count} * bounds.begin) >> 16);
    const auto high = static_cast<std::uint32_t>((std::uint64_t{count} * bounds.end) >> 16);
    const std::uint32_t guess_begin = begin + low - std::min(low, margin);
    const std::uint32_t guess_end = begin + std::min(high + margin, count);
    while (bucket_done_ != count) {
      if (batch.piece_count == TagBatch::kPiecesMax ||
          batch.line_count + kPieceLines > TagBatch::kLinesMax) {
        return false;
      }
      Piece piece;
      piece.begin = begin + bucket_done_;
      bucket_done_ += std::min(count - bucket_done_, kPieceTags);
      piece.end = begin + bucket_done_;
      piece.limit = static_cast<std::uint32_t>(limits_.pair - flips_);
      const std::uint32_t first = std::clamp(guess_begin, piece.begin, piece.end - 1);
      piece.first_line = first / kLineTags;
      piece.last_line = (std::clamp(guess_end, first + 1, piece.end) - 1) / kLineTags;
      add_piece(piece, batch);
    }
    tags_ += count;
    bucket_done_ = 0;
    return true;
  }

  static void add_piece(const Piece& piece, TagBatch& batch) {
    TagLine* to = batch.lines.data() + batch.line_count;
    for (std::uint32_t line = piece.first_line; line <= piece.last_line; ++line) {
      fetch_later(batch.tags + std::size_t{line} * kLineTags);
      *to++ = {line, ~0U, static_cast<std::uint16_t>(piece.limit)};
    }
    const std::uint32_t count = piece.last_line - piece.first_line + 1;
    TagLine* const lines = batch.lines.data() + batch.line_count;
    lines[0].lanes = lanes_of(piece.first_line, piece.begin, piece.end);
    lines[count - 1].lanes = lanes_of(piece.last_line, piece.begin, piece.end);
    batch.line_count += count;
    batch.pieces[batch.piece_count++] = piece;
  }

  const std::array<const std::byte*, kBands>& blocks_;
  BlockLayout layout_;
  std::span<const Pdq256> variants_;
  RingLimits limits_;

  std::size_t step_ = 0;  // variant and band
  std::uint16_t bits_ = 0;
  std::uint16_t tag_ = 0;
  const std::uint16_t* tags_of_band_ = nullptr;
  const std::uint32_t* offsets_ = nullptr;
  std::array<Bounds, kBoundsMax> bounds_{};  // by flips
  std::size_t mask_ = 0;
  int flips_ = 0;
  std::uint32_t bucket_done_ = 0;  // tags of the bucket that earlier batches have
  std::size_t tags_ = 0;
};

/// A row whose tag is near enough.
struct Survivor {
  std::uint32_t row;  // until it is read: its place in the band
  std::uint32_t variant;
  std::uint8_t band;
};

/// Reads the ids of survivors, then their values, each a group later than it was asked for.
class Verifier {
 public:
  Verifier(std::span<const Pdq256> values,
           const std::array<const std::byte*, kBands>& blocks,
           const BlockLayout& layout,
           std::span<const Pdq256> variants,
           int limit,
           int (*distance)(const Pdq256&, const Pdq256&),
           std::vector<NearRow>& near)
      : values_(values),
        blocks_(blocks),
        layout_(layout),
        variants_(variants),
        limit_(limit),
        distance_(distance),
        near_(near) {}

  /// Survivors of a batch. False, from then on, if there are too many.
  [[nodiscard]] bool add(const TagBatch& batch, std::span<const NearLanes> near) {
    for (const NearLanes& line : near) {
      if (added_ > added_max_) {
        return false;
      }
      for (std::uint32_t lanes = line.lanes; lanes != 0; lanes &= lanes - 1) {
        const auto lane = static_cast<std::uint32_t>(std::countr_zero(lanes));
        const std::uint32_t place = line.line * kLineTags + lane;
        fetch_soon(id_at(batch.band, place));
        waiting_[waiting_count_++] = {place, batch.variant, batch.band};
        if (waiting_count_ == kGroup) {
          advance();
        }
        ++added_;
      }
    }
    return true;
  }

  void finish() {
    advance();
    advance();
  }

 private:
  static constexpr std::size_t kGroup = 24;

  [[nodiscard]] const std::byte* id_at(std::uint8_t band, std::uint32_t place) const {
    return blocks_[band] + layout_.ids + place * layout_.id_bytes;
  }

  [[nodiscard]] std::uint32_t row_at(std::uint8_t band, std::uint32_t place) const {
    std::uint32_t row = 0;
    std::memcpy(&row, id_at(band, place), sizeof(row));
    if constexpr (std::endian::native == std::endian::big) {
      row = __builtin_bswap32(row);
    }
    return layout_.id_bytes == 3 ? row & 0xFFFFFF : row;
  }

  /// Compares the values that were asked for, then asks for those of the next group.
  void advance() {
    for (const Survivor& survivor : std::span(fetched_).first(fetched_count_)) {
      const Pdq256& value = values_[survivor.row];
      const Pdq256& variant = variants_[survivor.variant];
      const int bits = distance_(value, variant);
      if (bits <= limit_ && first_band(value, variant, ring_limits(limit_)) == survivor.band) {
        near_.push_back({survivor.row, bits, survivor.variant});
      }
    }
    for (std::size_t i = 0; i < waiting_count_; ++i) {
      Survivor& survivor = fetched_[i];
      survivor = waiting_[i];
      survivor.row = row_at(survivor.band, survivor.row);
      fetch_soon(&values_[survivor.row]);
    }
    fetched_count_ = waiting_count_;
    waiting_count_ = 0;
  }

  std::span<const Pdq256> values_;
  const std::array<const std::byte*, kBands>& blocks_;
  BlockLayout layout_;
  std::span<const Pdq256> variants_;
  int limit_;
  int (*distance_)(const Pdq256&, const Pdq256&);
  std::vector<NearRow>& near_;
  std::array<Survivor, kGroup> waiting_;
  std::array<Survivor, kGroup> fetched_;
  std::size_t waiting_count_ = 0;
  std::size_t fetched_count_ = 0;
  std::size_t added_ = 0;
  std::size_t added_max_ = survivors_max(values_.size());
};

/// Compares a batch, and the lines that its guesses missed. False if too much is near.
bool compare(const TagBatch& batch, const IndexKernel& kernel, Verifier& verifier) {
  std::array<NearLanes, TagBatch::kLinesMax + 1> near;
  const auto compare_lines = [&](std::span<const TagLine> lines) {
    const std::size_t found = kernel.near_lanes(batch, lines, near.data());
    return verifier.add(batch, std::span(near).first(found));
  };
  bool few = compare_lines(std::span(batch.lines).first(batch.line_count));
  const int of_tag = static_cast<int>(tag_class(batch.tag));
  for (std::uint32_t left = kernel.uncovered(batch); left != 0; left &= left - 1) {
    const Piece& piece = batch.pieces[static_cast<std::size_t>(std::countr_zero(left))];
    const auto limit = static_cast<int>(piece.limit);
    const auto class_at = [&](std::uint32_t place) {
      return static_cast<int>(tag_class(batch.tags[place]));
    };
    const auto compare_line = [&](std::uint32_t line) {
      const TagLine one = {
          line, lanes_of(line, piece.begin, piece.end), static_cast<std::uint16_t>(piece.limit)};
      few = compare_lines({&one, 1}) && few;
    };
    for (std::uint32_t line = piece.first_line;
         line * kLineTags > piece.begin && class_at(line * kLineTags) >= of_tag - limit;) {
      compare_line(--line);
    }
    for (std::uint32_t line = piece.last_line;
         (line + 1) * kLineTags < piece.end &&
         class_at((line + 1) * kLineTags - 1) <= of_tag + limit;) {
      compare_line(++line);
    }
  }
  return few;
}

std::size_t near_lanes_scalar(const TagBatch& batch,
                              std::span<const TagLine> lines,
                              NearLanes* out) {
  std::size_t found = 0;
  for (const TagLine& line : lines) {
    NearLanes near{line.line, 0};
    const std::uint16_t* const tags = batch.tags + std::size_t{line.line} * kLineTags;
    for (std::uint32_t lanes = line.lanes; lanes != 0; lanes &= lanes - 1) {
      const int lane = std::countr_zero(lanes);
      if (tag_class(static_cast<std::uint32_t>(tags[lane] ^ batch.tag)) <= line.limit) {
        near.lanes |= 1U << lane;
      }
    }
    out[found] = near;
    found += near.lanes != 0 ? 1 : 0;
  }
  return found;
}

std::uint32_t uncovered_scalar(const TagBatch& batch) {
  const std::uint32_t of_tag = tag_class(batch.tag);
  std::uint32_t uncovered = 0;
  for (std::uint32_t i = 0; i < batch.piece_count; ++i) {
    const Piece& piece = batch.pieces[i];
    const std::uint32_t first = std::max(piece.first_line * kLineTags, piece.begin);
    const std::uint32_t last = std::min((piece.last_line + 1) * kLineTags, piece.end) - 1;
    const bool before = first > piece.begin && tag_class(batch.tags[first]) + piece.limit >= of_tag;
    const bool behind = last + 1 < piece.end && tag_class(batch.tags[last]) <= of_tag + piece.limit;
    uncovered |= static_cast<std::uint32_t>(before || behind) << i;
  }
  return uncovered;
}

int distance_scalar(const Pdq256& a, const Pdq256& b) {
  return fingerprint::distance(a, b);
}

}  // namespace

Index::Index(std::span<const Pdq256> values, const std::array<const std::byte*, kBands>& blocks)
    : values_(values), blocks_(blocks) {}

bool Index::search(std::span<const Pdq256> variants, int limit, std::vector<NearRow>& near) const {
  TUTELA_CHECK(limit >= 0 && limit <= kIndexDistanceMax);
  if (variants.empty()) {
    return true;
  }
  const IndexKernel kernel = index_kernel(active_kernel());
  const BlockLayout layout(values_.size());
  TagStream stream(blocks_, layout, variants, ring_limits(limit));
  Verifier verifier(values_, blocks_, layout, variants, limit, kernel.distance, near);
  // The tags of two batches are on their way while those of the one before are compared.
  constexpr std::size_t kAhead = 2;
  std::array<TagBatch, kAhead + 1> batches;
  std::size_t made = 0;
  for (std::size_t done = 0; done < made || !stream.ended(); ++done) {
    for (; made <= done + kAhead && !stream.ended(); ++made) {
      stream.next(batches[made % batches.size()]);
    }
    if (!compare(batches[done % batches.size()], kernel, verifier) ||
        stream.tags() > tags_max(values_.size(), variants.size())) {
      return false;
    }
  }
  verifier.finish();
  return true;
}

IndexKernel index_kernel(Kernel kernel) {
  switch (kernel) {
#if defined(__x86_64__)
    case Kernel::kAvx2:
      return index_kernel_avx2();
    case Kernel::kAvx512:
      return index_kernel_avx512();
#else
    case Kernel::kAvx2:
    case Kernel::kAvx512:
#endif
    case Kernel::kScalar:
      break;
  }
  return {&near_lanes_scalar, &uncovered_scalar, &distance_scalar};
}

}  // namespace tutela::match
