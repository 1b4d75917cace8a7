#include "watch/content_index/search.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/mutex.hpp"

namespace tutela::content_index {
namespace {

using fingerprint::kOrientations;
using fingerprint::Pdq256;

/// Frames that are searched at once: of a chunk all, of a very large block a part.
constexpr std::size_t kFramesTogether = 8192;
/// Steps asked of the caller's threads; a step that finds nothing left ends at once.
constexpr std::size_t kThreadsMax = 64;

std::span<const Pdq256> values_of(std::span<const Hashes> frames) {
  return frames.empty() ? std::span<const Pdq256>()
                        : std::span(frames[0].data(), frames.size() * kOrientations);
}

/// One thread's work.
class Searcher {
 public:
  explicit Searcher(const Query& query) : query_(query) {}

  void add(const BlockView& block) {
    contents_ += block.ids.size();
    if (query_.digests != nullptr) {
      for (std::size_t i = 0; i < block.ids.size(); ++i) {
        if (query_.digests->any_of(block.prefixes[i])) {
          hits_.push_back(block.ids[i]);
        }
      }
    }
    if (query_.pdq == nullptr) {
      return;
    }
    std::size_t frame = 0;
    for (std::size_t i = 0; i < block.ids.size(); ++i) {
      for (std::uint32_t n = 0; n < block.frame_counts[i]; ++n) {
        owners_.push_back(block.ids[i]);
        frames_.push_back(block.frames[frame++]);
        if (frames_.size() == kFramesTogether) {
          search_together();
        }
      }
    }
  }

  /// The contents with a hit since the last call, each once.
  std::vector<Uuid> take_hits() {
    search_together();
    std::ranges::sort(hits_);
    const auto repeated = std::ranges::unique(hits_);
    hits_.erase(repeated.begin(), repeated.end());
    return std::exchange(hits_, {});
  }

  std::uint64_t take_contents() { return std::exchange(contents_, 0); }

 private:
  void search_together() {
    near_.clear();
    if (query_.pdq != nullptr) {
      query_.pdq->search(values_of(frames_), near_);
    }
    for (const match::StreamNear& near : near_) {
      hits_.push_back(owners_[near.value / kOrientations]);
    }
    frames_.clear();
    owners_.clear();
  }

  const Query& query_;
  std::vector<match::StreamNear> near_;
  std::vector<Hashes> frames_;
  std::vector<Uuid> owners_;  // of frames_
  std::vector<Uuid> hits_;
  std::uint64_t contents_ = 0;
};

/// What the threads share.
class Search {
 public:
  Search(Reader& reader,
         const Uuid& index,
         const Query& query,
         const OnHit& on_hit,
         const OnProgress& on_progress)
      : index_(index), query_(query), on_hit_(on_hit), on_progress_(on_progress), reader_(reader) {}

  void work() {
    Searcher searcher(query_);
    Chunk chunk;
    while (true) {
      const Result<bool> more = search_next(searcher, chunk);
      if (!more) {
        end(more.error());
      }
      if (!more || !*more) {
        return;
      }
    }
  }

  Status outcome() {
    const MutexLock lock(mutex_);
    if (failure_) {
      return *failure_;
    }
    return ok();
  }

 private:
  /// False if nothing is left, or the search has ended.
  Result<bool> search_next(Searcher& searcher, Chunk& chunk) {
    TUTELA_TRY_ASSIGN(const bool taken, take(chunk));
    if (!taken) {
      return false;
    }
    TUTELA_TRY(chunk.for_each_block(index_, [&](const BlockView& block) -> Status {
      searcher.add(block);
      return ok();
    }));
    // Searches what is left, so not under a lock that other threads wait for.
    const std::vector<Uuid> hits = searcher.take_hits();
    const std::uint64_t contents = searcher.take_contents();
    const MutexLock callbacks(callbacks_);
    if (ended()) {
      return false;
    }
    for (const Uuid& content_id : hits) {
      on_hit_(content_id);
    }
    contents_ += contents;
    if (!on_progress_(finish(chunk), contents_)) {
      end({});
    }
    return true;
  }

  bool ended() {
    const MutexLock lock(mutex_);
    return ended_;
  }

  Result<bool> take(Chunk& chunk) {
    const MutexLock lock(mutex_);
    if (ended_) {
      return false;
    }
    TUTELA_TRY_ASSIGN(const bool taken, reader_.next(chunk));
    if (taken) {
      under_way_.insert(chunk.begin());
    }
    return taken;
  }

  /// The place before which all is done, once this chunk is.
  Mark finish(const Chunk& chunk) {
    const MutexLock lock(mutex_);
    under_way_.erase(chunk.begin());
    return under_way_.empty() ? reader_.place() : *under_way_.begin();
  }

  void end(const std::optional<Error>& failure) {
    const MutexLock lock(mutex_);
    ended_ = true;
    failure_ = failure_ ? failure_ : failure;
  }

  const Uuid& index_;
  const Query& query_;
  const OnHit& on_hit_;
  const OnProgress& on_progress_;

  Mutex callbacks_;  // taken before mutex_
  std::uint64_t contents_ TUTELA_GUARDED_BY(callbacks_) = 0;

  Mutex mutex_;
  Reader& reader_ TUTELA_GUARDED_BY(mutex_);
  std::set<Mark> under_way_ TUTELA_GUARDED_BY(mutex_);
  bool ended_ TUTELA_GUARDED_BY(mutex_) = false;
  std::optional<Error> failure_ TUTELA_GUARDED_BY(mutex_);
};

}  // namespace

Status search_blocks(Reader& reader,
                     const Uuid& index,
                     const Query& query,
                     const match::RunSteps& run_steps,
                     const OnHit& on_hit,
                     const OnProgress& on_progress) {
  Search search(reader, index, query, on_hit, on_progress);
  if (run_steps) {
    run_steps(kThreadsMax, [&](std::size_t /*step*/) { search.work(); });
  } else {
    search.work();
  }
  return search.outcome();
}

}  // namespace tutela::content_index
