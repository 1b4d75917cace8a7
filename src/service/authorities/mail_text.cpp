#include "service/authorities/mail_text.hpp"

#include <array>

#include "crypto/base64.hpp"

namespace tutela::authorities {
namespace {

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

std::string mail_outside(const mail::Head& head, std::string_view armored_message) {
  const std::string outer(kOuter);
  return mail::head_lines(head, "Encrypted report") +
         "Content-Type: multipart/encrypted;\r\n"
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
