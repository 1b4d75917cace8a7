#include "service/auth/auth.hpp"

#include <utility>

#include "custody/audit/entry.hpp"
#include "service/auth/opaque.hpp"

namespace tutela::auth {
namespace {

constexpr std::string_view kPrefix = "tutela_";
constexpr UtcMs kRememberMs = 5'000;
constexpr std::size_t kRememberMax = 1024;

Status check_name(std::string_view name) {
  const bool good =
      !name.empty() && name.size() <= 64 && name[0] != '-' && name[0] != '_' &&
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string_view::npos &&
      !parse_uuid(name);
  if (!good) {
    return Error{ErrorKind::kInvalidInput,
                 "token.bad_name",
                 "a token's name has 1 to 64 of the characters a-z, 0-9, - and _, begins with a "
                 "letter or a digit, and does not look like an id"};
  }
  return ok();
}

std::optional<UtcMs> optional_time(const store::Row& row, std::size_t column) {
  return row.is_null(column) ? std::nullopt : std::optional<UtcMs>(row.integer(column));
}

Error bad_token() {
  return Error{ErrorKind::kForbidden,
               "auth.bad_token",
               "the token is not valid; ask the operator for a new one"};
}

Status insert_token(store::Transaction& transaction,
                    const store::Actor& actor,
                    const TokenInfo& info,
                    const std::string& hash) {
  const Result<std::int64_t> inserted = transaction.execute(
      "INSERT INTO token (id, tenant_id, principal_id, name, hash, scopes, created_ms, expires_ms) "
      "VALUES (:id, :tenant_id, :principal_id, :name, :hash, :scopes, :created_ms, :expires_ms)",
      {to_string(info.id),
       actor.tenant_id,
       actor.principal_id,
       info.name,
       hash,
       to_string(info.scopes),
       info.created_ms,
       store::to_value(info.expires_ms)});
  if (!inserted && inserted.error().kind == ErrorKind::kConflict) {
    return Error{ErrorKind::kConflict,
                 "token.exists",
                 "there is a token of this name (a revoked token keeps its name); take another"};
  }
  TUTELA_TRY(inserted);
  return audit::add(transaction,
                    actor,
                    info.created_ms,
                    {"token.create", "token:" + to_string(info.id), "access", "ok"});
}

Status revoke_token(store::Transaction& transaction,
                    const store::Actor& actor,
                    const std::string& name_or_id,
                    UtcMs now_ms) {
  std::string id;
  bool revoked = false;
  TUTELA_TRY(
      transaction.query("SELECT id, revoked_ms FROM token WHERE tenant_id = :tenant_id AND (name = "
                        ":name OR id = :id)",
                        {actor.tenant_id, name_or_id, name_or_id},
                        [&](const store::Row& row) {
                          id = row.text(0);
                          revoked = !row.is_null(1);
                          return ok();
                        }));
  if (id.empty()) {
    return Error{ErrorKind::kNotFound, "token.not_found", "there is no token of this name or id"};
  }
  if (revoked) {
    return ok();
  }
  TUTELA_TRY(
      transaction.execute("UPDATE token SET revoked_ms = :now_ms WHERE id = :id", {now_ms, id}));
  return audit::add(transaction, actor, now_ms, {"token.revoke", "token:" + id, "access", "ok"});
}

}  // namespace

Auth::Auth(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

Result<NewToken> Auth::create(const store::Actor& actor,
                              std::string_view name,
                              Scopes scopes,
                              std::optional<UtcMs> expires_ms) {
  TUTELA_TRY(check_name(name));
  const UtcMs now_ms = clock_.now_ms();
  if (scopes.empty()) {
    return Error{ErrorKind::kInvalidInput, "scope.unknown", "a token needs at least one scope"};
  }
  if (expires_ms && *expires_ms <= now_ms) {
    return Error{ErrorKind::kInvalidInput, "token.bad_expiry", "a token must expire in the future"};
  }
  NewToken token;
  token.info.id = new_uuid(now_ms);
  token.info.name = std::string(name);
  token.info.scopes = scopes;
  token.info.created_ms = now_ms;
  token.info.expires_ms = expires_ms;
  token.secret = new_opaque(kPrefix);
  const std::string hash = hash_of(token.secret);
  TUTELA_TRY(database_.write([&](store::Transaction& transaction) {
    return insert_token(transaction, actor, token.info, hash);
  }));
  return token;
}

Result<std::vector<TokenInfo>> Auth::all(const store::Actor& actor) {
  std::vector<TokenInfo> tokens;
  const auto add = [&](const store::Row& row) -> Status {
    TokenInfo info;
    TUTELA_TRY_ASSIGN(info.id, parse_uuid(row.text(0)));
    info.name = row.text(1);
    TUTELA_TRY_ASSIGN(info.scopes, parse_scopes(row.text(2)));
    info.created_ms = row.integer(3);
    info.expires_ms = optional_time(row, 4);
    info.revoked_ms = optional_time(row, 5);
    tokens.push_back(std::move(info));
    return ok();
  };
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) {
    return transaction.query(
        "SELECT id, name, scopes, created_ms, expires_ms, revoked_ms FROM token "
        "WHERE tenant_id = :tenant_id ORDER BY id",
        {actor.tenant_id},
        add);
  }));
  return tokens;
}

