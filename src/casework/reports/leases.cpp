// Leases and the journal: what the filer does to a released report.
//
// The lease is a number that only grows. Whoever has not the newest one writes nothing.
#include <algorithm>

#include "base/fault.hpp"
#include "casework/reports/rows.hpp"

namespace tutela::reports {

using store::Row;
using store::Transaction;
using store::Value;

namespace {

constexpr std::size_t kNamesMax = 32;
constexpr std::size_t kDescriptionMax = 2000;
constexpr std::size_t kWordMax = 200;

// Text of the outside: bounded, in one line, without what a row may not hold.
std::string cleaned(std::string_view text, std::size_t max) {
  std::size_t size = std::min(text.size(), max);
  while (size > 0 && size < text.size() &&
         (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) {
    --size;
  }
  std::string clean(text.substr(0, size));
  std::ranges::replace_if(
      clean, [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == 0x7F; }, ' ');
  return clean;
}

bool is_code(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  });
}

Result<std::optional<Stored>> find_due(Transaction& transaction,
                                       const std::vector<std::string>& names,
                                       Which which,
                                       UtcMs now_ms) {
  std::vector<Value> values = {now_ms, now_ms};
  std::string of_names;
  for (const std::string& name : names) {
    of_names += (of_names.empty() ? ":name" : ", :name") + std::to_string(values.size());
    values.emplace_back(name);
  }
  std::optional<Stored> due;
  TUTELA_TRY(transaction.query(
      "SELECT " + std::string(kReportColumns) +
          " FROM report r WHERE r.next_at_ms IS NOT NULL AND r.next_at_ms <= :now AND "
          "(r.lease_until_ms IS NULL OR r.lease_until_ms <= :ended) AND r.authority IN (" +
          of_names + ")" + (which == Which::kUrgent ? " AND r.priority = 0" : "") +
          " ORDER BY r.priority, r.due_ms, r.id LIMIT 1",
      values,
      [&](const Row& row) -> Status {
        TUTELA_TRY_ASSIGN(due, read_row(row));
        return ok();
      }));
  return due;
}

Status set_lease(Transaction& transaction, const Stored& stored) {
  TUTELA_TRY(transaction.execute(
      "UPDATE report SET lease = :lease, lease_until_ms = :until WHERE id = :id",
      {stored.lease, store::to_value(stored.lease_until_ms), to_string(stored.of.id)}));
  TUTELA_FAULT_POINT("reports.after_lease");
  return ok();
}

Result<Leased> read_leased(Transaction& transaction, Stored stored) {
  Leased leased;
  leased.lease = stored.lease;
  leased.lease_until_ms = stored.lease_until_ms.value_or(0);
  TUTELA_TRY_ASSIGN(leased.files, read_files(transaction, stored.of.id));
  TUTELA_TRY_ASSIGN(leased.journal, read_journal(transaction, stored));
  TUTELA_TRY_ASSIGN(leased.document, read_document(transaction, stored.of.id, stored.of.document));
  leased.of = std::move(stored.of);
  return leased;
}

// As it is now, if it is still this holder's.
Result<Stored> read_held(Transaction& transaction, const Leased& leased) {
  TUTELA_TRY_ASSIGN(Stored stored, read_report(transaction, leased.of.tenant_id, leased.of.id));
  if (stored.of.state != State::kReleased || stored.lease != leased.lease) {
    return Error{ErrorKind::kConflict,
                 "report.lost_lease",
                 "somebody else has taken this report; leave it alone"};
  }
  return stored;
}

Status write_answer(Transaction& transaction, const Uuid& id, const StepRow& step, UtcMs now_ms) {
  if (step.phase == Phase::kBegun) {
    return Error{ErrorKind::kInternal, "report.no_answer", "this is no answer of a step"};
  }
  TUTELA_TRY_ASSIGN(
      const std::int64_t changed,
      transaction.execute(
          "UPDATE report_step SET phase = :phase, authority_id = CASE WHEN step IN ('submit', "
          "'deliver') THEN :authority_id ELSE authority_id END, file_id = CASE WHEN step = "
          "'upload' THEN :file_id ELSE file_id END, code = :code, http_status = :status, "
          "description = :description, request_ref = :ref, ended_ms = :at WHERE id = :id AND "
          "report_id = :report AND phase = 'begun'",
          {std::string(to_string(step.phase)),
           cleaned(step.authority_id, kWordMax),
           cleaned(step.file_id, kWordMax),
           store::to_value(step.code),
           store::to_value(step.http_status),
           cleaned(step.description, kDescriptionMax),
           cleaned(step.request_ref, kWordMax),
           now_ms,
           step.id,
           to_string(id)}));
  if (changed != 1) {
    return Error{ErrorKind::kConflict, "report.step_ended", "this step has its answer already"};
  }
  TUTELA_FAULT_POINT("reports.after_step");
  return ok();
}

// Only an answer makes a report finished.
Status check_finished(Transaction& transaction, const Stored& stored) {
  TUTELA_TRY_ASSIGN(const std::vector<StepRow> last, read_steps(transaction, stored, 1));
  const bool proved = !last.empty() &&
                      (last.back().phase == Phase::kFinished ||
                       (last.back().phase == Phase::kDone &&
                        (last.back().step == Step::kFinish || last.back().step == Step::kDeliver)));
  if (!proved) {
    return Error{ErrorKind::kConflict,
                 "report.not_finished",
                 "the journal has no answer that says that the report is finished"};
  }
  return ok();
}

}  // namespace

