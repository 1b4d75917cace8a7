// Samples: cases whose answer is known, or asked of another person, and which do nothing.
//
// The row of a sample says what its original's says, also where it came from: whoever works on it
// reads nothing that another case does not show. That it is one stands in case_sample alone.
#include <algorithm>

#include "base/fault.hpp"
#include "casework/cases/closing.hpp"
#include "casework/cases/rows.hpp"
#include "custody/audit/entry.hpp"

namespace tutela::cases {
namespace {

/// Who opened the original, and how: the sample says the same.
struct Opening {
  std::string principal_id = "system";
  std::string kind = "opened";
  std::string detail = "{}";
};

Result<Opening> read_opening(store::Transaction& transaction, const Uuid& id) {
  Opening opening;
  TUTELA_TRY(transaction.query(
      "SELECT principal_id, kind, detail FROM case_event WHERE case_id = :case_id ORDER BY id "
      "LIMIT 1",
      {to_string(id)},
      [&](const store::Row& row) {
        opening = {row.text(0), row.text(1), row.text(2)};
        return ok();
      }));
  return opening;
}

bool is_right(const Sample& sample, const Verdict& answer) {
  return sample.outcome == answer.outcome &&
         (sample.classification == Classification::kNone || answer.outcome == Outcome::kCleared ||
          sample.classification == answer.classification);
}

Case copy_of(const Case& original, const Rules& rules, UtcMs now_ms, std::string_view kind) {
  Case of = original;
  of.id = new_uuid(now_ms);
  of.version = 1;
  of.queue = original.queue == Queue::kLegal ? Queue::kStandard : original.queue;
  of.state = State::kOpen;
  // What lists vouch for is looked at by nobody unless a sample asks for it.
  of.needs_view = kind == "second" || original.needs_view;
  of.opened_ms = now_ms;
  const bool vulnerable = std::ranges::find(of.marks, Mark::kVulnerable) != of.marks.end();
  of.rank_ms = rank_of({of.severity, of.spread, of.reports, vulnerable, now_ms});
  of.first_look_due_ms =
      now_ms + (of.queue == Queue::kUrgent ? rules.first_look_urgent_ms : rules.first_look_ms);
  of.decision_due_ms = now_ms + rules.decision_ms;
  of.first_look_ms.reset();
  of.decided_ms.reset();
  of.undo_until_ms.reset();
  of.report_due_ms.reset();
  of.reported_ms.reset();
  of.closed_ms.reset();
  of.outcome.reset();
  of.classification = Classification::kNone;
  of.lock_by.reset();
  of.lock_until_ms.reset();
  return of;
}

}  // namespace

bool is_sampled(const Uuid& id, int percent) {
  const std::string digest = digest_of(to_string(id));
  unsigned value = 0;
  for (const char c : digest.substr(0, 6)) {
    value = value * 16 + static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
  }
  return value % 100 < static_cast<unsigned>(std::clamp(percent, 0, 100));
}

Result<Case> insert_sample(store::Transaction& transaction,
                           const store::Actor& maker,
                           const Rules& rules,
                           UtcMs now_ms,
                           const Case& original,
                           std::string_view kind) {
  const Case of = copy_of(original, rules, now_ms, kind);
  TUTELA_TRY_ASSIGN(const Opening opening, read_opening(transaction, original.id));
  const store::Actor opener{original.tenant_id, opening.principal_id, "service"};
  TUTELA_TRY(insert_case(transaction, opener, of));
  TUTELA_TRY(transaction.execute(
      "INSERT INTO case_sample (case_id, tenant_id, principal_id, kind, of_case, outcome, "
      "classification, at_ms) VALUES (:case_id, :tenant_id, :principal_id, :kind, :of_case, "
      ":outcome, :classification, :at_ms)",
      {to_string(of.id),
       of.tenant_id,
       maker.principal_id,
       std::string(kind),
       to_string(original.id),
       std::string(to_string(original.outcome.value_or(Outcome::kConfirmed))),
       std::string(to_string(original.classification)),
       now_ms}));
  TUTELA_FAULT_POINT("cases.after_sample");
  TUTELA_TRY(insert_event(transaction, opener, of.id, opening.kind, opening.detail, now_ms));
  TUTELA_TRY(audit::add(
      transaction, maker, now_ms, {"case.sample", object_name(of.id), std::string(kind), "ok"}));
  return of;
}

Status answer_sample(store::Transaction& transaction,
                     const store::Actor& system,
                     UtcMs now_ms,
                     const Case& of,
                     const Sample& sample,
                     const Decision& answer) {
  TUTELA_TRY(transaction.execute(
      "UPDATE case_sample SET answered_by = :answered_by, answer = :answer, answered_ms = "
      ":answered_ms WHERE case_id = :case_id AND answered_ms IS NULL",
      {answer.principal_id,
       std::string(is_right(sample, answer.verdict) ? "right " : "differs ") +
           std::string(to_string(answer.verdict.outcome)) + " " +
           std::string(to_string(answer.verdict.classification)),
       now_ms,
       to_string(of.id)}));
  TUTELA_FAULT_POINT("cases.after_answer_of_sample");
  if (is_right(sample, answer.verdict)) {
    return ok();
  }
  return record_event(transaction,
                      system,
                      sample.of_case,
                      "sample_differs",
                      "case.sample_differs",
                      detail_of({{"sample", to_string(of.id)}}),
                      now_ms);
}

Result<Case> Decisions::make_sample(const Person& person, const Uuid& of_case) {
  if (!person.is_lead) {
    return Error{ErrorKind::kForbidden, "case.role", "a lead makes samples"};
  }
  Case made;
  TUTELA_TRY(database_.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const Case original, read_visible(transaction, person, of_case));
    TUTELA_TRY_ASSIGN(const std::optional<Sample> sample, sample_of(transaction, of_case));
    if (original.state != State::kClosed || !original.outcome || sample) {
      return Error{ErrorKind::kConflict,
                   "case.not_closed",
                   "samples are made from cases that are closed, and not from other samples"};
    }
    TUTELA_TRY_ASSIGN(
        made, insert_sample(transaction, person.actor, rules_, clock_.now_ms(), original, "known"));
    return ok();
  }));
  TUTELA_FAULT_POINT("cases.after_make_sample");
  made.origin = Origin::kSample;
  return made;
}

}  // namespace tutela::cases
