// Linear search: what a sampling audit compares with: every signal of every active list, read from
// the store one after the other and compared by a plain loop. It shares nothing with the search of
// uploads: no segment, no index, no generation, no kernel. Internal to the pipeline.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "crypto/digest.hpp"
#include "engine/inspect/inspect.hpp"
#include "engine/match/match.hpp"
#include "exchange/lists/lists.hpp"

namespace tutela::pipeline {

/// What is searched for, and what was found.
struct LinearItem {
  crypto::Digests digests;
  std::vector<inspect::FrameFingerprint> frames;
  std::vector<match::Hit> hits;  // `list` is an index into the lists
};

/// Differing bits of two values of 32 bytes.
[[nodiscard]] int differing_bits(std::span<const std::byte, 32> left,
                                 std::span<const std::byte, 32> right) noexcept;

/// Reads the signals in pages, each a short transaction of its own, once for all items.
/// Error: kUnavailable "samples.stopped" when `stop_requested`, and those of the store.
Status search_linearly(lists::Lists& signals,
                       std::span<const lists::List> lists,
                       std::span<LinearItem> items,
                       const std::function<bool()>& stop_requested);

}  // namespace tutela::pipeline
