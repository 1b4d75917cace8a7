#include "service/http/canary_token.hpp"

#include <algorithm>
#include <string_view>

#include "service/http/handlers.hpp"

namespace tutela::http {

namespace {

constexpr std::string_view kPrefix = "canary-";
constexpr std::size_t kIdSize = 36;

/// The process that a token of canaries was made by; empty: it is another token.
std::string_view maker_of(std::string_view name) {
  const std::string_view rest = name.substr(std::min(name.size(), kPrefix.size()));
  const bool ours = name.starts_with(kPrefix) && parse_uuid(rest.substr(0, kIdSize)).has_value();
  return ours ? rest.substr(0, kIdSize) : std::string_view();
}

}  // namespace

Result<std::string> CanaryToken::make() {
  const MutexLock lock(mutex_);
  TUTELA_TRY(revoke_others());
  // A name is used once: where the token was revoked by hand, the next has another.
  std::string name = std::string(kPrefix) + pipeline_.instance_id();
  if (made_ > 0) {
    name += "-" + std::to_string(made_ + 1);
  }
  auth::Scopes scopes;
  scopes.add(auth::Scope::kScan);
  TUTELA_TRY_ASSIGN(auth::NewToken token, auth_.create(system_actor(), name, scopes, std::nullopt));
  ++made_;
  return std::move(token.secret);
}

Status CanaryToken::revoke_others() {
  TUTELA_TRY_ASSIGN(const auto tokens, auth_.all(system_actor()));
  for (const auth::TokenInfo& token : tokens) {
    const std::string_view maker = maker_of(token.name);
    const bool own = maker == pipeline_.instance_id();
    if (!maker.empty() && !token.revoked_ms && (own || !pipeline_.is_alive(maker))) {
      TUTELA_TRY(auth_.revoke(system_actor(), to_string(token.id)));
    }
  }
  return ok();
}

}  // namespace tutela::http
