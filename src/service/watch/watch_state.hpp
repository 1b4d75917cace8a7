// Watch state: what the sources of the watch share. Internal to it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.hpp"
#include "service/watch/actor.hpp"
#include "service/watch/asked.hpp"
#include "service/watch/distrust.hpp"
#include "service/watch/gather.hpp"
#include "service/watch/gather_rates.hpp"
#include "service/watch/runner.hpp"
#include "service/watch/teller.hpp"
#include "service/watch/watch.hpp"

namespace tutela::watch {

[[nodiscard]] inline std::int64_t ms_of(Steady::duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

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
  /// What processes left that run no more.
  tutela::Status take_over();
  Result<bool> forget_the_dead();
  void request_stop();

  std::shared_ptr<Runner> current_runner() const {
    const MutexLock lock(mutex);
    return runner;
  }

  const std::function<std::shared_ptr<const config::Config>()> settings;
  pipeline::Pipeline& pipeline;
  const vault_client::Client& vault;
  const Clock& clock;
  const Steady::time_point began = Steady::now();
  const UtcMs started_ms;
  std::function<alarms::IntakeState()> intake;
  std::vector<std::string> doors;
  mutable alarms::AlarmLog log;

  // Of the thread that looks.
  std::shared_ptr<const config::Config> configured;
  ClockLook clocks;
  RecentCount restarts;
  Behind behind;
  alarms::Board board;
  std::string canary_problem;

  Distrust distrust{pipeline};

  mutable Mutex mutex;
  Condition changed;
  std::shared_ptr<const Status> status TUTELA_GUARDED_BY(mutex) = std::make_shared<Status>();
  Steady::time_point looked_at TUTELA_GUARDED_BY(mutex) = Steady::now();
  std::vector<alarms::Change> unsaved TUTELA_GUARDED_BY(mutex);
  bool stop TUTELA_GUARDED_BY(mutex) = false;
  bool wanted TUTELA_GUARDED_BY(mutex) = false;

  std::unique_ptr<Teller> teller;
  std::shared_ptr<Runner> runner TUTELA_GUARDED_BY(mutex);  // nullptr: ended
  // Of the thread that beats.
  std::vector<std::string> taken_over;  // rows whose alarms are this process's now
  bool cleaned = false;
  bool doubts_taken = false;
  std::unique_ptr<Asked<StoreSeen>> store;
  std::unique_ptr<Asked<RatesSeen>> rates;
  std::unique_ptr<Asked<Unit>> vault_up;
  std::unique_ptr<Asked<std::optional<std::int64_t>>> certificate;
  std::unique_ptr<Asked<Unit>> writable;
  std::thread looker;
};

}  // namespace tutela::watch
