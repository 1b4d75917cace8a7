#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "service/authorities/cybertip_call.hpp"

namespace tutela::authorities {

namespace {

constexpr std::string_view kDomain = "cybertip.org";
constexpr std::string_view kInDomain = ".cybertip.org";
constexpr std::size_t kAddressBytesMax = 500;

Error bad_url(std::string message) {
  return Error{ErrorKind::kInvalidInput, "config.bad_cybertip_url", std::move(message)};
}

bool all_of(std::string_view text, std::string_view more) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           more.find(c) != std::string_view::npos;
  });
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
  return failed == std::errc() && end == text.data() + text.size() && port != 0;
}

/// Of "host", "host:1" or "[::1]:1". Nothing where it is none: no host can be written in two ways.
std::optional<std::string_view> host_of(std::string_view authority) {
  std::string_view host = authority;
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos || !all_of(authority.substr(1, end - 1), ":.")) {
      return std::nullopt;
    }
    host = authority.substr(0, end + 1);
    port = authority.substr(end + 1);
  } else {
    host = authority.substr(0, authority.find(':'));
    port = authority.substr(host.size());
    if (host.empty() || !all_of(host, ".-") || host.ends_with('.') || host.starts_with('.')) {
      return std::nullopt;
    }
  }
  if (!port.empty() && (!port.starts_with(':') || !is_port(port.substr(1)))) {
    return std::nullopt;
  }
  return host;
}

/// As the names of the loopback are written in configuration, and no other way.
bool is_this_machine(std::string_view host) {
  constexpr std::array<std::string_view, 3> kNames = {"127.0.0.1", "[::1]", "localhost"};
  return std::find(kNames.begin(), kNames.end(), host) != kNames.end();
}

}  // namespace

Result<Address> parse_address(std::string_view url) {
  Address address;
  std::string_view rest = url;
  if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
    address.plain = true;
  } else {
    return bad_url("cybertip.url must begin with https://");
  }
  const std::string_view authority = rest.substr(0, rest.find('/'));
  const std::string_view path = rest.substr(authority.size());
  const auto host = host_of(authority);
  if (!host || url.size() > kAddressBytesMax || path.find("//") != std::string_view::npos ||
      path.find("..") != std::string_view::npos ||
      !all_of(path, "/-._ABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
    return bad_url(
        "cybertip.url must be https://HOST/PATH, the host in lowercase, as in "
        "https://exttest.cybertip.org/ispws");
  }
  if (address.plain && !is_this_machine(*host)) {
    return bad_url(
        "cybertip.url must be https:// unless it is of a simulator on this machine "
        "(127.0.0.1, [::1] or localhost)");
  }
  if (*host == "report.cybertip.org") {
    address.environment = reports::Environment::kProduction;
  } else if (*host == "exttest.cybertip.org") {
    address.environment = reports::Environment::kTest;
  } else if (*host == kDomain || host->ends_with(kInDomain)) {
    // What is filed there would be real and would count nowhere.
    return bad_url(
        "NCMEC's service is https://report.cybertip.org/ispws, and its test system "
        "https://exttest.cybertip.org/ispws");
  }
  address.base = url;
  while (address.base.ends_with('/')) {
    address.base.pop_back();
  }
  return address;
}

Result<reports::Environment> environment_of(std::string_view url) {
  TUTELA_TRY_ASSIGN(const Address address, parse_address(url));
  return address.environment;
}

}  // namespace tutela::authorities
