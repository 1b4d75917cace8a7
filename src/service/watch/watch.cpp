#include "service/watch/watch.hpp"

#include <chrono>
#include <thread>

#include "service/log/log.hpp"
#include "service/watch/watch_state.hpp"

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

constexpr seconds kLookLate{10};

}  // namespace

Watch::State::~State() {
  request_stop();
  const bool looked = looker.joinable();
  if (looked) {
    looker.join();
  }
  if (teller) {
    teller->end();
  }
  writable.reset();
  if (!looked) {
    return;
  }
  // The next process tells what was not told by now. Where the store takes nothing, it is told as
  // much as the last beat knew.
  if (const auto left = beat(); !left) {
    log::log_event(log::Level::kWarn,
                   "what was not told of alarms is not left to the next start",
                   {{"code", std::string(left.error().code)}});
  }
}

tutela::Status Watch::State::start(const std::vector<OwnDoor>& own_doors) {
  configured = settings();
  for (const OwnDoor& door : own_doors) {
    doors.push_back(door.door);
  }
  TUTELA_TRY_ASSIGN(
      teller, Teller::start(clock, teller_options(*configured), [this] { writable->wake(); }));
  TUTELA_TRY_ASSIGN(
      std::unique_ptr<Runner> started,
      Runner::start(
          pipeline.database(),
          pipeline.lists(),
          pipeline.ledger(),
          clock,
          {.settings = settings, .doors = own_doors, .program = {}, .list_changed = [this] {
             return pipeline.refresh_generation();
           }}));
  {
    const MutexLock lock(mutex);
    runner = std::move(started);
  }
  ask();
  store->wait_for_first(kFirstLook);
  if (const auto taken = take_over(); !taken) {
    // What is still wrong is raised anew, and told.
    log::log_event(log::Level::kWarn,
                   "alarms of the process before are not known",
                   {{"code", std::string(taken.error().code)}});
  }
  TUTELA_TRY(look());
  writable->wake();
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
      log::log_event(log::Level::kError,
                     "the watch did not look",
                     {{"code", std::string(looked.error().code)}, {"why", looked.error().message}});
    }
  }
}

Watch::Watch(std::unique_ptr<State> state) : state_(std::move(state)) {}

Watch::~Watch() = default;

Result<std::unique_ptr<Watch>> Watch::start(
    std::function<std::shared_ptr<const config::Config>()> settings,
    pipeline::Pipeline& pipeline,
    const vault_client::Client& vault,
    std::vector<OwnDoor> doors,
    const Clock& clock,
    std::function<alarms::IntakeState()> intake) {
  auto state = std::make_unique<State>(std::move(settings), pipeline, vault, clock);
  state->intake = std::move(intake);
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
  if (const auto runner = state_->current_runner()) {
    runner->wake();
  }
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

void Watch::end_canaries() {
  std::shared_ptr<Runner> ended;  // outlives the lock
  const MutexLock lock(state_->mutex);
  ended.swap(state_->runner);
}

}  // namespace tutela::watch
