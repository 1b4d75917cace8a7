#include <algorithm>

#include "service/auth/people.hpp"
#include "service/auth/person_rows.hpp"

namespace tutela::auth {

namespace {

Status check_case(std::string_view case_ref) {
  const bool good =
      !case_ref.empty() && case_ref.size() <= 64 && std::ranges::all_of(case_ref, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-';
      });
  if (!good) {
    return Error{ErrorKind::kInvalidInput,
                 "case.bad_ref",
                 "a case is named by 1 to 64 of A-Z a-z 0-9 . _ and -"};
  }
  return ok();
}

/// The person of an assignment: of the tenant, and not who assigns, because nobody gives
/// themselves more to see.
Status check_person(store::Transaction& transaction,
                    const store::Actor& actor,
                    const Uuid& person_id) {
  TUTELA_TRY_ASSIGN(const auto row,
                    find_person(transaction, actor.tenant_id, "id", to_string(person_id)));
  if (!row) {
    return Error{ErrorKind::kNotFound, "person.not_found", "there is no person of this id"};
  }
  if (object_of(person_id) == actor.principal_id) {
    return Error{ErrorKind::kForbidden, "person.own", "nobody assigns cases to themselves"};
  }
  return ok();
}

Status note_case(store::Transaction& transaction,
                 const store::Actor& actor,
                 UtcMs now_ms,
                 std::string_view action,
                 std::string_view case_ref,
                 const Uuid& person_id) {
  // The case in one entry and the person in the other: an entry has one object.
  TUTELA_TRY(note(transaction, actor, now_ms, action, "case:" + std::string(case_ref)));
  return note(transaction, actor, now_ms, action, object_of(person_id));
}

}  // namespace

Status assign(store::Database& database,
              const store::Actor& actor,
              UtcMs now_ms,
              std::string_view case_ref,
              const Uuid& person_id) {
  TUTELA_TRY(check_case(case_ref));
  return database.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(check_person(transaction, actor, person_id));
    TUTELA_TRY_ASSIGN(
        const std::int64_t added,
        transaction.execute(
            "INSERT INTO case_assignment (tenant_id, principal_id, case_ref, assignee, at_ms) "
            "VALUES (:tenant_id, :principal_id, :case_ref, :assignee, :at_ms) "
            "ON CONFLICT (tenant_id, case_ref, assignee) DO NOTHING",
            {actor.tenant_id,
             actor.principal_id,
             std::string(case_ref),
             object_of(person_id),
             now_ms}));
    return added == 0 ? ok()
                      : note_case(transaction, actor, now_ms, "case.assign", case_ref, person_id);
  });
}

Status unassign(store::Database& database,
                const store::Actor& actor,
                UtcMs now_ms,
                std::string_view case_ref,
                const Uuid& person_id) {
  TUTELA_TRY(check_case(case_ref));
  return database.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(check_person(transaction, actor, person_id));
    TUTELA_TRY_ASSIGN(
        const std::int64_t removed,
        transaction.execute("DELETE FROM case_assignment WHERE tenant_id = :tenant_id AND case_ref "
                            "= :case_ref AND assignee = :assignee",
                            {actor.tenant_id, std::string(case_ref), object_of(person_id)}));
    return removed == 0
               ? ok()
               : note_case(transaction, actor, now_ms, "case.unassign", case_ref, person_id);
  });
}

Result<std::vector<std::string>> assigned(store::Database& database,
                                          const store::Actor& actor,
                                          const Uuid& person_id) {
  std::vector<std::string> cases;
  TUTELA_TRY(database.read([&](store::Transaction& transaction) {
    return transaction.query(
        "SELECT case_ref FROM case_assignment WHERE tenant_id = :tenant_id AND assignee = "
        ":assignee ORDER BY case_ref",
        {actor.tenant_id, object_of(person_id)},
        [&](const store::Row& row) {
          cases.push_back(row.text(0));
          return ok();
        });
  }));
  return cases;
}

}  // namespace tutela::auth
