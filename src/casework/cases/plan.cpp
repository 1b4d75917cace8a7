#include <algorithm>

#include "casework/cases/acting.hpp"
#include "casework/cases/decisions.hpp"
#include "casework/cases/judging.hpp"
#include "casework/cases/rows.hpp"

namespace tutela::cases {
namespace {

Result<std::vector<Uuid>> near_duplicates(store::Transaction& transaction,
                                          const Person& person,
                                          UtcMs now_ms,
                                          const Uuid& id) {
  std::vector<Uuid> near;
  TUTELA_TRY_ASSIGN(const std::vector<Link> links, read_links(transaction, id));
  for (const Link& link : links) {
    if (link.kind != LinkKind::kNearDuplicate || link.state != State::kOpen) {
      continue;
    }
    const Result<Case> other = read_visible(transaction, person, link.other);
    if (!other) {
      if (other.error().kind == ErrorKind::kNotFound) {
        continue;
      }
      return other.error();
    }
    const bool taken = is_locked(*other, now_ms) && other->lock_by != person.actor.principal_id;
    if (!taken && other->queue != Queue::kLegal) {
      near.push_back(other->id);
    }
  }
  return near;
}

}  // namespace

// From this verdict alone: what another person said of the case changes nothing here, so that
// nobody learns it by asking. For samples it says what it would for their originals.
Result<Plan> Decisions::plan(const Person& person, const Uuid& id, const Verdict& verdict) {
  TUTELA_TRY(check_verdict(verdict));
  Plan plan;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    const UtcMs now_ms = clock_.now_ms();
    TUTELA_TRY_ASSIGN(const Case of, read_visible(transaction, person, id));
    TUTELA_TRY_ASSIGN(Scene scene, read_scene(transaction, of));
    scene.sample.reset();
    const bool confirmed = verdict.outcome == Outcome::kConfirmed;
    const bool about_person = is_about_person(of, scene.decisions);
    plan.second_look = of.state == State::kOpen && needs_second(rules_, of, scene, verdict.outcome);
    plan.legal = confirmed && of.queue != Queue::kLegal &&
                 (is_self_reported(scene.parts) || marks_minor(verdict));
    plan.undo_until_ms = now_ms + rules_.undo_ms;
    if (confirmed && !plan.legal) {
      plan.report_due_ms = now_ms + rules_.report_ms;
    }
    plan.evidence_kept_days = confirmed ? evidence_kept_days_ : 0;
    const Stage stage = about_person ? Stage::kPerson
                        : plan.legal ? Stage::kContent
                                     : Stage::kWhole;
    const auto acts_on_accounts = [](const std::vector<std::string>& kinds) {
      return std::ranges::any_of(
          kinds, [](const std::string& kind) { return kind.starts_with("account."); });
    };
    if (confirmed && stage != Stage::kContent &&
        (acts_on_accounts(rules_.on_confirmed) || acts_on_accounts(rules_.on_reported))) {
      plan.claimed_accounts = claimed_accounts(of, scene.parts);
    }
    if (confirmed || !about_person) {
      TUTELA_TRY_ASSIGN(const std::vector<Order> orders,
                        orders_of(transaction,
                                  confirmed ? rules_.on_confirmed : rules_.on_cleared,
                                  of,
                                  scene.parts,
                                  stage,
                                  verdict.accounts));
      for (const Order& order : orders) {
        plan.actions.push_back({Uuid{},
                                id,
                                order.kind,
                                order.target,
                                ActionState::kWaiting,
                                "",
                                now_ms,
                                std::nullopt});
      }
    }
    TUTELA_TRY_ASSIGN(plan.near_duplicates, near_duplicates(transaction, person, now_ms, id));
    return ok();
  }));
  return plan;
}

}  // namespace tutela::cases
