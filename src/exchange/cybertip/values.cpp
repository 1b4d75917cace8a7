#include "exchange/cybertip/values.hpp"

#include <array>
#include <charconv>
#include <chrono>

#include <arpa/inet.h>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "base/check.hpp"

namespace tutela::cybertip {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::size_t kEmailLocalMax = 64;
constexpr int kYearMin = 1850;  // nobody of an age that the documentation allows is older
constexpr std::int64_t kDayMs = 86'400'000;

Error wrong(std::string_view code, std::string message) {
  return Error{ErrorKind::kInvalidInput, code, std::move(message)};
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, is_digit);
}

bool is_alnum(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool beyond_ascii(char c) {
  return static_cast<unsigned char>(c) >= 0x80;
}

/// A character that XML 1.0 can carry (its production [2]).
bool xml_can_carry(char32_t c) {
  return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xD7FF) ||
         (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

struct Character {
  char32_t value = 0;
  std::size_t bytes = 0;  // 0: not UTF-8
};

/// The first character of a text that is not empty (RFC 3629: shortest form, no surrogates).
Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t at) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at]));
  };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) {
    return {lead, 1};
  }
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  constexpr std::array<std::uint32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) {
    return {};
  }
  char32_t value = lead & (0x7FU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) {
      return {};
    }
    value = value << 6 | (byte(i) & 0x3F);
  }
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < kLeast[bytes] || value > 0x10FFFF || surrogate) {
    return {};
  }
  return {value, bytes};
}

Error not_an_email() {
  return wrong("not_an_email", "Write a whole e-mail address, as in name@example.org.");
}

bool fits_local_part(std::string_view local) {
  constexpr std::string_view kAlso = "!#$%&'*+-/=?^_`{|}~.";
  return !local.empty() && !local.starts_with('.') && !local.ends_with('.') &&
         local.find("..") == std::string_view::npos && std::ranges::all_of(local, [&](char c) {
           return is_alnum(c) || beyond_ascii(c) || kAlso.find(c) != std::string_view::npos;
         });
}

bool fits_domain(std::string_view domain) {
  std::size_t labels = 0;
  while (true) {
    const std::string_view label = domain.substr(0, domain.find('.'));
    if (label.empty() || label.size() > 63 || label.starts_with('-') || label.ends_with('-') ||
        !std::ranges::all_of(label,
                             [](char c) { return is_alnum(c) || beyond_ascii(c) || c == '-'; })) {
      return false;
    }
    ++labels;
    if (label.size() == domain.size()) {
      return labels >= 2;
    }
    domain.remove_prefix(label.size() + 1);
  }
}

/// Whether a text looks as `shape` does, in which 0 stands for any digit.
bool looks_like(std::string_view text, std::string_view shape) {
  return std::ranges::equal(
      text, shape, [](char c, char wanted) { return wanted == '0' ? is_digit(c) : c == wanted; });
}

int number(std::string_view digits) {
  int value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

std::chrono::year_month_day day_of(std::string_view text) {
  return {std::chrono::year(number(text.substr(0, 4))),
          std::chrono::month(static_cast<unsigned>(number(text.substr(5, 2)))),
          std::chrono::day(static_cast<unsigned>(number(text.substr(8, 2))))};
}

Error not_a_time() {
  return wrong("not_a_time",
               "Write a date and time with its zone, as in 2026-11-22T05:52:33+02:00.");
}

/// "Z", or an offset of at most 14 hours as the schema takes it.
bool fits_zone(std::string_view zone) {
  if (zone == "Z") {
    return true;
  }
  if (!looks_like(zone, "+00:00") && !looks_like(zone, "-00:00")) {
    return false;
  }
  const int minutes = number(zone.substr(4, 2));
  return minutes < 60 && number(zone.substr(1, 2)) * 60 + minutes <= 14 * 60;
}

}  // namespace

std::string_view name_of(Kind kind) noexcept {
  constexpr std::array<std::string_view, 17> kNames = {"text",
                                                       "long_text",
                                                       "email",
                                                       "url",
                                                       "phone",
                                                       "calling_code",
                                                       "digits",
                                                       "word",
                                                       "date",
                                                       "date_time",
                                                       "ip_address",
                                                       "whole_number",
                                                       "decimal",
                                                       "yes_no",
                                                       "mark",
                                                       "group",
                                                       "choice"};
  return kNames[static_cast<std::size_t>(kind)];
}

Result<std::size_t> length_of(std::string_view text) {
  std::size_t length = 0;
  while (!text.empty()) {
    const Character character = first_character(text);
    if (character.bytes == 0) {
      return wrong("not_utf8", "This text is not UTF-8: write it again.");
    }
    if (!xml_can_carry(character.value)) {
      return wrong("bad_character",
                   "This text holds a control character that a report cannot carry: remove it, or "
                   "write it in words.");
    }
    length += character.value > 0xFFFF ? 2 : 1;
    text.remove_prefix(character.bytes);
  }
  return length;
}

