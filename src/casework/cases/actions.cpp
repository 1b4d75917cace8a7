#include <algorithm>

#include "base/fault.hpp"
#include "casework/cases/decisions.hpp"
#include "casework/cases/rows.hpp"

namespace tutela::cases {
namespace {

constexpr std::int64_t kActionsMax = 1000;
constexpr std::size_t kFailureMax = 200;

Result<ActionState> parse_action_state(std::string_view text) {
  for (const ActionState state :
       {ActionState::kWaiting, ActionState::kDone, ActionState::kFailed}) {
    if (text == to_string(state)) {
      return state;
    }
  }
  return Error{ErrorKind::kCorrupted, "store.corrupt", "a row of an action is damaged"};
}

Result<Action> to_action(const store::Row& row) {
  Action action;
  TUTELA_TRY_ASSIGN(action.id, parse_uuid(row.text(0)));
  TUTELA_TRY_ASSIGN(action.case_id, parse_uuid(row.text(1)));
  action.kind = row.text(2);
  action.target = row.text(3);
  TUTELA_TRY_ASSIGN(action.state, parse_action_state(row.text(4)));
  action.failure = row.text(5);
  action.at_ms = row.integer(6);
  if (!row.is_null(7)) {
    action.done_ms = row.integer(7);
  }
  return action;
}

}  // namespace

Result<std::vector<Action>> Decisions::actions(const Person& person,
                                               std::optional<ActionState> state,
                                               std::optional<Uuid> case_id,
                                               std::int64_t limit) {
  std::vector<Action> actions;
  std::string sql =
      "SELECT id, case_id, kind, target, state, failure, at_ms, done_ms FROM case_action WHERE "
      "tenant_id = :tenant_id";
  std::vector<store::Value> values = {person.actor.tenant_id};
  if (state) {
    sql += " AND state = :state";
    values.emplace_back(std::string(to_string(*state)));
    // As the index has it.
    sql += *state == ActionState::kDone ? "" : " AND state <> 'done'";
  }
  if (case_id) {
    sql += " AND case_id = :case_id";
    values.emplace_back(to_string(*case_id));
  }
  sql += " ORDER BY at_ms, id LIMIT :limit";
  values.emplace_back(std::clamp<std::int64_t>(limit, 1, kActionsMax));
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    if (case_id) {
      TUTELA_TRY(read_visible(transaction, person, *case_id));
    } else if (person.assigned_only) {
      return ok();
    }
    return transaction.query(sql, values, [&](const store::Row& row) -> Status {
      TUTELA_TRY_ASSIGN(Action action, to_action(row));
      actions.push_back(std::move(action));
      return ok();
    });
  }));
  return actions;
}

Status settle_action(store::Transaction& transaction,
                     UtcMs now_ms,
                     std::int64_t outbox_id,
                     bool done,
                     std::string_view failure) {
  std::string tenant_id;
  std::string action_id;
  std::string case_id;
  std::string kind;
  TUTELA_TRY(transaction.query(
      "SELECT tenant_id, id, case_id, kind FROM case_action WHERE outbox_id = :outbox_id AND state "
      "<> 'done'",
      {outbox_id},
      [&](const store::Row& row) {
        tenant_id = row.text(0);
        action_id = row.text(1);
        case_id = row.text(2);
        kind = row.text(3);
        return ok();
      }));
  if (action_id.empty()) {
    return ok();
  }
  TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(case_id));
  TUTELA_TRY(transaction.execute(
      "UPDATE case_action SET state = :state, failure = :failure, done_ms = :done_ms WHERE id = "
      ":id",
      {std::string(to_string(done ? ActionState::kDone : ActionState::kFailed)),
       std::string(done ? "" : failure.substr(0, kFailureMax)),
       done ? store::Value(now_ms) : store::Value(),
       action_id}));
  TUTELA_FAULT_POINT("cases.after_settle");
  return record_event(transaction,
                      {tenant_id, "system", "system"},
                      id,
                      done ? "action_done" : "action_failed",
                      done ? "action.done" : "action.failed",
                      detail_of({{"action", action_id}, {"kind", kind}}),
                      now_ms);
}

Status reopen_action(store::Transaction& transaction,
                     const std::string& tenant_id,
                     std::int64_t outbox_id) {
  TUTELA_TRY(transaction.execute(
      "UPDATE case_action SET state = 'waiting', failure = '' WHERE outbox_id = "
      ":outbox_id AND tenant_id = :tenant_id AND state = 'failed'",
      {outbox_id, tenant_id}));
  TUTELA_FAULT_POINT("cases.after_reopen");
  return ok();
}

}  // namespace tutela::cases
