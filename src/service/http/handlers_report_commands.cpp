// Reports, changed: drafts, edits, release, and what people say of them.
#include <string>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "service/http/handlers.hpp"
#include "service/http/problem.hpp"
#include "service/http/report_json.hpp"
#include "service/http/reporting.hpp"
#include "service/http/text.hpp"

namespace tutela::http {

namespace json = boost::json;

namespace {

constexpr std::int64_t kVersionMax = 1'000'000'000;
constexpr std::size_t kWordBytesMax = 128;
constexpr std::size_t kAccountBytesMax = 256;
constexpr std::size_t kLineBytesMax = 1024;
constexpr std::size_t kTypedBytesMax = 16'000;  // 4000 characters
constexpr std::size_t kReasonBytesMax = 4'000;  // 1000 characters
constexpr std::size_t kFactsBytesMax = 64U << 10;

/// What a command says of the report that it is for.
struct Target {
  Uuid id;
  reports::Command command;
};

Result<Target> target_of(const Request& request, std::int64_t version) {
  Target target;
  TUTELA_TRY_ASSIGN(target.id, id_of(request));
  TUTELA_TRY_ASSIGN(target.command, report_command_of(request, version));
  return target;
}

Result<json::object> whole(App& app, const Request& request, const Uuid& id) {
  TUTELA_TRY_ASSIGN(const reports::Whole found,
                    app.reporting.reports.whole(request.principal->actor.tenant_id, id));
  return ReportJson(app, request).whole(found);
}

/// As the whole report, after a change of it.
Result<json::object> changed(App& app, const Request& request, const Result<reports::Report>& of) {
  if (!of) {
    return of.error();
  }
  return whole(app, request, of->id);
}

Result<reports::Report> create(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const auto case_text = reader.optional_text("case", kWordBytesMax);
  reporting::TextDraft draft;
  draft.account = reader.optional_text("account", kAccountBytesMax);
  draft.authority = reader.optional_text("authority", kWordBytesMax).value_or("");
  draft.incident_type = reader.optional_text("incident_type", kWordBytesMax).value_or("");
  const auto incident_at = reader.optional_text("incident_at", kWordBytesMax);
  draft.urgent = reader.optional_flag("urgent").value_or(false);
  TUTELA_TRY(reader.finish());
  const store::Actor& actor = request.principal->actor;
  if (case_text) {
    TUTELA_TRY_ASSIGN(const Uuid case_id, parse_uuid(*case_text));
    return app.reporting.desk.draft_case(actor, case_id, draft.authority);
  }
  if (draft.incident_type.empty() || !incident_at) {
    return Error{ErrorKind::kInvalidInput,
                 "request.missing_field",
                 "a report without a case needs incident_type and incident_at"};
  }
  TUTELA_TRY_ASSIGN(draft.incident_ms, parse_time(*incident_at));
  return app.reporting.desk.draft_text(actor, draft);
}

/// The members of a body apart: what the form reads, and the document itself.
Result<reporting::Shown> write(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::int64_t version = reader.integer("version", 1, kVersionMax);
  const json::object body = reader.whole_object("body");
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(const Target target, target_of(request, version));
  TUTELA_TRY(app.reporting.desk.write(
      request.principal->actor, target.id, target.command, json::serialize(body)));
  return app.reporting.desk.show(request.principal->actor.tenant_id, target.id);
}

Result<std::int64_t> version_alone(const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::int64_t version = reader.integer("version", 1, kVersionMax);
  TUTELA_TRY(reader.finish());
  return version;
}

Result<reports::Report> refresh(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const std::int64_t version, version_alone(request));
  TUTELA_TRY_ASSIGN(const Target target, target_of(request, version));
  return app.reporting.desk.refresh(request.principal->actor, target.id, target.command);
}

Result<reports::Report> release(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::int64_t version = reader.integer("version", 1, kVersionMax);
  const std::int64_t number = reader.integer("document", 1, kVersionMax);
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(const Target target, target_of(request, version));
  return app.reporting.desk.release(reporter_of(request), target.id, target.command, number);
}

/// Commands of a version and one text.
template <class Act>
Result<reports::Report> with_text(const Request& request,
                                  std::string_view name,
                                  std::size_t bytes_max,
                                  const Act& act) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::int64_t version = reader.integer("version", 1, kVersionMax);
  const std::string text = reader.lines(name, bytes_max);
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(const Target target, target_of(request, version));
  return act(target, text);
}

Result<reports::Report> withdraw(App& app, const Request& request) {
  return with_text(
      request, "reason", kReasonBytesMax, [&](const Target& target, const std::string& reason) {
        return app.reporting.reports.withdraw(
            reporter_of(request), target.id, target.command, reason);
      });
}

Result<reports::Report> retry(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const std::int64_t version, version_alone(request));
  TUTELA_TRY_ASSIGN(const Target target, target_of(request, version));
  return app.reporting.reports.retry(reporter_of(request), target.id, target.command);
}

