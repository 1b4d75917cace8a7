// What is said to people without anybody of ours writing it: the answer of a case that is closed;
// and the deputies, who are told in time.
#include <algorithm>
#include <utility>

#include "base/fault.hpp"
#include "service/intake/desk.hpp"
#include "service/log/log.hpp"

namespace tutela::intake_service {

namespace {

constexpr std::int64_t kAtOnce = 200;
constexpr std::int64_t kQuarter = 4;

bool names_something(const intake::Body& body) {
  return !body.links.empty() || !body.accounts.empty() || !body.messages.empty();
}

/// As CaseOver has it. A case that somebody appeals is none.
Result<bool> is_over(store::Transaction& transaction, const Uuid& case_id) {
  bool over = true;
  TUTELA_TRY(transaction.query("SELECT state FROM review_case WHERE id = :id",
                               {to_string(case_id)},
                               [&](const store::Row& row) {
                                 over = row.text(0) == "closed";
                                 return ok();
                               }));
  return over;
}

/// What may have come of a file is not told by itself, whatever was named beside it: a person may
/// say more.
std::optional<intake::Outcome> outcome_for(const intake::Whole& whole, bool acted) {
  const std::vector<intake::Outcome> may = intake::outcomes_of(whole.of, whole.body);
  const intake::Outcome wanted = !whole.files.empty() ? intake::Outcome::kHandled
                                 : acted              ? intake::Outcome::kActed
                                                      : intake::Outcome::kNoViolation;
  for (const intake::Outcome outcome : {wanted, intake::Outcome::kHandled}) {
    if (std::ranges::find(may, outcome) != may.end()) {
      return outcome;
    }
  }
  return std::nullopt;
}

}  // namespace

UtcMs earliest_answer(const intake::Whole& whole) {
  const intake::Notice& of = whole.of;
  return whole.files.empty() && names_something(whole.body)
             ? of.received_ms
             : of.received_ms + (of.due_ms - of.received_ms) / kQuarter;
}

Result<std::vector<Ended>> ended_of(store::Transaction& transaction,
                                    const std::string& tenant_id,
                                    UtcMs now_ms,
                                    std::int64_t limit) {
  std::vector<Ended> ended;
  // A case that a legal officer has yet to decide about is done as far as its content goes.
  TUTELA_TRY(transaction.query(
      "SELECT n.id, n.case_id, CASE WHEN r.outcome = 'confirmed' OR r.queue = 'legal' OR EXISTS "
      "(SELECT 1 FROM case_action a WHERE a.case_id = r.id AND (a.kind LIKE 'content.%' OR a.kind "
      "LIKE 'account.%') AND a.kind NOT LIKE '%.release' AND a.kind NOT LIKE '%.restore' AND "
      "a.kind NOT LIKE '%.statement') THEN 1 ELSE 0 END FROM notice n JOIN review_case r ON r.id = "
      "n.case_id WHERE n.tenant_id = :tenant AND n.waiting = 1 AND n.answered_ms IS NULL AND "
      "n.kind NOT IN ('detection', 'law_request') AND (r.state = 'closed' OR (r.queue = 'legal' "
      "AND r.state = 'open')) AND EXISTS (SELECT 1 FROM case_decision d WHERE d.case_id = r.id AND "
      "d.undone_ms IS NULL) AND NOT EXISTS (SELECT 1 FROM case_appeal p WHERE p.case_id = r.id AND "
      "p.state IN ('asked', 'overturned')) AND NOT EXISTS (SELECT 1 FROM notice_event e WHERE "
      "e.notice_id = n.id AND e.kind = 'answered') AND (n.received_ms + (n.due_ms - "
      "n.received_ms) / 4 <= :now OR NOT EXISTS (SELECT 1 FROM notice_file f WHERE f.notice_id = "
      "n.id)) ORDER BY n.due_ms, n.id LIMIT :limit",
      {tenant_id, now_ms, limit},
      [&](const store::Row& row) -> Status {
        Ended one;
        TUTELA_TRY_ASSIGN(one.notice_id, parse_uuid(row.text(0)));
        TUTELA_TRY_ASSIGN(one.case_id, parse_uuid(row.text(1)));
        one.acted = row.integer(2) != 0;
        ended.push_back(one);
        return ok();
      }));
  return ended;
}

Result<bool> Desk::answer_one(const Ended& ended) {
  const store::Actor actor = system_actor();
  TUTELA_TRY_ASSIGN(const intake::Whole whole, notices_.whole(actor.tenant_id, ended.notice_id));
  const std::optional<intake::Outcome> outcome = outcome_for(whole, ended.acted);
  if (!outcome || clock_.now_ms() < earliest_answer(whole)) {
    return false;
  }
  TUTELA_FAULT_POINT("intake.before_answer");
  const auto answered = notices_.answer(actor, ended.notice_id, {whole.of.version}, *outcome, "");
  TUTELA_FAULT_POINT("intake.after_answer");
  if (!answered) {
    // Somebody was faster: the next round sees what is left to do.
    return answered.error().kind == ErrorKind::kConflict ? Result<bool>(false) : answered.error();
  }
  return true;
}

Result<std::size_t> Desk::answer() {
  const store::Actor actor = system_actor();
  std::vector<Ended> ended;
  TUTELA_TRY(pipeline_.database().read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(ended, ended_of(transaction, actor.tenant_id, clock_.now_ms(), kAtOnce));
    return ok();
  }));
  std::size_t answered = 0;
  Status failed = ok();
  for (const Ended& one : ended) {
    if (stopping()) {
      break;
    }
    const Result<bool> done = answer_one(one);
    if (!done) {
      failed = failed ? Status(done.error()) : std::move(failed);
      continue;  // one that fails keeps no other waiting
    }
    answered += *done ? 1U : 0U;
  }
  TUTELA_TRY(std::move(failed));
  return answered;
}

