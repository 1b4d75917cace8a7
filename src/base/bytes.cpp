#include "base/bytes.hpp"

namespace tutela {
namespace {

int digit_value(char c) noexcept {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  if (c >= 'A' && c <= 'F') {
    return c - 'A' + 10;
  }
  return -1;
}

}  // namespace

std::string to_hex(ByteView bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::byte b : bytes) {
    text.push_back(kDigits[std::to_integer<std::size_t>(b >> 4)]);
    text.push_back(kDigits[std::to_integer<std::size_t>(b & std::byte{15})]);
  }
  return text;
}

Status parse_hex(std::string_view hex, std::span<std::byte> out) {
  if (hex.size() != out.size() * 2) {
    return Error{ErrorKind::kInvalidInput,
                 "hex.bad_length",
                 "expected " + std::to_string(out.size() * 2) + " hex digits, got " +
                     std::to_string(hex.size())};
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = digit_value(hex[2 * i]);
    const int low = digit_value(hex[2 * i + 1]);
    if (high < 0 || low < 0) {
      return Error{ErrorKind::kInvalidInput, "hex.bad_digit", "not a hex digit (0-9, a-f)"};
    }
    out[i] = static_cast<std::byte>(high * 16 + low);
  }
  return ok();
}

}  // namespace tutela
