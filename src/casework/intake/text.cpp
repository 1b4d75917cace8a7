#include "casework/intake/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "base/utf8.hpp"
#include "crypto/digest.hpp"

namespace tutela::intake {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kCharacters = 12;
constexpr std::size_t kPinDigits = 8;
constexpr std::size_t kTypedMax = 64;
constexpr std::string_view kBlanks = " \t\r\n";

/// Horner's scheme over GF(32) with x^5 + x^2 + 1.
std::size_t check_of(std::span<const std::size_t> digits) noexcept {
  std::size_t sum = 0;
  for (const std::size_t digit : digits) {
    sum ^= digit;
    sum <<= 1U;
    if ((sum & 32U) != 0) {
      sum ^= 37U;
    }
  }
  return sum;
}

std::string number_of(const std::array<std::size_t, kCharacters>& digits) {
  std::string number = "T";
  for (std::size_t i = 0; i < kCharacters; ++i) {
    if (i % 4 == 0) {
      number += '-';
    }
    number += kAlphabet[digits[i]];
  }
  return number;
}

char upper(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// What was typed without blanks and dashes, in capital letters.
std::string typed(std::string_view text) {
  std::string kept;
  for (const char c : text.substr(0, kTypedMax)) {
    if (c != '-' && kBlanks.find(c) == kBlanks.npos) {
      kept += upper(c);
    }
  }
  return kept;
}

/// RFC 3986, 3.1.
bool is_scheme(std::string_view text) {
  const auto letter = [](char c) {
    return lower(c) >= 'a' && lower(c) <= 'z';
  };
  return !text.empty() && letter(text.front()) && std::ranges::all_of(text, [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  });
}

std::string_view trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(kBlanks);
  return from == text.npos ? std::string_view()
                           : text.substr(from, text.find_last_not_of(kBlanks) + 1 - from);
}

}  // namespace

bool is_text(std::string_view text) noexcept {
  return is_utf8_text(text, Breaks::kLinesAndTabs);
}

bool fits(std::string_view text, std::size_t characters_max) noexcept {
  return text.size() <= kUtf8BytesMax * characters_max && is_text(text) &&
         utf8_length(text) <= characters_max;
}

bool is_blank(std::string_view text) noexcept {
  return text.find_first_not_of(kBlanks) == text.npos;
}

std::string random_number() {
  std::array<std::byte, kCharacters - 1> random{};
  crypto::random_bytes(random);
  std::array<std::size_t, kCharacters> digits{};
  for (std::size_t i = 0; i < random.size(); ++i) {
    digits[i] = std::to_integer<std::size_t>(random[i]) & 31U;
  }
  digits.back() = check_of(std::span(digits).first(random.size()));
  return number_of(digits);
}

std::optional<std::string> parse_number(std::string_view text) {
  std::string kept = typed(text);
  if (kept.size() == kCharacters + 1 && kept.front() == 'T') {
    kept.erase(0, 1);
  }
  if (text.size() > kTypedMax || kept.size() != kCharacters) {
    return std::nullopt;
  }
  std::array<std::size_t, kCharacters> digits{};
  for (std::size_t i = 0; i < kCharacters; ++i) {
    const char c = kept[i] == 'O' ? '0' : kept[i] == 'I' || kept[i] == 'L' ? '1' : kept[i];
    digits[i] = kAlphabet.find(c);
    if (digits[i] == kAlphabet.npos) {
      return std::nullopt;
    }
  }
  if (digits.back() != check_of(std::span(digits).first(kCharacters - 1))) {
    return std::nullopt;
  }
  return number_of(digits);
}

std::string random_pin() {
  std::string pin;
  while (pin.size() < kPinDigits) {
    std::array<std::byte, 1> random{};
    crypto::random_bytes(random);
    const auto value = std::to_integer<unsigned>(random[0]);
    if (value < 250) {  // so that each digit is as likely as the others
      pin += static_cast<char>('0' + value % 10);
    }
  }
  return pin;
}

std::optional<std::string> parse_pin(std::string_view text) {
  std::string kept = typed(text);
  const bool good = text.size() <= kTypedMax && kept.size() == kPinDigits &&
                    std::ranges::all_of(kept, [](char c) { return c >= '0' && c <= '9'; });
  return good ? std::optional(std::move(kept)) : std::nullopt;
}

std::string pin_hash_of(const crypto::Key& key, std::string_view number, std::string_view pin) {
  return to_hex(crypto::hmac_sha256(
      key.bytes(), as_bytes("pin\n" + std::string(number) + "\n" + std::string(pin))));
}

std::string normal_link(std::string_view link) {
  std::string normal(trimmed(link));
  const std::size_t colon = normal.find("://");
  if (colon == normal.npos || !is_scheme(std::string_view(normal).substr(0, colon))) {
    return normal;
  }
  normal = trimmed(std::string_view(normal).substr(0, normal.find('#')));
  const std::size_t end = std::min(normal.size(), normal.find_first_of("/?", colon + 3));
  std::transform(
      normal.begin(), normal.begin() + static_cast<std::ptrdiff_t>(end), normal.begin(), lower);
  if (end == normal.size()) {
    normal += '/';
  }
  return normal;
}

std::vector<Subject> subjects_of(const Body& body, const std::vector<Uuid>& files) {
  std::vector<Subject> subjects;
  for (const std::string& link : body.links) {
    subjects.push_back({"link", normal_link(link)});
  }
  for (const std::string& account : body.accounts) {
    subjects.push_back({"account", std::string(trimmed(account))});
  }
  for (const Uuid& file : files) {
    subjects.push_back({"content", to_string(file)});
  }
  std::ranges::sort(subjects);
  const auto rest = std::ranges::unique(subjects);
  subjects.erase(rest.begin(), rest.end());
  return subjects;
}

}  // namespace tutela::intake
