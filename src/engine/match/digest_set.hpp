// DigestSet: an exact set of digests of one kind in one opaque block, in memory or in a mapped
// file. Internal to match.
//
// The block holds where each prefix begins, for 4 to 8 entries a prefix, then the entries in order:
// value, list (2 bytes), signal id (5 bytes), nothing between them. SHA-256 takes 39 bytes and a
// start of 4 bytes for 4 to 8 of them. Digests are evenly spread, so an entry is looked for where
// its value says that it lies among those of its prefix, and from there in doubling steps: one or
// two cache lines and one of the starts, or O(log n) on values made to be uneven.
//
// A set borrows its block and may be read by many threads. A builder belongs to one thread.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "base/bytes.hpp"
#include "engine/match/match.hpp"

namespace tutela::match {

/// What an entry has room for.
inline constexpr std::uint32_t kDigestListMax = 65'535;
inline constexpr std::int64_t kDigestSignalIdMax = (std::int64_t{1} << 40) - 1;

/// Ordered by value, list, signal id.
struct DigestEntry {
  std::array<std::byte, 32> value{};  // zero beyond the length of the kind
  std::int64_t signal_id = 0;         // 0..kDigestSignalIdMax
  std::uint32_t list = 0;             // 0..kDigestListMax

  friend bool operator==(const DigestEntry&, const DigestEntry&) = default;

  friend std::strong_ordering operator<=>(const DigestEntry& a, const DigestEntry& b) noexcept {
    return std::tie(a.value, a.list, a.signal_id) <=> std::tie(b.value, b.list, b.signal_id);
  }
};

/// Bytes of a digest: 16, 20 or 32.
[[nodiscard]] std::size_t digest_length(SignalKind kind);

/// Bytes of the block of `count` entries, a multiple of 64. A block begins at a multiple of 64.
/// `count` is below 2^32.
[[nodiscard]] std::size_t digest_block_bytes(SignalKind kind, std::size_t count);

/// Where the parts of a block lie.
struct DigestLayout {
  DigestLayout(SignalKind kind, std::size_t count);

  std::size_t value_bytes = 0;
  std::size_t entry_bytes = 0;
  int prefix_bits = 0;
  std::size_t starts = 0;   // how many, with the end
  std::size_t entries = 0;  // where they begin
  std::size_t end = 0;
};

/// Fills a block, all of its bytes.
class DigestBlockBuilder {
 public:
  DigestBlockBuilder(SignalKind kind, std::size_t count, std::span<std::byte> block);

  /// In order, exactly `count` times, within the limits above: all of it is checked.
  void add(const DigestEntry& entry);
  void finish();

 private:
  DigestLayout layout_;
  std::size_t count_;
  std::span<std::byte> block_;
  std::span<std::uint32_t> starts_;
  std::size_t added_ = 0;
  std::size_t prefixes_begun_ = 0;
  DigestEntry last_;
};

/// A hit of the digest at a place of the batch.
struct DigestMatch {
  std::size_t query = 0;
  Hit hit;

  friend bool operator==(const DigestMatch&, const DigestMatch&) = default;
};

class DigestSet {
 public:
  DigestSet() = default;
  /// `block` was filled by a builder with the same kind and count.
  DigestSet(SignalKind kind, std::size_t count, const std::byte* block);

  [[nodiscard]] std::size_t size() const noexcept { return count_; }

  /// The entry at a place in the order.
  [[nodiscard]] DigestEntry entry(std::size_t i) const;

  /// Appends a hit for each entry of this value, by list and signal id. Another length than the
  /// kind's finds nothing.
  void find(ByteView digest, std::vector<Hit>& hits) const;

  /// The same for many digests, whose cache misses overlap; by their order.
  void find_all(std::span<const ByteView> digests, std::vector<DigestMatch>& matches) const;

 private:
  /// Where the entries of a prefix lie, and where among them a value is expected.
  struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t guess = 0;
  };

  [[nodiscard]] Range range_of(std::uint64_t head) const;
  /// Calls found(place) for each entry of this value.
  template <typename Found>
  void each_equal(const std::byte* digest, std::uint64_t head, Range range, Found found) const;
  [[nodiscard]] Hit hit_at(std::size_t i) const;
  [[nodiscard]] const std::byte* at(std::size_t i) const noexcept;

  SignalKind kind_ = SignalKind::kSha256;
  std::size_t count_ = 0;
  std::size_t value_bytes_ = 0;
  std::size_t entry_bytes_ = 0;
  int prefix_bits_ = 0;
  const std::uint32_t* starts_ = nullptr;
  const std::byte* entries_ = nullptr;
};

}  // namespace tutela::match
