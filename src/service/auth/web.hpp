// Web: bounded requests to a provider, through libcurl. Internal to auth. Thread-safe; blocks for
// at most ten seconds. No redirects, no other protocols, TLS checked against the system's
// authorities.
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"

namespace tutela::auth {

struct WebRequest {
  std::string url;
  std::optional<std::string> form = {};  // POST application/x-www-form-urlencoded
  std::string user = {};                 // HTTP Basic, with `form`
  std::string password = {};
};

/// The body of a 200, at most 256 KiB. Error: kUnavailable "oidc.no_answer".
Result<std::string> fetch(const WebRequest& request);

}  // namespace tutela::auth
