// Partners, duty and staffing: whom we work with outside, who answers inside, and whether they are
// enough.
#include <algorithm>
#include <string>
#include <utility>

#include "service/http/handlers.hpp"
#include "service/http/json.hpp"
#include "service/http/partner_json.hpp"
#include "service/http/problem.hpp"
#include "service/http/review.hpp"
#include "service/http/review_json.hpp"
#include "service/intake/intake.hpp"

namespace tutela::http {

namespace json = boost::json;
using partners::Partner;
using partners::Partners;

namespace {

constexpr std::size_t kWordBytesMax = 64;
constexpr std::int64_t kVersionMax = 1'000'000'000;
constexpr std::string_view kPerson = "person:";

const store::Actor& actor_of(const Request& request) {
  return request.principal->actor;
}

/// A token of a partner is one that there is, and that may still be used.
Status check_token(App& app, const Request& request, const partners::Details& details) {
  if (!details.token_id) {
    return ok();
  }
  TUTELA_TRY_ASSIGN(const auto tokens, app.auth.all(actor_of(request)));
  const bool good = std::ranges::any_of(tokens, [&](const auth::TokenInfo& token) {
    return to_string(token.id) == *details.token_id && !token.revoked_ms;
  });
  if (!good) {
    return Error{ErrorKind::kInvalidInput,
                 "partner.bad_token",
                 "token must be the id of an API token that is not revoked (tutela token list)"};
  }
  return ok();
}

/// Somebody of ours who has not left.
Status check_person(App& app, const Request& request, std::string_view principal_id) {
  TUTELA_TRY_ASSIGN(const auto people, app.people.all(actor_of(request)));
  const bool good = std::ranges::any_of(people, [&](const auth::Person& person) {
    return std::string(kPerson) + to_string(person.id) == principal_id &&
           person.state != auth::PersonState::kDisabled;
  });
  if (!good) {
    return Error{ErrorKind::kInvalidInput,
                 "duty.bad_person",
                 "who is on duty must be a person of this server who has not left: person:<id>"};
  }
  return ok();
}

Result<json::object> shown(App& app, const Request& request, const Partner& partner) {
  TUTELA_TRY_ASSIGN(const auto all,
                    app.intake->partners().list(actor_of(request).tenant_id, false));
  return PartnerJson(app, request).of(partner, all);
}

Result<json::object> list(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const auto ended, query_flag(request, "ended"));
  TUTELA_TRY_ASSIGN(
      const auto all,
      app.intake->partners().list(actor_of(request).tenant_id, ended.value_or(false)));
  PartnerJson shown_as(app, request);
  json::array items;
  for (const Partner& partner : all) {
    items.push_back(shown_as.of(partner, all));
  }
  return json::object{{"items", std::move(items)},
                      {"stale", std::ranges::count_if(all, &Partner::stale)}};
}

Result<json::object> add(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  DetailsReader members(reader);
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(const partners::Details details, std::move(members).details());
  TUTELA_TRY(check_token(app, request, details));
  TUTELA_TRY_ASSIGN(const Partner partner, app.intake->partners().add(actor_of(request), details));
  return shown(app, request, partner);
}

Result<json::object> change(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const Uuid id, id_of(request));
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::int64_t version = reader.integer("version", 1, kVersionMax);
  DetailsReader members(reader);
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(const partners::Details details, std::move(members).details());
  TUTELA_TRY(check_token(app, request, details));
  TUTELA_TRY_ASSIGN(const Partner partner,
                    app.intake->partners().change(actor_of(request), id, version, details));
  return shown(app, request, partner);
}

Result<json::object> confirm(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const Uuid id, id_of(request));
  TUTELA_TRY_ASSIGN(const Partner partner, app.intake->partners().confirm(actor_of(request), id));
  return shown(app, request, partner);
}

Result<json::object> end(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const Uuid id, id_of(request));
  TUTELA_TRY_ASSIGN(const auto version, query_integer(request, "version", 1, kVersionMax));
  if (!version) {
    return Error{ErrorKind::kInvalidInput,
                 "request.bad_parameter",
                 "version must be that of the partner as you saw it"};
  }
  TUTELA_TRY_ASSIGN(const Partner partner,
                    app.intake->partners().end(actor_of(request), id, *version));
  return shown(app, request, partner);
}

intake::Promises promises_of(App& app) {
  return intake_service::rules_of(app.settings.get()->intake).promises;
}

