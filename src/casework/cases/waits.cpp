// Figures of what waits now: each is read from an index that holds nothing else.
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "casework/cases/cases.hpp"
#include "casework/cases/rows.hpp"

namespace tutela::cases {

using store::Row;
using store::Transaction;
using store::Value;

namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;
constexpr std::array kQueues = {
    Queue::kUrgent, Queue::kStandard, Queue::kSelfReported, Queue::kLegal};

// One number of what waits in a queue for a person.
class Counting {
 public:
  Counting(Transaction& transaction, const Person& person, Queue queue)
      : transaction_(transaction), person_(person), queue_(queue) {}

  [[nodiscard]] Result<std::optional<std::int64_t>> get(std::string_view what,
                                                        std::string_view condition,
                                                        const std::vector<Value>& more) const {
    std::string sql = "SELECT " + std::string(what) + " FROM ";
    std::vector<Value> values;
    if (person_.assigned_only) {
      sql +=
          "case_assignment a CROSS JOIN review_case r WHERE a.tenant_id = :of_tenant AND "
          "a.assignee = :assignee AND r.id = a.case_ref AND ";
      values = {person_.actor.tenant_id, person_.actor.principal_id};
    } else {
      sql += "review_case r WHERE ";
    }
    sql += "r.tenant_id = :tenant AND r.waiting = :queue" + std::string(condition);
    values.insert(values.end(), {person_.actor.tenant_id, std::string(to_string(queue_))});
    values.insert(values.end(), more.begin(), more.end());
    std::optional<std::int64_t> number;
    TUTELA_TRY(transaction_.query(sql, values, [&](const Row& row) -> Status {
      number = row.is_null(0) ? std::nullopt : std::optional(row.integer(0));
      return ok();
    }));
    return number;
  }

 private:
  Transaction& transaction_;
  const Person& person_;
  Queue queue_;
};

Result<std::vector<QueueCount>> read_counts(Transaction& transaction,
                                            const Person& person,
                                            UtcMs now_ms) {
  std::vector<QueueCount> counts;
  for (const Queue queue : kQueues) {
    QueueCount& count = counts.emplace_back();
    count.queue = queue;
    const Counting counting(transaction, person, queue);
    TUTELA_TRY_ASSIGN(const auto waiting, counting.get("COUNT(*)", "", {}));
    count.waiting = waiting.value_or(0);
    TUTELA_TRY_ASSIGN(const auto overdue,
                      counting.get("COUNT(*)", " AND r.due_ms < :now", {now_ms}));
    count.overdue = overdue.value_or(0);
    TUTELA_TRY_ASSIGN(count.oldest_ms, counting.get("MIN(r.opened_ms)", "", {}));
    // Read by its index of locks: they are few.
    TUTELA_TRY_ASSIGN(
        const auto locked,
        counting.get(
            "COUNT(*)", " AND r.lock_by IS NOT NULL AND r.lock_until_ms > :now", {now_ms}));
    count.locked = locked.value_or(0);
  }
  return counts;
}

Status read_number(Transaction& transaction,
                   std::string_view sql,
                   const std::vector<Value>& values,
                   std::int64_t& number) {
  return transaction.query(sql, values, [&](const Row& row) {
    number = row.integer(0);
    return ok();
  });
}

Status read_rest(Transaction& transaction, const std::string& tenant_id, Waits& waits) {
  TUTELA_TRY(transaction.query(
      "SELECT state, COUNT(*) FROM review_case WHERE tenant_id = :tenant_id AND state IN "
      "('second_look', 'disagreement') GROUP BY state",
      {tenant_id},
      [&](const Row& row) {
        (row.text(0) == "second_look" ? waits.second_looks : waits.disagreements) = row.integer(1);
        return ok();
      }));
  TUTELA_TRY(transaction.query(
      "SELECT COUNT(*), MIN(report_due_ms) FROM review_case WHERE tenant_id = :tenant_id AND "
      "report_due_ms IS NOT NULL AND reported_ms IS NULL",
      {tenant_id},
      [&](const Row& row) {
        waits.reports_due = row.integer(0);
        if (!row.is_null(1)) {
          waits.next_report_due_ms = row.integer(1);
        }
        return ok();
      }));
  TUTELA_TRY(read_number(
      transaction,
      "SELECT COUNT(*) FROM case_action WHERE tenant_id = :tenant_id AND state <> 'done'",
      {tenant_id},
      waits.owed_actions));
  return read_number(
      transaction,
      "SELECT COUNT(*) FROM case_appeal WHERE tenant_id = :tenant_id AND state = 'asked'",
      {tenant_id},
      waits.appeals);
}

}  // namespace

Result<std::vector<QueueCount>> Cases::counts(const Person& person) {
  std::vector<QueueCount> counts;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(counts, read_counts(transaction, person, clock_.now_ms()));
    return ok();
  }));
  return counts;
}

Result<Waits> Cases::waits(const std::string& tenant_id) {
  Person everybody;
  everybody.actor.tenant_id = tenant_id;
  Waits waits;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(waits.queues, read_counts(transaction, everybody, clock_.now_ms()));
    return read_rest(transaction, tenant_id, waits);
  }));
  return waits;
}

Result<std::map<Queue, std::int64_t>> Cases::locked(const std::string& tenant_id) {
  std::map<Queue, std::int64_t> locked;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    // Counted here: asked for groups, SQLite reads the whole queue in their order.
    return transaction.query(
        "SELECT waiting FROM review_case WHERE tenant_id = :tenant_id AND "
        "lock_by IS NOT NULL AND lock_until_ms > :now_ms",
        {tenant_id, clock_.now_ms()},
        [&](const Row& row) -> Status {
          if (!row.is_null(0)) {
            TUTELA_TRY_ASSIGN(const Queue queue, parse_queue(row.text(0)));
            ++locked[queue];
          }
          return ok();
        });
  }));
  return locked;
}

Result<std::int64_t> Cases::locked_by(const store::Actor& actor) {
  std::int64_t locked = 0;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return read_number(transaction,
                       "SELECT COUNT(*) FROM review_case WHERE tenant_id = :tenant_id AND lock_by "
                       "= :lock_by AND lock_until_ms > :now_ms AND " +
                           std::string(kUndecided),
                       {actor.tenant_id, actor.principal_id, clock_.now_ms()},
                       locked);
  }));
  return locked;
}

Result<std::vector<QueueAges>> Cases::ages(const std::string& tenant_id) {
  std::vector<QueueAges> ages;
  const UtcMs now_ms = clock_.now_ms();
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT waiting, SUM(CASE WHEN opened_ms > :hour THEN 1 ELSE 0 END), SUM(CASE WHEN "
        "opened_ms > :day THEN 1 ELSE 0 END), SUM(CASE WHEN opened_ms > :week THEN 1 ELSE 0 END), "
        "COUNT(*) FROM review_case WHERE tenant_id = :tenant_id AND waiting IS NOT NULL GROUP BY "
        "waiting",
        {now_ms - kHourMs, now_ms - kDayMs, now_ms - 7 * kDayMs, tenant_id},
        [&](const Row& row) -> Status {
          TUTELA_TRY_ASSIGN(const Queue queue, parse_queue(row.text(0)));
          const std::int64_t hour = row.integer(1);
          const std::int64_t day = row.integer(2);
          const std::int64_t week = row.integer(3);
          ages.push_back({queue, {hour, day - hour, week - day, row.integer(4) - week}});
          return ok();
        });
  }));
  return ages;
}

}  // namespace tutela::cases
