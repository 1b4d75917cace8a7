#include "engine/match/signal_set.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>

#include "base/check.hpp"
#include "base/file.hpp"
#include "base/mutex.hpp"
#include "engine/match/generation.hpp"
#include "engine/match/segment_open.hpp"
#include "engine/match/signal_delta.hpp"

namespace tutela::match {
namespace {

std::size_t value_bytes(SignalKind kind) {
  return kind == SignalKind::kPdq ? sizeof(fingerprint::Pdq256) : digest_length(kind);
}

std::map<Uuid, std::int64_t> through_of(const Segment& segment) {
  std::map<Uuid, std::int64_t> through;
  for (const SegmentList& list : segment.lists()) {
    through.emplace(list.id, list.through_id);
  }
  return through;
}

/// The only process, and thread, that writes the file.
class MergeLock {
 public:
  /// Not held where another one merges.
  static Result<MergeLock> take(const std::filesystem::path& file) {
    MergeLock lock;
    const std::filesystem::path path = file.string() + ".lock";
    lock.fd_ = Fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!lock.fd_.valid()) {
      return system_error("file.write_failed", "open lock of index");
    }
    if (::flock(lock.fd_.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) {
        return system_error("file.write_failed", "lock index");
      }
      lock.fd_.reset();
    }
    return lock;
  }

  [[nodiscard]] bool held() const noexcept { return fd_.valid(); }

 private:
  Fd fd_;
};

}  // namespace

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
  /// After a file was taken: searches that began before are let finish, not for long.
  void settle(const Segment& segment);
};

bool SignalSet::State::is_due() const {
  const std::size_t changed = delta.size() + removals.size();
  const std::size_t in_file = base ? signals_in(*base) : 0;
  return changed >= std::max<std::size_t>(options.merge_signals_min, 1) && changed >= in_file / 8;
}

void SignalSet::State::take_signals(const SignalUpdate& update) {
  TUTELA_CHECK(update.lists_through.size() == update.lists.size() &&
               (update.lists_from.empty() || update.lists_from.size() == update.lists.size()));
  // What is known of each list before this update; nothing is taken of a list with a gap, nor of an
  // update that was read before removals that the file has, and the set no longer.
  const bool is_late = base && update.removed_through < base->removed_through();
  std::vector<std::int64_t> known;
  std::vector<char> has_gap;
  for (std::size_t list = 0; list < update.lists.size(); ++list) {
    const auto found = through.find(update.lists[list].id);
    known.push_back(found == through.end() ? 0 : found->second);
    const bool begins_later = !update.lists_from.empty() && update.lists_from[list] > known.back();
    has_gap.push_back(is_late || begins_later ? 1 : 0);
  }
  for (const NewSignal& signal : update.added) {
    TUTELA_CHECK(signal.list < update.lists.size());
    if (has_gap[signal.list] == 0 && signal.id > known[signal.list]) {
      delta.add(update.lists[signal.list].id,
                signal.id,
                signal.kind,
                ByteView(signal.value).first(value_bytes(signal.kind)));
    }
  }
  for (std::size_t list = 0; list < update.lists.size(); ++list) {
    if (has_gap[list] == 0) {
      std::int64_t& last = through[update.lists[list].id];
      last = std::max(last, update.lists_through[list]);
    }
  }
  delta.commit(build_options());
}

void SignalSet::State::take_removals(const SignalUpdate& update) {
  removed_through = std::max(removed_through, update.removed_through);
  RemovedIds fresh;
  for (const std::int64_t id : update.removed) {
    if (!std::ranges::binary_search(*removed, id)) {
      fresh.push_back(id);
    }
  }
  std::ranges::sort(fresh);
  const auto others = std::ranges::unique(fresh);
  fresh.erase(others.begin(), others.end());
  if (fresh.empty()) {
    return;
  }
  auto all = std::make_shared<RemovedIds>();
  all->reserve(removed->size() + fresh.size());
  std::ranges::merge(*removed, fresh, std::back_inserter(*all));
  removed = std::move(all);
  for (const std::int64_t id : fresh) {
    removals.push_back({update.removed_through, id});
  }
}

void SignalSet::State::publish() {
  std::vector<std::shared_ptr<const Segment>> segments;
  if (base) {
    segments.push_back(base);
  }
  segments.insert(segments.end(), delta.segments().begin(), delta.segments().end());
  current.replace(Generation::of_segments(lists, segments, removed));
}

/// True if the file has all of it, and nothing else.
bool SignalSet::State::is_written() const {
  if (!base || delta.size() > 0 || !removals.empty() ||
      removed_through != base->removed_through()) {
    return false;
  }
  std::map<Uuid, std::int64_t> wanted;
  for (const ListEntry& list : lists) {
    const auto found = through.find(list.id);
    wanted.emplace(list.id, found == through.end() ? 0 : found->second);
  }
  return wanted == through_of(*base);
}

