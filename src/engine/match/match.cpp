#include "engine/match/match.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/check.hpp"
#include "engine/match/digest_set.hpp"
#include "engine/match/huge_array.hpp"
#include "engine/match/index.hpp"
#include "engine/match/scan.hpp"

namespace tutela::match {
namespace {

using fingerprint::Pdq256;

struct PdqSignal {
  std::uint32_t list = 0;
  std::int64_t signal_id = 0;
  Pdq256 value;
};

/// Collects digests, then searches them.
struct OwnedDigests {
  explicit OwnedDigests(SignalKind of_kind) : kind(of_kind) {}

  void add(std::uint32_t list, std::int64_t signal_id, ByteView digest) {
    TUTELA_CHECK(digest.size() == digest_length(kind));
    DigestEntry& entry = pending.emplace_back();
    std::ranges::copy(digest, entry.value.begin());
    entry.list = list;
    entry.signal_id = signal_id;
  }

  void sort() {
    if (pending.empty()) {
      return;
    }
    std::ranges::sort(pending);
    block = HugeArray<std::byte>(digest_block_bytes(kind, pending.size()));
    DigestBlockBuilder builder(kind, pending.size(), {block.data(), block.size()});
    std::ranges::for_each(pending, [&](const DigestEntry& entry) { builder.add(entry); });
    builder.finish();
    set = DigestSet(kind, pending.size(), block.data());
    pending = {};
  }

  SignalKind kind;
  std::vector<DigestEntry> pending;
  HugeArray<std::byte> block;
  DigestSet set;
};

using Planes = std::array<std::vector<std::uint32_t>, kPlanes>;

/// What a linear search needs beside the rows. Not cleared: each scan writes what is read of it.
struct LinearBuffers {
  std::array<Candidate, kCandidatesMax> candidates;
  std::array<std::array<std::uint32_t, kScanRowsMax + kPlanePadding>, kPlanes> planes;

  /// The planes of a generation that keeps none.
  void fill(std::span<const Pdq256> values) {
    for (std::size_t row = 0; row < values.size(); ++row) {
      const auto words = plane_words(values[row]);
      for (std::size_t p = 0; p < kPlanes; ++p) {
        planes[p][row] = words[p];
      }
    }
  }
};

auto by_list_and_signal(const Hit& hit) {
  return std::tie(hit.list, hit.signal_id);
}

}  // namespace

struct Generation::State {
  std::vector<ListEntry> lists;
  std::vector<PdqSignal> pending;  // of the builder; empty in a generation

  // Rows of PDQ values by list, then signal id: 40 bytes a signal, with planes 52, with the index
  // 136 and 4 MiB.
  HugeArray<Pdq256> values;
  std::vector<std::int64_t> signal_ids;
  std::vector<std::size_t> list_begin;  // rows of list i: [list_begin[i], list_begin[i + 1])
  Planes planes;                        // kPlanePadding longer; empty where there is an index
  std::array<HugeArray<std::byte>, kBands> bands;
  std::optional<Index> index;  // over values and bands

  OwnedDigests md5{SignalKind::kMd5};        // 24 bytes a signal
  OwnedDigests sha1{SignalKind::kSha1};      // 28
  OwnedDigests sha256{SignalKind::kSha256};  // 40

