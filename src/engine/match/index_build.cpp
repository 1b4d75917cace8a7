#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "base/check.hpp"
#include "engine/match/huge_array.hpp"
#include "engine/match/index.hpp"
#include "engine/match/index_block.hpp"

namespace tutela::match {
namespace {

using fingerprint::Pdq256;

struct Posting {
  std::uint16_t bits;
  std::uint16_t tag;
  std::uint32_t row;
};

constexpr std::size_t kHalf = 256;  // values of half a band
using HighStarts = std::array<std::uint32_t, kHalf + 1>;

/// The values of a band, to be read in order, a piece at a time.
struct Reader {
  std::span<const Pdq256> values;
  const std::function<void(std::span<const Pdq256>)>& on_read;

  template <typename OnValue>
  void each(OnValue on_value) const {
    constexpr std::size_t kPiece = 65536;  // 2 MiB
    for (std::span rest = values; !rest.empty();) {
      const std::span piece = rest.first(std::min(rest.size(), kPiece));
      std::ranges::for_each(piece, on_value);
      if (on_read) {
        on_read(piece);
      }
      rest = rest.subspan(piece.size());
    }
  }
};

/// Where the postings of each high byte begin.
HighStarts high_starts(std::size_t band, const Reader& reader) {
  HighStarts starts{};
  reader.each([&](const Pdq256& value) { ++starts[(band_bits(value, band) >> 8) + 1U]; });
  for (std::size_t high = 0; high < kHalf; ++high) {
    starts[high + 1] += starts[high];
  }
  return starts;
}

/// All postings by their high byte, then row.
HugeArray<Posting> postings_of(std::size_t band, const Reader& reader, const HighStarts& starts) {
  HighStarts next = starts;
  HugeArray<Posting> postings(reader.values.size());
  std::uint32_t row = 0;
  reader.each([&](const Pdq256& value) {
    const std::uint16_t bits = band_bits(value, band);
    const std::uint16_t tag = band_bits(value, (band + 1) % kBands);
    postings.data()[next[bits >> 8]++] = {bits, tag, row++};
  });
  return postings;
}

/// The parts of a block that is being filled.
struct Parts {
  Parts(std::span<std::byte> block, const BlockLayout& layout) : id_bytes(layout.id_bytes) {
    // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): a block is these arrays.
    class_starts = reinterpret_cast<std::uint32_t*>(block.data());
    offsets = reinterpret_cast<std::uint32_t*>(block.data() + layout.offsets);
    tags = reinterpret_cast<std::uint16_t*>(block.data() + layout.tags);
    // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
    ids = block.data() + layout.ids;
  }

  void put(std::uint32_t place, const Posting& posting) const {
    tags[place] = posting.tag;
    std::byte* const id = ids + place * id_bytes;
    for (std::size_t i = 0; i < id_bytes; ++i) {
      id[i] = static_cast<std::byte>(posting.row >> (8 * i));
    }
  }

  std::size_t id_bytes;
  std::uint32_t* class_starts;
  std::uint32_t* offsets;
  std::uint16_t* tags;
  std::byte* ids;
};

/// Writes the buckets of one high byte: ordered by low byte, then class. Counts the classes.
void write_buckets(std::span<const Posting> postings,
                   std::size_t high,
                   std::uint32_t begin,
                   const Parts& parts,
                   std::array<std::uint64_t, kTagClasses>& classes) {
  if (postings.empty()) {
    std::fill_n(parts.offsets + high * kHalf, kHalf, begin);
    return;
  }
  std::array<std::array<std::uint32_t, kTagClasses>, kHalf> next{};
  for (const Posting& posting : postings) {
    ++next[posting.bits & 0xFFU][tag_class(posting.tag)];
  }
  for (std::size_t low = 0; low < kHalf; ++low) {
    parts.offsets[high * kHalf + low] = begin;
    for (std::size_t of_class = 0; of_class < kTagClasses; ++of_class) {
      const std::uint32_t count = next[low][of_class];
      classes[of_class] += count;
      next[low][of_class] = begin;
      begin += count;
    }
  }
  for (const Posting& posting : postings) {
    parts.put(next[posting.bits & 0xFFU][tag_class(posting.tag)]++, posting);
  }
}

/// Clears what lies between the parts, so that equal values make equal blocks.
void clear_gaps(std::span<std::byte> block, const BlockLayout& layout, std::size_t rows) {
  const auto clear = [&](std::size_t begin, std::size_t end) {
    std::ranges::fill(block.subspan(begin, end - begin), std::byte{0});
  };
  clear(0, layout.offsets);
  clear(layout.offsets + (kBuckets + 1) * sizeof(std::uint32_t), layout.tags);
  clear(layout.tags + rows * sizeof(std::uint16_t), layout.ids);
  clear(layout.ids + rows * layout.id_bytes, layout.end);
}

}  // namespace

std::size_t band_bytes(std::size_t rows) {
  return BlockLayout(rows).end;
}

void build_band(std::size_t band,
                std::span<const Pdq256> values,
                std::span<std::byte> block,
                const std::function<void(std::span<const Pdq256>)>& on_read) {
  const std::size_t rows = values.size();
  const BlockLayout layout(rows);
  TUTELA_CHECK(band < kBands && rows < std::numeric_limits<std::uint32_t>::max() &&
               block.size() == layout.end);
  clear_gaps(block, layout, rows);
  const Parts parts(block, layout);
  // First by the high byte, then each of these into its buckets: both steps write to few places at
  // a time, which the caches hold; straight into 65,536 buckets is several times slower.
  const Reader reader{values, on_read};
  const HighStarts starts = high_starts(band, reader);
  const HugeArray<Posting> postings = postings_of(band, reader, starts);
  std::array<std::uint64_t, kTagClasses> classes{};
  for (std::size_t high = 0; high < kHalf; ++high) {
    const auto of_high = postings.span().subspan(starts[high], starts[high + 1] - starts[high]);
    write_buckets(of_high, high, starts[high], parts, classes);
  }
  parts.offsets[kBuckets] = static_cast<std::uint32_t>(rows);
  std::uint64_t before = 0;
  for (std::size_t of_class = 0; of_class < kTagClasses; ++of_class) {
    parts.class_starts[of_class] =
        rows == 0 ? 0 : static_cast<std::uint32_t>(before * kWholeBand / rows);
    before += classes[of_class];
  }
  parts.class_starts[kTagClasses] = kWholeBand;
}

}  // namespace tutela::match
