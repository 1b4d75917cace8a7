// What was found: single items, and items that matched.
#include <charconv>
#include <string>
#include <utility>

#include <boost/json/array.hpp>

#include "service/http/handlers.hpp"
#include "service/http/json.hpp"
#include "service/http/problem.hpp"

namespace tutela::http {

namespace json = boost::json;

Result<std::int64_t> limit_of(const Request& request, std::int64_t otherwise, std::int64_t max) {
  const auto text = request.query_value("limit");
  if (!text) {
    return otherwise;
  }
  std::int64_t limit = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, limit);
  if (error != std::errc() || stop != end || limit < 1 || limit > max) {
    return Error{ErrorKind::kInvalidInput,
                 "request.bad_parameter",
                 "limit must be from 1 to " + std::to_string(max)};
  }
  return limit;
}

Response get_content(App& app, const Request& request) {
  const auto id = parse_uuid(request.parameter("id"));
  if (!id) {
    return problem(id.error(), request.id);
  }
  const auto content = app.pipeline.ledger().get(request.principal->actor, *id);
  if (!content) {
    return problem(content.error(), request.id);
  }
  return json_response(200, content_json(*content, Hashes::kShown));
}

Response get_matches(App& app, const Request& request) {
  constexpr std::int64_t kLimitMax = 1000;
  const auto limit = limit_of(request, 100, kLimitMax);
  if (!limit) {
    return problem(limit.error(), request.id);
  }
  ledger::Page page;
  page.limit = *limit;
  if (const auto after = request.query_value("after")) {
    const auto id = parse_uuid(*after);
    if (!id) {
      return problem(id.error(), request.id);
    }
    page.after = to_string(*id);
  }
  const auto contents = app.pipeline.ledger().with_matches(request.principal->actor, page);
  if (!contents) {
    return problem(contents.error(), request.id);
  }
  json::array items;
  for (const ledger::Content& content : *contents) {
    items.push_back(content_json(content, Hashes::kHidden));
  }
  json::object body = {{"items", std::move(items)}};
  if (!contents->empty() && static_cast<std::int64_t>(contents->size()) == *limit) {
    body["next"] = to_string(contents->back().arrival.id);
  }
  return json_response(200, body);
}

}  // namespace tutela::http
