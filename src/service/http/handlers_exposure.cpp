// Exposure: what people carry, breaks, choices, limits, and who helps.
#include <string>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "service/http/custody.hpp"
#include "service/http/handlers.hpp"
#include "service/http/problem.hpp"
#include "service/http/review.hpp"
#include "service/http/review_json.hpp"

namespace tutela::http {

namespace json = boost::json;

namespace {

constexpr std::int64_t kOwnDays = 14;
constexpr std::int64_t kMinutesMax = 120;
constexpr std::int64_t kPointsMax = 1'000'000;
constexpr std::size_t kWordBytesMax = 64;
constexpr std::size_t kTypedBytesMax = 16'000;  // 4000 characters

Result<json::object> rest(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::int64_t minutes = reader.integer("minutes", 1, kMinutesMax);
  TUTELA_TRY(reader.finish());
  TUTELA_TRY(app.custody.budgets.rest(request.principal->actor, minutes));
  return exposure_json(app, request);
}

Result<json::object> choose(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const json::array words = reader.needed_members("declined", exposure::kKinds.size());
  TUTELA_TRY(reader.finish());
  std::vector<std::string> kinds;
  for (const json::value& word : words) {
    const json::string* text = word.if_string();
    kinds.emplace_back(text == nullptr ? "" : std::string(text->data(), text->size()));
  }
  TUTELA_TRY(app.custody.budgets.decline(request.principal->actor, kinds));
  return exposure_json(app, request);
}

Result<json::object> team(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const auto loads, app.custody.budgets.team(request.principal->actor.tenant_id));
  json::array items;
  for (const exposure::Load& load : loads) {
    json::object item = {{"person", load.principal_id},
                         {"name", load.name},
                         {"role", load.role},
                         {"level", exposure::to_string(load.level)},
                         {"percent", load.percent}};
    set_time(item, "views_again_at", load.views_again_ms);
    items.push_back(std::move(item));
  }
  return json::object{{"items", std::move(items)}};
}

Result<json::object> limits(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const auto found,
                    app.custody.budgets.limits(request.principal->actor.tenant_id));
  json::array items;
  for (const exposure::Limit& limit : found) {
    items.push_back(
        json::object{{"subject", limit.subject}, {"points_per_shift", limit.points_per_shift}});
  }
  return json::object{{"items", std::move(items)}};
}

Result<json::object> set_limit(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  exposure::Limit limit;
  limit.subject = reader.text("subject", kWordBytesMax);
  limit.points_per_shift = reader.integer("points_per_shift", 1, kPointsMax);
  TUTELA_TRY(reader.finish());
  TUTELA_TRY(app.custody.budgets.set_limit(request.principal->actor, limit));
  return limits(app, request);
}

json::object support(const config::SupportConfig& support, bool has_receiver) {
  json::array contacts;
  for (const config::SupportContact& contact : config::contacts_of(support)) {
    json::object item = {{"name", contact.name}};
    for (const auto& [name, value] : {std::pair{"phone", &contact.phone},
                                      std::pair{"url", &contact.url},
                                      std::pair{"hours", &contact.hours}}) {
      if (!value->empty()) {
        item[name] = *value;
      }
    }
    contacts.push_back(std::move(item));
  }
  json::object body = {{"contacts", std::move(contacts)},
                       {"concerns", has_receiver && !support.concern_contact.empty()}};
  if (!support.concern_contact.empty()) {
    body["concern_contact"] = support.concern_contact;
  }
  if (!support.text.empty()) {
    body["text"] = support.text;
  }
  return body;
}

Status pass_on(App& app, const Request& request, const std::string& kind, const std::string& text) {
  const UtcMs now_ms = app.clock.now_ms();
  const Uuid id = new_uuid(now_ms);
  const json::object payload = {
      {"id", to_string(id)}, {"kind", kind}, {"text", text}, {"at", to_rfc3339(now_ms)}};
  return exposure::raise_concern(
      app.review.database,
      {id, request.principal->actor.tenant_id, kind, json::serialize(payload)},
      now_ms);
}

Status raise_concern(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::string kind = reader.text("kind", kWordBytesMax);
  const std::string text = reader.lines("text", kTypedBytesMax);
  TUTELA_TRY(reader.finish());
  if (kind != "material" && kind != "access" && kind != "workload" && kind != "other") {
    return Error{ErrorKind::kInvalidInput,
                 "request.bad_field",
                 "the field kind must be one of material, access, workload, other"};
  }
  if (text.empty()) {
    return Error{ErrorKind::kInvalidInput, "request.bad_field", "the field text is empty"};
  }
  if (!app.review.has_receiver()) {
    const std::string contact = app.settings.get()->support.concern_contact;
    return Error{ErrorKind::kConflict,
                 "concern.no_receiver",
                 contact.empty() ? "nobody is set up to receive concerns here; nothing was kept"
                                 : "concerns are not passed on from here; nothing was kept; talk "
                                   "to " +
                                       contact};
  }
  // By session and in memory alone, so that nothing says who it was.
  if (app.review.concerned.attempt(to_string(request.principal->session->id), app.clock.now_ms()) >
      0) {
    return Error{ErrorKind::kLimitExceeded,
                 "concern.too_many",
                 "several concerns were passed on just now; try again in a few minutes"};
  }
  TUTELA_TRY(pass_on(app, request, kind, text));
  if (app.review.sender) {
    app.review.sender->wake();
  }
  return ok();
}

}  // namespace

Result<json::object> exposure_json(App& app, const Request& request) {
  const store::Actor& actor = request.principal->actor;
  TUTELA_TRY_ASSIGN(const exposure::State state, app.custody.budgets.state(actor));
  TUTELA_TRY_ASSIGN(const auto points,
                    app.custody.budgets.by_day(actor.tenant_id, actor.principal_id, kOwnDays));
  json::array declined;
  for (const std::string& kind : state.declined) {
    declined.emplace_back(kind);
  }
  json::array by_day;
  for (const std::int64_t of_day : points) {
    by_day.emplace_back(of_day);
  }
  json::object body = {{"level", exposure::to_string(state.level)},
                       {"points", state.points},
                       {"points_max", state.points_max},
                       {"until_break", state.until_break},
                       {"declined", std::move(declined)},
                       {"by_day", std::move(by_day)}};
  set_time(body, "shift_began_at", state.shift_began_ms);
  set_time(body, "views_again_at", state.views_again_ms);
  return body;
}

Response get_exposure(App& app, const Request& request) {
  return answer_json(exposure_json(app, request), request);
}

Response post_rest(App& app, const Request& request) {
  return answer_json(rest(app, request), request);
}

Response put_choices(App& app, const Request& request) {
  return answer_json(choose(app, request), request);
}

Response get_team(App& app, const Request& request) {
  return answer_json(team(app, request), request);
}

Response get_limits(App& app, const Request& request) {
  return answer_json(limits(app, request), request);
}

Response put_limit(App& app, const Request& request) {
  return answer_json(set_limit(app, request), request);
}

Response get_support(App& app, const Request&) {
  return json_response(200, support(app.settings.get()->support, app.review.has_receiver()));
}

Response post_concern(App& app, const Request& request) {
  return answer_empty(raise_concern(app, request), request, 202);
}

}  // namespace tutela::http
