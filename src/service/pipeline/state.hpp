// State: what the pipeline's sources share. Internal to the pipeline.
#pragma once

#include <set>
#include <utility>

#include "service/pipeline/backlog.hpp"
#include "service/pipeline/instance.hpp"
#include "service/pipeline/pipeline.hpp"
#include "service/pipeline/samples.hpp"
#include "service/pipeline/side_workers.hpp"
#include "service/pipeline/verdict.hpp"
#include "service/review/rules.hpp"

namespace tutela::pipeline {

/// Ids of items that this process works on now, so that two threads never scan one item.
class InFlight {
 public:
  /// False when it is there already.
  [[nodiscard]] bool enter(const Uuid& id) {
    const MutexLock lock(mutex_);
    return ids_.insert(id).second;
  }

  void leave(const Uuid& id) {
    const MutexLock lock(mutex_);
    ids_.erase(id);
  }

 private:
  Mutex mutex_;
  std::set<Uuid> ids_ TUTELA_GUARDED_BY(mutex_);
};

/// Leaves the set when the item's work ends, however it ends.
class InFlightGuard {
 public:
  InFlightGuard(InFlight& set, const Uuid& id) : set_(&set), id_(id) {}

  InFlightGuard(InFlightGuard&& other) noexcept
      : set_(std::exchange(other.set_, nullptr)), id_(other.id_) {}

  InFlightGuard(const InFlightGuard&) = delete;
  InFlightGuard& operator=(const InFlightGuard&) = delete;
  InFlightGuard& operator=(InFlightGuard&&) = delete;

  ~InFlightGuard() {
    if (set_ != nullptr) {
      set_->leave(id_);
    }
  }

 private:
  InFlight* set_;
  Uuid id_;
};

struct Internals {
  Internals(const config::Config& config_now, const Clock& clock_now, Instance instance_now)
      : config(config_now),
        clock(clock_now),
        case_rules(review::cases_rules(config_now)),
        instance(std::move(instance_now)),
        settings(std::make_shared<const config::Config>(config_now)) {}

  const config::Config config;  // as at the start; what SIGHUP changes is in `settings`
  const Clock& clock;
  const cases::Rules case_rules;
  Instance instance;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<spool::Spool> spool;
  std::unique_ptr<lists::Lists> lists;
  std::unique_ptr<ledger::Ledger> ledger;
  std::unique_ptr<Samples> samples;
  InFlight in_flight;
  SideWorkers catch_up_workers;
  Progress progress;
  Pace pace;
  std::atomic<std::int64_t> unkept_looked_at{-1};  // steady seconds

  Mutex refreshing;  // held by the one thread that follows the lists
  mutable Mutex mutex;
  std::shared_ptr<match::SignalSet> signals TUTELA_GUARDED_BY(mutex);
  std::shared_ptr<const Snapshot> snapshot TUTELA_GUARDED_BY(mutex);
  std::shared_ptr<const policy::Policy> policy TUTELA_GUARDED_BY(mutex);
  std::shared_ptr<workers::Workers> workers TUTELA_GUARDED_BY(mutex);
  std::shared_ptr<const config::Config> settings TUTELA_GUARDED_BY(mutex);
  std::int64_t change_counter TUTELA_GUARDED_BY(mutex) = -1;
  std::set<std::string> distrusted TUTELA_GUARDED_BY(mutex);  // media types
  bool store_up TUTELA_GUARDED_BY(mutex) = true;

  /// Opens the file of the index of signals, if there is one.
  Status open_signals();
  /// Follows the lists; see Pipeline::refresh_generation().
  Status refresh_generation();
  Result<std::int64_t> follow_lists();
  Status raise_marks();
  /// The lists and signals as they stand now.
  Result<Snapshot> load_snapshot();
  Status merge_signals();

  [[nodiscard]] std::filesystem::path index_folder() const { return config.store.folder / "index"; }

  [[nodiscard]] std::shared_ptr<match::SignalSet> current_signals() const;
  [[nodiscard]] std::shared_ptr<const Snapshot> current_snapshot() const;
  [[nodiscard]] std::shared_ptr<const policy::Policy> current_policy() const;
  [[nodiscard]] std::shared_ptr<workers::Workers> current_workers() const;
  [[nodiscard]] std::shared_ptr<const config::Config> current_settings() const;
  /// Of the workers of live scans.
  [[nodiscard]] workers::WorkersOptions worker_options() const;

  [[nodiscard]] bool distrusts(const ledger::Outcome& outcome) const;
  /// Whether canaries of this kind of file were missed, whatever was found in this one.
  [[nodiscard]] bool distrusts_type(const ledger::Outcome& outcome) const;
  [[nodiscard]] bool distrusts_any() const;
  /// Inspect, search, judge, commit, clean up. The item is owed and in flight.
  Status scan_owed(const store::Actor& actor,
                   const Uuid& id,
                   const Circumstances& circumstances,
                   const crypto::Digests& digests,
                   const workers::ItemBytes& bytes,
                   workers::Workers& decoders,
                   StageTimes* times);
  /// `judged_with` are the lists of the outcome.
  Status commit(const store::Actor& actor,
                const Uuid& id,
                const Snapshot& judged_with,
                ledger::Outcome outcome);

  /// Whether what came through this door is scanned now.
  [[nodiscard]] bool scans_door(std::string_view door) const;
  [[nodiscard]] workers::WorkersOptions catch_up_options() const;
  /// In order of arrival, several at once. One that fails keeps no other waiting; an error of ours
  /// ends it.
  Result<std::size_t> work_off_all(const std::function<bool()>& stop_requested);
  struct Round;
  void work_off(Round& round);
  Status finish_owed_item(const ledger::OwedItem& item, workers::Workers& decoders);
  Status remove_unkept_files();
  Status hand_over(const vault_client::Client& vault, const ledger::Kept& item);
};

/// Runs steps in as many threads as there are processors.
void run_in_threads(std::size_t count, const std::function<void(std::size_t)>& step);

}  // namespace tutela::pipeline