SignalSet::State::View SignalSet::State::view_now() const {
  View view;
  if (base) {
    view.segments.push_back(base);
  }
  view.segments.insert(view.segments.end(), delta.segments().begin(), delta.segments().end());
  // No signals: how far each list was looked at.
  SegmentBuilder positions;
  for (const ListEntry& list : lists) {
    const auto found = through.find(list.id);
    if (found != through.end() && view.lists.insert(list.id).second) {
      positions.add_list({list.id, found->second});
    }
  }
  view.segments.push_back(std::move(positions).build());
  view.removed = removed;
  view.removals = removals.size();
  view.removed_through = removed_through;
  return view;
}

/// True if using a file instead of the one in use loses nothing of the lists that match, and does
/// not bring back what was removed.
bool SignalSet::State::covers_base(const Segment& segment) const {
  if (!base) {
    return true;
  }
  const std::map<Uuid, std::int64_t> before = through_of(*base);
  const std::map<Uuid, std::int64_t> after = through_of(segment);
  return segment.removed_through() >= base->removed_through() &&
         std::ranges::all_of(lists, [&](const ListEntry& list) {
           const auto old_place = before.find(list.id);
           const auto new_place = after.find(list.id);
           return old_place == before.end() ||
                  (new_place != after.end() && new_place->second >= old_place->second);
         });
}

/// Uses a new file. Of the delta what the file has goes, and what it has not stays. Of the removals
/// those go that it has seen: the first `merged` of our own merge, or those up to its position. Of
/// lists that do not match only what the file has stays, since the old one may have had more.
bool SignalSet::State::adopt(std::shared_ptr<const Segment> segment,
                             std::optional<std::size_t> merged) {
  looked_at = segment->state().file;
  if (!covers_base(*segment)) {
    return false;
  }
  const std::map<Uuid, std::int64_t> in_file = through_of(*segment);
  std::set<Uuid> matching;
  for (const ListEntry& list : lists) {
    matching.insert(list.id);
  }
  const auto after_id = [&](const Uuid& list) {
    const auto found = in_file.find(list);
    return found == in_file.end() ? std::numeric_limits<std::int64_t>::min() : found->second;
  };
  const auto is_removed = [gone = removed](std::int64_t id) {
    return std::ranges::binary_search(*gone, id);
  };
  delta.keep({.keep_list = [&](const Uuid& list) { return matching.contains(list); },
              .after_id = after_id,
              .is_removed = is_removed},
             build_options());
  std::erase_if(through, [&](const auto& list) { return !matching.contains(list.first); });
  for (const auto& [list, last] : in_file) {
    std::int64_t& known = through[list];
    known = std::max(known, last);
  }
  forget_removals(segment->removed_through(), merged);
  if (delta.size() == 0) {
    // What stays in the delta was only freed of the removals that this set knows.
    removed_through = std::max(removed_through, segment->removed_through());
  }
  if (base) {
    retired.push_back(base);
  }
  base = std::move(segment);
  refused.clear();
  publish();
  return true;
}

void SignalSet::State::forget_removals(std::int64_t position, std::optional<std::size_t> merged) {
  if (merged) {
    removals.erase(removals.begin(), removals.begin() + static_cast<std::ptrdiff_t>(*merged));
  } else {
    std::erase_if(removals, [&](const Removal& removal) { return removal.position <= position; });
  }
  auto ids = std::make_shared<RemovedIds>();
  ids->reserve(removals.size());
  for (const Removal& removal : removals) {
    ids->push_back(removal.id);
  }
  std::ranges::sort(*ids);
  removed = std::move(ids);
}

/// Takes the file of another process. One that cannot be used is not looked at again: it is
/// written anew when a merge is due.
Result<bool> SignalSet::State::adopt_newer_file() {
  const Result<FileIdentity> now = file_identity(options.file);
  if (!now && now.error().kind == ErrorKind::kNotFound) {
    return false;
  }
  TUTELA_TRY(now);
  {
    const MutexLock lock(mutex);
    if (*now == looked_at) {
      return false;
    }
  }
  const auto segment = open_segment(options.file, options.run_steps, Pages::kForget);
  if (!segment && segment.error().kind != ErrorKind::kCorrupted) {
    return segment.error();
  }
  {
    const MutexLock lock(mutex);
    looked_at = *now;
    if (!segment || !adopt(*segment, {})) {
      return false;
    }
  }
  settle(**segment);
  return true;
}

