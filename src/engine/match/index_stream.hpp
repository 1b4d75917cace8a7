// TagStream: which tags a search of the index looks at, in which order, fetched ahead. Internal to
// the index.
//
// Belongs to one search.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/match/fetch.hpp"
#include "engine/match/index.hpp"
#include "engine/match/index_block.hpp"

namespace tutela::match {

inline constexpr int kFlipsMax = kIndexDistanceMax / static_cast<int>(kBands);
inline constexpr std::size_t kBoundsMax = kFlipsMax + 1;

/// Which bits of a band a bucket may differ in, fewest first: 1 + 16 + 120 + 560 masks.
inline constexpr std::array<std::size_t, kBoundsMax> kMasksUpTo = {1, 17, 137, 697};

inline constexpr std::array<std::uint16_t, kMasksUpTo.back()> kMasks = [] {
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

[[nodiscard]] constexpr RingLimits ring_limits(int limit) {
  constexpr int kRing = static_cast<int>(kBands);
  return {limit / kRing, 2 * limit / kRing};
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

/// The tags of `line` that belong to a piece.
[[nodiscard]] inline std::uint32_t lanes_of(std::uint32_t line,
                                            std::uint32_t begin,
                                            std::uint32_t end) {
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
            std::span<const fingerprint::Pdq256> variants,
            RingLimits limits)
      : blocks_(blocks), layout_(layout), variants_(variants), limits_(limits) {
    for (std::size_t step = 0; step < steps_ahead_; ++step) {
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
      fetch_later(band.offsets + (bits ^ kMasks[i]));
    }
    fetch_soon(band.class_starts);
    fetch_soon(band.class_starts + kTagClasses);
  }

  void begin_band() {
    if (step_ + steps_ahead_ < steps()) {
      fetch_directory(step_ + steps_ahead_);
    }
    const Band band = band_of(step_);
    const fingerprint::Pdq256& variant = variants_[step_ / kBands];
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
  std::span<const fingerprint::Pdq256> variants_;
  RingLimits limits_;

  /// How far ahead the directory is asked for: all of a variant's, where that is little.
  std::size_t steps_ahead_ = limits_.band <= 1 ? kBands : 2;
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

}  // namespace tutela::match
