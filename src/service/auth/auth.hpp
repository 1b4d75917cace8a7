// Auth: bearer tokens with scopes, stored as hashes, shown once when they are made.
//
// A token is "tutela_" and 43 characters of base64url (256 random bits), so a plain SHA-256 is
// enough at rest, and finding it by that hash tells a caller's clock nothing. Thread-safe.
//
// What authenticate() found is kept for up to 5 seconds. A token revoked through this object stops
// at once, one revoked by another process within that time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "custody/store/store.hpp"
#include "service/auth/permission.hpp"

namespace tutela::auth {

/// A set of scopes. Each stands for itself: admin does not include the others.
class Scopes {
 public:
  Scopes() = default;

  void add(Scope scope) noexcept { bits_ |= 1U << static_cast<unsigned>(scope); }

  [[nodiscard]] bool has(Scope scope) const noexcept {
    return (bits_ & (1U << static_cast<unsigned>(scope))) != 0;
  }

  [[nodiscard]] bool empty() const noexcept { return bits_ == 0; }

 private:
  unsigned bits_ = 0;
};

[[nodiscard]] std::string to_string(const Scopes& scopes);  // "scan read"
/// Separated by blanks or commas; at least one. Error: kInvalidInput "scope.unknown".
Result<Scopes> parse_scopes(std::string_view text);

struct TokenInfo {
  Uuid id;
  std::string name;
  Scopes scopes;
  UtcMs created_ms = 0;
  std::optional<UtcMs> expires_ms;
  std::optional<UtcMs> revoked_ms;
};

struct NewToken {
  TokenInfo info;
  std::string secret;  // shown once
};

/// How far a person's sign-in has come.
enum class Stage : std::uint8_t {
  kEnrol,         // the first factor is given, there is no second one yet
  kSecondFactor,  // the first factor is given
  kOpen,
};

/// The session that a person's request belongs to.
struct PersonSession {
  Uuid id;
  Uuid person_id;
  std::string name;
  Role role = Role::kReviewer;
  Stage stage = Stage::kSecondFactor;
  UtcMs fresh_until_ms = 0;  // the second factor counts as fresh until then
};

/// Who a request is by.
struct Principal {
  store::Actor actor;       // principal_id is "token:<id>" or "person:<id>"
  Permissions permissions;  // none before a session is open
  bool assigned_only = false;
  std::optional<PersonSession> session;  // of a person, not of a token
};

/// Of all its scopes together.
[[nodiscard]] Permissions permissions_of(const Scopes& scopes) noexcept;

/// Borrows the database and the clock.
class Auth {
 public:
  Auth(store::Database& database, const Clock& clock);

  /// A name is a-z, 0-9, "-" and "_", at most 64, begins with a letter or digit, and is no UUID.
  /// A revoked token keeps its name. Errors: kConflict "token.exists"; kInvalidInput
  /// "token.bad_name", "token.bad_expiry" (not in the future), "scope.unknown" (no scope).
  Result<NewToken> create(const store::Actor& actor,
                          std::string_view name,
                          Scopes scopes,
                          std::optional<UtcMs> expires_ms);
  /// Those of the actor's tenant, the oldest first.
  Result<std::vector<TokenInfo>> all(const store::Actor& actor);
  /// Revoking again is success. Error: kNotFound "token.not_found".
  Status revoke(const store::Actor& actor, std::string_view name_or_id);

  /// Errors: kForbidden "auth.bad_token" (unknown, revoked or expired: the same answer).
  Result<Principal> authenticate(std::string_view token);

 private:
  struct Found {
    Principal principal;
    std::optional<UtcMs> expires_ms;
    UtcMs found_ms = 0;
  };

  std::optional<Found> remembered(const std::string& hash);
  Result<std::optional<Found>> look_up(const std::string& hash);
  void remember(const std::string& hash, const Found& found, std::uint64_t revocations);

  store::Database& database_;
  const Clock& clock_;
  Mutex mutex_;
  std::unordered_map<std::string, Found> found_ TUTELA_GUARDED_BY(mutex_);
  std::uint64_t revocations_ TUTELA_GUARDED_BY(mutex_) = 0;
};

}  // namespace tutela::auth
