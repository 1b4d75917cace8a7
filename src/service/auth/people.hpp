// People: accounts, their roles and states, and what is assigned to them.
//
// Nobody chooses a password for another: whoever makes or resets an account gets an invitation, to
// be used once within 72 hours, with which the person sets it. Every change ends the person's
// sessions and is an entry of the audit log in the same unit of work. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "custody/store/store.hpp"
#include "service/auth/permission.hpp"

namespace tutela::auth {

enum class PersonState : std::uint8_t { kInvited, kActive, kDisabled };
[[nodiscard]] std::string_view to_string(PersonState state) noexcept;

struct Person {
  Uuid id;
  std::string tenant_id;
  std::string name;
  Role role = Role::kReviewer;
  PersonState state = PersonState::kInvited;
  bool has_second_factor = false;
  std::string email;  // empty: none. For those who manage people and for the person alone
  UtcMs created_ms = 0;
  std::optional<UtcMs> invitation_ends_ms;
};

struct Invitation {
  Person person;
  std::string code;  // shown once
};

/// Borrows database and clock. Everything is of the actor's tenant.
class People {
 public:
  /// `solo`: a one-person server, where the role solo is to be had. Elsewhere it is refused with
  /// kForbidden "role.solo_off".
  People(store::Database& database, const Clock& clock, bool solo = false);

  /// A name is 1 to 64 of a-z 0-9 . _ @ + -, begins with a letter or digit, and is no UUID. Errors:
  /// kInvalidInput "person.bad_name"; kConflict "person.exists".
  /// An address is as mail::is_address() has it, or empty; kInvalidInput "person.bad_email".
  Result<Invitation> invite(const store::Actor& actor,
                            std::string_view name,
                            Role role,
                            std::string_view email = {});
  /// The first admin, from the machine itself. With `force` although there is one; the entry then
  /// says so. Error: kConflict "person.admin_exists".
  Result<Invitation> create_admin(const store::Actor& actor,
                                  std::string_view name,
                                  bool force,
                                  std::string_view email = {});
  /// The oldest first.
  Result<std::vector<Person>> all(const store::Actor& actor);
  /// Errors of all that follow: kNotFound "person.not_found"; kForbidden "person.own" (nobody
  /// changes their own account).
  Result<Person> find(const store::Actor& actor, std::string_view name_or_id);
  Result<Person> set_role(const store::Actor& actor, std::string_view name_or_id, Role role);
  Result<Person> disable(const store::Actor& actor, std::string_view name_or_id);
  /// Where they are written to; empty: nowhere. People may do it for themselves, and no session
  /// ends. The entry says "set" or "removed", never the address. Error: "person.bad_email".
  Result<Person> set_email(const store::Actor& actor,
                           std::string_view name_or_id,
                           std::string_view email);
  /// Password, second factor and recovery codes are forgotten; the account is active again once the
  /// invitation is taken.
  Result<Invitation> reset(const store::Actor& actor, std::string_view name_or_id);

 private:
  [[nodiscard]] Status check_role(Role role) const;
  Result<Person> change(const store::Actor& actor,
                        std::string_view name_or_id,
                        const std::function<Status(store::Transaction&, Person&, UtcMs)>& with);

  store::Database& database_;
  const Clock& clock_;
  bool solo_;
};

/// Where the person of a principal ("person:<id>") is written to; empty: nobody with an account
/// that is not shut, or no address.
Result<std::string> address_of(store::Transaction& transaction,
                               const std::string& tenant_id,
                               std::string_view principal_id);

/// Who works on which case: all that a contractor sees. `person_id` is of the actor's tenant.
/// Assigning twice and unassigning what is not assigned are success. Errors: kInvalidInput
/// "case.bad_ref"; kNotFound "person.not_found"; kForbidden "person.own".
Status assign(store::Database& database,
              const store::Actor& actor,
              UtcMs now_ms,
              std::string_view case_ref,
              const Uuid& person_id);
Status unassign(store::Database& database,
                const store::Actor& actor,
                UtcMs now_ms,
                std::string_view case_ref,
                const Uuid& person_id);
/// The cases of one person, in order.
Result<std::vector<std::string>> assigned(store::Database& database,
                                          const store::Actor& actor,
                                          const Uuid& person_id);

}  // namespace tutela::auth