Status check_text(std::string_view text, std::size_t length_max) {
  TUTELA_TRY_ASSIGN(const std::size_t length, length_of(text));
  if (text.find_first_not_of(kBlanks) == std::string_view::npos) {
    return wrong("blank", "This field is blank: fill it in, or leave it out.");
  }
  if (length_max != 0 && length > length_max) {
    return wrong("too_long",
                 "Shorten this: it has " + std::to_string(length) +
                     " characters, and the authority takes at most " + std::to_string(length_max) +
                     ".");
  }
  return ok();
}

Status EmailAddress::fits(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || !fits_local_part(text.substr(0, at)) ||
      !fits_domain(text.substr(at + 1))) {
    return not_an_email();
  }
  TUTELA_TRY_ASSIGN(const std::size_t length, length_of(text.substr(0, at)));
  if (length > kEmailLocalMax) {
    return wrong("too_long", "The part before the @ has at most 64 characters: correct it.");
  }
  return ok();
}

Status Url::fits(std::string_view text) {
  const auto url = boost::urls::parse_uri(text);
  const bool web = url && (url->scheme() == "http" || url->scheme() == "https");
  const int port = url && url->has_port() ? number(std::string_view(url->port())) : 1;
  if (!web || url->host().empty() || port < 1 || port > 65535) {
    return wrong("not_a_url",
                 "Write a whole web address that begins with http:// or https://, with blanks and "
                 "letters beyond ASCII percent-encoded.");
  }
  return ok();
}

Status PhoneNumber::fits(std::string_view text) {
  constexpr std::string_view kAlso = "+-()./#*,; x";
  if (!std::ranges::any_of(text, is_digit) || !std::ranges::all_of(text, [&](char c) {
        return is_digit(c) || kAlso.find(c) != std::string_view::npos;
      })) {
    return wrong("not_a_phone", "Write the phone number in digits, blanks, brackets and dashes.");
  }
  return ok();
}

Status CallingCode::fits(std::string_view text) {
  if (text.size() < 2 || text[0] != '+' || !all_digits(text.substr(1))) {
    return wrong("not_a_calling_code", "Write a plus and one to three digits, as in +44.");
  }
  return ok();
}

Status Extension::fits(std::string_view text) {
  return all_digits(text) ? ok()
                          : Status(wrong("not_digits", "Write the extension in digits only."));
}

Status IpAddress::fits(std::string_view text) {
  std::array<unsigned char, 16> address{};
  const std::string terminated(text);
  if (inet_pton(AF_INET, terminated.c_str(), address.data()) != 1 &&
      inet_pton(AF_INET6, terminated.c_str(), address.data()) != 1) {
    return wrong("not_an_ip_address", "Write an IPv4 or IPv6 address, without port or network.");
  }
  return ok();
}

Status Timestamp::fits(std::string_view text) {
  constexpr std::string_view kShape = "0000-00-00T00:00:00";
  if (!looks_like(text.substr(0, kShape.size()), kShape)) {
    return not_a_time();
  }
  std::string_view rest = text.substr(kShape.size());
  if (rest.starts_with('.')) {
    const std::size_t end = std::min(rest.find_first_not_of("0123456789", 1), rest.size());
    if (end < 2 || end > 10) {
      return not_a_time();
    }
    rest.remove_prefix(end);
  }
  if (rest.empty()) {
    return wrong("no_zone", "Add the time zone: Z for UTC, or an offset such as -05:00.");
  }
  const bool clock = number(text.substr(11, 2)) < 24 && number(text.substr(14, 2)) < 60 &&
                     number(text.substr(17, 2)) < 60;
  return clock && fits_zone(rest) && parse_time(text).has_value() ? ok() : Status(not_a_time());
}

UtcMs Timestamp::at_ms() const {
  const Result<UtcMs> time = parse_time(text());
  TUTELA_CHECK(time.has_value());
  return *time;
}

Status Date::fits(std::string_view text) {
  if (!looks_like(text, "0000-00-00") || !day_of(text).ok() ||
      number(text.substr(0, 4)) < kYearMin) {
    return wrong("not_a_date", "Write a day as year-month-day, as in 2009-04-30.");
  }
  return ok();
}

UtcMs Date::end_ms() const {
  const auto days = std::chrono::sys_days(day_of(text())).time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(days).count() + kDayMs;
}

template <std::int64_t kMost>
std::string Degrees<kMost>::text() const {
  std::array<char, 32> buffer{};
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value_);
  return {buffer.data(), written.ptr};
}

template class Degrees<90>;
template class Degrees<180>;

Result<Mark> Mark::make(bool value) {
  if (!value) {
    return wrong("not_true", "A mark is set or left out: remove it instead of saying no.");
  }
  return Mark();
}

}  // namespace tutela::cybertip
