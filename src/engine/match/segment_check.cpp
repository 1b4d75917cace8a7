#include "engine/match/segment_check.hpp"

#include <algorithm>
#include <cstring>
#include <set>

#include "engine/match/index_block.hpp"

namespace tutela::match {
namespace {

std::uint32_t u32_at(std::span<const std::byte> bytes, std::size_t place) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + place * sizeof(value), sizeof(value));
  return value;
}

/// Never falling, and the last is `end`.
bool are_sound_starts(std::span<const std::byte> bytes, std::size_t count, std::size_t end) {
  std::uint32_t last = 0;
  bool sound = true;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t start = u32_at(bytes, i);
    sound = sound && start >= last;
    last = start;
  }
  return sound && last == end;
}

constexpr std::size_t kDigestsOfPiece = 131'072;  // 3 to 5 MiB

}  // namespace

bool is_sound_band(std::span<const std::byte> block, std::size_t rows) {
  const BlockLayout layout(rows);
  if (block.size() != layout.end ||
      !are_sound_starts(block.subspan(layout.offsets), kBuckets + 1, rows)) {
    return false;
  }
  const std::uint32_t mask = layout.id_bytes == 3 ? 0xFFFFFF : 0xFFFFFFFF;
  std::uint32_t greatest = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    std::uint32_t id = 0;
    std::memcpy(&id, block.data() + layout.ids + i * layout.id_bytes, sizeof(id));
    greatest = std::max(greatest, id & mask);
  }
  return rows == 0 || greatest < rows;
}

bool are_sound_lists(const SegmentCounts& counts,
                     std::span<const std::byte> lists,
                     std::span<const std::byte> begins) {
  std::set<Uuid> ids;
  std::uint64_t last = 0;
  for (std::size_t list = 0; list <= counts.lists; ++list) {
    std::uint64_t begin = 0;
    std::memcpy(&begin, begins.data() + list * sizeof(begin), sizeof(begin));
    if (begin < last || (list == 0 && begin != 0)) {
      return false;
    }
    last = begin;
    if (list < counts.lists) {
      ListRecord record;
      std::memcpy(&record, lists.data() + list * sizeof(record), sizeof(record));
      ids.insert(record.id);
    }
  }
  return last == counts.rows && ids.size() == counts.lists;
}

bool are_sound_ids(const Segment::State& state) {
  for (std::size_t list = 0; list < state.lists.size(); ++list) {
    const auto ids = state.signal_ids.subspan(state.list_begin[list],
                                              state.list_begin[list + 1] - state.list_begin[list]);
    if (!std::ranges::is_sorted(ids)) {
      return false;
    }
  }
  return true;
}

bool is_sound_digest_set(SignalKind kind,
                         const DigestSet& set,
                         std::span<const std::byte> block,
                         std::vector<std::size_t>& of_list,
                         const std::function<void()>& on_piece) {
  if (set.size() == 0) {
    return block.empty();
  }
  const DigestLayout layout(kind, set.size());
  if (block.size() != layout.end || !are_sound_starts(block, layout.starts, set.size())) {
    return false;
  }
  DigestEntry last;
  for (std::size_t i = 0; i < set.size(); ++i) {
    const DigestEntry entry = set.entry(i);
    if (entry < last || entry.list >= of_list.size()) {
      return false;
    }
    ++of_list[entry.list];
    last = entry;
    if ((i + 1) % kDigestsOfPiece == 0) {
      on_piece();
    }
  }
  return true;
}

}  // namespace tutela::match
