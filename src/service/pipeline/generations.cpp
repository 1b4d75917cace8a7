// How the generation that is searched follows the lists.
#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "base/fault.hpp"
#include "service/pipeline/marks.hpp"
#include "service/pipeline/state.hpp"

namespace tutela::pipeline {
namespace {

constexpr int kTries = 5;

}  // namespace

void run_in_threads(std::size_t count, const std::function<void(std::size_t)>& step) {
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      step(i);
    }
  };
  std::vector<std::jthread> others;
  const std::size_t threads =
      std::min<std::size_t>(count, std::max(1U, std::thread::hardware_concurrency()));
  for (std::size_t i = 1; i < threads; ++i) {
    others.emplace_back(work);
  }
  work();
}

Status Internals::open_signals() {
  std::error_code failed;
  std::filesystem::create_directories(index_folder(), failed);
  TUTELA_TRY_ASSIGN(std::shared_ptr<match::SignalSet> opened,
                    match::SignalSet::open({.file = index_folder() / "signals.index",
                                            .merge_signals_min = config.index.merge_signals_min,
                                            .run_steps = run_in_threads}));
  const MutexLock lock(mutex);
  signals = std::move(opened);
  return ok();
}

/// Brings the set to the present; returns the position that it is at then.
Result<std::int64_t> Internals::follow_lists() {
  // Again where a merge came between reading and applying, or where the whole set is read anew.
  for (int tries = 0; tries < kTries; ++tries) {
    const std::shared_ptr<match::SignalSet> set = current_signals();
    TUTELA_TRY_ASSIGN(const lists::Missing missing,
                      lists->missing(*set, config.index.new_signals_max));
    if (missing.too_many) {
      TUTELA_TRY(set->rewrite([&](match::SegmentBuilder& builder) -> Status {
        TUTELA_TRY(lists->load_all(builder));
        return raise_marks();
      }));
      TUTELA_TRY(open_signals());
      continue;
    }
    set->apply(missing.update);
    if (set->has(missing.update)) {
      return missing.position;
    }
  }
  return Error{ErrorKind::kUnavailable,
               "index.behind",
               "lists change faster than their index can follow; it is tried again"};
}

/// Before the file of the index grows.
Status Internals::raise_marks() {
  Marks marks(*database);
  TUTELA_TRY_ASSIGN(const lists::Lists::Last last, lists->last());
  TUTELA_TRY(marks.raise(Marks::kSignals, last.signal));
  return marks.raise(Marks::kRemovals, last.removal);
}

Result<Snapshot> Internals::load_snapshot() {
  Snapshot loaded;
  TUTELA_TRY_ASSIGN(loaded.position, follow_lists());
  loaded.generation = current_signals()->generation();
  TUTELA_TRY_ASSIGN(const std::vector<lists::List> all, lists->all({}));
  for (const lists::List& list : all) {
    loaded.lists.emplace(list.id, list);
  }
  return loaded;
}

Status Internals::refresh_generation() {
  if (TUTELA_FAULT_ARMED("pipeline.refresh") && current_snapshot()) {
    return ok();
  }
  const MutexLock one_at_a_time(refreshing);
  const Result<std::int64_t> counter = database->change_counter();
  {
    const MutexLock lock(mutex);
    store_up = counter.has_value();
    if (counter && *counter == change_counter) {
      return ok();
    }
  }
  TUTELA_TRY(counter);
  TUTELA_TRY_ASSIGN(const std::int64_t position, lists->position());
  std::shared_ptr<const Snapshot> after = current_snapshot();
  if (!after || after->position != position) {
    TUTELA_TRY_ASSIGN(Snapshot loaded, load_snapshot());
    after = std::make_shared<const Snapshot>(std::move(loaded));
  }
  const MutexLock lock(mutex);
  snapshot = std::move(after);
  change_counter = *counter;
  return ok();
}

Status Internals::merge_signals() {
  const std::shared_ptr<match::SignalSet> set = current_signals();
  if (!set->merge_due()) {
    return ok();
  }
  TUTELA_TRY(raise_marks());
  TUTELA_TRY(set->merge());
  // For what came in between.
  TUTELA_TRY(raise_marks());
  {
    const MutexLock one_at_a_time(refreshing);
    if (set == current_signals()) {
      Snapshot merged = *current_snapshot();
      merged.generation = set->generation();
      const MutexLock lock(mutex);
      snapshot = std::make_shared<const Snapshot>(std::move(merged));
    }
  }
  set->settle();
  return ok();
}

std::shared_ptr<match::SignalSet> Internals::current_signals() const {
  const MutexLock lock(mutex);
  return signals;
}

}  // namespace tutela::pipeline