Result<std::optional<Leased>> Reports::lease(const std::vector<std::string>& names,
                                             std::int64_t lease_ms,
                                             Which which) {
  std::optional<Leased> leased;
  if (names.empty()) {
    return leased;
  }
  if (names.size() > kNamesMax || lease_ms < 1) {
    return Error{ErrorKind::kInternal, "report.bad_lease", "too many authorities, or no time"};
  }
  // Mostly there is nothing to do: that takes no lock.
  bool due = false;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const std::optional<Stored> found,
                      find_due(transaction, names, which, clock_.now_ms()));
    due = found.has_value();
    return ok();
  }));
  if (!due) {
    return leased;
  }
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    leased.reset();
    const UtcMs now_ms = clock_.now_ms();
    TUTELA_TRY_ASSIGN(std::optional<Stored> found, find_due(transaction, names, which, now_ms));
    if (!found) {
      return ok();
    }
    ++found->lease;
    found->lease_until_ms = now_ms + lease_ms;
    TUTELA_TRY(set_lease(transaction, *found));
    TUTELA_TRY_ASSIGN(leased, read_leased(transaction, *std::move(found)));
    return ok();
  }));
  return leased;
}

Result<StepRow> Reports::begin(const Leased& leased, const Next& next, std::int64_t lease_ms) {
  if (next.what != Do::kStep || lease_ms < 1) {
    return Error{ErrorKind::kInternal, "report.no_step", "there is no step to begin"};
  }
  StepRow step;
  step.round = next.round;
  step.step = next.step;
  step.file = next.file;
  step.authority_id = next.authority_id;
  step.file_id = next.file_id;
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(Stored stored, read_held(transaction, leased));
    step.begun_ms = clock_.now_ms();
    TUTELA_TRY(transaction.execute(
        "INSERT INTO report_step (report_id, tenant_id, principal_id, round, step, file, "
        "authority_id, file_id, phase, description, request_ref, begun_ms) VALUES (:id, :tenant, "
        "'system', :round, :step, :file, :authority_id, :file_id, 'begun', '', '', :at)",
        {to_string(stored.of.id),
         stored.of.tenant_id,
         step.round,
         std::string(to_string(step.step)),
         step.file,
         step.authority_id,
         step.file_id,
         step.begun_ms}));
    TUTELA_TRY_ASSIGN(step.id, transaction.last_insert_id());
    TUTELA_FAULT_POINT("reports.after_step");
    stored.lease_until_ms = step.begun_ms + lease_ms;
    TUTELA_TRY(set_lease(transaction, stored));
    return record(transaction,
                  system_actor(stored.of.tenant_id),
                  "report.step",
                  stored.of.id,
                  step.begun_ms,
                  to_string(step.step));
  }));
  return step;
}

