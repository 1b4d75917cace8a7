// Mail: one message to one address through one server (SMTP, RFC 5321), through libcurl, over TLS
// unless the server is on this machine. Blocks, with bounded time. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tutela::mail {

struct Options {
  std::string server;  // "smtps://mail.example.org" or "smtp://mail.example.org:587" (STARTTLS)
  std::string username;
  std::string password;
  std::string from;
  std::string to;
  std::string ca_file;       // empty: the system's
  bool allow_plain = false;  // a server on this machine without TLS
  std::int64_t timeout_ms = 60'000;
  bool null_sender = false;  // who cannot deliver it tells nobody: for automatic answers

  friend bool operator==(const Options&, const Options&) = default;
};

enum class Outcome : std::uint8_t {
  kDone,         // the server has taken it
  kTrouble,      // it certainly has not; later it may
  kRejected,     // it said no for good
  kCredentials,  // it does not let us in
  kUnclear,      // it may have it or not
};

/// A word for logs and states: "mail_trouble" "mail_rejected" "mail_credentials" "mail_unclear",
/// empty where it is done.
[[nodiscard]] std::string_view failure_of(Outcome outcome) noexcept;

struct Answer {
  Outcome outcome = Outcome::kUnclear;
  std::int64_t code = 0;    // the server's last, 0: none
  std::string description;  // ours
  std::string last_line;    // the server's, printable, at most 500 bytes
};

/// The server is "smtps://host[:port]" or "smtp://host[:port]", nothing more; without TLS
/// (`allow_plain`) only "127.0.0.1", "[::1]" and "localhost"; `from` and `to` are addresses, and
/// the time is 1 to 600 s. Errors: kInvalidInput "config.bad_mail_server", "config.bad_mail".
Status check(const Options& options);

/// `message` as it is sent; empty: only connects, signs in and says NOOP. Where `stop` is given, it
/// ends within about a second of its becoming true.
Answer send(const Options& options,
            const std::string& message,
            const std::atomic<bool>* stop = nullptr);

}  // namespace tutela::mail
