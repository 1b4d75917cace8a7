#include "service/authorities/cybertip_call.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>

#include <curl/curl.h>

namespace tutela::authorities {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kHeaderBytesMax = 64U << 10;
constexpr std::size_t kRequestIdBytesMax = 128;
constexpr milliseconds kProgressPause{1000};
constexpr long kSendBytes = 256L << 10;

struct Cleanup {
  void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }

  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }

  void operator()(curl_mime* form) const noexcept { curl_mime_free(form); }
};

/// What a call is while it lasts.
struct Running {
  const CybertipOptions& options;
  const Call& call;
  Got got;
  std::size_t header_bytes = 0;
  std::string ended;  // why we ended it ourselves
  curl_off_t moved = -1;
  bool sent = false;  // the whole of the request
  steady_clock::time_point moved_at = {};
  steady_clock::time_point sent_at = {};
  steady_clock::time_point told_at = steady_clock::now();
};

bool is_name(std::string_view name, std::string_view wanted) {
  return name.size() == wanted.size() &&
         std::equal(name.begin(), name.end(), wanted.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
         });
}

std::string request_id_of(std::string_view value) {
  std::string id(value.substr(0, kRequestIdBytesMax));
  const bool good = std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  return good ? id : std::string();
}

void take_header(Got& got, std::string_view line) {
  if (line.starts_with("HTTP/")) {  // of an answer that only says "go on", too
    got.request_id.clear();
    got.marked = false;
    return;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    return;
  }
  std::string_view value = line.substr(colon + 1);
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  value.remove_suffix(value.size() - (value.find_last_not_of(" \t\r\n") + 1));
  const std::string_view name = line.substr(0, colon);
  if (is_name(name, "request-id")) {
    got.request_id = request_id_of(value);
  } else if (is_name(name, "x-tutela-simulator")) {
    got.marked = true;  // whatever it says
  }
}

/// curl's callbacks. Taking less than was given ends the transfer.
struct Callbacks {
  static Running& of(void* data) { return *static_cast<Running*>(data); }

  static std::size_t header(char* data, std::size_t /*one*/, std::size_t size, void* to) {
    Running& running = of(to);
    running.header_bytes += size;
    if (running.header_bytes > kHeaderBytesMax) {
      running.ended = "the answer's head is too long";
      return 0;
    }
    take_header(running.got, std::string_view(data, size));
    return size;
  }

  static std::size_t body(char* data, std::size_t /*one*/, std::size_t size, void* to) {
    Running& running = of(to);
    if (size > cybertip::kAnswerBytesMax - running.got.body.size()) {
      running.ended = "the answer is too long";
      return 0;
    }
    const ByteView bytes = as_bytes(std::string_view(data, size));
    running.got.body.insert(running.got.body.end(), bytes.begin(), bytes.end());
    return size;
  }

  static std::size_t file(char* data, std::size_t one, std::size_t count, void* from) {
    const Result<std::size_t> size =
        of(from).call.upload->read(std::as_writable_bytes(std::span(data, one * count)));
    return size ? *size : std::size_t{CURL_READFUNC_ABORT};
  }

  /// The connection stands; from here on something may be received.
  static int issue(void* data, char* /*ip*/, char* /*local_ip*/, int /*port*/, int /*local_port*/) {
    of(data).got.issued = true;
    of(data).moved_at = steady_clock::now();
    return CURL_PREREQFUNC_OK;
  }

  static int progress(
      void* data, curl_off_t /*down*/, curl_off_t down, curl_off_t up_all, curl_off_t up) {
    Running& running = of(data);
    const auto now = steady_clock::now();
    if (running.call.on_progress && now - running.told_at >= kProgressPause) {
      running.told_at = now;
      if (const Status told = running.call.on_progress(up); !told) {
        running.ended = "the call was ended here: " + std::string(told.error().code);
        return 1;
      }
    }
    if (!running.got.issued) {
      return 0;  // connecting has a limit of its own
    }
    if (down + up != running.moved) {
      running.moved = down + up;
      running.moved_at = now;
    }
    if (!running.sent && up >= up_all) {
      running.sent = true;
      running.sent_at = now;
    }
    if (running.sent && now - running.sent_at > milliseconds(running.options.timeout_ms)) {
      running.ended = "no whole answer came in time";
    } else if (now - running.moved_at > milliseconds(running.options.stall_ms) && !running.sent) {
      running.ended = "the service stopped taking the file";
    }
    return running.ended.empty() ? 0 : 1;
  }
};

/// In words; what failed before anything left is a matter of configuration or of the network.
std::string words_of(CURLcode code, bool issued) {
  std::string words = curl_easy_strerror(code);
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_ISSUER_ERROR:
      return "no trusted connection: " + words + "; check cybertip.url and cybertip.ca_file";
    default:
      return issued ? "the connection broke before an answer: " + words
                    : "no connection: " + words + "; check the network and cybertip.url";
  }
}

