#include "engine/match/segment_source.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>
#include <tuple>
#include <utility>

#include "base/check.hpp"

namespace tutela::match {
namespace {

using fingerprint::Pdq256;

auto row_order(const CollectedRow& row) {
  return std::tie(row.list, row.signal_id);
}

Pdq256 pdq_of_bytes(ByteView bytes) {
  Pdq256 value;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    value.words[i / 8] = value.words[i / 8] << 8 | std::to_integer<std::uint64_t>(bytes[i]);
  }
  return value;
}

/// Sorts what was appended and merges it with what was in order.
template <typename T, typename Projection>
void sort_appended(std::vector<T>& all, std::size_t sorted, Projection projection) {
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(sorted);
  if (!std::ranges::is_sorted(middle, all.end(), {}, projection)) {
    std::ranges::sort(middle, all.end(), {}, projection);
  }
  if (sorted > 0 && middle != all.end() && projection(*middle) < projection(*(middle - 1))) {
    std::ranges::inplace_merge(all, middle, {}, projection);
  }
}

}  // namespace

void Collected::add(std::uint32_t list, std::int64_t signal_id, SignalKind kind, ByteView value) {
  TUTELA_CHECK(list < lists.size());
  if (kind == SignalKind::kPdq) {
    TUTELA_CHECK(value.size() == sizeof(Pdq256));
    rows.push_back({list, signal_id, pdq_of_bytes(value)});
    return;
  }
  TUTELA_CHECK(value.size() == digest_length(kind));
  DigestEntry& entry = digests[digest_place(kind)].emplace_back();
  std::ranges::copy(value, entry.value.begin());
  entry.list = list;
  entry.signal_id = signal_id;
}

std::size_t Collected::size() const noexcept {
  std::size_t count = rows.size();
  for (const auto& entries : digests) {
    count += entries.size();
  }
  return count;
}

void Collected::sort(std::size_t rows_sorted,
                     std::array<std::size_t, kDigestKinds> digests_sorted) {
  sort_appended(rows, rows_sorted, row_order);
  for (std::size_t kind = 0; kind < kDigestKinds; ++kind) {
    sort_appended(digests[kind], digests_sorted[kind], [](const DigestEntry& entry) -> const auto& {
      return entry;
    });
  }
}

CollectedSource::CollectedSource(const Collected& collected) : collected_(collected) {
  begin_.reserve(collected.lists.size() + 1);
  auto begin = collected.rows.begin();
  for (std::size_t list = 0; list <= collected.lists.size(); ++list) {
    begin = std::ranges::lower_bound(
        begin, collected.rows.end(), list, {}, [](const CollectedRow& row) -> std::size_t {
          return row.list;
        });
    begin_.push_back(static_cast<std::size_t>(begin - collected.rows.begin()));
  }
}

const std::vector<SegmentList>& CollectedSource::lists() const {
  return collected_.lists;
}

std::size_t CollectedSource::rows(std::size_t list) const {
  return begin_[list + 1] - begin_[list];
}

std::size_t CollectedSource::digests(std::size_t kind) const {
  return collected_.digests[kind].size();
}

void CollectedSource::each_row(std::size_t list, const OnRow& on_row) const {
  for (std::size_t row = begin_[list]; row < begin_[list + 1]; ++row) {
    on_row(collected_.rows[row].signal_id, collected_.rows[row].value);
  }
}

void CollectedSource::each_digest(std::size_t kind, const OnDigest& on_digest) const {
  std::ranges::for_each(collected_.digests[kind], on_digest);
}

MergedSource::MergedSource(std::vector<std::shared_ptr<const Segment>> segments,
                           SegmentFilter filter)
    : segments_(std::move(segments)), filter_(std::move(filter)) {
  std::map<Uuid, std::uint32_t> known;
  for (const auto& segment : segments_) {
    auto& number = number_.emplace_back();
    for (const SegmentList& list : segment->lists()) {
      if (filter_.keep_list && !filter_.keep_list(list.id)) {
        number.push_back(kNoList);
        continue;
      }
      const auto [place, is_new] =
          known.try_emplace(list.id, static_cast<std::uint32_t>(lists_.size()));
      if (is_new) {
        lists_.push_back(list);
      }
      SegmentList& merged = lists_[place->second];
      merged.through_id = std::max(merged.through_id, list.through_id);
      number.push_back(place->second);
    }
  }
  for (const SegmentList& list : lists_) {
    after_.push_back(filter_.after_id ? filter_.after_id(list.id)
                                      : std::numeric_limits<std::int64_t>::min());
  }
  count();
}

