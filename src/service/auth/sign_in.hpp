// Sign-in: from an invitation to a session, in two factors, and the end of sessions.
//
// First factor: a password, or a provider's word (oidc.hpp). Second: TOTP or a recovery code,
// enrolled at the first sign-in; without it a session opens nothing. A session's secret is 256
// random bits, stored as a hash, and a new one after the second factor, so that none that somebody
// planted before ever opens. Refusals are the same, and take as long, whether a name exists or not.
//
// Thread-safe. Borrows database and clock. Calls that hash a password block for a tenth of a second
// and more.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "crypto/secret.hpp"
#include "custody/store/store.hpp"
#include "service/auth/auth.hpp"
#include "service/auth/passwords.hpp"
#include "service/auth/people.hpp"
#include "service/auth/throttle.hpp"

namespace tutela::auth {

struct PersonRow;

struct SessionRules {
  std::int64_t idle_ms = 30LL * 60'000;
  std::int64_t open_ms = 12LL * 3'600'000;
  std::int64_t signing_in_ms = 10LL * 60'000;  // to give the second factor
  std::int64_t fresh_ms = 5LL * 60'000;
  bool solo = false;  // a one-person server: elsewhere the role solo may do nothing
};

struct OpenedSession {
  std::string secret;  // "tutelas_..."
  PersonSession session;
  UtcMs ends_ms = 0;
};

struct Enrolment {
  std::string secret;  // base32
  std::string uri;     // otpauth://
};

struct Enrolled {
  OpenedSession opened;
  std::vector<std::string> recovery_codes;
};

/// Of somebody who is not signed in. `wait_ms` is set with the error "auth.too_many".
struct Caller {
  std::string address;  // of the connection, for the throttle
  std::int64_t wait_ms = 0;
};

/// What ties a state-changing request to the session of a cookie: derived from its secret.
[[nodiscard]] std::string csrf_of(std::string_view secret);
[[nodiscard]] bool is_session_secret(std::string_view text) noexcept;

/// Whether a person stands behind a request, or a page that nobody looks at repeats it: the latter
/// keeps no session from ending.
enum class Attended : bool { kNo, kYes };

/// Who a session's secret belongs to; for a process that signs nobody in. Error: kForbidden
/// "auth.bad_session".
Result<Principal> principal_of_session(store::Database& database,
                                       UtcMs now_ms,
                                       const SessionRules& rules,
                                       std::string_view secret,
                                       Attended attended = Attended::kYes);

/// What seals the seeds of people's second factors: a file in the data folder, made when absent.
Result<crypto::Key> load_seed_key(const std::filesystem::path& store_folder);

class SignIn {
 public:
  /// `seed_key` seals the seeds of second factors.
  SignIn(store::Database& database, const Clock& clock, crypto::Key seed_key, SessionRules rules);

  /// Sets the first password. Errors: kForbidden "auth.bad_invitation" (unknown, used or over);
  /// "password.too_weak"; kLimitExceeded "auth.too_many"; kUnavailable "auth.busy".
  Status accept_invitation(Caller& caller, std::string_view code, std::string_view password);

  /// Errors: kForbidden "auth.refused" (no such person, wrong password, no account that is active);
  /// kLimitExceeded "auth.too_many"; kUnavailable "auth.busy".
  Result<OpenedSession> with_password(Caller& caller,
                                      std::string_view name,
                                      std::string_view password);

  /// A provider vouches for the person with this subject, or, the first time, of this name; with
  /// `create` a person who does not exist is made. `email`, which the provider has verified, is
  /// taken where the person has none. Error: kForbidden "auth.refused".
  Result<OpenedSession> with_provider(std::string_view subject,
                                      std::string_view name,
                                      std::optional<Role> create,
                                      std::string_view email = {});

  /// A new seed for a person who has no second factor. Error: kConflict "auth.enrolled".
  Result<Enrolment> enrol(const Principal& principal);
  /// The first code of the new seed: the session opens. Errors as of second_factor().
  Result<Enrolled> confirm(Caller& caller, const Principal& principal, std::string_view code);
  /// A code of the app, or a recovery code. Five wrong ones end the session. Errors: kForbidden
  /// "auth.bad_code"; kLimitExceeded "auth.too_many".
  Result<OpenedSession> second_factor(Caller& caller,
                                      const Principal& principal,
                                      std::string_view code);
  /// A code again, in an open session: until when it is fresh. Errors as of second_factor().
  Result<UtcMs> step_up(Caller& caller, const Principal& principal, std::string_view code);

  /// Ends the person's other sessions. Errors: kForbidden "auth.refused"; "password.too_weak".
  Status change_password(Caller& caller,
                         const Principal& principal,
                         std::string_view password,
                         std::string_view next);
  /// The old ones are void.
  Result<std::vector<std::string>> new_recovery_codes(const Principal& principal);

  /// Who a session's secret belongs to. Error: kForbidden "auth.bad_session".
  Result<Principal> authenticate(std::string_view secret, Attended attended = Attended::kYes);

  Status sign_out(const Principal& principal);
  Status sign_out_everywhere(const Principal& principal);

 private:
  Status throttle(Caller& caller, const std::string& key);
  void succeeded(const Caller& caller, const std::string& key);
  Status take_email(store::Transaction& transaction,
                    const PersonRow& row,
                    std::string_view email) const;
  Result<OpenedSession> open_first(const PersonRow& row, std::string_view action);
  Status take_code(const Caller& caller,
                   const Principal& principal,
                   std::string_view code,
                   std::string_view action,
                   const std::function<Status(store::Transaction&, UtcMs)>& then);
  Status check_code(store::Transaction& transaction,
                    const Principal& principal,
                    std::string_view code,
                    UtcMs now_ms,
                    bool& right);
  [[nodiscard]] std::string seal_seed(const Uuid& person_id, ByteView seed) const;
  [[nodiscard]] Result<Bytes> open_seed(const Uuid& person_id, const std::string& sealed) const;
  OpenedSession new_session(const Person& person, Stage stage, UtcMs now_ms) const;

  store::Database& database_;
  const Clock& clock_;
  crypto::Key seed_key_;
  SessionRules rules_;
  Passwords passwords_;
  Throttle names_;
  Throttle addresses_;
};

}  // namespace tutela::auth
