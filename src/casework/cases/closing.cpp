#include "casework/cases/closing.hpp"

#include <algorithm>

#include "base/fault.hpp"
#include "casework/cases/acting.hpp"
#include "casework/cases/reported.hpp"
#include "casework/cases/rows.hpp"

namespace tutela::cases {
namespace {

// What a decision of content does, and of the person where no legal officer is asked.
Status act(store::Transaction& transaction,
           const store::Actor& system,
           const Rules& rules,
           UtcMs now_ms,
           const Case& of,
           const Scene& scene,
           Stage stage) {
  const Decision& last = scene.decisions.back();
  const bool confirmed = last.verdict.outcome == Outcome::kConfirmed;
  if (stage == Stage::kPerson && !confirmed) {
    return ok();
  }
  std::vector<std::string> kinds = confirmed ? rules.on_confirmed : rules.on_cleared;
  if (confirmed && of.reported_ms) {  // what waited for a legal officer when the report was filed
    kinds.insert(kinds.end(), rules.on_reported.begin(), rules.on_reported.end());
  }
  TUTELA_TRY_ASSIGN(
      std::vector<Order> orders,
      orders_of(transaction, kinds, of, scene.parts, stage, named_accounts(scene.decisions)));
  TUTELA_TRY_ASSIGN(orders, not_ordered_yet(transaction, of, std::move(orders)));
  std::optional<Offer> offer;
  if (confirmed && (stage != Stage::kPerson || !orders.empty())) {
    TUTELA_TRY_ASSIGN(offer, add_offer(transaction, system, rules, now_ms, of, last, orders));
  }
  TUTELA_TRY(write_orders(transaction, system, now_ms, of, last.id, orders, offer));
  return stage == Stage::kPerson ? ok()
                                 : tell_outcome(transaction, system, now_ms, of, scene.parts);
}

Result<bool> has_asked_appeal(store::Transaction& transaction, const Uuid& id) {
  bool found = false;
  TUTELA_TRY(transaction.query(
      "SELECT 1 FROM case_appeal WHERE case_id = :case_id AND state = 'asked' LIMIT 1",
      {to_string(id)},
      [&](const store::Row&) {
        found = true;
        return ok();
      }));
  return found;
}

// The content is decided; about the person a legal officer decides (safeguards.md 3, 5).
void ask_legal(const Rules& rules, UtcMs now_ms, Case& of) {
  of.queue = Queue::kLegal;
  of.state = State::kOpen;
  of.outcome.reset();
  of.classification = Classification::kNone;
  of.decided_ms.reset();
  of.decision_due_ms = now_ms + rules.decision_ms;
}

void close(UtcMs now_ms, Case& of) {
  of.state = State::kClosed;
  of.closed_ms = now_ms;
}

Status finish(store::Transaction& transaction,
              const store::Actor& system,
              UtcMs now_ms,
              Case& of,
              std::string_view outcome) {
  of.undo_until_ms.reset();
  TUTELA_TRY(update_case(transaction, of, of.version));
  TUTELA_FAULT_POINT("cases.after_closed");
  return record_event(transaction,
                      system,
                      of.id,
                      of.state == State::kClosed ? "closed" : "done",
                      "case.close",
                      detail_of({{"outcome", outcome}, {"queue", to_string(of.queue)}}),
                      now_ms);
}

}  // namespace

Result<bool> close_case(store::Transaction& transaction,
                        const Rules& rules,
                        UtcMs now_ms,
                        const std::string& tenant_id,
                        const Uuid& id) {
  const store::Actor system{tenant_id, "system", "system"};
  TUTELA_TRY_ASSIGN(Case of, read_case(transaction, tenant_id, id));
  if (of.state != State::kDecided || of.undo_until_ms.value_or(0) > now_ms) {
    return false;
  }
  TUTELA_TRY_ASSIGN(const Scene scene, read_scene(transaction, of));
  if (scene.decisions.empty()) {
    return Error{ErrorKind::kCorrupted, "store.corrupt", "a decided case has no decision"};
  }
  const Decision& last = scene.decisions.back();
  const std::string outcome(to_string(last.verdict.outcome));
  if (scene.sample) {
    TUTELA_TRY(answer_sample(transaction, system, now_ms, of, *scene.sample, last));
    close(now_ms, of);
    TUTELA_TRY(finish(transaction, system, now_ms, of, outcome));
    return true;
  }
  const bool person = of.queue == Queue::kLegal && scene.decisions.size() > 1;
  const bool legal_next = of.queue != Queue::kLegal &&
                          last.verdict.outcome == Outcome::kConfirmed &&
                          is_legal_matter(scene.decisions, scene.parts);
  const Stage stage = person ? Stage::kPerson : legal_next ? Stage::kContent : Stage::kWhole;
  TUTELA_TRY(act(transaction, system, rules, now_ms, of, scene, stage));
  if (!person && !rules.solo && last.basis != Basis::kViewed &&
      is_sampled(of.id, rules.sample_percent)) {
    TUTELA_TRY(insert_sample(transaction, system, rules, now_ms, of, "second"));
  }
  TUTELA_TRY_ASSIGN(const bool appealed, has_asked_appeal(transaction, of.id));
  if (legal_next) {
    ask_legal(rules, now_ms, of);
  } else {
    close(now_ms, of);
  }
  if (appealed) {
    of.state = State::kAppealed;
  }
  TUTELA_TRY(finish(transaction, system, now_ms, of, outcome));
  return true;
}

Result<bool> decide_alone(store::Transaction& transaction,
                          const Rules& rules,
                          UtcMs now_ms,
                          const std::string& tenant_id,
                          const Uuid& id) {
  const store::Actor system{tenant_id, "system", "system"};
  TUTELA_TRY_ASSIGN(Case of, read_case(transaction, tenant_id, id));
  if (of.state != State::kOpen || of.needs_view || of.queue == Queue::kLegal ||
      is_locked(of, now_ms)) {
    return false;
  }
  TUTELA_TRY_ASSIGN(Scene scene, read_scene(transaction, of));
  TUTELA_TRY_ASSIGN(const std::vector<Decision> ever, decisions_of(transaction, of.id));
  const bool trusted =
      std::ranges::all_of(scene.parts, [](const Part& part) { return part.automation; });
  // What a person undid is for a person.
  if (scene.sample || scene.parts.empty() || !ever.empty() || !trusted) {
    return false;
  }
  Verdict verdict;
  verdict.classification = classification_of(verdict, scene.parts);
  TUTELA_TRY(give(transaction, system, rules, now_ms, of, scene, verdict, Basis::kAutomatic, 0));
  return true;
}

}  // namespace tutela::cases
