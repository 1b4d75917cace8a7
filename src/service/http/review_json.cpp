#include "service/http/review_json.hpp"

#include <charconv>
#include <utility>

#include <boost/json/parse.hpp>

#include "service/http/handlers.hpp"
#include "service/http/problem.hpp"

namespace tutela::http {

namespace json = boost::json;

namespace {

constexpr std::string_view kPerson = "person:";

template <class Values>
json::array words_json(const Values& values) {
  json::array words;
  for (const auto value : values) {
    words.emplace_back(cases::to_string(value));
  }
  return words;
}

json::object detail_json(const std::string& text) {
  json::error_code error;
  json::value value = json::parse(text, error);
  return error || !value.is_object() ? json::object() : std::move(value.as_object());
}

void set_text(json::object& body, std::string_view name, const std::optional<std::string>& text) {
  if (text) {
    body[name] = *text;
  }
}

}  // namespace

std::optional<std::string> Names::find(const std::string& principal_id) {
  if (!principal_id.starts_with(kPerson)) {
    return {};
  }
  if (!names_) {
    names_.emplace();
    if (const auto people = app_.people.all(request_.principal->actor)) {
      for (const auth::Person& person : *people) {
        names_->emplace(std::string(kPerson) + to_string(person.id), person.name);
      }
    }
  }
  const auto found = names_->find(principal_id);
  return found == names_->end() ? std::nullopt : std::optional(found->second);
}

cases::Person person_of(const Request& request) {
  const auth::Principal& principal = *request.principal;
  const bool is_lead = principal.permissions.has(auth::Permission::kCaseLead);
  const bool is_solo = principal.session && principal.session->role == auth::Role::kSolo;
  const bool is_legal =
      is_solo || (principal.permissions.has(auth::Permission::kCaseAttest) && !is_lead);
  return {principal.actor, principal.assigned_only, is_lead, is_legal};
}

CaseJson::CaseJson(App& app, const Request& request)
    : own_id_(request.principal->actor.principal_id),
      is_lead_(request.may(auth::Permission::kCaseLead)),
      now_ms_(app.clock.now_ms()),
      names_(app, request) {}

std::string_view CaseJson::origin(cases::Origin origin) const noexcept {
  return cases::to_string(origin == cases::Origin::kSample && !is_lead_ ? cases::Origin::kMatch
                                                                        : origin);
}

void CaseJson::sign(json::object& body, const std::string& principal_id) {
  body["who"] = principal_id;
  set_text(body, "name", names_.find(principal_id));
}

json::object CaseJson::of(const cases::Case& of) {
  json::object body = {{"id", to_string(of.id)},
                       {"version", of.version},
                       {"queue", cases::to_string(of.queue)},
                       {"state", cases::to_string(of.state)},
                       {"origin", origin(of.origin)},
                       {"topic", cases::to_string(of.topic)},
                       {"severity", of.severity},
                       {"marks", words_json(of.marks)},
                       {"spread", of.spread},
                       {"reports", of.reports},
                       {"items", of.items},
                       {"needs_view", of.needs_view},
                       {"opened_at", to_rfc3339(of.opened_ms)},
                       {"first_look_due_at", to_rfc3339(of.first_look_due_ms)},
                       {"decision_due_at", to_rfc3339(of.decision_due_ms)}};
  set_text(body, "account", of.account);
  set_text(body, "external_id", of.external_id);
  set_time(body, "first_look_at", of.first_look_ms);
  set_time(body, "decided_at", of.decided_ms);
  set_time(body, "undo_until", of.undo_until_ms);
  set_time(body, "report_due_at", of.report_due_ms);
  set_time(body, "reported_at", of.reported_ms);
  // Whoever looks second is told nothing of what the first person said.
  const bool open_to_others =
      of.state != cases::State::kSecondLook && of.state != cases::State::kOpen;
  if (of.outcome && open_to_others) {
    body["outcome"] = cases::to_string(*of.outcome);
    body["classification"] = cases::to_string(of.classification);
  }
  if (of.lock_by && of.lock_until_ms && *of.lock_until_ms > now_ms_) {
    body["lock"] = {{"person", *of.lock_by},
                    {"name", names_.of(*of.lock_by)},
                    {"until", to_rfc3339(*of.lock_until_ms)},
                    {"mine", *of.lock_by == own_id_}};
  }
  return body;
}

json::object CaseJson::item(const cases::Item& item) {
  json::object body = {{"content_id", to_string(item.content_id)},
                       {"origin", origin(item.origin)},
                       {"exact", item.exact},
                       {"trusted", item.trusted},
                       {"list", item.list},
                       {"list_classification", item.list_classification},
                       {"list_purpose", item.list_purpose},
                       {"match_kind", item.match_kind},
                       {"distance", item.distance},
                       {"quality", item.quality},
                       {"media_type", item.media_type},
                       {"width", item.width},
                       {"height", item.height},
                       {"frames", item.frames},
                       {"size_bytes", item.size_bytes},
                       {"door", item.door},
                       {"source", item.source},
                       {"same_bytes", item.same_bytes},
                       {"group_size", item.group_size},
                       {"received_at", to_rfc3339(item.received_ms)}};
  set_text(body, "external_id", item.external_id);
  set_text(body, "account", item.account);
  if (item.evidence_id) {
    body["evidence_id"] = to_string(*item.evidence_id);
    body["evidence_state"] = item.evidence_state;
  }
  return body;
}

json::object CaseJson::event(const cases::Event& event) {
  json::object body = {{"number", event.number},
                       {"kind", event.kind},
                       {"at", to_rfc3339(event.at_ms)},
                       {"detail", detail_json(event.detail)}};
  sign(body, event.principal_id);
  return body;
}

json::object CaseJson::note(const cases::Note& note) {
  json::object body = {
      {"number", note.number}, {"text", note.text}, {"at", to_rfc3339(note.at_ms)}};
  sign(body, note.principal_id);
  return body;
}

json::object CaseJson::decision(const cases::Decision& decision) {
  const cases::Verdict& verdict = decision.verdict;
  json::object body = {{"id", to_string(decision.id)},
                       {"round", decision.round},
                       {"role", decision.role},
                       {"basis", cases::to_string(decision.basis)},
                       {"outcome", cases::to_string(verdict.outcome)},
                       {"classification", cases::to_string(verdict.classification)},
                       {"annotations", words_json(verdict.annotations)},
                       {"confidence", cases::to_string(verdict.confidence)},
                       {"note", verdict.note},
                       {"views", decision.views},
                       {"at", to_rfc3339(decision.at_ms)}};
  if (!verdict.accounts.empty()) {
    body["accounts"] = json::array(verdict.accounts.begin(), verdict.accounts.end());
  }
  set_time(body, "undone_at", decision.undone_ms);
  sign(body, decision.principal_id);
  return body;
}

json::object CaseJson::appeal(const cases::Appeal& appeal) {
  json::object body = appeal_state_json(appeal);
  body["id"] = to_string(appeal.id);
  body["case"] = to_string(appeal.case_id);
  body["statement"] = appeal.statement;
  body["reason"] = appeal.reason;
  if (appeal.decided_by) {
    body["decided_by"] = *appeal.decided_by;
    set_text(body, "decided_by_name", names_.find(*appeal.decided_by));
  }
  return body;
}

json::object link_json(const cases::Link& link) {
  json::object body = {{"case", to_string(link.other)},
                       {"kind", cases::to_string(link.kind)},
                       {"state", cases::to_string(link.state)}};
  if (link.outcome && link.state != cases::State::kSecondLook) {
    body["outcome"] = cases::to_string(*link.outcome);
  }
  return body;
}

json::object action_json(const cases::Action& action) {
  json::object body = {{"id", to_string(action.id)},
                       {"case", to_string(action.case_id)},
                       {"kind", action.kind},
                       {"target", action.target},
                       {"state", cases::to_string(action.state)},
                       {"at", to_rfc3339(action.at_ms)}};
  if (!action.failure.empty()) {
    body["failure"] = action.failure;
  }
  set_time(body, "done_at", action.done_ms);
  return body;
}

json::object appeal_state_json(const cases::Appeal& appeal) {
  json::object body = {{"state", cases::to_string(appeal.state)}};
  set_time(body, "asked_at", appeal.asked_ms);
  set_time(body, "due_at", appeal.due_ms);
  set_time(body, "decided_at", appeal.decided_ms);
  return body;
}

json::object delivery_json(const outbox::Message& message) {
  json::object body = {{"id", message.id},
                       {"topic", message.topic},
                       {"state", message.state},
                       {"attempts", message.attempts},
                       {"failure", message.failure},
                       {"created_at", to_rfc3339(message.created_ms)}};
  if (message.state == "waiting") {
    body["next_at"] = to_rfc3339(message.next_at_ms);
  }
  return body;
}

void set_time(json::object& body, std::string_view name, std::optional<UtcMs> time_ms) {
  if (time_ms) {
    body[name] = to_rfc3339(*time_ms);
  }
}

Response answer_json(const Result<json::object>& body, const Request& request, int status) {
  return body ? json_response(status, *body) : problem(body.error(), request.id);
}

Response answer_empty(const Status& done, const Request& request, int status) {
  if (!done) {
    return problem(done.error(), request.id);
  }
  Response response;
  response.status = status;
  return response;
}

}  // namespace tutela::http
