#include "service/http/text.hpp"

#include <algorithm>

#include "base/utf8.hpp"

namespace tutela::http {

namespace {

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool is_label(std::string_view text, std::size_t size_max) noexcept {
  if (text.empty() || text.size() > size_max) {
    return false;
  }
  return is_utf8_text(text, Breaks::kNone);
}

bool equal_no_case(std::string_view left, std::string_view right) noexcept {
  return std::ranges::equal(left, right, {}, lower, lower);
}

std::string_view trim(std::string_view text) noexcept {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t start = text.find_first_not_of(kBlanks);
  if (start == std::string_view::npos) {
    return {};
  }
  return text.substr(start, text.find_last_not_of(kBlanks) - start + 1);
}

bool has_token(std::string_view header, std::string_view token) noexcept {
  while (!header.empty()) {
    const std::size_t comma = std::min(header.find(','), header.size());
    const std::string_view item = header.substr(0, comma);
    if (equal_no_case(trim(item.substr(0, item.find(';'))), token)) {
      return true;
    }
    header.remove_prefix(std::min(comma + 1, header.size()));
  }
  return false;
}

}  // namespace tutela::http
