#include "service/auth/person_rows.hpp"

#include "base/check.hpp"
#include "custody/audit/entry.hpp"
#include "custody/store/columns.hpp"

namespace tutela::auth {

namespace {

constexpr std::string_view kColumns =
    "SELECT id, tenant_id, name, role, state, password, second_factor, second_factor_next, "
    "last_step, invitation_ends_ms, subject, created_ms, email FROM person WHERE tenant_id = "
    ":tenant_id ";

Result<PersonState> parse_state(std::string_view text) {
  for (const PersonState state :
       {PersonState::kInvited, PersonState::kActive, PersonState::kDisabled}) {
    if (text == to_string(state)) {
      return state;
    }
  }
  return Error{ErrorKind::kCorrupted, "person.bad_row", "the state of a person is unknown"};
}

Result<PersonRow> read_person(const store::Row& row) {
  PersonRow found;
  Person& person = found.person;
  TUTELA_TRY_ASSIGN(person.id, parse_uuid(row.text(0)));
  person.tenant_id = row.text(1);
  person.name = row.text(2);
  TUTELA_TRY_ASSIGN(person.role, parse_role(row.text(3)));
  TUTELA_TRY_ASSIGN(person.state, parse_state(row.text(4)));
  found.password = optional_text(row, 5);
  found.second_factor = optional_text(row, 6);
  found.second_factor_next = optional_text(row, 7);
  found.last_step = row.integer(8);
  if (!row.is_null(9)) {
    person.invitation_ends_ms = row.integer(9);
  }
  found.subject = optional_text(row, 10);
  person.created_ms = row.integer(11);
  person.email = optional_text(row, 12).value_or(std::string());
  person.has_second_factor = found.second_factor.has_value();
  return found;
}

}  // namespace

Status each_person(store::Transaction& transaction,
                   const std::string& tenant_id,
                   const std::function<Status(PersonRow)>& with) {
  return transaction.query(
      std::string(kColumns) + "ORDER BY id", {tenant_id}, [&](const store::Row& row) -> Status {
        TUTELA_TRY_ASSIGN(PersonRow person, read_person(row));
        return with(std::move(person));
      });
}

Result<std::optional<PersonRow>> find_person(store::Transaction& transaction,
                                             const std::string& tenant_id,
                                             std::string_view column,
                                             const std::string& value) {
  TUTELA_CHECK(column == "id" || column == "name" || column == "invitation" || column == "subject");
  std::optional<PersonRow> found;
  TUTELA_TRY(transaction.query(std::string(kColumns) + "AND " + std::string(column) + " = :value",
                               {tenant_id, value},
                               [&](const store::Row& row) -> Status {
                                 TUTELA_TRY_ASSIGN(found, read_person(row));
                                 return ok();
                               }));
  return found;
}

Status end_sessions(store::Transaction& transaction, const Uuid& person_id) {
  TUTELA_TRY(transaction.execute("DELETE FROM person_session WHERE person_id = :person_id",
                                 {to_string(person_id)}));
  return ok();
}

Status note(store::Transaction& transaction,
            const store::Actor& actor,
            UtcMs now_ms,
            std::string_view action,
            const std::string& object,
            std::string_view result) {
  return audit::add(
      transaction, actor, now_ms, {std::string(action), object, "access", std::string(result)});
}

std::string object_of(const Uuid& person_id) {
  return "person:" + to_string(person_id);
}

}  // namespace tutela::auth
