// The channel of an authority that is written to by encrypted e-mail (PGP/MIME over SMTP).
#include <algorithm>
#include <utility>

#include "casework/disclosure/recipient.hpp"
#include "service/authorities/channel.hpp"
#include "service/authorities/letter.hpp"
#include "service/authorities/mail_text.hpp"
#include "service/authorities/smtp.hpp"

namespace tutela::authorities {

using reports::Phase;

namespace {

constexpr std::int64_t kTimeoutMsMin = 1000;
constexpr std::int64_t kTimeoutMsMax = 600'000;

Error bad(std::string message) {
  return Error{ErrorKind::kInvalidInput, "config.bad_mail", std::move(message)};
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
    const MailHead head = {options_.from, options_.to, letter->id + "@" + domain, now_ms};
    const SmtpAnswer answer = send_mail(options_, mail_outside(head, armored(*encrypted)));
    took.phase = answer.phase;
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
    const SmtpAnswer answer = send_mail(options_, {});
    const bool good = answer.phase == Phase::kDone;
    return {good, good ? "the mail server lets us in" : answer.description};
  }

 private:
  const EmailOptions options_;
  const disclosure::Recipient recipient_;
  const SystemClock clock_;
};

}  // namespace

Result<std::unique_ptr<Channel>> open_email(const EmailOptions& options) {
  TUTELA_TRY(check_mail_server(options));
  if (!is_mail_address(options.from) || !is_mail_address(options.to)) {
    return bad("a report by e-mail needs one address it comes from and one it goes to");
  }
  if (options.key.empty()) {
    return bad("a report by e-mail is encrypted: the authority's OpenPGP key is missing");
  }
  if (options.timeout_ms < kTimeoutMsMin || options.timeout_ms > kTimeoutMsMax) {
    return bad("a mail server has 1 to 600 seconds");
  }
  TUTELA_TRY_ASSIGN(disclosure::Recipient recipient,
                    disclosure::Recipient::parse(
                        disclosure::RecipientKind::kOpenPgp, options.key, SystemClock().now_ms()));
  return std::unique_ptr<Channel>(std::make_unique<Email>(options, std::move(recipient)));
}

}  // namespace tutela::authorities
