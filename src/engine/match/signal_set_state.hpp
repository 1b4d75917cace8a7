// SignalSet::State: what a set holds, and how it changes. Internal to match.
//
// Guarded by one mutex, which no search needs: searches use the current generation.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.hpp"
#include "engine/match/generation.hpp"
#include "engine/match/segment_open.hpp"
#include "engine/match/signal_delta.hpp"
#include "engine/match/signal_set.hpp"

namespace tutela::match {

struct SignalSet::State {
  struct Removal {
    std::int64_t position = 0;
    std::int64_t id = 0;
  };

  /// What a merge writes.
  struct View {
    std::vector<std::shared_ptr<const Segment>> segments;
    std::shared_ptr<const RemovedIds> removed;
    std::size_t removals = 0;
    std::int64_t removed_through = 0;
    std::set<Uuid> lists;
  };

  explicit State(SignalSetOptions of) : options(std::move(of)) {}

  const SignalSetOptions options;
  CurrentGeneration current;
  mutable Mutex mutex;
  std::shared_ptr<const Segment> base TUTELA_GUARDED_BY(mutex);  // may be null
  SignalDelta delta TUTELA_GUARDED_BY(mutex);
  std::map<Uuid, std::int64_t> through TUTELA_GUARDED_BY(mutex);
  std::vector<ListEntry> lists TUTELA_GUARDED_BY(mutex);
  std::vector<Removal> removals TUTELA_GUARDED_BY(mutex);  // as they came
  std::shared_ptr<const RemovedIds> removed TUTELA_GUARDED_BY(mutex) =
      std::make_shared<const RemovedIds>();  // their ids
  std::int64_t removed_through TUTELA_GUARDED_BY(mutex) = 0;
  std::string refused TUTELA_GUARDED_BY(mutex);
  FileIdentity looked_at TUTELA_GUARDED_BY(mutex);  // the file, used or refused
  /// Files that were in use. The last one to let go of one unmaps it and frees its disk space,
  /// which takes long: not to be a search.
  std::vector<std::shared_ptr<const Segment>> retired TUTELA_GUARDED_BY(mutex);
  bool applied TUTELA_GUARDED_BY(mutex) = false;  // before, no list is known to match

  [[nodiscard]] BuildOptions build_options() const { return {.run_steps = options.run_steps}; }

  [[nodiscard]] bool is_due() const TUTELA_REQUIRES(mutex);
  void take_signals(const SignalUpdate& update) TUTELA_REQUIRES(mutex);
  void take_removals(const SignalUpdate& update) TUTELA_REQUIRES(mutex);
  void publish() TUTELA_REQUIRES(mutex);
  [[nodiscard]] View view_now() const TUTELA_REQUIRES(mutex);
  [[nodiscard]] bool is_written() const TUTELA_REQUIRES(mutex);
  [[nodiscard]] bool covers_base(const Segment& segment) const TUTELA_REQUIRES(mutex);
  bool adopt(std::shared_ptr<const Segment> segment, std::optional<std::size_t> merged)
      TUTELA_REQUIRES(mutex);
  void forget_removals(std::int64_t position, std::optional<std::size_t> merged)
      TUTELA_REQUIRES(mutex);
  /// True if it did.
  Result<bool> adopt_newer_file();
  Status write_and_adopt();
  /// Frees the files that nobody searches any more; true if none is left.
  bool free_retired();
  void settle();
};

}  // namespace tutela::match
