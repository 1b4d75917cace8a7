#include "service/watch/line.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace tutela::watch {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::int64_t kDoublingsMax = 16;

}  // namespace

Line::Line(std::string channel, const Clock& clock, std::function<void()> on_told)
    : channel_(std::move(channel)), clock_(clock), on_told_(std::move(on_told)) {
  thread_ = std::thread([this] { run(); });
}

Line::~Line() {
  end();
  join();
}

void Line::join() {
  if (thread_.joinable()) {
    thread_.join();
  }
}

void Line::end() {
  {
    const MutexLock lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
}

void Line::use(std::shared_ptr<Outlet> outlet, const Pace& pace) {
  {
    const MutexLock lock(mutex_);
    outlet_ = std::move(outlet);
    pace_ = pace;
    if (failures_ > 0) {
      failures_ = 0;
      not_before_ = {};
    }
  }
  changed_.notify_all();
}

void Line::add(const std::vector<Numbered>& changes, std::int64_t lost) {
  {
    const MutexLock lock(mutex_);
    lost_ += lost;
    for (const Numbered& each : changes) {
      waiting_.push_back({each, steady_clock::now()});
    }
    while (waiting_.size() > pace_.waiting_max) {
      waiting_.pop_front();
      ++lost_;
    }
  }
  changed_.notify_all();
}

void Line::clear() {
  const MutexLock lock(mutex_);
  waiting_.clear();
}

Status::Told Line::told() const {
  const MutexLock lock(mutex_);
  Status::Told told = told_;
  told.channel = channel_;
  told.waiting = static_cast<std::int64_t>(waiting_.size());
  return told;
}

LineState Line::state() const {
  const MutexLock lock(mutex_);
  LineState state{channel_, {}, {}, lost_};
  for (const Waiting& each : waiting_) {
    state.waiting.push_back(each.numbered);
  }
  return state;
}

void Line::run() {
  while (true) {
    const Trial trial = next();
    if (trial.changes.empty()) {
      return;
    }
    const std::string failure = trial.outlet->deliver(trial.changes, trial.lost, stop_);
    if (stop_ && !failure.empty()) {
      return;  // it may have been cut short
    }
    settle(trial, failure);
    if (failure.empty() && on_told_) {
      on_told_();
    }
  }
}

Line::Trial Line::next() {
  const MutexLock lock(mutex_);
  while (!stop_) {
    const Time not_before = not_before_;
    if (waiting_.empty() || outlet_ == nullptr) {
      changed_.wait(mutex_);
    } else if (steady_clock::now() < not_before) {
      changed_.wait_until(mutex_, not_before);
    } else {
      break;
    }
  }
  Trial trial{{}, lost_, outlet_};
  if (!stop_) {
    const std::size_t count = pace_.all_at_once ? waiting_.size() : 1;
    std::transform(waiting_.begin(),
                   waiting_.begin() + static_cast<std::ptrdiff_t>(count),
                   std::back_inserter(trial.changes),
                   [](const Waiting& each) { return each.numbered; });
  }
  return trial;
}

void Line::drop_until(std::int64_t number) {
  while (!waiting_.empty() && waiting_.front().numbered.number <= number) {
    waiting_.pop_front();
  }
}

void Line::settle(const Trial& tried, const std::string& failure) {
  const MutexLock lock(mutex_);
  const Time now = steady_clock::now();
  // Of what was tried, some may have been pushed out or forgotten meanwhile.
  const std::int64_t last = tried.changes.back().number;
  if (failure.empty()) {
    drop_until(last);
    lost_ -= tried.lost;
    failures_ = 0;
    told_.last_success_ms = clock_.now_ms();
    ++told_.successes;
    not_before_ = now + milliseconds(pace_.interval_ms);
    return;
  }
  told_.failure = failure;
  told_.last_failure_ms = clock_.now_ms();
  ++told_.failures;
  const std::size_t before = waiting_.size();
  if (failure == pace_.final_failure) {
    drop_until(last);
  }
  while (!waiting_.empty() && waiting_.front().since + milliseconds(pace_.give_up_ms) <= now) {
    waiting_.pop_front();
  }
  lost_ += static_cast<std::int64_t>(before - waiting_.size());
  const std::int64_t doublings = std::min(failures_, kDoublingsMax);
  not_before_ = now + milliseconds(std::min(pace_.retry_ms_min << doublings, pace_.retry_ms_max));
  ++failures_;
}

}  // namespace tutela::watch
