#include "service/watch/outlets.hpp"

#include <array>
#include <cstring>
#include <ctime>
#include <utility>

#include <boost/json.hpp>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "base/file.hpp"
#include "service/mail/text.hpp"
#include "service/webhooks/post.hpp"

namespace tutela::watch {

namespace {

namespace json = boost::json;

constexpr std::int64_t kHeartbeatTimeoutMs = 10'000;

std::string body_of(const alarms::Change& change) {
  const alarms::Condition& condition = change.alarm.condition;
  return json::serialize(json::object{{"type", "alarm." + std::string(to_string(change.what))},
                                      {"timestamp", to_rfc3339(change.at_ms)},
                                      {"data",
                                       {{"code", condition.code},
                                        {"object", condition.object},
                                        {"level", to_string(condition.level)},
                                        {"what", to_string(change.what)},
                                        {"why", condition.why},
                                        {"since", to_rfc3339(change.alarm.since_ms)},
                                        {"state", to_string(change.level)}}}});
}

/// Keeps a connection from delivery to delivery. A code of what went wrong; empty: it is open.
std::string open_once(std::unique_ptr<webhooks::Poster>& poster,
                      const webhooks::Options& options,
                      const std::atomic<bool>& stop) {
  if (!poster) {
    auto opened = webhooks::Poster::open(options, stop);
    if (!opened) {
      return std::string(opened.error().code);
    }
    poster = *std::move(opened);
  }
  return {};
}

class Webhook final : public Outlet {
 public:
  Webhook(const Clock& clock, const webhooks::Options& options)
      : clock_(clock), options_(options) {}

  std::string deliver(const std::vector<Numbered>& changes,
                      std::int64_t /*lost*/,
                      const std::atomic<bool>& stop) override {
    if (std::string failure = open_once(poster_, options_, stop); !failure.empty()) {
      return failure;
    }
    const std::string& id = changes.front().id;
    const std::string body = body_of(changes.front().change);
    const std::int64_t now_s = clock_.now_ms() / 1000;
    const Result<std::string> signature = webhooks::sign(options_.secrets, id, now_s, body);
    if (!signature) {
      return std::string(signature.error().code);
    }
    return poster_
        ->post({"content-type: application/json",
                "user-agent: Tutela/" TUTELA_VERSION,
                "expect:",
                "webhook-id: " + id,
                "webhook-timestamp: " + std::to_string(now_s),
                "webhook-signature: " + *signature},
               body)
        .failure;
  }

 private:
  const Clock& clock_;
  const webhooks::Options options_;
  std::unique_ptr<webhooks::Poster> poster_;
};

class Email final : public Outlet {
 public:
  Email(const Clock& clock, mail::Options options, std::string host)
      : clock_(clock), options_(std::move(options)), host_(std::move(host)) {}

  std::string deliver(const std::vector<Numbered>& changes,
                      std::int64_t lost,
                      const std::atomic<bool>& stop) override {
    const MailWords words = mail_words(changes, lost, host_);
    const std::string id = changes.front().id + "_" + std::to_string(changes.back().number) +
                           options_.from.substr(options_.from.find('@'));
    const mail::Head head = {options_.from, options_.to, id, clock_.now_ms()};
    const mail::Answer answer =
        mail::send(options_, mail::plain_message(head, words.subject, words.body), &stop);
    return std::string(mail::failure_of(answer.outcome));
  }

 private:
  const Clock& clock_;
  const mail::Options options_;
  const std::string host_;
};

class Syslog final : public Outlet {
 public:
  explicit Syslog(std::filesystem::path socket) : socket_(std::move(socket)) {}

  std::string deliver(const std::vector<Numbered>& changes,
                      std::int64_t /*lost*/,
                      const std::atomic<bool>& /*stop*/) override {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string& path = socket_.native();
    const Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!fd.valid() || path.size() >= sizeof(address.sun_path)) {
      return "no_syslog";
    }
    std::memcpy(static_cast<char*>(address.sun_path), path.data(), path.size());
    const timeval second = {1, 0};
    ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &second, sizeof(second));
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): addresses of the system.
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
      return "no_syslog";
    }
    const std::string line = syslog_line(changes.front().change, ::getpid());
    const ssize_t sent = ::send(fd.get(), line.data(), line.size(), MSG_NOSIGNAL);
    return sent == static_cast<ssize_t>(line.size()) ? "" : "no_syslog";
  }

 private:
  const std::filesystem::path socket_;
};

class Heartbeat final : public Outlet {
 public:
  explicit Heartbeat(std::string url) {
    options_.url = std::move(url);
    options_.allow_private = true;  // the operator's own monitor, often in the same network
    options_.timeout_ms = kHeartbeatTimeoutMs;
  }

  std::string deliver(const std::vector<Numbered>& /*changes*/,
                      std::int64_t /*lost*/,
                      const std::atomic<bool>& stop) override {
    if (std::string failure = open_once(poster_, options_, stop); !failure.empty()) {
      return failure;
    }
    return poster_->get({"user-agent: Tutela/" TUTELA_VERSION}).failure;
  }

 private:
  webhooks::Options options_;
  std::unique_ptr<webhooks::Poster> poster_;
};

}  // namespace

std::string syslog_line(const alarms::Change& change, std::int64_t process) {
  const alarms::Condition& condition = change.alarm.condition;
  const int severity = change.what == alarms::What::kCleared      ? LOG_NOTICE
                       : condition.level == alarms::Level::kBlind ? LOG_CRIT
                                                                  : LOG_WARNING;
  const std::time_t at_s = change.at_ms / 1000;
  std::tm local{};
  ::localtime_r(&at_s, &local);
  std::array<char, 32> time{};
  const std::size_t size = std::strftime(time.data(), time.size(), "%b %e %H:%M:%S", &local);
  std::string line = "<" + std::to_string(LOG_DAEMON | severity) + ">" +
                     std::string(time.data(), size) + " tutela[" + std::to_string(process) +
                     "]: alarm " + std::string(to_string(change.what)) + " code=" + condition.code +
                     " object=" + condition.object +
                     " level=" + std::string(to_string(condition.level)) +
                     " state=" + std::string(to_string(change.level)) + ": " + condition.why;
  for (char& c : line) {
    c = c >= ' ' && c <= '~' ? c : '?';
  }
  return line;
}

std::shared_ptr<Outlet> webhook_outlet(const Clock& clock, const webhooks::Options& options) {
  return std::make_shared<Webhook>(clock, options);
}

std::shared_ptr<Outlet> mail_outlet(const Clock& clock, mail::Options options, std::string host) {
  return std::make_shared<Email>(clock, std::move(options), std::move(host));
}

std::shared_ptr<Outlet> syslog_outlet(std::filesystem::path socket) {
  return std::make_shared<Syslog>(std::move(socket));
}

std::shared_ptr<Outlet> heartbeat_outlet(std::string url) {
  return std::make_shared<Heartbeat>(std::move(url));
}

}  // namespace tutela::watch
