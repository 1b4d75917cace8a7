// Console: the pages that people work in, served by the binary itself under a strict
// Content-Security-Policy. Static files only, the same for everybody; what is shown in them comes
// from the API, with its rights. Thread-safe.
//
// Source: W3C Content Security Policy 3, Trusted Types; RFC 9110 (13.1.2 If-None-Match).
#pragma once

#include <optional>
#include <string_view>

#include "service/http/console_files.hpp"
#include "service/http/request.hpp"

namespace tutela::http {

/// What a GET says besides its path. Values of headers; empty: absent.
struct ConsoleRequest {
  std::string_view path;  // with its slash, decoded
  std::string_view accept;
  std::string_view accept_encoding;
  std::string_view if_none_match;
};

/// The answer of the console, or nothing where it has none: paths of the API, files that are not
/// there, and unknown paths when the caller does not ask for a page (Accept: text/html).
[[nodiscard]] std::optional<Response> console_response(const ConsoleRequest& request);

/// The policy of a page whose styles carry `nonce`.
[[nodiscard]] std::string console_policy(std::string_view nonce);

}  // namespace tutela::http
