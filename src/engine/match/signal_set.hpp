// SignalSet: a set of signals that grows and shrinks while it is searched: a segment mapped from a
// file, a small delta in memory, and the ids that were removed since. What changes is visible in
// the next generation, at once; merging it into a new file happens beside the searches.
//
// Thread-safe. Several processes may share one file: one of them merges, the others take its work.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/uuid.hpp"
#include "engine/match/match.hpp"
#include "engine/match/segment.hpp"

namespace tutela::match {

struct SignalSetOptions {
  std::filesystem::path file;
  /// A merge is due when so many signals are new or gone, and at least an eighth of the file's.
  std::size_t merge_signals_min = kIndexSignalsMin;
  RunSteps run_steps;
};

struct NewSignal {
  std::uint32_t list = 0;  // index into SignalUpdate::lists
  std::int64_t id = 0;     // positive, greater than all of this list that were added before
  SignalKind kind = SignalKind::kPdq;
  std::array<std::byte, 32> value{};  // as many as the kind has
};

/// What changed. All of it becomes visible together.
struct SignalUpdate {
  /// All lists that match from now on. The signals of others stay in the set and are not found.
  std::vector<ListEntry> lists;
  std::vector<std::int64_t> lists_through;  // of each: the greatest signal id looked at
  /// Of each: what through() said before the signals were read. Empty: no list matches again that
  /// a merge may have left out meanwhile.
  std::vector<std::int64_t> lists_from;
  std::vector<NewSignal> added;
  std::vector<std::int64_t> removed;  // ids; those that are not there do no harm
  std::int64_t removed_through = 0;   // the caller's position in its log of removals
};

class SignalSet {
 public:
  /// Opens the file if there is one. One that is torn, corrupt or of another version is not used:
  /// the set is then empty and refused() says why.
  static Result<std::unique_ptr<SignalSet>> open(SignalSetOptions options);
  ~SignalSet();

  /// The code and message of why the file was not used; empty when it was, or when there was none.
  [[nodiscard]] std::string refused() const;

  /// How far the set has a list: what is to be added are the list's signals with greater ids.
  [[nodiscard]] std::int64_t through(const Uuid& list) const;
  [[nodiscard]] std::int64_t removed_through() const;

  /// Makes a new generation. Its cost grows with the delta, not with the set. An update that tells
  /// what is known already (by another thread) changes nothing but the lists that match: updates
  /// are to be applied in the order in which they were read.
  ///
  /// If a merge came between through() and apply(), the set may lack what the update builds on (a
  /// list that did not match was left out; removals were forgotten). It then takes no signals of
  /// such a list, has() is false, and the caller reads and applies again.
  std::shared_ptr<const Generation> apply(const SignalUpdate& update);
  /// True if all signals of the update are in the set.
  [[nodiscard]] bool has(const SignalUpdate& update) const;
  [[nodiscard]] std::shared_ptr<const Generation> generation() const;

  /// To be asked now and then by the thread that merges: it also gives back the files that searches
  /// no longer use.
  [[nodiscard]] bool merge_due() const;
  /// Writes the set into a new file and uses it from then on; takes the file of another process
  /// when that is newer. Lists that do not match now are left out. Does nothing while another
  /// process merges. Blocks; searches and apply() go on meanwhile. Uses the calling thread only,
  /// which is best one of low priority, so that searches keep their cores. Takes 13 bytes a signal
  /// of memory beside the files' pages.
  Status merge();
  /// After a merge, when the caller has let go of the generations before it: waits, not for long,
  /// for searches that began before, gives back the old file, and maps the new one, so that a
  /// process never has two of them in memory. Without it the first searches in the new one are
  /// slower.
  void settle();

  /// Writes the file anew with all that `collect` adds, for a set that lacks too much to apply it:
  /// it is to be opened again afterwards. Waits while another thread or process writes the file; if
  /// one has written it since this set looked at it, that is left as it is.
  Status rewrite(const std::function<Status(SegmentBuilder& builder)>& collect) const;

  struct Stats {
    std::size_t segment_signals = 0;
    std::size_t segment_bytes = 0;
    std::size_t delta_signals = 0;
    std::size_t delta_bytes = 0;
    std::size_t removed = 0;
    std::int64_t segment_written_ms = 0;  // UTC, of the file; 0 when there is none
  };

  [[nodiscard]] Stats stats() const;

 private:
  struct State;
  explicit SignalSet(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tutela::match
