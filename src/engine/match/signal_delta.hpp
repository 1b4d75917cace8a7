// Signal delta: the signals of a set that its file does not have yet, as segments in memory.
// Internal to match. One thread.
//
// What was added last lies in a tail of less than kDeltaTailMax, from which a segment is made again
// after each change. A full tail stays as a segment, and kDeltaFanout segments of about one size
// become one, so that few are searched and a signal is moved a few times only. From
// kIndexSignalsMin on they have an index.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "base/uuid.hpp"
#include "engine/match/segment_source.hpp"

namespace tutela::match {

inline constexpr std::size_t kDeltaTailMax = 1024;
inline constexpr std::size_t kDeltaFanout = 4;

class SignalDelta {
 public:
  /// Appends; commit() makes it visible in segments().
  void add(const Uuid& list, std::int64_t signal_id, SignalKind kind, ByteView value);
  void commit(const BuildOptions& options);

  /// Keeps what passes the filter, all of whose functions are given; commits.
  void keep(const SegmentFilter& filter, const BuildOptions& options);

  [[nodiscard]] const std::vector<std::shared_ptr<const Segment>>& segments() const noexcept {
    return segments_;
  }

  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] std::size_t size_bytes() const noexcept;

 private:
  void freeze(const BuildOptions& options);
  void join_alike(const BuildOptions& options);
  void keep_tail(const SegmentFilter& filter);

  std::map<Uuid, std::uint32_t> numbers_;  // of the tail's lists
  Collected tail_;
  std::size_t rows_sorted_ = 0;
  std::array<std::size_t, kDigestKinds> digests_sorted_{};
  bool tail_changed_ = false;
  bool has_tail_segment_ = false;
  std::vector<std::shared_ptr<const Segment>> segments_;  // the tail's is the last
};

/// Signals of all kinds.
[[nodiscard]] std::size_t signals_in(const Segment& segment);

}  // namespace tutela::match