Result<reports::Report> file_by_hand(App& app, const Request& request) {
  return with_text(
      request, "reference", kLineBytesMax, [&](const Target& target, const std::string& text) {
        return app.reporting.reports.file_by_hand(
            reporter_of(request), target.id, target.command, text);
      });
}

Result<reports::Report> correct(App& app, const Request& request) {
  return with_text(
      request, "reason", kReasonBytesMax, [&](const Target& target, const std::string& reason) {
        return app.reporting.desk.correct(request.principal->actor, target.id, reason);
      });
}

Result<reports::Report> add_note(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::int64_t version = reader.integer("version", 1, kVersionMax);
  const std::string kind = reader.text("kind", kWordBytesMax);
  const std::string text = reader.lines("text", kTypedBytesMax);
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(const Target target, target_of(request, version));
  return app.reporting.reports.add_note(
      reporter_of(request), target.id, target.command, kind, text);
}

Result<reports::Report> attest(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::int64_t version = reader.integer("version", 1, kVersionMax);
  const std::string content = reader.text("content", kWordBytesMax);
  reports::Attestation said;
  said.what = reader.text("what", kWordBytesMax);
  said.reference = reader.text("reference", kLineBytesMax);
  const std::string viewed_at = reader.text("viewed_at", kWordBytesMax);
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(const Target target, target_of(request, version));
  TUTELA_TRY_ASSIGN(said.content_id, parse_uuid(content));
  TUTELA_TRY_ASSIGN(said.viewed_ms, parse_time(viewed_at));
  const std::string& tenant_id = request.principal->actor.tenant_id;
  TUTELA_TRY_ASSIGN(const reports::Whole of, app.reporting.reports.whole(tenant_id, target.id));
  const bool is_of_it = std::ranges::any_of(
      of.files, [&](const reports::File& file) { return file.content_id == said.content_id; });
  if (!is_of_it) {
    return Error{ErrorKind::kInvalidInput,
                 "report.bad_attestation",
                 "this report has no such file; its page lists them"};
  }
  TUTELA_TRY(app.reporting.reports.attest(reporter_of(request), said));
  // What was said is a fact from now on.
  return app.reporting.desk.refresh(request.principal->actor, target.id, target.command);
}

Status put_facts(App& app, const Request& request) {
  const std::string account(request.parameter("account"));
  if (!is_label(account, kAccountBytesMax)) {
    return Error{
        ErrorKind::kInvalidInput, "request.bad_parameter", "an account is 1 to 256 bytes of text"};
  }
  if (request.body.size() > kFactsBytesMax) {
    return Error{ErrorKind::kLimitExceeded, "report.facts_too_long", "facts have at most 64 KiB"};
  }
  return app.reporting.reports.set_account_facts(request.principal->actor, account, request.body);
}

Result<json::object> try_routes(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  auto country = reader.optional_text("account_country", kWordBytesMax);
  const auto incident = reader.optional_text("incident", kWordBytesMax);
  const bool urgent = reader.optional_flag("urgent").value_or(false);
  TUTELA_TRY(reader.finish());
  const auto names = app.reporting.desk.route(std::move(country), incident.value_or(""), urgent);
  return json::object{{"authorities", json::array(names.begin(), names.end())}};
}

}  // namespace

Response post_report(App& app, const Request& request) {
  return answer_json(changed(app, request, create(app, request)), request, 201);
}

Response put_report_document(App& app, const Request& request) {
  const auto shown = write(app, request);
  return shown ? json_response(200, ReportJson(app, request).document(*shown))
               : problem(shown.error(), request.id);
}

Response post_report_facts(App& app, const Request& request) {
  return answer_json(changed(app, request, refresh(app, request)), request);
}

Response post_report_release(App& app, const Request& request) {
  return answer_json(changed(app, request, release(app, request)), request);
}

Response post_report_withdraw(App& app, const Request& request) {
  return answer_json(changed(app, request, withdraw(app, request)), request);
}

Response post_report_retry(App& app, const Request& request) {
  return answer_json(changed(app, request, retry(app, request)), request);
}

Response post_report_filed(App& app, const Request& request) {
  return answer_json(changed(app, request, file_by_hand(app, request)), request);
}

Response post_report_correction(App& app, const Request& request) {
  return answer_json(changed(app, request, correct(app, request)), request, 201);
}

Response post_report_note(App& app, const Request& request) {
  return answer_json(changed(app, request, add_note(app, request)), request);
}

Response post_report_attestation(App& app, const Request& request) {
  return answer_json(changed(app, request, attest(app, request)), request);
}

Response put_account_facts(App& app, const Request& request) {
  return answer_empty(put_facts(app, request), request);
}

Response post_routes_try(App& app, const Request& request) {
  return answer_json(try_routes(app, request), request);
}

}  // namespace tutela::http
