#include "service/webhooks/post.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "service/webhooks/address.hpp"

namespace tutela::webhooks {

namespace {

constexpr std::size_t kHeaderBytesMax = 64U << 10;
constexpr std::size_t kBodyBytesMax = 64U << 10;

struct Cleanup {
  void operator()(CURL* curl) const noexcept { curl_easy_cleanup(curl); }

  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

/// Copied out of curl's address, which has room for more than its type says.
template <class Socket>
Socket socket_address(const curl_sockaddr* from) {
  Socket address{};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): addresses of the system.
  const auto* const bytes = reinterpret_cast<const std::byte*>(from);
  std::memcpy(&address, bytes + offsetof(curl_sockaddr, addr), sizeof(address));
  return address;
}

bool may_connect(const curl_sockaddr* to, bool allow_private) {
  if (to->family == AF_INET && to->addrlen >= sizeof(sockaddr_in)) {
    const auto address = socket_address<sockaddr_in>(to);
    V4 bytes{};
    std::memcpy(bytes.data(), &address.sin_addr, bytes.size());
    return allow_private || is_public(bytes);
  }
  if (to->family == AF_INET6 && to->addrlen >= sizeof(sockaddr_in6)) {
    const auto address = socket_address<sockaddr_in6>(to);
    V6 bytes{};
    std::memcpy(bytes.data(), &address.sin6_addr, bytes.size());
    return allow_private || is_public(bytes);
  }
  return false;
}

}  // namespace

struct Poster::State {
  const std::atomic<bool>* stop = nullptr;
  bool allow_private = false;
  std::unique_ptr<CURL, Cleanup> curl;
  // Of one request.
  bool refused = false;
  bool too_much = false;  // header
  bool enough = false;    // body: what came has said all that counts
  std::size_t header_bytes = 0;
  std::string body;

  void set_up(const Options& options);
  Answer answer(CURLcode code);
  Answer perform(const std::vector<std::string>& headers);
};

namespace {

/// curl's callbacks. Taking less than was given ends the transfer.
template <class State>
struct Callbacks {
  static std::size_t header(char* /*data*/, std::size_t one, std::size_t count, void* into) {
    auto& state = *static_cast<State*>(into);
    state.header_bytes += one * count;
    state.too_much = state.header_bytes > kHeaderBytesMax;
    return state.too_much ? 0 : one * count;
  }

  static std::size_t body(char* data, std::size_t one, std::size_t count, void* into) {
    auto& state = *static_cast<State*>(into);
    state.enough = one * count > kBodyBytesMax - state.body.size();
    state.body.append(data, std::min(one * count, kBodyBytesMax - state.body.size()));
    return state.enough ? 0 : one * count;
  }

  static int progress(void* into, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return *static_cast<State*>(into)->stop ? 1 : 0;
  }

  static curl_socket_t socket(void* into, curlsocktype /*purpose*/, curl_sockaddr* to) {
    auto& state = *static_cast<State*>(into);
    if (!may_connect(to, state.allow_private)) {
      state.refused = true;
      return CURL_SOCKET_BAD;
    }
    return ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
  }
};

std::string_view failure_of(CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return "timeout";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_ENGINE_INITFAILED:
      return "tls";
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:  // an answer of HTTP/0.9, or of none
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_WRITE_ERROR:
      return "bad_answer";
    default:
      return "no_answer";
  }
}

}  // namespace

void Poster::State::set_up(const Options& options) {
  using Callback = Callbacks<State>;
  CURL* const handle = curl.get();
  curl_easy_setopt(handle, CURLOPT_URL, options.url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, allow_private ? "http,https" : "https");
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");  // which would hide where the request ends up
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);  // not held up by a name that does not resolve
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout_ms));
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.timeout_ms));
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, Callback::header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, Callback::body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, Callback::progress);
  curl_easy_setopt(handle, CURLOPT_XFERINFODATA, this);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, Callback::socket);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, this);
}

Answer Poster::State::answer(CURLcode code) {
  if (code == CURLE_ABORTED_BY_CALLBACK) {
    return {true, {}, 0};
  }
  if (code != CURLE_OK && !(code == CURLE_WRITE_ERROR && enough && !too_much)) {
    const bool only_refused = code == CURLE_COULDNT_CONNECT && refused;
    return {false, std::string(only_refused ? "refused_address" : failure_of(code)), 0};
  }
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status >= 200 && status < 300) {
    return {false, {}, 0, status, std::move(body)};
  }
  if (status < 300 || status > 599) {
    return {false, "bad_answer", 0, status};
  }
  curl_off_t retry_after_s = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RETRY_AFTER, &retry_after_s);
  return {false, "http_" + std::to_string(status), retry_after_s, status};
}

Answer Poster::State::perform(const std::vector<std::string>& headers) {
  std::unique_ptr<curl_slist, Cleanup> list;
  for (const std::string& header : headers) {
    curl_slist* const longer = curl_slist_append(list.get(), header.c_str());
    if (longer == nullptr) {
      return {false, "no_answer", 0};
    }
    static_cast<void>(list.release());
    list.reset(longer);
  }
  refused = too_much = enough = false;
  header_bytes = 0;
  body.clear();
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, list.get());
  Answer answered = answer(curl_easy_perform(curl.get()));
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, nullptr);
  return answered;
}

Poster::Poster(std::unique_ptr<State> state) : state_(std::move(state)) {}

Poster::~Poster() = default;

Result<std::unique_ptr<Poster>> Poster::open(const Options& options,
                                             const std::atomic<bool>& stop) {
  static const bool started = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  auto state = std::make_unique<State>();
  state->curl.reset(started ? curl_easy_init() : nullptr);
  if (!state->curl) {
    return Error{ErrorKind::kUnavailable,
                 "webhook.unavailable",
                 "libcurl could not be started: webhooks are not sent"};
  }
  state->stop = &stop;
  state->allow_private = options.allow_private;
  state->set_up(options);
  return std::unique_ptr<Poster>(new Poster(std::move(state)));
}

Answer Poster::post(const std::vector<std::string>& headers, const std::string& body) {
  CURL* const handle = state_->curl.get();
  curl_easy_setopt(handle, CURLOPT_POST, 1L);
  curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body.data());
  return state_->perform(headers);
}

Answer Poster::get(const std::vector<std::string>& headers) {
  curl_easy_setopt(state_->curl.get(), CURLOPT_HTTPGET, 1L);
  return state_->perform(headers);
}

}  // namespace tutela::webhooks
