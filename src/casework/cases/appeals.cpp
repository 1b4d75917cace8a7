#include "casework/cases/appeals.hpp"

#include <algorithm>

#include "base/fault.hpp"
#include "casework/cases/appeal_rows.hpp"
#include "casework/cases/rows.hpp"
#include "casework/cases/token.hpp"
#include "custody/audit/entry.hpp"

namespace tutela::cases {
namespace {

constexpr std::size_t kStatementMax = 4000;
constexpr std::int64_t kListMax = 200;

Status check_statement(std::string_view statement) {
  const bool blank = statement.find_first_not_of(" \t\r\n") == std::string_view::npos;
  if (blank || characters_of(statement) > kStatementMax ||
      statement.find('\0') != std::string_view::npos) {
    return Error{ErrorKind::kInvalidInput,
                 "appeal.bad_statement",
                 "a statement has 1 to 4000 characters, and no NUL"};
  }
  return ok();
}

// Closed, or done with its content while a legal officer decides about the person. One whose undo
// window runs becomes an appealed one when it is over.
bool can_move(const Case& of) {
  return of.state == State::kClosed || (of.state == State::kOpen && of.queue == Queue::kLegal);
}

Result<Appeal> ask(store::Transaction& transaction,
                   const store::Actor& actor,
                   const Rules& rules,
                   UtcMs now_ms,
                   AppealRow row,
                   std::string_view statement) {
  Appeal& appeal = row.appeal;
  if (appeal.state != AppealState::kOffered) {
    return appeal_closed();
  }
  appeal.state = AppealState::kAsked;
  appeal.statement = std::string(statement);
  appeal.asked_ms = now_ms;
  appeal.due_ms = now_ms + rules.appeal_ms;
  TUTELA_TRY(transaction.execute(
      "UPDATE case_appeal SET state = 'asked', statement = :statement, asked_ms = :asked_ms, "
      "due_ms = :due_ms, tell_after_ms = NULL WHERE id = :id",
      {appeal.statement, now_ms, *appeal.due_ms, to_string(appeal.id)}));
  TUTELA_FAULT_POINT("cases.after_asked");
  TUTELA_TRY_ASSIGN(Case of, read_case(transaction, row.tenant_id, appeal.case_id));
  if (can_move(of)) {
    of.state = State::kAppealed;
    of.lock_by.reset();
    of.lock_until_ms.reset();
  }
  of.decision_due_ms = *appeal.due_ms;
  TUTELA_TRY(update_case(transaction, of, of.version));
  TUTELA_TRY(insert_event(transaction,
                          actor,
                          of.id,
                          "appeal_asked",
                          detail_of({{"appeal", to_string(appeal.id)}}),
                          now_ms));
  TUTELA_TRY(audit::add(
      transaction, actor, now_ms, {"appeal.ask", "appeal:" + to_string(appeal.id), "", "ok"}));
  return appeal;
}

/// What whoever holds a token may know.
Appeal public_face(const Appeal& appeal) {
  Appeal face;
  face.state = appeal.state;
  face.asked_ms = appeal.asked_ms;
  face.due_ms = appeal.due_ms;
  face.decided_ms = appeal.decided_ms;
  return face;
}

}  // namespace

Appeals::Appeals(store::Database& database, const Clock& clock, Rules rules)
    : database_(database), clock_(clock), rules_(std::move(rules)) {}

Result<Appeal> Appeals::ask_with_token(std::string_view token, std::string_view statement) {
  TUTELA_TRY(check_statement(statement));
  if (!is_appeal_token(token)) {
    return appeal_not_found();
  }
  const std::string hash = hash_of_token(token);
  Appeal asked;
  TUTELA_TRY(database_.write([&](store::Transaction& transaction) -> Status {
    const UtcMs now_ms = clock_.now_ms();
    TUTELA_TRY_ASSIGN(const AppealRow row,
                      read_appeal(transaction, rules_, now_ms, "token_hash = :hash", {hash}));
    const store::Actor actor{row.tenant_id, "appeal:" + to_string(row.appeal.id), "public"};
    TUTELA_TRY_ASSIGN(asked, ask(transaction, actor, rules_, now_ms, row, statement));
    return ok();
  }));
  TUTELA_FAULT_POINT("cases.after_ask");
  return public_face(asked);
}

Result<Appeal> Appeals::ask_for_content(const store::Actor& actor,
                                        const Uuid& content_id,
                                        std::string_view statement) {
  TUTELA_TRY(check_statement(statement));
  Appeal asked;
  TUTELA_TRY(database_.write([&](store::Transaction& transaction) -> Status {
    const UtcMs now_ms = clock_.now_ms();
    TUTELA_TRY_ASSIGN(const std::optional<Uuid> case_id,
                      case_of(transaction, actor.tenant_id, content_id));
    if (!case_id) {
      return appeal_not_found();
    }
    // One that can still be asked for comes first.
    TUTELA_TRY_ASSIGN(
        const AppealRow row,
        read_appeal(transaction,
                    rules_,
                    now_ms,
                    "case_id = :case_id AND tenant_id = :tenant_id ORDER BY CASE WHEN state = "
                    "'offered' THEN 0 ELSE 1 END, at_ms, id LIMIT 1",
                    {to_string(*case_id), actor.tenant_id}));
    TUTELA_TRY_ASSIGN(asked, ask(transaction, actor, rules_, now_ms, row, statement));
    return ok();
  }));
  TUTELA_FAULT_POINT("cases.after_ask");
  return public_face(asked);
}

Result<Appeal> Appeals::look(std::string_view token) {
  if (!is_appeal_token(token)) {
    return appeal_not_found();
  }
  const std::string hash = hash_of_token(token);
  Appeal found;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(
        const AppealRow row,
        read_appeal(transaction, rules_, clock_.now_ms(), "token_hash = :hash", {hash}));
    found = row.appeal;
    return ok();
  }));
  return public_face(found);
}

Result<std::vector<Appeal>> Appeals::list(const Person& person,
                                          bool waiting_only,
                                          std::int64_t limit) {
  std::vector<Appeal> appeals;
  if (person.assigned_only) {
    return appeals;
  }
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(
        const std::vector<AppealRow> rows,
        read_appeals(transaction,
                     rules_,
                     clock_.now_ms(),
                     waiting_only ? "tenant_id = :tenant_id AND state = 'asked' ORDER BY due_ms, "
                                    "id LIMIT :limit"
                                  : "tenant_id = :tenant_id AND state <> 'offered' ORDER BY "
                                    "asked_ms DESC, id LIMIT :limit",
                     {person.actor.tenant_id, std::clamp<std::int64_t>(limit, 1, kListMax)}));
    for (const AppealRow& row : rows) {
      appeals.push_back(row.appeal);
    }
    return ok();
  }));
  return appeals;
}

Result<Appeal> Appeals::find(const Person& person, const Uuid& id) {
  Appeal found;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const AppealRow row,
                      read_appeal(transaction,
                                  rules_,
                                  clock_.now_ms(),
                                  "id = :id AND tenant_id = :tenant_id",
                                  {to_string(id), person.actor.tenant_id}));
    const Result<Case> seen = read_visible(transaction, person, row.appeal.case_id);
    if (!seen) {
      return seen.error().kind == ErrorKind::kNotFound ? appeal_not_found() : seen.error();
    }
    found = row.appeal;
    return ok();
  }));
  return found;
}

}  // namespace tutela::cases
