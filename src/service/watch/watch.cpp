#include "service/watch/watch.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/fault.hpp"
#include "base/mutex.hpp"
#include "service/log/log.hpp"
#include "service/watch/asked.hpp"
#include "service/watch/gather.hpp"
#include "service/watch/gather_rates.hpp"
#include "service/watch/runner.hpp"
#include "service/watch/teller.hpp"

namespace tutela::watch {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kLookPause{1000};
constexpr seconds kBeatPause{5};
constexpr seconds kVaultPause{2};
constexpr seconds kRatesPause{30};
constexpr seconds kCertificatePause{60};
constexpr seconds kFirstLook{5};
constexpr seconds kSilent{10};     // who does not answer for so long is down
constexpr seconds kBusyWrite{20};  // somebody else may write for so long
constexpr seconds kLookLate{10};

std::int64_t ms_of(Steady::duration duration) {
  return std::chrono::duration_cast<milliseconds>(duration).count();
}

const config::DoorConfig& door_of(const config::Config& config, std::string_view /*door*/) {
  return config.doors.http;  // the only one with a setting
}

bool answers(const auto& answer) {
  return answer.failure.empty() && answer.open < kSilent;
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

void complain(std::string_view event, const Error& error) {
  log::log_event(
      log::Level::kError, event, {{"code", std::string(error.code)}, {"why", error.message}});
}

store::Actor system_actor() {
  return {.principal_id = "system", .role = "system"};
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

struct Watch::State {
  State(std::function<std::shared_ptr<const config::Config>()> settings_now,
        pipeline::Pipeline& pipeline_now,
        const vault_client::Client& vault_now,
        const Clock& clock_now)
      : settings(std::move(settings_now)),
        pipeline(pipeline_now),
        vault(vault_now),
        clock(clock_now),
        started_ms(clock_now.now_ms()),
        log(pipeline_now.database(), system_actor(), pipeline_now.instance_id()) {}

  ~State();

  tutela::Status start(const std::vector<OwnDoor>& own_doors);
  void ask();
  void run();
  tutela::Status look();
  alarms::Observations gather(const config::Config& config);
  void describe(const config::Config& config, Status& now) const;
  void publish(const config::Config& config, alarms::Observations seen);
  Result<Unit> beat();
  Result<Unit> forget_the_dead();
  void request_stop();

  const std::function<std::shared_ptr<const config::Config>()> settings;
  pipeline::Pipeline& pipeline;
  const vault_client::Client& vault;
  const Clock& clock;
  const Steady::time_point began = Steady::now();
  const UtcMs started_ms;
  std::vector<std::string> doors;
  mutable alarms::AlarmLog log;

  // Of the thread that looks.
  std::shared_ptr<const config::Config> configured;
  ClockLook clocks;
  RecentCount restarts;
  Behind behind;
  alarms::Board board;
  std::string canary_problem;

  mutable Mutex mutex;
  Condition changed;
  std::shared_ptr<const Status> status TUTELA_GUARDED_BY(mutex) = std::make_shared<Status>();
  Steady::time_point looked_at TUTELA_GUARDED_BY(mutex) = Steady::now();
  std::vector<alarms::Change> unsaved TUTELA_GUARDED_BY(mutex);
  bool stop TUTELA_GUARDED_BY(mutex) = false;
  bool wanted TUTELA_GUARDED_BY(mutex) = false;

  std::unique_ptr<Teller> teller;
  std::unique_ptr<Runner> runner;
  bool cleaned = false;  // of the thread that beats
  std::unique_ptr<Asked<StoreSeen>> store;
  std::unique_ptr<Asked<RatesSeen>> rates;
  std::unique_ptr<Asked<Unit>> vault_up;
  std::unique_ptr<Asked<std::optional<std::int64_t>>> certificate;
  std::unique_ptr<Asked<Unit>> writable;
  std::thread looker;
};

Watch::State::~State() {
  request_stop();
  if (looker.joinable()) {
    looker.join();
  }
}

tutela::Status Watch::State::start(const std::vector<OwnDoor>& own_doors) {
  configured = settings();
  for (const OwnDoor& door : own_doors) {
    doors.push_back(door.door);
  }
  TUTELA_TRY_ASSIGN(teller, Teller::start(clock, teller_options(*configured)));
  TUTELA_TRY_ASSIGN(
      runner,
      Runner::start(
          pipeline.database(),
          pipeline.lists(),
          pipeline.ledger(),
          clock,
          {.settings = settings, .doors = own_doors, .program = {}, .list_changed = [this] {
             return pipeline.refresh_generation();
           }}));
  ask();
  store->wait_for_first(kFirstLook);
  TUTELA_TRY(look());
  looker = std::thread([this] { run(); });
  return ok();
}

/// Everything that may hang.
void Watch::State::ask() {
  const Sources sources{pipeline, clock};
  store = std::make_unique<Asked<StoreSeen>>(
      kLookPause, [this, sources] { return look_into_store(sources, *settings()); });
  rates = std::make_unique<Asked<RatesSeen>>(
      kRatesPause, [this, sources] { return look_at_rates(sources, started_ms); });
  vault_up = std::make_unique<Asked<Unit>>(kVaultPause, [this]() -> Result<Unit> {
    TUTELA_TRY(vault.status());
    return Unit{};
  });
  certificate = std::make_unique<Asked<std::optional<std::int64_t>>>(kCertificatePause, [this] {
    return tls_days_left(settings()->server.tls_certificate, clock.now_ms());
  });
  writable = std::make_unique<Asked<Unit>>(kBeatPause, [this] { return beat(); });
}

void Watch::State::request_stop() {
  {
    const MutexLock lock(mutex);
    stop = true;
    changed.notify_all();
  }
  const auto end = [](const auto& asked) {
    if (asked) {
      asked->request_stop();
    }
  };
  end(store);
  end(rates);
  end(vault_up);
  end(certificate);
  end(writable);
}

void Watch::State::run() {
  while (true) {
    {
      const MutexLock lock(mutex);
      const auto until = Steady::now() + kLookPause;
      while (!stop && !wanted && changed.wait_until(mutex, until) != std::cv_status::timeout) {
      }
      if (stop) {
        return;
      }
      wanted = false;
    }
    if (const auto looked = look(); !looked) {
      complain("the watch did not look", looked.error());
    }
  }
}

tutela::Status Watch::State::look() {
  TUTELA_FAULT_POINT("watch.look");
  const auto config = settings();
  if (config != configured) {
    if (const auto taken = teller->configure(teller_options(*config)); !taken) {
      complain("who is told of alarms stays as it was", taken.error());
    }
    configured = config;
  }
  if (std::string problem = runner->problem(); problem != canary_problem) {
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
  const auto written = writable->latest();
  const bool busy = written.failure == "store.busy" && written.value &&
                    Steady::now() - written.good_at < kBusyWrite;
  seen.store_writable = answers(written) || busy;
  seen.vault_up = answers(vault_up->latest());
  const auto tls = certificate->latest();
  seen.tls_days_left = tls.value ? *tls.value : std::nullopt;
  for (const Status::Told& told : teller->told()) {
    seen.heartbeat_failing =
        seen.heartbeat_failing ||
        (told.channel == "heartbeat" && told.last_failure_ms > told.last_success_ms);
  }
  for (const CanaryLine& line : runner->lines()) {
    seen.canaries.push_back(line.state);
  }
  for (const std::string& door : doors) {
    seen.doors.push_back({door,
                          true,
                          door_of(config, door).scan,
                          stored.value ? let_through_lately(*stored.value, door) : 0});
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
  now->canaries = runner->lines();
  now->told = teller->told();
  now->seen = std::move(seen);
  describe(config, *now);
  for (const alarms::Change& change : changes) {
    log_change(change);
  }
  teller->tell(changes);
  teller->heartbeat(now->level != alarms::Level::kBlind);
  {
    const MutexLock lock(mutex);
    constexpr std::size_t kUnsavedMax = 1000;
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

/// What this process says of itself, and what changed: that it can be written is seen by it.
Result<Unit> Watch::State::beat() {
  if (!cleaned) {
    TUTELA_TRY(forget_the_dead());
    cleaned = true;
  }
  std::vector<alarms::Change> changes;
  std::shared_ptr<const Status> now;
  {
    const MutexLock lock(mutex);
    changes.swap(unsaved);
    now = status;
  }
  TUTELA_TRY(log.add(changes));
  const store::Actor actor = system_actor();
  const std::string body = to_json(*now);
  TUTELA_TRY(pipeline.database().write([&](store::Transaction& transaction) -> tutela::Status {
    TUTELA_TRY(transaction.execute(
        "INSERT INTO watch_beat (instance_id, tenant_id, principal_id, started_ms, at_ms, body) "
        "VALUES (:instance_id, :tenant_id, :principal_id, :started_ms, :at_ms, :body) "
        "ON CONFLICT (instance_id) DO UPDATE SET at_ms = excluded.at_ms, body = excluded.body",
        {pipeline.instance_id(),
         actor.tenant_id,
         actor.principal_id,
         started_ms,
         clock.now_ms(),
         body}));
    return ok();
  }));
  return Unit{};
}

/// What processes said that run no more.
Result<Unit> Watch::State::forget_the_dead() {
  std::vector<std::string> dead;
  TUTELA_TRY(pipeline.database().read([&](store::Transaction& transaction) {
    return transaction.query("SELECT instance_id FROM watch_beat", {}, [&](const store::Row& row) {
      if (!pipeline.is_alive(row.text(0))) {
        dead.push_back(row.text(0));
      }
      return ok();
    });
  }));
  TUTELA_TRY(pipeline.database().write([&](store::Transaction& transaction) -> tutela::Status {
    for (const std::string& id : dead) {
      TUTELA_TRY(transaction.execute("DELETE FROM watch_beat WHERE instance_id = :id", {id}));
    }
    return ok();
  }));
  return Unit{};
}

Watch::Watch(std::unique_ptr<State> state) : state_(std::move(state)) {}

Watch::~Watch() = default;

Result<std::unique_ptr<Watch>> Watch::start(
    std::function<std::shared_ptr<const config::Config>()> settings,
    pipeline::Pipeline& pipeline,
    const vault_client::Client& vault,
    std::vector<OwnDoor> doors,
    const Clock& clock) {
  auto state = std::make_unique<State>(std::move(settings), pipeline, vault, clock);
  TUTELA_TRY(state->start(doors));
  return std::unique_ptr<Watch>(new Watch(std::move(state)));
}

std::shared_ptr<const Status> Watch::status() const {
  std::shared_ptr<const Status> now;
  Steady::duration age{};
  {
    const MutexLock lock(state_->mutex);
    now = state_->status;
    age = Steady::now() - state_->looked_at;
  }
  if (age <= kLookLate) {
    return now;
  }
  auto late = std::make_shared<Status>(*now);
  late->level = alarms::Level::kBlind;
  late->alarms.insert(
      late->alarms.begin(),
      alarms::Alarm{{"watch.stopped",
                     "",
                     alarms::Level::kBlind,
                     "the watch has not looked for " + std::to_string(ms_of(age) / 1000) + " s"},
                    now->at_ms,
                    1});
  return late;
}

std::vector<RateLine> Watch::rates() const {
  std::vector<RateLine> lines;
  const auto counted = state_->rates->latest();
  if (!counted.value) {
    return lines;
  }
  const alarms::Rules rules = rules_of(state_->settings()->watch);
  for (const Rate& rate : counted.value->rates) {
    lines.push_back({rate.list,
                     rate.door,
                     rate.media_type,
                     rate.state.items,
                     rate.state.matches,
                     rate.state.expected,
                     alarms::band_of(rate.state.expected),
                     judge(rate.state, rules)});
  }
  return lines;
}

alarms::AlarmLog& Watch::log() const noexcept {
  return state_->log;
}

void Watch::wake() {
  state_->runner->wake();
  state_->store->wake();
  state_->rates->wake();
  state_->vault_up->wake();
  state_->certificate->wake();
  const MutexLock lock(state_->mutex);
  state_->wanted = true;
  state_->changed.notify_all();
}

void Watch::request_stop() {
  state_->request_stop();
}

}  // namespace tutela::watch
