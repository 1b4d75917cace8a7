// Index: sublinear exact search of PDQ values within a Hamming distance. Internal to match.
//
// A value is a ring of 16 bands of 16 bits. If the distance of two values is at most r, then some
// band i has d(i) <= r / 16 and d(i) + d(i + 1) <= 2 r / 16 (rounded down; the cycle lemma: a ring
// of numbers whose sum is at most r has a start from which each prefix of n numbers sums to at most
// n r / 16). For each band the index holds the rows in buckets by the band's bits, and beside each
// row a tag: the bits of the next band. A search looks at the buckets whose bits differ from the
// query's in at most r / 16 places (17 a band at r = 31), compares their tags, 2 bytes a row, and
// reads only the values whose tags are near enough (about 0.26 % of them).
//
// The rows of a bucket are ordered by their tags' popcount, since tags at distance t differ in
// popcount by t at most: at r = 31 some 38 % of random tags are not even read. How the tags
// of a band are spread over the popcounts says where to begin; the scan looks at the first and the
// last tag of what it read, so that a wrong guess costs time and nothing else.
//
// A search is one stream of buckets: the directory is fetched sixteen bands ahead, tags two
// batches of buckets ahead, ids when a tag is near enough, values a group of survivors later.
//
// Memory: 80 bytes a row (96 from 2^24 rows on) and 4 MiB, in one block a band, as it lies in a
// segment's file too. Immutable once built, searched by many threads.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
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
/// at the same time. Needs 8 bytes a row while it runs. `values` are fewer than 2^32; they are read
/// twice, from the first to the last, and `on_read` is told of each piece that was.
void build_band(std::size_t band,
                std::span<const fingerprint::Pdq256> values,
                std::span<std::byte> block,
                const std::function<void(std::span<const fingerprint::Pdq256>)>& on_read = {});

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

/// Tags that a cache line holds: what is compared at once.
inline constexpr std::uint32_t kLineTags = 32;

/// A line of tags to compare.
struct TagLine {
  std::uint32_t line;   // of the band
  std::uint32_t lanes;  // the tags that count
  std::uint16_t limit;  // of the distance to the query's tag
};

/// A bucket, or a piece of a large one, of which some lines are compared.
struct Piece {
  std::uint32_t begin;  // tags in the band, and the end; at least one
  std::uint32_t end;
  std::uint32_t first_line;  // what is compared
  std::uint32_t last_line;
  std::uint32_t limit;
};

/// Lines of one band for one variant. Without initialisers: arrays of these are not cleared.
struct TagBatch {
  static constexpr std::size_t kLinesMax = 256;
  static constexpr std::size_t kPiecesMax = 32;

  std::array<TagLine, kLinesMax> lines;
  std::array<Piece, kPiecesMax> pieces;
  std::uint32_t line_count;
  std::uint32_t piece_count;
  const std::uint16_t* tags;  // of the band; begin at a cache line
  std::uint16_t tag;          // the query's
  std::uint8_t band;
  std::uint32_t variant;
};

/// The tags of a line that are within its limit, at least one.
struct NearLanes {
  std::uint32_t line;
  std::uint32_t lanes;
};

struct IndexKernel {
  /// Compares lines of a batch; returns how many were written to `out`, which has one place more
  /// than there are lines.
  std::size_t (*near_lanes)(const TagBatch& batch, std::span<const TagLine> lines, NearLanes* out);
  /// One bit for each piece beside whose lines may lie others with tags that are near enough: its
  /// first or last tag has a popcount that still allows it.
  std::uint32_t (*uncovered)(const TagBatch& batch);
  int (*distance)(const fingerprint::Pdq256& a, const fingerprint::Pdq256& b);
};

/// The functions of a kernel, which the CPU must have.
[[nodiscard]] IndexKernel index_kernel(Kernel kernel);
#if defined(__x86_64__)
[[nodiscard]] IndexKernel index_kernel_avx2();
[[nodiscard]] IndexKernel index_kernel_avx512();
#endif

}  // namespace tutela::match
