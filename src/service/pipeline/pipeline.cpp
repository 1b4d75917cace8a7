#include "service/pipeline/pipeline.hpp"

#include <chrono>
#include <utility>

#include <sys/stat.h>

#include "base/check.hpp"
#include "base/fault.hpp"
#include "service/pipeline/findings.hpp"
#include "service/pipeline/intake_state.hpp"
#include "service/pipeline/posted.hpp"
#include "service/pipeline/state.hpp"

namespace tutela::pipeline {
namespace {

constexpr std::uint64_t kPolicyBytesMax = 256 * 1024;

using SteadyTime = std::chrono::steady_clock::time_point;

/// Microseconds since `from`, which is moved to now.
std::int64_t lap_us(SteadyTime& from) {
  const SteadyTime now = std::chrono::steady_clock::now();
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(now - from).count();
  from = now;
  return us;
}

Result<policy::Policy> load_policy(const std::filesystem::path& file) {
  if (file.empty()) {
    return policy::Policy::safe_default();
  }
  TUTELA_TRY_ASSIGN(const Bytes text, read_file(file, kPolicyBytesMax));
  return policy::Policy::parse(as_text(text));
}

Status create_data_folder(const std::filesystem::path& folder, bool group_access) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed || ::chmod(folder.c_str(), group_access ? 02770 : 0700) != 0) {
    return system_error("store.unavailable",
                        "create the data folder (store.folder) and set its mode");
  }
  return ok();
}

}  // namespace

Pipeline::Pipeline(std::unique_ptr<Internals> state)
    : state_(std::move(state)), posted_(std::make_unique<Posted>(*state_)) {}

Pipeline::~Pipeline() = default;

Result<std::unique_ptr<Pipeline>> Pipeline::open(const config::Config& config, const Clock& clock) {
  const std::filesystem::path& folder = config.store.folder;
  TUTELA_TRY(create_data_folder(folder, config.store.group_access));
  TUTELA_TRY_ASSIGN(
      Instance instance,
      Instance::create(folder / "instances", tutela::to_string(new_uuid(clock.now_ms()))));
  auto state = std::make_unique<Internals>(config, clock, std::move(instance));
  TUTELA_TRY_ASSIGN(state->database,
                    store::Database::open(
                        {.path = folder / "tutela.db", .group_access = config.store.group_access}));
  TUTELA_TRY_ASSIGN(crypto::Key key, crypto::load_or_create_key(folder / "spool.key"));
  TUTELA_TRY_ASSIGN(
      state->spool,
      spool::Spool::open({folder / "spool", config.store.spool_bytes_max}, std::move(key)));
  const lists::ConsentRules rules{config.people.solo,
                                  std::int64_t{config.people.solo_wait_hours} * 3'600'000};
  state->lists = std::make_unique<lists::Lists>(*state->database, clock, rules);
  state->ledger = std::make_unique<ledger::Ledger>(*state->database, clock, state->instance.id());
  state->samples = std::make_unique<Samples>(*state);
  TUTELA_TRY(state->open_signals());
  TUTELA_TRY(state->refresh_generation());
  std::unique_ptr<Pipeline> pipeline(new Pipeline(std::move(state)));
  TUTELA_TRY(pipeline->reload(config));
  return pipeline;
}

Result<Intake> Pipeline::receive(const Origin& origin) {
  Internals& state = *state_;
  ledger::Arrival arrival;
  arrival.id = new_uuid(state.clock.now_ms());
  arrival.door = origin.door;
  arrival.source = origin.source;
  arrival.external_id = origin.external_id;
  arrival.idempotency_key = origin.idempotency_key;
  arrival.account = origin.account;
  TUTELA_TRY_ASSIGN(spool::Spool::Writer writer, state.spool->create(arrival.id));
  TUTELA_TRY_ASSIGN(workers::ItemBytes bytes, workers::ItemBytes::create());
  TUTELA_CHECK(state.in_flight.enter(arrival.id));
  InFlightGuard guard(state.in_flight, arrival.id);
  return Intake(std::unique_ptr<Intake::State>(
      new Intake::State{state,
                        origin.actor,
                        state.current_settings()->limits.size_bytes_max,
                        std::move(arrival),
                        crypto::Digester(),
                        std::move(writer),
                        std::move(bytes),
                        std::move(guard),
                        std::chrono::steady_clock::now()}));
}

Result<ledger::Content> Pipeline::scan(Intake intake, StageTimes* times) {
  Intake::State& item = *intake.state_;
  if (!item.repeated) {
    if (times != nullptr) {
      times->receive_us = lap_us(item.started);
    }
    TUTELA_TRY(state_->scan_owed(item.actor,
                                 item.arrival.id,
                                 {item.arrival.door, item.arrival.source, item.canary},
                                 item.arrival.digests,
                                 item.bytes,
                                 *state_->current_workers(),
                                 times));
  }
  return state_->ledger->get(item.actor, item.arrival.id);
}

