#include "service/auth/people.hpp"

#include <utility>

#include "service/auth/opaque.hpp"
#include "service/auth/person_rows.hpp"
#include "service/mail/text.hpp"

namespace tutela::auth {

namespace {

constexpr std::int64_t kInvitationMs = 72LL * 3'600'000;

Status check_name(std::string_view name) {
  const bool good = !name.empty() && name.size() <= 64 &&
                    std::string_view(".-_@+").find(name[0]) == std::string_view::npos &&
                    name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._@+-") ==
                        std::string_view::npos &&
                    !parse_uuid(name);
  if (!good) {
    return Error{ErrorKind::kInvalidInput,
                 "person.bad_name",
                 "a person's name has 1 to 64 of the characters a-z, 0-9, . _ @ + and -, begins "
                 "with a letter or a digit, and does not look like an id"};
  }
  return ok();
}

Status check_email(std::string_view email) {
  if (!email.empty() && !mail::is_address(email)) {
    return Error{ErrorKind::kInvalidInput,
                 "person.bad_email",
                 "a person's e-mail address is one address like anna@example.org, in ASCII, of at "
                 "most 254 characters"};
  }
  return ok();
}

store::Value email_value(const std::string& email) {
  return email.empty() ? store::Value() : store::Value(email);
}

Error not_found() {
  return {ErrorKind::kNotFound, "person.not_found", "there is no person of this name or id"};
}

Status insert(store::Transaction& transaction,
              const store::Actor& actor,
              const Person& person,
              const std::string& invitation) {
  const auto inserted = transaction.execute(
      "INSERT INTO person (id, tenant_id, principal_id, name, role, state, last_step, invitation, "
      "invitation_ends_ms, created_ms, email) VALUES (:id, :tenant_id, :principal_id, :name, "
      ":role, "
      ":state, 0, :invitation, :invitation_ends_ms, :created_ms, :email)",
      {to_string(person.id),
       person.tenant_id,
       actor.principal_id,
       person.name,
       std::string(to_string(person.role)),
       std::string(to_string(person.state)),
       invitation,
       store::to_value(person.invitation_ends_ms),
       person.created_ms,
       email_value(person.email)});
  if (!inserted && inserted.error().kind == ErrorKind::kConflict) {
    return Error{
        ErrorKind::kConflict, "person.exists", "there is a person of this name; take another"};
  }
  TUTELA_TRY(inserted);
  return ok();
}

Result<bool> has_admin(store::Transaction& transaction, const std::string& tenant_id) {
  bool found = false;
  TUTELA_TRY(each_person(transaction, tenant_id, [&](const PersonRow& row) {
    found =
        found || (row.person.role == Role::kAdmin && row.person.state != PersonState::kDisabled);
    return ok();
  }));
  return found;
}

Invitation new_invitation(const store::Actor& actor,
                          std::string_view name,
                          Role role,
                          std::string_view email,
                          UtcMs now_ms) {
  Invitation invitation;
  invitation.person.id = new_uuid(now_ms);
  invitation.person.tenant_id = actor.tenant_id;
  invitation.person.name = std::string(name);
  invitation.person.role = role;
  invitation.person.email = std::string(email);
  invitation.person.created_ms = now_ms;
  invitation.person.invitation_ends_ms = now_ms + kInvitationMs;
  invitation.code = new_opaque("");
  return invitation;
}

Result<Person> find_in(store::Transaction& transaction,
                       const std::string& tenant_id,
                       std::string_view name_or_id) {
  const auto id = parse_uuid(name_or_id);
  if (!id && !check_name(name_or_id)) {
    return not_found();
  }
  TUTELA_TRY_ASSIGN(const auto row,
                    find_person(transaction,
                                tenant_id,
                                id ? "id" : "name",
                                id ? to_string(*id) : std::string(name_or_id)));
  if (!row) {
    return not_found();
  }
  return row->person;
}

}  // namespace

std::string_view to_string(PersonState state) noexcept {
  switch (state) {
    case PersonState::kInvited:
      return "invited";
    case PersonState::kActive:
      return "active";
    case PersonState::kDisabled:
      return "disabled";
  }
  return "disabled";
}

People::People(store::Database& database, const Clock& clock, bool solo)
    : database_(database), clock_(clock), solo_(solo) {}

Status People::check_role(Role role) const {
  if (role == Role::kSolo && !solo_) {
    return Error{ErrorKind::kForbidden,
                 "role.solo_off",
                 "the role solo is for a one-person server: set people.solo and people.trustee"};
  }
  return ok();
}

Result<Invitation> People::invite(const store::Actor& actor,
                                  std::string_view name,
                                  Role role,
                                  std::string_view email) {
  TUTELA_TRY(check_role(role));
  TUTELA_TRY(check_name(name));
  TUTELA_TRY(check_email(email));
  const UtcMs now_ms = clock_.now_ms();
  Invitation invitation = new_invitation(actor, name, role, email, now_ms);
  const std::string hash = hash_of(invitation.code);
  TUTELA_TRY(database_.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(insert(transaction, actor, invitation.person, hash));
    return note(transaction, actor, now_ms, "person.invite", object_of(invitation.person.id));
  }));
  return invitation;
}

