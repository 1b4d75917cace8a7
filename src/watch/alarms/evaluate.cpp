#include <array>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "watch/alarms/found.hpp"

namespace tutela::alarms {

namespace {

constexpr std::int64_t kSecondMs = 1000;
constexpr std::int64_t kMinuteMs = 60 * kSecondMs;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;
constexpr std::int64_t kDayMs = 24 * kHourMs;
constexpr std::int64_t kOwedBlindFactor = 10;
constexpr std::int64_t kClockDriftMsMax = 5'000;
constexpr std::int64_t kTlsDaysMin = 14;
// Of disk_low_percent: what counts as full.
constexpr double kFullPart = 0.2;

void find_in_time(const Observations& seen, Found& found) {
  if (std::llabs(seen.clock_drift_ms) > kClockDriftMsMax) {
    found.degraded("clock.jumped",
                   "",
                   "the clock was set " + duration(std::llabs(seen.clock_drift_ms)) +
                       (seen.clock_drift_ms > 0 ? " forward" : " back"));
  }
  if (seen.clock_stopped) {
    found.blind("clock.stopped", "", "the clock does not move");
  }
}

void find_in_disks(const Observations& seen, const Rules& rules, Found& found) {
  const auto each = [&](std::string_view code, double percent, Level level) {
    for (const DiskState& disk : seen.disks) {
      if (disk.size_bytes == 0) {
        continue;  // not known
      }
      const double free =
          100 * static_cast<double>(disk.free_bytes) / static_cast<double>(disk.size_bytes);
      if (free < percent) {
        found.add(code, disk.folder, level, figure(free) + " % of the disk is free");
      }
    }
  };
  const auto low = static_cast<double>(rules.disk_low_percent);
  each("disk.low", low, Level::kDegraded);
  each("disk.full", low * kFullPart, Level::kBlind);
}

void find_in_audits(const Observations& seen, const Rules& rules, Found& found) {
  if (seen.audits_different > 0) {
    found.blind("audit.difference",
                "",
                "sampling audits with another result than the verdict: " +
                    std::to_string(seen.audits_different));
  }
  if (seen.audits_oldest_ms > rules.audit_late_ms) {
    found.degraded(
        "audit.late",
        "",
        "the oldest sampling audit has been owed for " + duration(seen.audits_oldest_ms));
  }
}

}  // namespace

std::string_view to_string(Level level) noexcept {
  switch (level) {
    case Level::kOk:
      return "ok";
    case Level::kDegraded:
      return "degraded";
    case Level::kBlind:
      break;
  }
  return "blind";
}

void Found::add(std::string_view code, std::string_view object, Level level, std::string why) {
  conditions.push_back({std::string(code), std::string(object), level, std::move(why)});
}

void Found::blind(std::string_view code, std::string_view object, std::string why) {
  add(code, object, Level::kBlind, std::move(why));
}

void Found::degraded(std::string_view code, std::string_view object, std::string why) {
  add(code, object, Level::kDegraded, std::move(why));
}

std::string duration(std::int64_t ms) {
  constexpr std::array<std::pair<std::int64_t, const char*>, 4> kUnits = {
      {{kDayMs, " days"}, {kHourMs, " h"}, {kMinuteMs, " min"}, {kSecondMs, " s"}}};
  for (const auto& [unit_ms, name] : kUnits) {
    if (ms >= 2 * unit_ms) {
      return std::to_string(ms / unit_ms) + name;
    }
  }
  return std::to_string(ms) + " ms";
}

std::string figure(double number) {
  std::array<char, 64> text{};
  const int size = std::snprintf(text.data(), text.size(), "%.1f", number);
  return {text.data(), static_cast<std::size_t>(size < 0 || size >= 64 ? 0 : size)};
}

void find_in_machinery(const Observations& seen, const Rules& rules, Found& found) {
  if (seen.owed > 0 && seen.owed_oldest_ms > rules.owed_target_ms) {
    const bool far = seen.owed_oldest_ms > kOwedBlindFactor * rules.owed_target_ms;
    found.add("owed.old",
              "",
              far ? Level::kBlind : Level::kDegraded,
              (seen.owed == 1
                   ? std::string("1 item is owed its scan, for ")
                   : std::to_string(seen.owed) + " items are owed their scan, the oldest for ") +
                  duration(seen.owed_oldest_ms));
  }
  if (!seen.workers_up) {
    found.blind("workers.down", "", "no worker is there that decodes");
  }
  if (seen.worker_restarts > static_cast<std::uint64_t>(rules.restarts_max)) {
    found.degraded("workers.restarting",
                   "",
                   std::to_string(seen.worker_restarts) +
                       " workers had to be started again within five minutes");
  }
  if (!seen.store_up) {
    found.blind("store.down", "", "the store does not answer");
  } else if (!seen.store_writable) {
    found.blind("store.read_only", "", "nothing can be written into the store");
  }
  if (seen.outbox_oldest_ms > rules.outbox_late_ms) {
    found.degraded(
        "outbox.late", "", "a message has been waiting for " + duration(seen.outbox_oldest_ms));
  }
  if (!seen.vault_up) {
    found.degraded("vault.down", "", "the vault process does not answer");
  }
  find_in_time(seen, found);
  find_in_disks(seen, rules, found);
  find_in_audits(seen, rules, found);
  if (seen.tls_days_left && *seen.tls_days_left < kTlsDaysMin) {
    found.degraded("tls.expiring",
                   "",
                   *seen.tls_days_left < 0 ? "the certificate has ended"
                                           : "the certificate ends in " +
                                                 std::to_string(*seen.tls_days_left) + " days");
  }
  if (seen.heartbeat_failing) {
    found.degraded("heartbeat.failing", "", "the monitor does not take heartbeats");
  }
}

std::vector<Condition> evaluate(const Observations& seen, const Rules& rules) {
  Found found;
  find_in_canaries(seen, rules, found);
  find_in_doors(seen, found);
  find_in_lists(seen, rules, found);
  find_in_rates(seen, rules, found);
  find_in_machinery(seen, rules, found);
  find_in_intake(seen, found);
  return std::move(found.conditions);
}

}  // namespace tutela::alarms
