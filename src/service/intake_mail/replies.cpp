#include "service/intake_mail/replies.hpp"

#include <chrono>
#include <utility>

#include <strings.h>

#include "base/fault.hpp"
#include "service/intake_mail/reply.hpp"
#include "service/log/log.hpp"
#include "service/mail/mail.hpp"

namespace tutela::intake_mail {

namespace {

constexpr std::size_t kOwedMax = 1000;
constexpr int kRepliesADay = 5;
constexpr std::size_t kSendersADay = 100'000;
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kSendAgainMs = 60'000;
constexpr std::int64_t kSendTimeoutMs = 20'000;
constexpr std::chrono::seconds kRound{10};
constexpr std::string_view kNotSent = "mail.not_sent";

mail::Options options_for(const std::string& to, const config::SmtpConfig& smtp) {
  mail::Options options;
  options.server = smtp.server;
  options.username = smtp.username;
  options.password = smtp.password;
  options.from = smtp.from;
  options.to = to;
  options.ca_file = smtp.ca_file;
  options.allow_plain = smtp.allow_plain;
  options.timeout_ms = kSendTimeoutMs;
  options.null_sender = true;
  return options;
}

/// Addresses of mail, in any case.
bool is_same(const std::string& one, const std::string& other) {
  return ::strcasecmp(one.c_str(), other.c_str()) == 0;
}

std::string message_for(const Draft& draft,
                        const intake::Accepted& accepted,
                        const config::Config& config,
                        UtcMs now_ms) {
  mail::Head head;
  head.from = config.smtp.from;
  head.to = draft.address;
  head.at_ms = now_ms;
  head.message_id = to_string(new_uuid(head.at_ms)) + head.from.substr(head.from.find('@'));
  head.in_reply_to = draft.message_id;
  return reply_message(head,
                       {.number = accepted.number,
                        .pin = accepted.pin,
                        .due_ms = accepted.due_ms,
                        .language = draft.notice.language,
                        .service = config.intake.service_name,
                        .public_url = config.intake.public_url});
}

}  // namespace

bool Replies::is_wanted(const Draft& draft, const config::Config& config) {
  if (!draft.may_reply || !config.intake.mail_reply || config.smtp.server.empty() ||
      is_same(draft.address, config.smtp.from) ||
      !mail::check(options_for(draft.address, config.smtp))) {
    return false;
  }
  const std::int64_t day = clock_.now_ms() / kDayMs;
  if (day != replies_day_) {
    replies_.clear();
    replies_day_ = day;
  }
  const auto sent = replies_.find(draft.notice.source);
  return sent == replies_.end() ? replies_.size() < kSendersADay : sent->second < kRepliesADay;
}

bool Replies::full() const noexcept {
  return owed_.size() >= kOwedMax;
}

bool Replies::has(std::string_view letter) const noexcept {
  return owed_.contains(letter);
}

void Replies::owe(Letter letter,
                  const Draft& draft,
                  const intake::Accepted& accepted,
                  const config::Config& config) {
  ++replies_[draft.notice.source];
  std::string key(unique_of(letter.name));
  owed_.insert_or_assign(
      std::move(key),
      Owed{
          std::move(letter), draft.address, message_for(draft, accepted, config, clock_.now_ms())});
}

void Replies::send_all(const Maildir& maildir, const config::Config& config) {
  const std::int64_t pause_ms = send_again_ms_ - clock_.now_ms();
  if (pause_ms > 0 && pause_ms <= kSendAgainMs) {  // more: the clock was set back
    return;
  }
  // New messages wait for this: a slow server gets the rest at the next look.
  const auto until = std::chrono::steady_clock::now() + kRound;
  for (auto each = owed_.begin();
       each != owed_.end() && !stop_ && std::chrono::steady_clock::now() < until;) {
    const Status sent = send(maildir, each->second, config);
    if (sent) {
      each = owed_.erase(each);
      continue;
    }
    log::log_event(
        log::Level::kWarn, "intake_mail.reply_waits", {{"code", std::string(sent.error().code)}});
    send_again_ms_ = clock_.now_ms() + kSendAgainMs;
    if (sent.error().code == kNotSent) {
      return;  // nor would it take the others
    }
    ++each;
  }
}

/// It counts as answered before it is sent, so that nobody is answered twice.
Status Replies::send(const Maildir& maildir, Owed& owed, const config::Config& config) const {
  const bool remove = has_flag(owed.letter, 'T');
  Result<Letter> begun = maildir.mark(owed.letter, flags_for(kRepliedFlags, remove));
  const bool gone = !begun && begun.error().kind == ErrorKind::kNotFound;
  if (!gone) {  // whoever removed it has left the answer to be sent
    TUTELA_TRY_ASSIGN(owed.letter, std::move(begun));
  }
  TUTELA_FAULT_POINT("intake_mail.before_send");
  const mail::Answer answer = mail::send(options_for(owed.to, config.smtp), owed.message, &stop_);
  TUTELA_FAULT_POINT("intake_mail.after_send");
  if (answer.outcome == mail::Outcome::kTrouble || answer.outcome == mail::Outcome::kCredentials) {
    if (!gone) {
      TUTELA_TRY_ASSIGN(owed.letter, maildir.mark(owed.letter, flags_for(kOwedFlags, remove)));
    }
    return Error{ErrorKind::kUnavailable, kNotSent, "the mail server takes nothing now"};
  }
  if (remove && !gone && !maildir.remove(owed.letter)) {
    return ok();  // the next look finds it, tries again, and says what is wrong
  }
  return ok();
}

}  // namespace tutela::intake_mail