class Transfer {
 public:
  Transfer(const CybertipOptions& options, const Address& address, const Call& call)
      : address_(address), running_{options, call, {}, 0, {}, -1, false, {}, {}} {}

  Got perform() {
    if (!start()) {
      running_.got.failure = "libcurl does not start";
      return std::move(running_.got);
    }
    set_limits();
    set_callbacks();
    set_body();
    set(CURLOPT_HTTPHEADER, headers_.get());
    const std::string url = address_.base + std::string(running_.call.path);
    set(CURLOPT_URL, url.c_str());
    const CURLcode code = curl_easy_perform(handle_.get());
    long status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    Got& got = running_.got;
    got.status = status;
    if (running_.call.upload != nullptr && running_.call.upload->failure()) {
      got.failure =
          "the file was not read to its end: " + std::string(running_.call.upload->failure()->code);
    } else if (!running_.ended.empty()) {
      got.failure = running_.ended;
    } else if (code != CURLE_OK) {
      got.failure = words_of(code, got.issued);
    }
    return std::move(got);
  }

 private:
  bool start() {
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (started != CURLE_OK) {
      return false;
    }
    handle_.reset(curl_easy_init());
    return handle_ != nullptr;
  }

  template <class Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(handle_.get(), option, value);
  }

  void set_limits() {
    const CybertipOptions& options = running_.options;
    set(CURLOPT_PROTOCOLS_STR, address_.plain ? "http" : "https");
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    if (!options.ca_file.empty()) {
      set(CURLOPT_CAINFO, options.ca_file.c_str());
    }
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_PROXY, "");  // none of the environment's either
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    set(CURLOPT_USERNAME, options.username.c_str());
    set(CURLOPT_PASSWORD, options.password.c_str());
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L);  // not held up by a name that does not resolve
    // On a connection from before, libcurl would send a request again that was lost.
    set(CURLOPT_FRESH_CONNECT, 1L);
    set(CURLOPT_FORBID_REUSE, 1L);
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout_ms));
    set(CURLOPT_UPLOAD_BUFFERSIZE, kSendBytes);
  }

  void set_callbacks() {
    set(CURLOPT_HEADERFUNCTION, Callbacks::header);
    set(CURLOPT_HEADERDATA, &running_);
    set(CURLOPT_WRITEFUNCTION, Callbacks::body);
    set(CURLOPT_WRITEDATA, &running_);
    set(CURLOPT_PREREQFUNCTION, Callbacks::issue);
    set(CURLOPT_PREREQDATA, &running_);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, Callbacks::progress);
    set(CURLOPT_XFERINFODATA, &running_);
  }

  void add_header(const char* line) {
    if (curl_slist* const longer = curl_slist_append(headers_.get(), line); longer != nullptr) {
      static_cast<void>(headers_.release());
      headers_.reset(longer);
    }
  }

  void set_body() {
    const Call& call = running_.call;
    add_header("Expect:");
    add_header("Accept: text/xml, application/xml");
    add_header("User-Agent: Tutela/" TUTELA_VERSION);
    if (call.xml) {
      add_header("Content-Type: text/xml; charset=utf-8");
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.xml->size()));
      set(CURLOPT_POSTFIELDS, call.xml->data());
    } else if (call.form_id) {
      form_.reset(curl_mime_init(handle_.get()));
      curl_mimepart* part = curl_mime_addpart(form_.get());
      curl_mime_name(part, "id");
      curl_mime_data(part, call.form_id->data(), call.form_id->size());
      if (call.upload != nullptr) {
        part = curl_mime_addpart(form_.get());
        curl_mime_name(part, "file");
        curl_mime_filename(part, call.file_name.c_str());
        curl_mime_type(part, "application/octet-stream");
        curl_mime_data_cb(
            part, call.upload->size_bytes(), Callbacks::file, nullptr, nullptr, &running_);
      }
      set(CURLOPT_MIMEPOST, form_.get());
    }
  }

  const Address& address_;
  Running running_;
  std::unique_ptr<curl_slist, Cleanup> headers_;
  std::unique_ptr<curl_mime, Cleanup> form_;
  std::unique_ptr<CURL, Cleanup> handle_;  // goes first, it borrows the others
};

}  // namespace

Got make_call(const CybertipOptions& options, const Call& call) {
  const Result<Address> address = parse_address(options.url);
  if (!address) {
    Got got;
    got.failure = address.error().message;
    return got;
  }
  return Transfer(options, *address, call).perform();
}

}  // namespace tutela::authorities