/// Said once for each notice, and again when it is something else.
void Desk::note_failed(const std::vector<intake::Notices::Failed>& failed) {
  std::map<Uuid, std::string> now;
  std::int64_t not_escalated = 0;
  for (const intake::Notices::Failed& each : failed) {
    not_escalated += each.step == "escalate" ? 1 : 0;
    const std::string what = std::string(each.step) + " " + std::string(each.error.code);
    const auto before = said_.find(each.id);
    if (before == said_.end() || before->second != what) {
      log::log_event(log::Level::kError,
                     "a notice stays as it is",
                     {{"notice", to_string(each.id)},
                      {"step", std::string(each.step)},
                      {"code", std::string(each.error.code)},
                      {"why", each.error.message}});
    }
    now[each.id] = what;
  }
  said_ = std::move(now);
  not_escalated_ = not_escalated;
}

Result<std::size_t> Desk::escalate() {
  const UtcMs now_ms = clock_.now_ms();
  const bool with_mail = duty_mail::is_configured(*settings_());
  const auto deputy = [&](store::Transaction& transaction,
                          const intake::Notice& notice) -> Result<std::string> {
    TUTELA_TRY_ASSIGN(
        const partners::Escalation found,
        partners::escalation_of(transaction, notice.tenant_id, to_string(notice.queue), now_ms));
    if (with_mail && !found.to.empty()) {
      const auto as = found.to_deputy ? duty_mail::As::kDeputy : duty_mail::As::kOnDuty;
      TUTELA_TRY(duty_mail::owe(transaction, notice, found.to, as, now_ms));
    }
    if (with_mail && !found.warned.empty()) {
      TUTELA_TRY(duty_mail::owe(transaction, notice, found.warned, duty_mail::As::kOnDuty, now_ms));
    }
    return found.to;
  };
  const Result<intake::Notices::Ticked> ticked = notices_.tick(deputy, is_over);
  if (!ticked) {
    not_escalated_ = std::max<std::int64_t>(not_escalated_, 1);
    return ticked.error();
  }
  note_failed(ticked->failed);
  for (const intake::Notice& notice : ticked->escalated) {
    log::log_event(log::Level::kWarn,
                   "a promise is near its end",
                   {{"notice", to_string(notice.id)},
                    {"queue", std::string(to_string(notice.queue))},
                    {"told", std::string(notice.escalated_to ? "somebody" : "nobody")}});
  }
  return ticked->escalated.size();
}

Result<std::size_t> Desk::write_to_duty() {
  return duty_mail_.send_due(ending_);
}

}  // namespace tutela::intake_service
