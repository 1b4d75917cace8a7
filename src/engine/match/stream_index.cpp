#include "engine/match/stream_index.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "base/check.hpp"
#include "engine/match/huge_array.hpp"
#include "engine/match/index.hpp"
#include "engine/match/scan.hpp"
#include "engine/match/stream_probe.hpp"

namespace tutela::match {
namespace {

using fingerprint::Pdq256;

constexpr std::size_t kKeys = 65'536;
constexpr std::size_t kFlips = 16;
constexpr std::size_t kSignalsMax = 10'000'000;
/// Up to so many signals the linear search is faster (posted_bench).
constexpr std::size_t kLinearSignalsMax = 192;
/// Above this more than one flip a band is possible, and the keys would be too many.
constexpr int kKeyedLimitMax = 31;
/// Values that go through a band before the next band's turn; a multiple of kProbeValues. Many, so
/// that a band's tables are fetched into the core's cache once for many lookups.
constexpr std::size_t kGroup = 65'536;

/// Kernels read whole vectors.
constexpr std::size_t kTagPadding = 32;

/// Calls `put(key, tag)` for each posting of a signal in a band.
template <typename Put>
void for_each_posting(const Pdq256& signal, std::size_t band, bool with_flips, const Put& put) {
  const std::uint16_t key = band_bits(signal, band);
  const auto tag = static_cast<std::uint16_t>(band_bits(signal, (band + 1) % kBands) & kTagBits);
  put(key, tag);
  for (std::size_t flip = 0; with_flips && flip < kFlips; ++flip) {
    put(static_cast<std::uint16_t>(key ^ (1U << flip)), static_cast<std::uint16_t>(tag | kTagFlip));
  }
}

/// The postings of one band, ordered by key. Borrowed.
struct Postings {
  std::uint32_t* starts = nullptr;  // of each key in tags, and the end
  std::uint16_t* tags = nullptr;
  std::uint32_t* signals = nullptr;
};

void fill_postings(std::span<const Pdq256> signals,
                   std::size_t band,
                   bool with_flips,
                   const Postings& postings) {
  std::vector<std::uint32_t> ends(kKeys, 0);
  for (const Pdq256& signal : signals) {
    for_each_posting(
        signal, band, with_flips, [&](std::uint16_t key, std::uint16_t /*tag*/) { ++ends[key]; });
  }
  std::uint32_t start = 0;
  for (std::size_t key = 0; key < kKeys; ++key) {
    postings.starts[key] = start;
    start += std::exchange(ends[key], start);
  }
  postings.starts[kKeys] = start;
  for (std::uint32_t i = 0; i < signals.size(); ++i) {
    for_each_posting(signals[i], band, with_flips, [&](std::uint16_t key, std::uint16_t tag) {
      const std::uint32_t at = ends[key]++;
      postings.tags[at] = tag;
      postings.signals[at] = i;
    });
  }
  std::fill_n(postings.tags + start, kTagPadding, std::uint16_t{0});
}

/// The postings of all bands; few blocks, so that they get huge pages.
class AllPostings {
 public:
  AllPostings() = default;

  AllPostings(std::span<const Pdq256> signals, bool with_flips)
      : count_(signals.size() * (with_flips ? 1 + kFlips : 1)),
        starts_(kBands * kStartsStride),
        tags_(kBands * (count_ + kTagPadding)),
        signals_(kBands * count_) {
    for (std::size_t band = 0; band < kBands; ++band) {
      fill_postings(signals,
                    band,
                    with_flips,
                    {starts_.data() + band * kStartsStride,
                     tags_.data() + band * (count_ + kTagPadding),
                     signals_.data() + band * count_});
    }
  }

  [[nodiscard]] const std::uint32_t* starts(std::size_t band) const {
    return starts_.data() + band * kStartsStride;
  }

  [[nodiscard]] const std::uint16_t* tags(std::size_t band) const {
    return tags_.data() + band * (count_ + kTagPadding);
  }

