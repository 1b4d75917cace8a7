#include "service/auth/oidc_token.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cjose/cjose.h>

#include "base/bytes.hpp"
#include "service/mail/text.hpp"

namespace tutela::auth::oidc {

namespace json = boost::json;

namespace {

constexpr std::size_t kDocumentBytesMax = 256U << 10;
constexpr std::size_t kTokenBytesMax = 16U << 10;
constexpr std::size_t kKeysMax = 32;
constexpr std::size_t kTextBytesMax = 2048;
constexpr std::size_t kSubjectBytesMax = 255;  // Core 1.0, section 2
constexpr std::size_t kRsaBitsMin = 2048;
constexpr double kLeewaySeconds = 60;
constexpr double kAgeSecondsMax = 600;

template <class T, auto kRelease>
struct Release {
  void operator()(T* pointer) const noexcept { kRelease(pointer); }
};

using Jws = std::unique_ptr<cjose_jws_t, Release<cjose_jws_t, cjose_jws_release>>;
using Jwk = std::unique_ptr<cjose_jwk_t, Release<cjose_jwk_t, cjose_jwk_release>>;

Error bad_token(std::string_view what) {
  return {ErrorKind::kForbidden,
          "oidc.bad_token",
          "the provider's token is not taken: " + std::string(what)};
}

std::optional<json::object> parse_object(std::string_view text, std::size_t size_max) {
  if (text.size() > size_max) {
    return std::nullopt;
  }
  json::error_code error;
  json::value value = json::parse({text.data(), text.size()}, error);
  if (error || !value.is_object()) {
    return std::nullopt;
  }
  return std::move(value.as_object());
}

/// Empty when it is absent, no text, or too long.
std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains({name.data(), name.size()});
  if (value == nullptr || !value->is_string() || value->get_string().size() > kTextBytesMax) {
    return {};
  }
  return std::string(value->get_string().data(), value->get_string().size());
}

std::optional<double> number_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains({name.data(), name.size()});
  if (value == nullptr || !value->is_number()) {
    return std::nullopt;
  }
  json::error_code error;
  const double number = value->to_number<double>(error);
  return error || !std::isfinite(number) ? std::nullopt : std::optional(number);
}

