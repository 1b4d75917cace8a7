#include "custody/blobs/s3_client.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include <curl/curl.h>

#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "custody/blobs/format.hpp"
#include "custody/blobs/s3_answers.hpp"

namespace tutela::blobs {
namespace {

constexpr std::size_t kHeadersMax = 100;
constexpr std::size_t kHeaderSizeMax = 8192;
constexpr std::chrono::milliseconds kFirstPause{200};
constexpr std::chrono::milliseconds kPauseMax{5000};
constexpr long kSlowSeconds = 30;
constexpr std::size_t kIdleMax = 16;

struct EndHandle {
  void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
};

using Handle = std::unique_ptr<CURL, EndHandle>;

struct EndList {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

using HeaderList = std::unique_ptr<curl_slist, EndList>;

Error unavailable(std::string message) {
  return Error{ErrorKind::kUnavailable, "blob.unavailable", std::move(message)};
}

Error bad_settings(std::string message) {
  return Error{ErrorKind::kInvalidInput, "s3.bad_settings", std::move(message)};
}

bool all_of(std::string_view text, std::string_view more) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           more.find(c) != std::string_view::npos;
  });
}

bool visible(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

bool is_loopback(std::string_view host) {
  const std::string_view name = host.substr(0, host.rfind(':'));
  return name == "localhost" || name == "[::1]" ||
         (name.starts_with("127.") && name.find_first_not_of("0123456789.") == name.npos);
}

Status check(const S3Options& options, std::string_view host, bool plain_http) {
  if (host.empty() || !all_of(host, ".-:[]")) {
    return bad_settings("s3.endpoint must be https://HOST or https://HOST:PORT, in lowercase");
  }
  if (plain_http && !is_loopback(host)) {
    return bad_settings("s3.endpoint must be https:// unless the server is this machine");
  }
  if (options.bucket.size() < 3 || options.bucket.size() > 63 || !all_of(options.bucket, ".-")) {
    return bad_settings("s3.bucket must be 3 to 63 of a-z 0-9 . -");
  }
  if (options.region.empty() || !all_of(options.region, "-")) {
    return bad_settings("s3.region must be of a-z 0-9 -");
  }
  if (!visible(options.access_key) || !visible(options.secret_key)) {
    return bad_settings("s3.access_key and s3.secret_key must be set, without spaces");
  }
  if (options.part_size_bytes < std::size_t{5} << 20 ||
      options.part_size_bytes > std::size_t{5} << 30 || options.attempts_max == 0) {
    return bad_settings("parts have 5 MiB to 5 GiB, and there is at least one attempt");
  }
  return ok();
}

// Where an answer goes while it arrives.
struct Receiver {
  S3Answer answer;
  std::size_t size_max = 0;
  bool overflow = false;
};

std::size_t on_body(char* data, std::size_t /*one*/, std::size_t size, void* to) {
  auto& receiver = *static_cast<Receiver*>(to);
  if (size > receiver.size_max - receiver.answer.body.size()) {
    receiver.overflow = true;
    return 0;
  }
  const ByteView bytes = as_bytes(std::string_view(data, size));
  receiver.answer.body.insert(receiver.answer.body.end(), bytes.begin(), bytes.end());
  return size;
}

std::size_t on_header(char* data, std::size_t /*one*/, std::size_t size, void* to) {
  auto& receiver = *static_cast<Receiver*>(to);
  std::string_view line(data, size);
  if (line.starts_with("HTTP/")) {
    receiver.answer.headers.clear();
    return size;
  }
  const std::size_t colon = line.find(':');
  if (size > kHeaderSizeMax || receiver.answer.headers.size() >= kHeadersMax) {
    receiver.overflow = true;
    return 0;
  }
  if (colon != std::string_view::npos) {
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    std::string_view value = line.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    value.remove_suffix(value.size() - (value.find_last_not_of(" \t\r\n") + 1));
    receiver.answer.headers[std::move(name)] = value;
  }
  return size;
}

bool worth_another(const S3Answer& answer) {
  return (answer.status >= 500 && answer.status != 501) || answer.status == 429 ||
         answer.status == 408 ||
         (answer.status == 400 && error_code_of(answer.body) == "RequestTimeout");
}

// One more try cannot make a certificate good.
bool is_final(CURLcode code) {
  return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
         code == CURLE_SSL_CERTPROBLEM || code == CURLE_WRITE_ERROR;
}

void pause_before(std::uint32_t attempt) {
  thread_local std::minstd_rand random(std::random_device{}());
  const auto pause = std::min(kPauseMax, kFirstPause * (1U << std::min(attempt - 1, 10U)));
  // Half of it is chance, so that those who failed together do not come back together.
  const auto half = pause.count() / 2;
  std::this_thread::sleep_for(std::chrono::milliseconds(
      half + std::uniform_int_distribution<std::int64_t>(0, half)(random)));
}

}  // namespace

std::string_view S3Answer::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

struct S3Client::State {
  S3Options options;
  S3Credentials credentials;
  std::string base;  // "https://host:port"
  std::string host;
  bool plain_http = false;
  Mutex mutex;
  std::vector<Handle> idle TUTELA_GUARDED_BY(mutex);

  Handle take() {
    {
      const MutexLock lock(mutex);
      if (!idle.empty()) {
        Handle handle = std::move(idle.back());
        idle.pop_back();
        return handle;
      }
    }
    return Handle(curl_easy_init());
  }

  void give_back(Handle handle) {
    curl_easy_reset(handle.get());  // connections stay
    const MutexLock lock(mutex);
    if (idle.size() < kIdleMax) {
      idle.push_back(std::move(handle));
    }
  }

