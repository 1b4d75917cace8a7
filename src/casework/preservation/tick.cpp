// The clock: what is due, and whether the time can be trusted.
#include <algorithm>

#include "base/check.hpp"
#include "base/fault.hpp"
#include "casework/preservation/preservation.hpp"
#include "casework/preservation/rows.hpp"
#include "custody/audit/entry.hpp"

namespace tutela::preservation {
namespace {

using store::Transaction;

constexpr std::int64_t kBatch = 100;
constexpr UtcMs kHourMs = 3'600'000;
// No clock that is right shows an earlier time: 2026-01-01. One that starts in 1970 is not
// believed.
constexpr UtcMs kEarliestMs = 1'767'225'600'000;

Status audit_clock(Transaction& transaction,
                   const store::Actor& actor,
                   UtcMs now_ms,
                   std::string_view action) {
  return audit::add(
      transaction, actor, now_ms, {std::string(action), "preservation:clock", "", "ok"});
}

Status save_clock(Transaction& transaction, const ClockRow& row, bool is_new) {
  const std::string_view sql =
      is_new ? "INSERT INTO preservation_clock (id, seen_ms, jump_ms) VALUES (1, :seen, :jump)"
             : "UPDATE preservation_clock SET seen_ms = :seen, jump_ms = :jump WHERE id = 1";
  TUTELA_TRY(transaction.execute(sql, {row.seen_ms, store::to_value(row.jump_ms)}));
  return ok();
}

ClockHealth health_of(const std::optional<ClockRow>& row, UtcMs now_ms, const Rules& rules) {
  if (!row) {
    return now_ms < kEarliestMs ? ClockHealth::kBehind : ClockHealth::kSane;
  }
  // A leap that was seen is over when the clock is right again, which the next tick notes.
  if (has_jumped(*row, now_ms, rules)) {
    return ClockHealth::kJumped;
  }
  return now_ms < row->seen_ms - kHourMs ? ClockHealth::kBehind : ClockHealth::kSane;
}

}  // namespace

Result<ClockHealth> Preservation::observe_clock() {
  ClockHealth health = ClockHealth::kSane;
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    const UtcMs now_ms = clock_.now_ms();
    const store::Actor system = system_actor("default");
    TUTELA_TRY_ASSIGN(const std::optional<ClockRow> before, read_clock(transaction));
    if (now_ms < kEarliestMs) {
      return Error{ErrorKind::kUnavailable,
                   "clock.bad",
                   "the clock of this machine shows a time before 2026: nothing is done by it"};
    }
    if (!before) {
      health = ClockHealth::kSane;
      return save_clock(transaction, {now_ms, std::nullopt}, true);
    }
    if (has_jumped({before->seen_ms, std::nullopt}, now_ms, rules_)) {
      health = ClockHealth::kJumped;
      if (before->jump_ms) {
        return ok();
      }
      TUTELA_TRY(audit_clock(transaction, system, now_ms, "clock.jump"));
      return save_clock(transaction, {before->seen_ms, now_ms}, false);
    }
    if (before->jump_ms) {
      TUTELA_TRY(audit_clock(transaction, system, now_ms, "clock.sane"));
    }
    const ClockRow row{std::max(before->seen_ms, now_ms), std::nullopt};
    health = health_of(row, now_ms, rules_);
    return save_clock(transaction, row, false);
  }));
  return health;
}

Result<ClockStatus> Preservation::clock_status() {
  ClockStatus status;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const std::optional<ClockRow> row, read_clock(transaction));
    status.now_ms = clock_.now_ms();
    status.health = health_of(row, status.now_ms, rules_);
    if (row) {
      status.seen_ms = row->seen_ms;
    }
    return ok();
  }));
  return status;
}

Status Preservation::confirm_clock(const store::Actor& actor, UtcMs shown_ms) {
  TUTELA_TRY(check_person(actor));
  return database_.write([&](Transaction& transaction) -> Status {
    const UtcMs now_ms = clock_.now_ms();
    TUTELA_TRY_ASSIGN(const std::optional<ClockRow> row, read_clock(transaction));
    if (!row || health_of(row, now_ms, rules_) == ClockHealth::kSane) {
      return Error{ErrorKind::kConflict, "clock.sane", "the clock needs no confirmation"};
    }
    if (now_ms < kEarliestMs || now_ms - kDayMs > shown_ms || now_ms + kDayMs < shown_ms) {
      return Error{ErrorKind::kConflict,
                   "clock.changed",
                   "the clock does not show the time that is to be confirmed: look again"};
    }
    TUTELA_TRY(audit_clock(transaction, actor, now_ms, "clock.confirm"));
    return save_clock(transaction, {now_ms, std::nullopt}, false);
  });
}

Result<TickReport> Preservation::tick(const std::function<bool()>& stop_requested) {
  TUTELA_CHECK(signer_.has_value());
  TUTELA_TRY_ASSIGN(const ClockHealth health, observe_clock());
  TUTELA_FAULT_POINT("preservation.after_clock");
  if (health == ClockHealth::kJumped) {
    return clock_jumped();
  }
  TickReport report;
  // A clock that is behind makes nothing due that was not before; what begins is counted from the
  // time that was seen.
  TUTELA_TRY(adopt(stop_requested, report));
  TUTELA_TRY(move_due(stop_requested, report));
  Status disposed = dispose_by_policy(stop_requested, report);
  TUTELA_TRY(finish_all(stop_requested, report));  // whatever policy could not decide
  TUTELA_TRY(std::move(disposed));
  return report;
}

Status Preservation::adopt(const std::function<bool()>& stop_requested, TickReport& report) {
  for (bool more = true; more && !stop_requested();) {
    std::int64_t adopted = 0;
    TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
      TUTELA_TRY_ASSIGN(std::vector<Object> objects, objects_without_clock(transaction, kBatch));
      for (Object& object : objects) {
        TUTELA_TRY(adopt_object(transaction, object, rules_, clock_.now_ms()));
      }
      adopted = static_cast<std::int64_t>(objects.size());
      return ok();
    }));
    TUTELA_FAULT_POINT("preservation.after_adopt");
    report.adopted += adopted;
    more = adopted == kBatch;
  }
  return ok();
}

Status Preservation::move_due(const std::function<bool()>& stop_requested, TickReport& report) {
  for (bool more = true; more && !stop_requested();) {
    std::int64_t due = 0;
    std::size_t seen = 0;
    TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
      const UtcMs now_ms = clock_.now_ms();
      due = 0;
      TUTELA_TRY_ASSIGN(const std::optional<ClockRow> clock, read_clock(transaction));
      if (clock && has_jumped(*clock, now_ms, rules_)) {
        return clock_jumped();
      }
      TUTELA_TRY_ASSIGN(std::vector<Object> objects,
                        objects_ended(transaction, vault::State::kKept, now_ms, kBatch));
      for (Object& object : objects) {
        const store::Actor system = system_actor(object.tenant_id);
        if (object.under_hold) {
          TUTELA_TRY(settle(transaction, system, object, false, "hold.set", now_ms));
          continue;
        }
        TUTELA_TRY(move_state(transaction, system, object, vault::State::kDue, "expired", now_ms));
        ++due;
      }
      seen = objects.size();
      return ok();
    }));
    TUTELA_FAULT_POINT("preservation.after_due");
    report.due += due;
    more = seen == kBatch;
  }
  return ok();
}

}  // namespace tutela::preservation
