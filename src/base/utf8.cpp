#include "base/utf8.hpp"

#include <algorithm>
#include <cstdint>

namespace tutela {

std::size_t utf8_sequence(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint8_t>(text[i]);
  };
  const std::uint8_t first = byte(0);
  if (first < 0x80) {
    return 1;
  }
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) {
    return 0;
  }
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) {
      return 0;
    }
  }
  const std::uint8_t second = byte(1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool surrogate = first == 0xED && second >= 0xA0;
  const bool beyond = first == 0xF4 && second >= 0x90;
  return overlong || surrogate || beyond ? 0 : length;
}

bool is_utf8_control(std::string_view text) noexcept {
  const auto first = static_cast<std::uint8_t>(text[0]);
  const bool c1 = first == 0xC2 && text.size() > 1 && static_cast<std::uint8_t>(text[1]) < 0xA0;
  return c1 || first < 0x20 || first == 0x7F;
}

std::size_t utf8_length(std::string_view text) noexcept {
  std::size_t characters = 0;
  while (!text.empty()) {
    text.remove_prefix(std::max<std::size_t>(utf8_sequence(text), 1));
    ++characters;
  }
  return characters;
}

std::string_view utf8_prefix(std::string_view text, std::size_t characters_max) noexcept {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < characters_max && bytes < text.size(); ++i) {
    bytes += std::max<std::size_t>(utf8_sequence(text.substr(bytes)), 1);
  }
  return text.substr(0, bytes);
}

bool is_utf8_text(std::string_view text, Breaks breaks) noexcept {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    const bool allowed =
        breaks == Breaks::kLinesAndTabs && (text[0] == '\n' || text[0] == '\r' || text[0] == '\t');
    if (length == 0 || (is_utf8_control(text) && !allowed)) {
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace tutela
