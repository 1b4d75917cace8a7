// Webhooks: messages of the outbox to one receiver of the operator's, after Standard Webhooks 1.0
// (standardwebhooks.com): headers webhook-id, webhook-timestamp, webhook-signature ("v1," and the
// base64 of an HMAC-SHA-256 of "id.timestamp.body"), secrets "whsec_<base64>", several of them
// while one is replaced.
//
// 2xx means that the receiver has done what the message says, and only then is it called done. 410
// is final; anything else is tried again. No redirects; addresses inside the machine or a private
// network only where configuration says so, checked after the name was resolved. Owns a thread.
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
  std::vector<std::string> topics = {
      "case.action", "case.decided", "appeal.decided", "concern.raised"};
};

/// Error: kInvalidInput "webhook.bad_url", "webhook.bad_secret".
Status check(const Options& options);

/// "v1,<base64>", one a secret, separated by spaces.
Result<std::string> sign(const std::vector<std::string>& secrets,
                         std::string_view id,
                         std::int64_t timestamp_s,
                         std::string_view body);

/// Called in the unit of work that ends a message: `done`, or dead with a failure.
using Settle = std::function<Status(store::Transaction&,
                                    UtcMs now_ms,
                                    std::int64_t outbox_id,
                                    bool done,
                                    std::string_view failure)>;
/// Called from the sender's thread, for the log.
using Tell =
    std::function<void(std::string_view what, std::int64_t outbox_id, std::string_view failure)>;

class Sender {
 public:
  static Result<std::unique_ptr<Sender>> start(
      store::Database& database, const Clock& clock, Options options, Settle settle, Tell tell);
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
