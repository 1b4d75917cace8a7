#include "custody/dual_control/text.hpp"

#include <cstdint>

namespace tutela::dual_control {

namespace {

constexpr std::size_t kReasonMax = 1000;

// Takes one character off the front of `text`; false where that is not UTF-8.
bool take_character(std::string_view& text, std::uint32_t& character) noexcept {
  const auto byte = [&](std::size_t at) {
    return static_cast<std::uint8_t>(text[at]);
  };
  const std::uint8_t first = byte(0);
  const std::size_t length = first < 0x80             ? 1
                             : (first & 0xE0) == 0xC0 ? 2
                             : (first & 0xF0) == 0xE0 ? 3
                             : (first & 0xF8) == 0xF0 ? 4
                                                      : 0;
  if (length == 0 || text.size() < length) {
    return false;
  }
  character = length == 1 ? first : first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) {
      return false;
    }
    character = character << 6 | (byte(i) & 0x3FU);
  }
  constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  text.remove_prefix(length);
  return character >= kLeast[length] && character <= 0x10FFFF &&
         (character < 0xD800 || character > 0xDFFF);
}

bool has_name(std::string_view principal_id, std::string_view prefix) noexcept {
  return principal_id.starts_with(prefix) && principal_id.size() > prefix.size();
}

}  // namespace

bool is_reason(std::string_view text, std::size_t least) noexcept {
  std::size_t count = 0;
  bool blank = true;
  while (!text.empty()) {
    std::uint32_t character = 0;
    if (!take_character(text, character) || ++count > kReasonMax) {
      return false;
    }
    const bool space =
        character == ' ' || character == '\n' || character == '\r' || character == '\t';
    if (!space && (character < 0x20 || (character >= 0x7F && character < 0xA0))) {
      return false;
    }
    blank = blank && space;
  }
  return count >= least && !blank;
}

bool is_person(std::string_view principal_id) noexcept {
  return has_name(principal_id, "person:");
}

bool is_operator(std::string_view principal_id) noexcept {
  return has_name(principal_id, "cli:");
}

}  // namespace tutela::dual_control