Result<json::object> duty(App& app, const Request& request) {
  const std::string& tenant = actor_of(request).tenant_id;
  Partners& partners = app.intake->partners();
  TUTELA_TRY_ASSIGN(const auto named, partners.duties(tenant));
  TUTELA_TRY_ASSIGN(const auto absences, partners.spans(tenant, "absence"));
  TUTELA_TRY_ASSIGN(const auto shifts, partners.spans(tenant, "shift"));
  PartnerJson shown_as(app, request);
  json::array duties;
  for (const intake::Queue each : intake::kQueues) {
    const std::string_view queue = intake::to_string(each);
    const auto found = std::ranges::find(named, queue, &partners::Duty::queue);
    duties.push_back(found == named.end() ? json::object{{"queue", queue}} : shown_as.of(*found));
  }
  const intake::Promises promises = promises_of(app);
  return json::object{{"duties", std::move(duties)},
                      {"absences", shown_as.of(absences)},
                      {"shifts", shown_as.of(shifts)},
                      {"holidays", holidays_json(promises)},
                      {"weekends_pause", promises.weekends_pause}};
}

Result<json::object> set_duty(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::string person = reader.text("person", kWordBytesMax);
  const auto deputy = reader.optional_text("deputy", kWordBytesMax);
  TUTELA_TRY(reader.finish());
  const std::string queue(request.parameter("queue"));
  TUTELA_TRY(check_person(app, request, person));
  if (deputy) {
    TUTELA_TRY(check_person(app, request, *deputy));
  }
  Partners& partners = app.intake->partners();
  TUTELA_TRY(partners.set_duty(actor_of(request), queue, person, deputy));
  TUTELA_TRY_ASSIGN(const auto duties, partners.duties(actor_of(request).tenant_id));
  const auto found = std::ranges::find(duties, queue, &partners::Duty::queue);
  if (found == duties.end()) {
    return Error{ErrorKind::kConflict, "duty.changed", "somebody else changed it; look again"};
  }
  return PartnerJson(app, request).of(*found);
}

Result<json::object> add_span(App& app, const Request& request, std::string_view kind) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::string person = reader.text("person", kWordBytesMax);
  const std::string from = reader.text("from", kWordBytesMax);
  const std::string until = reader.text("until", kWordBytesMax);
  TUTELA_TRY(reader.finish());
  TUTELA_TRY(check_person(app, request, person));
  TUTELA_TRY_ASSIGN(const UtcMs from_ms, parse_time(from));
  TUTELA_TRY_ASSIGN(const UtcMs until_ms, parse_time(until));
  TUTELA_TRY_ASSIGN(
      const partners::Span span,
      app.intake->partners().add_span(actor_of(request), kind, person, from_ms, until_ms));
  return PartnerJson(app, request).of(span);
}

Response remove_span(App& app, const Request& request, std::string_view kind) {
  const auto run = [&]() -> Status {
    TUTELA_TRY_ASSIGN(const Uuid id, id_of(request));
    return app.intake->partners().remove_span(actor_of(request), kind, id);
  };
  if (const Status removed = run(); !removed) {
    return problem(removed.error(), request.id);
  }
  Response response;
  response.status = 204;
  return response;
}

Result<json::object> staffing_now(App& app, const Request& request) {
  const UtcMs now_ms = app.clock.now_ms();
  staffing::Workload workload;
  TUTELA_TRY(app.pipeline.database().read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(
        workload,
        staffing::workload_of(transaction, actor_of(request).tenant_id, promises_of(app), now_ms));
    return ok();
  }));
  json::object body = workload_json(workload);
  body["at"] = to_rfc3339(now_ms);
  return body;
}

Response created(const Result<json::object>& body, const Request& request) {
  return body ? json_response(201, *body) : problem(body.error(), request.id);
}

}  // namespace

Response get_partners(App& app, const Request& request) {
  return answer_json(list(app, request), request);
}

Response post_partner(App& app, const Request& request) {
  return created(add(app, request), request);
}

Response put_partner(App& app, const Request& request) {
  return answer_json(change(app, request), request);
}

Response post_partner_confirm(App& app, const Request& request) {
  return answer_json(confirm(app, request), request);
}

Response delete_partner(App& app, const Request& request) {
  return answer_json(end(app, request), request);
}

Response get_duty(App& app, const Request& request) {
  return answer_json(duty(app, request), request);
}

Response put_duty(App& app, const Request& request) {
  return answer_json(set_duty(app, request), request);
}

Response post_absence(App& app, const Request& request) {
  return created(add_span(app, request, "absence"), request);
}

Response post_shift(App& app, const Request& request) {
  return created(add_span(app, request, "shift"), request);
}

Response delete_absence(App& app, const Request& request) {
  return remove_span(app, request, "absence");
}

Response delete_shift(App& app, const Request& request) {
  return remove_span(app, request, "shift");
}

Response get_staffing(App& app, const Request& request) {
  return answer_json(staffing_now(app, request), request);
}

}  // namespace tutela::http
