// How a rescan goes on.
#include <algorithm>
#include <chrono>
#include <limits>
#include <set>
#include <thread>
#include <utility>

#include "base/fault.hpp"
#include "service/pipeline/posted.hpp"

namespace tutela::pipeline {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// Signals of one pass over the contents: 1.7 KB of memory each.
constexpr std::int64_t kSignalsAtOnce = 20'000;
/// After so long the others have their turn, and it is written down how far the search came.
constexpr std::chrono::milliseconds kSlice{1000};
/// Hits that are judged before the search goes on.
constexpr std::size_t kHitsAtOnce = 1000;
constexpr std::int64_t kLastSignal = std::numeric_limits<std::int64_t>::max();

struct Range {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

}  // namespace

Status Posted::advance(Rescan& rescan, const std::function<bool()>& stop_requested) {
  if (rescan.cause == RescanCause::kListWithdrawn) {
    return advance_withdrawn(rescan, stop_requested);
  }
  const auto index_now = index();
  if (rescan.index_id != index_now->id()) {
    // Newly asked for, or the content index was made again: everything that is in it now.
    rescan.index_id = index_now->id();
    rescan.part = 0;
    rescan.at = {};
    rescan.end = index_now->end();
    rescan.examined = 0;
    rescan.contents = static_cast<std::int64_t>(index_now->stats().contents);
  }
  return advance_grown(rescan, stop_requested);
}

Status Posted::advance_withdrawn(Rescan& rescan, const std::function<bool()>& stop_requested) {
  std::set<Uuid> resting;
  TUTELA_TRY_ASSIGN(const std::vector<lists::Change> changes,
                    pipeline_.lists->changes_after(rescan.after_change,
                                                   rescan.through_change - rescan.after_change));
  for (const lists::Change& change : changes) {
    if (change.list_id != rescan.list_id || change.position > rescan.through_change) {
      continue;
    }
    if (change.kind == lists::ChangeKind::kDeactivated) {
      TUTELA_TRY_ASSIGN(const auto ids, pipeline_.ledger->resting_on_list(change.list_id));
      resting.insert(ids.begin(), ids.end());
    } else if (change.kind == lists::ChangeKind::kRemoved) {
      TUTELA_TRY_ASSIGN(const auto signals,
                        pipeline_.lists->removed_signals(change.first_id, change.last_id));
      for (const std::int64_t signal : signals) {
        TUTELA_TRY_ASSIGN(const auto ids, pipeline_.ledger->resting_on_signal(signal));
        resting.insert(ids.begin(), ids.end());
      }
    }
  }
  // After a stop or a crash it begins again: what got its new verdict does not rest on them any
  // more, or is found unchanged.
  const std::vector<Uuid> ids(resting.begin(), resting.end());
  rescan.contents = static_cast<std::int64_t>(ids.size());
  rescan.examined = 0;
  for (std::size_t begin = 0; begin < ids.size(); begin += kHitsAtOnce) {
    if (stop_requested()) {
      return ok();
    }
    const auto some = std::span(ids).subspan(begin, std::min(kHitsAtOnce, ids.size() - begin));
    TUTELA_TRY(rejudge(some, rescan));
    rescan.examined += static_cast<std::int64_t>(some.size());
  }
  return finish(rescan);
}

Status Posted::advance_grown(Rescan& rescan, const std::function<bool()>& stop_requested) {
  if (!pass_ || pass_->rescan != rescan.id || pass_->after_signal != rescan.part) {
    TUTELA_TRY(prepare(rescan));
  }
  if (rescan.part == 0 && pass_->signals < static_cast<std::size_t>(kSignalsAtOnce)) {
    // The ids of an import may have gaps, and signals may be gone: these are searched for.
    rescan.signals = static_cast<std::int64_t>(pass_->signals);
  }
  if (pass_->signals == 0) {
    return finish(rescan);
  }
  TUTELA_TRY(search(rescan, stop_requested));
  if (rescan.at < rescan.end) {
    return rescans_.update(rescan);
  }
  if (pass_->signals < static_cast<std::size_t>(kSignalsAtOnce)) {
    return finish(rescan);
  }
  rescan.part = pass_->last_signal;
  rescan.at = {};
  rescan.contents += static_cast<std::int64_t>(index()->stats().contents);
  return rescans_.update(rescan);
}

Status Posted::search(Rescan& rescan, const std::function<bool()>& stop_requested) {
  std::vector<Uuid> hits;
  content_index::Mark at = rescan.end;  // unless the search is stopped before
  std::uint64_t examined = 0;
  const auto begin = SteadyClock::now();
  const std::uint64_t rate = pipeline_.config.rescan.contents_per_second;
  const auto on_progress = [&](content_index::Mark done, std::uint64_t contents) {
    examined = contents;
    if (rate != 0) {
      std::this_thread::sleep_until(begin + std::chrono::microseconds(contents * 1'000'000 / rate));
    }
    const bool goes_on =
        !stop_requested() && hits.size() < kHitsAtOnce && SteadyClock::now() - begin < kSlice;
    at = goes_on ? rescan.end : done;
    return goes_on;
  };
  TUTELA_TRY(index()->search(
      rescan.at,
      rescan.end,
      {.pdq = pass_->pdq ? &*pass_->pdq : nullptr,
       .digests = pass_->digests ? &*pass_->digests : nullptr},
      [&](const Uuid& id) { hits.push_back(id); },
      on_progress));
  TUTELA_FAULT_POINT("rescan.after_search");
  TUTELA_TRY(rejudge(hits, rescan));
  TUTELA_FAULT_POINT("rescan.after_verdicts");
  rescan.at = at;
  rescan.examined += static_cast<std::int64_t>(examined);
  rescan.updated_ms = pipeline_.clock.now_ms();
  return ok();
}

Status Posted::prepare(const Rescan& rescan) {
  std::vector<Range> ranges;
  if (rescan.cause == RescanCause::kAsked) {
    ranges.push_back({0, kLastSignal});
  } else {
    TUTELA_TRY_ASSIGN(const std::vector<lists::Change> changes,
                      pipeline_.lists->changes_after(rescan.after_change,
                                                     rescan.through_change - rescan.after_change));
    for (const lists::Change& change : changes) {
      if (change.list_id != rescan.list_id || change.position > rescan.through_change) {
        continue;
      }
      if (change.kind == lists::ChangeKind::kActivated) {
        ranges = {{0, kLastSignal}};
        break;
      }
      if (change.kind == lists::ChangeKind::kAdded) {
        ranges.push_back({change.first_id, change.last_id});
      }
    }
  }
  pass_ = std::make_unique<Pass>();
  pass_->rescan = rescan.id;
  pass_->after_signal = rescan.part;
  std::vector<fingerprint::Pdq256> values;
  std::vector<lists::PackedSignal> others;
  for (const Range& range : ranges) {
    const std::int64_t room = kSignalsAtOnce - static_cast<std::int64_t>(pass_->signals);
    TUTELA_TRY(pipeline_.lists->for_each_signal(rescan.list_id,
                                                std::max(range.first, rescan.part + 1),
                                                range.last,
                                                room,
                                                [&](const lists::PackedSignal& signal) {
                                                  ++pass_->signals;
                                                  pass_->last_signal = signal.id;
                                                  if (signal.kind == match::SignalKind::kPdq) {
                                                    values.push_back(
                                                        fingerprint::pdq_from_bytes(signal.value));
                                                  } else {
                                                    others.push_back(signal);
                                                  }
                                                  return ok();
                                                }));
  }
  TUTELA_TRY_ASSIGN(const lists::List list,
                    pipeline_.lists->get(rescan.actor, tutela::to_string(rescan.list_id)));
  if (!values.empty()) {
    pass_->pdq.emplace(std::move(values), list.spec.pdq_distance_max);
  }
  std::vector<content_index::Digest> digests;
  for (const lists::PackedSignal& signal : others) {
    digests.push_back(
        {signal.kind, ByteView(signal.value).first(lists::size_bytes_of(signal.kind))});
  }
  if (!digests.empty()) {
    pass_->digests.emplace(digests);
  }
  return ok();
}

Status Posted::finish(Rescan& rescan) {
  pass_.reset();
  rescan.state = RescanState::kDone;
  rescan.finished_ms = pipeline_.clock.now_ms();
  rescan.updated_ms = rescan.finished_ms;
  TUTELA_FAULT_POINT("rescan.before_finish");
  return rescans_.update(rescan);
}

}  // namespace tutela::pipeline