bool MergedSource::removed(std::int64_t id) const {
  return filter_.is_removed && filter_.is_removed(id);
}

void MergedSource::count() {
  rows_.assign(lists_.size(), 0);
  for (std::size_t list = 0; list < lists_.size(); ++list) {
    for (const Cursor& cursor : cursors(list)) {
      if (!filter_.is_removed) {
        rows_[list] += cursor.end - cursor.row;
        continue;
      }
      for (std::size_t row = cursor.row; row < cursor.end; ++row) {
        rows_[list] += removed(cursor.segment->signal_ids[row]) ? 0U : 1U;
      }
    }
  }
  for (std::size_t kind = 0; kind < kDigestKinds; ++kind) {
    each_digest(kind, [&](const DigestEntry&) { ++digests_[kind]; });
  }
}

const std::vector<SegmentList>& MergedSource::lists() const {
  return lists_;
}

std::size_t MergedSource::rows(std::size_t list) const {
  return rows_[list];
}

std::size_t MergedSource::digests(std::size_t kind) const {
  return digests_[kind];
}

std::vector<MergedSource::Cursor> MergedSource::cursors(std::size_t list) const {
  std::vector<Cursor> found;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const Segment::State& state = segments_[i]->state();
    for (std::size_t own = 0; own < number_[i].size(); ++own) {
      if (number_[i][own] != list) {
        continue;
      }
      Cursor cursor{&state, state.list_begin[own], state.list_begin[own + 1]};
      const auto ids = state.signal_ids.subspan(cursor.row, cursor.end - cursor.row);
      cursor.row +=
          static_cast<std::size_t>(std::ranges::upper_bound(ids, after_[list]) - ids.begin());
      if (cursor.row < cursor.end) {
        found.push_back(cursor);
      }
    }
  }
  return found;
}

void MergedSource::each_row(std::size_t list, const OnRow& on_row) const {
  std::vector<Cursor> open = cursors(list);
  const auto id_of = [](const Cursor& cursor) {
    return cursor.segment->signal_ids[cursor.row];
  };
  while (!open.empty()) {
    const auto least = std::ranges::min_element(open, {}, id_of);
    std::int64_t until = std::numeric_limits<std::int64_t>::max();
    for (auto other = open.begin(); other != open.end(); ++other) {
      until = other == least ? until : std::min(until, id_of(*other));
    }
    do {
      const std::int64_t id = id_of(*least);
      if (!removed(id)) {
        on_row(id, least->segment->values[least->row]);
      }
      ++least->row;
    } while (least->row < least->end && id_of(*least) <= until);
    if (least->row == least->end) {
      open.erase(least);
    }
  }
}

void MergedSource::each_digest(std::size_t kind, const OnDigest& on_digest) const {
  struct Place {
    const DigestSet* set = nullptr;
    std::span<const std::uint32_t> number;
    std::size_t next = 0;
    DigestEntry entry;
  };

  std::vector<Place> open;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const DigestSet& set = segments_[i]->state().digests[kind];
    if (set.size() > 0) {
      open.push_back({&set, number_[i], 1, set.entry(0)});
    }
  }
  // Equal values are put in order together: their lists may have other numbers here.
  std::vector<DigestEntry> alike;
  const auto flush = [&] {
    std::ranges::sort(alike);
    std::ranges::for_each(alike, on_digest);
    alike.clear();
  };
  while (!open.empty()) {
    const auto least = std::ranges::min_element(
        open, {}, [](const Place& place) -> const auto& { return place.entry.value; });
    if (!alike.empty() && alike.front().value != least->entry.value) {
      flush();
    }
    DigestEntry entry = least->entry;
    entry.list = least->number[entry.list];
    if (entry.list != kNoList && entry.signal_id > after_[entry.list] &&
        !removed(entry.signal_id)) {
      alike.push_back(entry);
    }
    if (least->next == least->set->size()) {
      open.erase(least);
    } else {
      least->entry = least->set->entry(least->next++);
    }
  }
  flush();
}

}  // namespace tutela::match
