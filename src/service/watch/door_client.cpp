#include "service/watch/door_client.hpp"

#include <algorithm>
#include <cstring>
#include <map>

#include <boost/json/parse.hpp>
#include <curl/curl.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/file.hpp"
#include "crypto/base64.hpp"
#include "crypto/digest.hpp"

namespace tutela::watch {
namespace {

namespace json = boost::json;

constexpr std::size_t kAnswerBytesMax = 64U << 10;
constexpr std::uint64_t kCertificateBytesMax = 1U << 20;
constexpr std::string_view kUnix = "unix:";

struct Cleanup {
  void operator()(CURL* curl) const noexcept { curl_easy_cleanup(curl); }

  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }

  void operator()(BIO* bio) const noexcept { BIO_free(bio); }

  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};

struct CleanupMulti {
  void operator()(CURLM* curl) const noexcept { curl_multi_cleanup(curl); }
};

template <class T>
using Owned = std::unique_ptr<T, Cleanup>;

/// As curl takes it: SHA-256 of the key of the file's first certificate.
Result<std::string> pin_of(const std::filesystem::path& file) {
  const Error bad{ErrorKind::kInvalidInput,
                  "config.bad_tls",
                  "server.tls_certificate cannot be read: canaries cannot know their server"};
  const Result<Bytes> pem = read_file(file, kCertificateBytesMax);
  if (!pem) {
    return bad;
  }
  const Owned<BIO> bio(BIO_new_mem_buf(pem->data(), static_cast<int>(pem->size())));
  const Owned<X509> certificate(bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)
                                    : nullptr);
  unsigned char* der = nullptr;
  const int size =
      certificate ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &der) : -1;
  if (size <= 0) {
    return bad;
  }
  const auto digest =
      crypto::sha256_of(std::as_bytes(std::span(der, static_cast<std::size_t>(size))));
  OPENSSL_free(der);
  return "sha256//" + crypto::to_base64(digest);
}

/// One request on its way.
struct Request {
  Owned<CURL> curl;
  Owned<curl_slist> headers;
  Bytes body;
  std::string answer;
};

std::size_t on_body(char* data, std::size_t one, std::size_t count, void* into) {
  std::string& answer = *static_cast<std::string*>(into);
  if (one * count > kAnswerBytesMax - answer.size()) {
    return 0;
  }
  answer.append(data, one * count);
  return one * count;
}

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

void read_body(const std::string& body, DoorAnswer& answer) {
  boost::system::error_code failed;
  const json::value value = json::parse(body, failed);
  if (failed || !value.is_object()) {
    answer.failure = "bad_answer";
    return;
  }
  answer.outcome = text_of(value.get_object(), "outcome");
  answer.content_id = text_of(value.get_object(), "id");
  answer.code = text_of(value.get_object(), "code");
}

std::string_view failure_of(CURLcode code) {
  switch (code) {
    case CURLE_OK:
      return "";
    case CURLE_OPERATION_TIMEDOUT:
      return "timeout";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_CIPHER:
      return "tls";
    case CURLE_WRITE_ERROR:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return "bad_answer";
    default:
      return "no_answer";
  }
}

bool add_header(Owned<curl_slist>& headers, const std::string& line) {
  curl_slist* const longer = curl_slist_append(headers.get(), line.c_str());
  if (longer != nullptr) {
    static_cast<void>(headers.release());
    headers.reset(longer);
  }
  return longer != nullptr;
}

void set_up(Request& request, const DoorTarget& target, std::chrono::milliseconds longest) {
  CURL* const curl = request.curl.get();
  curl_easy_setopt(curl, CURLOPT_URL, target.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(longest.count()));
  // A canary tests whether new connections are taken, too.
  curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
  if (!target.unix_path.empty()) {
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, target.unix_path.c_str());
  }
  if (!target.pin.empty()) {
    // The certificate names the service, not this address; but the key must be the server's.
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(curl, CURLOPT_PINNEDPUBLICKEY, target.pin.c_str());
  }
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, request.headers.get());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &request.answer);
}

DoorAnswer answer_of(const Request& request, CURLcode code) {
  DoorAnswer answer;
  answer.failure = failure_of(code);
  if (answer.failure.empty()) {
    curl_easy_getinfo(request.curl.get(), CURLINFO_RESPONSE_CODE, &answer.status);
    read_body(request.answer, answer);
  }
  return answer;
}

}  // namespace

