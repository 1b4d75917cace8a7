// Samples: of items without a match, a few that nobody can foresee are decoded and matched again by
// a path that shares as little as possible with the first: scalar kernels in worker processes of
// its own, and a linear search over the store. Their bytes stay in the spool until that is done. A
// difference is an alarm, and the item is judged again by what the audit found.
//
// The audit searches the lists as they are when it is made. A match with what they gained after the
// verdict is no fault of the scan and no difference: the sample stays owed until the rescan that
// finds it has judged the item, and is overtaken then, like any whose item got another verdict
// first. Meanwhile it is searched again after longer and longer pauses, so that it holds up no
// other. What the lists lost meanwhile is not searched. Internal to the pipeline.
//
// States of a row: owed, same, different, settled (a difference that somebody looked into), failed,
// overtaken. Thread-safe; audit() is called by one thread.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/mutex.hpp"
#include "service/pipeline/linear_search.hpp"
#include "service/pipeline/pipeline.hpp"
#include "service/pipeline/side_workers.hpp"
#include "service/pipeline/verdict.hpp"

namespace tutela::pipeline {

class Samples {
 public:
  explicit Samples(Internals& pipeline) : pipeline_(pipeline) {}

  /// Whether this verdict is to be audited. False in a process that makes no audits, so that none
  /// is owed for ever.
  [[nodiscard]] bool choose(const ledger::Outcome& outcome);
  /// The row, in the verdict's unit of work.
  static Status ask(store::Transaction& transaction,
                    const store::Actor& actor,
                    const Uuid& id,
                    std::int64_t lists_position,
                    UtcMs now_ms);

  Result<std::size_t> audit(const std::function<bool()>& stop_requested);
  Result<SampleCounts> counts() const;
  Status settle_differences(const store::Actor& actor);

 private:
  /// A sample in work.
  struct Sample {
    ledger::Content content;
    std::int64_t lists_position = 0;  // of the verdict that is audited
    UtcMs asked_ms = 0;
    Result<inspect::Inspection> inspected = Error{ErrorKind::kInternal, "samples.not_yet", ""};
    LinearItem search;
  };

  /// The lists at one moment, and what changed in them since the oldest verdict.
  struct ListsNow {
    std::int64_t position = 0;
    std::vector<lists::List> active;
    std::vector<lists::Change> changes;
  };

  struct Row {
    Uuid id;
    std::int64_t lists_position = 0;
    UtcMs asked_ms = 0;
    std::int64_t tries = 0;  // that failed
  };

  /// Those whose time has come, or whose item is another now; counts all that are owed.
  Result<std::vector<Row>> due(std::int64_t limit);
  /// Searches and compares. Returns how many ended.
  Result<std::size_t> audit_some(std::vector<Sample>& samples,
                                 const std::function<bool()>& stop_requested);
  /// Reads and decodes. False when the audit ended here.
  Result<bool> prepare(const Row& row, Sample& sample);
  Result<ListsNow> lists_since(std::int64_t position) const;
  /// False where it stays owed.
  Result<bool> compare(const Sample& sample, const ListsNow& now);
  /// What differs, as a word; empty when nothing does.
  [[nodiscard]] std::string difference(const Sample& sample, const ListsNow& now) const;
  [[nodiscard]] static Snapshot snapshot_of(const ListsNow& now);
  [[nodiscard]] ledger::Outcome judge_again(const Sample& sample, const ListsNow& now) const;

  Status end_same(const Sample& sample);
  Status end_different(const Sample& sample, const ListsNow& now, std::string detail);
  /// Without a result. `state` is "failed" or "overtaken"; what failed needs its bytes no longer.
  Status end_without(const ledger::Content& content, std::string_view state, std::string_view why);
  /// An error that may pass: tried again, but not for ever.
  Status try_later(const Row& row, const ledger::Content& content, const Error& error);
  /// They wait for a rescan.
  Status look_later(const std::vector<const Sample*>& waiting);
  void count(std::int64_t SampleCounts::*which);

  Internals& pipeline_;
  SideWorkers workers_;
  std::atomic<bool> auditing_{false};
  std::atomic<std::int64_t> owed_{0};  // about: as of the last look, and chosen since

  mutable Mutex mutex_;
  double allowance_ TUTELA_GUARDED_BY(mutex_) = 1;
  std::chrono::steady_clock::time_point allowed_at_ TUTELA_GUARDED_BY(mutex_) =
      std::chrono::steady_clock::now();
  SampleCounts counts_ TUTELA_GUARDED_BY(mutex_);
};

}  // namespace tutela::pipeline
