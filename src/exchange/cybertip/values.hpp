// Values: the leaves of a CyberTipline document. Each type holds only what the documentation and
// the schema allow there; make() is the only way to one, and its error says what to do: `code` is
// a Problem's code, `message` a sentence for a legal officer that never repeats the value.
//
// Values; thread-safe like any value.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "exchange/cybertip/words.hpp"

namespace tutela::cybertip {

enum class Kind : std::uint8_t {
  kText,      // one line or a few
  kLongText,  // bounded only by the document
  kEmail,
  kUrl,
  kPhone,
  kCallingCode,
  kDigits,
  kWord,  // of a closed set
  kDate,
  kDateTime,
  kIpAddress,
  kWholeNumber,  // a JSON number
  kDecimal,      // a JSON number
  kYesNo,        // true, false, or absent: unknown
  kMark,         // true or absent
  kGroup,        // not a leaf: an element that holds others
  kChoice,       // not a leaf: an element that holds exactly one of several
};

/// "text", "long_text", "date_time", ...
std::string_view name_of(Kind kind) noexcept;

/// What form_json() and messages say of a leaf type.
struct LeafInfo {
  Kind kind = Kind::kText;
  std::size_t length_max = 0;  // characters; 0: bounded by the document
  std::int64_t least = 0;      // of a number
  std::int64_t most = 0;
  std::string_view words_name = {};  // of a closed set
  std::span<const std::string_view> words = {};
  std::string_view wants = "it";  // "the authority requires ..."
};

/// How long a text is where the documents say "characters": UTF-16 units, the strictest reading
/// (a character outside the basic plane counts twice, as in the service's own language).
/// Errors: "not_utf8", "bad_character" (what XML 1.0 cannot carry; tab and line ends may stay).
Result<std::size_t> length_of(std::string_view text);

/// Valid UTF-8 that XML can carry, not blank, at most `length_max` characters (0: any).
/// Errors: "blank", "too_long", and those of length_of().
Status check_text(std::string_view text, std::size_t length_max);

/// What all leaves that are texts share. `Self` has `info()` and `static Status fits(text)`.
template <class Self>
class TextLeaf {
 public:
  using Input = std::string_view;

  static Result<Self> make(std::string_view text) {
    TUTELA_TRY(check_text(text, 0));
    TUTELA_TRY(Self::fits(text));  // before the length: what it should be says more
    TUTELA_TRY(check_text(text, Self::info().length_max));
    Self made;
    made.text_ = text;
    return made;
  }

  [[nodiscard]] const std::string& text() const noexcept { return text_; }

  friend bool operator==(const TextLeaf&, const TextLeaf&) = default;

 private:
  friend Self;
  TextLeaf() = default;
  std::string text_;
};

template <std::size_t kMax>
class Text : public TextLeaf<Text<kMax>> {
 public:
  static LeafInfo info() noexcept { return {.kind = Kind::kText, .length_max = kMax}; }

  static Status fits(std::string_view /*text*/) { return ok(); }
};

class LongText : public TextLeaf<LongText> {
 public:
  static LeafInfo info() noexcept { return {.kind = Kind::kLongText}; }

  static Status fits(std::string_view /*text*/) { return ok(); }
};

/// local@domain: 255 characters, 64 before the @, a domain with a dot. Error: "not_an_email".
class EmailAddress : public TextLeaf<EmailAddress> {
 public:
  static LeafInfo info() noexcept {
    return {.kind = Kind::kEmail, .length_max = 255, .wants = "an e-mail address"};
  }

  static Status fits(std::string_view text);
};

/// Absolute http or https with a host, as RFC 3986 writes it. Error: "not_a_url".
class Url : public TextLeaf<Url> {
 public:
  static LeafInfo info() noexcept {
    return {.kind = Kind::kUrl, .length_max = 2083, .wants = "a web address"};
  }

  static Status fits(std::string_view text);
};

/// At least one digit, no letters but those of an extension. Error: "not_a_phone".
class PhoneNumber : public TextLeaf<PhoneNumber> {
 public:
  static LeafInfo info() noexcept {
    return {.kind = Kind::kPhone, .length_max = 50, .wants = "a phone number"};
  }

  static Status fits(std::string_view text);
};

/// "+1" to "+999". Error: "not_a_calling_code".
class CallingCode : public TextLeaf<CallingCode> {
 public:
  static LeafInfo info() noexcept { return {.kind = Kind::kCallingCode, .length_max = 4}; }

  static Status fits(std::string_view text);
};

/// A phone's extension: 1 to 10 digits. Error: "not_digits".
class Extension : public TextLeaf<Extension> {
 public:
  static LeafInfo info() noexcept { return {.kind = Kind::kDigits, .length_max = 10}; }

  static Status fits(std::string_view text);
};

/// IPv4, IPv6 or IPv4-mapped IPv6. Error: "not_an_ip_address".
class IpAddress : public TextLeaf<IpAddress> {
 public:
  static LeafInfo info() noexcept {
    return {.kind = Kind::kIpAddress, .length_max = 45, .wants = "an IPv4 or IPv6 address"};
  }