Status Reports::renew(const Leased& leased, std::int64_t lease_ms) {
  return database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(Stored stored, read_held(transaction, leased));
    stored.lease_until_ms = clock_.now_ms() + std::max<std::int64_t>(lease_ms, 1);
    return set_lease(transaction, stored);
  });
}

Status Reports::end(const Leased& leased, const StepRow& step) {
  return database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY(read_held(transaction, leased));
    return write_answer(transaction, leased.of.id, step, clock_.now_ms());
  });
}

Status Reports::put_off(const Leased& leased,
                        std::string_view failure,
                        std::optional<UtcMs> next_at_ms) {
  if (!is_code(failure)) {
    return Error{ErrorKind::kInternal, "report.bad_failure", "a failure is said by its code"};
  }
  return database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(Stored stored, read_held(transaction, leased));
    const UtcMs now_ms = clock_.now_ms();
    const store::Actor system = system_actor(stored.of.tenant_id);
    end_filing(stored);
    ++stored.of.attempts;
    stored.of.failing_since_ms = stored.of.failing_since_ms.value_or(now_ms);
    stored.of.failure = failure;
    stored.of.next_at_ms = next_at_ms;
    stored.of.state = next_at_ms ? State::kReleased : State::kWaiting;
    TUTELA_TRY(update_report(transaction, stored));
    return record(transaction,
                  system,
                  next_at_ms ? "report.put_off" : "report.wait",
                  stored.of.id,
                  now_ms,
                  failure);
  });
}

Status Reports::finish(const Leased& leased,
                       const Receipt& receipt,
                       const std::optional<StepRow>& answered) {
  return database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(Stored stored, read_held(transaction, leased));
    if (answered) {
      TUTELA_TRY(write_answer(transaction, stored.of.id, *answered, clock_.now_ms()));
    }
    TUTELA_TRY(check_finished(transaction, stored));
    const store::Actor system = system_actor(stored.of.tenant_id);
    return settle(transaction, system, stored, receipt, clock_.now_ms());
  });
}

Result<audit::Recorded> Reports::open_file(const store::Actor& actor,
                                           const Uuid& id,
                                           std::int64_t lease,
                                           std::int64_t file) {
  const auto look = [&](Transaction& transaction) -> Result<std::string> {
    TUTELA_TRY_ASSIGN(const Stored stored, read_report(transaction, actor.tenant_id, id));
    std::string evidence_id;
    TUTELA_TRY(transaction.query(
        "SELECT f.evidence_id FROM report_file f JOIN evidence e ON e.id = f.evidence_id WHERE "
        "f.report_id = :id AND f.number = :number AND e.tenant_id = :tenant",
        {to_string(id), file, actor.tenant_id},
        [&](const Row& row) -> Status {
          evidence_id = row.text(0);
          return ok();
        }));
    if (stored.of.state != State::kReleased || stored.lease != lease ||
        stored.lease_until_ms.value_or(0) <= clock_.now_ms() || evidence_id.empty()) {
      return Error{ErrorKind::kForbidden,
                   "report.not_filing",
                   "nobody files this report with this file now"};
    }
    return evidence_id;
  };
  std::string evidence_id;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(evidence_id, look(transaction));
    return ok();
  }));
  return audit::record(database_,
                       actor,
                       clock_.now_ms(),
                       {"report.upload", "evidence:" + evidence_id, "report", "ok"},
                       [&](Transaction& transaction) -> Status {
                         TUTELA_TRY_ASSIGN(const std::string now, look(transaction));
                         if (now != evidence_id) {
                           return Error{ErrorKind::kForbidden,
                                        "report.not_filing",
                                        "the file of the report has changed"};
                         }
                         return ok();
                       });
}

}  // namespace tutela::reports
