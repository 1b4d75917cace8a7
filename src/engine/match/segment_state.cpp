#include "engine/match/segment_state.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include <sys/mman.h>

#include "base/check.hpp"

namespace tutela::match {

using fingerprint::Pdq256;

Mapping::Mapping(int fd, std::uint64_t offset, std::uint64_t size, bool writable) {
  void* const at = ::mmap(nullptr,
                          size,
                          writable ? PROT_READ | PROT_WRITE : PROT_READ,
                          MAP_SHARED,
                          fd,
                          static_cast<off_t>(offset));
  if (at != MAP_FAILED) {
    data_ = static_cast<std::byte*>(at);
    size_ = size;
  }
}

Mapping::Mapping(Mapping&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

Mapping::~Mapping() {
  if (data_ != nullptr) {
    ::munmap(data_, size_);
  }
}

void Segment::State::attach(const std::byte* base, const SegmentLayout& layout) {
  const auto at = [&](std::size_t section) {
    return base + layout.sections[section].offset;
  };
  lists.resize(counts.lists);
  for (std::size_t list = 0; list < counts.lists; ++list) {
    ListRecord record;
    std::memcpy(&record, at(kSectionLists) + list * sizeof(record), sizeof(record));
    lists[list] = {record.id, record.through_id};
  }
  list_begin.resize(counts.lists + 1);
  static_assert(sizeof(std::size_t) == sizeof(std::uint64_t));
  std::memcpy(list_begin.data(), at(kSectionListBegin), list_begin.size() * sizeof(std::uint64_t));
  // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): sections are these arrays.
  values = {reinterpret_cast<const Pdq256*>(at(kSectionValues)), counts.rows};
  signal_ids = {reinterpret_cast<const std::int64_t*>(at(kSectionIds)), counts.rows};
  // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
  for (std::size_t i = 0; i < kDigestKinds; ++i) {
    digests[i] = DigestSet(kDigestKindOf[i], counts.digests[i], at(kSectionDigests + i));
    digests_of_list[i].assign(counts.lists, 0);
  }
  if (counts.indexed == 0) {
    fill_planes();
    return;
  }
  std::array<const std::byte*, kBands> blocks{};
  for (std::size_t band = 0; band < kBands; ++band) {
    blocks[band] = at(kSectionBands + band);
  }
  index.emplace(values, blocks);
}

void Segment::State::fill_planes() {
  for (auto& plane : planes) {
    plane.resize(values.size() + kPlanePadding);
  }
  for (std::size_t row = 0; row < values.size(); ++row) {
    const auto words = plane_words(values[row]);
    for (std::size_t p = 0; p < kPlanes; ++p) {
      planes[p][row] = words[p];
    }
  }
}

std::size_t Segment::State::size_of(SignalKind kind, std::size_t list) const {
  return kind == SignalKind::kPdq ? list_begin[list + 1] - list_begin[list]
                                  : digests_of_list[digest_place(kind)][list];
}

void Segment::State::search(const PdqQuery& query,
                            const ListView& view,
                            std::vector<Hit>& hits) const {
  int limit = -1;
  for (std::size_t list = 0; list < lists.size(); ++list) {
    if (list_begin[list] != list_begin[list + 1]) {
      limit = std::max(limit, view.limits[list]);
    }
  }
  if (limit < 0) {
    return;
  }
  std::vector<NearRow> near;
  if (index && index->search(query.variants, limit, near)) {
    append_hits(near, query, view, hits);
    return;
  }
  const auto buffers = std::make_unique_for_overwrite<LinearBuffers>();
  for (std::size_t list = 0; list < lists.size(); ++list) {
    for (std::size_t begin = list_begin[list];
         view.limits[list] >= 0 && begin < list_begin[list + 1];
         begin += kScanRowsMax) {
      near.clear();
      const std::size_t end = std::min(begin + kScanRowsMax, list_begin[list + 1]);
      search_rows(begin, end, view.limits[list], query, *buffers, near);
      append_hits(near, query, view, hits);
    }
  }
}

void Segment::State::search_rows(std::size_t begin,
                                 std::size_t end,
                                 int limit,
                                 const PdqQuery& query,
                                 LinearBuffers& buffers,
                                 std::vector<NearRow>& near) const {
  ScanRows rows;
  rows.values = values.data() + begin;
  rows.count = end - begin;
  for (std::size_t p = 0; p < kPlanes; ++p) {
    rows.planes[p] = index ? buffers.planes[p].data() : planes[p].data() + begin;
  }
  if (index) {
    for (std::size_t row = 0; row < rows.count; ++row) {
      const auto words = plane_words(rows.values[row]);
      for (std::size_t p = 0; p < kPlanes; ++p) {
        buffers.planes[p][row] = words[p];
      }
    }
  }
  const std::size_t found = active_scan()(rows, query.variants, limit, buffers.candidates.data());
  for (const Candidate& candidate : std::span(buffers.candidates.data(), found)) {
    const int bits =
        fingerprint::distance(rows.values[candidate.row], query.variants[candidate.variant]);
    if (bits <= limit) {
      near.push_back({begin + candidate.row, bits, candidate.variant});
    }
  }
}

/// Makes the hits of rows that are within some list's limit: of a row its nearest variant, if that
/// is within the limit of the row's own list.
void Segment::State::append_hits(std::vector<NearRow>& near,
                                 const PdqQuery& query,
                                 const ListView& view,
                                 std::vector<Hit>& hits) const {
  std::ranges::sort(near);
  const auto others = std::ranges::unique(near, {}, &NearRow::row);
  std::size_t list = 0;
  for (const NearRow& row : std::span(near.begin(), others.begin())) {
    while (row.row >= list_begin[list + 1]) {
      ++list;
    }
    if (row.distance > view.limits[list]) {
      continue;
    }
    hits.push_back({.list = view.numbers[list],
                    .signal_id = signal_ids[row.row],
                    .kind = SignalKind::kPdq,
                    .distance = row.distance,
                    .frame = query.frame,
                    .orientation = static_cast<fingerprint::Orientation>(row.variant)});
  }
}

}  // namespace tutela::match
