#include "service/authorities/mail_text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "crypto/base64.hpp"

namespace tutela::authorities {
namespace {

constexpr std::size_t kAddressMax = 254;
constexpr std::size_t kLineMax = 76;
constexpr std::size_t kArmorLineMax = 64;
// No line of base64 and no line of an armored message begins like this.
constexpr std::string_view kInner = "=_tutela_inside";
constexpr std::string_view kOuter = "=_tutela_outside";

std::string lines_of(const std::string& text, std::size_t length) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += length) {
    out += text.substr(at, length) + "\r\n";
  }
  return out;
}

/// RFC 5322: "Sun, 22 Nov 2026 16:34:01 +0000".
std::string mail_date(UtcMs at_ms) {
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

std::string attached(std::string_view type, std::string_view name, std::string_view content) {
  return "--" + std::string(kInner) + "\r\nContent-Type: " + std::string(type) +
         "\r\nContent-Disposition: attachment; filename=\"" + std::string(name) +
         "\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
         lines_of(crypto::to_base64(as_bytes(content)), kLineMax);
}

/// RFC 4880 section 6.1.
std::array<std::byte, 3> crc24(ByteView bytes) {
  std::uint32_t crc = 0xB704CE;
  for (const std::byte each : bytes) {
    crc ^= std::to_integer<std::uint32_t>(each) << 16U;
    for (int bit = 0; bit < 8; ++bit) {
      crc <<= 1U;
      crc ^= (crc & 0x1000000U) != 0 ? 0x1864CFBU : 0U;
    }
  }
  return {std::byte(crc >> 16U & 0xFFU), std::byte(crc >> 8U & 0xFFU), std::byte(crc & 0xFFU)};
}

}  // namespace

bool is_mail_address(std::string_view text) noexcept {
  const std::size_t at = text.find('@');
  return text.size() <= kAddressMax && at != std::string_view::npos && at > 0 &&
         at + 1 < text.size() && text.find('@', at + 1) == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return c > ' ' && c < 127 &&
                  std::string_view("()<>[]:;,\\\"").find(c) == std::string_view::npos;
         });
}

std::string mail_inside(const Letter& letter) {
  return "Content-Type: multipart/mixed; boundary=\"" + std::string(kInner) + "\"\r\n\r\n--" +
         std::string(kInner) +
         "\r\nContent-Type: text/plain; charset=us-ascii\r\n"
         "Content-Transfer-Encoding: 7bit\r\n\r\n" +
         letter.title +
         "\r\n\r\nreport.html is for reading and printing, report.json for programs.\r\n"
         "No pictures are attached. Please answer with your reference for it.\r\n" +
         attached("application/json", "report.json", letter.json) +
         attached("text/html; charset=utf-8", "report.html", letter.page) + "--" +
         std::string(kInner) + "--\r\n";
}

std::string armored(ByteView message) {
  return "-----BEGIN PGP MESSAGE-----\r\n\r\n" +
         lines_of(crypto::to_base64(message), kArmorLineMax) + "=" +
         crypto::to_base64(crc24(message)) + "\r\n-----END PGP MESSAGE-----\r\n";
}

std::string mail_outside(const MailHead& head, std::string_view armored_message) {
  const std::string outer(kOuter);
  return "Date: " + mail_date(head.at_ms) + "\r\nFrom: <" + head.from + ">\r\nTo: <" + head.to +
         ">\r\nMessage-ID: <" + head.message_id +
         ">\r\nSubject: Encrypted report\r\nAuto-Submitted: auto-generated\r\n"
         "MIME-Version: 1.0\r\nContent-Type: multipart/encrypted;\r\n"
         " protocol=\"application/pgp-encrypted\"; boundary=\"" +
         outer + "\"\r\n\r\nThis is an encrypted message (RFC 3156).\r\n--" + outer +
         "\r\nContent-Type: application/pgp-encrypted\r\nContent-Description: PGP/MIME version\r\n"
         "\r\nVersion: 1\r\n\r\n--" +
         outer +
         "\r\nContent-Type: application/octet-stream; name=\"encrypted.asc\"\r\n"
         "Content-Disposition: inline; filename=\"encrypted.asc\"\r\n\r\n" +
         std::string(armored_message) + "\r\n--" + outer + "--\r\n";
}

}  // namespace tutela::authorities
