#include "service/auth/web.hpp"

#include <memory>

#include <curl/curl.h>

namespace tutela::auth {

namespace {

constexpr std::size_t kBodyBytesMax = 256U << 10;
constexpr long kTimeMsMax = 10'000;
constexpr long kConnectTimeMsMax = 5'000;

struct Cleanup {
  void operator()(CURL* curl) const noexcept { curl_easy_cleanup(curl); }
};

/// curl's callback: taking less than was given ends the transfer.
std::size_t take(char* data, std::size_t /*one*/, std::size_t size, void* into) {
  auto& body = *static_cast<std::string*>(into);
  if (body.size() + size > kBodyBytesMax) {
    return 0;
  }
  body.append(data, size);
  return size;
}

Error no_answer(std::string_view why) {
  return {ErrorKind::kUnavailable,
          "oidc.no_answer",
          "the single sign-on provider did not answer as it should: " + std::string(why)};
}

}  // namespace

Result<std::string> fetch(const WebRequest& request) {
  static const bool started = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  const std::unique_ptr<CURL, Cleanup> curl(started ? curl_easy_init() : nullptr);
  if (!curl) {
    return no_answer("no client");
  }
  std::string body;
  const bool secure = request.url.starts_with("https://");
  curl_easy_setopt(curl.get(), CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, secure ? "https" : "http");
  curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, kTimeMsMax);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeMsMax);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &body);
  if (!secure) {
    curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");  // this machine is not asked through another
  }
  if (request.form) {
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, request.form->c_str());
    curl_easy_setopt(curl.get(), CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(curl.get(), CURLOPT_USERNAME, request.user.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_PASSWORD, request.password.c_str());
  }
  const CURLcode code = curl_easy_perform(curl.get());
  if (code != CURLE_OK) {
    return no_answer(curl_easy_strerror(code));
  }
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) {
    return no_answer("status " + std::to_string(status));
  }
  return body;
}

}  // namespace tutela::auth
