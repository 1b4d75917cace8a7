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
constexpr std::size_t kLinearSignalsMax = 32;
/// Above this more than one flip a band is possible, and the keys would be too many.
constexpr int kKeyedLimitMax = 31;
/// Values that go through a band before the next band's turn.
constexpr std::size_t kGroup = 4096;

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

struct Postings {
  HugeArray<std::uint32_t> starts;
  HugeArray<std::uint16_t> tags;
  HugeArray<std::uint32_t> signals;
};

Postings build_postings(std::span<const Pdq256> signals, std::size_t band, bool with_flips) {
  const std::size_t count = signals.size() * (with_flips ? 1 + kFlips : 1);
  Postings postings{HugeArray<std::uint32_t>(kKeys + 1),
                    HugeArray<std::uint16_t>(count + kTagPadding),
                    HugeArray<std::uint32_t>(count)};
  std::vector<std::uint32_t> ends(kKeys, 0);
  for (const Pdq256& signal : signals) {
    for_each_posting(
        signal, band, with_flips, [&](std::uint16_t key, std::uint16_t /*tag*/) { ++ends[key]; });
  }
  std::uint32_t start = 0;
  for (std::size_t key = 0; key < kKeys; ++key) {
    postings.starts.data()[key] = start;
    start += std::exchange(ends[key], start);
  }
  postings.starts.data()[kKeys] = start;
  for (std::uint32_t i = 0; i < signals.size(); ++i) {
    for_each_posting(signals[i], band, with_flips, [&](std::uint16_t key, std::uint16_t tag) {
      const std::uint32_t at = ends[key]++;
      postings.tags.data()[at] = tag;
      postings.signals.data()[at] = i;
    });
  }
  std::fill_n(postings.tags.data() + count, kTagPadding, std::uint16_t{0});
  return postings;
}

}  // namespace

struct StreamIndex::State {
  [[nodiscard]] bool linear() const noexcept {
    return signals.size() <= kLinearSignalsMax || limit > kKeyedLimitMax;
  }

  void search_linear(std::span<const Pdq256> values,
                     std::uint32_t first,
                     std::vector<StreamNear>& near) const;
  void search_group(std::span<const Pdq256> values,
                    std::uint32_t first,
                    std::vector<StreamNear>& near) const;
  [[nodiscard]] bool found_before(const Pdq256& value,
                                  const Pdq256& signal,
                                  std::size_t band) const;

  std::vector<Pdq256> signals;
  int limit = 0;
  std::vector<Postings> bands;  // none where the search is linear
};

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
  const int key_limit = limit / static_cast<int>(kBands);
  const int pair_limit = 2 * limit / static_cast<int>(kBands);
  const auto differing = [&](std::size_t at) {
    return static_cast<unsigned>(band_bits(value, at) ^ band_bits(signal, at));
  };
  for (std::size_t i = 0; i < band; ++i) {
    const int flips = std::popcount(differing(i));
    if (flips <= key_limit && flips + std::popcount(differing(i + 1) & kTagBits) <= pair_limit) {
      return true;
    }
  }
  return false;
}

void StreamIndex::State::search_group(std::span<const Pdq256> values,
                                      std::uint32_t first,
                                      std::vector<StreamNear>& near) const {
  std::array<StreamSurvivor, kStreamSurvivorsMax> survivors;
  const StreamProbe probe = active_stream_probe();
  for (std::size_t band = 0; band < kBands; ++band) {
    const StreamBand tables{bands[band].starts.data(),
                            bands[band].tags.data(),
                            band,
                            2 * limit / static_cast<int>(kBands)};
    for (StreamCursor cursor; cursor.value < values.size();) {
      const std::size_t found = probe(tables, values, cursor, survivors.data());
      for (const StreamSurvivor& survivor : std::span(survivors.data(), found)) {
        const std::uint32_t signal = bands[band].signals.data()[survivor.posting];
        const int bits = fingerprint::distance(values[survivor.value], signals[signal]);
        if (bits <= limit && !found_before(values[survivor.value], signals[signal], band)) {
          near.push_back({first + survivor.value, signal, bits});
        }
      }
    }
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
  for (std::size_t band = 0; band < kBands; ++band) {
    state_->bands.push_back(build_postings(state_->signals, band, with_flips));
  }
}

StreamIndex::StreamIndex(StreamIndex&&) noexcept = default;
StreamIndex& StreamIndex::operator=(StreamIndex&&) noexcept = default;
StreamIndex::~StreamIndex() = default;

void StreamIndex::search(std::span<const Pdq256> values, std::vector<StreamNear>& near) const {
  const bool linear = state_->linear();
  const std::size_t step = linear ? kScanRowsMax : kGroup;
  for (std::size_t first = 0; first < values.size(); first += step) {
    const auto part = values.subspan(first, std::min(step, values.size() - first));
    if (linear) {
      state_->search_linear(part, static_cast<std::uint32_t>(first), near);
    } else {
      state_->search_group(part, static_cast<std::uint32_t>(first), near);
    }
  }
}

std::size_t StreamIndex::size() const noexcept {
  return state_->signals.size();
}

std::size_t StreamIndex::size_bytes() const noexcept {
  std::size_t bytes = state_->signals.capacity() * sizeof(Pdq256);
  for (const Postings& band : state_->bands) {
    bytes += band.starts.size_bytes() + band.tags.size_bytes() + band.signals.size_bytes();
  }
  return bytes;
}

std::size_t probe_stream_scalar(const StreamBand& band,
                                std::span<const Pdq256> values,
                                StreamCursor& cursor,
                                StreamSurvivor* out) {
  std::size_t found = 0;
  const std::size_t next = (band.band + 1) % kBands;
  for (; cursor.value < values.size(); ++cursor.value, cursor.skip = 0) {
    const std::uint16_t key = band_bits(values[cursor.value], band.band);
    const unsigned tag = band_bits(values[cursor.value], next) & kTagBits;
    const std::uint32_t end = band.starts[key + 1];
    for (std::uint32_t at = band.starts[key] + cursor.skip; at < end; ++at) {
      if (std::popcount(band.tags[at] ^ tag) > band.tag_limit) {
        continue;
      }
      if (found == kStreamSurvivorsMax) {
        cursor.skip = at - band.starts[key];
        return found;
      }
      out[found++] = {cursor.value, at};
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
