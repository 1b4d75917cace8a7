#include "service/http/report_json.hpp"

#include <utility>

#include <boost/json/parse.hpp>

namespace tutela::http {

namespace json = boost::json;

namespace {

constexpr std::int64_t kDayMs = 24LL * 3'600'000;

void set_text(json::object& body, std::string_view name, const std::string& text) {
  if (!text.empty()) {
    body[name] = text;
  }
}

void set_id(json::object& body, std::string_view name, const std::optional<Uuid>& id) {
  if (id) {
    body[name] = to_string(*id);
  }
}

json::object file_json(const reports::File& file) {
  return {{"number", file.number},
          {"content", to_string(file.content_id)},
          {"evidence", to_string(file.evidence_id)},
          {"size_bytes", file.size_bytes}};
}

json::object step_json(const reports::StepRow& step) {
  json::object body = {{"round", step.round},
                       {"step", reports::to_string(step.step)},
                       {"phase", reports::to_string(step.phase)},
                       {"begun_at", to_rfc3339(step.begun_ms)}};
  if (step.file >= 0) {
    body["file"] = step.file;
  }
  if (step.code) {
    body["code"] = *step.code;
  }
  if (step.http_status) {
    body["http_status"] = *step.http_status;
  }
  set_text(body, "description", step.description);
  set_text(body, "request_ref", step.request_ref);
  set_text(body, "reference", step.authority_id);
  set_time(body, "ended_at", step.ended_ms);
  return body;
}

json::object receipt_json(const reports::Receipt& receipt) {
  return {{"reference", receipt.authority_id},
          {"simulated", receipt.simulated},
          {"how", receipt.how},
          {"at", to_rfc3339(receipt.at_ms)},
          {"file_ids", json::array(receipt.file_ids.begin(), receipt.file_ids.end())}};
}

json::object problem_json(const cybertip::Problem& problem) {
  return {{"path", problem.path}, {"code", problem.code}, {"message", problem.message}};
}

json::object origin_json(const cybertip::Origin& origin) {
  json::object body = {{"path", origin.path}, {"source", origin.source}};
  set_text(body, "detail", origin.detail);
  return body;
}

template <class Values, class Make>
json::array array_of(const Values& values, Make make) {
  json::array items;
  for (const auto& value : values) {
    items.push_back(make(value));
  }
  return items;
}

}  // namespace

reports::Person reporter_of(const Request& request) {
  const cases::Person person = person_of(request);
  return {person.actor, person.is_lead, person.is_legal};
}

Result<reports::Command> report_command_of(const Request& request, std::int64_t version) {
  TUTELA_TRY_ASSIGN(cases::Command command, command_of(request, version));
  return reports::Command{command.version, std::move(command.key)};
}

ReportJson::ReportJson(App& app, const Request& request)
    : request_(request), now_ms_(app.clock.now_ms()), names_(app, request) {}

void ReportJson::sign(json::object& body,
                      const std::string& name,
                      const std::string& principal_id) {
  body[name] = principal_id;
  if (auto found = names_.find(principal_id)) {
    body[name + "_name"] = *std::move(found);
  }
}

json::array ReportJson::can(const reports::Report& of) const {
  json::array words;
  const bool writes = request_.may(auth::Permission::kReportWrite);
  const bool releases = request_.may(auth::Permission::kReportRelease) &&
                        (!of.minor || reporter_of(request_).is_legal);
  const bool draft = of.state == reports::State::kDraft || of.state == reports::State::kAsked;
  const bool waiting = of.state == reports::State::kWaiting;
  const bool finished = of.state == reports::State::kFinished;
  const auto add = [&](bool may, std::string_view word) {
    if (may) {
      words.emplace_back(word);
    }
  };
  add(writes && draft, "edit");
  add(releases && draft, "release");
  add(releases && (draft || waiting), "withdraw");
  add(releases && waiting, "retry");
  add(releases && (waiting || of.state == reports::State::kReleased), "file_by_hand");
  add(writes && finished && of.kind != reports::Kind::kCorrection, "correct");
  add(releases && draft, "attest");
  add(writes, "note");
  return words;
}

json::object ReportJson::of(const reports::Report& of) {
  json::object body = {{"id", to_string(of.id)},
                       {"version", of.version},
                       {"authority", of.authority},
                       {"environment", reports::to_string(of.environment)},
                       {"jurisdiction", of.jurisdiction},
                       {"kind", reports::to_string(of.kind)},
                       {"state", reports::to_string(of.state)},
                       {"document", of.document},
                       {"urgent", of.urgent},
                       {"minor", of.minor},
                       {"automatic", of.automatic},
                       {"attempts", of.attempts},
                       {"created_at", to_rfc3339(of.created_ms)}};
  const bool open = of.state != reports::State::kFinished && of.state != reports::State::kWithdrawn;
  body["overdue"] = open && of.due_ms && *of.due_ms < now_ms_;
  set_id(body, "case", of.case_id);
  set_text(body, "account", of.account.value_or(""));
  set_id(body, "corrects", of.corrects);
  set_time(body, "due_at", of.due_ms);
  if (of.released_by) {
    sign(body, "released_by", *of.released_by);
  }
  if (of.approved_by) {
    sign(body, "approved_by", *of.approved_by);
  }
  set_time(body, "released_at", of.released_ms);
  set_time(body, "next_try_at", of.next_at_ms);
  set_time(body, "failing_since", of.failing_since_ms);
  set_text(body, "failure", of.failure);
  set_text(body, "reference", of.authority_id);
  set_time(body, "finished_at", of.finished_ms);
  sign(body, "created_by", of.created_by);
  return body;
}

json::object ReportJson::whole(const reports::Whole& whole) {
  json::object body = {{"report", of(whole.of)},
                       {"files", array_of(whole.files, file_json)},
                       {"steps", array_of(whole.steps, step_json)},
                       {"prior", json::array(whole.prior.begin(), whole.prior.end())},
                       {"can", can(whole.of)}};
  body["notes"] = array_of(whole.notes, [&](const reports::Note& note) {
    json::object one = {{"number", note.number},
                        {"kind", note.kind},
                        {"text", note.text},
                        {"at", to_rfc3339(note.at_ms)}};
    sign(one, "by", note.by);
    return one;
  });
  body["attestations"] = array_of(whole.attestations, [&](const reports::Attestation& said) {
    json::object one = {{"id", to_string(said.id)},
                        {"content", to_string(said.content_id)},
                        {"what", said.what},
                        {"reference", said.reference},
                        {"viewed_at", to_rfc3339(said.viewed_ms)},
                        {"at", to_rfc3339(said.at_ms)}};
    sign(one, "by", said.by);
    return one;
  });
  if (whole.receipt) {
    body["receipt"] = receipt_json(*whole.receipt);
  }
  return body;
}

json::object ReportJson::document(const reporting::Shown& shown) {
  json::error_code failed;
  json::value document = json::parse(shown.document.body, failed);
  json::object body = {{"report", to_string(shown.of.id)},
                       {"version", shown.of.version},
                       {"number", shown.document.number},
                       {"at", to_rfc3339(shown.document.at_ms)},
                       {"origins", array_of(shown.origins, origin_json)},
                       {"problems", array_of(shown.problems, problem_json)},
                       {"facts_changed", array_of(shown.facts_changed, change_json)},
                       {"left_out", array_of(shown.left_out, problem_json)}};
  body["body"] = failed || !document.is_object() ? json::object() : std::move(document.as_object());
  sign(body, "by", shown.document.by);
  return body;
}

json::object registered_json(const reports::Registered& entry, std::int64_t retention_days) {
  json::object body = {{"id", to_string(entry.id)},
                       {"authority", entry.authority},
                       {"jurisdiction", entry.jurisdiction},
                       {"environment", reports::to_string(entry.environment)},
                       {"kind", reports::to_string(entry.kind)},
                       {"finished_at", to_rfc3339(entry.finished_ms)},
                       {"reference", entry.authority_id},
                       {"files", entry.files},
                       {"keep_until", to_rfc3339(entry.finished_ms + retention_days * kDayMs)}};
  set_id(body, "case", entry.case_id);
  return body;
}

json::object change_json(const cybertip::Change& change) {
  return {{"path", change.path}, {"before", change.before}, {"after", change.after}};
}

}  // namespace tutela::http
