#include "service/http/problem.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <boost/json/serialize.hpp>

namespace tutela::http {

namespace {

/// Codes whose status is not that of their kind.
constexpr auto kStatusOfCode = std::to_array<std::pair<std::string_view, int>>({
    {"appeal.too_many", 429},
    {"auth.bad_session", 401},
    {"auth.bad_token", 401},
    {"auth.no_token", 401},
    {"auth.refused", 401},
    {"auth.too_many", 429},
    {"concern.too_many", 429},
    {"exposure.break", 429},
    {"exposure.cool_down", 429},
    {"exposure.days_off", 429},
    {"exposure.done", 429},
    {"request.body_timeout", 408},
    {"request.bad_method", 405},
    {"request.media_type", 415},
    {"request.headers_too_large", 431},
    {"search.too_many", 429},
    {"spool.full", 503},
    {"view.too_many", 429},
});

}  // namespace

int status_of(const Error& error) noexcept {
  const auto* found =
      std::ranges::find(kStatusOfCode, error.code, &std::pair<std::string_view, int>::first);
  if (found != kStatusOfCode.end()) {
    return found->second;
  }
  switch (error.kind) {
    case ErrorKind::kInvalidInput:
      return 400;
    case ErrorKind::kNotFound:
      return 404;
    case ErrorKind::kConflict:
      return 409;
    case ErrorKind::kLimitExceeded:
      return 413;
    case ErrorKind::kUnavailable:
      return 503;
    case ErrorKind::kForbidden:
      return 403;
    case ErrorKind::kCorrupted:
    case ErrorKind::kInternal:
      return 500;
  }
  return 500;
}

std::string_view title_of(int status) noexcept {
  constexpr auto kTitles = std::to_array<std::pair<int, std::string_view>>({
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {413, "Content Too Large"},
      {415, "Unsupported Media Type"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {503, "Service Unavailable"},
  });
  const auto* found = std::ranges::find(kTitles, status, &std::pair<int, std::string_view>::first);
  return found == kTitles.end() ? "Internal Server Error" : found->second;
}

Response problem(const Error& error, const Uuid& request_id, const boost::json::object& extra) {
  const int status = status_of(error);
  const bool ours = error.kind == ErrorKind::kInternal || error.kind == ErrorKind::kCorrupted;
  boost::json::object body;
  body["type"] = "urn:tutela:error:" + std::string(error.code);
  body["title"] = title_of(status);
  body["status"] = status;
  body["detail"] =
      ours ? "The server failed; its log says why under this request_id." : error.message;
  body["code"] = error.code;
  body["request_id"] = to_string(request_id);
  for (const auto& [name, value] : extra) {
    body[name] = value;
  }
  Response response;
  response.status = status;
  response.error = error;
  response.content_type = kProblemType;
  response.body = boost::json::serialize(body);
  if (status == 503) {
    response.headers.emplace_back("Retry-After", "2");
  }
  if (status == 401) {
    response.headers.emplace_back("WWW-Authenticate",
                                  error.code == "auth.no_token"
                                      ? R"(Bearer realm="tutela")"
                                      : R"(Bearer realm="tutela", error="invalid_token")");
  }
  return response;
}

}  // namespace tutela::http
