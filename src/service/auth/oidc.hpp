// OpenID Connect: single sign-on by the authorization code flow with PKCE (RFC 6749, RFC 7636,
// RFC 9700). It replaces the password; the second factor stays Tutela's own.
//
// What was begun is kept in memory, bound to the browser by a cookie, used once, for ten minutes.
// Thread-safe; finish() blocks while it asks the provider.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "base/result.hpp"
#include "service/auth/oidc_token.hpp"

namespace tutela::auth {

struct OidcOptions {
  std::string issuer;
  std::string client_id;
  std::string client_secret;
  std::string name_claim;
  std::string redirect_uri;
};

class Oidc {
 public:
  Oidc(OidcOptions options, const Clock& clock);

  struct Begun {
    std::string url;     // where the browser goes
    std::string cookie;  // what it brings back
  };

  /// Error: kUnavailable "oidc.no_answer", "oidc.bad_discovery".
  Result<Begun> begin();

  /// Whom the provider vouches for; the subject begins with the issuer. Errors: kForbidden
  /// "oidc.bad_state" (unknown, used, over, or of another browser), "oidc.bad_token"; kUnavailable
  /// as of begin().
  Result<oidc::Claims> finish(std::string_view state,
                              std::string_view cookie,
                              std::string_view code);

 private:
  struct Started {
    std::string nonce;
    std::string verifier;
    std::string cookie_hash;
    UtcMs at_ms = 0;
  };

  Result<oidc::Discovery> discovery();
  Result<std::vector<oidc::SigningKey>> keys(const oidc::Discovery& at, UtcMs not_before_ms);
  std::optional<Started> take(std::string_view state, std::string_view cookie);
  Result<oidc::Claims> verify(const std::string& token,
                              const oidc::Discovery& at,
                              const oidc::Expected& expected);

  OidcOptions options_;
  const Clock& clock_;
  Mutex mutex_;
  std::map<std::string, Started> started_ TUTELA_GUARDED_BY(mutex_);  // by the hash of the state
  std::optional<oidc::Discovery> discovery_ TUTELA_GUARDED_BY(mutex_);
  UtcMs discovery_ms_ TUTELA_GUARDED_BY(mutex_) = 0;
  std::vector<oidc::SigningKey> keys_ TUTELA_GUARDED_BY(mutex_);
  UtcMs keys_ms_ TUTELA_GUARDED_BY(mutex_) = 0;
};

}  // namespace tutela::auth