bool SignalSet::State::free_retired() {
  std::vector<std::shared_ptr<const Segment>> unused;
  const MutexLock lock(mutex);
  const auto used =
      std::ranges::partition(retired, [](const auto& segment) { return segment.use_count() > 1; });
  unused.assign(std::make_move_iterator(used.begin()), std::make_move_iterator(used.end()));
  retired.erase(used.begin(), used.end());
  return retired.empty();
}

void SignalSet::State::settle(const Segment& segment) {
  constexpr int kTriesMax = 100;
  for (int tries = 0; !free_retired() && tries < kTriesMax; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  map_pages(segment);
}

Status SignalSet::State::write_and_adopt() {
  std::optional<View> view;
  {
    const MutexLock lock(mutex);
    if (!applied || is_written()) {
      return ok();
    }
    view = view_now();
  }
  TUTELA_TRY(merge_segments(
      view->segments,
      [&](std::int64_t id) { return std::ranges::binary_search(*view->removed, id); },
      [&](const Uuid& list) { return view->lists.contains(list); },
      view->removed_through,
      options.file,
      {}));
  TUTELA_TRY_ASSIGN(auto segment, open_segment(options.file, options.run_steps, Pages::kForget));
  const std::size_t merged = view->removals;
  view.reset();
  {
    const MutexLock lock(mutex);
    adopt(segment, merged);
  }
  settle(*segment);
  return ok();
}

SignalSet::SignalSet(std::unique_ptr<State> state) : state_(std::move(state)) {}

SignalSet::~SignalSet() = default;

Result<std::unique_ptr<SignalSet>> SignalSet::open(SignalSetOptions options) {
  auto state = std::make_unique<State>(std::move(options));
  const Result<FileIdentity> file = file_identity(state->options.file);
  auto segment = Segment::open(state->options.file, state->options.run_steps);
  {
    const MutexLock lock(state->mutex);
    if (segment) {
      state->adopt(*std::move(segment), {});
    } else if (segment.error().kind == ErrorKind::kCorrupted) {
      state->refused = std::string(segment.error().code) + ": " + segment.error().message;
      state->looked_at = file ? *file : FileIdentity{};
    } else if (segment.error().kind != ErrorKind::kNotFound) {
      return segment.error();
    }
    state->publish();
  }
  return std::unique_ptr<SignalSet>(new SignalSet(std::move(state)));
}

std::string SignalSet::refused() const {
  const MutexLock lock(state_->mutex);
  return state_->refused;
}

std::int64_t SignalSet::through(const Uuid& list) const {
  const MutexLock lock(state_->mutex);
  const auto found = state_->through.find(list);
  return found == state_->through.end() ? 0 : found->second;
}

std::int64_t SignalSet::removed_through() const {
  const MutexLock lock(state_->mutex);
  return state_->removed_through;
}

std::shared_ptr<const Generation> SignalSet::apply(const SignalUpdate& update) {
  const MutexLock lock(state_->mutex);
  state_->applied = true;
  state_->lists = update.lists;
  state_->take_removals(update);
  state_->take_signals(update);
  state_->publish();
  return state_->current.get();
}

bool SignalSet::has(const SignalUpdate& update) const {
  const MutexLock lock(state_->mutex);
  for (std::size_t list = 0; list < update.lists.size(); ++list) {
    const auto found = state_->through.find(update.lists[list].id);
    if (found == state_->through.end() || found->second < update.lists_through[list]) {
      return false;
    }
  }
  return true;
}

std::shared_ptr<const Generation> SignalSet::generation() const {
  return state_->current.get();
}

bool SignalSet::merge_due() const {
  state_->free_retired();
  const Result<FileIdentity> now = file_identity(state_->options.file);
  const MutexLock lock(state_->mutex);
  return (state_->applied && state_->is_due()) || (now && *now != state_->looked_at);
}

Status SignalSet::merge() {
  TUTELA_TRY_ASSIGN(const MergeLock lock, MergeLock::take(state_->options.file));
  if (!lock.held()) {
    return ok();
  }
  TUTELA_TRY_ASSIGN(const bool adopted, state_->adopt_newer_file());
  if (adopted && !merge_due()) {
    return ok();
  }
  return state_->write_and_adopt();
}

SignalSet::Stats SignalSet::stats() const {
  const MutexLock lock(state_->mutex);
  Stats stats;
  if (state_->base) {
    stats.segment_signals = signals_in(*state_->base);
    stats.segment_bytes = state_->base->size_bytes();
    stats.segment_written_ms = state_->base->state().file.modified_ns / 1'000'000;
  }
  stats.delta_signals = state_->delta.size();
  stats.delta_bytes = state_->delta.size_bytes();
  stats.removed = state_->removed->size();
  return stats;
}

}  // namespace tutela::match
