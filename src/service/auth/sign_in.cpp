#include "service/auth/sign_in.hpp"

#include <utility>

#include "service/auth/opaque.hpp"
#include "service/auth/person_rows.hpp"
#include "service/auth/session_rows.hpp"

namespace tutela::auth {

namespace {

constexpr std::string_view kPrefix = "tutelas_";
constexpr std::int64_t kSeenStepMs = 60'000;  // a request does not write each time it is seen

// People behind one address (an office, a proxy) are given more room than one account.
constexpr ThrottleRules kOfAddresses = {.free_attempts = 50, .first_delay_ms = 1'000};

Error refused() {
  return {ErrorKind::kForbidden, "auth.refused", "the name or the password is not right"};
}

/// Nobody is known yet, and what the caller typed goes nowhere.
store::Actor nobody() {
  return {"default", "nobody", "none"};
}

}  // namespace

std::string csrf_of(std::string_view secret) {
  return hash_of("tutela csrf " + std::string(secret));
}

bool is_session_secret(std::string_view text) noexcept {
  return is_opaque(kPrefix, text);
}

SignIn::SignIn(store::Database& database,
               const Clock& clock,
               crypto::Key seed_key,
               SessionRules rules)
    : database_(database),
      clock_(clock),
      seed_key_(std::move(seed_key)),
      rules_(rules),
      names_(ThrottleRules{}),
      addresses_(kOfAddresses) {}

Status SignIn::throttle(Caller& caller, const std::string& key) {
  const UtcMs now_ms = clock_.now_ms();
  caller.wait_ms = addresses_.attempt(caller.address, now_ms);
  if (caller.wait_ms == 0 && !key.empty()) {
    caller.wait_ms = names_.attempt(key, now_ms);
  }
  return caller.wait_ms == 0 ? ok()
                             : Error{ErrorKind::kLimitExceeded,
                                     "auth.too_many",
                                     "too many attempts; wait as long as Retry-After says"};
}

void SignIn::succeeded(const Caller& caller, const std::string& key) {
  addresses_.give_back(caller.address);
  names_.succeeded(key);
}

Status SignIn::accept_invitation(Caller& caller, std::string_view code, std::string_view password) {
  TUTELA_TRY(throttle(caller, ""));
  const auto bad = [] {
    return Error{ErrorKind::kForbidden,
                 "auth.bad_invitation",
                 "the invitation is not valid, was used, or is over; ask for a new one"};
  };
  if (!is_opaque("", code)) {
    return bad();
  }
  const std::string hash = hash_of(code);
  const auto find = [&](store::Transaction& transaction) -> Result<PersonRow> {
    TUTELA_TRY_ASSIGN(auto row, find_person(transaction, "default", "invitation", hash));
    if (!row || row->person.state != PersonState::kInvited ||
        row->person.invitation_ends_ms.value_or(0) <= clock_.now_ms()) {
      return bad();
    }
    return *std::move(row);
  };
  std::string name;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const PersonRow row, find(transaction));
    name = row.person.name;
    return ok();
  }));
  TUTELA_TRY(check_password(password, name));
  TUTELA_TRY_ASSIGN(const std::string stored, passwords_.hash(password));
  return database_.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const PersonRow row, find(transaction));
    TUTELA_TRY(transaction.execute(
        "UPDATE person SET state = 'active', password = :password, invitation = NULL, "
        "invitation_ends_ms = NULL WHERE id = :id",
        {stored, to_string(row.person.id)}));
    const store::Actor actor{
        row.person.tenant_id, object_of(row.person.id), std::string(to_string(row.person.role))};
    return note(transaction, actor, clock_.now_ms(), "person.join", object_of(row.person.id));
  });
}

Result<OpenedSession> SignIn::with_password(Caller& caller,
                                            std::string_view name,
                                            std::string_view password) {
  const std::string key = "name " + hash_of(name);
  TUTELA_TRY(throttle(caller, key));
  std::optional<PersonRow> row;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(row, find_person(transaction, "default", "name", std::string(name)));
    return ok();
  }));
  const bool active = row && row->person.state == PersonState::kActive;
  TUTELA_TRY_ASSIGN(const bool right,
                    passwords_.verify(active ? row->password : std::nullopt,
                                      password.substr(0, kPasswordBytesMax + 1)));
  if (!right) {
    const std::string object = row ? object_of(row->person.id) : "person:unknown";
    TUTELA_TRY(database_.write([&](store::Transaction& transaction) {
      return note(transaction, nobody(), clock_.now_ms(), "person.sign_in", object, "refused");
    }));
    return refused();
  }
  succeeded(caller, key);
  return open_first(*row, "person.sign_in");
}

Status SignIn::take_email(store::Transaction& transaction,
                          const PersonRow& row,
                          std::string_view email) const {
  if (email.empty()) {
    return ok();
  }
  TUTELA_TRY_ASSIGN(const std::int64_t taken,
                    transaction.execute("UPDATE person SET email = :email WHERE id = :id AND email "
                                        "IS NULL AND state <> 'disabled'",
                                        {std::string(email), to_string(row.person.id)}));
  const store::Actor provider{"default", "provider", "none"};
  return taken == 0 ? ok()
                    : note(transaction,
                           provider,
                           clock_.now_ms(),
                           "person.email",
                           object_of(row.person.id),
                           "set");
}

