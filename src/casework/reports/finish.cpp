// Finish: what is written when an authority has a report, and what follows it.
#include <algorithm>

#include <boost/json.hpp>

#include "base/bytes.hpp"
#include "base/fault.hpp"
#include "casework/reports/command.hpp"
#include "casework/reports/rows.hpp"
#include "crypto/base64.hpp"

namespace tutela::reports {

namespace json = boost::json;
using store::Row;
using store::Transaction;

namespace {

constexpr std::size_t kReferenceMax = 128;
constexpr std::size_t kRawMax = 1U << 20;
constexpr std::size_t kIdMax = 200;
constexpr std::size_t kFollowUpsMax = 200;
constexpr std::int64_t kAlarmsMax = 200;

Status check_receipt(const Receipt& receipt) {
  const auto is_id = [](const std::string& text) {
    return text.size() <= kIdMax &&
           std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7F; });
  };
  const bool known =
      receipt.how == "answer" || receipt.how == "doubt_resolved" || receipt.how == "by_hand";
  if (!known || receipt.raw.size() > kRawMax || !is_id(receipt.authority_id) ||
      receipt.file_ids.size() > kFilesMax || !std::ranges::all_of(receipt.file_ids, is_id)) {
    return Error{ErrorKind::kInvalidInput,
                 "report.bad_receipt",
                 "a receipt has an answer of at most 1 MiB and ids of printable ASCII"};
  }
  return ok();
}

json::object about(const Report& of) {
  json::object payload = {{"report", to_string(of.id)},
                          {"authority", of.authority},
                          {"environment", to_string(of.environment)}};
  if (of.case_id) {
    payload["case"] = to_string(*of.case_id);
  }
  return payload;
}

Status tell_alarm(Transaction& transaction, Stored& stored, UtcMs now_ms) {
  const Report& of = stored.of;
  const store::Actor system = system_actor(of.tenant_id);
  const bool past = now_ms >= of.due_ms.value_or(now_ms);
  json::object payload = about(of);
  payload["stage"] = past ? "past" : "near";
  payload["state"] = to_string(of.state);
  payload["urgent"] = of.urgent;
  payload["due_at"] = to_rfc3339(of.due_ms.value_or(now_ms));
  TUTELA_TRY(
      store::add_outbox(transaction,
                        system,
                        now_ms,
                        {"alarm.report_due", to_string(of.id), 1, json::serialize(payload)}));
  TUTELA_FAULT_POINT("reports.after_message");
  stored.alarm_at_ms = past ? std::nullopt : of.due_ms;
  // No new version: nothing that a person could have seen is different.
  TUTELA_TRY(transaction.execute("UPDATE report SET alarm_at_ms = :alarm WHERE id = :id",
                                 {store::to_value(stored.alarm_at_ms), to_string(of.id)}));
  return record(transaction, system, "report.alarm", of.id, now_ms, past ? "past" : "near");
}

}  // namespace

Status settle(Transaction& transaction,
              const store::Actor& actor,
              Stored& stored,
              const Receipt& receipt,
              UtcMs now_ms) {
  TUTELA_TRY(check_receipt(receipt));
  Report& of = stored.of;
  const bool has_time = receipt.at_ms > 0 && receipt.at_ms <= now_ms;
  of.finished_ms = has_time ? receipt.at_ms : now_ms;
  json::array file_ids;
  for (const std::string& file_id : receipt.file_ids) {
    file_ids.emplace_back(file_id);
  }
  TUTELA_TRY(transaction.execute(
      "INSERT INTO report_receipt (report_id, tenant_id, principal_id, raw_base64, authority_id, "
      "file_ids, simulated, how, at_ms) VALUES (:id, :tenant, :principal, :raw, :authority_id, "
      ":file_ids, :simulated, :how, :at)",
      {to_string(of.id),
       of.tenant_id,
       actor.principal_id,
       crypto::to_base64(as_bytes(receipt.raw)),
       receipt.authority_id,
       json::serialize(file_ids),
       std::int64_t{receipt.simulated ? 1 : 0},
       receipt.how,
       *of.finished_ms}));
  TUTELA_FAULT_POINT("reports.after_receipt");
  end_filing(stored);
  of.state = State::kFinished;
  of.authority_id = receipt.authority_id;
  of.simulated = receipt.simulated;
  of.failing_since_ms.reset();
  of.failure.clear();
  stored.follow_up = "owed";
  stored.alarm_at_ms.reset();
  TUTELA_TRY(update_report(transaction, stored));
  json::object payload = about(of);
  payload["reference"] = of.authority_id;
  payload["counts"] = counts_as_filed(of);
  TUTELA_TRY(store::add_outbox(transaction,
                               actor,
                               now_ms,
                               {"report.finished", to_string(of.id), 1, json::serialize(payload)}));
  TUTELA_FAULT_POINT("reports.after_message");
  return record(transaction, actor, "report.finish", of.id, now_ms, receipt.how);
}

