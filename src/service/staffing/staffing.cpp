#include "service/staffing/staffing.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string_view>

#include "casework/intake/model.hpp"

namespace tutela::staffing {

using partners::Load;

using store::Row;
using store::Transaction;

namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;
constexpr std::int64_t kArrivalDays = 7;
constexpr std::int64_t kAnswerDays = 28;
constexpr std::int64_t kAnswersLookedAt = 20'000;
constexpr std::size_t kAnswersEnough = 5;

using ByQueue = std::map<std::string, Load, std::less<>>;

/// Of a queue that this version does not know, nothing.
Load* of_queue(ByQueue& loads, const std::string& queue) {
  const auto found = loads.find(queue);
  return found == loads.end() ? nullptr : &found->second;
}

Status read_waiting(Transaction& transaction, const std::string& tenant_id, ByQueue& loads) {
  return transaction.query(
      "SELECT queue, COUNT(*), MIN(due_ms) FROM notice WHERE tenant_id = :tenant AND waiting = 1 "
      "GROUP BY queue",
      {tenant_id},
      [&](const Row& row) -> Status {
        if (Load* load = of_queue(loads, row.text(0)); load != nullptr) {
          load->waiting = row.integer(1);
          load->next_due_ms = row.integer(2);
        }
        return ok();
      });
}

/// From the counts of days: a young server has fewer of them.
Status read_arrivals(Transaction& transaction,
                     const std::string& tenant_id,
                     UtcMs now_ms,
                     ByQueue& loads) {
  const UtcMs since_ms = now_ms - now_ms % kDayMs - kArrivalDays * kDayMs;
  UtcMs first_ms = now_ms;
  TUTELA_TRY(transaction.query(
      "SELECT queue, SUM(received), MIN(day_ms) FROM notice_promise_day WHERE tenant_id = :tenant "
      "AND day_ms >= :since GROUP BY queue",
      {tenant_id, since_ms},
      [&](const Row& row) -> Status {
        first_ms = std::min(first_ms, row.integer(2));
        if (Load* load = of_queue(loads, row.text(0)); load != nullptr) {
          load->arrivals_per_hour = static_cast<double>(row.integer(1));
        }
        return ok();
      }));
  const UtcMs span_ms = std::max(now_ms - first_ms, kDayMs);
  for (auto& [queue, load] : loads) {
    load.arrivals_per_hour *= static_cast<double>(kHourMs) / static_cast<double>(span_ms);
  }
  return ok();
}

/// Medians: what waited overnight between taking and answering moves them little.
Status read_minutes(Transaction& transaction,
                    const std::string& tenant_id,
                    UtcMs now_ms,
                    ByQueue& loads) {
  std::map<std::string, std::vector<std::int64_t>> took;
  TUTELA_TRY(transaction.query(
      "SELECT queue, answered_ms - taken_ms FROM (SELECT queue, answered_ms, taken_ms FROM notice "
      "WHERE tenant_id = :tenant AND received_ms >= :since ORDER BY received_ms DESC LIMIT " +
          std::to_string(kAnswersLookedAt) +
          ") AS looked WHERE answered_ms IS NOT NULL AND taken_ms IS NOT NULL AND answered_ms >= "
          "taken_ms",
      {tenant_id, now_ms - kAnswerDays * kDayMs},
      [&](const Row& row) -> Status {
        took[row.text(0)].push_back(row.integer(1));
        return ok();
      }));
  for (auto& [queue, times] : took) {
    Load* load = of_queue(loads, queue);
    if (load == nullptr || times.size() < kAnswersEnough) {
      continue;
    }
    const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::nth_element(times.begin(), middle, times.end());
    // Answered at once counts as a minute: nothing takes no time.
    load->minutes_each = std::max(1.0, static_cast<double>(*middle) / 60'000);
  }
  return ok();
}

}  // namespace

Result<Workload> workload_of(Transaction& transaction,
                             const std::string& tenant_id,
                             const intake::Promises& promises,
                             UtcMs now_ms) {
  ByQueue loads;
  for (const intake::Queue queue : intake::kQueues) {
    Load& load = loads[std::string(to_string(queue))];
    load.queue = to_string(queue);
    load.promise_ms = promises.ms.at(static_cast<std::size_t>(queue));
    load.due_of = [promises, queue](UtcMs from_ms) {
      return intake::due_of(promises, queue, from_ms).due_ms;
    };
  }
  TUTELA_TRY(read_waiting(transaction, tenant_id, loads));
  TUTELA_TRY(read_arrivals(transaction, tenant_id, now_ms, loads));
  TUTELA_TRY(read_minutes(transaction, tenant_id, now_ms, loads));
  TUTELA_TRY_ASSIGN(const auto shifts, partners::spans_of(transaction, tenant_id, "shift", now_ms));
  TUTELA_TRY_ASSIGN(const auto absences,
                    partners::spans_of(transaction, tenant_id, "absence", now_ms));
  Workload workload;
  for (const intake::Queue queue : intake::kQueues) {
    workload.loads.push_back(loads.find(to_string(queue))->second);
  }
  std::vector<Load> needing = workload.loads;
  std::erase_if(needing,
                [](const Load& load) { return load.queue == to_string(intake::Queue::kFlood); });
  workload.staffing =
      partners::staffing_of(needing, partners::without_absences(shifts, absences), now_ms);
  return workload;
}

}  // namespace tutela::staffing
