// Views by link: what can be refused is refused before a link is made; what is charged and entered
// is so when it is opened, by the vault process, before the first byte.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "custody/opening/opening.hpp"
#include "service/http/custody.hpp"
#include "service/http/handlers.hpp"
#include "service/http/problem.hpp"
#include "service/http/review.hpp"
#include "service/http/review_json.hpp"
#include "service/vault_process/keeper.hpp"

namespace tutela::http {

namespace json = boost::json;

namespace {

constexpr std::size_t kWordBytesMax = 64;
constexpr std::int64_t kSheetTimes = 2;

/// The place of a grade among exposure::kGrades.
std::size_t place_of(std::string_view grade) {
  return static_cast<std::size_t>(std::ranges::find(exposure::kGrades, grade) -
                                  exposure::kGrades.begin());
}

/// Nothing is charged; the vault process checks all of it again when the link is opened.
Result<std::int64_t> check_view(App& app, const Request& request, const LinkedView& view) {
  TUTELA_TRY_ASSIGN(const opening::Purpose purpose, opening::parse_purpose(view.purpose));
  TUTELA_TRY_ASSIGN(const opening::Grade grade, opening::parse_grade(view.grade));
  const store::Actor& actor = request.principal->actor;
  TUTELA_TRY(evidence_of(app, request));  // what is not theirs to know of is not there
  TUTELA_TRY(app.custody.opening.check_view(
      vault_process::requester_of(*request.principal), view.evidence_id, view.case_ref, grade));
  TUTELA_TRY_ASSIGN(const auto costs, app.custody.budgets.costs(actor, view.evidence_id));
  const std::int64_t times = view.frame == "sheet" ? kSheetTimes : 1;
  const std::int64_t cost = times * costs.at(place_of(view.grade));
  if (purpose == opening::Purpose::kSafety) {
    return cost;  // a danger to life is not refused
  }
  TUTELA_TRY_ASSIGN(const exposure::State state, app.custody.budgets.state(actor));
  TUTELA_TRY(exposure::check(app.review.exposure_rules, state, cost));
  return cost;
}

Result<json::object> make_link(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  LinkedView view;
  view.case_ref = reader.text("case", kWordBytesMax);
  view.purpose = reader.text("purpose", kWordBytesMax);
  view.grade = reader.text("grade", kWordBytesMax);
  view.frame = reader.optional_integer_or("frame", 0, opening::kFramesMax, "sheet").value_or("0");
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(view.evidence_id, id_of(request));
  TUTELA_TRY_ASSIGN(const std::int64_t cost, check_view(app, request, view));
  TUTELA_TRY_ASSIGN(
      const ViewLinks::Made made,
      app.review.links.make(request.principal->session->id, std::move(view), app.clock.now_ms()));
  return json::object{{"url", "/v1/views/" + made.token},
                      {"expires_at", to_rfc3339(made.ends_ms)},
                      {"points", cost}};
}

/// A page of ours shows it as a picture or reads it; it is no page and no frame of its own, so that
/// "open in a new tab" shows nothing.
Status check_fetch(const Request& request) {
  const std::string& dest = request.fetch_dest;
  const std::string& site = request.fetch_site;
  const bool good_dest = dest.empty() || dest == "image" || dest == "empty";
  if (!good_dest || !(site.empty() || site == "same-origin")) {
    return Error{ErrorKind::kForbidden,
                 "view.not_embedded",
                 "a view opens inside the console and nowhere else"};
  }
  if (request.is_head) {
    return Error{ErrorKind::kForbidden, "view.not_embedded", "a view has no head without a body"};
  }
  return ok();
}

Result<vault_client::Message> linked_call(App& app, const Request& request) {
  TUTELA_TRY(check_fetch(request));
  TUTELA_TRY_ASSIGN(
      const LinkedView view,
      app.review.links.take(
          request.parameter("token"), request.principal->session->id, app.clock.now_ms()));
  vault_client::Message call("view");
  call.set("credential", request.credential).set("evidence_id", to_string(view.evidence_id));
  call.set("case_ref", view.case_ref).set("purpose", view.purpose).set("grade", view.grade);
  call.set("frame", view.frame);
  return call;
}

Result<json::object> viewed(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const vault::Evidence evidence, evidence_of(app, request));
  TUTELA_TRY_ASSIGN(json::value word, viewed_word(app, request, evidence.id));
  return json::object{{"viewed", std::move(word)}};
}

Result<json::object> view_costs(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const vault::Evidence evidence, evidence_of(app, request));
  TUTELA_TRY_ASSIGN(const auto costs,
                    app.custody.budgets.costs(request.principal->actor, evidence.id));
  TUTELA_TRY_ASSIGN(const opening::Grade next,
                    app.custody.opening.next_grade(request.principal->actor, evidence.id));
  json::object grades;
  for (std::size_t i = 0; i <= place_of("full"); ++i) {
    grades[exposure::kGrades.at(i)] = costs.at(i);
  }
  return json::object{{"next", opening::to_string(next)}, {"grades", std::move(grades)}};
}

}  // namespace

Result<json::value> viewed_word(App& app, const Request& request, const Uuid& evidence_id) {
  TUTELA_TRY_ASSIGN(const opening::Viewed viewed,
                    app.custody.opening.viewed(request.principal->actor.tenant_id, evidence_id));
  return json::value(opening::to_string(viewed));
}

Response post_view_link(App& app, const Request& request) {
  return answer_json(make_link(app, request), request, 201);
}

Response get_view(App& app, const Request& request) {
  Response response = open_bytes(app, request, linked_call(app, request));
  response.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  return response;
}

Response get_viewed(App& app, const Request& request) {
  return answer_json(viewed(app, request), request);
}

Response get_view_costs(App& app, const Request& request) {
  return answer_json(view_costs(app, request), request);
}

}  // namespace tutela::http
