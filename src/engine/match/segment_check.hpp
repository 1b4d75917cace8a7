// Segment check: whether the sections of a mapped file hold what the search relies on, so that a
// file with right checksums and wrong content cannot make it read outside. Internal to match.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "engine/match/segment_format.hpp"
#include "engine/match/segment_state.hpp"

namespace tutela::match {

/// The block of a band over `rows` values: buckets in order and within the rows, rows that exist.
[[nodiscard]] bool is_sound_band(std::span<const std::byte> block, std::size_t rows);

/// Different ids of lists, rows by list. Needs nothing else to be checked before.
[[nodiscard]] bool are_sound_lists(const SegmentCounts& counts,
                                   std::span<const std::byte> lists,
                                   std::span<const std::byte> begins);

/// Ids in order within each list.
[[nodiscard]] bool are_sound_ids(const Segment::State& state);

/// Prefixes and entries in order, lists that exist. Counts the entries of each list. Calls
/// `on_piece` after every few MiB.
[[nodiscard]] bool is_sound_digest_set(SignalKind kind,
                                       const DigestSet& set,
                                       std::span<const std::byte> block,
                                       std::vector<std::size_t>& of_list,
                                       const std::function<void()>& on_piece);

}  // namespace tutela::match
