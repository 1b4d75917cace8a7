// Outlets: a webhook, an address of e-mail, syslog, and a monitor that is beaten for. Internal to
// watch.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "service/watch/line.hpp"
#include "service/watch/teller.hpp"

namespace tutela::watch {

/// What a mail says of changes: the worst in its subject, all in its body, at most fifty.
struct MailWords {
  std::string subject;
  std::string body;
};

[[nodiscard]] MailWords mail_words(const std::vector<Numbered>& changes,
                                   std::int64_t lost,
                                   const std::string& host);

/// As a local syslog takes it: "<26>Nov 22 20:11:01 tutela[7]: alarm raised code=... ...", facility
/// daemon; crit of blind, warning of degraded, notice of what was cleared.
[[nodiscard]] std::string syslog_line(const alarms::Change& change, std::int64_t process);

std::shared_ptr<Outlet> webhook_outlet(const Clock& clock, const webhooks::Options& options);
/// `host`: which server speaks.
std::shared_ptr<Outlet> mail_outlet(const Clock& clock, mail::Options options, std::string host);
/// Not through syslog(3), which does not say whether anybody listens.
std::shared_ptr<Outlet> syslog_outlet(std::filesystem::path socket);
std::shared_ptr<Outlet> heartbeat_outlet(std::string url);

}  // namespace tutela::watch
