// The offer to appeal: made when a confirming decision is done, told at once or after a delay.
#include <algorithm>

#include "base/fault.hpp"
#include "casework/cases/acting.hpp"
#include "casework/cases/appeals.hpp"
#include "casework/cases/rows.hpp"
#include "casework/cases/token.hpp"

namespace tutela::cases {
namespace {

// One who knows of the case early could harm a child who has not been found yet.
bool is_told_later(const Case& of) {
  return std::ranges::any_of(of.marks, [](Mark mark) {
    return mark == Mark::kImminentHarm || mark == Mark::kPossibleNewVictim;
  });
}

struct Delayed {
  Uuid case_id;
  Uuid decision_id;
  bool automatic = false;
};

Result<std::optional<Delayed>> read_delayed(store::Transaction& transaction,
                                            UtcMs now_ms,
                                            const Uuid& id) {
  std::optional<Delayed> found;
  TUTELA_TRY(transaction.query(
      "SELECT a.case_id, a.decision_id, d.basis FROM case_appeal a JOIN case_decision d ON d.id = "
      "a.decision_id WHERE a.id = :id AND a.tell_after_ms <= :now AND a.state = 'offered'",
      {to_string(id), now_ms},
      [&](const store::Row& row) -> Status {
        Delayed one;
        TUTELA_TRY_ASSIGN(one.case_id, parse_uuid(row.text(0)));
        TUTELA_TRY_ASSIGN(one.decision_id, parse_uuid(row.text(1)));
        one.automatic = row.text(2) == to_string(Basis::kAutomatic);
        found = one;
        return ok();
      }));
  return found;
}

Result<std::vector<std::string>> kinds_done(store::Transaction& transaction,
                                            const Uuid& decision_id) {
  std::vector<std::string> kinds;
  TUTELA_TRY(transaction.query(
      "SELECT DISTINCT a.kind FROM case_decision d JOIN case_action a ON a.case_id = d.case_id AND "
      "a.decision_id = d.id WHERE d.id = :id ORDER BY a.kind",
      {to_string(decision_id)},
      [&](const store::Row& row) {
        kinds.push_back(row.text(0));
        return ok();
      }));
  return kinds;
}

}  // namespace

Result<std::optional<Offer>> add_offer(store::Transaction& transaction,
                                       const store::Actor& actor,
                                       const Rules& rules,
                                       UtcMs now_ms,
                                       const Case& of,
                                       const Decision& decision,
                                       const std::vector<Order>& orders) {
  const bool later = is_told_later(of);
  const std::string token = new_appeal_token();  // one that is told later gets another then
  const Uuid id = new_uuid(now_ms);
  TUTELA_TRY(transaction.execute(
      "INSERT INTO case_appeal (id, tenant_id, principal_id, case_id, decision_id, token_hash, "
      "state, statement, tell_after_ms, reason, at_ms) VALUES (:id, :tenant_id, :principal_id, "
      ":case_id, :decision_id, :token_hash, 'offered', '', :tell_after_ms, '', :at_ms)",
      {to_string(id),
       actor.tenant_id,
       actor.principal_id,
       to_string(of.id),
       to_string(decision.id),
       hash_of_token(token),
       later ? store::Value(now_ms + kTellDelayMs) : store::Value(),
       now_ms}));
  TUTELA_FAULT_POINT("cases.after_offer");
  if (later) {
    return std::optional<Offer>();
  }
  Measures measures{{}, decision.basis == Basis::kAutomatic};
  for (const Order& order : orders) {
    measures.kinds.push_back(order.kind);
  }
  Offer offer;
  offer.token = token;
  offer.until_ms = now_ms + rules.appeal_open_ms;
  offer.statement = statement_of_reasons(of, offer.until_ms, measures);
  return std::optional(std::move(offer));
}

Result<bool> tell_delayed(store::Transaction& transaction,
                          const Rules& rules,
                          UtcMs now_ms,
                          const std::string& tenant_id,
                          const Uuid& appeal_id) {
  TUTELA_TRY_ASSIGN(const std::optional<Delayed> one, read_delayed(transaction, now_ms, appeal_id));
  if (!one) {
    return false;
  }
  const store::Actor system{tenant_id, "system", "system"};
  TUTELA_TRY_ASSIGN(const Case of, read_case(transaction, tenant_id, one->case_id));
  TUTELA_TRY_ASSIGN(const std::vector<std::string> kinds,
                    kinds_done(transaction, one->decision_id));
  Offer offer;
  offer.token = new_appeal_token();
  offer.until_ms = now_ms + rules.appeal_open_ms;
  offer.statement = statement_of_reasons(of, offer.until_ms, {kinds, one->automatic});
  TUTELA_TRY(
      transaction.execute("UPDATE case_appeal SET token_hash = :token_hash, tell_after_ms = NULL, "
                          "at_ms = :at_ms WHERE id = :id",
                          {hash_of_token(offer.token), now_ms, to_string(appeal_id)}));
  // One a content, so that the service knows whom to tell.
  TUTELA_TRY_ASSIGN(const std::vector<Part> parts, parts_of(transaction, of.id));
  TUTELA_TRY_ASSIGN(const std::vector<Order> orders,
                    orders_of(transaction, {"content.statement"}, of, parts, Stage::kContent, {}));
  TUTELA_TRY(write_orders(transaction, system, now_ms, of, one->decision_id, orders, offer));
  TUTELA_TRY(record_event(transaction, system, of.id, "told", "appeal.tell", "{}", now_ms));
  return true;
}

}  // namespace tutela::cases