/// cjose ends the process over text that is none, so nothing unchecked is handed to it.
bool is_base64url(std::string_view text) {
  return !text.empty() && text.size() % 4 != 1 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

std::optional<std::string> decode_base64url(std::string_view text) {
  std::uint8_t* out = nullptr;
  std::size_t size = 0;
  cjose_err error{};
  if (!is_base64url(text) ||
      !cjose_base64url_decode(text.data(), text.size(), &out, &size, &error)) {
    return std::nullopt;
  }
  const std::unique_ptr<std::uint8_t, Release<void, std::free>> owned(out);
  return std::string(as_text(std::as_bytes(std::span<const std::uint8_t>(owned.get(), size))));
}

/// The public members that its kind needs and nothing else; empty when they are not there.
std::string public_part(const json::object& key) {
  const std::string kind = text_of(key, "kty");
  json::object part = {{"kty", kind}};
  if (kind == "EC") {
    part["crv"] = text_of(key, "crv");
  }
  using Names = std::array<std::string_view, 2>;
  for (const std::string_view name : kind == "EC" ? Names{"x", "y"} : Names{"n", "e"}) {
    const std::string value = text_of(key, name);
    if (!is_base64url(value)) {
      return {};
    }
    part[{name.data(), name.size()}] = value;
  }
  return json::serialize(part);
}

Jwk import_key(const std::string& text) {
  cjose_err error{};
  return Jwk(cjose_jwk_import(text.data(), text.size(), &error));
}

bool is_usable(const cjose_jwk_t* key) {
  cjose_err error{};
  const cjose_jwk_kty_t kind = cjose_jwk_get_kty(key, &error);
  return kind == CJOSE_JWK_KTY_EC ||
         (kind == CJOSE_JWK_KTY_RSA && cjose_jwk_get_keysize(key, &error) >= kRsaBitsMin);
}

bool fits(const cjose_jwk_t* key, std::string_view algorithm) {
  cjose_err error{};
  const bool elliptic = cjose_jwk_get_kty(key, &error) == CJOSE_JWK_KTY_EC;
  return elliptic == (algorithm == "ES256");
}

bool has_signature(std::string_view token, const std::string& key, std::string_view algorithm) {
  const Jwk jwk = import_key(key);
  if (!jwk || !is_usable(jwk.get()) || !fits(jwk.get(), algorithm)) {
    return false;
  }
  cjose_err error{};
  const Jws jws(cjose_jws_import(token.data(), token.size(), &error));
  return jws != nullptr && cjose_jws_verify(jws.get(), jwk.get(), &error);
}

bool is_for(const json::object& claims, const std::string& client_id) {
  const json::value* audience = claims.if_contains("aud");
  if (audience == nullptr) {
    return false;
  }
  const json::string id(client_id.data(), client_id.size());
  const std::string party = text_of(claims, "azp");
  if (claims.contains("azp") && party != client_id) {
    return false;
  }
  if (audience->is_string()) {
    return audience->get_string() == id;
  }
  if (!audience->is_array()) {
    return false;
  }
  const json::array& all = audience->get_array();
  return std::ranges::find(all, json::value(id)) != all.end() &&
         (all.size() == 1 || party == client_id);
}

Status check_claims(const json::object& claims, const Expected& expected) {
  if (text_of(claims, "iss") != expected.issuer) {
    return bad_token("another issuer");
  }
  if (!is_for(claims, expected.client_id)) {
    return bad_token("for another audience");
  }
  if (expected.nonce.empty() || text_of(claims, "nonce") != expected.nonce) {
    return bad_token("another nonce");
  }
  const double now = static_cast<double>(expected.now_ms) / 1000;
  const auto expires = number_of(claims, "exp");
  const auto issued = number_of(claims, "iat");
  if (!expires || !issued || *expires <= now - kLeewaySeconds) {
    return bad_token("expired");
  }
  if (*issued > now + kLeewaySeconds || *issued < now - kAgeSecondsMax ||
      (claims.contains("nbf") &&
       number_of(claims, "nbf").value_or(now + 2 * kLeewaySeconds) > now + kLeewaySeconds)) {
    return bad_token("of another time");
  }
  const std::string subject = text_of(claims, "sub");
  if (subject.empty() || subject.size() > kSubjectBytesMax ||
      !std::ranges::all_of(subject, [](char c) { return c > ' ' && c < '\x7F'; })) {
    return bad_token("without a subject");
  }
  return ok();
}

bool has_verified_email(const json::object& claims) {
  const json::value* verified = claims.if_contains("email_verified");
  return verified != nullptr && verified->is_bool() && verified->get_bool();
}

std::string email_in(const json::object& claims) {
  std::string email = has_verified_email(claims) ? text_of(claims, "email") : std::string();
  return mail::is_address(email) ? email : std::string();
}

std::string name_in(const json::object& claims, const std::string& claim) {
  if (claim == "email" && !has_verified_email(claims)) {
    return {};
  }
  std::string name = text_of(claims, claim);
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return name;
}

}  // namespace

bool is_safe_url(std::string_view url) noexcept {
  if (url.size() > kTextBytesMax ||
      !std::ranges::all_of(url, [](char c) { return c > ' ' && c < '\x7F'; }) ||
      url.find_first_of("\"<>\\@#") != std::string_view::npos) {
    return false;
  }
  for (const std::string_view scheme :
       {"https://", "http://127.0.0.1", "http://localhost", "http://[::1]"}) {
    if (url.starts_with(scheme) && url.size() > scheme.size()) {
      const char next = url[scheme.size()];
      return scheme == "https://" ? next != '/' : next == ':' || next == '/';
    }
  }
  return false;
}

