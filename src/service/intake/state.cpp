// How intake stands, for the watch and for metrics: small questions each second, larger ones less
// often.
#include <algorithm>

#include "service/intake/desk.hpp"
#include "service/staffing/staffing.hpp"

namespace tutela::intake_service {

namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kKeptDays = 3650;
constexpr std::int64_t kSeldom = 10;        // looks
constexpr std::int64_t kFloodsOf = 10'000;  // the newest notices

Status ask_one(store::Transaction& transaction,
               std::string_view sql,
               const std::vector<store::Value>& values,
               std::int64_t& answer) {
  return transaction.query(sql, values, [&](const store::Row& row) {
    answer = row.is_null(0) ? 0 : row.integer(0);
    return ok();
  });
}

Status ask_store(store::Transaction& transaction,
                 const std::string& tenant_id,
                 UtcMs now_ms,
                 alarms::IntakeState& state) {
  std::int64_t any = 0;
  TUTELA_TRY(ask_one(
      transaction, "SELECT 1 FROM notice WHERE tenant_id = :tenant LIMIT 1", {tenant_id}, any));
  state.on = state.on || any != 0;
  TUTELA_TRY(ask_one(transaction,
                     "SELECT COUNT(*) FROM notice WHERE tenant_id = :tenant AND waiting = 1 AND "
                     "queue = :queue AND taken_ms IS NULL",
                     {tenant_id, std::string(to_string(intake::Queue::kImminent))},
                     state.imminent_unseen));
  TUTELA_TRY(ask_one(transaction,
                     "SELECT COUNT(*) FROM notice WHERE tenant_id = :tenant AND waiting = 1 AND "
                     "queue = :queue",
                     {tenant_id, std::string(to_string(intake::Queue::kDetection))},
                     state.detection_unanswered));
  std::int64_t oldest_ms = 0;
  TUTELA_TRY(ask_one(
      transaction, "SELECT MIN(received_ms) FROM notice WHERE sorted_ms IS NULL", {}, oldest_ms));
  state.unsorted_oldest_ms = oldest_ms == 0 ? 0 : std::max<std::int64_t>(0, now_ms - oldest_ms);
  return ask_one(transaction,
                 "SELECT COUNT(DISTINCT flood_key) FROM (SELECT flood_key FROM notice WHERE "
                 "tenant_id = :tenant AND received_ms > :since ORDER BY received_ms DESC, id DESC "
                 "LIMIT :limit) newest",
                 {tenant_id, now_ms - kHourMs, kFloodsOf},
                 state.flood_sources);
}

/// Imminent danger is answered by somebody who is named, always; other queues once somebody is
/// named for any, or something waits in them.
bool wants_duty(const intake::QueueCount& count, bool any_named) {
  return count.queue == intake::Queue::kImminent || count.waiting > 0 ||
         (any_named && count.queue != intake::Queue::kFlood);
}

}  // namespace

Result<alarms::IntakeState> Desk::look_now() {
  const std::string tenant_id = system_actor().tenant_id;
  const UtcMs now_ms = clock_.now_ms();
  const auto config = settings_();
  alarms::IntakeState state;
  state.on = !config->intake.listen.empty() || !config->intake.maildir.empty();
  state.mail_failing = mail_failing_.load();
  TUTELA_TRY_ASSIGN(const std::vector<intake::QueueCount> counts, notices_.counts(tenant_id));
  TUTELA_TRY(pipeline_.database().read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(ask_store(transaction, tenant_id, now_ms, state));
    TUTELA_TRY_ASSIGN(const std::int64_t failing, duty_mail::count_failing(transaction));
    state.people_untold = failing + not_escalated_.load();
    TUTELA_TRY_ASSIGN(state.partners_stale, partners::count_stale(transaction, tenant_id, now_ms));
    std::int64_t named = 0;
    TUTELA_TRY(ask_one(
        transaction, "SELECT 1 FROM duty WHERE tenant_id = :tenant LIMIT 1", {tenant_id}, named));
    for (const intake::QueueCount& count : counts) {
      const std::string queue(to_string(count.queue));
      TUTELA_TRY_ASSIGN(const bool unmanned,
                        partners::is_unmanned(transaction, tenant_id, queue, now_ms));
      state.queues.push_back({queue,
                              count.waiting,
                              count.due_soon,
                              count.overdue,
                              unmanned && wants_duty(count, named != 0)});
    }
    return ok();
  }));
  return state;
}

/// What takes longer to ask.
Result<Desk::Seldom> Desk::look_seldom() {
  const std::string tenant_id = system_actor().tenant_id;
  const intake::Promises promises = rules_of(settings_()->intake).promises;
  const UtcMs now_ms = clock_.now_ms();
  Seldom seldom;
  TUTELA_TRY_ASSIGN(seldom.kept, notices_.kept(tenant_id, kKeptDays));
  TUTELA_TRY(pipeline_.database().read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const staffing::Workload workload,
                      staffing::workload_of(transaction, tenant_id, promises, now_ms));
    seldom.capacity_known = workload.staffing.known;
    seldom.capacity_enough = workload.staffing.enough;
    return ok();
  }));
  return seldom;
}

Status Desk::look() {
  TUTELA_TRY_ASSIGN(const alarms::IntakeState now, look_now());
  std::optional<Seldom> seldom;
  if (now.on && looks_++ % kSeldom == 0) {
    TUTELA_TRY_ASSIGN(seldom, look_seldom());
  }
  const MutexLock lock(mutex_);
  if (seldom) {
    figures_.kept = std::move(seldom->kept);
    capacity_known_ = seldom->capacity_known;
    capacity_enough_ = seldom->capacity_enough;
  }
  state_ = now;
  state_.capacity_known = capacity_known_;
  state_.capacity_enough = capacity_enough_;
  return ok();
}

}  // namespace tutela::intake_service
