#include <algorithm>

#include "base/fault.hpp"
#include "casework/cases/decisions.hpp"
#include "casework/cases/joining.hpp"
#include "casework/cases/judging.hpp"
#include "casework/cases/rows.hpp"

namespace tutela::cases {

Decisions::Decisions(store::Database& database,
                     const Clock& clock,
                     Rules rules,
                     std::int64_t evidence_kept_days)
    : database_(database),
      clock_(clock),
      rules_(std::move(rules)),
      evidence_kept_days_(evidence_kept_days) {}

bool is_blind(const Person& person, const Case& of) noexcept {
  // A legal officer decides about the person knowing what was decided of the content.
  return (of.state == State::kOpen && of.queue != Queue::kLegal) ||
         of.state == State::kSecondLook || (of.state == State::kDisagreement && !person.is_lead);
}

std::vector<Decision> visible(const std::vector<Decision>& decisions,
                              const Person& person,
                              const Case& of) {
  std::vector<Decision> shown;
  std::ranges::copy_if(decisions, std::back_inserter(shown), [&](const Decision& decision) {
    return !is_blind(person, of) || decision.principal_id == person.actor.principal_id;
  });
  return shown;
}

Result<Case> Decisions::decide(const Person& person,
                               const Uuid& id,
                               const Command& command,
                               const Verdict& verdict) {
  TUTELA_TRY(check_verdict(verdict));
  TUTELA_TRY_ASSIGN(
      const Case decided,
      run_command(
          database_,
          clock_,
          person,
          id,
          command,
          "decide " + digest_of(words_of(verdict)),
          [&](store::Transaction& transaction, Case& of, UtcMs now_ms) -> Status {
            TUTELA_TRY_ASSIGN(Scene scene, read_scene(transaction, of));
            TUTELA_TRY(check_person(transaction, rules_, person, of, scene));
            const std::string& who = person.actor.principal_id;
            if (!is_locked(of, now_ms) || of.lock_by != who) {
              return Error{ErrorKind::kForbidden,
                           "case.not_locked",
                           "only whoever holds the lock decides; lock the case first"};
            }
            TUTELA_TRY(check_verdict_of(of, scene, verdict));
            TUTELA_TRY_ASSIGN(const std::int64_t views, views_of(transaction, who, scene.subject));
            // Of what we were only told about there is nothing to be seen.
            if (verdict.outcome == Outcome::kConfirmed && of.needs_view && views == 0 &&
                !scene.parts.empty() && !is_about_person(of, scene.decisions)) {
              return Error{ErrorKind::kForbidden,
                           "case.not_seen",
                           "this case needs a view: look at something of it, in the least grade "
                           "that is enough, before you confirm it"};
            }
            return give(transaction,
                        person.actor,
                        rules_,
                        now_ms,
                        of,
                        scene,
                        verdict,
                        views > 0 ? Basis::kViewed : Basis::kWithoutView,
                        views);
          }));
  TUTELA_FAULT_POINT("cases.after_decide");
  return decided;
}

Result<Case> Decisions::undo(const Person& person, const Uuid& id, const Command& command) {
  TUTELA_TRY_ASSIGN(
      const Case undone,
      run_command(
          database_,
          clock_,
          person,
          id,
          command,
          "undo",
          [&](store::Transaction& transaction, Case& of, UtcMs now_ms) -> Status {
            TUTELA_TRY_ASSIGN(const std::vector<Decision> all, decisions_of(transaction, of.id));
            const std::vector<Decision> given = live(all);
            if (of.state != State::kDecided || of.undo_until_ms.value_or(0) <= now_ms ||
                given.empty()) {
              return Error{ErrorKind::kConflict,
                           "case.too_late",
                           "there is nothing to be undone, or not any more"};
            }
            const Decision& last = given.back();
            if (last.principal_id != person.actor.principal_id && !person.is_lead) {
              return Error{ErrorKind::kForbidden,
                           "case.role",
                           "whoever decided, or a lead, undoes a decision"};
            }
            TUTELA_TRY(transaction.execute(
                "UPDATE case_decision SET undone_ms = :now WHERE id = :id AND undone_ms IS NULL",
                {now_ms, to_string(last.id)}));
            TUTELA_FAULT_POINT("cases.after_undone");
            // What the remaining decisions say: none, one that waits for another, or two that
            // differ.
            of.state = of.queue == Queue::kLegal || given.size() == 1 ? State::kOpen
                       : given.size() == 2                            ? State::kSecondLook
                                                                      : State::kDisagreement;
            // Contents of a cleared case that were found again meanwhile are in another one.
            TUTELA_TRY_ASSIGN(const std::optional<Sample> sample, sample_of(transaction, of.id));
            if (!sample) {
              TUTELA_TRY(refresh_standing(transaction, of));
            }
            of.outcome.reset();
            of.classification = Classification::kNone;
            of.decided_ms.reset();
            of.undo_until_ms.reset();
            of.report_due_ms.reset();
            TUTELA_TRY(update_case(transaction, of, of.version));
            return record_event(transaction,
                                person.actor,
                                of.id,
                                "undone",
                                "case.undo",
                                detail_of({{"decision", to_string(last.id)}}),
                                now_ms);
          }));
  TUTELA_FAULT_POINT("cases.after_undo");
  return undone;
}

}  // namespace tutela::cases
