// Call: one request of the Reporting API through libcurl, on a connection of its own, so that it is
// sent once or not at all. TLS alone (but for a simulator on this machine), no redirects, no
// proxies, every wait and every answer bounded. Says whether anything may have left. Thread-safe.
// Internal to authorities.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "service/authorities/channel.hpp"
#include "service/authorities/cybertip_upload.hpp"

namespace tutela::authorities {

struct Call {
  std::string_view path;                            // "/submit"
  std::optional<std::string> xml;                   // a POST of a document
  std::optional<std::string> form_id;               // a POST of a form with this id
  Upload* upload = nullptr;                         // and with this file
  std::string file_name;                            // that the file's part of the form gets
  std::function<Status(std::int64_t)> on_progress;  // about every second; may be empty
};

struct Got {
  bool issued = false;      // the connection stood: the request may have been received
  std::string failure;      // empty: a whole answer came; else what happened, in words
  std::int64_t status = 0;  // of HTTP; 0: none came
  Bytes body;
  std::string request_id;
  bool marked = false;  // the answer says that it is a simulator's
};

Got make_call(const CybertipOptions& options, const Call& call);

/// Taken apart and judged: see channel.hpp.
struct Address {
  std::string base;  // without a slash at the end
  reports::Environment environment = reports::Environment::kSimulated;
  bool plain = false;  // http, on this machine
};

Result<Address> parse_address(std::string_view url);

}  // namespace tutela::authorities
