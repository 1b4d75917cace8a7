#include "exchange/cybertip/page_text.hpp"

#include <array>
#include <cstdint>
#include <cstdio>

namespace tutela::cybertip {
namespace {

constexpr char32_t kNone = 0xFFFFFFFF;

/// The character at the front of `text` and how many bytes it has; kNone where there is none.
std::pair<char32_t, std::size_t> decode(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return static_cast<unsigned char>(text[i]);
  };
  const unsigned char first = byte(0);
  if (first < 0x80) {
    return {first, 1};
  }
  const std::size_t size = first >= 0xF0 ? 4U : first >= 0xE0 ? 3U : 2U;
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  if (first < 0xC2 || first > 0xF4 || text.size() < size) {
    return {kNone, 1};
  }
  char32_t value = first & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) {
      return {kNone, 1};
    }
    value = (value << 6U) | (byte(i) & 0x3FU);
  }
  const bool good =
      value >= kLeast[size] && value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
  return {good ? value : kNone, good ? size : 1};
}

/// Controls, direction marks, zero width, tags: what a reader would not see.
bool is_unseen(char32_t c) {
  return (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7F && c < 0xA0) || c == 0xAD ||
         c == 0x061C || c == 0x180E || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
         (c >= 0xFFF0 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF);
}

std::string number_of(char32_t c) {
  std::array<char, 16> text = {};
  const int size =
      std::snprintf(text.data(), text.size(), "[U+%04X]", static_cast<unsigned int>(c));
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  while (!text.empty()) {
    const auto [c, size] = decode(text);
    if (c == kNone) {
      out += "\xEF\xBF\xBD";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '\'') {
      out += "&#39;";
    } else if (is_unseen(c)) {
      out += number_of(c);
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(size);
  }
  return out;
}

std::string readable_time(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00";
  if (text.size() <= kForm.size() || text.size() > kForm.size() + 16) {
    return std::string(text);
  }
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kForm[i] == '0' ? !digit : text[i] != kForm[i]) {
      return std::string(text);
    }
  }
  std::string_view zone = text.substr(kForm.size());
  if (zone.find_first_not_of("0123456789.:+-Z") != std::string_view::npos) {
    return std::string(text);
  }
  std::string fraction;
  if (zone.front() == '.') {
    const std::size_t end = zone.find_first_of("+-Z");
    fraction = zone.substr(0, end);
    zone = end == std::string_view::npos ? std::string_view() : zone.substr(end);
  }
  const std::string_view zone_words = zone == "Z" ? std::string_view("UTC") : zone;
  return std::string(text.substr(0, 10)) + " " + std::string(text.substr(11, 8)) + fraction +
         (zone_words.empty() ? "" : " ") + std::string(zone_words);
}

}  // namespace tutela::cybertip
