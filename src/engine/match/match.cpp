#include "engine/match/match.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "base/check.hpp"
#include "base/fault.hpp"
#include "engine/match/generation.hpp"
#include "engine/match/segment_state.hpp"

namespace tutela::match {

void Generation::State::finish(std::vector<Hit>& hits) const {
  if (removed && !removed->empty()) {
    std::erase_if(
        hits, [&](const Hit& hit) { return std::ranges::binary_search(*removed, hit.signal_id); });
  }
  const auto order = [](const Hit& hit) {
    return std::tie(hit.list, hit.signal_id);
  };
  if (!std::ranges::is_sorted(hits, {}, order)) {
    std::ranges::sort(hits, {}, order);
  }
}

void Generation::State::search_digest(SignalKind kind,
                                      ByteView digest,
                                      std::vector<Hit>& hits) const {
  for (const Part& part : parts) {
    std::size_t kept = hits.size();
    const std::size_t first = kept;
    part.segment->state().digests[digest_place(kind)].find(digest, hits);
    for (std::size_t i = first; i < hits.size(); ++i) {
      const std::uint32_t number = part.numbers[hits[i].list];
      if (number != kNoList) {
        hits[kept] = hits[i];
        hits[kept++].list = number;
      }
    }
    hits.resize(kept);
  }
}

Generation::Generation(std::unique_ptr<State> state) : state_(std::move(state)) {}

Generation::~Generation() = default;

std::vector<Hit> Generation::search_pdq(const PdqQuery& query,
                                        std::optional<int> distance_max) const {
  TUTELA_CHECK(query.variants.size() == 1 || query.variants.size() == fingerprint::kOrientations);
  std::vector<Hit> hits;
  if (TUTELA_FAULT_ARMED("match.search")) {
    return hits;
  }
  std::vector<int> limits;
  for (const State::Part& part : state_->parts) {
    limits.clear();
    for (const std::uint32_t number : part.numbers) {
      limits.push_back(number == kNoList ? -1
                                         : std::min({state_->lists[number].pdq_distance_max,
                                                     kPdqDistanceMax,
                                                     distance_max.value_or(kPdqDistanceMax)}));
    }
    part.segment->state().search(query, {limits, part.numbers}, hits);
  }
  state_->finish(hits);
  return hits;
}

std::vector<Hit> Generation::search_digests(const crypto::Digests& digests) const {
  std::vector<Hit> hits;
  if (TUTELA_FAULT_ARMED("match.search")) {
    return hits;
  }
  state_->search_digest(SignalKind::kMd5, digests.md5, hits);
  state_->search_digest(SignalKind::kSha1, digests.sha1, hits);
  state_->search_digest(SignalKind::kSha256, digests.sha256, hits);
  state_->finish(hits);
  return hits;
}

std::vector<Hit> Generation::search_digest(SignalKind kind, ByteView digest) const {
  std::vector<Hit> hits;
  if (kind != SignalKind::kPdq) {
    state_->search_digest(kind, digest, hits);
    state_->finish(hits);
  }
  return hits;
}

const std::vector<ListEntry>& Generation::lists() const noexcept {
  return state_->lists;
}

std::size_t Generation::size(SignalKind kind) const noexcept {
  std::size_t signals = 0;
  for (const State::Part& part : state_->parts) {
    for (std::size_t list = 0; list < part.numbers.size(); ++list) {
      signals += part.numbers[list] == kNoList ? 0 : part.segment->state().size_of(kind, list);
    }
  }
  return signals;
}

std::size_t Generation::size_bytes() const noexcept {
  std::size_t bytes = state_->removed ? state_->removed->size() * sizeof(std::int64_t) : 0;
  for (const State::Part& part : state_->parts) {
    bytes += part.segment->size_bytes();
  }
  return bytes;
}

std::shared_ptr<const Generation> Generation::of_segments(
    std::vector<ListEntry> lists,
    const std::vector<std::shared_ptr<const Segment>>& segments,
    std::shared_ptr<const RemovedIds> removed) {
  std::map<Uuid, std::uint32_t> numbers;
  for (std::size_t list = 0; list < lists.size(); ++list) {
    numbers.try_emplace(lists[list].id, static_cast<std::uint32_t>(list));
  }
  auto state = std::make_unique<State>();
  state->lists = std::move(lists);
  state->removed = std::move(removed);
  for (const auto& segment : segments) {
    State::Part& part = state->parts.emplace_back();
    part.segment = segment;
    for (const SegmentList& list : segment->lists()) {
      const auto found = numbers.find(list.id);
      part.numbers.push_back(found == numbers.end() ? kNoList : found->second);
    }
  }
  return std::shared_ptr<Generation>(new Generation(std::move(state)));
}

struct GenerationBuilder::State {
  std::vector<ListEntry> lists;
  SegmentBuilder segment;
};

GenerationBuilder::GenerationBuilder() : state_(std::make_unique<State>()) {}

GenerationBuilder::~GenerationBuilder() = default;

std::uint32_t GenerationBuilder::add_list(ListEntry list) {
  state_->lists.push_back(list);
  return state_->segment.add_list({list.id, 0});
}

void GenerationBuilder::add_pdq(std::uint32_t list,
                                std::int64_t signal_id,
                                const fingerprint::Pdq256& value) {
  state_->segment.add_pdq(list, signal_id, value);
}

void GenerationBuilder::add_digest(std::uint32_t list,
                                   std::int64_t signal_id,
                                   SignalKind kind,
                                   ByteView digest) {
  TUTELA_CHECK(kind != SignalKind::kPdq);
  state_->segment.add(list, signal_id, kind, digest);
}

std::shared_ptr<const Generation> GenerationBuilder::build(const BuildOptions& options) && {
  auto state = std::make_unique<Generation::State>();
  // By number, not by id: lists for tests need no ids.
  Generation::State::Part& part = state->parts.emplace_back();
  part.numbers.resize(state_->lists.size());
  std::iota(part.numbers.begin(), part.numbers.end(), 0U);
  part.segment = std::move(state_->segment).build(options);
  state->lists = std::move(state_->lists);
  return std::shared_ptr<Generation>(new Generation(std::move(state)));
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
