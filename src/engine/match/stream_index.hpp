// StreamIndex: a few new signals past which very many values are streamed, exact.
//
// The turned-round Index (index.hpp has the lemma): some band i of 16 has d(i) <= r / 16 and
// d(i) + d(i + 1) <= 2 r / 16. Here each SIGNAL is entered in every band under its own bits and,
// where r / 16 is 1, under the 16 keys that are one flip away, so that a value needs one lookup a
// band. Beside each posting lies a tag: 15 bits of the next band and one that says whether the key
// is a flip, so that the distance of two tags is at most d(i) + d(i + 1). What the tags leave is
// compared whole, and reported in its first such band only. Values are taken in groups, a band
// after the other, so that one band's tables stay in the cache.
//
// Very few signals are compared one by one; so are all where the limit is above 31, which takes
// time in proportion to their number.
//
// Memory: 1.7 KB a signal and 4 MiB. Immutable once made, searched by many threads.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/fingerprint/pdq.hpp"

namespace tutela::match {

inline constexpr int kStreamDistanceMax = 63;

/// A streamed value within the limit of a signal; both by their place.
struct StreamNear {
  std::uint32_t value = 0;
  std::uint32_t signal = 0;
  int distance = 0;

  friend auto operator<=>(const StreamNear&, const StreamNear&) = default;
};

class StreamIndex {
 public:
  /// `limit` is 0..kStreamDistanceMax, one for all; up to 10 million signals, or none.
  StreamIndex(std::vector<fingerprint::Pdq256> signals, int limit);
  StreamIndex(StreamIndex&&) noexcept;
  StreamIndex& operator=(StreamIndex&&) noexcept;
  ~StreamIndex();

  /// Appends each pair within the limit once, in no particular order. Fewer than 2^32 values; a
  /// call with 65,536 is the fastest.
  void search(std::span<const fingerprint::Pdq256> values, std::vector<StreamNear>& near) const;

  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] std::size_t size_bytes() const noexcept;

  struct State;  // for match's own sources

 private:
  std::unique_ptr<State> state_;
};

}  // namespace tutela::match
