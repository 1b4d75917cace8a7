// Metrics: the counters of this process in the Prometheus text format. Labels are bounded: routes
// by pattern, lists by name, reasons by stable code. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "service/intake/intake.hpp"
#include "service/watch/watch.hpp"

namespace tutela::http {

/// What is read when the metrics are, rather than counted.
struct Gauges {
  std::uint32_t queue_depth = 0;
  std::uint32_t page_uploads = 0;
  std::int64_t owed_items = 0;
  double oldest_owed_age_seconds = 0;
  std::uint64_t worker_crashes = 0;
  std::uint64_t worker_restarts = 0;
  std::uint64_t spool_bytes = 0;
  std::vector<std::pair<std::string, std::int64_t>> list_signals;   // of active lists
  std::vector<std::pair<std::string, std::int64_t>> waiting_cases;  // by queue
  std::int64_t owed_actions = 0;
  std::int64_t deliveries_waiting = 0;
  std::int64_t deliveries_dead = 0;
  double oldest_delivery_age_seconds = 0;
  std::int64_t reports_released = 0;  // to be filed, or being filed
  std::int64_t reports_waiting = 0;   // for a person
  std::int64_t reports_overdue = 0;
  std::int64_t reports_filed = 0;
  std::int64_t reports_simulated = 0;
  double oldest_report_age_seconds = 0;

  struct Authority {
    std::string name;
    UtcMs last_success_ms = 0;  // 0: none since the start
    UtcMs last_failure_ms = 0;
  };

  std::vector<Authority> authorities;
  bool ready = false;
  std::shared_ptr<const watch::Status> watch;
  intake_service::Figures intake;
  UtcMs now_ms = 0;
};

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void count_request(std::string_view route, int status);
  /// Of one scan that got its verdict.
  void count_scan(std::string_view verdict, double seconds, std::uint64_t bytes);
  void observe_stage(std::string_view stage, double seconds);
  void count_scan_error(std::string_view reason);
  /// Of an item whose caller was told "accepted" before it had a verdict.
  void count_let_through(std::string_view door);
  /// One step of a sign-in ("password", "second_factor", ...) by "ok" or the code of its error.
  void count_sign_in(std::string_view step, std::string_view result);

  /// The whole text, with `gauges` as they are now.
  [[nodiscard]] std::string text(const Gauges& gauges);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tutela::http