  void place_pending();
  void build_index(const RunSteps& run_steps);
  void fill_planes();
  [[nodiscard]] int limit_of(std::uint32_t list, std::optional<int> distance_max) const;
  /// False if the linear search is the faster one.
  bool search_index(const PdqQuery& query,
                    std::optional<int> distance_max,
                    std::vector<Hit>& hits) const;
  void search_list(std::uint32_t list,
                   std::optional<int> distance_max,
                   const PdqQuery& query,
                   LinearBuffers& buffers,
                   std::vector<Hit>& hits) const;
  void append_hits(std::vector<NearRow>& near,
                   const PdqQuery& query,
                   std::optional<int> distance_max,
                   std::vector<Hit>& hits) const;
};

/// Sorts what was added into rows.
void Generation::State::place_pending() {
  const auto order = [](const PdqSignal& signal) {
    return std::tie(signal.list, signal.signal_id);
  };
  if (!std::ranges::is_sorted(pending, {}, order)) {
    std::ranges::sort(pending, {}, order);
  }
  list_begin.assign(lists.size() + 1, pending.size());
  for (std::size_t row = pending.size(); row > 0; --row) {
    list_begin[pending[row - 1].list] = row - 1;
  }
  for (std::size_t list = lists.size(); list > 0; --list) {
    // A list without rows begins, and ends, where the next one begins.
    list_begin[list - 1] = std::min(list_begin[list - 1], list_begin[list]);
  }
  values = HugeArray<Pdq256>(pending.size());
  signal_ids.reserve(pending.size());
  for (const PdqSignal& signal : pending) {
    values.data()[signal_ids.size()] = signal.value;
    signal_ids.push_back(signal.signal_id);
  }
  pending = {};
}

void Generation::State::build_index(const RunSteps& run_steps) {
  const auto build_one = [this](std::size_t band) {
    bands[band] = HugeArray<std::byte>(band_bytes(values.size()));
    build_band(band, values.span(), {bands[band].data(), bands[band].size()});
  };
  if (run_steps) {
    run_steps(kBands, build_one);
  } else {
    for (std::size_t band = 0; band < kBands; ++band) {
      build_one(band);
    }
  }
  std::array<const std::byte*, kBands> blocks{};
  std::ranges::transform(bands, blocks.begin(), [](const auto& block) { return block.data(); });
  index.emplace(values.span(), blocks);
}

void Generation::State::fill_planes() {
  for (auto& plane : planes) {
    plane.reserve(values.size() + kPlanePadding);
  }
  for (const Pdq256& value : values.span()) {
    const auto words = plane_words(value);
    for (std::size_t p = 0; p < kPlanes; ++p) {
      planes[p].push_back(words[p]);
    }
  }
  for (auto& plane : planes) {
    plane.resize(values.size() + kPlanePadding);
  }
}

int Generation::State::limit_of(std::uint32_t list, std::optional<int> distance_max) const {
  return std::min(
      {lists[list].pdq_distance_max, kPdqDistanceMax, distance_max.value_or(kPdqDistanceMax)});
}

bool Generation::State::search_index(const PdqQuery& query,
                                     std::optional<int> distance_max,
                                     std::vector<Hit>& hits) const {
  int limit = -1;
  for (std::uint32_t list = 0; list < lists.size(); ++list) {
    if (list_begin[list] != list_begin[list + 1]) {
      limit = std::max(limit, limit_of(list, distance_max));
    }
  }
  if (limit < 0) {
    return true;
  }
  std::vector<NearRow> near;
  if (!index->search(query.variants, limit, near)) {
    return false;
  }
  append_hits(near, query, distance_max, hits);
  return true;
}

void Generation::State::search_list(std::uint32_t list,
                                    std::optional<int> distance_max,
                                    const PdqQuery& query,
                                    LinearBuffers& buffers,
                                    std::vector<Hit>& hits) const {
  const ScanFunction scan = active_scan();
  const int limit = limit_of(list, distance_max);
  std::vector<NearRow> near;
  for (std::size_t begin = list_begin[list]; begin < list_begin[list + 1]; begin += kScanRowsMax) {
    ScanRows rows;
    rows.values = values.data() + begin;
    rows.count = std::min(kScanRowsMax, list_begin[list + 1] - begin);
    for (std::size_t p = 0; p < kPlanes; ++p) {
      rows.planes[p] = index ? buffers.planes[p].data() : planes[p].data() + begin;
    }
    if (index) {
      buffers.fill(std::span(rows.values, rows.count));
    }
    const std::size_t found = scan(rows, query.variants, limit, buffers.candidates.data());
    near.clear();
    for (const Candidate& candidate : std::span(buffers.candidates.data(), found)) {
      const int bits =
          fingerprint::distance(rows.values[candidate.row], query.variants[candidate.variant]);
      if (bits <= limit) {
        near.push_back({begin + candidate.row, bits, candidate.variant});
      }
    }
    append_hits(near, query, distance_max, hits);
  }
}

/// Makes the hits of rows that are within some list's limit: of a row its nearest variant, if that
/// is within the limit of the row's own list.
void Generation::State::append_hits(std::vector<NearRow>& near,
                                    const PdqQuery& query,
                                    std::optional<int> distance_max,
                                    std::vector<Hit>& hits) const {
  std::ranges::sort(near);
  const auto others = std::ranges::unique(near, {}, &NearRow::row);
  std::uint32_t list = 0;
  for (const NearRow& row : std::span(near.begin(), others.begin())) {
    while (row.row >= list_begin[list + 1]) {
      ++list;
    }
    if (row.distance > limit_of(list, distance_max)) {
      continue;
    }
    hits.push_back({.list = list,
                    .signal_id = signal_ids[row.row],
                    .kind = SignalKind::kPdq,
                    .distance = row.distance,
                    .frame = query.frame,
                    .orientation = static_cast<fingerprint::Orientation>(row.variant)});
  }
}

Generation::Generation() = default;
Generation::~Generation() = default;

std::vector<Hit> Generation::search_pdq(const PdqQuery& query,
                                        std::optional<int> distance_max) const {
  TUTELA_CHECK(query.variants.size() == 1 || query.variants.size() == fingerprint::kOrientations);
  std::vector<Hit> hits;
  if (state_->index && state_->search_index(query, distance_max, hits)) {
    return hits;
  }
  const auto buffers = std::make_unique_for_overwrite<LinearBuffers>();
  for (std::uint32_t list = 0; list < state_->lists.size(); ++list) {
    state_->search_list(list, distance_max, query, *buffers, hits);
  }
  return hits;
}

std::vector<Hit> Generation::search_digests(const crypto::Digests& digests) const {
  std::vector<Hit> hits;
  state_->md5.set.find(digests.md5, hits);
  state_->sha1.set.find(digests.sha1, hits);
  state_->sha256.set.find(digests.sha256, hits);
  std::ranges::sort(hits, {}, by_list_and_signal);
  return hits;
}

std::vector<Hit> Generation::search_digest(SignalKind kind, ByteView digest) const {
  std::vector<Hit> hits;
  switch (kind) {
    case SignalKind::kPdq:
      break;
    case SignalKind::kMd5:
      state_->md5.set.find(digest, hits);
      break;
    case SignalKind::kSha1:
      state_->sha1.set.find(digest, hits);
      break;
    case SignalKind::kSha256:
      state_->sha256.set.find(digest, hits);
      break;
  }
  return hits;
}

const std::vector<ListEntry>& Generation::lists() const noexcept {
  return state_->lists;
}

std::size_t Generation::size(SignalKind kind) const noexcept {
  switch (kind) {
    case SignalKind::kPdq:
      return state_->values.size();
    case SignalKind::kMd5:
      return state_->md5.set.size();
    case SignalKind::kSha1:
      return state_->sha1.set.size();
    case SignalKind::kSha256:
      return state_->sha256.set.size();
  }
  return 0;
}

std::size_t Generation::size_bytes() const noexcept {
  std::size_t bytes = state_->values.size_bytes() +
                      state_->signal_ids.capacity() * sizeof(std::int64_t) +
                      state_->md5.block.size_bytes() + state_->sha1.block.size_bytes() +
                      state_->sha256.block.size_bytes();
  for (const auto& plane : state_->planes) {
    bytes += plane.capacity() * sizeof(std::uint32_t);
  }
  for (const auto& band : state_->bands) {
    bytes += band.size_bytes();
  }
  return bytes;
}

GenerationBuilder::GenerationBuilder() : state_(std::make_unique<Generation::State>()) {}

GenerationBuilder::~GenerationBuilder() = default;

std::uint32_t GenerationBuilder::add_list(ListEntry list) {
  state_->lists.push_back(list);
  return static_cast<std::uint32_t>(state_->lists.size() - 1);
}

void GenerationBuilder::add_pdq(std::uint32_t list, std::int64_t signal_id, const Pdq256& value) {
  TUTELA_CHECK(list < state_->lists.size());
  state_->pending.push_back({list, signal_id, value});
}

void GenerationBuilder::add_digest(std::uint32_t list,
                                   std::int64_t signal_id,
                                   SignalKind kind,
                                   ByteView digest) {
  TUTELA_CHECK(list < state_->lists.size() && kind != SignalKind::kPdq);
  switch (kind) {
    case SignalKind::kPdq:
      break;
    case SignalKind::kMd5:
      state_->md5.add(list, signal_id, digest);
      break;
    case SignalKind::kSha1:
      state_->sha1.add(list, signal_id, digest);
      break;
    case SignalKind::kSha256:
      state_->sha256.add(list, signal_id, digest);
      break;
  }
}

std::shared_ptr<const Generation> GenerationBuilder::build(const BuildOptions& options) && {
  state_->place_pending();
  if (state_->values.size() >= options.index_signals_min) {
    state_->build_index(options.run_steps);
  } else {
    state_->fill_planes();
  }
  state_->md5.sort();
  state_->sha1.sort();
  state_->sha256.sort();
  std::shared_ptr<Generation> generation(new Generation());
  generation->state_ = std::move(state_);
  return generation;
}

std::shared_ptr<const Generation> CurrentGeneration::get() const {
  const MutexLock lock(mutex_);
  return generation_;
}

void CurrentGeneration::replace(std::shared_ptr<const Generation> generation) {
  // The old one dies after the lock is given back: freeing it takes a while.
  const MutexLock lock(mutex_);
  generation_.swap(generation);
}

}  // namespace tutela::match
