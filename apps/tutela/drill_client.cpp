#include "drill_client.hpp"

#include <utility>

#include <curl/curl.h>

namespace tutela::cli {
namespace {

constexpr std::size_t kAnswerBytesMax = 4U << 20;

std::size_t take(const char* bytes, std::size_t size, std::size_t count, void* answer) {
  auto& body = *static_cast<std::string*>(answer);
  if (body.size() + size * count > kAnswerBytesMax) {
    return 0;
  }
  body.append(bytes, size * count);
  return size * count;
}

}  // namespace

struct DrillClient::State {
  std::string url;
  std::unique_ptr<CURL, void (*)(CURL*)> curl{nullptr, curl_easy_cleanup};
  std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers{nullptr, curl_slist_free_all};

  DrillAnswer perform(const std::string& path, std::chrono::milliseconds patience) const {
    DrillAnswer answer;
    CURL* const handle = curl.get();
    curl_easy_setopt(handle, CURLOPT_URL, (url + path).c_str());
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(patience.count()));
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &answer.body);
    if (curl_easy_perform(handle) == CURLE_OK) {
      curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &answer.status);
    }
    return answer;
  }
};

DrillClient::DrillClient(std::unique_ptr<State> state) : state_(std::move(state)) {}

DrillClient::~DrillClient() = default;

Result<std::unique_ptr<DrillClient>> DrillClient::open(std::string url,
                                                       std::string token,
                                                       const std::string& media_type) {
  auto state = std::make_unique<State>();
  state->url = std::move(url);
  state->curl.reset(curl_easy_init());
  state->headers.reset(
      curl_slist_append(nullptr, ("Authorization: Bearer " + std::move(token)).c_str()));
  // It would wait for leave to send.
  curl_slist* const both =
      state->headers ? curl_slist_append(state->headers.get(), "Expect:") : nullptr;
  if (!state->curl || both == nullptr ||
      curl_slist_append(both, ("Content-Type: " + media_type).c_str()) == nullptr) {
    return Error{ErrorKind::kUnavailable, "drill.no_client", "libcurl does not start"};
  }
  return std::unique_ptr<DrillClient>(new DrillClient(std::move(state)));
}

DrillAnswer DrillClient::get(const std::string& path, std::chrono::milliseconds patience) {
  curl_easy_setopt(state_->curl.get(), CURLOPT_HTTPGET, 1L);
  return state_->perform(path, patience);
}

DrillAnswer DrillClient::post(const std::string& path,
                              ByteView body,
                              std::chrono::milliseconds patience) {
  CURL* const handle = state_->curl.get();
  curl_easy_setopt(handle, CURLOPT_POST, 1L);
  curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  return state_->perform(path, patience);
}

}  // namespace tutela::cli
