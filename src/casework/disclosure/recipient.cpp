#include "casework/disclosure/recipient.hpp"

#include "casework/disclosure/openpgp.hpp"

namespace tutela::disclosure {
namespace {

constexpr std::size_t kKeyBytesMax = std::size_t{16} * 1024;
constexpr std::size_t kAgeRecipientsMax = 5;

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

Error bad_age(std::string message) {
  return Error{ErrorKind::kInvalidInput, "age.bad_recipient", std::move(message)};
}

Result<std::vector<crypto::AgeRecipient>> parse_age(std::string_view key) {
  std::vector<crypto::AgeRecipient> recipients;
  while (!key.empty()) {
    const std::string_view line = key.substr(0, key.find('\n'));
    key.remove_prefix(std::min(key.size(), line.size() + 1));
    TUTELA_TRY_ASSIGN(crypto::AgeRecipient recipient,
                      crypto::AgeRecipient::parse(without_blanks(line)));
    recipients.push_back(recipient);
    if (recipients.size() > kAgeRecipientsMax) {
      return bad_age("at most 5 age recipients can share a package");
    }
  }
  return recipients;
}

Status age_encrypt(std::span<const crypto::AgeRecipient> recipients,
                   const Source& source,
                   const Sink& sink) {
  crypto::AgeEncryptor encryptor(recipients);
  Bytes plain;
  Bytes encrypted;
  bool more = true;
  while (more) {
    plain.clear();
    TUTELA_TRY_ASSIGN(more, source(plain));
    encryptor.update(plain, encrypted);
    if (!more) {
      encryptor.finish(encrypted);
    }
    if (!encrypted.empty()) {
      TUTELA_TRY(sink(encrypted));
      encrypted.clear();
    }
  }
  return ok();
}

}  // namespace

std::string_view to_string(RecipientKind kind) noexcept {
  switch (kind) {
    case RecipientKind::kAge:
      return "age";
    case RecipientKind::kOpenPgp:
      return "openpgp";
  }
  return "";
}

Result<RecipientKind> parse_recipient_kind(std::string_view text) {
  for (const RecipientKind kind : {RecipientKind::kAge, RecipientKind::kOpenPgp}) {
    if (text == to_string(kind)) {
      return kind;
    }
  }
  return Error{ErrorKind::kInvalidInput,
               "disclosure.bad_recipient_kind",
               "the kind of a recipient's key is age or openpgp"};
}

Result<Recipient> Recipient::parse(RecipientKind kind, std::string_view key, UtcMs now_ms) {
  Recipient recipient;
  recipient.kind_ = kind;
  key = without_blanks(key);
  recipient.key_ = key;
  switch (kind) {
    case RecipientKind::kAge: {
      if (key.empty() || key.size() > kKeyBytesMax) {
        return bad_age("give 1 to 5 age recipients (age1...), one a line");
      }
      TUTELA_TRY_ASSIGN(recipient.age_, parse_age(key));
      for (const crypto::AgeRecipient& one : recipient.age_) {
        recipient.fingerprint_ += (recipient.fingerprint_.empty() ? "" : " ") + one.text();
      }
      return recipient;
    }
    case RecipientKind::kOpenPgp: {
      if (key.size() > kKeyBytesMax) {
        return Error{ErrorKind::kInvalidInput,
                     "openpgp.bad_key",
                     "the key is over 16 KiB: export it minimal (gpg --export-options "
                     "export-minimal)"};
      }
      TUTELA_TRY_ASSIGN(recipient.fingerprint_, openpgp_fingerprint(key, now_ms));
      return recipient;
    }
  }
  return Error{ErrorKind::kInternal, "disclosure.bad_recipient_kind", "report this fault"};
}

Status Recipient::encrypt(const Source& source, const Sink& sink, UtcMs now_ms) const {
  switch (kind_) {
    case RecipientKind::kAge:
      return age_encrypt(age_, source, sink);
    case RecipientKind::kOpenPgp:
      return openpgp_encrypt(key_, now_ms, source, sink);
  }
  return Error{ErrorKind::kInternal, "disclosure.bad_recipient_kind", "report this fault"};
}

}  // namespace tutela::disclosure
