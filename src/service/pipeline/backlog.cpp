#include "service/pipeline/backlog.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>
#include <vector>

#include "service/pipeline/state.hpp"

namespace tutela::pipeline {
namespace {

using std::chrono::duration_cast;
using std::chrono::seconds;
using std::chrono::steady_clock;

/// How soon a wait notices that it is to end.
constexpr std::chrono::milliseconds kNotice{50};
constexpr std::int64_t kOwedPage = 1000;

std::int64_t second_of(Progress::SteadyTime time) {
  return duration_cast<seconds>(time.time_since_epoch()).count();
}

/// Of the store, the workers or what cannot be trusted now: the next item would fail too.
bool concerns_all(const Error& error) {
  return error.code.starts_with("store.") || error.code.starts_with("workers.") ||
         error.code.starts_with("detection.");
}

}  // namespace

void Progress::count(SteadyTime now) {
  const MutexLock lock(mutex_);
  if (!going_) {
    going_ = true;
    began_ = now;
    done_ = 0;
    seconds_ = {};
  }
  ++done_;
  ++all_;
  const std::int64_t number = second_of(now);
  Second& second = seconds_[static_cast<std::size_t>(number % kSeconds)];
  if (second.number != number) {
    second = {number, 0};
  }
  ++second.done;
}

void Progress::end() {
  const MutexLock lock(mutex_);
  going_ = false;
}

Progress::Now Progress::at(SteadyTime now) const {
  const MutexLock lock(mutex_);
  if (!going_) {
    return {done_, 0, all_};
  }
  std::int64_t recent = 0;
  for (const Second& second : seconds_) {
    recent += second.number > second_of(now) - kSeconds ? second.done : 0;
  }
  const double passed = std::chrono::duration<double>(now - began_).count();
  return {done_, static_cast<double>(recent) / std::clamp(passed, 1.0, double{kSeconds}), all_};
}

bool Pace::wait(std::uint32_t per_second, const std::function<bool()>& stop_requested) {
  if (per_second == 0) {
    return !stop_requested();
  }
  steady_clock::time_point turn;
  {
    const MutexLock lock(mutex_);
    turn = std::max(next_, steady_clock::now());
    next_ = turn + duration_cast<steady_clock::duration>(seconds(1)) / per_second;
  }
  while (!stop_requested()) {
    const auto left = turn - steady_clock::now();
    if (left <= left.zero()) {
      return true;
    }
    std::this_thread::sleep_for(std::min<steady_clock::duration>(left, kNotice));
  }
  return false;
}

/// What the threads of one round share.
struct Internals::Round {
  Round(workers::Workers& decoders_now,
        const std::function<bool()>& stop_requested_now,
        const std::vector<ledger::OwedItem>& page_now)
      : decoders(decoders_now), stop_requested(stop_requested_now), page(page_now) {}

  workers::Workers& decoders;
  const std::function<bool()>& stop_requested;
  const std::vector<ledger::OwedItem>& page;
  std::atomic<std::size_t> next{0};
  std::atomic<bool> ended{false};  // an error of ours
  std::atomic<std::size_t> finished{0};
  std::atomic<std::size_t> left{0};  // owed still: in work elsewhere, failed, or of a closed door
  Mutex mutex;
  Status failed TUTELA_GUARDED_BY(mutex) = ok();
};

bool Internals::scans_door(std::string_view door) const {
  return door != "http" || current_settings()->doors.http.scan;
}

void Internals::work_off(Round& round) {
  const auto stop = [&] {
    return round.ended.load() || round.stop_requested();
  };
  for (std::size_t i = round.next++; i < round.page.size(); i = round.next++) {
    const ledger::OwedItem& item = round.page[i];
    if (stop() || !scans_door(item.door) || !in_flight.enter(item.id)) {
      ++round.left;
      continue;
    }
    const InFlightGuard guard(in_flight, item.id);
    if (!pace.wait(current_settings()->doors.catch_up_per_second, stop)) {
      ++round.left;
      continue;
    }
    if (Status done = finish_owed_item(item, round.decoders); done) {
      ++round.finished;
      progress.count(steady_clock::now());
    } else {
      ++round.left;
      const MutexLock lock(round.mutex);
      round.ended = round.ended || concerns_all(done.error());
      if (round.failed || concerns_all(done.error())) {
        round.failed = std::move(done);
      }
    }
  }
}

workers::WorkersOptions Internals::catch_up_options() const {
  workers::WorkersOptions options = worker_options();
  if (options.processes_max == 0) {
    options.processes_max = std::max(1U, std::thread::hardware_concurrency());
  }
  options.processes_max = std::max(1U, options.processes_max - 1);
  return options;
}

Result<std::size_t> Internals::work_off_all(const std::function<bool()>& stop_requested) {
  const workers::WorkersOptions options = catch_up_options();
  std::size_t finished = 0;
  bool nothing_left = true;
  Status failed = ok();
  ledger::OwedAfter after;
  while (!stop_requested()) {
    TUTELA_TRY_ASSIGN(const std::vector<ledger::OwedItem> page, ledger->owed(after, kOwedPage));
    const bool any = std::ranges::any_of(
        page, [&](const ledger::OwedItem& item) { return scans_door(item.door); });
    if (any) {
      TUTELA_TRY_ASSIGN(const auto side, catch_up_workers.get(options));
      Round round(*side, stop_requested, page);
      {
        // One more than there are processes, so that these do not wait for reading and committing.
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < std::min<std::size_t>(options.processes_max, page.size());
             ++i) {
          threads.emplace_back([&] { work_off(round); });
        }
        work_off(round);
      }
      finished += round.finished;
      nothing_left = nothing_left && round.left == 0;
      const MutexLock lock(round.mutex);
      if (round.ended) {
        return std::move(round.failed).error();
      }
      if (failed) {
        failed = std::move(round.failed);
      }
    }
    if (page.size() < static_cast<std::size_t>(kOwedPage)) {
      if (nothing_left) {
        progress.end();
      }
      break;
    }
    after = {page.back().received_ms, page.back().id};
  }
  TUTELA_TRY(std::move(failed));
  return finished;
}

Backlog Pipeline::backlog() const {
  const Progress::Now now = state_->progress.at(steady_clock::now());
  Backlog backlog;
  backlog.done = now.done;
  backlog.made_up = now.all;
  backlog.per_second = now.per_second;
  if (const auto counts = state_->ledger->owed_counts()) {
    backlog.owed = counts->owed;
    backlog.oldest_ms = counts->oldest_owed_ms;
  }
  if (backlog.owed > 0 && now.per_second > 0) {
    const double left_ms = static_cast<double>(backlog.owed) / now.per_second * 1000;
    backlog.finished_ms = state_->clock.now_ms() + std::llround(left_ms);
  }
  return backlog;
}

}  // namespace tutela::pipeline
