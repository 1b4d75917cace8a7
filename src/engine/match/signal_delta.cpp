#include "engine/match/signal_delta.hpp"

#include <algorithm>
#include <utility>

#include "engine/match/segment_image.hpp"

namespace tutela::match {
namespace {

/// Segments of one level are about as large.
std::size_t level_of(const Segment& segment) {
  std::size_t level = 0;
  for (std::size_t size = signals_in(segment) / kDeltaTailMax; size >= kDeltaFanout;
       size /= kDeltaFanout) {
    ++level;
  }
  return level;
}

/// The signals of some segments in one.
std::shared_ptr<const Segment> join(std::vector<std::shared_ptr<const Segment>> segments,
                                    const SegmentFilter& filter,
                                    const BuildOptions& options) {
  return build_segment(MergedSource(std::move(segments), filter), 0, options);
}

}  // namespace

std::size_t signals_in(const Segment& segment) {
  std::size_t signals = 0;
  for (const SignalKind kind :
       {SignalKind::kPdq, SignalKind::kMd5, SignalKind::kSha1, SignalKind::kSha256}) {
    signals += segment.size(kind);
  }
  return signals;
}

void SignalDelta::add(const Uuid& list, std::int64_t signal_id, SignalKind kind, ByteView value) {
  const auto [place, is_new] =
      numbers_.try_emplace(list, static_cast<std::uint32_t>(tail_.lists.size()));
  if (is_new) {
    tail_.lists.push_back({list, 0});
  }
  tail_.add(place->second, signal_id, kind, value);
  tail_changed_ = true;
}

void SignalDelta::commit(const BuildOptions& options) {
  if (!tail_changed_) {
    return;
  }
  tail_changed_ = false;
  tail_.sort(rows_sorted_, digests_sorted_);
  rows_sorted_ = tail_.rows.size();
  for (std::size_t kind = 0; kind < kDigestKinds; ++kind) {
    digests_sorted_[kind] = tail_.digests[kind].size();
  }
  if (has_tail_segment_) {
    segments_.pop_back();
  }
  has_tail_segment_ = tail_.size() > 0;
  if (has_tail_segment_) {
    segments_.push_back(build_segment(CollectedSource(tail_), 0, options));
  }
  if (tail_.size() >= kDeltaTailMax) {
    freeze(options);
  }
}

/// The tail's segment stays as it is; a new tail begins.
void SignalDelta::freeze(const BuildOptions& options) {
  numbers_.clear();
  tail_ = {};
  rows_sorted_ = 0;
  digests_sorted_ = {};
  has_tail_segment_ = false;
  join_alike(options);
}

void SignalDelta::join_alike(const BuildOptions& options) {
  while (!segments_.empty()) {
    const std::size_t level = level_of(*segments_.back());
    const auto first = std::find_if(segments_.rbegin(), segments_.rend(), [&](const auto& segment) {
                         return level_of(*segment) > level;
                       }).base();
    if (static_cast<std::size_t>(segments_.end() - first) < kDeltaFanout) {
      return;
    }
    auto joined = join({first, segments_.end()}, {}, options);
    segments_.erase(first, segments_.end());
    segments_.push_back(std::move(joined));
  }
}

void SignalDelta::keep_tail(const SegmentFilter& filter) {
  std::vector<char> is_kept;
  std::vector<std::int64_t> after;
  for (const SegmentList& list : tail_.lists) {
    is_kept.push_back(filter.keep_list(list.id) ? 1 : 0);
    after.push_back(filter.after_id(list.id));
  }
  const auto goes = [&](const auto& signal) {
    return is_kept[signal.list] == 0 || signal.signal_id <= after[signal.list] ||
           filter.is_removed(signal.signal_id);
  };
  std::size_t gone = std::erase_if(tail_.rows, goes);
  rows_sorted_ = tail_.rows.size();
  for (std::size_t kind = 0; kind < kDigestKinds; ++kind) {
    gone += std::erase_if(tail_.digests[kind], goes);
    digests_sorted_[kind] = tail_.digests[kind].size();
  }
  tail_changed_ = tail_changed_ || gone > 0;
}

void SignalDelta::keep(const SegmentFilter& filter, const BuildOptions& options) {
  commit(options);
  std::vector<std::shared_ptr<const Segment>> kept;
  const std::size_t frozen = segments_.size() - (has_tail_segment_ ? 1 : 0);
  for (std::size_t i = 0; i < frozen; ++i) {
    const MergedSource source({segments_[i]}, filter);
    const SegmentCounts counts = counts_of(source, options);
    std::size_t signals = counts.rows;
    for (const std::uint64_t digests : counts.digests) {
      signals += digests;
    }
    if (signals == signals_in(*segments_[i])) {
      kept.push_back(segments_[i]);
    } else if (signals > 0) {
      kept.push_back(build_segment(source, 0, options));
    }
  }
  if (has_tail_segment_) {
    kept.push_back(segments_.back());
  }
  segments_ = std::move(kept);
  keep_tail(filter);
  commit(options);
}

std::size_t SignalDelta::size() const noexcept {
  std::size_t signals = 0;
  for (const auto& segment : segments_) {
    signals += signals_in(*segment);
  }
  return signals;
}

std::size_t SignalDelta::size_bytes() const noexcept {
  std::size_t bytes = tail_.rows.capacity() * sizeof(CollectedRow);
  for (const auto& digests : tail_.digests) {
    bytes += digests.capacity() * sizeof(DigestEntry);
  }
  for (const auto& segment : segments_) {
    bytes += segment->size_bytes();
  }
  return bytes;
}

}  // namespace tutela::match
