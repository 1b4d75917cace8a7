#include <algorithm>
#include <array>
#include <initializer_list>

#include "service/config/config.hpp"

namespace tutela::config {

namespace {

constexpr std::size_t kLineBytesMax = 2500;
constexpr std::size_t kNameMax = 32;

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) {
    return {};
  }
  return std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

/// False where there are more parts, or what no line holds.
bool split(std::string_view line, std::initializer_list<std::string*> parts) {
  const bool plain = line.size() <= kLineBytesMax && std::ranges::none_of(line, [](char c) {
                       return static_cast<unsigned char>(c) < 0x20U || c == 0x7F;
                     });
  if (!plain) {
    return false;
  }
  for (std::string* part : parts) {
    const std::size_t end = std::min(line.find('|'), line.size());
    *part = trimmed(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return line.empty();
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameMax && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

bool is_jurisdiction(std::string_view text) {
  return text.size() == 2 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_reachable(const AuthorityLine& authority) {
  const std::string& address = authority.address;
  if (authority.channel == "by_hand") {
    return address.empty() && authority.file.empty();
  }
  if (authority.channel == "webhook") {
    const bool url = address.starts_with("https://") || address.starts_with("http://");
    return url && !authority.file.empty();
  }
  const std::size_t at = address.find('@');
  return authority.channel == "email" && at != std::string::npos && at > 0 &&
         at + 1 < address.size() && address.find_first_of(" <>,;") == std::string::npos &&
         !authority.file.empty();
}

template <typename Line, std::size_t kCount>
std::vector<Line> all_of(const std::array<std::string, kCount>& texts,
                         Result<Line> (*parse)(std::string_view)) {
  std::vector<Line> lines;
  for (const std::string& text : texts) {
    if (!text.empty()) {
      if (auto line = parse(text)) {
        lines.push_back(*std::move(line));
      }
    }
  }
  return lines;
}

}  // namespace

Result<AuthorityLine> parse_authority(std::string_view line) {
  AuthorityLine authority;
  if (!split(line,
             {&authority.name,
              &authority.channel,
              &authority.jurisdiction,
              &authority.address,
              &authority.file}) ||
      !is_name(authority.name) || !is_jurisdiction(authority.jurisdiction) ||
      !is_reachable(authority)) {
    return Error{ErrorKind::kInvalidInput,
                 "config.bad_authority",
                 "must be one line: name | webhook, email or by_hand | country | address | file; "
                 "the address is an https URL or an e-mail address, the file holds the webhook's "
                 "secrets or the OpenPGP key; by_hand has neither"};
  }
  return authority;
}

std::vector<AuthorityLine> authorities_of(const ReportingConfig& reporting) {
  return all_of<AuthorityLine>(reporting.authorities, parse_authority);
}

Result<Phone> parse_phone(std::string_view line) {
  Phone phone;
  if (!split(line, {&phone.name, &phone.number, &phone.hours}) || phone.name.empty() ||
      phone.number.empty()) {
    return Error{ErrorKind::kInvalidInput,
                 "config.bad_phone",
                 "must be one line: name | number | hours; name and number are needed"};
  }
  return phone;
}

std::vector<Phone> phones_of(const ReportingConfig& reporting) {
  return all_of<Phone>(reporting.phones, parse_phone);
}

}  // namespace tutela::config
