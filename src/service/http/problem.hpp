// Problem: every error as RFC 9457 problem details, with one mapping from our errors to a status.
#pragma once

#include <string_view>

#include <boost/json/object.hpp>

#include "base/result.hpp"
#include "base/uuid.hpp"
#include "service/http/request.hpp"

namespace tutela::http {

inline constexpr std::string_view kProblemType = "application/problem+json";

[[nodiscard]] int status_of(const Error& error) noexcept;

/// The words of a status: "Not Found".
[[nodiscard]] std::string_view title_of(int status) noexcept;

/// application/problem+json with type, title, status, detail, code, request_id and `extra`. Of
/// faults of ours the detail is general: their message is for operators. Adds Retry-After to 503
/// and WWW-Authenticate to 401; who answers 429 knows how long to wait.
[[nodiscard]] Response problem(const Error& error,
                               const Uuid& request_id,
                               const boost::json::object& extra = {});

}  // namespace tutela::http