Result<DoorTarget> target_of(std::string_view address,
                             const std::filesystem::path& certificate,
                             std::string_view source) {
  DoorTarget target;
  if (!certificate.empty()) {
    TUTELA_TRY_ASSIGN(target.pin, pin_of(certificate));
  }
  if (address.starts_with(kUnix)) {
    target.unix_path = address.substr(kUnix.size());
    address = "localhost";
  } else if (const std::size_t scheme = address.find("://"); scheme != std::string_view::npos) {
    address.remove_prefix(scheme + 3);
  }
  if (address.empty()) {
    return Error{ErrorKind::kInvalidInput, "config.bad_listen", "a door has no address"};
  }
  target.url = (target.pin.empty() ? "http://" : "https://") + std::string(address) + "/v1/scan";
  if (!source.empty()) {
    const std::unique_ptr<char, void (*)(void*)> escaped(
        curl_easy_escape(nullptr, source.data(), static_cast<int>(source.size())), curl_free);
    target.url += "?source=" + std::string(escaped ? escaped.get() : "");
  }
  return target;
}

struct DoorClient::State {
  // Before the requests: these leave it first.
  std::unique_ptr<CURLM, CleanupMulti> multi;
  std::map<std::uint64_t, Request> requests;
  std::uint64_t last = 0;
  Done done;  // those that could not even begin

  ~State() {
    for (auto& [number, request] : requests) {
      curl_multi_remove_handle(multi.get(), request.curl.get());
    }
  }
};

DoorClient::DoorClient(std::unique_ptr<State> state) : state_(std::move(state)) {}

DoorClient::~DoorClient() = default;

Result<std::unique_ptr<DoorClient>> DoorClient::open() {
  static const bool started = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  auto state = std::make_unique<State>();
  state->multi.reset(started ? curl_multi_init() : nullptr);
  if (!state->multi) {
    return Error{ErrorKind::kUnavailable,
                 "canary.unavailable",
                 "libcurl could not be started: canaries cannot be sent"};
  }
  return std::unique_ptr<DoorClient>(new DoorClient(std::move(state)));
}

std::uint64_t DoorClient::post(const DoorTarget& target,
                               const std::string& token,
                               Bytes body,
                               std::chrono::milliseconds longest) {
  const std::uint64_t number = ++state_->last;
  Request& request = state_->requests[number];
  request.curl.reset(curl_easy_init());
  request.body = std::move(body);
  const bool ready = request.curl &&
                     add_header(request.headers, "Authorization: Bearer " + token) &&
                     add_header(request.headers, "Content-Type: application/octet-stream") &&
                     add_header(request.headers, "Accept: application/json") &&
                     add_header(request.headers, "Expect:");
  if (ready) {
    set_up(request, target, longest);
  }
  if (!ready || curl_multi_add_handle(state_->multi.get(), request.curl.get()) != CURLM_OK) {
    state_->requests.erase(number);
    DoorAnswer none;
    none.failure = "no_answer";
    state_->done.emplace_back(number, std::move(none));
  }
  return number;
}

void DoorClient::cancel(std::uint64_t number) {
  const auto found = state_->requests.find(number);
  if (found != state_->requests.end()) {
    curl_multi_remove_handle(state_->multi.get(), found->second.curl.get());
    state_->requests.erase(found);
  }
}

DoorClient::Done DoorClient::drive(std::chrono::milliseconds longest) {
  CURLM* const multi = state_->multi.get();
  int running = 0;
  curl_multi_perform(multi, &running);
  if (state_->done.empty()) {
    curl_multi_poll(multi, nullptr, 0, static_cast<int>(longest.count()), nullptr);
    curl_multi_perform(multi, &running);
  }
  Done done = std::exchange(state_->done, {});
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) {
      continue;
    }
    const auto found = std::ranges::find_if(state_->requests, [&](const auto& entry) {
      return entry.second.curl.get() == message->easy_handle;
    });
    if (found != state_->requests.end()) {
      done.emplace_back(found->first, answer_of(found->second, message->data.result));
      cancel(found->first);
    }
  }
  return done;
}

void DoorClient::wake() noexcept {
  curl_multi_wakeup(state_->multi.get());
}

}  // namespace tutela::watch