Status Internals::scan_owed(const store::Actor& actor,
                            const Uuid& id,
                            const Circumstances& circumstances,
                            const crypto::Digests& digests,
                            const workers::ItemBytes& bytes,
                            workers::Workers& decoders,
                            StageTimes* times) {
  StageTimes unused;
  StageTimes& stages = times != nullptr ? *times : unused;
  SteadyTime lap = std::chrono::steady_clock::now();
  Result<inspect::Inspection> inspected = decoders.inspect(bytes);
  if (!inspected && !workers::is_item_error(inspected.error())) {
    TUTELA_TRY(ledger->forgive_attempt(id));
    return std::move(inspected).error();
  }
  stages.decode_us = lap_us(lap);
  TUTELA_FAULT_POINT("pipeline.after_decode");

  const std::shared_ptr<const Snapshot> lists_now = current_snapshot();
  const Search search =
      search_content(*lists_now->generation,
                     digests,
                     inspected ? inspected->frames : std::vector<inspect::FrameFingerprint>{});
  const ledger::Outcome outcome = judge(
      *lists_now, *current_policy(), std::move(inspected), search, circumstances, clock.now_ms());
  stages.match_us = lap_us(lap);
  if (distrusts(outcome)) {
    TUTELA_TRY(ledger->forgive_attempt(id));
    return Error{
        ErrorKind::kUnavailable,
        "detection.distrusted",
        "canaries of this kind of file were missed; the item is owed until they are found"};
  }
  TUTELA_FAULT_POINT("pipeline.after_match");
  TUTELA_TRY(commit(actor, id, *lists_now, outcome));
  stages.commit_us = lap_us(lap);
  return ok();
}

bool Internals::distrusts(const ledger::Outcome& outcome) const {
  return outcome.verdict == policy::Verdict::kNoMatch && distrusts_type(outcome);
}

bool Internals::distrusts_type(const ledger::Outcome& outcome) const {
  if (outcome.canary || !outcome.inspection) {
    return false;
  }
  const MutexLock lock(mutex);
  return distrusted.contains(std::string(media::mime_type(outcome.inspection->report.type)));
}

bool Internals::distrusts_any() const {
  const MutexLock lock(mutex);
  return !distrusted.empty();
}

void Pipeline::distrust(std::set<std::string> media_types) {
  const MutexLock lock(state_->mutex);
  state_->distrusted = std::move(media_types);
}

Status Internals::commit(const store::Actor& actor,
                         const Uuid& id,
                         const Snapshot& judged_with,
                         ledger::Outcome outcome) {
  const store::Actor system{actor.tenant_id, "system", "system"};
  const UtcMs now_ms = clock.now_ms();
  const bool sampled = samples->choose(outcome);
  outcome.keep_bytes = outcome.keep_bytes || sampled;
  const auto and_cases = [&](store::Transaction& transaction) -> Status {
    if (sampled) {
      TUTELA_TRY(Samples::ask(transaction, actor, id, outcome.lists_position, now_ms));
    }
    return tell_cases(transaction, system, case_rules, judged_with, id, outcome, kScanned, now_ms);
  };
  if (const Status decided = ledger->decide(actor, id, outcome, and_cases); !decided) {
    // Another process was first: its verdict stands, and there is nothing left to do.
    return decided.error().code == "ledger.already_decided" ? ok() : decided;
  }
  TUTELA_FAULT_POINT("pipeline.after_verdict");
  if (!outcome.keep_bytes) {
    TUTELA_TRY(spool->remove(id));
  }
  TUTELA_FAULT_POINT("pipeline.after_remove");
  return ok();
}

std::shared_ptr<const Snapshot> Internals::current_snapshot() const {
  const MutexLock lock(mutex);
  return snapshot;
}

std::shared_ptr<const policy::Policy> Internals::current_policy() const {
  const MutexLock lock(mutex);
  return policy;
}

std::shared_ptr<workers::Workers> Internals::current_workers() const {
  const MutexLock lock(mutex);
  return workers;
}

std::shared_ptr<const config::Config> Internals::current_settings() const {
  const MutexLock lock(mutex);
  return settings;
}

workers::WorkersOptions Internals::worker_options() const {
  return {
      config.workers.program.empty() ? workers::default_worker_program() : config.workers.program,
      config.workers.processes_max,
      current_settings()->limits};
}