Result<Invitation> People::create_admin(const store::Actor& actor,
                                        std::string_view name,
                                        bool force,
                                        std::string_view email) {
  TUTELA_TRY(check_name(name));
  TUTELA_TRY(check_email(email));
  const UtcMs now_ms = clock_.now_ms();
  Invitation invitation = new_invitation(actor, name, Role::kAdmin, email, now_ms);
  const std::string hash = hash_of(invitation.code);
  TUTELA_TRY(database_.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const bool exists, has_admin(transaction, actor.tenant_id));
    if (exists && !force) {
      return Error{ErrorKind::kConflict,
                   "person.admin_exists",
                   "there is an admin already, who can invite others; --force makes one more, and "
                   "the audit log says so"};
    }
    TUTELA_TRY(insert(transaction, actor, invitation.person, hash));
    return note(transaction,
                actor,
                now_ms,
                exists ? "person.admin_forced" : "person.admin_first",
                object_of(invitation.person.id),
                exists ? "alarm" : "ok");
  }));
  return invitation;
}

Result<std::vector<Person>> People::all(const store::Actor& actor) {
  std::vector<Person> people;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) {
    return each_person(transaction, actor.tenant_id, [&](PersonRow row) {
      people.push_back(std::move(row.person));
      return ok();
    });
  }));
  return people;
}

Result<Person> People::find(const store::Actor& actor, std::string_view name_or_id) {
  Result<Person> found = not_found();
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) {
    found = find_in(transaction, actor.tenant_id, name_or_id);
    return ok();
  }));
  return found;
}

Result<Person> People::change(
    const store::Actor& actor,
    std::string_view name_or_id,
    const std::function<Status(store::Transaction&, Person&, UtcMs)>& with) {
  Person person;
  const UtcMs now_ms = clock_.now_ms();
  TUTELA_TRY(database_.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(person, find_in(transaction, actor.tenant_id, name_or_id));
    if (object_of(person.id) == actor.principal_id) {
      return Error{ErrorKind::kForbidden,
                   "person.own",
                   "nobody changes their own role or account; ask another admin"};
    }
    TUTELA_TRY(with(transaction, person, now_ms));
    return end_sessions(transaction, person.id);
  }));
  return person;
}

Result<Person> People::set_role(const store::Actor& actor, std::string_view name_or_id, Role role) {
  TUTELA_TRY(check_role(role));
  return change(
      actor,
      name_or_id,
      [&](store::Transaction& transaction, Person& person, UtcMs now_ms) -> Status {
        person.role = role;
        TUTELA_TRY(transaction.execute("UPDATE person SET role = :role WHERE id = :id",
                                       {std::string(to_string(role)), to_string(person.id)}));
        return note(
            transaction, actor, now_ms, "person.role", object_of(person.id), to_string(role));
      });
}

Result<Person> People::disable(const store::Actor& actor, std::string_view name_or_id) {
  return change(
      actor,
      name_or_id,
      [&](store::Transaction& transaction, Person& person, UtcMs now_ms) -> Status {
        person.state = PersonState::kDisabled;
        person.invitation_ends_ms.reset();
        TUTELA_TRY(transaction.execute(
            "UPDATE person SET state = 'disabled', invitation = NULL, invitation_ends_ms = NULL "
            "WHERE id = :id",
            {to_string(person.id)}));
        return note(transaction, actor, now_ms, "person.disable", object_of(person.id));
      });
}

Result<Person> People::set_email(const store::Actor& actor,
                                 std::string_view name_or_id,
                                 std::string_view email) {
  TUTELA_TRY(check_email(email));
  Person person;
  const UtcMs now_ms = clock_.now_ms();
  TUTELA_TRY(database_.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(person, find_in(transaction, actor.tenant_id, name_or_id));
    person.email = std::string(email);
    TUTELA_TRY(transaction.execute("UPDATE person SET email = :email WHERE id = :id",
                                   {email_value(person.email), to_string(person.id)}));
    return note(transaction,
                actor,
                now_ms,
                "person.email",
                object_of(person.id),
                email.empty() ? "removed" : "set");
  }));
  return person;
}

Result<Invitation> People::reset(const store::Actor& actor, std::string_view name_or_id) {
  Invitation invitation;
  invitation.code = new_opaque("");
  const std::string hash = hash_of(invitation.code);
  TUTELA_TRY_ASSIGN(
      invitation.person,
      change(actor,
             name_or_id,
             [&](store::Transaction& transaction, Person& person, UtcMs now_ms) -> Status {
               person.state = PersonState::kInvited;
               person.has_second_factor = false;
               person.invitation_ends_ms = now_ms + kInvitationMs;
               TUTELA_TRY(transaction.execute(
                   "UPDATE person SET state = 'invited', password = NULL, second_factor = NULL, "
                   "second_factor_next = NULL, invitation = :invitation, invitation_ends_ms = "
                   ":ends_ms WHERE id = :id",
                   {hash, *person.invitation_ends_ms, to_string(person.id)}));
               TUTELA_TRY(transaction.execute("DELETE FROM person_recovery WHERE person_id = :id",
                                              {to_string(person.id)}));
               return note(transaction, actor, now_ms, "person.reset", object_of(person.id));
             }));
  return invitation;
}

Result<std::string> address_of(store::Transaction& transaction,
                               const std::string& tenant_id,
                               std::string_view principal_id) {
  std::string address;
  TUTELA_TRY(transaction.query(
      "SELECT email FROM person WHERE tenant_id = :tenant_id AND id = :id AND state <> 'disabled' "
      "AND email IS NOT NULL",
      {tenant_id, std::string(principal_id.substr(principal_id.find(':') + 1))},
      [&](const store::Row& row) -> Status {
        address = row.text(0);
        return ok();
      }));
  return address;
}

}  // namespace tutela::auth
