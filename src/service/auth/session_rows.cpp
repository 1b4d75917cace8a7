#include "service/auth/session_rows.hpp"

#include "service/auth/opaque.hpp"
#include "service/auth/person_rows.hpp"

namespace tutela::auth {

namespace {

constexpr std::int64_t kFailuresMax = 5;

std::string_view to_text(Stage stage) noexcept {
  switch (stage) {
    case Stage::kEnrol:
      return "enrol";
    case Stage::kSecondFactor:
      return "second_factor";
    case Stage::kOpen:
      return "open";
  }
  return "enrol";
}

Result<Stage> parse_stage(std::string_view text) {
  for (const Stage stage : {Stage::kEnrol, Stage::kSecondFactor, Stage::kOpen}) {
    if (text == to_text(stage)) {
      return stage;
    }
  }
  return Error{ErrorKind::kCorrupted, "session.bad_row", "the stage of a session is unknown"};
}

Result<SessionRow> read_session(const store::Row& row) {
  PersonSession session;
  TUTELA_TRY_ASSIGN(session.id, parse_uuid(row.text(0)));
  TUTELA_TRY_ASSIGN(session.person_id, parse_uuid(row.text(2)));
  TUTELA_TRY_ASSIGN(session.stage, parse_stage(row.text(3)));
  session.fresh_until_ms = row.integer(6);
  session.name = row.text(7);
  TUTELA_TRY_ASSIGN(session.role, parse_role(row.text(8)));
  SessionRow found;
  found.seen_ms = row.integer(4);
  found.ends_ms = row.integer(5);
  found.principal.actor = {
      row.text(1), object_of(session.person_id), std::string(to_string(session.role))};
  if (session.stage == Stage::kOpen) {
    found.principal.permissions = permissions_of(session.role);
  }
  found.principal.assigned_only = assigned_only(session.role);
  found.principal.session = std::move(session);
  return found;
}

}  // namespace

Status insert_session(store::Transaction& transaction,
                      const std::string& tenant_id,
                      const OpenedSession& opened,
                      UtcMs now_ms,
                      std::int64_t idle_ms) {
  const std::string person_id = to_string(opened.session.person_id);
  TUTELA_TRY(transaction.execute(
      "DELETE FROM person_session WHERE ends_ms <= :now_ms OR seen_ms < :idle_from_ms",
      {now_ms, now_ms - idle_ms}));
  TUTELA_TRY(transaction.execute(
      "INSERT INTO person_session (id, tenant_id, principal_id, person_id, hash, stage, failures, "
      "created_ms, seen_ms, ends_ms, fresh_until_ms) VALUES (:id, :tenant_id, :principal_id, "
      ":person_id, :hash, :stage, 0, :created_ms, :seen_ms, :ends_ms, :fresh_until_ms)",
      {to_string(opened.session.id),
       tenant_id,
       object_of(opened.session.person_id),
       person_id,
       hash_of(opened.secret),
       std::string(to_text(opened.session.stage)),
       now_ms,
       now_ms,
       opened.ends_ms,
       opened.session.fresh_until_ms}));
  TUTELA_TRY(transaction.execute(
      "DELETE FROM person_session WHERE person_id = :person_id AND id NOT IN (SELECT id FROM "
      "person_session WHERE person_id = :same_person_id ORDER BY id DESC LIMIT 20)",
      {person_id, person_id}));
  return ok();
}

Result<bool> remove_session(store::Transaction& transaction, const Uuid& id) {
  TUTELA_TRY_ASSIGN(
      const std::int64_t removed,
      transaction.execute("DELETE FROM person_session WHERE id = :id", {to_string(id)}));
  return removed == 1;
}

Result<bool> count_failure(store::Transaction& transaction, const Uuid& id) {
  TUTELA_TRY(transaction.execute("UPDATE person_session SET failures = failures + 1 WHERE id = :id",
                                 {to_string(id)}));
  TUTELA_TRY_ASSIGN(
      const std::int64_t ended,
      transaction.execute("DELETE FROM person_session WHERE id = :id AND failures >= :failures_max",
                          {to_string(id), kFailuresMax}));
  return ended > 0;
}

Result<std::optional<SessionRow>> find_session(store::Transaction& transaction,
                                               const std::string& hash) {
  std::optional<SessionRow> found;
  TUTELA_TRY(transaction.query(
      "SELECT s.id, s.tenant_id, s.person_id, s.stage, s.seen_ms, s.ends_ms, s.fresh_until_ms, "
      "p.name, p.role FROM person_session s JOIN person p ON p.id = s.person_id "
      "WHERE s.hash = :hash AND p.state = 'active'",
      {hash},
      [&](const store::Row& row) -> Status {
        TUTELA_TRY_ASSIGN(found, read_session(row));
        return ok();
      }));
  return found;
}

}  // namespace tutela::auth
