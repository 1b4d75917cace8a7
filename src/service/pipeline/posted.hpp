// Posted: what was judged before is kept searchable, and searched again when lists change.
//
// Every first verdict is followed, in the order of the ledger, into the content index and the
// groups. One that was reached with older lists than the present is searched again on the way;
// everything that is in the content index when a list changes is covered by a rescan. So a content
// is missed neither by lists that change while it is scanned, nor by a crash. Internal to the
// pipeline.
//
// One process at a time does this: the one that holds the content index. Thread-safe.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/mutex.hpp"
#include "engine/match/stream_index.hpp"
#include "service/pipeline/rescan.hpp"
#include "service/pipeline/state.hpp"
#include "watch/content_index/content_index.hpp"
#include "watch/content_index/digest_prefixes.hpp"
#include "watch/groups/groups.hpp"

namespace tutela::pipeline {

class Posted {
 public:
  explicit Posted(Internals& pipeline);
  ~Posted();

  Result<CatchUp> catch_up(const std::function<bool()>& stop_requested,
                           const std::function<void(const Rescan&)>& on_progress);
  Result<Uuid> ask(const store::Actor& actor, const Uuid& list_id, UtcMs since_ms);
  Status maintain();
  /// Makes the content index again, at most once a day, without the contents that the ledger has
  /// no more. Searches go on meanwhile; where a rescan is under way it is left for another time.
  Status forget_gone(const std::function<bool()>& stop_requested);
  [[nodiscard]] std::optional<content_index::Stats> index_stats() const;

 private:
  /// The signals of one pass of a rescan, ready to be streamed past.
  struct Pass {
    Uuid rescan;
    std::int64_t after_signal = 0;  // the rescan's part: what earlier passes searched for
    std::int64_t last_signal = 0;
    std::size_t signals = 0;
    std::optional<match::StreamIndex> pdq;
    std::optional<content_index::DigestPrefixes> digests;
  };

  [[nodiscard]] std::shared_ptr<content_index::ContentIndex> index() const;
  [[nodiscard]] std::shared_ptr<groups::Groups> groups() const;
  [[nodiscard]] std::filesystem::path index_folder() const;
  /// Where the next content index is made.
  [[nodiscard]] std::filesystem::path next_folder() const;
  Result<bool> has_gone(const content_index::ContentIndex& index);
  Result<bool> copy_kept(const content_index::ContentIndex& from,
                         const std::function<bool()>& stop_requested);
  /// False if another process has the content index.
  Result<bool> open_index(CatchUp& done);

  /// Makes rescans of what changed in the lists.
  Status plan();
  [[nodiscard]] std::vector<Rescan> rescans_for(std::span<const lists::Change> changes,
                                                const Snapshot& snapshot) const;
  [[nodiscard]] Rescan new_rescan(const store::Actor& actor,
                                  const Uuid& list_id,
                                  RescanCause cause) const;

  /// Takes new verdicts into groups and content index. Returns how many.
  Result<std::size_t> follow(const std::function<bool()>& stop_requested);
  Status follow_some(std::span<const ledger::Verdicted> verdicts);
  Status link_cases(std::span<const groups::Newcomer> newcomers);

  /// Works on a rescan for a second or so, and writes down how far it came.
  Status advance(Rescan& rescan, const std::function<bool()>& stop_requested);
  Status advance_withdrawn(Rescan& rescan, const std::function<bool()>& stop_requested);
  Status advance_grown(Rescan& rescan, const std::function<bool()>& stop_requested);
  Status search(Rescan& rescan, const std::function<bool()>& stop_requested);
  /// Makes pass_ that of the rescan; one without signals when none are left.
  Status prepare(const Rescan& rescan);
  Status finish(Rescan& rescan);

  /// Judges contents again with the present lists; those whose matches change get a new verdict.
  Status rejudge(std::span<const Uuid> ids, Rescan& rescan);
  Result<bool> rejudge_one(const ledger::Content& before, const Rescan* rescan);
  /// What the present lists make of it. While its kind of file is distrusted nothing is taken
  /// back: a search for more adds to what stands there, else it is "detection.distrusted".
  Result<ledger::Outcome> judge_again(const Snapshot& snapshot,
                                      const ledger::Content& before,
                                      const Rescan* rescan);

  Internals& pipeline_;
  Rescans rescans_;
  mutable Mutex working_;  // held by the one call of catch_up() that works
  mutable Mutex mutex_;
  // Both or neither: the groups are those that the holder of the content index adds to.
  std::shared_ptr<content_index::ContentIndex> index_ TUTELA_GUARDED_BY(mutex_);
  std::shared_ptr<groups::Groups> groups_ TUTELA_GUARDED_BY(mutex_);
  std::int64_t planned_ = -1;  // of the lists' history; -1: read it from the rescans
  std::unique_ptr<Pass> pass_;
};

}  // namespace tutela::pipeline
