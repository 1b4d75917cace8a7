#include "service/intake_page/chat.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

#include "base/utf8.hpp"

namespace tutela::intake_page {

namespace {

constexpr std::size_t kNameMax = 60;  // characters
constexpr std::size_t kTimeBytesMax = 30;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  return text;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// A time has digits and a colon, and nothing but what times are written with.
bool looks_like_time(std::string_view text) {
  constexpr std::string_view kMarks = " .,:/-APMapm";
  return text.size() <= kTimeBytesMax && text.size() >= 4 &&
         text.find(':') != std::string_view::npos && is_digit(text.front()) &&
         std::ranges::all_of(
             text, [&](char c) { return is_digit(c) || kMarks.find(c) != std::string_view::npos; });
}

/// Takes the time off the front of a line; empty where there is none.
std::string_view take_time(std::string_view& line) {
  if (line.starts_with('[')) {
    const std::size_t end = line.find(']');
    if (end != std::string_view::npos && looks_like_time(line.substr(1, end - 1))) {
      const std::string_view time = line.substr(1, end - 1);
      line = trimmed(line.substr(end + 1));
      return time;
    }
    return {};
  }
  constexpr std::string_view kDash = " - ";
  const std::size_t end = line.find(kDash);
  if (end != std::string_view::npos && looks_like_time(line.substr(0, end))) {
    const std::string_view time = line.substr(0, end);
    line = trimmed(line.substr(end + kDash.size()));
    return time;
  }
  return {};
}

/// A name is short and before ": " or a ':' at the end; an address such as "https://..." is none.
std::string_view take_name(std::string_view& line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0 ||
      utf8_length(line.substr(0, colon)) > kNameMax) {
    return {};
  }
  const bool ends = colon + 1 == line.size() || line[colon + 1] == ' ' || line[colon + 1] == '\t';
  if (!ends) {
    return {};
  }
  const std::string_view name = trimmed(line.substr(0, colon));
  line = trimmed(line.substr(colon + 1));
  return name;
}

}  // namespace

std::vector<intake::Said> parse_chat(std::string_view text) {
  std::vector<intake::Said> all;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) {
      continue;
    }
    const std::string_view whole = line;
    const std::string_view when = take_time(line);
    const std::string_view who = take_name(line);
    const bool begins = !when.empty() || !who.empty();
    if (all.empty() || (begins && all.size() < intake::kMessagesMax)) {
      all.push_back({std::string(who), std::string(when), std::string(line)});
    } else {
      std::string& last = all.back().text;
      last += (last.empty() ? "" : "\n") + std::string(whole);
    }
  }
  std::erase_if(all,
                [](const intake::Said& said) { return said.text.empty() && said.who.empty(); });
  for (intake::Said& said : all) {
    if (said.text.empty()) {
      said.text = "-";  // somebody said something without words
    }
  }
  return all;
}

}  // namespace tutela::intake_page
