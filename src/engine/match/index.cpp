#include "engine/match/index.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/check.hpp"
#include "engine/match/fetch.hpp"
#include "engine/match/index_block.hpp"
#include "engine/match/index_stream.hpp"

namespace tutela::match {
namespace {

using fingerprint::Pdq256;

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

}  // namespace tutela::match
