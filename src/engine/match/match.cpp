#include "engine/match/match.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/check.hpp"
#include "engine/match/digest_table.hpp"
#include "engine/match/scan.hpp"

namespace tutela::match {
namespace {

using fingerprint::Pdq256;

struct PdqSignal {
  std::uint32_t list = 0;
  std::int64_t signal_id = 0;
  Pdq256 value;
};

/// A row within reach of a variant. Ordered so that the nearest of a row comes first.
struct NearRow {
  std::size_t row = 0;
  int distance = 0;
  std::uint32_t variant = 0;

  friend auto operator<=>(const NearRow&, const NearRow&) = default;
};

auto by_list_and_signal(const Hit& hit) {
  return std::tie(hit.list, hit.signal_id);
}

}  // namespace

struct Generation::State {
  std::vector<ListEntry> lists;
  std::vector<PdqSignal> pending;  // of the builder; empty in a generation

  // Rows of PDQ values by list, then signal id: 52 bytes a signal.
  std::vector<Pdq256> values;
  std::array<std::vector<std::uint32_t>, kPlanes> planes;  // kPlanePadding longer
  std::vector<std::int64_t> signal_ids;
  std::vector<std::size_t> list_begin;  // rows of list i: [list_begin[i], list_begin[i + 1])

  DigestTable<16> md5;     // 32 bytes a signal
  DigestTable<20> sha1;    // 32
  DigestTable<32> sha256;  // 48

  void place_pending();
  void search_list(std::uint32_t list,
                   int limit,
                   const PdqQuery& query,
                   Candidate* candidates,
                   std::vector<Hit>& hits) const;
};

/// Sorts what was added into rows and planes.
void Generation::State::place_pending() {
  const auto order = [](const PdqSignal& signal) {
    return std::tie(signal.list, signal.signal_id);
  };
  if (!std::ranges::is_sorted(pending, {}, order)) {
    std::ranges::sort(pending, {}, order);
  }
  values.reserve(pending.size());
  signal_ids.reserve(pending.size());
  for (auto& plane : planes) {
    plane.reserve(pending.size() + kPlanePadding);
  }
  list_begin.assign(lists.size() + 1, pending.size());
  for (std::size_t row = pending.size(); row > 0; --row) {
    list_begin[pending[row - 1].list] = row - 1;
  }
  for (std::size_t list = lists.size(); list > 0; --list) {
    // A list without rows begins, and ends, where the next one begins.
    list_begin[list - 1] = std::min(list_begin[list - 1], list_begin[list]);
  }
  for (const PdqSignal& signal : pending) {
    values.push_back(signal.value);
    signal_ids.push_back(signal.signal_id);
    const auto words = plane_words(signal.value);
    for (std::size_t p = 0; p < kPlanes; ++p) {
      planes[p].push_back(words[p]);
    }
  }
  for (auto& plane : planes) {
    plane.resize(pending.size() + kPlanePadding);
  }
  pending = {};
}

void Generation::State::search_list(std::uint32_t list,
                                    int limit,
                                    const PdqQuery& query,
                                    Candidate* candidates,
                                    std::vector<Hit>& hits) const {
  const ScanFunction scan = active_scan();
  std::vector<NearRow> near;
  for (std::size_t begin = list_begin[list]; begin < list_begin[list + 1]; begin += kScanRowsMax) {
    ScanRows rows;
    for (std::size_t p = 0; p < kPlanes; ++p) {
      rows.planes[p] = planes[p].data() + begin;
    }
    rows.values = values.data() + begin;
    rows.count = std::min(kScanRowsMax, list_begin[list + 1] - begin);
    const std::size_t found = scan(rows, query.variants, limit, candidates);
    near.clear();
    for (const Candidate& candidate : std::span(candidates, found)) {
      const int bits =
          fingerprint::distance(rows.values[candidate.row], query.variants[candidate.variant]);
      if (bits <= limit) {
        near.push_back({begin + candidate.row, bits, candidate.variant});
      }
    }
    std::ranges::sort(near);
    const auto others = std::ranges::unique(near, {}, &NearRow::row);
    for (const NearRow& row : std::span(near.begin(), others.begin())) {
      hits.push_back({.list = list,
                      .signal_id = signal_ids[row.row],
                      .kind = SignalKind::kPdq,
                      .distance = row.distance,
                      .frame = query.frame,
                      .orientation = static_cast<fingerprint::Orientation>(row.variant)});
    }
  }
}

Generation::Generation() = default;
Generation::~Generation() = default;

std::vector<Hit> Generation::search_pdq(const PdqQuery& query,
                                        std::optional<int> distance_max) const {
  TUTELA_CHECK(query.variants.size() == 1 || query.variants.size() == fingerprint::kOrientations);
  std::vector<Hit> hits;
  const auto candidates = std::make_unique_for_overwrite<Candidate[]>(kCandidatesMax);
  for (std::uint32_t list = 0; list < state_->lists.size(); ++list) {
    const int limit = std::min({state_->lists[list].pdq_distance_max,
                                kPdqDistanceMax,
                                distance_max.value_or(kPdqDistanceMax)});
    state_->search_list(list, limit, query, candidates.get(), hits);
  }
  return hits;
}

std::vector<Hit> Generation::search_digests(const crypto::Digests& digests) const {
  std::vector<Hit> hits;
  state_->md5.find(SignalKind::kMd5, digests.md5, hits);
  state_->sha1.find(SignalKind::kSha1, digests.sha1, hits);
  state_->sha256.find(SignalKind::kSha256, digests.sha256, hits);
  std::ranges::sort(hits, {}, by_list_and_signal);
  return hits;
}

std::vector<Hit> Generation::search_digest(SignalKind kind, ByteView digest) const {
  std::vector<Hit> hits;
  switch (kind) {
    case SignalKind::kPdq:
      break;
    case SignalKind::kMd5:
      state_->md5.find(kind, digest, hits);
      break;
    case SignalKind::kSha1:
      state_->sha1.find(kind, digest, hits);
      break;
    case SignalKind::kSha256:
      state_->sha256.find(kind, digest, hits);
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
      return state_->md5.size();
    case SignalKind::kSha1:
      return state_->sha1.size();
    case SignalKind::kSha256:
      return state_->sha256.size();
  }
  return 0;
}

std::size_t Generation::size_bytes() const noexcept {
  std::size_t bytes = state_->values.capacity() * sizeof(Pdq256) +
                      state_->signal_ids.capacity() * sizeof(std::int64_t) +
                      state_->md5.size_bytes() + state_->sha1.size_bytes() +
                      state_->sha256.size_bytes();
  for (const auto& plane : state_->planes) {
    bytes += plane.capacity() * sizeof(std::uint32_t);
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

std::shared_ptr<const Generation> GenerationBuilder::build() && {
  state_->place_pending();
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
