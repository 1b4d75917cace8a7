#include "service/reporting/chat.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include "base/utf8.hpp"

namespace tutela::reporting {

namespace {

constexpr std::string_view kNobody = "unknown";
constexpr std::string_view kContinued = "\n| ";

char32_t first_of(std::string_view character) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint8_t>(character[i]);
  };
  if (character.size() == 1) {
    return byte(0);
  }
  char32_t value = byte(0) & (0x7FU >> character.size());
  for (std::size_t i = 1; i < character.size(); ++i) {
    value = (value << 6U) | (byte(i) & 0x3FU);
  }
  return value;
}

/// Unicode's breaks of lines (UAX 14) but the line feed, what no XML carries, and what changes the
/// order in which characters are shown (UAX 9).
bool is_shown_as_number(char32_t value) {
  const bool control = (value < 0x20 && value != '\t') || (value >= 0x7F && value < 0xA0);
  const bool separator = value == 0x2028 || value == 0x2029;
  const bool order = (value >= 0x202A && value <= 0x202E) || (value >= 0x2066 && value <= 0x2069);
  return control || separator || order || value == 0xFFFE || value == 0xFFFF;
}

std::string number_of(char32_t value) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text = "<U+";
  for (unsigned shift = 16; shift > 0; shift -= 4) {
    text += kDigits[(value >> (shift - 4)) & 0xFU];
  }
  return text + ">";
}

/// `instead(c)`: what stands for a character of ASCII; empty: itself.
template <class Instead>
std::string shown(std::string_view text, const Instead& instead) {
  std::string out;
  while (!text.empty()) {
    const std::size_t size = utf8_sequence(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(size, 1));
    const std::string other = character.size() == 1 ? instead(character[0]) : std::string();
    const char32_t value = size == 0 ? U'\uFFFF' : first_of(character);
    if (!other.empty()) {
      out += other;
    } else if (is_shown_as_number(value)) {
      out += number_of(value);
    } else {
      out += character;
    }
    text.remove_prefix(character.size());
  }
  return out;
}

/// One line in which `end` does not stand but behind a backslash.
std::string bracketed(std::string_view text, char end) {
  return shown(text, [end](char c) -> std::string {
    if (c == '\n' || c == '\t' || c == '\r') {
      return " ";
    }
    return c == end || c == '\\' ? std::string("\\") + c : std::string();
  });
}

std::string message_of(const intake::Said& said) {
  std::string line = said.when.empty() ? "" : "[" + bracketed(said.when, ']') + "] ";
  line += said.who.empty() ? std::string(kNobody) : '"' + bracketed(said.who, '"') + '"';
  return line + ": " + shown(said.text, [](char c) {
           return c == '\n' ? std::string(kContinued) : std::string();
         });
}

/// In a document, without its quotation marks.
std::size_t size_in_json(std::string_view text) {
  return boost::json::serialize(boost::json::string(text)).size() - 2;
}

}  // namespace

Chat chat_of(const std::vector<intake::Said>& messages, std::size_t& budget) {
  Chat chat;
  for (const intake::Said& said : messages) {
    const std::string line = (chat.text.empty() ? "" : "\n") + message_of(said);
    const std::size_t size = size_in_json(line);
    if (chat.left_out > 0 || size > budget) {
      ++chat.left_out;
      continue;
    }
    budget -= size;
    chat.text += line;
  }
  return chat;
}

}  // namespace tutela::reporting
