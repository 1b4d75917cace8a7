// DigestTable: digests of one length, sorted, with a table of where each prefix begins, since
// digests are evenly spread; exact lookup, O(log n) at worst. Internal to match.
//
// Not thread-safe while it is filled; immutable after sort().
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <span>
#include <tuple>
#include <vector>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "engine/match/match.hpp"

namespace tutela::match {

template <std::size_t kBytes>
class DigestTable {
 public:
  void add(std::uint32_t list, std::int64_t signal_id, ByteView digest) {
    TUTELA_CHECK(digest.size() == kBytes);
    Entry entry{{}, list, signal_id};
    std::memcpy(entry.value.data(), digest.data(), kBytes);
    entries_.push_back(entry);
  }

  void sort() {
    std::ranges::sort(entries_, {}, [](const Entry& entry) {
      return std::tie(entry.value, entry.list, entry.signal_id);
    });
    entries_.shrink_to_fit();
    if (entries_.empty()) {
      return;
    }
    const auto width = static_cast<int>(std::bit_width(entries_.size()));
    prefix_bits_ = std::clamp(width - 3, 0, kPrefixBitsMax);
    starts_.assign((std::size_t{1} << prefix_bits_) + 1, 0);
    for (const Entry& entry : entries_) {
      ++starts_[prefix_of(entry.value) + 1];
    }
    std::partial_sum(starts_.begin(), starts_.end(), starts_.begin());
  }

  /// Appends a hit for each entry of this value, by list and signal id.
  void find(SignalKind kind, ByteView digest, std::vector<Hit>& hits) const {
    if (digest.size() != kBytes || entries_.empty()) {
      return;
    }
    Value value;
    std::memcpy(value.data(), digest.data(), kBytes);
    const std::size_t prefix = prefix_of(value);
    const std::span alike(&entries_[0] + starts_[prefix], starts_[prefix + 1] - starts_[prefix]);
    for (const Entry& entry : std::ranges::equal_range(alike, value, {}, &Entry::value)) {
      hits.push_back({.list = entry.list, .signal_id = entry.signal_id, .kind = kind});
    }
  }

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

  [[nodiscard]] std::size_t size_bytes() const noexcept {
    return entries_.capacity() * sizeof(Entry) + starts_.capacity() * sizeof(std::size_t);
  }

 private:
  using Value = std::array<std::byte, kBytes>;

  struct Entry {
    Value value{};
    std::uint32_t list = 0;
    std::int64_t signal_id = 0;
  };

  static constexpr int kPrefixBitsMax = 24;

  /// The first bits, as many as there are starts for: they order as the values do.
  [[nodiscard]] std::size_t prefix_of(const Value& value) const noexcept {
    std::size_t first = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      first = first << 8 | std::to_integer<std::size_t>(value[i]);
    }
    return first >> (32 - prefix_bits_);
  }

  std::vector<Entry> entries_;
  std::vector<std::size_t> starts_;  // of each prefix in entries_, and the end
  int prefix_bits_ = 0;
};

}  // namespace tutela::match
