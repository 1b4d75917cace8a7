// Stock: pictures that were never sent, so that a canary is there when one is due. Internal to
// watch.
//
// Owns a thread that has them drawn by a process of its own, again when a shelf is half empty.
// Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/mutex.hpp"
#include "service/watch/drawing.hpp"
#include "watch/canaries/canaries.hpp"

namespace tutela::watch {

class Stock {
 public:
  /// Of what, and how many of it there are to be.
  using Wanted = std::map<std::pair<std::string, canaries::Expected>, std::size_t>;

  /// Borrows the seeds. `arrived` is called from the stock's thread when there are new ones.
  Stock(DrawingOptions drawing, const canaries::Seeds& seeds, std::function<void()> arrived);
  Stock(const Stock&) = delete;
  Stock& operator=(const Stock&) = delete;
  ~Stock();

  /// What is not among it is thrown away.
  void want(const Wanted& wanted);
  [[nodiscard]] std::optional<Bytes> take(const std::string& format, canaries::Expected expected);
  /// Why the last attempt to draw failed, a code; empty when it did not.
  [[nodiscard]] std::string problem() const;

 private:
  struct Shelf {
    std::size_t wanted = 0;
    std::deque<Bytes> pictures;
    std::chrono::steady_clock::time_point not_before;  // after a failure
  };

  using Shelves = std::map<std::pair<std::string, canaries::Expected>, Shelf>;

  void run();
  std::vector<canaries::Order> orders_for(const std::vector<Shelves::key_type>& places) const;
  std::vector<Shelves::key_type> empty_places() TUTELA_REQUIRES(mutex_);
  void put(const std::vector<Shelves::key_type>& places, Result<std::vector<Bytes>> drawn);

  const DrawingOptions drawing_;
  const canaries::Seeds& seeds_;
  const std::function<void()> arrived_;
  std::atomic<bool> stop_ = false;
  mutable Mutex mutex_;
  Condition changed_;
  Shelves shelves_ TUTELA_GUARDED_BY(mutex_);
  std::string problem_ TUTELA_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace tutela::watch
