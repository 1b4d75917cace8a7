#include <algorithm>

#include "base/bytes.hpp"
#include "service/config/config.hpp"

namespace tutela::config {

namespace {

constexpr std::size_t kLineBytesMax = 400;

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) {
    return {};
  }
  return std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20U || c == 0x7F;
}

Error bad_contact() {
  return {ErrorKind::kInvalidInput,
          "config.bad_contact",
          "must be one line: name | phone | https://url | hours; only the name is needed"};
}

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) {
      words.emplace_back(text.substr(0, end));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

Result<SupportContact> parse_contact(std::string_view line) {
  if (line.size() > kLineBytesMax || std::ranges::any_of(line, is_control)) {
    return bad_contact();
  }
  SupportContact contact;
  for (std::string* part : {&contact.name, &contact.phone, &contact.url, &contact.hours}) {
    const std::size_t end = std::min(line.find('|'), line.size());
    *part = trimmed(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  const bool safe_url = contact.url.empty() || contact.url.starts_with("https://");
  if (contact.name.empty() || !line.empty() || !safe_url) {
    return bad_contact();
  }
  return contact;
}

std::vector<SupportContact> contacts_of(const SupportConfig& support) {
  std::vector<SupportContact> contacts;
  for (const std::string& line : support.contacts) {
    if (auto contact = parse_contact(line)) {
      contacts.push_back(*std::move(contact));
    }
  }
  return contacts;
}

}  // namespace tutela::config