  void set_limits(CURL* handle) const {
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, plain_http ? "http" : "https");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(
        handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout_ms));
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(options.request_timeout_ms));
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1024L);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, kSlowSeconds);
    if (!options.ca_file.empty()) {
      curl_easy_setopt(handle, CURLOPT_CAINFO, options.ca_file.c_str());
    }
    if (plain_http) {
      curl_easy_setopt(handle, CURLOPT_NOPROXY, "*");
    }
  }

  static HeaderList header_list(const S3Request& request) {
    // Each begun with an empty value tells curl to leave its own out.
    curl_slist* list = curl_slist_append(nullptr, "Expect:");
    list = curl_slist_append(list, "Accept:");
    if (!request.headers.contains("content-type")) {
      list = curl_slist_append(list, "Content-Type:");
    }
    for (const auto& [name, value] : request.headers) {
      list = curl_slist_append(list, (name + ": " + value).c_str());
    }
    return HeaderList(list);
  }

  void set_request(CURL* handle, const S3Request& request, const curl_slist* headers) const {
    std::string url = base + encode_uri(request.path, Slash::kKept);
    if (const std::string query = query_text(request); !query.empty()) {
      url += "?" + query;
    }
    curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    if (request.method == "HEAD") {
      curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
    } else if (request.method == "PUT" || request.method == "POST") {
      curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.size()));
      curl_easy_setopt(
          handle, CURLOPT_POSTFIELDS, request.body.empty() ? "" : as_text(request.body).data());
    }
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

  Result<S3Answer> attempt(S3Request& request, std::size_t answer_size_max, bool& final) {
    Handle handle = take();
    if (handle == nullptr) {
      return unavailable("libcurl does not start");
    }
    request.headers["host"] = host;
    sign(request, credentials, SystemClock().now_ms());
    const HeaderList headers = header_list(request);
    Receiver receiver;
    receiver.size_max = answer_size_max;
    set_limits(handle.get());
    set_request(handle.get(), request, headers.get());
    curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &receiver);
    curl_easy_setopt(handle.get(), CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(handle.get(), CURLOPT_HEADERDATA, &receiver);
    const CURLcode code = curl_easy_perform(handle.get());
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &receiver.answer.status);
    give_back(std::move(handle));
    final = is_final(code);
    if (receiver.overflow) {
      final = true;
      return unavailable("the S3 server sends more than was asked for");
    }
    if (code != CURLE_OK) {
      return unavailable(std::string("the S3 server cannot be reached: ") +
                         curl_easy_strerror(code));
    }
    return std::move(receiver.answer);
  }

  Result<S3Answer> send(S3Request& request, std::size_t answer_size_max, std::uint32_t attempts) {
    for (std::uint32_t number = 1;; ++number) {
      bool final = false;
      Result<S3Answer> answer = attempt(request, answer_size_max, final);
      const bool again = answer ? worth_another(*answer) : !final;
      if (!again) {
        if (answer) {
          answer->attempts = number;
        }
        return answer;
      }
      if (number >= attempts) {
        return answer ? Result<S3Answer>(to_error(*answer)) : std::move(answer);
      }
      pause_before(number);
    }
  }
};

S3Client::S3Client(std::unique_ptr<State> state) : state_(std::move(state)) {}

S3Client::~S3Client() = default;

Result<std::unique_ptr<S3Client>> S3Client::make(const S3Options& options) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) {
    return unavailable("libcurl does not start");
  }
  auto state = std::make_unique<State>();
  state->options = options;
  state->credentials = {options.access_key, options.secret_key, options.region};
  state->base = options.endpoint;
  while (state->base.ends_with('/')) {
    state->base.pop_back();
  }
  state->plain_http = state->base.starts_with("http://");
  if (state->plain_http || state->base.starts_with("https://")) {
    state->host = state->base.substr(state->base.find("//") + 2);
  }
  TUTELA_TRY(check(options, state->host, state->plain_http));
  // tidy:allow(new): because make_unique cannot call a private constructor.
  return std::unique_ptr<S3Client>(new S3Client(std::move(state)));
}

Result<S3Answer> S3Client::send(S3Request request, std::size_t answer_size_max) {
  return state_->send(request, answer_size_max, state_->options.attempts_max);
}

Result<S3Answer> S3Client::send_once(S3Request request, std::size_t answer_size_max) {
  return state_->send(request, answer_size_max, 1);
}

Error to_error(const S3Answer& answer) {
  const std::string code = error_code_of(answer.body);
  const std::string said = code.empty() ? std::to_string(answer.status) : code;
  if (code == "QuotaExceeded" || code == "EntityTooLarge" || answer.status == 507) {
    return full();
  }
  if (code == "RequestTimeTooSkewed") {
    return unavailable("the S3 server's clock and this machine's differ; set them right");
  }
  if (answer.status == 401 || answer.status == 403) {
    return Error{ErrorKind::kForbidden,
                 "blob.refused",
                 "the S3 server refuses (" + said +
                     "): check s3.access_key, s3.secret_key and what "
                     "they may do in the bucket"};
  }
  if (code == "NoSuchBucket") {
    return unavailable("the bucket of s3.bucket does not exist; make it");
  }
  // A page of something that is not S3 says nothing about the blob; a HEAD has no body.
  if (answer.status == 404 && (answer.body.empty() || code.starts_with("NoSuch"))) {
    return missing();
  }
  if (answer.status == 412) {
    return exists();
  }
  if (answer.status >= 300 && answer.status < 400) {
    return unavailable("the S3 server sends elsewhere; check s3.endpoint and s3.region");
  }
  return unavailable("the S3 server answers " + said + "; see its log");
}

}  // namespace tutela::blobs
