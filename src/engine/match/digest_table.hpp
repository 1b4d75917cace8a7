// DigestTable: digests of one length, sorted; exact lookup in O(log n). Internal to match.
//
// Not thread-safe while it is filled; immutable after sort().
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
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
  }

  /// Appends a hit for each entry of this value, by list and signal id.
  void find(SignalKind kind, ByteView digest, std::vector<Hit>& hits) const {
    if (digest.size() != kBytes) {
      return;
    }
    Value value;
    std::memcpy(value.data(), digest.data(), kBytes);
    for (const Entry& entry : std::ranges::equal_range(entries_, value, {}, &Entry::value)) {
      hits.push_back({.list = entry.list, .signal_id = entry.signal_id, .kind = kind});
    }
  }

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

  [[nodiscard]] std::size_t size_bytes() const noexcept {
    return entries_.capacity() * sizeof(Entry);
  }

 private:
  using Value = std::array<std::byte, kBytes>;

  struct Entry {
    Value value{};
    std::uint32_t list = 0;
    std::int64_t signal_id = 0;
  };

  std::vector<Entry> entries_;
};

}  // namespace tutela::match
