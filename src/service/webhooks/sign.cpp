#include <string>

#include <boost/url.hpp>

#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "service/webhooks/webhooks.hpp"

namespace tutela::webhooks {

namespace {

constexpr std::string_view kSecretPrefix = "whsec_";
constexpr std::size_t kSecretBytesMin = 24;
constexpr std::size_t kSecretBytesMax = 64;
constexpr std::size_t kSecretsMax = 8;
constexpr std::size_t kUrlMax = 2048;
constexpr std::int64_t kTimeoutMsMin = 100;
constexpr std::int64_t kTimeoutMsMax = 60'000;
constexpr std::int64_t kAttemptsMax = 100;

Error bad(std::string_view code, std::string message) {
  return {ErrorKind::kInvalidInput, code, std::move(message)};
}

Result<Bytes> key_of(std::string_view secret) {
  if (secret.starts_with(kSecretPrefix)) {
    auto key = crypto::parse_base64(secret.substr(kSecretPrefix.size()));
    if (key && key->size() >= kSecretBytesMin && key->size() <= kSecretBytesMax) {
      return key;
    }
  }
  return bad(
      "webhook.bad_secret",
      "a secret of a webhook is \"whsec_\" and the base64 of 24 to 64 random bytes: make one "
      "with \"openssl rand -base64 32\"");
}

/// Absent, or 1 to 65535 without zeros before it.
bool port_is_one(const boost::urls::url_view& url) {
  return !url.has_port() ||
         (url.port_number() != 0 && std::to_string(url.port_number()) == url.port());
}

Status check_url(const Options& options) {
  const auto url = boost::urls::parse_uri(options.url);
  if (options.url.size() > kUrlMax || !url || url->host().empty() || url->has_userinfo() ||
      url->has_fragment() || !port_is_one(*url)) {
    return bad(
        "webhook.bad_url",
        "the address of a webhook is an absolute URL with a host, without user and fragment");
  }
  const auto scheme = url->scheme_id();
  if (scheme == boost::urls::scheme::https ||
      (scheme == boost::urls::scheme::http && options.allow_private)) {
    return ok();
  }
  return bad("webhook.bad_url",
             "the address of a webhook begins with https://; http:// is for receivers on this "
             "machine or a private network, and has to be allowed");
}

}  // namespace

Status check(const Options& options) {
  if (options.url.empty()) {
    return ok();
  }
  TUTELA_TRY(check_url(options));
  if (options.secrets.empty() || options.secrets.size() > kSecretsMax) {
    return bad("webhook.bad_secret", "a webhook has 1 to 8 secrets");
  }
  for (const std::string& secret : options.secrets) {
    TUTELA_TRY(key_of(secret));
  }
  if (options.timeout_ms < kTimeoutMsMin || options.timeout_ms > kTimeoutMsMax ||
      options.attempts_max < 1 || options.attempts_max > kAttemptsMax) {
    return bad("webhook.bad_limits",
               "a receiver of webhooks has 100 ms to 60 s, and a message 1 to 100 attempts");
  }
  return ok();
}

Result<std::string> sign(const std::vector<std::string>& secrets,
                         std::string_view id,
                         std::int64_t timestamp_s,
                         std::string_view body) {
  const std::string content =
      std::string(id) + "." + std::to_string(timestamp_s) + "." + std::string(body);
  std::string signatures;
  for (const std::string& secret : secrets) {
    TUTELA_TRY_ASSIGN(const Bytes key, key_of(secret));
    signatures += signatures.empty() ? "v1," : " v1,";
    signatures += crypto::to_base64(crypto::hmac_sha256(key, as_bytes(content)));
  }
  return signatures;
}

}  // namespace tutela::webhooks
