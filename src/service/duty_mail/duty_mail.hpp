// Duty mail: what people of the team are written when a promise to somebody outside is near its
// end: which queue, how many notices, until when, and where to look. Never what a notice says, nor
// who sent it; of its numbers the id alone.
//
// owe() is part of the unit of work that escalates (custody/outbox), Sender delivers: at least
// once, also when processes are killed, and with the same Message-ID when it tells the same again.
// What is owed to one person about one queue waits a little for others, so that a flood is a few
// mails; what was answered meanwhile is told to nobody. A mail that fails is tried again for as
// long as one of its notices waits.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "casework/intake/model.hpp"
#include "custody/outbox/outbox.hpp"
#include "custody/store/store.hpp"
#include "service/config/config.hpp"
#include "service/mail/text.hpp"

namespace tutela::duty_mail {

inline constexpr std::string_view kTopic = "notice.due_soon";

/// As what somebody is told.
enum class As : std::uint8_t { kOnDuty, kDeputy };

/// How long what is owed waits for others: a thirtieth of what is left of the promise, at most a
/// quarter of an hour.
[[nodiscard]] std::int64_t gathering_ms(UtcMs due_ms, UtcMs now_ms) noexcept;

/// After the n-th failed attempt in a row (from 1): 5 s, doubled up to a minute; ten minutes where
/// the mail server said no for good.
[[nodiscard]] std::int64_t delay_after(std::int64_t attempts, bool refused) noexcept;

/// A mail server is configured.
[[nodiscard]] bool is_configured(const config::Config& config);

/// `person` is a principal. Nothing is owed to whoever has no address.
Status owe(store::Transaction& transaction,
           const intake::Notice& notice,
           std::string_view person,
           As as,
           UtcMs now_ms);

/// How many mails have failed and are tried again. (Of all tenants.)
Result<std::int64_t> count_failing(store::Transaction& transaction);

/// One notice that a mail tells of.
struct Line {
  Uuid notice_id;
  std::string queue;  // where it waits now
  UtcMs due_ms = 0;
};

struct Words {
  As as = As::kOnDuty;
  std::string queue;        // whose duty it is
  std::vector<Line> lines;  // not empty; the most urgent first
  std::string console_url;  // without a slash at its end; empty: no links
  UtcMs now_ms = 0;
};

/// The whole message, plain text. Pure.
[[nodiscard]] std::string message(const mail::Head& head, const Words& words);

/// Borrows database and clock. Thread-safe, also between processes; a call blocks while it talks
/// with the mail server.
class Sender {
 public:
  using Settings = std::function<std::shared_ptr<const config::Config>()>;
  Sender(store::Database& database, const Clock& clock, Settings settings);

  /// Everything that is due. How many mails the server took. Ends within about a second after
  /// `stop`. Error: the store's.
  Result<std::size_t> send_due(const std::atomic<bool>& stop);

 private:
  struct Owed {
    Words words;
    std::string to;
    std::int64_t through = 0;  // of the outbox
  };

  Result<Owed> owed_of(const outbox::Message& first);
  Status deliver(const outbox::Message& first,
                 const Owed& owed,
                 const std::atomic<bool>& stop,
                 std::size_t& sent);

  store::Database& database_;
  const Clock& clock_;
  const Settings settings_;
  outbox::Outbox outbox_;
};

}  // namespace tutela::duty_mail
