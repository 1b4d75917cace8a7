// SMTP: one message to one server (RFC 5321), through libcurl, over TLS unless the server is on
// this machine. Blocks, with bounded time. Thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "service/authorities/channel.hpp"

namespace tutela::authorities {

struct SmtpAnswer {
  reports::Phase phase = reports::Phase::kUnclear;
  std::int64_t code = 0;    // the server's last, 0: none
  std::string description;  // ours
  std::string last_line;    // the server's, printable, at most 500 bytes
};

/// "smtps://host[:port]" or "smtp://host[:port]", nothing more; without TLS (`allow_plain`) only
/// "127.0.0.1", "[::1]" and "localhost". Error: kInvalidInput "config.bad_mail_server".
Status check_mail_server(const EmailOptions& options);

/// `message` as it is sent; empty: only connects, signs in and says NOOP.
SmtpAnswer send_mail(const EmailOptions& options, const std::string& message);

}  // namespace tutela::authorities