Result<OpenedSession> SignIn::with_provider(std::string_view subject,
                                            std::string_view name,
                                            std::optional<Role> create,
                                            std::string_view email) {
  std::optional<PersonRow> row;
  const std::string subject_text(subject);
  const std::string name_text(name);
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(row, find_person(transaction, "default", "subject", subject_text));
    if (!row) {
      TUTELA_TRY_ASSIGN(row, find_person(transaction, "default", "name", name_text));
    }
    return ok();
  }));
  if (!row && create) {
    People people(database_, clock_);
    const store::Actor provider{"default", "provider", "none"};
    TUTELA_TRY(people.invite(provider, name, *create));
    return with_provider(subject, name, std::nullopt, email);
  }
  // Once bound to a subject, a name alone opens nothing: names are given anew, subjects are not.
  const bool known = row && row->person.state != PersonState::kDisabled &&
                     (!row->subject || *row->subject == subject_text);
  const std::string object = row ? object_of(row->person.id) : "person:unknown";
  TUTELA_TRY(database_.write([&](store::Transaction& transaction) -> Status {
    if (!known) {
      return note(transaction, nobody(), clock_.now_ms(), "person.sign_in", object, "refused");
    }
    TUTELA_TRY(transaction.execute(
        "UPDATE person SET state = 'active', subject = :subject, invitation = NULL, "
        "invitation_ends_ms = NULL WHERE id = :id AND state <> 'disabled' AND (subject IS NULL OR "
        "subject = :same_subject)",
        {subject_text, to_string(row->person.id), subject_text}));
    return take_email(transaction, *row, email);
  }));
  if (!known) {
    return refused();
  }
  return open_first(*row, "person.sign_in_provider");
}

Result<OpenedSession> SignIn::open_first(const PersonRow& row, std::string_view action) {
  const UtcMs now_ms = clock_.now_ms();
  const OpenedSession opened =
      new_session(row.person, row.second_factor ? Stage::kSecondFactor : Stage::kEnrol, now_ms);
  const store::Actor actor{
      row.person.tenant_id, object_of(row.person.id), std::string(to_string(row.person.role))};
  TUTELA_TRY(database_.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(insert_session(transaction, row.person.tenant_id, opened, now_ms, rules_.idle_ms));
    return note(transaction, actor, now_ms, action, object_of(row.person.id));
  }));
  return opened;
}

OpenedSession SignIn::new_session(const Person& person, Stage stage, UtcMs now_ms) const {
  const bool open = stage == Stage::kOpen;
  OpenedSession opened;
  opened.secret = new_opaque(kPrefix);
  opened.session.id = new_uuid(now_ms);
  opened.session.person_id = person.id;
  opened.session.name = person.name;
  opened.session.role = person.role;
  opened.session.stage = stage;
  opened.session.fresh_until_ms = open ? now_ms + rules_.fresh_ms : 0;
  opened.ends_ms = now_ms + (open ? rules_.open_ms : rules_.signing_in_ms);
  return opened;
}

Result<Principal> SignIn::authenticate(std::string_view secret, Attended attended) {
  return principal_of_session(database_, clock_.now_ms(), rules_, secret, attended);
}

Result<Principal> principal_of_session(store::Database& database,
                                       UtcMs now_ms,
                                       const SessionRules& rules,
                                       std::string_view secret,
                                       Attended attended) {
  std::optional<SessionRow> row;
  if (is_session_secret(secret)) {
    const std::string hash = hash_of(secret);
    TUTELA_TRY(database.read([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY_ASSIGN(row, find_session(transaction, hash));
      return ok();
    }));
  }
  if (!row || row->ends_ms <= now_ms || now_ms - row->seen_ms > rules.idle_ms) {
    return Error{ErrorKind::kForbidden, "auth.bad_session", "the session is over; sign in again"};
  }
  if (attended == Attended::kYes && now_ms - row->seen_ms > kSeenStepMs) {
    TUTELA_TRY(database.write([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY(transaction.execute("UPDATE person_session SET seen_ms = :seen_ms WHERE id = :id",
                                     {now_ms, to_string(row->principal.session->id)}));
      return ok();
    }));
  }
  if (row->principal.session->role == Role::kSolo && !rules.solo) {
    row->principal.permissions = {};
  }
  return std::move(row->principal);
}

Status SignIn::sign_out(const Principal& principal) {
  return database_.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(remove_session(transaction, principal.session->id));
    return note(transaction,
                principal.actor,
                clock_.now_ms(),
                "person.sign_out",
                object_of(principal.session->person_id));
  });
}

Status SignIn::sign_out_everywhere(const Principal& principal) {
  return database_.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(end_sessions(transaction, principal.session->person_id));
    return note(transaction,
                principal.actor,
                clock_.now_ms(),
                "person.sign_out_everywhere",
                object_of(principal.session->person_id));
  });
}

Status SignIn::change_password(Caller& caller,
                               const Principal& principal,
                               std::string_view password,
                               std::string_view next) {
  const PersonSession& session = *principal.session;
  const std::string key = "change " + to_string(session.person_id);
  TUTELA_TRY(throttle(caller, key));
  TUTELA_TRY(check_password(next, session.name));
  std::optional<PersonRow> row;
  const std::string id = to_string(session.person_id);
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(row, find_person(transaction, principal.actor.tenant_id, "id", id));
    return ok();
  }));
  TUTELA_TRY_ASSIGN(const bool right,
                    passwords_.verify(row ? row->password : std::nullopt, password));
  if (!right) {
    return refused();
  }
  succeeded(caller, key);
  TUTELA_TRY_ASSIGN(const std::string stored, passwords_.hash(next));
  return database_.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(
        transaction.execute("UPDATE person SET password = :password WHERE id = :id", {stored, id}));
    TUTELA_TRY(transaction.execute(
        "DELETE FROM person_session WHERE person_id = :person_id AND id <> :session_id",
        {id, to_string(session.id)}));
    return note(transaction,
                principal.actor,
                clock_.now_ms(),
                "person.password",
                object_of(session.person_id));
  });
}

}  // namespace tutela::auth
