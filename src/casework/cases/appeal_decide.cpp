// How an appeal is decided, and what an overturn undoes (safeguards.md 4).
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/fault.hpp"
#include "casework/cases/acting.hpp"
#include "casework/cases/appeal_rows.hpp"
#include "casework/cases/judging.hpp"
#include "casework/cases/rows.hpp"
#include "custody/audit/entry.hpp"

namespace tutela::cases {
namespace {

constexpr std::size_t kReasonMin = 10;
constexpr std::size_t kReasonMax = 4000;

Status check_reason(std::string_view reason) {
  const std::size_t characters = characters_of(reason);
  if (characters < kReasonMin || characters > kReasonMax ||
      reason.find('\0') != std::string_view::npos) {
    return Error{ErrorKind::kInvalidInput,
                 "appeal.bad_reason",
                 "a reason has 10 to 4000 characters, and no NUL"};
  }
  return ok();
}

Status check_other(store::Transaction& transaction,
                   const Rules& rules,
                   const Person& person,
                   const Uuid& case_id) {
  if (rules.solo) {
    return ok();
  }
  const std::string& who = person.actor.principal_id;
  TUTELA_TRY_ASSIGN(bool own, has_ever_decided(transaction, who, case_id));
  TUTELA_TRY(transaction.query(
      "SELECT 1 FROM case_appeal WHERE case_id = :case_id AND decided_by = :decided_by LIMIT 1",
      {to_string(case_id), who},
      [&](const store::Row&) {
        own = true;
        return ok();
      }));
  if (own) {
    return Error{ErrorKind::kForbidden,
                 "appeal.own",
                 "you decided about this case before: another person looks at it now"};
  }
  return ok();
}

Result<Decision> insert_overturn(store::Transaction& transaction,
                                 const Person& person,
                                 UtcMs now_ms,
                                 const Case& of,
                                 const Scene& scene) {
  Decision decision;
  decision.id = new_uuid(now_ms);
  decision.case_id = of.id;
  for (const Decision& before : scene.decisions) {
    decision.round = std::max(decision.round, before.round + 1);
  }
  decision.principal_id = person.actor.principal_id;
  decision.role = person.actor.role;
  TUTELA_TRY_ASSIGN(decision.views,
                    views_of(transaction, person.actor.principal_id, scene.subject));
  decision.basis = decision.views > 0 ? Basis::kViewed : Basis::kWithoutView;
  decision.verdict.outcome = Outcome::kCleared;
  decision.at_ms = now_ms;
  TUTELA_TRY(insert_decision(transaction, person.actor, decision));
  return decision;
}

// The case is cleared for everybody: other appeals of it have nothing left to decide, and samples
// that were made from it are answered by what is known now.
Status overturn(store::Transaction& transaction, const Person& person, UtcMs now_ms, Case& of) {
  const store::Actor& actor = person.actor;
  TUTELA_TRY_ASSIGN(const Scene scene, read_scene(transaction, of));
  TUTELA_TRY_ASSIGN(const Decision decision,
                    insert_overturn(transaction, person, now_ms, of, scene));
  TUTELA_FAULT_POINT("cases.after_overturn");
  TUTELA_TRY_ASSIGN(const std::vector<Order> orders, reversed_orders(transaction, of, scene.parts));
  TUTELA_TRY(write_orders(transaction, actor, now_ms, of, decision.id, orders, std::nullopt));
  of.state = State::kClosed;
  of.outcome = Outcome::kCleared;
  of.classification = Classification::kNone;
  of.decided_ms = now_ms;
  of.closed_ms = now_ms;
  of.undo_until_ms.reset();
  of.report_due_ms.reset();
  TUTELA_TRY(tell_outcome(transaction, actor, now_ms, of, scene.parts));
  TUTELA_TRY(transaction.execute(
      "UPDATE case_appeal SET state = 'overturned', decided_by = :decided_by, decided_ms = "
      ":decided_ms WHERE case_id = :case_id AND state = 'asked'",
      {actor.principal_id, now_ms, to_string(of.id)}));
  TUTELA_TRY(
      transaction.execute("UPDATE case_appeal SET state = 'expired', tell_after_ms = NULL "
                          "WHERE case_id = :case_id AND state = 'offered'",
                          {to_string(of.id)}));
  TUTELA_TRY(
      transaction.execute("UPDATE case_sample SET outcome = 'cleared', classification = '' "
                          "WHERE of_case = :of_case AND answered_ms IS NULL",
                          {to_string(of.id)}));
  return ok();
}

Status uphold(store::Transaction& transaction, UtcMs now_ms, Case& of) {
  bool another = false;
  TUTELA_TRY(transaction.query(
      "SELECT 1 FROM case_appeal WHERE case_id = :case_id AND state = 'asked' LIMIT 1",
      {to_string(of.id)},
      [&](const store::Row&) {
        another = true;
        return ok();
      }));
  if (of.state != State::kAppealed || another) {
    return ok();
  }
  // Without an outcome a legal officer has yet to decide about the person.
  of.state = of.outcome ? State::kClosed : State::kOpen;
  if (of.outcome) {
    of.closed_ms = now_ms;
  }
  return ok();
}

Status tell(store::Transaction& transaction,
            const store::Actor& actor,
            UtcMs now_ms,
            const Case& of,
            const Appeal& appeal) {
  const auto text = [](std::string_view from) {
    return boost::json::string(from.begin(), from.end());
  };
  boost::json::object payload;
  payload["appeal_id"] = text(to_string(appeal.id));
  payload["case_id"] = text(to_string(of.id));
  payload["outcome"] = text(to_string(appeal.state));
  return store::add_outbox(
      transaction,
      actor,
      now_ms,
      {"appeal.decided", "case:" + to_string(of.id), 1, boost::json::serialize(payload)});
}

}  // namespace

Result<Appeal> Appeals::decide(const Person& person,
                               const Uuid& id,
                               bool overturned,
                               std::string_view reason) {
  TUTELA_TRY(check_reason(reason));
  Appeal decided;
  TUTELA_TRY(database_.write([&](store::Transaction& transaction) -> Status {
    const UtcMs now_ms = clock_.now_ms();
    const store::Actor& actor = person.actor;
    TUTELA_TRY_ASSIGN(const AppealRow row,
                      read_appeal(transaction,
                                  rules_,
                                  now_ms,
                                  "id = :id AND tenant_id = :tenant_id",
                                  {to_string(id), actor.tenant_id}));
    Appeal appeal = row.appeal;
    TUTELA_TRY_ASSIGN(Case of, read_visible(transaction, person, appeal.case_id));
    if (appeal.state != AppealState::kAsked) {
      return appeal_closed();
    }
    TUTELA_TRY(check_other(transaction, rules_, person, of.id));
    appeal.state = overturned ? AppealState::kOverturned : AppealState::kUpheld;
    appeal.decided_by = actor.principal_id;
    appeal.decided_ms = now_ms;
    appeal.reason = std::string(reason);
    TUTELA_TRY(transaction.execute(
        "UPDATE case_appeal SET state = :state, decided_by = :decided_by, decided_ms = "
        ":decided_ms, reason = :reason WHERE id = :id",
        {std::string(to_string(appeal.state)),
         actor.principal_id,
         now_ms,
         appeal.reason,
         to_string(id)}));
    TUTELA_FAULT_POINT("cases.after_appeal_decided");
    TUTELA_TRY(overturned ? overturn(transaction, person, now_ms, of)
                          : uphold(transaction, now_ms, of));
    of.lock_by.reset();
    of.lock_until_ms.reset();
    TUTELA_TRY(update_case(transaction, of, of.version));
    TUTELA_TRY(tell(transaction, actor, now_ms, of, appeal));
    TUTELA_TRY(insert_event(transaction,
                            actor,
                            of.id,
                            overturned ? "overturned" : "upheld",
                            detail_of({{"appeal", to_string(id)}}),
                            now_ms));
    TUTELA_TRY(audit::add(
        transaction,
        actor,
        now_ms,
        {"appeal.decide", "appeal:" + to_string(id), "", std::string(to_string(appeal.state))}));
    decided = appeal;
    return ok();
  }));
  TUTELA_FAULT_POINT("cases.after_appeal");
  return decided;
}

}  // namespace tutela::cases
