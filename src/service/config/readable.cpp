// What of a key's value may be read on a screen or in a log.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "service/config/keys.hpp"

namespace tutela::config {
namespace {

constexpr std::string_view kTokenScheme = "pkcs11:";
constexpr std::string_view kSet = "(set)";  // stands for what is not to be read

/// "pkcs11:..." up to the first attribute that is not known to hold no secret: a PIN may have any
/// separator in it.
std::string without_pin(std::string_view address) {
  constexpr std::array<std::string_view, 3> kShown = {"token", "object", "pin-file"};
  for (std::size_t from = kTokenScheme.size(); from < address.size();) {
    const std::size_t end = std::min(address.find_first_of("?&;", from), address.size());
    const std::string_view part = address.substr(from, end - from);
    const std::size_t equals = part.find('=');
    const bool is_module = equals == std::string_view::npos && from == kTokenScheme.size();
    if (!is_module && std::ranges::find(kShown, part.substr(0, equals)) == kShown.end()) {
      const std::size_t name = equals == std::string_view::npos ? 0 : equals + 1;
      return std::string(address.substr(0, from + name)) + std::string(kSet);
    }
    from = end + 1;
  }
  return std::string(address);
}

/// URLs without who signs in at them, whose password may hold a "/".
std::string without_user(std::string text) {
  for (std::size_t at = text.find("://"); at != std::string::npos; at = text.find("://", at)) {
    at += 3;
    const std::string url = text.substr(at, text.find(' ', at) - at);
    if (const std::size_t user = url.rfind('@'); user != std::string::npos) {
      text.replace(at, user, kSet);
    }
  }
  return text;
}

/// URLs up to their host: many receivers have their secret in the path.
std::string without_path(std::string text) {
  for (std::size_t at = text.find("://"); at != std::string::npos; at = text.find("://", at)) {
    at += 3;
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::size_t path = text.find_first_of("/?#", at);
    if (path < end && path + 1 < end) {
      text.replace(path + 1, end - path - 1, kSet);
    }
  }
  return text;
}

}  // namespace

std::string readable(const Key& key, std::string value) {
  if (key.secret) {
    return std::string(value.empty() ? "" : kSet);
  }
  if (value.starts_with(kTokenScheme)) {
    return without_pin(value);
  }
  std::string shown = without_user(std::move(value));
  return key.secret_path ? without_path(std::move(shown)) : shown;
}

}  // namespace tutela::config
