// Recipient: the public key of an agency, to which a package is encrypted.
//
// A value; encrypt() may be called by several threads. Nothing here holds a secret key.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "crypto/age.hpp"

namespace tutela::disclosure {

enum class RecipientKind : std::uint8_t { kAge, kOpenPgp };
[[nodiscard]] std::string_view to_string(RecipientKind kind) noexcept;  // "age", "openpgp"
/// Error: kInvalidInput "disclosure.bad_recipient_kind".
Result<RecipientKind> parse_recipient_kind(std::string_view text);

/// Appends some plain bytes to the empty `out`; false when these were the last.
using Source = std::function<Result<bool>(Bytes& out)>;
/// Takes encrypted bytes.
using Sink = std::function<Status(ByteView bytes)>;

class Recipient {
 public:
  /// `key` is 1 to 5 age recipients, one a line, or one armoured OpenPGP public key of at most
  /// 16 KiB, which must be able to encrypt at `now_ms`. Errors: kInvalidInput
  /// "age.bad_recipient", "age.weak_recipient", "openpgp.bad_key", "openpgp.secret_key",
  /// "openpgp.cannot_encrypt", "openpgp.expired", "openpgp.revoked", "openpgp.weak_key".
  static Result<Recipient> parse(RecipientKind kind, std::string_view key, UtcMs now_ms);

  [[nodiscard]] RecipientKind kind() const noexcept { return kind_; }

  /// As it was given, without blanks around it.
  [[nodiscard]] const std::string& key() const noexcept { return key_; }

  /// What two people compare by another channel: the age recipients themselves, or the 40 or 64
  /// hex digits of the OpenPGP primary key.
  [[nodiscard]] const std::string& fingerprint() const noexcept { return fingerprint_; }

  /// Everything of `source`, encrypted, to `sink`, in memory that does not grow. An error of either
  /// ends it and is returned; what `sink` then has got does not decrypt as a whole file.
  [[nodiscard]] Status encrypt(const Source& source, const Sink& sink, UtcMs now_ms) const;

 private:
  Recipient() = default;

  RecipientKind kind_ = RecipientKind::kAge;
  std::string key_;
  std::string fingerprint_;
  std::vector<crypto::AgeRecipient> age_;
};

}  // namespace tutela::disclosure