Status Pipeline::reload(const config::Config& next) {
  Internals& state = *state_;
  TUTELA_TRY_ASSIGN(policy::Policy policy, load_policy(state.config.policy_file));
  std::shared_ptr<workers::Workers> workers = state.current_workers();
  if (!workers || next.limits != state.current_settings()->limits) {
    workers::WorkersOptions options = state.worker_options();
    options.limits = next.limits;
    TUTELA_TRY_ASSIGN(workers, workers::Workers::start(std::move(options)));
  }
  const MutexLock lock(state.mutex);
  state.policy = std::make_shared<const policy::Policy>(std::move(policy));
  state.settings = std::make_shared<const config::Config>(next);
  // Scans in progress hold the workers that they use; the last of them ends those.
  state.workers.swap(workers);
  return ok();
}

Readiness Pipeline::readiness() const {
  Readiness readiness;
  readiness.workers_up = state_->current_workers()->health().up;
  const MutexLock lock(state_->mutex);
  readiness.store_up = state_->store_up;
  const match::Generation& generation = *state_->snapshot->generation;
  readiness.position = state_->snapshot->position;
  for (const match::ListEntry& entry : generation.lists()) {
    const auto list = state_->snapshot->lists.find(entry.id);
    const bool canary = list != state_->snapshot->lists.end() &&
                        list->second.spec.purpose == lists::Purpose::kCanary;
    readiness.active_lists += canary ? 0 : 1;
  }
  for (const auto kind : {match::SignalKind::kPdq,
                          match::SignalKind::kMd5,
                          match::SignalKind::kSha1,
                          match::SignalKind::kSha256}) {
    readiness.signals += generation.size(kind);
  }
  readiness.policy_version = state_->policy->version();
  return readiness;
}

store::Database& Pipeline::database() noexcept {
  return *state_->database;
}

lists::Lists& Pipeline::lists() noexcept {
  return *state_->lists;
}

ledger::Ledger& Pipeline::ledger() noexcept {
  return *state_->ledger;
}

std::shared_ptr<workers::Workers> Pipeline::workers() const {
  return state_->current_workers();
}

spool::Spool& Pipeline::spool() noexcept {
  return *state_->spool;
}

const Clock& Pipeline::clock() const noexcept {
  return state_->clock;
}

std::shared_ptr<const match::Generation> Pipeline::generation() const {
  return state_->current_snapshot()->generation;
}

std::shared_ptr<const policy::Policy> Pipeline::policy() const {
  return state_->current_policy();
}

const std::string& Pipeline::instance_id() const noexcept {
  return state_->instance.id();
}

bool Pipeline::is_alive(std::string_view instance_id) const {
  return state_->instance.is_alive(instance_id);
}

Result<CatchUp> Pipeline::catch_up(const std::function<bool()>& stop_requested,
                                   const std::function<void(const Rescan&)>& on_progress) {
  return posted_->catch_up(stop_requested, on_progress);
}

Result<Uuid> Pipeline::ask_rescan(const store::Actor& actor, const Uuid& list_id, UtcMs since_ms) {
  return posted_->ask(actor, list_id, since_ms);
}

Rescans Pipeline::rescans() noexcept {
  return Rescans(*state_->database);
}

Result<groups::Group> Pipeline::group_of(const store::Actor& actor,
                                         const Uuid& content_id,
                                         std::size_t limit) {
  return groups::Groups::of(*state_->database, actor, state_->clock.now_ms(), content_id, limit);
}

Result<std::size_t> Pipeline::audit_samples(const std::function<bool()>& stop_requested) {
  return state_->samples->audit(stop_requested);
}

Result<SampleCounts> Pipeline::sample_counts() const {
  return state_->samples->counts();
}

Status Pipeline::settle_differences(const store::Actor& actor) {
  return state_->samples->settle_differences(actor);
}

Status Pipeline::refresh_generation() {
  return state_->refresh_generation();
}

Status Pipeline::merge_indexes() {
  TUTELA_TRY(state_->merge_signals());
  return posted_->maintain();
}

Result<ledger::Compacted> Pipeline::compact(const std::function<bool()>& stop_requested) {
  ledger::Retention retention;
  retention.keep_days = state_->current_settings()->ledger.keep_days;
  TUTELA_TRY_ASSIGN(
      const ledger::Compacted done,
      ledger::compact(*state_->database, retention, state_->clock.now_ms(), stop_requested));
  TUTELA_TRY(posted_->forget_gone(stop_requested));
  return done;
}

IndexStats Pipeline::index_stats() const {
  const std::shared_ptr<match::SignalSet> signals = state_->current_signals();
  return {state_->current_snapshot()->position,
          signals->stats(),
          signals->refused(),
          posted_->index_stats()};
}

}  // namespace tutela::pipeline