  [[nodiscard]] const std::uint32_t* signals(std::size_t band) const {
    return signals_.data() + band * count_;
  }

  [[nodiscard]] std::size_t size_bytes() const noexcept {
    return starts_.size_bytes() + tags_.size_bytes() + signals_.size_bytes();
  }

 private:
  static constexpr std::size_t kStartsStride = kKeys + 16;  // whole lines

  std::size_t count_ = 0;  // of a band
  HugeArray<std::uint32_t> starts_;
  HugeArray<std::uint16_t> tags_;
  HugeArray<std::uint32_t> signals_;
};

/// The bits of each band of a group of values, band by band, the first again after the last.
class Columns {
 public:
  Columns() : bits_((kBands + 1) * kStride) {}

  void fill(std::span<const Pdq256> values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      put(i, values[i]);
    }
    for (std::size_t i = values.size(); i % kProbeValues != 0; ++i) {
      put(i, {});
    }
  }

  [[nodiscard]] const std::uint16_t* of(std::size_t band) const {
    return bits_.data() + band * kStride;
  }

 private:
  void put(std::size_t at, const Pdq256& value) {
    std::uint16_t* const bits = bits_.data() + at;
    for (std::size_t band = 0; band < kBands; ++band) {
      bits[band * kStride] = band_bits(value, band);
    }
    bits[kBands * kStride] = band_bits(value, 0);
  }

  /// A line more than a power of two, so that the columns do not share their places in the cache.
  static constexpr std::size_t kStride = kGroup + 32;

  HugeArray<std::uint16_t> bits_;
};

}  // namespace

struct StreamIndex::State {
  [[nodiscard]] bool linear() const noexcept {
    return signals.size() <= kLinearSignalsMax || limit > kKeyedLimitMax;
  }

  [[nodiscard]] int key_limit() const noexcept { return limit / static_cast<int>(kBands); }

  [[nodiscard]] int pair_limit() const noexcept { return 2 * limit / static_cast<int>(kBands); }

  void search_linear(std::span<const Pdq256> values,
                     std::uint32_t first,
                     std::vector<StreamNear>& near) const;
  [[nodiscard]] bool found_before(const Pdq256& value,
                                  const Pdq256& signal,
                                  std::size_t band) const;

  std::vector<Pdq256> signals;
  int limit = 0;
  AllPostings postings;  // none where the search is linear
};

namespace {

/// One call's search of groups, with the room that it needs.
class GroupSearch {
 public:
  GroupSearch(const StreamIndex::State& state, std::vector<StreamNear>& near)
      : state_(state), near_(near), events_(kGroup / kProbeValues + 1) {}

  void search(std::span<const Pdq256> values, std::uint32_t first);

 private:
  void take_event(const StreamEvent& event);
  void take_crowded(std::uint32_t value, std::uint32_t start, std::uint32_t end);
  void add_pair(std::uint32_t value, std::uint32_t posting);
  void verify_pairs();

  struct Pair {
    std::uint32_t value;
    std::uint32_t signal;  // its posting, until that is read
  };

  const StreamIndex::State& state_;
  std::vector<StreamNear>& near_;
  std::span<const Pdq256> values_;
  std::uint32_t first_ = 0;  // of the values, in the whole call
  std::size_t band_ = 0;
  Columns columns_;
  std::vector<StreamEvent> events_;
  std::vector<Pair> pairs_;
};

}  // namespace

