// Request and Response: what handlers see of HTTP. Plain values, no sockets and no parser.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/uuid.hpp"
#include "service/auth/auth.hpp"

namespace tutela::http {

using TextMap = std::map<std::string, std::string, std::less<>>;

/// How safe it is to give a secret to whoever is at the other end.
enum class Transport : std::uint8_t {
  kSecure,  // TLS, here or at the proxy of people.public_url
  kLocal,   // in clear, and from this machine
  kOpen,    // in clear, over a network
};

struct Request {
  Uuid id;             // shown to the caller and in the log
  std::string method;  // "GET" for HEAD too
  TextMap parameters;  // of the path: "id"
  TextMap query;
  std::string content_type;
  std::optional<std::string> idempotency_key;
  bool prefer_async = false;
  bool accepts_ndjson = false;               // the caller named application/x-ndjson
  std::optional<auth::Principal> principal;  // absent on public routes
  std::string body;                          // empty where it is streamed
  std::string address;                       // of the caller, for throttles
  Transport transport = Transport::kOpen;
  std::string cookie;      // the whole header
  std::string csrf;        // of the session whose cookie it carries; empty: none
  std::string credential;  // what it says by whom it is, for the vault process
  bool is_head = false;
  std::string fetch_dest;  // Sec-Fetch-Dest, which browsers send: "image", "document"
  std::string fetch_site;  // Sec-Fetch-Site: "same-origin"
  std::string accept_language;
  std::string path;  // as it came, without its query; of pages alone

  /// Empty when absent.
  [[nodiscard]] std::string_view parameter(std::string_view name) const {
    const auto found = parameters.find(name);
    return found == parameters.end() ? std::string_view() : found->second;
  }

  [[nodiscard]] std::optional<std::string_view> query_value(std::string_view name) const {
    const auto found = query.find(name);
    return found == query.end() ? std::nullopt : std::optional<std::string_view>(found->second);
  }

  [[nodiscard]] bool may(auth::Permission permission) const {
    return principal && principal->permissions.has(permission);
  }
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  Error error{ErrorKind::kInternal, "", ""};  // of a problem; for the log
  /// Set for long answers: gives further pieces after `body` until nothing is left. Called from a
  /// thread that may block. An error ends the connection, so that the answer is not taken as whole.
  std::function<Result<std::optional<std::string>>()> more;
};

}  // namespace tutela::http
