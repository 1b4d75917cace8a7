#include "service/auth/oidc.hpp"

#include <algorithm>
#include <utility>

#include "base/bytes.hpp"
#include "crypto/digest.hpp"
#include "crypto/secret.hpp"
#include "service/auth/opaque.hpp"
#include "service/auth/web.hpp"

namespace tutela::auth {

namespace {

constexpr std::int64_t kStartedMs = 10LL * 60'000;
constexpr std::size_t kStartedMax = 10'000;
constexpr std::int64_t kDiscoveryMs = 3'600'000;
constexpr std::int64_t kKeysMs = 600'000;
constexpr std::int64_t kKeysAgainMs = 10'000;  // for an unknown key, no more often
constexpr std::size_t kCodeBytesMax = 2048;

bool is_over(UtcMs at_ms, UtcMs now_ms, std::int64_t after_ms) {
  return now_ms < at_ms || now_ms - at_ms >= after_ms;
}

}  // namespace

Oidc::Oidc(OidcOptions options, const Clock& clock) : options_(std::move(options)), clock_(clock) {}

Result<Oidc::Begun> Oidc::begin() {
  TUTELA_TRY_ASSIGN(const oidc::Discovery at, discovery());
  const UtcMs now_ms = clock_.now_ms();
  const std::string state = new_opaque("");
  Begun begun;
  begun.cookie = new_opaque("");
  const Started started{new_opaque(""), new_opaque(""), hash_of(begun.cookie), now_ms};
  const std::string challenge = to_base64url(crypto::sha256_of(as_bytes(started.verifier)));
  begun.url = at.authorization_endpoint;
  begun.url += at.authorization_endpoint.find('?') == std::string::npos ? '?' : '&';
  begun.url += "response_type=code&scope=openid%20profile%20email&client_id=" +
               percent_encoded(options_.client_id) +
               "&redirect_uri=" + percent_encoded(options_.redirect_uri) + "&state=" + state +
               "&nonce=" + started.nonce +
               "&code_challenge_method=S256&code_challenge=" + challenge;
  const MutexLock lock(mutex_);
  if (started_.size() >= kStartedMax) {
    std::erase_if(started_, [&](const auto& entry) {
      return is_over(entry.second.at_ms, now_ms, kStartedMs);
    });
  }
  if (started_.size() >= kStartedMax) {
    started_.erase(std::ranges::min_element(
        started_, {}, [](const auto& entry) { return entry.second.at_ms; }));
  }
  started_.emplace(hash_of(state), started);
  return begun;
}

// A state is used up even when the cookie is of another browser.
std::optional<Oidc::Started> Oidc::take(std::string_view state, std::string_view cookie) {
  const MutexLock lock(mutex_);
  auto node = started_.extract(hash_of(state));
  if (node.empty() || is_over(node.mapped().at_ms, clock_.now_ms(), kStartedMs) ||
      !crypto::equal_constant_time(as_bytes(node.mapped().cookie_hash),
                                   as_bytes(hash_of(cookie)))) {
    return std::nullopt;
  }
  return std::move(node.mapped());
}

Result<oidc::Claims> Oidc::finish(std::string_view state,
                                  std::string_view cookie,
                                  std::string_view code) {
  const auto started = take(state, cookie);
  if (!started || code.empty() || code.size() > kCodeBytesMax) {
    return Error{ErrorKind::kForbidden,
                 "oidc.bad_state",
                 "this sign-on was not begun in this browser, or is over; begin again"};
  }
  TUTELA_TRY_ASSIGN(const oidc::Discovery at, discovery());
  WebRequest request{.url = at.token_endpoint};
  request.form = "grant_type=authorization_code&code=" + percent_encoded(code) +
                 "&redirect_uri=" + percent_encoded(options_.redirect_uri) +
                 "&code_verifier=" + started->verifier;
  request.user = percent_encoded(options_.client_id);  // RFC 6749, section 2.3.1
  request.password = percent_encoded(options_.client_secret);
  TUTELA_TRY_ASSIGN(const std::string answer, fetch(request));
  TUTELA_TRY_ASSIGN(const std::string token, oidc::parse_token_answer(answer));
  TUTELA_TRY_ASSIGN(oidc::Claims claims,
                    verify(token,
                           at,
                           {.issuer = options_.issuer,
                            .client_id = options_.client_id,
                            .nonce = started->nonce,
                            .name_claim = options_.name_claim,
                            .now_ms = clock_.now_ms()}));
  claims.subject = options_.issuer + " " + claims.subject;
  return claims;
}

// Providers change their keys: one that is unknown is asked for once more.
Result<oidc::Claims> Oidc::verify(const std::string& token,
                                  const oidc::Discovery& at,
                                  const oidc::Expected& expected) {
  TUTELA_TRY_ASSIGN(const auto present, keys(at, expected.now_ms - kKeysMs));
  auto claims = oidc::verify_id_token(token, present, expected);
  if (!claims && claims.error().kind == ErrorKind::kNotFound) {
    TUTELA_TRY_ASSIGN(const auto next, keys(at, expected.now_ms - kKeysAgainMs));
    claims = oidc::verify_id_token(token, next, expected);
  }
  return claims;
}

Result<oidc::Discovery> Oidc::discovery() {
  const UtcMs now_ms = clock_.now_ms();
  {
    const MutexLock lock(mutex_);
    if (discovery_ && !is_over(discovery_ms_, now_ms, kDiscoveryMs)) {
      return *discovery_;
    }
  }
  std::string base = options_.issuer;
  if (base.ends_with('/')) {
    base.pop_back();
  }
  TUTELA_TRY_ASSIGN(const std::string text,
                    fetch({.url = base + "/.well-known/openid-configuration"}));
  TUTELA_TRY_ASSIGN(const oidc::Discovery found, oidc::parse_discovery(text, options_.issuer));
  const MutexLock lock(mutex_);
  discovery_ = found;
  discovery_ms_ = now_ms;
  return found;
}

/// Those that were fetched after `not_before_ms`.
Result<std::vector<oidc::SigningKey>> Oidc::keys(const oidc::Discovery& at, UtcMs not_before_ms) {
  const UtcMs now_ms = clock_.now_ms();
  {
    const MutexLock lock(mutex_);
    if (!keys_.empty() && keys_ms_ > not_before_ms && keys_ms_ <= now_ms) {
      return keys_;
    }
  }
  TUTELA_TRY_ASSIGN(const std::string text, fetch({.url = at.jwks_uri}));
  TUTELA_TRY_ASSIGN(const auto found, oidc::parse_keys(text));
  const MutexLock lock(mutex_);
  keys_ = found;
  keys_ms_ = now_ms;
  return found;
}

}  // namespace tutela::auth
