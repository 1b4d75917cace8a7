#include "engine/match/signal_set_state.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <limits>
#include <thread>

#include "base/check.hpp"
#include "engine/match/digest_set.hpp"

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

}  // namespace

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
  const auto segment = open_segment(options.file, {}, Pages::kForget);
  if (!segment && segment.error().kind != ErrorKind::kCorrupted) {
    return segment.error();
  }
  const MutexLock lock(mutex);
  looked_at = *now;
  return segment && adopt(*segment, {});
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

void SignalSet::State::settle() {
  std::shared_ptr<const Segment> used;
  {
    const MutexLock lock(mutex);
    if (!base) {
      return;
    }
    used = base;
    // A search that is still in an old file maps again the little that it reads of it.
    std::ranges::for_each(retired, [](const auto& segment) { forget_pages(*segment); });
  }
  constexpr int kTriesMax = 100;
  for (int tries = 0; !free_retired() && tries < kTriesMax; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  map_pages(*used);
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
  TUTELA_TRY_ASSIGN(auto segment, open_segment(options.file, {}, Pages::kForget));
  const std::size_t merged = view->removals;
  view.reset();
  const MutexLock lock(mutex);
  adopt(std::move(segment), merged);
  return ok();
}

}  // namespace tutela::match
