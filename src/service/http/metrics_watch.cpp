#include "service/http/metrics_watch.hpp"

#include <algorithm>
#include <string>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>

namespace tutela::http {

namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::Labels;
using prometheus::Registry;
using Gauges = prometheus::Family<prometheus::Gauge>;
using Counters = prometheus::Family<prometheus::Counter>;

Gauges& gauges(Registry& registry, const char* name, const char* help) {
  return BuildGauge().Name(name).Help(help).Register(registry);
}

Counters& counters(Registry& registry, const char* name, const char* help) {
  return BuildCounter().Name(name).Help(help).Register(registry);
}

void set(Gauges& family, const Labels& labels, double value) {
  family.Add(labels).Set(value);
}

void set(Counters& family, const Labels& labels, std::int64_t count) {
  family.Add(labels).Increment(static_cast<double>(std::max<std::int64_t>(0, count)));
}

double seconds_of(std::int64_t ms) {
  return static_cast<double>(std::max<std::int64_t>(0, ms)) / 1000;
}

void add_alarms(Registry& registry, const watch::Status& watch, UtcMs now_ms) {
  set(gauges(registry,
             "tutela_detection_level",
             "Whether detection is on: 0 ok, 1 degraded, 2 blind."),
      {},
      static_cast<double>(watch.level));
  set(gauges(registry, "tutela_watch_age_seconds", "Since the watch looked last."),
      {},
      seconds_of(now_ms - watch.at_ms));
  auto& alarms = gauges(registry, "tutela_alarm", "1 for each alarm that is raised.");
  for (const alarms::Alarm& alarm : watch.alarms) {
    set(alarms,
        {{"code", alarm.condition.code},
         {"object", alarm.condition.object},
         {"level", std::string(to_string(alarm.condition.level))}},
        1);
  }
}

void add_canaries(Registry& registry, const watch::Status& watch) {
  auto& sent = counters(registry, "tutela_canaries_sent_total", "Canaries that were sent.");
  auto& good = counters(
      registry, "tutela_canaries_good_total", "Canaries that came back as they must, in time.");
  for (const watch::Status::Canaries& count : watch.canary_counts) {
    const Labels labels = {
        {"door", count.door}, {"format", count.format}, {"expected", count.expected}};
    set(sent, labels, count.sent);
    set(good, labels, count.good);
  }
  auto& age =
      gauges(registry, "tutela_canary_age_seconds", "Since the last canary that came back good.");
  auto& took = gauges(
      registry, "tutela_canary_took_seconds", "From sending the last good canary to its message.");
  for (const watch::CanaryLine& line : watch.canaries) {
    const Labels labels = {{"door", line.state.door}, {"format", line.state.format}};
    if (line.state.since_good_ms >= 0) {
      set(age, labels, seconds_of(line.state.since_good_ms));
      set(took, labels, seconds_of(line.state.took_ms));
    }
  }
}

void add_items(Registry& registry,
               const watch::Status& watch,
               UtcMs now_ms,
               ItemsTold& items_told) {
  auto& items = counters(registry,
                         "tutela_items_total",
                         "Items that arrived, and items by their verdict, without canaries.");
  for (const auto& [key, count] : watch.items) {
    std::int64_t& told = items_told[key];
    told = std::max(told, count);
    set(items, {{"door", key.first}, {"verdict", key.second}}, told);
  }
  set(counters(registry, "tutela_backlog_done_total", "Owed scans that were made up."),
      {},
      watch.backlog.made_up);
  set(gauges(registry,
             "tutela_backlog_progress",
             "Owed scans of the present backlog, or of the last one, that were made up."),
      {},
      static_cast<double>(watch.backlog.done));
  auto& age = gauges(registry, "tutela_list_age_seconds", "Since an active list changed.");
  for (const watch::Status::List& list : watch.lists) {
    set(age, {{"list", list.name}}, seconds_of(now_ms - list.changed_ms));
  }
  auto& samples =
      counters(registry, "tutela_sample_audits_total", "Sampling audits by their result.");
  set(samples, {{"result", "same"}}, watch.samples.same);
  set(samples, {{"result", "different"}}, watch.samples.different);
  set(samples, {{"result", "failed"}}, watch.samples.failed);
}

void add_machine(Registry& registry, const watch::Status& watch, UtcMs now_ms) {
  auto& disks = gauges(registry, "tutela_disk_free_ratio", "Free share of a folder's disk.");
  for (const alarms::DiskState& disk : watch.seen.disks) {
    if (disk.size_bytes > 0) {
      set(disks,
          {{"folder", disk.folder}},
          static_cast<double>(disk.free_bytes) / static_cast<double>(disk.size_bytes));
    }
  }
  set(gauges(registry,
             "tutela_outbox_oldest_age_seconds",
             "Age of the oldest message that a receiver has not taken."),
      {},
      seconds_of(watch.seen.outbox_oldest_ms));
  auto& told = counters(
      registry, "tutela_alarm_told_total", "Attempts to tell of alarms, by channel and result.");
  for (const watch::Status::Told& channel : watch.told) {
    set(told, {{"channel", channel.channel}, {"result", "ok"}}, channel.successes);
    set(told, {{"channel", channel.channel}, {"result", "failed"}}, channel.failures);
    if (channel.channel == "heartbeat" && channel.last_success_ms > 0) {
      set(gauges(registry, "tutela_heartbeat_age_seconds", "Since the monitor took a heartbeat."),
          {},
          seconds_of(now_ms - channel.last_success_ms));
    }
  }
}

}  // namespace

void add_watch(Registry& registry,
               const watch::Status& watch,
               UtcMs now_ms,
               ItemsTold& items_told) {
  add_alarms(registry, watch, now_ms);
  add_canaries(registry, watch);
  add_items(registry, watch, now_ms, items_told);
  add_machine(registry, watch, now_ms);
}

void add_intake(Registry& registry,
                const alarms::IntakeState& state,
                const intake_service::Figures& figures,
                PromisesTold& promises_told) {
  auto& waiting =
      gauges(registry, "tutela_notices_waiting", "Notices that wait for an answer, by queue.");
  for (const alarms::IntakeQueueState& queue : state.queues) {
    set(waiting, {{"queue", queue.queue}}, static_cast<double>(queue.waiting));
  }
  auto& received = counters(registry,
                            "tutela_notices_total",
                            "Notices that found their place since the start of this process.");
  for (const auto& [which, count] : figures.received) {
    set(received, {{"channel", which.first}, {"queue", which.second}}, count);
  }
  auto& promises =
      counters(registry, "tutela_notice_promises_total", "Promised answers by how they were kept.");
  for (const intake::Kept& kept : figures.kept) {
    const std::string queue(to_string(kept.queue));
    const auto tell = [&](const char* result, std::int64_t count) {
      std::int64_t& told = promises_told[{queue, result}];
      told = std::max(told, count);
      set(promises, {{"queue", queue}, {"result", result}}, told);
    };
    tell("kept", kept.kept);
    tell("broken", kept.broken);
    tell("withdrawn", kept.withdrawn);
  }
}

}  // namespace tutela::http
