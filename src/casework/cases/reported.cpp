// What follows when an authority has the report of a case, or the correction of one.
#include "casework/cases/reported.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/fault.hpp"
#include "casework/cases/judging.hpp"
#include "casework/cases/rows.hpp"

namespace tutela::cases {
namespace {

constexpr std::string_view kCorrect = "report.correct";

// Whether the person may be acted on: where a legal officer is asked, they said so last.
bool may_act_on_person(const Case& of, const Scene& scene) {
  if (of.outcome != Outcome::kConfirmed || scene.decisions.empty()) {
    return false;
  }
  if (!is_legal_matter(scene.decisions, scene.parts)) {
    return true;
  }
  return of.queue == Queue::kLegal && scene.decisions.size() > 1 &&
         scene.decisions.back().verdict.outcome == Outcome::kConfirmed;
}

Status correct(store::Transaction& transaction,
               const store::Actor& actor,
               UtcMs now_ms,
               const Case& of) {
  bool owed = false;
  TUTELA_TRY(transaction.query(
      "SELECT 1 FROM case_action WHERE case_id = :case_id AND kind = :kind AND state <> 'done'",
      {to_string(of.id), std::string(kCorrect)},
      [&](const store::Row&) {
        owed = true;
        return ok();
      }));
  TUTELA_TRY_ASSIGN(const Scene scene, read_scene(transaction, of));
  if (owed || scene.decisions.empty()) {
    return ok();
  }
  TUTELA_TRY_ASSIGN(
      const std::vector<Order> orders,
      orders_of(transaction, {std::string(kCorrect)}, of, scene.parts, Stage::kContent, {}));
  return write_orders(
      transaction, actor, now_ms, of, scene.decisions.back().id, orders, std::nullopt);
}

}  // namespace

Result<std::vector<Order>> not_ordered_yet(store::Transaction& transaction,
                                           const Case& of,
                                           std::vector<Order> orders) {
  std::set<std::pair<std::string, std::string>> known;
  TUTELA_TRY(transaction.query("SELECT kind, target FROM case_action WHERE case_id = :case_id",
                               {to_string(of.id)},
                               [&](const store::Row& row) {
                                 known.emplace(row.text(0), row.text(1));
                                 return ok();
                               }));
  std::erase_if(orders, [&](const Order& order) {
    return known.contains({order.kind, order.target});
  });
  return orders;
}

Status mark_reported(store::Transaction& transaction,
                     const store::Actor& actor,
                     const Rules& rules,
                     UtcMs now_ms,
                     Case& of) {
  of.reported_ms = now_ms;
  TUTELA_TRY(update_case(transaction, of, of.version));
  TUTELA_FAULT_POINT("cases.after_reported");
  TUTELA_TRY_ASSIGN(const Scene scene, read_scene(transaction, of));
  if (rules.on_reported.empty() || !may_act_on_person(of, scene)) {
    return ok();
  }
  TUTELA_TRY_ASSIGN(std::vector<Order> orders,
                    orders_of(transaction,
                              rules.on_reported,
                              of,
                              scene.parts,
                              Stage::kPerson,
                              named_accounts(scene.decisions)));
  TUTELA_TRY_ASSIGN(orders, not_ordered_yet(transaction, of, std::move(orders)));
  if (orders.empty()) {
    return ok();
  }
  const Decision& last = scene.decisions.back();
  TUTELA_TRY_ASSIGN(const std::optional<Offer> offer,
                    add_offer(transaction, actor, rules, now_ms, of, last, orders));
  return write_orders(transaction, actor, now_ms, of, last.id, orders, offer);
}

Status report_filed(store::Transaction& transaction,
                    const store::Actor& actor,
                    const Rules& rules,
                    UtcMs now_ms,
                    const Uuid& case_id,
                    std::string_view reference) {
  TUTELA_TRY_ASSIGN(Case of, read_case(transaction, actor.tenant_id, case_id));
  if (!of.reported_ms) {
    TUTELA_TRY(mark_reported(transaction, actor, rules, now_ms, of));
  }
  if (of.outcome == Outcome::kCleared) {
    TUTELA_TRY(correct(transaction, actor, now_ms, of));
  }
  return record_event(transaction,
                      actor,
                      case_id,
                      "reported",
                      "case.report",
                      detail_of({{"reference", reference}}),
                      now_ms);
}

Status report_noted(store::Transaction& transaction,
                    const store::Actor& actor,
                    UtcMs now_ms,
                    const Uuid& case_id,
                    std::string_view kind,
                    std::string_view environment) {
  TUTELA_TRY(read_case(transaction, actor.tenant_id, case_id));
  return record_event(transaction,
                      actor,
                      case_id,
                      "report_noted",
                      "case.report_noted",
                      detail_of({{"kind", kind}, {"environment", environment}}),
                      now_ms);
}

Status ask_for_facts(store::Transaction& transaction,
                     const store::Actor& actor,
                     UtcMs now_ms,
                     const Uuid& case_id,
                     const std::string& account,
                     const Uuid& report_id) {
  const std::string detail = detail_of({{"report", to_string(report_id)}});
  bool asked = false;
  TUTELA_TRY(transaction.query(
      "SELECT 1 FROM case_event WHERE case_id = :case_id AND kind = 'facts_wanted' AND detail = "
      ":detail",
      {to_string(case_id), detail},
      [&](const store::Row&) {
        asked = true;
        return ok();
      }));
  if (asked) {
    return ok();
  }
  TUTELA_TRY(read_case(transaction, actor.tenant_id, case_id));
  boost::json::object payload;
  payload["case_id"] = to_string(case_id);
  payload["account"] = account;
  payload["report_id"] = to_string(report_id);
  TUTELA_TRY(store::add_outbox(
      transaction,
      actor,
      now_ms,
      {"report.facts_wanted", "case:" + to_string(case_id), 1, boost::json::serialize(payload)}));
  TUTELA_FAULT_POINT("cases.after_facts_wanted");
  return record_event(
      transaction, actor, case_id, "facts_wanted", "case.facts_wanted", detail, now_ms);
}

Result<std::vector<Uuid>> corrections_owed(store::Transaction& transaction,
                                           const std::string& tenant_id,
                                           std::int64_t limit) {
  std::vector<Uuid> owed;
  // As the index of debts has it.
  TUTELA_TRY(transaction.query(
      "SELECT case_id FROM case_action WHERE tenant_id = :tenant_id AND kind = :kind AND state <> "
      "'done' ORDER BY at_ms, id LIMIT :limit",
      {tenant_id, std::string(kCorrect), limit},
      [&](const store::Row& row) -> Status {
        TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(row.text(0)));
        owed.push_back(id);
        return ok();
      }));
  return owed;
}

Status correction_filed(store::Transaction& transaction,
                        const store::Actor& actor,
                        UtcMs now_ms,
                        const Uuid& case_id) {
  TUTELA_TRY(read_case(transaction, actor.tenant_id, case_id));
  std::vector<std::int64_t> messages;
  TUTELA_TRY(transaction.query(
      "SELECT outbox_id FROM case_action WHERE case_id = :case_id AND kind = :kind AND state <> "
      "'done' AND outbox_id IS NOT NULL",
      {to_string(case_id), std::string(kCorrect)},
      [&](const store::Row& row) {
        messages.push_back(row.integer(0));
        return ok();
      }));
  for (const std::int64_t message : messages) {
    // Nobody leases these: what they ask for is the report that is done now.
    TUTELA_TRY(transaction.execute("DELETE FROM outbox WHERE id = :id", {message}));
    TUTELA_FAULT_POINT("cases.after_correction");
    TUTELA_TRY(settle_action(transaction, now_ms, message, true, ""));
  }
  return ok();
}

}  // namespace tutela::cases
