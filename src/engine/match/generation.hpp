// Generation::State: lists that match, segments, and the ids that were removed from them. Internal
// to match. Immutable once made, read by many threads.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/match/match.hpp"
#include "engine/match/segment.hpp"

namespace tutela::match {

/// Sorted.
using RemovedIds = std::vector<std::int64_t>;

struct Generation::State {
  /// A segment, and of each of its lists the number in this generation.
  struct Part {
    std::shared_ptr<const Segment> segment;
    std::vector<std::uint32_t> numbers;  // kNoList where the list does not match
  };

  std::vector<ListEntry> lists;
  std::vector<Part> parts;
  std::shared_ptr<const RemovedIds> removed;  // may be null

  /// Drops the hits of what was removed, and orders the others.
  void finish(std::vector<Hit>& hits) const;
  void search_digest(SignalKind kind, ByteView digest, std::vector<Hit>& hits) const;
};

}  // namespace tutela::match
