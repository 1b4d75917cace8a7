// The second factor of SignIn: seeds, codes and recovery codes.
#include <algorithm>
#include <utility>

#include "crypto/seal.hpp"
#include "service/auth/opaque.hpp"
#include "service/auth/person_rows.hpp"
#include "service/auth/session_rows.hpp"
#include "service/auth/sign_in.hpp"
#include "service/auth/totp.hpp"

namespace tutela::auth {

Result<crypto::Key> load_seed_key(const std::filesystem::path& store_folder) {
  const std::filesystem::path folder = store_folder / "keys";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  return crypto::load_or_create_key(folder / "people.key");
}

namespace {

constexpr std::string_view kIssuer = "Tutela";
constexpr int kRecoveryCodes = 10;
constexpr std::size_t kRecoveryBytes = 10;  // 80 bits: 16 characters of base32

Error bad_code() {
  return {ErrorKind::kForbidden, "auth.bad_code", "the code is not right, or was used already"};
}

/// "ABCD-EFGH-IJKL-MNOP".
Result<std::string> new_recovery_code() {
  Bytes bytes(kRecoveryBytes);
  crypto::random_bytes(bytes);
  TUTELA_TRY_ASSIGN(std::string code, totp::to_base32(bytes));
  for (std::size_t at = 12; at > 0; at -= 4) {
    code.insert(at, 1, '-');
  }
  return code;
}

/// As it was made, however it was typed; empty when it can be none.
std::string normal_recovery_code(std::string_view typed) {
  std::string code;
  for (const char c : typed.substr(0, 64)) {
    if (c >= 'a' && c <= 'z') {
      code += static_cast<char>(c - 'a' + 'A');
    } else if ((c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7')) {
      code += c;
    }
  }
  return code.size() == 16 ? code : std::string();
}

Status replace_recovery(store::Transaction& transaction,
                        const Principal& principal,
                        const std::vector<std::string>& codes) {
  const std::string person_id = to_string(principal.session->person_id);
  TUTELA_TRY(
      transaction.execute("DELETE FROM person_recovery WHERE person_id = :person_id", {person_id}));
  for (const std::string& code : codes) {
    TUTELA_TRY(transaction.execute(
        "INSERT INTO person_recovery (person_id, tenant_id, principal_id, hash) VALUES "
        "(:person_id, :tenant_id, :principal_id, :hash)",
        {person_id,
         principal.actor.tenant_id,
         principal.actor.principal_id,
         hash_of(normal_recovery_code(code))}));
  }
  return ok();
}

Result<std::vector<std::string>> make_recovery_codes() {
  std::vector<std::string> codes;
  for (int i = 0; i < kRecoveryCodes; ++i) {
    TUTELA_TRY_ASSIGN(std::string code, new_recovery_code());
    codes.push_back(std::move(code));
  }
  return codes;
}

std::string throttle_key(const Principal& principal) {
  return "code " + to_string(principal.session->person_id);
}

Person person_of(const Principal& principal) {
  Person person;
  person.id = principal.session->person_id;
  person.tenant_id = principal.actor.tenant_id;
  person.name = principal.session->name;
  person.role = principal.session->role;
  return person;
}

}  // namespace

// The person's id is sealed with the seed, so that rows cannot be exchanged.
std::string SignIn::seal_seed(const Uuid& person_id, ByteView seed) const {
  Bytes sealed;
  crypto::Sealer sealer(seed_key_);
  sealer.update(as_bytes(to_string(person_id)), sealed);
  sealer.update(seed, sealed);
  sealer.finish(sealed);
  return to_hex(sealed);
}

Result<Bytes> SignIn::open_seed(const Uuid& person_id, const std::string& sealed) const {
  constexpr std::size_t kSealedMax = 4096;
  const std::string id = to_string(person_id);
  const Error corrupt{ErrorKind::kCorrupted,
                      "person.bad_seed",
                      "the second factor of a person cannot be read with this key; restore "
                      "keys/people.key, or reset the person"};
  if (sealed.size() % 2 != 0 || sealed.size() > kSealedMax) {
    return corrupt;
  }
  Bytes bytes(sealed.size() / 2);
  if (!parse_hex(sealed, bytes)) {
    return corrupt;
  }
  const auto plain = crypto::open_sealed(seed_key_, bytes, kSealedMax);
  if (!plain || plain->size() != id.size() + totp::kSeedBytes || !as_text(*plain).starts_with(id)) {
    return corrupt;
  }
  return Bytes(plain->begin() + static_cast<std::ptrdiff_t>(id.size()), plain->end());
}

Result<Enrolment> SignIn::enrol(const Principal& principal) {
  const PersonSession& session = *principal.session;
  if (session.stage != Stage::kEnrol) {
    return Error{ErrorKind::kConflict,
                 "auth.enrolled",
                 "there is a second factor already; an admin can reset the account"};
  }
  const Bytes seed = totp::new_seed();
  Enrolment enrolment;
  TUTELA_TRY_ASSIGN(enrolment.secret, totp::to_base32(seed));
  TUTELA_TRY_ASSIGN(enrolment.uri, totp::uri_of(kIssuer, session.name, seed));
  const std::string sealed = seal_seed(session.person_id, seed);
  TUTELA_TRY(database_.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.execute(
        "UPDATE person SET second_factor_next = :sealed WHERE id = :id AND second_factor IS NULL",
        {sealed, to_string(session.person_id)}));
    return note(transaction,
                principal.actor,
                clock_.now_ms(),
                "person.enrol",
                object_of(session.person_id));
  }));
  return enrolment;
}

