// Webhooks: messages of the outbox to one receiver of the operator's, after Standard Webhooks 1.0
// (standardwebhooks.com): headers webhook-id, webhook-timestamp, webhook-signature ("v1," and the
// base64 of an HMAC-SHA-256 of "id.timestamp.body"), secrets "whsec_<base64>", several of them
// while one is replaced.
//
// 2xx means that the receiver has done what the message says, and only then is it called done. 410
// is final; anything else is tried again. The id of a message is the same at every attempt, so that
// a receiver can tell a repetition. No redirects, no proxies; addresses inside the machine or a
// private network only where configuration says so, checked after the name was resolved.
//
// Failures are of a closed set: "http_<status>", "timeout", "no_answer" (no name, no connection, or
// it broke), "tls", "refused_address", "bad_answer" (not HTTP, or without end), "bad_payload".
// Thread-safe. Owns a thread; several processes may send from one database.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "custody/outbox/outbox.hpp"
#include "custody/store/store.hpp"

namespace tutela::webhooks {

struct Options {
  std::string url;                   // empty: nothing is sent, everything waits
  std::vector<std::string> secrets;  // the first signs first
  bool allow_private = false;        // the receiver may be on this machine or a private network
  std::int64_t timeout_ms = 15'000;
  std::int64_t attempts_max = 10;
  std::vector<std::string> topics = {"case.action",
                                     "case.decided",
                                     "appeal.decided",
                                     "concern.raised",
                                     "report.facts_wanted",
                                     "alarm.report_due"};

  friend bool operator==(const Options&, const Options&) = default;
};

/// https, or http where `allow_private`; no user, no fragment; 1 to 8 secrets of 24 to 64 bytes.
/// Errors: kInvalidInput "webhook.bad_url", "webhook.bad_secret", "webhook.bad_limits".
Status check(const Options& options);

/// "v1,<base64>", one a secret, separated by spaces. Error: "webhook.bad_secret".
Result<std::string> sign(const std::vector<std::string>& secrets,
                         std::string_view id,
                         std::int64_t timestamp_s,
                         std::string_view body);

/// Called in the unit of work that ends a message: `done`, or dead with a failure. With its error
/// nothing is recorded, and the message is sent again when its lease has ended.
using Settle = std::function<Status(store::Transaction&,
                                    UtcMs now_ms,
                                    std::int64_t outbox_id,
                                    bool done,
                                    std::string_view failure)>;
/// Called from the sender's thread, for the log: "sent", "failed" (tried again later), "dead", or
/// "error" with the code of what kept it from being recorded. `failure` is a code.
using Tell =
    std::function<void(std::string_view what, std::int64_t outbox_id, std::string_view failure)>;

class Sender {
 public:
  /// Borrows `database` and `clock`. Errors: those of check(); kUnavailable "webhook.unavailable".
  static Result<std::unique_ptr<Sender>> start(
      store::Database& database, const Clock& clock, Options options, Settle settle, Tell tell);
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;
  /// Ends within about a second; what was on its way is sent again by the next.
  ~Sender();
  /// Looks for work now.
  void wake();
  [[nodiscard]] bool configured() const noexcept;

 private:
  struct State;
  explicit Sender(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tutela::webhooks
