#include "service/http/exchange.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "service/http/console.hpp"
#include "service/http/problem.hpp"
#include "service/http/text.hpp"

namespace tutela::http {

namespace beast_http = boost::beast::http;

namespace {

struct Target {
  std::vector<std::string> segments;
  std::vector<std::pair<std::string, std::string>> query;
};

std::string_view std_view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

Result<Target> parse_target(std::string_view text) {
  const auto url = boost::urls::parse_origin_form(text);
  if (!url) {
    return Error{ErrorKind::kInvalidInput,
                 "request.bad_target",
                 "the request target is not a path with an optional query"};
  }
  Target target;
  for (const auto& segment : url->segments()) {
    target.segments.emplace_back(segment);
  }
  for (const auto& parameter : url->params()) {
    target.query.emplace_back(parameter.key, parameter.value);
  }
  return target;
}

/// Unknown parameters are errors, so that a misspelt one is not lost in silence; of a page, which
/// people come to by links of others, they are nothing.
Status take_query(const Target& target, const Route& route, bool page, TextMap& query) {
  for (const auto& [name, value] : target.query) {
    if (std::ranges::find(route.query, name) == route.query.end()) {
      if (page) {
        continue;
      }
      return Error{ErrorKind::kInvalidInput,
                   "request.unknown_parameter",
                   "the query has a parameter that this operation does not know"};
    }
    if (!query.emplace(name, value).second && !page) {
      return Error{ErrorKind::kInvalidInput,
                   "request.bad_parameter",
                   "a parameter of the query is given twice"};
    }
  }
  return ok();
}

/// Pages and their files: no operations of the API, and the same for everybody.
bool answer_with_console(const beast_http::request_header<>& header,
                         const Target& target,
                         Exchange& exchange) {
  std::string path;
  for (const std::string& segment : target.segments) {
    path += "/" + segment;
  }
  auto response = exchange.request.method == "GET"
                      ? console_response({path.empty() ? "/" : path,
                                          std_view(header[beast_http::field::accept]),
                                          std_view(header[beast_http::field::accept_encoding]),
                                          std_view(header[beast_http::field::if_none_match])})
                      : std::nullopt;
  if (!response) {
    return false;
  }
  exchange.console = true;
  exchange.answer(*std::move(response));
  return true;
}

void refuse(Exchange& exchange, ErrorKind kind, std::string_view code, std::string message) {
  exchange.answer(problem({kind, code, std::move(message)}, exchange.request.id));
}

}  // namespace

void read_head(const beast_http::request_header<>& header,
               const Router& router,
               Exchange& exchange) {
  Request& request = exchange.request;
  const std::string method(std_view(header.method_string()));
  exchange.head_only = method == "HEAD";
  request.method = exchange.head_only ? "GET" : method;
  exchange.authorization = std_view(header[beast_http::field::authorization]);
  exchange.csrf = std_view(header["X-Tutela-CSRF"]);
  exchange.unattended = header.count("X-Tutela-Unattended") > 0;
  exchange.forwarded_for = std_view(header["X-Forwarded-For"]);
  request.cookie = std_view(header[beast_http::field::cookie]);
  exchange.expects_continue =
      equal_no_case(std_view(header[beast_http::field::expect]), "100-continue");
  request.content_type = std_view(header[beast_http::field::content_type]);
  request.is_head = exchange.head_only;
  request.fetch_dest = std_view(header["Sec-Fetch-Dest"]);
  request.fetch_site = std_view(header["Sec-Fetch-Site"]);
  request.accept_language = std_view(header[beast_http::field::accept_language]);
  request.prefer_async = has_token(std_view(header["Prefer"]), "respond-async");
  request.accepts_ndjson =
      has_token(std_view(header[beast_http::field::accept]), "application/x-ndjson");
  if (const auto key = header.find("Idempotency-Key"); key != header.end()) {
    request.idempotency_key = std_view(key->value());
  }
  if (header.version() >= 11 && header.count(beast_http::field::host) != 1) {
    return refuse(exchange,
                  ErrorKind::kInvalidInput,
                  "request.malformed",
                  "an HTTP/1.1 request has one Host header");
  }
  const auto target = parse_target(std_view(header.target()));
  if (!target) {
    exchange.answer(problem(target.error(), request.id));
    return;
  }
  exchange.page = exchange.pages && (target->segments.empty() || target->segments[0] != "v1");
  if (exchange.page) {
    const std::string_view whole = std_view(header.target());
    request.path = whole.substr(0, whole.find('?'));
  }
  auto found = router.find(request.method, target->segments);
  exchange.allow = std::move(found.allow);
  if (found.route == nullptr && exchange.page) {
    for (const auto& [name, value] : target->query) {
      if (name == "lang") {
        request.query.emplace(name, value);  // what went wrong is said in their language, too
      }
    }
  }
  if (exchange.allow.empty()) {
    if (!exchange.pages && answer_with_console(header, *target, exchange)) {
      return;
    }
    return refuse(
        exchange, ErrorKind::kNotFound, "request.no_such_path", "there is nothing at this path");
  }
  if (found.route == nullptr) {
    if (request.method != "OPTIONS") {
      refuse(exchange,
             ErrorKind::kInvalidInput,
             "request.bad_method",
             "the path does not take this method");
      exchange.response.headers.emplace_back("Allow", exchange.allow);
    }
    return;
  }
  exchange.route = found.route;
  request.parameters = std::move(found.parameters);
  if (const auto taken = take_query(*target, *found.route, exchange.page, request.query); !taken) {
    exchange.answer(problem(taken.error(), request.id));
  }
}

Status check_media_type(const Exchange& exchange) {
  const std::string_view type = exchange.request.content_type;
  const std::string_view essence = trim(type.substr(0, type.find(';')));
  const auto is = [&](std::string_view expected) {
    return equal_no_case(essence, expected);
  };
  const auto refused = [](std::string message) {
    return Error{ErrorKind::kInvalidInput, "request.media_type", std::move(message)};
  };
  switch (exchange.route->body) {
    case BodyKind::kNone:
      return Error{
          ErrorKind::kInvalidInput, "request.unexpected_body", "this operation takes no body"};
    case BodyKind::kJson:
      return is("application/json") ? ok() : refused("the body must be application/json");
    case BodyKind::kText:
      return is("text/csv") || is("text/plain")
                 ? ok()
                 : refused("the body must be text/csv or text/plain");
    case BodyKind::kForm:
      return is("application/x-www-form-urlencoded")
                 ? ok()
                 : refused("the body must be application/x-www-form-urlencoded");
    case BodyKind::kStream:
      return ok();
  }
  return ok();
}

Result<std::string> bearer_token(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (!equal_no_case(authorization.substr(0, kScheme.size()), kScheme)) {
    return Error{ErrorKind::kForbidden, "auth.no_token", "send a token: Authorization: Bearer ..."};
  }
  return std::string(trim(authorization.substr(kScheme.size())));
}

}  // namespace tutela::http
