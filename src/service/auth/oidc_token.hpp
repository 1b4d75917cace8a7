// OpenID tokens: what a provider says of itself, its keys, and the proof that it vouches for
// somebody (OpenID Connect Core 1.0, Discovery 1.0; RFC 7515, 7517, 7519). All of it is read as
// hostile. Signatures through cjose. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tutela::auth::oidc {

struct Discovery {
  std::string authorization_endpoint;
  std::string token_endpoint;
  std::string jwks_uri;
};

/// https, or http to this machine's loopback.
[[nodiscard]] bool is_safe_url(std::string_view url) noexcept;

/// The issuer is exactly the one that was asked, every address is safe. Error: kUnavailable
/// "oidc.bad_discovery".
Result<Discovery> parse_discovery(std::string_view text, std::string_view issuer);

/// A public key that signs: RSA of 2048 bits and more, or EC.
struct SigningKey {
  std::string id;
  std::string json;
};

/// At most 32. Keys of other kinds and uses are left out. Error: kUnavailable "oidc.bad_keys".
Result<std::vector<SigningKey>> parse_keys(std::string_view text);

struct Expected {
  std::string issuer;
  std::string client_id;
  std::string nonce;
  std::string name_claim;
  UtcMs now_ms = 0;
};

struct Claims {
  std::string subject;
  std::string name;   // lower case; empty when the claim is not there, or is an unverified e-mail
  std::string email;  // one that the provider has verified; empty: none
};

/// Takes RS256, PS256 and ES256, with a key of parse_keys(). Errors: kNotFound "oidc.unknown_key";
/// kForbidden "oidc.bad_token".
Result<Claims> verify_id_token(std::string_view token,
                               const std::vector<SigningKey>& keys,
                               const Expected& expected);

/// The id_token of a token endpoint's answer. Error: kForbidden "oidc.bad_token".
Result<std::string> parse_token_answer(std::string_view text);

}  // namespace tutela::auth::oidc
