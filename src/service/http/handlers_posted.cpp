// What was judged before: the searches again that lists bring about, and near-duplicates.
#include <string>
#include <utility>

#include <boost/json/array.hpp>

#include "service/http/handlers.hpp"
#include "service/http/json.hpp"
#include "service/http/problem.hpp"

namespace tutela::http {

namespace json = boost::json;

namespace {

constexpr std::int64_t kLimitDefault = 100;
constexpr std::int64_t kLimitMax = 1000;
constexpr std::size_t kTimeBytesMax = 64;

json::object rescan_json(const pipeline::Rescan& rescan) {
  json::object body = {{"id", to_string(rescan.id)},
                       {"cause", pipeline::to_string(rescan.cause)},
                       {"list_id", to_string(rescan.list_id)},
                       {"state", pipeline::to_string(rescan.state)},
                       {"signals", rescan.signals},
                       {"contents", rescan.contents},
                       {"examined", rescan.examined},
                       {"found", rescan.found},
                       {"created_at", to_rfc3339(rescan.created_ms)},
                       {"updated_at", to_rfc3339(rescan.updated_ms)}};
  if (rescan.since_ms != 0) {
    body["since"] = to_rfc3339(rescan.since_ms);
  }
  if (rescan.finished_ms != 0) {
    body["finished_at"] = to_rfc3339(rescan.finished_ms);
  }
  return body;
}

json::object finding_json(const pipeline::Finding& finding) {
  return {{"content_id", to_string(finding.content_id)},
          {"before", policy::to_string(finding.before)},
          {"after", policy::to_string(finding.after)},
          {"at", to_rfc3339(finding.at_ms)}};
}

json::object group_json(const groups::Group& group) {
  json::array members;
  for (const groups::Member& member : group.members) {
    json::object one = {{"content_id", to_string(member.content_id)}, {"near", member.is_near()}};
    if (member.distance) {
      one["distance"] = *member.distance;
    }
    members.push_back(std::move(one));
  }
  return {{"group_id", to_string(group.id)}, {"size", group.size}, {"members", std::move(members)}};
}

Result<json::object> rescans_page(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const std::int64_t limit, limit_of(request, kLimitDefault, kLimitMax));
  TUTELA_TRY_ASSIGN(const auto latest,
                    app.pipeline.rescans().latest(request.principal->actor, limit));
  json::array items;
  for (const pipeline::Rescan& rescan : latest) {
    items.push_back(rescan_json(rescan));
  }
  return json::object{{"items", std::move(items)}};
}

Result<pipeline::Rescan> rescan_of(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(request.parameter("id")));
  return app.pipeline.rescans().get(request.principal->actor, id);
}

Result<json::object> findings_page(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const std::int64_t limit, limit_of(request, kLimitDefault, kLimitMax));
  std::string after;
  if (const auto text = request.query_value("after")) {
    TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(*text));
    after = to_string(id);
  }
  TUTELA_TRY_ASSIGN(const pipeline::Rescan rescan, rescan_of(app, request));
  TUTELA_TRY_ASSIGN(
      const auto findings,
      app.pipeline.rescans().findings(request.principal->actor, rescan.id, after, limit));
  json::array items;
  for (const pipeline::Finding& finding : findings) {
    items.push_back(finding_json(finding));
  }
  json::object body = {{"items", std::move(items)}};
  if (static_cast<std::int64_t>(findings.size()) == limit) {
    body["next"] = to_string(findings.back().content_id);
  }
  return body;
}

Result<pipeline::Rescan> ask_rescan(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const auto since = reader.optional_text("since", kTimeBytesMax);
  TUTELA_TRY(reader.finish());
  UtcMs since_ms = 0;
  if (since) {
    TUTELA_TRY_ASSIGN(since_ms, parse_time(*since));
  }
  TUTELA_TRY_ASSIGN(const Uuid list, list_of(app, request));
  TUTELA_TRY_ASSIGN(const Uuid id,
                    app.pipeline.ask_rescan(request.principal->actor, list, since_ms));
  return app.pipeline.rescans().get(request.principal->actor, id);
}

Result<groups::Group> content_group(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const std::int64_t limit, limit_of(request, kLimitDefault, kLimitMax));
  TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(request.parameter("id")));
  return app.pipeline.group_of(request.principal->actor, id, static_cast<std::size_t>(limit));
}

Response answer(const Result<json::object>& body, const Request& request) {
  return body ? json_response(200, *body) : problem(body.error(), request.id);
}

}  // namespace

Response get_rescans(App& app, const Request& request) {
  return answer(rescans_page(app, request), request);
}

Response get_rescan(App& app, const Request& request) {
  const auto rescan = rescan_of(app, request);
  return rescan ? json_response(200, rescan_json(*rescan)) : problem(rescan.error(), request.id);
}

Response get_findings(App& app, const Request& request) {
  return answer(findings_page(app, request), request);
}

Response post_rescan(App& app, const Request& request) {
  const auto rescan = ask_rescan(app, request);
  if (!rescan) {
    return problem(rescan.error(), request.id);
  }
  Response response = json_response(202, rescan_json(*rescan));
  response.headers.emplace_back("Location", "/v1/rescans/" + to_string(rescan->id));
  return response;
}

Response get_group(App& app, const Request& request) {
  const auto group = content_group(app, request);
  return group ? json_response(200, group_json(*group)) : problem(group.error(), request.id);
}

}  // namespace tutela::http
