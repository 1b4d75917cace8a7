#include "service/mail/mail.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <utility>

#include <boost/url.hpp>
#include <curl/curl.h>

#include "service/mail/text.hpp"

namespace tutela::mail {

namespace {

constexpr std::size_t kLineMax = 500;
constexpr std::int64_t kTimeoutMsMin = 1000;
constexpr std::int64_t kTimeoutMsMax = 600'000;

Error bad(std::string message) {
  return Error{ErrorKind::kInvalidInput, "config.bad_mail", std::move(message)};
}

struct Cleanup {
  void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }

  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

struct Sending {
  std::string_view rest;  // of the message
  bool begun = false;     // the server asked for the message
  std::string last_line;
};

std::size_t take_line(char* data, std::size_t one, std::size_t count, void* into) {
  auto& sending = *static_cast<Sending*>(into);
  std::string line(data, std::min(one * count, kLineMax));
  line.erase(std::find_if(line.begin(), line.end(), [](char c) { return c == '\r' || c == '\n'; }),
             line.end());
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  sending.last_line = std::move(line);
  return one * count;
}

std::size_t give(char* data, std::size_t one, std::size_t count, void* from) {
  auto& sending = *static_cast<Sending*>(from);
  sending.begun = true;
  const std::size_t size = std::min(one * count, sending.rest.size());
  std::memcpy(data, sending.rest.data(), size);
  sending.rest.remove_prefix(size);
  return size;
}

bool is_this_machine(std::string_view host) {
  constexpr std::array<std::string_view, 3> kNames = {"127.0.0.1", "[::1]", "localhost"};
  return std::find(kNames.begin(), kNames.end(), host) != kNames.end();
}

std::string_view words_of(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return "the mail server's name is unknown";
    case CURLE_COULDNT_CONNECT:
      return "no connection to the mail server";
    case CURLE_USE_SSL_FAILED:
      return "the mail server offers no TLS";
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
      return "no trusted TLS connection to the mail server";
    case CURLE_LOGIN_DENIED:
      return "the mail server refuses the user name or password";
    case CURLE_OPERATION_TIMEDOUT:
      return "the mail server did not answer in time";
    default:
      return "the mail server refused the message, or the connection broke";
  }
}

/// Nothing was received before the server had the whole message and said so (RFC 5321 4.2.5);
/// from the first byte of it on, silence says nothing.
Outcome outcome_of(CURLcode code, std::int64_t reply, bool begun) {
  if (code == CURLE_OK) {
    return Outcome::kDone;
  }
  if (code == CURLE_LOGIN_DENIED || reply == 530 || reply == 535) {
    return Outcome::kCredentials;
  }
  if (reply >= 500 && reply < 600 && code != CURLE_OPERATION_TIMEDOUT) {
    return Outcome::kRejected;
  }
  return begun && !(reply >= 400 && reply < 500) ? Outcome::kUnclear : Outcome::kTrouble;
}

int progress(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return *static_cast<const std::atomic<bool>*>(stop) ? 1 : 0;
}

void stop_when(CURL* handle, const std::atomic<bool>& stop) {
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);  // not held up by a name that does not resolve
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, progress);
  curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &stop);
}

void set_up(CURL* handle, const Options& options, Sending& sending) {
  curl_easy_setopt(handle, CURLOPT_URL, options.server.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(handle,
                   CURLOPT_USE_SSL,
                   static_cast<long>(options.allow_plain ? CURLUSESSL_NONE : CURLUSESSL_ALL));
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout_ms));
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.timeout_ms));
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_line);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &sending);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_line);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &sending);
  if (!options.ca_file.empty()) {
    curl_easy_setopt(handle, CURLOPT_CAINFO, options.ca_file.c_str());
    curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);
  }
  if (!options.username.empty()) {
    curl_easy_setopt(handle, CURLOPT_USERNAME, options.username.c_str());
    curl_easy_setopt(handle, CURLOPT_PASSWORD, options.password.c_str());
  }
}

Status check_server(const Options& options) {
  const auto url = boost::urls::parse_uri(options.server);
  const bool plain = url && url->scheme() == "smtp";
  const bool good = url && (plain || url->scheme() == "smtps") && !url->host().empty() &&
                    !url->has_userinfo() && url->encoded_path().empty() && !url->has_query() &&
                    !url->has_fragment() && (!url->has_port() || url->port_number() != 0);
  if (!good) {
    return Error{ErrorKind::kInvalidInput,
                 "config.bad_mail_server",
                 "a mail server is \"smtps://host\" or \"smtp://host:587\", without a path"};
  }
  if (options.allow_plain && !(plain && is_this_machine(url->encoded_host()))) {
    return Error{ErrorKind::kInvalidInput,
                 "config.bad_mail_server",
                 "mail without TLS is for a server on this machine alone: smtp://127.0.0.1"};
  }
  return ok();
}

}  // namespace

Status check(const Options& options) {
  TUTELA_TRY(check_server(options));
  if (!is_address(options.from) || !is_address(options.to)) {
    return bad("a mail needs one address it comes from and one it goes to");
  }
  if (options.timeout_ms < kTimeoutMsMin || options.timeout_ms > kTimeoutMsMax) {
    return bad("a mail server has 1 to 600 seconds");
  }
  return ok();
}

Answer send(const Options& options, const std::string& message, const std::atomic<bool>* stop) {
  static const bool started = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  const std::unique_ptr<CURL, Cleanup> curl(started ? curl_easy_init() : nullptr);
  const std::string recipient = "<" + options.to + ">";
  const std::unique_ptr<curl_slist, Cleanup> to(curl_slist_append(nullptr, recipient.c_str()));
  if (!curl || !to) {
    return {Outcome::kTrouble, 0, "libcurl could not be started", {}};
  }
  Sending sending{message, false, {}};
  set_up(curl.get(), options, sending);
  if (stop != nullptr) {
    stop_when(curl.get(), *stop);
  }
  const std::string from = options.null_sender ? "" : "<" + options.from + ">";
  if (message.empty()) {
    curl_easy_setopt(curl.get(), CURLOPT_CUSTOMREQUEST, "NOOP");
    curl_easy_setopt(curl.get(), CURLOPT_NOBODY, 1L);
  } else {
    curl_easy_setopt(curl.get(), CURLOPT_MAIL_FROM, from.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_MAIL_RCPT, to.get());
    curl_easy_setopt(curl.get(), CURLOPT_READFUNCTION, give);
    curl_easy_setopt(curl.get(), CURLOPT_READDATA, &sending);
    curl_easy_setopt(curl.get(), CURLOPT_UPLOAD, 1L);
  }
  const CURLcode code = curl_easy_perform(curl.get());
  long reply = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &reply);
  Answer answer;
  answer.outcome = outcome_of(code, reply, sending.begun);
  answer.code = reply;
  answer.last_line = sending.last_line;
  answer.description = code == CURLE_OK ? "the mail server took it" : std::string(words_of(code));
  return answer;
}

std::string_view failure_of(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::kDone:
      return "";
    case Outcome::kTrouble:
      return "mail_trouble";
    case Outcome::kRejected:
      return "mail_rejected";
    case Outcome::kCredentials:
      return "mail_credentials";
    case Outcome::kUnclear:
      return "mail_unclear";
  }
  return "mail_unclear";
}

}  // namespace tutela::mail
