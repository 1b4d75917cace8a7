#include "casework/reports/rows.hpp"

#include <algorithm>

#include "base/fault.hpp"
#include "custody/audit/entry.hpp"
#include "custody/store/columns.hpp"

namespace tutela::reports {

using store::Row;
using store::Transaction;
using store::Value;

const std::string_view kReportColumns =
    "r.id, r.tenant_id, r.case_id, r.account, r.authority, r.environment, r.jurisdiction, "
    "r.retention_days, r.kind, r.corrects, r.state, r.version, r.document, r.priority, r.minor, "
    "r.due_ms, r.request_id, r.released_by, r.approved_by, r.released_ms, r.automatic, r.lease, "
    "r.lease_until_ms, r.next_at_ms, r.attempts, r.failing_since_ms, r.failure, r.retried_step, "
    "r.authority_id, r.simulated, r.finished_ms, r.follow_up, r.alarm_at_ms, r.at_ms, "
    "r.principal_id";

namespace {

Value to_value(const std::optional<Uuid>& id) {
  return id ? Value(to_string(*id)) : Value();
}

// What can change, in the order of insert_report() and update_report().
std::vector<Value> changeable_of(const Stored& stored) {
  const Report& of = stored.of;
  return {std::string(to_string(of.state)),
          of.version,
          of.document,
          to_value(stored.request_id),
          store::to_value(of.released_by),
          store::to_value(of.approved_by),
          store::to_value(of.released_ms),
          std::int64_t{of.automatic ? 1 : 0},
          stored.lease,
          store::to_value(stored.lease_until_ms),
          store::to_value(of.next_at_ms),
          of.attempts,
          store::to_value(of.failing_since_ms),
          of.failure,
          stored.retried_step,
          of.authority_id,
          std::int64_t{of.simulated ? 1 : 0},
          store::to_value(of.finished_ms),
          stored.follow_up,
          store::to_value(stored.alarm_at_ms),
          is_debt(of.state) ? Value(std::int64_t{1}) : Value()};
}

}  // namespace

Result<Stored> read_row(const Row& row) {
  Stored stored;
  Report& of = stored.of;
  TUTELA_TRY_ASSIGN(of.id, parse_uuid(row.text(0)));
  of.tenant_id = row.text(1);
  TUTELA_TRY_ASSIGN(of.case_id, optional_uuid(row, 2));
  of.account = optional_text(row, 3);
  of.authority = row.text(4);
  TUTELA_TRY_ASSIGN(of.environment, parse_environment(row.text(5)));
  of.jurisdiction = row.text(6);
  of.retention_days = row.integer(7);
  TUTELA_TRY_ASSIGN(of.kind, parse_kind(row.text(8)));
  TUTELA_TRY_ASSIGN(of.corrects, optional_uuid(row, 9));
  TUTELA_TRY_ASSIGN(of.state, parse_state(row.text(10)));
  of.version = row.integer(11);
  of.document = row.integer(12);
  of.urgent = row.integer(13) == 0;
  of.minor = row.integer(14) != 0;
  of.due_ms = optional_integer(row, 15);
  TUTELA_TRY_ASSIGN(stored.request_id, optional_uuid(row, 16));
  of.released_by = optional_text(row, 17);
  of.approved_by = optional_text(row, 18);
  of.released_ms = optional_integer(row, 19);
  of.automatic = row.integer(20) != 0;
  stored.lease = row.integer(21);
  stored.lease_until_ms = optional_integer(row, 22);
  of.next_at_ms = optional_integer(row, 23);
  of.attempts = row.integer(24);
  of.failing_since_ms = optional_integer(row, 25);
  of.failure = row.text(26);
  stored.retried_step = row.integer(27);
  of.authority_id = row.text(28);
  of.simulated = row.integer(29) != 0;
  of.finished_ms = optional_integer(row, 30);
  stored.follow_up = row.text(31);
  stored.alarm_at_ms = optional_integer(row, 32);
  of.created_ms = row.integer(33);
  of.created_by = row.text(34);
  return stored;
}

std::string object_name(const Uuid& id) {
  return "report:" + to_string(id);
}

store::Actor system_actor(const std::string& tenant_id) {
  return {tenant_id, "system", "system"};
}

// Characters, not bytes: what begins no sequence continues one.
std::size_t characters_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool is_text(std::string_view text, std::size_t characters_max) {
  return !is_blank(text) && text.find('\0') == text.npos && text.size() <= 4 * characters_max &&
         characters_of(text) <= characters_max;
}

Status check_role(const Person& person, bool minor) {
  if (!person.is_legal && (minor || !person.is_lead)) {
    return Error{ErrorKind::kForbidden,
                 "report.role",
                 minor ? "the person reported may be a minor: a legal officer decides"
                       : "this is for a lead or a legal officer"};
  }
  return ok();
}

Result<Stored> read_report(Transaction& transaction, const std::string& tenant_id, const Uuid& id) {
  static const std::string kSql = "SELECT " + std::string(kReportColumns) +
                                  " FROM report r WHERE r.id = :id AND r.tenant_id = :tenant";
  std::optional<Stored> found;
  TUTELA_TRY(transaction.query(kSql, {to_string(id), tenant_id}, [&](const Row& row) -> Status {
    TUTELA_TRY_ASSIGN(found, read_row(row));
    return ok();
  }));
  if (!found) {
    return Error{ErrorKind::kNotFound, "report.not_found", "there is no report with this id"};
  }
  return *std::move(found);
}

Status insert_report(Transaction& transaction, const Stored& stored) {
  const Report& of = stored.of;
  std::vector<Value> values = {to_string(of.id),
                               of.tenant_id,
                               of.created_by,
                               to_value(of.case_id),
                               store::to_value(of.account),
                               of.authority,
                               std::string(to_string(of.environment)),
                               of.jurisdiction,
                               of.retention_days,
                               std::string(to_string(of.kind)),
                               to_value(of.corrects),
                               std::int64_t{of.urgent ? 0 : 1},
                               std::int64_t{of.minor ? 1 : 0},
                               store::to_value(of.due_ms),
                               of.created_ms};
  const std::vector<Value> changeable = changeable_of(stored);
  values.insert(values.end(), changeable.begin(), changeable.end());
  TUTELA_TRY(transaction.execute(
      "INSERT INTO report (id, tenant_id, principal_id, case_id, account, authority, environment, "
      "jurisdiction, retention_days, kind, corrects, priority, minor, due_ms, at_ms, state, "
      "version, document, request_id, released_by, approved_by, released_ms, automatic, lease, "
      "lease_until_ms, next_at_ms, attempts, failing_since_ms, failure, retried_step, "
      "authority_id, simulated, finished_ms, follow_up, alarm_at_ms, waiting) VALUES (:id, "
      ":tenant, :principal, :case_id, :account, :authority, :environment, :jurisdiction, "
      ":retention, :kind, :corrects, :priority, :minor, :due, :at, :state, :version, :document, "
      ":request, :released_by, :approved_by, :released, :automatic, :lease, :lease_until, "
      ":next_at, :attempts, :failing_since, :failure, :retried, :authority_id, :simulated, "
      ":finished, :follow_up, :alarm, :waiting)",
      values));
  TUTELA_FAULT_POINT("reports.after_row");
  return ok();
}

Status update_report(Transaction& transaction, Stored& stored) {
  Stored next = stored;
  ++next.of.version;
  std::vector<Value> values = changeable_of(next);
  values.insert(values.end(), {to_string(stored.of.id), stored.of.version});
  TUTELA_TRY_ASSIGN(
      const std::int64_t changed,
      transaction.execute(
          "UPDATE report SET state = :state, version = :version, document = :document, request_id "
          "= :request, released_by = :released_by, approved_by = :approved_by, released_ms = "
          ":released, automatic = :automatic, lease = :lease, lease_until_ms = :lease_until, "
          "next_at_ms = :next_at, attempts = :attempts, failing_since_ms = :failing_since, failure "
          "= :failure, retried_step = :retried, authority_id = :authority_id, simulated = "
          ":simulated, finished_ms = :finished, follow_up = :follow_up, alarm_at_ms = :alarm, "
          "waiting = :waiting WHERE id = :id AND version = :seen",
          values));
  if (changed != 1) {
    return Error{ErrorKind::kInternal, "report.row", "a report changed inside its unit of work"};
  }
  stored.of.version = next.of.version;
  TUTELA_FAULT_POINT("reports.after_row");
  return ok();
}

Status record(Transaction& transaction,
              const store::Actor& actor,
              std::string_view action,
              const Uuid& id,
              UtcMs now_ms,
              std::string_view purpose) {
  TUTELA_TRY(audit::add(transaction,
                        actor,
                        now_ms,
                        {std::string(action), object_name(id), std::string(purpose), "ok"}));
  TUTELA_FAULT_POINT("reports.after_entry");
  return ok();
}

void end_filing(Stored& stored) {
  ++stored.lease;
  stored.lease_until_ms.reset();
  stored.of.next_at_ms.reset();
}

Status take_back_request(Transaction& transaction,
                         dual_control::DualControl& dual_control,
                         const store::Actor& actor,
                         Stored& stored) {
  if (stored.request_id) {
    TUTELA_TRY(dual_control.lapse(transaction, actor, *stored.request_id));
    stored.request_id.reset();
  }
  return ok();
}

}  // namespace tutela::reports