Result<Discovery> parse_discovery(std::string_view text, std::string_view issuer) {
  const auto object = parse_object(text, kDocumentBytesMax);
  Discovery discovery;
  if (object) {
    discovery.authorization_endpoint = text_of(*object, "authorization_endpoint");
    discovery.token_endpoint = text_of(*object, "token_endpoint");
    discovery.jwks_uri = text_of(*object, "jwks_uri");
  }
  if (!object || text_of(*object, "issuer") != issuer ||
      !is_safe_url(discovery.authorization_endpoint) || !is_safe_url(discovery.token_endpoint) ||
      !is_safe_url(discovery.jwks_uri)) {
    return Error{ErrorKind::kUnavailable,
                 "oidc.bad_discovery",
                 "the provider's discovery document is not one of oidc.issuer with safe addresses"};
  }
  return discovery;
}

Result<std::vector<SigningKey>> parse_keys(std::string_view text) {
  const auto object = parse_object(text, kDocumentBytesMax);
  const json::value* keys = object ? object->if_contains("keys") : nullptr;
  if (keys == nullptr || !keys->is_array()) {
    return Error{ErrorKind::kUnavailable, "oidc.bad_keys", "the provider's keys cannot be read"};
  }
  std::vector<SigningKey> found;
  for (const json::value& value : keys->get_array()) {
    if (!value.is_object() || found.size() == kKeysMax) {
      continue;
    }
    const json::object& key = value.get_object();
    const std::string kind = text_of(key, "kty");
    const bool signs = !key.contains("use") || text_of(key, "use") == "sig";
    if (!signs || (kind != "RSA" && kind != "EC") || key.contains("d")) {
      continue;
    }
    SigningKey entry{text_of(key, "kid"), public_part(key)};
    if (const Jwk jwk = import_key(entry.json); jwk && is_usable(jwk.get())) {
      found.push_back(std::move(entry));
    }
  }
  return found;
}

Result<Claims> verify_id_token(std::string_view token,
                               const std::vector<SigningKey>& keys,
                               const Expected& expected) {
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (token.size() > kTokenBytesMax || second == std::string_view::npos ||
      !is_base64url(token.substr(first + 1, second - first - 1)) ||
      !is_base64url(token.substr(second + 1))) {
    return bad_token("malformed");
  }
  const auto header_text = decode_base64url(token.substr(0, first));
  const auto header = header_text ? parse_object(*header_text, kTokenBytesMax) : std::nullopt;
  if (!header || header->contains("crit") || header->contains("b64")) {
    return bad_token("a header that is not understood");
  }
  const std::string algorithm = text_of(*header, "alg");
  if (algorithm != "RS256" && algorithm != "PS256" && algorithm != "ES256") {
    return bad_token("an algorithm that is not taken");
  }
  const std::string id = text_of(*header, "kid");
  const auto is_named = [&](const SigningKey& key) {
    return id.empty() || key.id == id;
  };
  if (std::ranges::none_of(keys, is_named)) {
    return Error{ErrorKind::kNotFound, "oidc.unknown_key", "the token's key is not known"};
  }
  if (std::ranges::none_of(keys, [&](const SigningKey& key) {
        return is_named(key) && has_signature(token, key.json, algorithm);
      })) {
    return bad_token("a wrong signature");
  }
  const auto payload = decode_base64url(token.substr(first + 1, second - first - 1));
  const auto claims = payload ? parse_object(*payload, kTokenBytesMax) : std::nullopt;
  if (!claims) {
    return bad_token("malformed claims");
  }
  TUTELA_TRY(check_claims(*claims, expected));
  return Claims{text_of(*claims, "sub"), name_in(*claims, expected.name_claim), email_in(*claims)};
}

Result<std::string> parse_token_answer(std::string_view text) {
  const auto object = parse_object(text, kDocumentBytesMax);
  const json::value* token = object ? object->if_contains("id_token") : nullptr;
  if (token == nullptr || !token->is_string() || token->get_string().size() > kTokenBytesMax) {
    return bad_token("none came");
  }
  return std::string(token->get_string().data(), token->get_string().size());
}

}  // namespace tutela::auth::oidc
