// How intake stands, for the watch and for metrics: small questions each second, larger ones less
// often.
#include <algorithm>
#include <span>

#include "service/intake/desk.hpp"

namespace tutela::intake_service {

namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kKeptDays = 3650;
constexpr std::int64_t kSeldom = 10;         // looks
constexpr std::int64_t kFloodsOf = 10'000;   // the newest notices

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
                     "queue = 'imminent' AND taken_ms IS NULL",
                     {tenant_id},
                     state.imminent_unseen));
  TUTELA_TRY(ask_one(transaction,
                     "SELECT COUNT(*) FROM notice WHERE tenant_id = :tenant AND waiting = 1 AND "
                     "queue = 'detection'",
                     {tenant_id},
                     state.detection_unanswered));
  std::int64_t oldest_ms = 0;
  TUTELA_TRY(ask_one(transaction,
                     "SELECT MIN(received_ms) FROM notice WHERE sorted_ms IS NULL",
                     {},
                     oldest_ms));
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
bool lacks_duty(const intake::QueueCount& count, std::span<const partners::Duty> duties) {
  const std::string_view queue = to_string(count.queue);
  const bool there = std::ranges::any_of(duties, [&](const partners::Duty& duty) {
    return duty.queue == queue &&
           (!duty.person_absent || (duty.deputy.has_value() && !duty.deputy_absent));
  });
  const bool wanted = count.queue == intake::Queue::kImminent || count.waiting > 0 ||
                      (!duties.empty() && count.queue != intake::Queue::kFlood);
  return wanted && !there;
}

}  // namespace

Result<alarms::IntakeState> Desk::look_now() {
  const std::string tenant_id = system_actor().tenant_id;
  const UtcMs now_ms = clock_.now_ms();
  const auto config = settings_();
  alarms::IntakeState state;
  state.on = !config->intake.listen.empty() || !config->intake.maildir.empty();
  state.mail_failing = mail_failing_.load();
  TUTELA_TRY(pipeline_.database().read([&](store::Transaction& transaction) {
    return ask_store(transaction, tenant_id, now_ms, state);
  }));
  TUTELA_TRY_ASSIGN(const std::vector<intake::QueueCount> counts, notices_.counts(tenant_id));
  TUTELA_TRY_ASSIGN(const std::vector<partners::Duty> duties, partners_.duties(tenant_id));
  for (const intake::QueueCount& count : counts) {
    state.queues.push_back({std::string(to_string(count.queue)),
                            count.waiting,
                            count.due_soon,
                            count.overdue,
                            lacks_duty(count, duties)});
  }
  TUTELA_TRY_ASSIGN(const std::vector<partners::Partner> all, partners_.list(tenant_id, false));
  state.partners_stale = std::ranges::count_if(all, &partners::Partner::stale);
  return state;
}

Status Desk::look() {
  TUTELA_TRY_ASSIGN(const alarms::IntakeState now, look_now());
  std::optional<std::vector<intake::Kept>> kept;
  if (looks_++ % kSeldom == 0) {
    TUTELA_TRY_ASSIGN(kept, notices_.kept(system_actor().tenant_id, kKeptDays));
  }
  const MutexLock lock(mutex_);
  state_ = now;
  if (kept) {
    figures_.kept = *std::move(kept);
  }
  return ok();
}

}  // namespace tutela::intake_service
