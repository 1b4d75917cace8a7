// One look: what is seen, what that means, and what is said of it.
#include <algorithm>
#include <chrono>

#include "base/fault.hpp"
#include "service/log/log.hpp"
#include "service/watch/watch_state.hpp"

namespace tutela::watch {

namespace {

using std::chrono::seconds;

constexpr seconds kSilent{10};     // who does not answer for so long is down
constexpr seconds kBusyWrite{30};  // others may write for so long

const config::DoorConfig& door_of(const config::Config& config, std::string_view /*door*/) {
  return config.doors.http;  // the only one with a setting
}

bool answers(const auto& answer) {
  return answer.failure.empty() && answer.open < kSilent;
}

/// An import may keep other writers waiting.
bool is_written(const Answer<Unit>& written) {
  const bool waits = written.failure.empty() || written.failure == "store.busy";
  const auto since = written.value ? Steady::now() - written.good_at : written.open;
  return waits && since < kBusyWrite;
}

void log_change(const alarms::Change& change) {
  const alarms::Condition& what = change.alarm.condition;
  const bool over = change.what == alarms::What::kCleared;
  log::log_event(over                                  ? log::Level::kInfo
                 : what.level == alarms::Level::kBlind ? log::Level::kError
                                                       : log::Level::kWarn,
                 "alarm " + std::string(to_string(change.what)),
                 {{"code", what.code},
                  {"object", what.object},
                  {"level", std::string(to_string(what.level))},
                  {"why", what.why}});
}

/// Of this hour and the one before.
std::int64_t let_through_lately(const StoreSeen& store, const std::string& door) {
  const UtcMs from_ms = store.at_ms - store.at_ms % ledger::kHourMs - ledger::kHourMs;
  std::int64_t count = 0;
  for (const ledger::CoverageRow& cell : store.hours) {
    count += cell.door == door && cell.hour_ms >= from_ms ? cell.let_through : 0;
  }
  return count;
}

void note_store(const StoreSeen& store, UtcMs now_ms, alarms::Observations& seen) {
  const auto age = [&](UtcMs since_ms) {
    return since_ms == 0 ? 0 : std::max<std::int64_t>(0, now_ms - since_ms);
  };
  seen.position_stored = store.position;
  for (const lists::List& list : store.lists) {
    const auto most = store.signals_most.find(list.id);
    seen.lists.push_back({list.spec.name,
                          std::string(to_string(list.spec.purpose)),
                          list.signal_count,
                          most == store.signals_most.end() ? list.signal_count : most->second,
                          age(list.updated_ms)});
  }
  seen.owed = store.owed.items;
  seen.owed_oldest_ms = age(store.owed.oldest_ms);
  seen.outbox_oldest_ms = store.outbox_oldest_ms;
  seen.audits_different = store.samples.different_open;
  seen.audits_oldest_ms = age(store.samples.oldest_owed_ms);
  seen.disks = store.disks;
}

}  // namespace

tutela::Status Watch::State::look() {
  TUTELA_FAULT_POINT("watch.look");
  const auto config = settings();
  if (config != configured) {
    if (const auto taken = teller->configure(teller_options(*config)); !taken) {
      log::log_event(log::Level::kError,
                     "who is told of alarms stays as it was",
                     {{"code", std::string(taken.error().code)}, {"why", taken.error().message}});
    }
    configured = config;
  }
  const auto canaries = current_runner();
  if (std::string problem = canaries ? canaries->problem() : ""; problem != canary_problem) {
    if (!problem.empty()) {
      log::log_event(log::Level::kError, "no canaries can be sent", {{"code", problem}});
    }
    canary_problem = std::move(problem);
  }
  publish(*config, gather(*config));
  return ok();
}

alarms::Observations Watch::State::gather(const config::Config& config) {
  alarms::Observations seen;
  seen.now_ms = clock.now_ms();
  seen.steady_ms = ms_of(Steady::now() - began);
  const ClockLook::Seen clock_seen = clocks.look(clock);
  seen.clock_drift_ms = clock_seen.drift_ms;
  seen.clock_stopped = clock_seen.stopped;
  const pipeline::Readiness ready = pipeline.readiness();
  const workers::Workers::Health health = pipeline.workers()->health();
  seen.workers_up = ready.workers_up;
  seen.worker_restarts = restarts.add(health.crashes + health.restarts, seen.steady_ms);
  seen.signals_searched = static_cast<std::int64_t>(ready.signals);
  seen.position_searched = ready.position;
  const auto stored = store->latest();
  seen.store_up = answers(stored);
  seen.position_stored = ready.position;
  if (stored.value) {
    note_store(*stored.value, seen.now_ms, seen);
    seen.match_passes = match_passes(*pipeline.policy(), stored.value->lists, doors);
  }
  seen.behind_ms = behind.look(seen.position_searched, seen.position_stored, seen.steady_ms);
  seen.store_writable = is_written(writable->latest());
  seen.vault_up = answers(vault_up->latest());
  const auto tls = certificate->latest();
  seen.tls_days_left = tls.value ? *tls.value : std::nullopt;
  for (const Status::Told& told : teller->told()) {
    seen.heartbeat_failing =
        seen.heartbeat_failing ||
        (told.channel == "heartbeat" && told.last_failure_ms > told.last_success_ms);
  }
  if (const auto canaries = current_runner()) {
    for (const CanaryLine& line : canaries->lines()) {
      seen.canaries.push_back(line.state);
    }
  }
  for (const std::string& door : doors) {
    seen.doors.push_back({door,
                          true,
                          door_of(config, door).scan,
                          stored.value ? let_through_lately(*stored.value, door) : 0});
  }
  if (intake) {
    seen.intake = intake();
  }
  if (const auto counted = rates->latest(); counted.value) {
    seen.unscannable = counted.value->unscannable;
    for (const Rate& rate : counted.value->rates) {
      if (rate.purpose != to_string(lists::Purpose::kTest)) {
        seen.rates.push_back(rate.state);
      }
    }
  }
  return seen;
}

/// What is shown beside the alarms.
void Watch::State::describe(const config::Config& config, Status& now) const {
  const auto stored = store->latest();
  const auto counted = rates->latest();
  for (const std::string& name : doors) {
    const config::DoorConfig& door = door_of(config, name);
    now.doors.push_back({name, door.scan, door.on_error, 0, 0, 0});
  }
  if (!stored.value) {
    return;
  }
  const StoreSeen& seen = *stored.value;
  now.backlog = seen.backlog;
  now.samples = {seen.samples.same,
                 seen.samples.different,
                 seen.samples.failed,
                 seen.samples.owed,
                 seen.samples.last_ms};
  now.last_verdict_ms = seen.last_verdict_ms;
  for (const ledger::DoorTraffic& traffic : seen.doors) {
    auto door = std::ranges::find(now.doors, traffic.door, &Status::Door::door);
    if (door == now.doors.end()) {  // the command line
      door = now.doors.insert(door, {traffic.door, true, "hold", 0, 0, 0});
    }
    door->items_today = traffic.items;
    door->let_through = traffic.let_through;
    door->last_item_ms = traffic.last_ms;
  }
  for (const lists::List& list : seen.lists) {
    Status::List one{list.spec.name,
                     std::string(to_string(list.spec.purpose)),
                     list.signal_count,
                     list.updated_ms,
                     std::nullopt};
    if (counted.value && counted.value->not_rescanned.contains(list.id)) {
      one.not_rescanned = counted.value->not_rescanned.at(list.id);
    }
    now.lists.push_back(std::move(one));
  }
  if (counted.value) {
    now.items = counted.value->totals;
    for (const ledger::CoverageRow& cell : seen.hours) {
      if (cell.hour_ms >= counted.value->until_ms) {
        add_to(now.items, cell);
      }
    }
    now.canary_counts = counted.value->canaries;
  }
}

void Watch::State::publish(const config::Config& config, alarms::Observations seen) {
  const auto changes =
      board.update(alarms::evaluate(seen, rules_of(config.watch)), seen.steady_ms, seen.now_ms);
  auto now = std::make_shared<Status>();
  now->level = board.level();
  now->at_ms = seen.now_ms;
  now->started_ms = started_ms;
  now->alarms = board.alarms();
  if (const auto canaries = current_runner()) {
    now->canaries = canaries->lines();
  }
  now->told = teller->told();
  now->seen = std::move(seen);
  describe(config, *now);
  for (const alarms::Change& change : changes) {
    log_change(change);
  }
  if (const auto followed = distrust.follow(now->alarms, now->canaries, started_ms); !followed) {
    log::log_event(log::Level::kError,
                   "what was judged meanwhile is not searched",
                   {{"code", std::string(followed.error().code)}});
  }
  teller->tell(changes);
  teller->heartbeat(now->level != alarms::Level::kBlind);
  {
    const MutexLock lock(mutex);
    constexpr std::size_t kUnsavedMax = alarms::AlarmLog::kWaitingMax;
    unsaved.insert(unsaved.end(), changes.begin(), changes.end());
    if (unsaved.size() > kUnsavedMax) {
      unsaved.erase(unsaved.begin(), unsaved.end() - static_cast<std::ptrdiff_t>(kUnsavedMax));
    }
    status = std::move(now);
    looked_at = Steady::now();
  }
  if (!changes.empty()) {
    writable->wake();
  }
}

}  // namespace tutela::watch
