#include "service/http/metrics.hpp"

#include <array>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <utility>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <unistd.h>

#include "base/mutex.hpp"
#include "service/http/metrics_watch.hpp"

namespace tutela::http {

namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Registry;

Histogram::BucketBoundaries seconds_buckets() {
  return {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
}

Family<Counter>& counters(Registry& registry, const char* name, const char* help) {
  return BuildCounter().Name(name).Help(help).Register(registry);
}

Gauge& gauge(Registry& registry, const char* name, const char* help) {
  return BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

/// Raises a counter to what somebody else counted.
void raise_to(Counter& counter, double value) {
  if (value > counter.Value()) {
    counter.Increment(value - counter.Value());
  }
}

/// Of this process: what never was has no line.
void add_authorities(Registry& registry, const std::vector<Gauges::Authority>& authorities) {
  auto& success = BuildGauge()
                      .Name("tutela_authority_last_success_seconds")
                      .Help("When an authority answered last, since the start.")
                      .Register(registry);
  auto& failure = BuildGauge()
                      .Name("tutela_authority_last_failure_seconds")
                      .Help("When an authority could not be reached or refused who we are.")
                      .Register(registry);
  const auto set = [](Family<Gauge>& family, const std::string& name, UtcMs at_ms) {
    if (at_ms > 0) {
      family.Add({{"authority", name}}).Set(static_cast<double>(at_ms) / 1000);
    }
  };
  for (const Gauges::Authority& authority : authorities) {
    set(success, authority.name, authority.last_success_ms);
    set(failure, authority.name, authority.last_failure_ms);
  }
}

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t size = 0;
  std::size_t resident = 0;
  file >> size >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

double cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double open_fds() {
  std::error_code error;
  double count = 0;
  for (auto entry = std::filesystem::directory_iterator("/proc/self/fd", error);
       !error && entry != std::filesystem::directory_iterator();
       entry.increment(error)) {
    ++count;
  }
  return count;
}

}  // namespace

struct Metrics::State {
  Mutex reading;  // one text at a time, so that raise_to() raises once
  Registry registry;
  Family<Counter>& http = counters(
      registry, "tutela_http_requests_total", "Answered requests by route pattern and status.");
  Family<Counter>& scans =
      counters(registry, "tutela_scan_requests_total", "Scans that got their verdict.");
  Family<Counter>& errors = counters(registry,
                                     "tutela_scan_errors_total",
                                     "Scans that got no verdict, by code; their items are owed.");
  ItemsTold items_told;  // these two under `reading`
  PromisesTold promises_told;
  Family<Counter>& let_through =
      counters(registry,
               "tutela_let_through_total",
               "Items whose callers were told accepted before there was a verdict, by door.");
  Family<Counter>& sign_ins = counters(
      registry, "tutela_sign_in_steps_total", "Steps of people's sign-ins by how they ended.");
  Counter& bytes = counters(registry, "tutela_scan_bytes_total", "Bytes of scanned items.").Add({});
  Histogram& duration = BuildHistogram()
                            .Name("tutela_scan_duration_seconds")
                            .Help("From the request's head to its verdict.")
                            .Register(registry)
                            .Add({}, seconds_buckets());
  Family<Histogram>& stages = BuildHistogram()
                                  .Name("tutela_scan_stage_duration_seconds")
                                  .Help("Stages of a scan.")
                                  .Register(registry);
  Gauge& queue = gauge(registry, "tutela_queue_depth", "Scans in flight, waiting ones included.");
  Gauge& page_uploads = gauge(registry,
                              "tutela_intake_uploads",
                              "Uploads to the public pages in flight, waiting ones included.");
  Gauge& owed = gauge(registry, "tutela_owed_items", "Items without a verdict.");
  Gauge& oldest = gauge(
      registry, "tutela_oldest_owed_age_seconds", "Age of the oldest item without a verdict.");
  Gauge& spool = gauge(registry, "tutela_spool_bytes", "Sealed bytes in the spool.");
  Gauge& actions = gauge(
      registry, "tutela_owed_actions", "What others owe because of decisions and have not done.");
  Gauge& deliveries_waiting =
      gauge(registry, "tutela_deliveries_waiting", "Messages on their way to the receiver.");
  Gauge& deliveries_dead = gauge(registry,
                                 "tutela_deliveries_dead",
                                 "Messages that were given up until a person replays them.");
  Gauge& oldest_delivery = gauge(registry,
                                 "tutela_oldest_delivery_age_seconds",
                                 "Age of the oldest message that was not delivered.");
  Gauge& reports_released =
      gauge(registry, "tutela_reports_released", "Reports on their way to an authority.");
  Gauge& reports_waiting =
      gauge(registry, "tutela_reports_waiting", "Reports that cannot be filed without a person.");
  Gauge& reports_overdue =
      gauge(registry, "tutela_reports_overdue", "Reports past their legal clock and not filed.");
  Gauge& oldest_report = gauge(registry,
                               "tutela_oldest_report_age_seconds",
                               "Age of the oldest report that is owed to an authority.");
  Counter& reports_filed =
      counters(registry, "tutela_reports_filed_total", "Reports that an authority has.").Add({});
  Counter& reports_simulated = counters(registry,
                                        "tutela_reports_simulated_total",
                                        "Reports to test systems and simulators: they count "
                                        "nowhere.")
                                   .Add({});
  Gauge& ready = gauge(registry, "tutela_ready", "1 when /readyz says so.");
  Counter& crashes =
      counters(registry, "tutela_worker_crashes_total", "Decode workers that crashed.").Add({});
  Counter& restarts =
      counters(registry, "tutela_worker_restarts_total", "Restarts of the workers' parent.")
          .Add({});
  Gauge& resident =
      gauge(registry, "process_resident_memory_bytes", "Resident memory of this process.");
  Counter& cpu =
      counters(registry, "process_cpu_seconds_total", "CPU time of this process.").Add({});
  Gauge& fds = gauge(registry, "process_open_fds", "Open file descriptors.");
};

Metrics::Metrics() : state_(std::make_unique<State>()) {
  BuildGauge()
      .Name("tutela_build_info")
      .Help("The running version.")
      .Register(state_->registry)
      .Add({{"version", TUTELA_VERSION}})
      .Set(1);
  gauge(state_->registry, "process_start_time_seconds", "When this process started.")
      .Set(static_cast<double>(std::time(nullptr)));
}

Metrics::~Metrics() = default;

void Metrics::count_request(std::string_view route, int status) {
  state_->http.Add({{"route", std::string(route)}, {"status", std::to_string(status)}}).Increment();
}

void Metrics::count_scan(std::string_view verdict, double seconds, std::uint64_t bytes) {
  state_->scans.Add({{"door", "http"}, {"verdict", std::string(verdict)}}).Increment();
  state_->duration.Observe(seconds);
  state_->bytes.Increment(static_cast<double>(bytes));
}

void Metrics::observe_stage(std::string_view stage, double seconds) {
  state_->stages.Add({{"stage", std::string(stage)}}, seconds_buckets()).Observe(seconds);
}

void Metrics::count_scan_error(std::string_view reason) {
  state_->errors.Add({{"reason", std::string(reason)}}).Increment();
}

void Metrics::count_let_through(std::string_view door) {
  state_->let_through.Add({{"door", std::string(door)}}).Increment();
}

void Metrics::count_sign_in(std::string_view step, std::string_view result) {
  state_->sign_ins.Add({{"step", std::string(step)}, {"result", std::string(result)}}).Increment();
}

std::string Metrics::text(const Gauges& gauges) {
  const MutexLock lock(state_->reading);
  state_->queue.Set(gauges.queue_depth);
  state_->page_uploads.Set(gauges.page_uploads);
  state_->owed.Set(static_cast<double>(gauges.owed_items));
  state_->oldest.Set(gauges.oldest_owed_age_seconds);
  state_->spool.Set(static_cast<double>(gauges.spool_bytes));
  state_->actions.Set(static_cast<double>(gauges.owed_actions));
  state_->deliveries_waiting.Set(static_cast<double>(gauges.deliveries_waiting));
  state_->deliveries_dead.Set(static_cast<double>(gauges.deliveries_dead));
  state_->oldest_delivery.Set(gauges.oldest_delivery_age_seconds);
  state_->reports_released.Set(static_cast<double>(gauges.reports_released));
  state_->reports_waiting.Set(static_cast<double>(gauges.reports_waiting));
  state_->reports_overdue.Set(static_cast<double>(gauges.reports_overdue));
  state_->oldest_report.Set(gauges.oldest_report_age_seconds);
  raise_to(state_->reports_filed, static_cast<double>(gauges.reports_filed));
  raise_to(state_->reports_simulated, static_cast<double>(gauges.reports_simulated));
  state_->ready.Set(gauges.ready ? 1 : 0);
  raise_to(state_->crashes, static_cast<double>(gauges.worker_crashes));
  raise_to(state_->restarts, static_cast<double>(gauges.worker_restarts));
  state_->resident.Set(static_cast<double>(resident_bytes()));
  raise_to(state_->cpu, cpu_seconds());
  state_->fds.Set(open_fds());
  // The lists of this moment only: a removed list leaves no label behind.
  Registry lists;
  auto& signals =
      BuildGauge().Name("tutela_list_signals").Help("Signals of each active list.").Register(lists);
  for (const auto& [name, count] : gauges.list_signals) {
    signals.Add({{"list", name}}).Set(static_cast<double>(count));
  }
  auto& cases =
      BuildGauge().Name("tutela_waiting_cases").Help("Undecided cases by queue.").Register(lists);
  for (const auto& [queue, count] : gauges.waiting_cases) {
    cases.Add({{"queue", queue}}).Set(static_cast<double>(count));
  }
  add_authorities(lists, gauges.authorities);
  if (gauges.watch) {
    add_watch(lists, *gauges.watch, gauges.now_ms, state_->items_told);
    add_intake(lists, gauges.watch->seen.intake, gauges.intake, state_->promises_told);
  }
  auto families = state_->registry.Collect();
  for (auto& family : lists.Collect()) {
    families.push_back(std::move(family));
  }
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace tutela::http