// Inside the unit of work that uses the code up, so that two requests cannot both use it.
Status SignIn::check_code(store::Transaction& transaction,
                          const Principal& principal,
                          std::string_view code,
                          UtcMs now_ms,
                          bool& right) {
  const PersonSession& session = *principal.session;
  const std::string id = to_string(session.person_id);
  right = false;
  TUTELA_TRY_ASSIGN(const auto row, find_person(transaction, principal.actor.tenant_id, "id", id));
  const bool enrolling = session.stage == Stage::kEnrol;
  const auto sealed =
      row ? (enrolling ? row->second_factor_next : row->second_factor) : std::nullopt;
  if (!sealed || (enrolling && row->second_factor)) {
    return ok();
  }
  TUTELA_TRY_ASSIGN(const Bytes seed, open_seed(session.person_id, *sealed));
  if (const auto step = totp::step_of(seed, code, now_ms, enrolling ? -1 : row->last_step)) {
    right = true;
    TUTELA_TRY(transaction.execute(
        "UPDATE person SET last_step = :last_step, second_factor = :second_factor, "
        "second_factor_next = NULL WHERE id = :id",
        {*step, *sealed, id}));
    return ok();
  }
  const std::string recovery = normal_recovery_code(code);
  if (!enrolling && !recovery.empty()) {
    TUTELA_TRY_ASSIGN(
        const std::int64_t used,
        transaction.execute(
            "DELETE FROM person_recovery WHERE person_id = :person_id AND hash = :hash",
            {id, hash_of(recovery)}));
    right = used == 1;
    if (right) {
      TUTELA_TRY(note(transaction,
                      principal.actor,
                      now_ms,
                      "person.recovery_code",
                      object_of(session.person_id)));
    }
  }
  return ok();
}

Status SignIn::take_code(const Caller& caller,
                         const Principal& principal,
                         std::string_view code,
                         std::string_view action,
                         const std::function<Status(store::Transaction&, UtcMs)>& then) {
  bool right = false;
  const UtcMs now_ms = clock_.now_ms();
  TUTELA_TRY(database_.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(check_code(transaction, principal, code, now_ms, right));
    if (right) {
      TUTELA_TRY(then(transaction, now_ms));
    } else {
      TUTELA_TRY(count_failure(transaction, principal.session->id));
    }
    return note(transaction,
                principal.actor,
                now_ms,
                action,
                object_of(principal.session->person_id),
                right ? "ok" : "refused");
  }));
  if (!right) {
    return bad_code();
  }
  succeeded(caller, throttle_key(principal));
  return ok();
}

Result<OpenedSession> SignIn::second_factor(Caller& caller,
                                            const Principal& principal,
                                            std::string_view code) {
  TUTELA_TRY(throttle(caller, throttle_key(principal)));
  if (principal.session->stage != Stage::kSecondFactor) {
    return bad_code();
  }
  const OpenedSession opened = new_session(person_of(principal), Stage::kOpen, clock_.now_ms());
  TUTELA_TRY(take_code(
      caller,
      principal,
      code,
      "person.second_factor",
      [&](store::Transaction& transaction, UtcMs now_ms) -> Status {
        TUTELA_TRY_ASSIGN(const bool there, remove_session(transaction, principal.session->id));
        if (!there) {  // it was ended meanwhile
          return bad_code();
        }
        return insert_session(
            transaction, principal.actor.tenant_id, opened, now_ms, rules_.idle_ms);
      }));
  return opened;
}

Result<Enrolled> SignIn::confirm(Caller& caller,
                                 const Principal& principal,
                                 std::string_view code) {
  TUTELA_TRY(throttle(caller, throttle_key(principal)));
  if (principal.session->stage != Stage::kEnrol) {
    return bad_code();
  }
  Enrolled enrolled;
  TUTELA_TRY_ASSIGN(enrolled.recovery_codes, make_recovery_codes());
  enrolled.opened = new_session(person_of(principal), Stage::kOpen, clock_.now_ms());
  TUTELA_TRY(take_code(
      caller,
      principal,
      code,
      "person.enrolled",
      [&](store::Transaction& transaction, UtcMs now_ms) -> Status {
        TUTELA_TRY(replace_recovery(transaction, principal, enrolled.recovery_codes));
        // Others that are signing in with the password alone must begin again.
        TUTELA_TRY(end_sessions(transaction, principal.session->person_id));
        return insert_session(
            transaction, principal.actor.tenant_id, enrolled.opened, now_ms, rules_.idle_ms);
      }));
  return enrolled;
}

Result<UtcMs> SignIn::step_up(Caller& caller, const Principal& principal, std::string_view code) {
  TUTELA_TRY(throttle(caller, throttle_key(principal)));
  UtcMs until_ms = 0;
  TUTELA_TRY(
      take_code(caller,
                principal,
                code,
                "person.step_up",
                [&](store::Transaction& transaction, UtcMs now_ms) -> Status {
                  until_ms = now_ms + rules_.fresh_ms;
                  TUTELA_TRY(transaction.execute(
                      "UPDATE person_session SET fresh_until_ms = :fresh_until_ms, failures = 0 "
                      "WHERE id = :id",
                      {until_ms, to_string(principal.session->id)}));
                  return ok();
                }));
  return until_ms;
}

Result<std::vector<std::string>> SignIn::new_recovery_codes(const Principal& principal) {
  TUTELA_TRY_ASSIGN(const std::vector<std::string> codes, make_recovery_codes());
  TUTELA_TRY(database_.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(replace_recovery(transaction, principal, codes));
    return note(transaction,
                principal.actor,
                clock_.now_ms(),
                "person.recovery_codes",
                object_of(principal.session->person_id));
  }));
  return codes;
}

}  // namespace tutela::auth
