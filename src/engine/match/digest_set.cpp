#include "engine/match/digest_set.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "base/check.hpp"
#include "engine/match/fetch.hpp"

namespace tutela::match {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kListBytes = 2;
constexpr std::size_t kIdBytes = 5;

/// The first eight bytes as a number: numbers order as the values do.
std::uint64_t head_of(const std::byte* value) {
  std::uint64_t head = 0;
  std::memcpy(&head, value, sizeof(head));
  return std::endian::native == std::endian::little ? __builtin_bswap64(head) : head;
}

/// The first bits of a head.
std::size_t prefix_of(std::uint64_t head, int bits) {
  return bits == 0 ? 0 : static_cast<std::size_t>(head >> (64 - bits));
}

/// Little-endian on every machine, so that blocks may be read elsewhere.
void put_little(std::uint64_t number, std::size_t bytes, std::byte* to) {
  for (std::size_t i = 0; i < bytes; ++i) {
    to[i] = static_cast<std::byte>(number >> (8 * i));
  }
}

std::uint64_t get_little(const std::byte* from, std::size_t bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = bytes; i > 0; --i) {
    number = number << 8 | std::to_integer<std::uint64_t>(from[i - 1]);
  }
  return number;
}

constexpr std::size_t aligned(std::size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

}  // namespace

std::size_t digest_length(SignalKind kind) {
  TUTELA_CHECK(kind != SignalKind::kPdq);
  return kind == SignalKind::kMd5 ? 16 : kind == SignalKind::kSha1 ? 20 : 32;
}

DigestLayout::DigestLayout(SignalKind kind, std::size_t count)
    : value_bytes(digest_length(kind)), entry_bytes(value_bytes + kListBytes + kIdBytes) {
  TUTELA_CHECK(count <= std::numeric_limits<std::uint32_t>::max());
  prefix_bits = std::max(0, static_cast<int>(std::bit_width(count)) - 3);
  starts = (std::size_t{1} << prefix_bits) + 1;
  entries = starts * sizeof(std::uint32_t);
  end = aligned(entries + count * entry_bytes);
}

std::size_t digest_block_bytes(SignalKind kind, std::size_t count) {
  return DigestLayout(kind, count).end;
}

DigestBlockBuilder::DigestBlockBuilder(SignalKind kind,
                                       std::size_t count,
                                       std::span<std::byte> block)
    : layout_(kind, count),
      count_(count),
      block_(block),
      // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): a block begins with these.
      starts_(reinterpret_cast<std::uint32_t*>(block.data()), layout_.starts) {
  TUTELA_CHECK(block.size() == layout_.end);
}

void DigestBlockBuilder::add(const DigestEntry& entry) {
  TUTELA_CHECK(added_ < count_ && entry.list <= kDigestListMax && entry.signal_id >= 0 &&
               entry.signal_id <= kDigestSignalIdMax && (added_ == 0 || !(entry < last_)));
  const std::size_t prefix = prefix_of(head_of(entry.value.data()), layout_.prefix_bits);
  for (; prefixes_begun_ <= prefix; ++prefixes_begun_) {
    starts_[prefixes_begun_] = static_cast<std::uint32_t>(added_);
  }
  std::byte* const to = block_.data() + layout_.entries + added_ * layout_.entry_bytes;
  std::memcpy(to, entry.value.data(), layout_.value_bytes);
  put_little(entry.list, kListBytes, to + layout_.value_bytes);
  put_little(
      static_cast<std::uint64_t>(entry.signal_id), kIdBytes, to + layout_.value_bytes + kListBytes);
  last_ = entry;
  ++added_;
}

void DigestBlockBuilder::finish() {
  TUTELA_CHECK(added_ == count_);
  std::ranges::fill(starts_.subspan(prefixes_begun_), static_cast<std::uint32_t>(count_));
  std::ranges::fill(block_.subspan(layout_.entries + count_ * layout_.entry_bytes), std::byte{0});
}

DigestSet::DigestSet(SignalKind kind, std::size_t count, const std::byte* block)
    : kind_(kind), count_(count) {
  const DigestLayout layout(kind, count);
  value_bytes_ = layout.value_bytes;
  entry_bytes_ = layout.entry_bytes;
  prefix_bits_ = layout.prefix_bits;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): a block begins with these.
  starts_ = reinterpret_cast<const std::uint32_t*>(block);
  entries_ = block + layout.entries;
}

