// Replies: the mails with number and PIN that senders are owed. A message holds its PIN in memory
// alone until it is sent. Not thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "service/config/config.hpp"
#include "service/intake_mail/draft.hpp"
#include "service/intake_mail/maildir.hpp"

namespace tutela::intake_mail {

class Replies {
 public:
  /// Both outlive it. `stop`: breaks off what is being sent.
  Replies(const Clock& clock, const std::atomic<bool>& stop) : clock_(clock), stop_(stop) {}

  /// Whether whoever wrote is to get one: a person, at most five a day, and never ourselves.
  [[nodiscard]] bool is_wanted(const Draft& draft, const config::Config& config);

  /// There is no room for another now: it stays owed in the mailbox.
  [[nodiscard]] bool full() const noexcept;
  [[nodiscard]] bool has(std::string_view letter) const noexcept;

  /// `letter` has the flag F; with T it is removed when the answer is sent.
  void owe(Letter letter,
           const Draft& draft,
           const intake::Accepted& accepted,
           const config::Config& config);

  /// Sends what is owed, while the server takes it, and begins none after ten seconds.
  void send_all(const Maildir& maildir, const config::Config& config);

 private:
  struct Owed {
    Letter letter;
    std::string to;
    std::string message;
  };

  [[nodiscard]] Status send(const Maildir& maildir, Owed& owed, const config::Config& config) const;

  const Clock& clock_;
  const std::atomic<bool>& stop_;
  UtcMs send_again_ms_ = 0;
  std::map<std::string, Owed, std::less<>> owed_;  // by unique_of(), so the oldest first
  std::map<std::string, int> replies_;             // of this day, by the source of their senders
  std::int64_t replies_day_ = 0;
};

}  // namespace tutela::intake_mail
