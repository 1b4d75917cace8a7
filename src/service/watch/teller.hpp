// Teller: tells people and machines of alarms: a signed webhook (Standard Webhooks) to the
// operator's receiver, e-mail, syslog; and beats for a monitor that notices silence. Every channel,
// and every address of e-mail, has a thread, a bounded queue and retries of its own, so that a dead
// one delays no other; nothing of it goes through the store. What a process before did not tell is
// taken over (handed_on.hpp).
//
// Webhooks keep their order and their id at every attempt: {"type": "alarm.raised" "alarm.changed"
// "alarm.cleared", "timestamp", "data": {"code", "object", "level", "what", "why", "since",
// "state"}}. E-mail comes at most once a minute; what happens meanwhile is summed up in the next.
// Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "service/config/config.hpp"
#include "service/mail/mail.hpp"
#include "service/watch/handed_on.hpp"
#include "service/watch/watch.hpp"
#include "service/webhooks/webhooks.hpp"
#include "watch/alarms/alarms.hpp"

namespace tutela::watch {

struct TellerOptions {
  webhooks::Options webhook;  // url empty: none
  mail::Options mail;         // server empty: none. `to` is not looked at
  std::vector<std::string> mail_to;
  bool syslog = false;
  std::filesystem::path syslog_socket = "/dev/log";
  std::string heartbeat_url;  // empty: none
  std::int64_t heartbeat_ms = 60'000;
  std::string host;  // which server speaks; empty: the name of this machine
  std::int64_t mail_interval_ms = 60'000;
  std::int64_t retry_ms_min = 1'000;  // after a failure; doubled after each further one
  std::int64_t retry_ms_max = 60'000;

  friend bool operator==(const TellerOptions&, const TellerOptions&) = default;
};

[[nodiscard]] TellerOptions teller_options(const config::Config& config);

class Teller {
 public:
  /// Borrows `clock`. `on_told` is called after each delivery of changes, by threads of the teller.
  /// Errors: those of webhooks::check() and mail::check().
  static Result<std::unique_ptr<Teller>> start(const Clock& clock,
                                               const TellerOptions& options,
                                               std::function<void()> on_told = {});
  Teller(const Teller&) = delete;
  Teller& operator=(const Teller&) = delete;
  /// Ends within about a second; what was not told by then is what waiting() says.
  ~Teller();

  /// What a process before has left: what waits goes where it was to go, and whoever was not told
  /// then of what is raised is told now.
  void take_over(const HandedOn& left);
  /// One of each that is told of alarms.
  [[nodiscard]] std::vector<LineState> waiting() const;
  /// Ends within about a second; nothing is delivered afterwards.
  void end();

  /// What waits goes where it is to go from now on; what failed is tried at once. Without a change
  /// nothing happens; with an error all stays as it was.
  tutela::Status configure(const TellerOptions& options);
  /// Does not block. What does not fit into a queue pushes out its oldest.
  void tell(const std::vector<alarms::Change>& changes);
  /// To be called at every look: beats when it is time, and never while blind. Does not block.
  void heartbeat(bool alive_and_not_blind);
  /// One of each channel that is configured.
  [[nodiscard]] std::vector<Status::Told> told() const;

 private:
  struct State;
  explicit Teller(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tutela::watch
