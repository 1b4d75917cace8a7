// The channel of an authority that is written to by encrypted e-mail (PGP/MIME over SMTP).
#include <algorithm>
#include <utility>

#include "casework/disclosure/recipient.hpp"
#include "service/authorities/channel.hpp"
#include "service/authorities/letter.hpp"
#include "service/authorities/mail_text.hpp"
#include "service/mail/text.hpp"

namespace tutela::authorities {

using reports::Phase;

namespace {

Phase phase_of(mail::Outcome outcome) {
  switch (outcome) {
    case mail::Outcome::kDone:
      return Phase::kDone;
    case mail::Outcome::kTrouble:
      return Phase::kTrouble;
    case mail::Outcome::kRejected:
      return Phase::kRejected;
    case mail::Outcome::kCredentials:
      return Phase::kCredentials;
    case mail::Outcome::kUnclear:
      break;
  }
  return Phase::kUnclear;
}

Result<Bytes> encrypt(const disclosure::Recipient& recipient, std::string_view text, UtcMs now_ms) {
  Bytes encrypted;
  TUTELA_TRY(recipient.encrypt(
      [&](Bytes& out) -> Result<bool> {
        const ByteView bytes = as_bytes(text);
        out.assign(bytes.begin(), bytes.end());
        return false;
      },
      [&](ByteView bytes) {
        encrypted.insert(encrypted.end(), bytes.begin(), bytes.end());
        return ok();
      },
      now_ms));
  return encrypted;
}

class Email final : public Channel {
 public:
  Email(EmailOptions options, disclosure::Recipient recipient)
      : options_(std::move(options)), recipient_(std::move(recipient)) {}

  Took take(const Task& task) override {
    Took took;
    took.phase = Phase::kRejected;
    const Result<Letter> letter = write_letter(task.leased);
    if (task.next.step != reports::Step::kDeliver || !letter) {
      took.description = letter ? "e-mail knows one step, deliver" : letter.error().message;
      return took;
    }
    const UtcMs now_ms = clock_.now_ms();
    const Result<Bytes> encrypted = encrypt(recipient_, mail_inside(*letter), now_ms);
    if (!encrypted) {
      // The authority's key ran out or was revoked: only a person can get another.
      took.phase = Phase::kCredentials;
      took.description = "nothing was sent, since it cannot be encrypted to the authority's key: " +
                         std::string(encrypted.error().code);
      return took;
    }
    const std::string domain = options_.from.substr(options_.from.find('@') + 1);
    const mail::Head head = {options_.from, options_.to, letter->id + "@" + domain, now_ms};
    const mail::Answer answer = mail::send(options_, mail_outside(head, armored(*encrypted)));
    took.phase = phase_of(answer.outcome);
    took.description = answer.description;
    if (answer.code != 0) {
      took.code = answer.code;
    }
    if (took.phase == Phase::kDone) {
      took.authority_id = "<" + head.message_id + ">";
      took.raw = answer.last_line;
    }
    return took;
  }

  Reached status() override {
    const mail::Answer answer = mail::send(options_, {});
    const bool good = answer.outcome == mail::Outcome::kDone;
    return {good, good ? "the mail server lets us in" : answer.description};
  }

 private:
  const EmailOptions options_;
  const disclosure::Recipient recipient_;
  const SystemClock clock_;
};

}  // namespace

Result<std::unique_ptr<Channel>> open_email(const EmailOptions& options) {
  TUTELA_TRY(mail::check(options));
  if (options.key.empty()) {
    return Error{ErrorKind::kInvalidInput,
                 "config.bad_mail",
                 "a report by e-mail is encrypted: the authority's OpenPGP key is missing"};
  }
  TUTELA_TRY_ASSIGN(disclosure::Recipient recipient,
                    disclosure::Recipient::parse(
                        disclosure::RecipientKind::kOpenPgp, options.key, SystemClock().now_ms()));
  return std::unique_ptr<Channel>(std::make_unique<Email>(options, std::move(recipient)));
}

}  // namespace tutela::authorities