  static Status fits(std::string_view text);
};

/// ISO 8601 with a zone, kept in the zone it was given in: "2026-11-22T05:52:33.120+02:00".
/// Errors: "not_a_time", "no_zone".
class Timestamp : public TextLeaf<Timestamp> {
 public:
  static LeafInfo info() noexcept {
    return {.kind = Kind::kDateTime, .length_max = 40, .wants = "a date and time in the past"};
  }

  static Status fits(std::string_view text);

  [[nodiscard]] UtcMs at_ms() const;
};

/// A day: "2009-04-30". Error: "not_a_date".
class Date : public TextLeaf<Date> {
 public:
  static LeafInfo info() noexcept {
    return {.kind = Kind::kDate, .length_max = 10, .wants = "a day in the past"};
  }

  static Status fits(std::string_view text);

  /// When the day ends in UTC.
  [[nodiscard]] UtcMs end_ms() const;
};

/// One word of a closed set. Error: "not_a_word_of_the_list".
template <class Set>
class Word : public TextLeaf<Word<Set>> {
 public:
  static LeafInfo info() noexcept {
    return {.kind = Kind::kWord,
            .words_name = Set::kName,
            .words = Set::kWords,
            .wants = "one of the words of its list"};
  }

  static Status fits(std::string_view text) {
    if (std::ranges::find(Set::kWords, text) != Set::kWords.end()) {
      return ok();
    }
    return Error{ErrorKind::kInvalidInput,
                 "not_a_word_of_the_list",
                 "Choose one of the words that the authority lists here, spelled as it does."};
  }

  [[nodiscard]] bool is(std::string_view word) const noexcept { return this->text() == word; }
};

using IncidentType = Word<IncidentTypes>;
using BatchReason = Word<BatchReasons>;
using EventName = Word<EventNames>;
using EmailKind = Word<EmailKinds>;
using PhoneKind = Word<PhoneKinds>;
using AddressKind = Word<AddressKinds>;
using AccountKind = Word<AccountKinds>;
using FileRelevance = Word<FileRelevances>;
using Classification = Word<Classifications>;
using MetadataKind = Word<MetadataKinds>;
using UsState = Word<UsStates>;
using CountryCode = Word<Countries>;

/// A whole number. Error: "out_of_range".
template <class Tag, std::int64_t kLeast, std::int64_t kMost>
class Whole {
 public:
  using Input = std::int64_t;

  static LeafInfo info() noexcept {
    return {.kind = Kind::kWholeNumber, .least = kLeast, .most = kMost, .wants = "a number"};
  }

  static Result<Whole> make(std::int64_t value) {
    if (value < kLeast || value > kMost) {
      return Error{ErrorKind::kInvalidInput,
                   "out_of_range",
                   "Give a whole number from " + std::to_string(kLeast) + " to " +
                       std::to_string(kMost) + "."};
    }
    return Whole(value);
  }

  [[nodiscard]] std::int64_t value() const noexcept { return value_; }

  [[nodiscard]] std::string text() const { return std::to_string(value_); }

  friend bool operator==(const Whole&, const Whole&) = default;

 private:
  explicit Whole(std::int64_t value) : value_(value) {}

  std::int64_t value_;
};

using Age = Whole<struct AgeTag, 0, 150>;
using Port = Whole<struct PortTag, 1, 65535>;
using ReportId = Whole<struct ReportIdTag, 1, std::numeric_limits<std::int64_t>::max()>;

/// Degrees from -kMost to kMost, kept to nine decimals (less than a millimetre), so that reading
/// and writing give the same number. Error: "out_of_range".
template <std::int64_t kMost>
class Degrees {
 public:
  using Input = double;

  static LeafInfo info() noexcept {
    return {.kind = Kind::kDecimal, .least = -kMost, .most = kMost, .wants = "a number"};
  }

  static Result<Degrees> make(double value) {
    if (!(value >= static_cast<double>(-kMost) && value <= static_cast<double>(kMost))) {
      return Error{ErrorKind::kInvalidInput,
                   "out_of_range",
                   "Give degrees from -" + std::to_string(kMost) + " to " + std::to_string(kMost) +
                       "; south and west are negative."};
    }
    return Degrees(std::round(value * 1e9) / 1e9);
  }

  [[nodiscard]] double value() const noexcept { return value_; }

  /// The shortest text that reads as the same number.
  [[nodiscard]] std::string text() const;

  friend bool operator==(const Degrees&, const Degrees&) = default;

 private:
  explicit Degrees(double value) : value_(value) {}

  double value_;
};

extern template class Degrees<90>;
extern template class Degrees<180>;
using Latitude = Degrees<90>;
using Longitude = Degrees<180>;

/// A tag: set, or absent. "false" does not exist for it. Error: "not_true".
class Mark {
 public:
  using Input = bool;

  static LeafInfo info() noexcept { return {.kind = Kind::kMark, .wants = "true"}; }

  static Result<Mark> make(bool value);

  /// XML writes an empty element: the schema gives it the one value that it may have.
  [[nodiscard]] static std::string text() { return {}; }

  friend bool operator==(const Mark&, const Mark&) = default;

 private:
  Mark() = default;
};

}  // namespace tutela::cybertip
