// Preservation: what evidence is kept for, legal holds, and what is due.
#include <string>
#include <utility>

#include <boost/json/array.hpp>

#include "service/http/custody.hpp"
#include "service/http/handlers.hpp"
#include "service/http/json.hpp"
#include "service/http/problem.hpp"

namespace tutela::http {

namespace json = boost::json;

namespace {

constexpr std::int64_t kLimitDefault = 100;
constexpr std::int64_t kLimitMax = 1000;
constexpr std::size_t kWordBytesMax = 64;
constexpr std::size_t kLineBytesMax = 400;

json::object hold_json(const preservation::Hold& hold) {
  json::object body = {{"id", to_string(hold.id)},
                       {"reference", hold.reference},
                       {"owner", hold.owner},
                       {"set_at", to_rfc3339(hold.set_ms)},
                       {"too_late", hold.too_late}};
  if (hold.evidence_id) {
    body["evidence_id"] = to_string(*hold.evidence_id);
  } else {
    body["case"] = hold.case_ref;
  }
  if (hold.review_ms) {
    body["review"] = to_rfc3339(*hold.review_ms);
  }
  return body;
}

Result<std::optional<UtcMs>> time_of(const std::optional<std::string>& text) {
  if (!text) {
    return std::optional<UtcMs>();
  }
  TUTELA_TRY_ASSIGN(const UtcMs time_ms, parse_time(*text));
  return std::optional<UtcMs>(time_ms);
}

Result<json::object> keep(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::string kind = reader.text("kind", kWordBytesMax);
  preservation::NewBasis basis;
  basis.reference = reader.text("reference", kLineBytesMax);
  const auto start = reader.optional_text("start", kWordBytesMax);
  const auto days = reader.optional_integer("days", 1, 36'500);
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(basis.kind, preservation::parse_basis_kind(kind));
  TUTELA_TRY_ASSIGN(basis.start_ms, time_of(start));
  basis.days = static_cast<std::uint32_t>(days.value_or(0));
  TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(request.parameter("id")));
  TUTELA_TRY_ASSIGN(const std::int64_t made,
                    app.custody.preservation->keep(request.principal->actor, id, basis));
  return json::object{{"id", made}};
}

Result<json::object> extend(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const auto basis = reader.optional_integer("basis", 0, INT64_MAX);
  const std::string until = reader.text("until", kWordBytesMax);
  const std::string reference = reader.text("reference", kLineBytesMax);
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(const UtcMs until_ms, parse_time(until));
  TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(request.parameter("id")));
  TUTELA_TRY(app.custody.preservation->extend(
      request.principal->actor, id, basis.value_or(0), until_ms, reference));
  return json::object{{"id", to_string(id)}};
}

Result<json::object> set_hold(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  preservation::NewHold hold;
  const auto evidence = reader.optional_text("evidence_id", kWordBytesMax);
  hold.case_ref = reader.optional_text("case", kWordBytesMax).value_or("");
  hold.reference = reader.text("reference", kLineBytesMax);
  const auto review = reader.optional_text("review", kWordBytesMax);
  TUTELA_TRY(reader.finish());
  if (evidence) {
    TUTELA_TRY_ASSIGN(hold.evidence_id, parse_uuid(*evidence));
  }
  TUTELA_TRY_ASSIGN(hold.review_ms, time_of(review));
  TUTELA_TRY_ASSIGN(const preservation::Hold made,
                    app.custody.preservation->set_hold(request.principal->actor, hold));
  return hold_json(made);
}

Result<json::object> release_hold(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::string reference = reader.text("reference", kLineBytesMax);
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(request.parameter("id")));
  TUTELA_TRY(app.custody.preservation->release_hold(request.principal->actor, id, reference));
  return json::object{{"id", to_string(id)}};
}

Result<json::object> holds_page(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const std::int64_t limit, limit_of(request, kLimitDefault, kLimitMax));
  TUTELA_TRY_ASSIGN(const auto holds,
                    app.custody.preservation->holds(request.principal->actor.tenant_id,
                                                    static_cast<std::size_t>(limit)));
  json::array items;
  for (const preservation::Hold& hold : holds) {
    items.push_back(hold_json(hold));
  }
  return json::object{{"items", std::move(items)}};
}

Result<json::object> preserved_page(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const std::int64_t limit, limit_of(request, kLimitDefault, kLimitMax));
  TUTELA_TRY_ASSIGN(const vault::State state,
                    vault::parse_state(request.query_value("state").value_or("due")));
  TUTELA_TRY_ASSIGN(
      const auto items,
      app.custody.preservation->list(
          request.principal->actor.tenant_id, state, {}, static_cast<std::size_t>(limit)));
  json::array found;
  for (const preservation::Item& item : items) {
    json::object one = {{"id", to_string(item.id)},
                        {"case", item.case_ref},
                        {"state", vault::to_string(item.state)}};
    if (item.due_ms) {
      one["due"] = to_rfc3339(*item.due_ms);
    }
    found.push_back(std::move(one));
  }
  return json::object{{"items", std::move(found)}};
}

Result<json::object> confirm_clock(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::string shown = reader.text("now", kWordBytesMax);
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(const UtcMs shown_ms, parse_time(shown));
  TUTELA_TRY(app.custody.preservation->confirm_clock(request.principal->actor, shown_ms));
  return json::object{{"now", to_rfc3339(app.clock.now_ms())}};
}

Response answer(const Result<json::object>& body, const Request& request, int status = 200) {
  return body ? json_response(status, *body) : problem(body.error(), request.id);
}

}  // namespace

Response post_basis(App& app, const Request& request) {
  return answer(keep(app, request), request, 201);
}

Response post_extension(App& app, const Request& request) {
  return answer(extend(app, request), request);
}

Response get_holds(App& app, const Request& request) {
  return answer(holds_page(app, request), request);
}

Response post_hold(App& app, const Request& request) {
  return answer(set_hold(app, request), request, 201);
}

Response post_release(App& app, const Request& request) {
  return answer(release_hold(app, request), request);
}

Response get_preserved(App& app, const Request& request) {
  return answer(preserved_page(app, request), request);
}

Response post_clock(App& app, const Request& request) {
  return answer(confirm_clock(app, request), request);
}

}  // namespace tutela::http