/// The signals, eight at a time, as variants of a query past the values as rows.
void StreamIndex::State::search_linear(std::span<const Pdq256> values,
                                       std::uint32_t first,
                                       std::vector<StreamNear>& near) const {
  std::array<std::array<std::uint32_t, kScanRowsMax + kPlanePadding>, kPlanes> planes;
  std::array<Candidate, kCandidatesMax> candidates;
  ScanRows rows{
      {planes[0].data(), planes[1].data(), planes[2].data()}, values.data(), values.size()};
  for (std::size_t row = 0; row < values.size(); ++row) {
    const auto words = plane_words(values[row]);
    for (std::size_t p = 0; p < kPlanes; ++p) {
      planes[p][row] = words[p];
    }
  }
  for (auto& plane : planes) {
    std::fill_n(plane.begin() + static_cast<std::ptrdiff_t>(values.size()), kPlanePadding, 0U);
  }
  const ScanFunction scan = active_scan();
  for (std::size_t done = 0; done < signals.size();) {
    // A scan takes one variant or eight.
    const std::size_t width =
        signals.size() - done >= fingerprint::kOrientations ? fingerprint::kOrientations : 1;
    const std::span variants(signals.data() + done, width);
    const std::size_t found = scan(rows, variants, limit, candidates.data());
    for (const Candidate& candidate : std::span(candidates.data(), found)) {
      const int bits = fingerprint::distance(values[candidate.row], variants[candidate.variant]);
      if (bits <= limit) {
        near.push_back(
            {first + candidate.row, static_cast<std::uint32_t>(done) + candidate.variant, bits});
      }
    }
    done += width;
  }
}

/// Whether an earlier band reports the pair.
bool StreamIndex::State::found_before(const Pdq256& value,
                                      const Pdq256& signal,
                                      std::size_t band) const {
  const auto differing = [&](std::size_t at) {
    return static_cast<unsigned>(band_bits(value, at) ^ band_bits(signal, at));
  };
  for (std::size_t i = 0; i < band; ++i) {
    const int flips = std::popcount(differing(i));
    if (flips <= key_limit() &&
        flips + std::popcount(differing(i + 1) & kTagBits) <= pair_limit()) {
      return true;
    }
  }
  return false;
}

/// Keeps a pair that the band's tags leave, and asks for what its test reads first.
void GroupSearch::add_pair(std::uint32_t value, std::uint32_t posting) {
  __builtin_prefetch(state_.postings.signals(band_) + posting);
  pairs_.push_back({value, posting});
}

void GroupSearch::verify_pairs() {
  for (Pair& pair : pairs_) {
    pair.signal = state_.postings.signals(band_)[pair.signal];
    __builtin_prefetch(&state_.signals[pair.signal]);
  }
  for (const Pair& pair : pairs_) {
    const Pdq256& value = values_[pair.value];
    const Pdq256& signal = state_.signals[pair.signal];
    const int bits = fingerprint::distance(value, signal);
    if (bits <= state_.limit && !state_.found_before(value, signal, band_)) {
      near_.push_back({first_ + pair.value, pair.signal, bits});
    }
  }
  pairs_.clear();
}

void GroupSearch::take_event(const StreamEvent& event) {
  for (std::uint32_t i = 0; i < kProbeValues; ++i) {
    const std::uint32_t value = event.first + i;
    std::uint32_t slots = event.slots >> (i * kSlots) & ((1U << kSlots) - 1);
    if (slots == 0 || value >= values_.size()) {
      continue;
    }
    const std::uint16_t key = columns_.of(band_)[value];
    const std::uint32_t start = state_.postings.starts(band_)[key];
    if ((slots >> kMoreSlot) != 0) {
      take_crowded(value, start, state_.postings.starts(band_)[key + 1]);
      continue;
    }
    for (; slots != 0; slots &= slots - 1) {
      add_pair(value, start + static_cast<std::uint32_t>(std::countr_zero(slots)));
    }
  }
}

/// All postings of a key that has more than fit its slots.
void GroupSearch::take_crowded(std::uint32_t value, std::uint32_t start, std::uint32_t end) {
  const std::uint16_t* const tags = state_.postings.tags(band_);
  const auto tag = static_cast<std::uint16_t>(columns_.of(band_ + 1)[value] & kTagBits);
  for (std::uint32_t i = start; i < end; ++i) {
    if (std::popcount(static_cast<unsigned>(tags[i] ^ tag)) <= state_.pair_limit()) {
      add_pair(value, i);
    }
  }
}

