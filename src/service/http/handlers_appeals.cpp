// Appeals: the public's way with a token, the service's own, and whoever decides.
#include <string>
#include <utility>

#include <boost/json/array.hpp>

#include "service/http/handlers.hpp"
#include "service/http/problem.hpp"
#include "service/http/review.hpp"
#include "service/http/review_json.hpp"

namespace tutela::http {

namespace json = boost::json;

namespace {

constexpr std::int64_t kLimitDefault = 100;
constexpr std::int64_t kLimitMax = 200;
constexpr std::size_t kTokenBytesMax = 128;
constexpr std::size_t kWordBytesMax = 64;
constexpr std::size_t kTypedBytesMax = 16'000;  // 4000 characters

/// What anybody may try, with a token or without, counts by address until it was right.
Result<cases::Appeal> throttled(App& app,
                                const Request& request,
                                const std::function<Result<cases::Appeal>()>& work) {
  const std::int64_t wait_ms = app.review.appellants.attempt(request.address, app.clock.now_ms());
  if (wait_ms > 0) {
    return Error{ErrorKind::kLimitExceeded,
                 "appeal.too_many",
                 "too many attempts from this address; try again in " +
                     std::to_string((wait_ms + 999) / 1000) + " s"};
  }
  auto appeal = work();
  if (appeal) {
    app.review.appellants.give_back(request.address);
  }
  return appeal;
}

Result<cases::Appeal> ask(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::string token = reader.text("token", kTokenBytesMax);
  const std::string statement = reader.lines("statement", kTypedBytesMax);
  TUTELA_TRY(reader.finish());
  return throttled(
      app, request, [&] { return app.review.appeals.ask_with_token(token, statement); });
}

Result<cases::Appeal> look(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::string token = reader.text("token", kTokenBytesMax);
  TUTELA_TRY(reader.finish());
  return throttled(app, request, [&] { return app.review.appeals.look(token); });
}

Result<cases::Appeal> ask_for_content(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::string statement = reader.lines("statement", kTypedBytesMax);
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(const Uuid id, id_of(request));
  return app.review.appeals.ask_for_content(request.principal->actor, id, statement);
}

Result<json::object> appeals_page(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const auto waiting, query_flag(request, "waiting"));
  TUTELA_TRY_ASSIGN(const std::int64_t limit, limit_of(request, kLimitDefault, kLimitMax));
  TUTELA_TRY_ASSIGN(const auto found,
                    app.review.appeals.list(person_of(request), waiting.value_or(false), limit));
  CaseJson as_json(app, request);
  json::array items;
  for (const cases::Appeal& appeal : found) {
    items.push_back(as_json.appeal(appeal));
  }
  return json::object{{"items", std::move(items)}};
}

Result<json::object> one_appeal(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const Uuid id, id_of(request));
  TUTELA_TRY_ASSIGN(const cases::Appeal found, app.review.appeals.find(person_of(request), id));
  return CaseJson(app, request).appeal(found);
}

Result<json::object> decide(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::string outcome = reader.text("outcome", kWordBytesMax);
  const std::string reason = reader.lines("reason", kTypedBytesMax);
  TUTELA_TRY(reader.finish());
  if (outcome != "upheld" && outcome != "overturned") {
    return Error{ErrorKind::kInvalidInput,
                 "request.bad_field",
                 "the field outcome must be upheld or overturned"};
  }
  TUTELA_TRY_ASSIGN(const Uuid id, id_of(request));
  TUTELA_TRY_ASSIGN(
      const cases::Appeal decided,
      app.review.appeals.decide(person_of(request), id, outcome == "overturned", reason));
  return CaseJson(app, request).appeal(decided);
}

/// What whoever appeals may know.
Response answer_state(const Result<cases::Appeal>& appeal, const Request& request, int status) {
  return appeal ? json_response(status, appeal_state_json(*appeal))
                : problem(appeal.error(), request.id);
}

}  // namespace

Response get_appeals(App& app, const Request& request) {
  return answer_json(appeals_page(app, request), request);
}

Response post_appeal(App& app, const Request& request) {
  return answer_state(ask(app, request), request, 201);
}

Response post_appeal_state(App& app, const Request& request) {
  return answer_state(look(app, request), request, 200);
}

Response get_appeal(App& app, const Request& request) {
  return answer_json(one_appeal(app, request), request);
}

Response post_appeal_decision(App& app, const Request& request) {
  return answer_json(decide(app, request), request);
}

Response post_content_appeal(App& app, const Request& request) {
  return answer_state(ask_for_content(app, request), request, 201);
}

}  // namespace tutela::http