const std::byte* DigestSet::at(std::size_t i) const noexcept {
  return entries_ + i * entry_bytes_;
}

DigestEntry DigestSet::entry(std::size_t i) const {
  TUTELA_CHECK(i < count_);
  DigestEntry entry;
  std::memcpy(entry.value.data(), at(i), value_bytes_);
  const Hit hit = hit_at(i);
  entry.list = hit.list;
  entry.signal_id = hit.signal_id;
  return entry;
}

Hit DigestSet::hit_at(std::size_t i) const {
  const std::byte* const list = at(i) + value_bytes_;
  return {.list = static_cast<std::uint32_t>(get_little(list, kListBytes)),
          .signal_id = static_cast<std::int64_t>(get_little(list + kListBytes, kIdBytes)),
          .kind = kind_};
}

DigestSet::Range DigestSet::range_of(std::uint64_t head) const {
  const std::size_t prefix = prefix_of(head, prefix_bits_);
  Range range{.begin = starts_[prefix], .end = starts_[prefix + 1]};
  // The next 32 bits are the part of the way.
  const std::uint64_t part = (head << prefix_bits_) >> 32;
  range.guess = range.begin + (((range.end - range.begin) * part) >> 32);
  return range;
}

template <typename Found>
void DigestSet::each_equal(const std::byte* digest,
                           std::uint64_t head,
                           Range range,
                           Found found) const {
  const auto is_less = [&](std::size_t i) {
    const std::uint64_t other = head_of(at(i));
    return other != head ? other < head : std::memcmp(at(i), digest, value_bytes_) < 0;
  };
  // What is sought, the first that is not less, lies in low..high.
  std::size_t low = range.begin;
  std::size_t high = range.end;
  std::size_t step = 1;
  if (range.guess < high && is_less(range.guess)) {
    low = range.guess + 1;
    for (; high - low >= step; step *= 2) {
      if (!is_less(low + step - 1)) {
        high = low + step - 1;
        break;
      }
      low += step;
    }
  } else {
    high = range.guess;
    for (; high - low >= step; step *= 2) {
      if (is_less(high - step)) {
        low = high - step + 1;
        break;
      }
      high -= step;
    }
  }
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (is_less(middle)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  for (; low < range.end && std::memcmp(at(low), digest, value_bytes_) == 0; ++low) {
    found(low);
  }
}

void DigestSet::find(ByteView digest, std::vector<Hit>& hits) const {
  if (count_ == 0 || digest.size() != value_bytes_) {
    return;
  }
  const std::uint64_t head = head_of(digest.data());
  each_equal(
      digest.data(), head, range_of(head), [&](std::size_t i) { hits.push_back(hit_at(i)); });
}

void DigestSet::find_all(std::span<const ByteView> digests,
                         std::vector<DigestMatch>& matches) const {
  if (count_ == 0) {
    return;
  }
  // Of a group first all starts are asked for, then all entries, then they are read.
  constexpr std::size_t kGroup = 64;
  std::array<Range, kGroup> ranges;
  for (std::size_t first = 0; first < digests.size(); first += kGroup) {
    const std::span group = digests.subspan(first, std::min(kGroup, digests.size() - first));
    for (const ByteView digest : group) {
      if (digest.size() == value_bytes_) {
        fetch_later(starts_ + prefix_of(head_of(digest.data()), prefix_bits_));
      }
    }
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (group[i].size() == value_bytes_) {
        ranges[i] = range_of(head_of(group[i].data()));
        // What lies about the guess; addresses before or after the block do no harm.
        const std::byte* const guess = at(ranges[i].guess);
        fetch_later(guess - kAlignment);
        fetch_later(guess);
        fetch_later(guess + kAlignment);
      }
    }
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (group[i].size() == value_bytes_) {
        each_equal(group[i].data(), head_of(group[i].data()), ranges[i], [&](std::size_t place) {
          matches.push_back({first + i, hit_at(place)});
        });
      }
    }
  }
}

}  // namespace tutela::match
