// Asked: a question whose answer may hang, asked again and again on a thread of its own, so that
// whoever needs the answer never waits for it: its silence is an answer, too.
//
// Owns its thread, which the destructor joins: after the question in progress. Thread-safe.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "base/mutex.hpp"
#include "base/result.hpp"

namespace tutela::watch {

using Steady = std::chrono::steady_clock;

/// What came of the question so far.
template <class Value>
struct Answer {
  std::shared_ptr<const Value> value;  // the last good one; nullptr: none yet
  Steady::time_point good_at{};        // when it came
  std::string_view failure;            // a code: the last answer was an error; empty: it was not
  Steady::duration open{};             // how long the question in progress has been open
};

template <class Value>
class Asked {
 public:
  using Ask = std::function<Result<Value>()>;

  /// Asks at once, and then `pause` after each answer.
  Asked(Steady::duration pause, Ask ask)
      : pause_(pause), ask_(std::move(ask)), thread_([this] { run(); }) {}

  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;

  ~Asked() {
    request_stop();
    thread_.join();
  }

  void request_stop() {
    const MutexLock lock(mutex_);
    stop_ = true;
    changed_.notify_all();
  }

  /// Asks now, or again when a question is open.
  void wake() {
    const MutexLock lock(mutex_);
    wanted_ = true;
    changed_.notify_all();
  }

  [[nodiscard]] Answer<Value> latest() const {
    const MutexLock lock(mutex_);
    Answer<Value> answer = answer_;
    answer.open = open_since_ ? Steady::now() - *open_since_ : Steady::duration::zero();
    return answer;
  }

  /// Until the first answer, whatever it is, at most so long.
  void wait_for_first(Steady::duration at_most) const {
    const MutexLock lock(mutex_);
    const auto until = Steady::now() + at_most;
    while (!answered_ && changed_.wait_until(mutex_, until) != std::cv_status::timeout) {
    }
  }

 private:
  void run() {
    while (begin()) {
      end(ask_());
    }
  }

  /// Waits for the next turn; false when there is none.
  bool begin() {
    const MutexLock lock(mutex_);
    while (!stop_ && !wanted_ && changed_.wait_until(mutex_, next_) != std::cv_status::timeout) {
    }
    wanted_ = false;
    open_since_ = Steady::now();
    return !stop_;
  }

  void end(Result<Value> result) {
    const MutexLock lock(mutex_);
    const auto now = Steady::now();
    answer_.failure = result ? std::string_view() : result.error().code;
    if (result) {
      answer_.value = std::make_shared<const Value>(*std::move(result));
      answer_.good_at = now;
    }
    answered_ = true;
    open_since_.reset();
    next_ = now + pause_;
    changed_.notify_all();
  }

  const Steady::duration pause_;
  const Ask ask_;
  mutable Mutex mutex_;
  mutable Condition changed_;
  Answer<Value> answer_ TUTELA_GUARDED_BY(mutex_);
  bool answered_ TUTELA_GUARDED_BY(mutex_) = false;
  bool wanted_ TUTELA_GUARDED_BY(mutex_) = true;
  bool stop_ TUTELA_GUARDED_BY(mutex_) = false;
  Steady::time_point next_ TUTELA_GUARDED_BY(mutex_) = Steady::now();
  std::optional<Steady::time_point> open_since_ TUTELA_GUARDED_BY(mutex_);
  std::thread thread_;  // last: the others are there when it starts
};

}  // namespace tutela::watch