void GroupSearch::search(std::span<const Pdq256> values, std::uint32_t first) {
  values_ = values;
  first_ = first;
  columns_.fill(values);
  const StreamProbe probe = active_stream_probe();
  for (band_ = 0; band_ < kBands; ++band_) {
    const std::size_t found =
        probe({state_.postings.starts(band_),
               state_.postings.tags(band_),
               columns_.of(band_),
               columns_.of(band_ + 1),
               (values.size() + kProbeValues - 1) / kProbeValues * kProbeValues,
               state_.pair_limit()},
              events_.data());
    for (const StreamEvent& event : std::span(events_).first(found)) {
      take_event(event);
    }
    verify_pairs();
  }
}

StreamIndex::StreamIndex(std::vector<Pdq256> signals, int limit)
    : state_(std::make_unique<State>()) {
  TUTELA_CHECK(limit >= 0 && limit <= kStreamDistanceMax && signals.size() <= kSignalsMax);
  state_->signals = std::move(signals);
  state_->limit = limit;
  if (state_->linear()) {
    return;
  }
  const bool with_flips = limit >= static_cast<int>(kBands);
  state_->postings = AllPostings(state_->signals, with_flips);
}

StreamIndex::StreamIndex(StreamIndex&&) noexcept = default;
StreamIndex& StreamIndex::operator=(StreamIndex&&) noexcept = default;
StreamIndex::~StreamIndex() = default;

void StreamIndex::search(std::span<const Pdq256> values, std::vector<StreamNear>& near) const {
  const auto for_parts = [values](std::size_t most, const auto& search_part) {
    for (std::size_t first = 0; first < values.size(); first += most) {
      search_part(values.subspan(first, std::min(most, values.size() - first)),
                  static_cast<std::uint32_t>(first));
    }
  };
  if (state_->linear()) {
    for_parts(kScanRowsMax,
              [&](auto part, std::uint32_t first) { state_->search_linear(part, first, near); });
    return;
  }
  GroupSearch group(*state_, near);
  for_parts(kGroup, [&](auto part, std::uint32_t first) { group.search(part, first); });
}

std::size_t StreamIndex::size() const noexcept {
  return state_->signals.size();
}

std::size_t StreamIndex::size_bytes() const noexcept {
  return state_->signals.capacity() * sizeof(Pdq256) + state_->postings.size_bytes();
}

std::size_t probe_stream_scalar(const StreamProbes& probes, StreamEvent* out) {
  std::size_t found = 0;
  for (std::size_t first = 0; first < probes.count; first += kProbeValues) {
    std::uint32_t set = 0;
    for (std::size_t n = 0; n < kProbeValues * kSlots; ++n) {
      const std::size_t value = first + n / kSlots;
      const std::size_t slot = n % kSlots;
      const std::uint32_t* const start = probes.starts + probes.keys[value];
      if (slot >= start[1] - start[0]) {
        continue;
      }
      const unsigned differing =
          probes.signal_tags[start[0] + slot] ^ (probes.tags[value] & kTagBits);
      if (slot == kMoreSlot || std::popcount(differing) <= probes.tag_limit) {
        set |= 1U << n;
      }
    }
    if (set != 0) {
      out[found++] = {static_cast<std::uint32_t>(first), set};
    }
  }
  return found;
}

StreamProbe active_stream_probe() {
  switch (active_kernel()) {
#if defined(__x86_64__)
    case Kernel::kAvx2:
      return &probe_stream_avx2;
    case Kernel::kAvx512:
      return &probe_stream_avx512;
#else
    case Kernel::kAvx2:
    case Kernel::kAvx512:
#endif
    case Kernel::kScalar:
      break;
  }
  return &probe_stream_scalar;
}

}  // namespace tutela::match
