#include "service/mail/text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "base/bytes.hpp"
#include "crypto/base64.hpp"

namespace tutela::mail {

namespace {

constexpr std::size_t kAddressMax = 254;
constexpr std::size_t kSubjectMax = 200;
constexpr std::size_t kLineMax = 900;
constexpr std::size_t kMessageIdMax = 250;
constexpr std::size_t kBase64LineMax = 76;

char printable(char c) noexcept {
  return c >= ' ' && c <= '~' ? c : '?';
}

/// Nothing that could end a header, or the id.
bool is_message_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kMessageIdMax && std::ranges::all_of(text, [](char c) {
    return c > ' ' && c <= '~' && c != '<' && c != '>';
  });
}

}  // namespace

bool is_address(std::string_view text) noexcept {
  const std::size_t at = text.find('@');
  return text.size() <= kAddressMax && at != std::string_view::npos && at > 0 &&
         at + 1 < text.size() && text.find('@', at + 1) == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return c > ' ' && c < 127 &&
                  std::string_view("()<>[]:;,\\\"").find(c) == std::string_view::npos;
         });
}

std::string date(UtcMs at_ms) {
  constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  using std::chrono::floor;
  const std::chrono::sys_seconds at(floor<std::chrono::seconds>(std::chrono::milliseconds(at_ms)));
  const auto day = floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(at - day);
  std::array<char, 64> text = {};
  const int size = std::snprintf(text.data(),
                                 text.size(),
                                 "%s, %02u %s %04d %02d:%02d:%02d +0000",
                                 kDays[std::chrono::weekday(day).c_encoding()],
                                 static_cast<unsigned>(date.day()),
                                 kMonths[static_cast<unsigned>(date.month()) - 1],
                                 static_cast<int>(date.year()),
                                 static_cast<int>(time.hours().count()),
                                 static_cast<int>(time.minutes().count()),
                                 static_cast<int>(time.seconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string head_lines(const Head& head, std::string_view subject) {
  std::string clean(subject.substr(0, kSubjectMax));
  std::ranges::transform(clean, clean.begin(), printable);
  std::string submitted = "auto-generated\r\n";
  if (head.in_reply_to) {
    submitted = "auto-replied\r\n";
    if (is_message_id(*head.in_reply_to)) {
      submitted +=
          "In-Reply-To: <" + *head.in_reply_to + ">\r\nReferences: <" + *head.in_reply_to + ">\r\n";
    }
  }
  return "Date: " + date(head.at_ms) + "\r\nFrom: <" + head.from + ">\r\nTo: <" + head.to +
         ">\r\nMessage-ID: <" + head.message_id + ">\r\nSubject: " + clean +
         "\r\nAuto-Submitted: " + submitted + "MIME-Version: 1.0\r\n";
}

std::string plain_message(const Head& head, std::string_view subject, std::string_view body) {
  std::string message = head_lines(head, subject) +
                        "Content-Type: text/plain; charset=us-ascii\r\n"
                        "Content-Transfer-Encoding: 7bit\r\n\r\n";
  std::size_t length = 0;
  for (const char c : body) {
    if (c == '\n' || length == kLineMax) {
      message += "\r\n";
      length = 0;
    }
    if (c != '\n') {
      message += printable(c);
      ++length;
    }
  }
  return length == 0 ? message : message + "\r\n";
}

std::string utf8_message(const Head& head, std::string_view subject, std::string_view body) {
  std::string message = head_lines(head, subject) +
                        "Content-Type: text/plain; charset=utf-8\r\n"
                        "Content-Transfer-Encoding: base64\r\n\r\n";
  const std::string encoded = crypto::to_base64(as_bytes(body));
  for (std::size_t at = 0; at < encoded.size(); at += kBase64LineMax) {
    message += encoded.substr(at, kBase64LineMax) + "\r\n";
  }
  return message;
}

}  // namespace tutela::mail