Result<Report> Reports::file_by_hand(const Person& person,
                                     const Uuid& id,
                                     const Command& command,
                                     std::string_view reference) {
  TUTELA_TRY(check_role(person, false));
  if (is_blank(reference) || reference.size() > kReferenceMax ||
      !std::ranges::all_of(reference, [](char c) { return c >= ' ' && c < 0x7F; })) {
    return Error{ErrorKind::kInvalidInput,
                 "report.bad_reference",
                 "give the report's reference: 1 to 128 printable ASCII characters"};
  }
  return run_command(database_,
                     clock_,
                     {person.actor, id, command, "by_hand " + digest_of(reference)},
                     [&](Transaction& transaction, Stored& stored, UtcMs now_ms) -> Status {
                       TUTELA_TRY(check_role(person, stored.of.minor));
                       TUTELA_TRY_ASSIGN(const std::vector<StepRow> last,
                                         read_steps(transaction, stored, 1));
                       // Released, and nothing of it was ever sent: its authority is reached by
                       // hand.
                       const bool untouched = stored.of.state == State::kReleased && last.empty();
                       if (stored.of.state != State::kWaiting && !untouched) {
                         return Error{ErrorKind::kConflict,
                                      "report.not_waiting",
                                      "the report is a draft, has ended, or is being filed"};
                       }
                       Receipt receipt;
                       receipt.authority_id = reference;
                       receipt.how = "by_hand";
                       receipt.at_ms = now_ms;
                       return settle(transaction, person.actor, stored, receipt, now_ms);
                     });
}

Result<std::vector<Report>> Reports::follow_ups(std::size_t limit) {
  std::vector<Report> found;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT " + std::string(kReportColumns) +
            " FROM report r WHERE r.follow_up = 'owed' ORDER BY r.finished_ms, r.id LIMIT :limit",
        {static_cast<std::int64_t>(std::min(limit, kFollowUpsMax))},
        [&](const Row& row) -> Status {
          TUTELA_TRY_ASSIGN(Stored stored, read_row(row));
          found.push_back(std::move(stored.of));
          return ok();
        });
  }));
  return found;
}

Status Reports::followed_up(Transaction& transaction, const Uuid& id) {
  std::string tenant_id;
  TUTELA_TRY(transaction.query("SELECT tenant_id FROM report WHERE id = :id AND follow_up = 'owed'",
                               {to_string(id)},
                               [&](const Row& row) -> Status {
                                 tenant_id = row.text(0);
                                 return ok();
                               }));
  if (tenant_id.empty()) {
    return Error{ErrorKind::kConflict, "report.not_owed", "nothing follows this report any more"};
  }
  TUTELA_TRY(
      transaction.execute("UPDATE report SET follow_up = 'done' WHERE id = :id", {to_string(id)}));
  TUTELA_FAULT_POINT("reports.after_follow_up");
  return record(transaction, system_actor(tenant_id), "report.follow_up", id, clock_.now_ms());
}

Result<std::size_t> Reports::escalate() {
  std::size_t told = 0;
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    const UtcMs now_ms = clock_.now_ms();
    std::vector<Stored> due;
    TUTELA_TRY(transaction.query(
        "SELECT " + std::string(kReportColumns) +
            " FROM report r WHERE r.alarm_at_ms IS NOT NULL AND r.alarm_at_ms <= :now ORDER BY "
            "r.alarm_at_ms, r.id LIMIT :limit",
        {now_ms, kAlarmsMax},
        [&](const Row& row) -> Status {
          TUTELA_TRY_ASSIGN(Stored stored, read_row(row));
          due.push_back(std::move(stored));
          return ok();
        }));
    for (Stored& stored : due) {
      TUTELA_TRY(tell_alarm(transaction, stored, now_ms));
    }
    told = due.size();
    return ok();
  }));
  return told;
}

}  // namespace tutela::reports
