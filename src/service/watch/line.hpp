// Line: one channel's queue and the thread that works it off: in order, with a pause between two
// deliveries where the channel wants one, and again after a failure, after longer and longer
// pauses. Thread-safe. Internal to watch.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "service/watch/handed_on.hpp"
#include "service/watch/watch.hpp"

namespace tutela::watch {

/// Where a line ends. Used by the line's thread alone.
class Outlet {
 public:
  virtual ~Outlet() = default;
  /// A code of what went wrong; empty: delivered. `lost` were pushed out before these. Ends within
  /// about a second after `stop`.
  virtual std::string deliver(const std::vector<Numbered>& changes,
                              std::int64_t lost,
                              const std::atomic<bool>& stop) = 0;
};

/// How a line works. A delivery that never succeeds is given up when it is too old, or at once
/// where its code is `final`.
struct Pace {
  bool all_at_once = false;      // everything that waits is one delivery, else each change
  std::int64_t interval_ms = 0;  // between deliveries
  std::int64_t retry_ms_min = 1'000;
  std::int64_t retry_ms_max = 60'000;
  std::int64_t give_up_ms = 24LL * 3'600'000;
  std::size_t waiting_max = 256;
  std::string final_failure;
};

class Line {
 public:
  /// Borrows `clock`. `on_told` is called after each delivery, by the line's thread.
  Line(std::string channel, const Clock& clock, std::function<void()> on_told);
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  /// Waits until the thread has ended.
  ~Line();

  /// Tells the thread to end, and does not wait for it.
  void end();
  /// Waits until it has ended: what waits then stays so.
  void join();

  /// From the next delivery on; what failed before is tried at once.
  void use(std::shared_ptr<Outlet> outlet, const Pace& pace);
  void add(const std::vector<Numbered>& changes, std::int64_t lost = 0);
  /// Forgets what waits.
  void clear();
  [[nodiscard]] Status::Told told() const;
  /// Of whom it is not known here.
  [[nodiscard]] LineState state() const;

 private:
  using Time = std::chrono::steady_clock::time_point;

  struct Waiting {
    Numbered numbered;
    Time since;
  };

  struct Trial {
    std::vector<Numbered> changes;  // empty: the line ends
    std::int64_t lost = 0;
    std::shared_ptr<Outlet> outlet;
  };

  void run();
  /// Waits until there is something to deliver and it is time.
  Trial next();
  void settle(const Trial& tried, const std::string& failure);
  void drop_until(std::int64_t number) TUTELA_REQUIRES(mutex_);

  const std::string channel_;
  const Clock& clock_;
  const std::function<void()> on_told_;
  std::atomic<bool> stop_ = false;
  mutable Mutex mutex_;
  Condition changed_;
  std::shared_ptr<Outlet> outlet_ TUTELA_GUARDED_BY(mutex_);
  Pace pace_ TUTELA_GUARDED_BY(mutex_);
  std::deque<Waiting> waiting_ TUTELA_GUARDED_BY(mutex_);
  std::int64_t lost_ TUTELA_GUARDED_BY(mutex_) = 0;      // not yet told of
  std::int64_t failures_ TUTELA_GUARDED_BY(mutex_) = 0;  // in a row
  Time not_before_ TUTELA_GUARDED_BY(mutex_);
  Status::Told told_ TUTELA_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace tutela::watch