Status Auth::revoke(const store::Actor& actor, std::string_view name_or_id) {
  if (name_or_id.size() > 64 || name_or_id.find('\0') != std::string_view::npos) {
    return Error{ErrorKind::kNotFound, "token.not_found", "there is no token of this name or id"};
  }
  Status status = database_.write([&](store::Transaction& transaction) {
    return revoke_token(transaction, actor, std::string(name_or_id), clock_.now_ms());
  });
  // Also after an error, which may have come from a commit that took place.
  const MutexLock lock(mutex_);
  ++revocations_;
  found_.clear();
  return status;
}

Result<Principal> Auth::authenticate(std::string_view token) {
  if (!is_opaque(kPrefix, token)) {
    return bad_token();
  }
  const std::string hash = hash_of(token);
  std::optional<Found> found = remembered(hash);
  if (!found) {
    TUTELA_TRY_ASSIGN(found, look_up(hash));
  }
  if (!found || (found->expires_ms && *found->expires_ms <= clock_.now_ms())) {
    return bad_token();
  }
  return std::move(found->principal);
}

// By the injected clock; one that was set back makes an entry invalid, never longer valid.
std::optional<Auth::Found> Auth::remembered(const std::string& hash) {
  const UtcMs now_ms = clock_.now_ms();
  const MutexLock lock(mutex_);
  const auto found = found_.find(hash);
  if (found == found_.end() || now_ms < found->second.found_ms ||
      now_ms - found->second.found_ms >= kRememberMs) {
    return std::nullopt;
  }
  return found->second;
}

Result<std::optional<Auth::Found>> Auth::look_up(const std::string& hash) {
  std::uint64_t revocations = 0;
  {
    const MutexLock lock(mutex_);
    revocations = revocations_;
  }
  std::optional<Found> found;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) {
    return transaction.query(
        "SELECT tenant_id, id, scopes, expires_ms FROM token "
        "WHERE hash = :hash AND revoked_ms IS NULL",
        {hash},
        [&](const store::Row& row) -> Status {
          Found entry;
          entry.principal.actor = {row.text(0), "token:" + row.text(1), "service"};
          TUTELA_TRY_ASSIGN(const Scopes scopes, parse_scopes(row.text(2)));
          entry.principal.permissions = permissions_of(scopes);
          entry.expires_ms = optional_time(row, 3);
          found = std::move(entry);
          return ok();
        });
  }));
  if (found) {
    remember(hash, *found, revocations);
  }
  return found;
}

// Not when a token was revoked since it was looked up: it may have been this one.
void Auth::remember(const std::string& hash, const Found& found, std::uint64_t revocations) {
  const UtcMs now_ms = clock_.now_ms();
  const MutexLock lock(mutex_);
  if (revocations != revocations_) {
    return;
  }
  if (found_.size() >= kRememberMax) {
    found_.clear();
  }
  Found& entry = found_[hash];
  entry = found;
  entry.found_ms = now_ms;
}

}  // namespace tutela::auth
