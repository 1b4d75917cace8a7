// Reports, read: lists, documents, what they look like on paper and on the wire, receipts.
#include <algorithm>
#include <string>
#include <utility>

#include <boost/json/array.hpp>

#include "service/http/handlers.hpp"
#include "service/http/problem.hpp"
#include "service/http/report_json.hpp"
#include "service/http/reporting.hpp"
#include "service/http/review.hpp"

namespace tutela::http {

namespace json = boost::json;

namespace {

constexpr std::int64_t kLimitDefault = 50;
constexpr std::int64_t kLimitMax = 200;
constexpr std::int64_t kNumberMax = 1'000'000;
constexpr std::int64_t kRetentionDaysDefault = 365;

const std::string& tenant_of(const Request& request) {
  return request.principal->actor.tenant_id;
}

std::string query_text(const Request& request, std::string_view name) {
  return std::string(request.query_value(name).value_or(""));
}

Result<reports::Filter> filter_of(const Request& request) {
  reports::Filter filter;
  if (const auto state = request.query_value("state")) {
    TUTELA_TRY_ASSIGN(filter.state, reports::parse_state(*state));
  }
  TUTELA_TRY_ASSIGN(const auto debts, query_flag(request, "debts"));
  filter.debts = debts.value_or(false);
  if (const auto id = request.query_value("case")) {
    TUTELA_TRY_ASSIGN(filter.case_id, parse_uuid(*id));
  }
  if (const auto account = request.query_value("account")) {
    filter.account = std::string(*account);
  }
  filter.authority = query_text(request, "authority");
  filter.after = query_text(request, "after");
  TUTELA_TRY_ASSIGN(filter.limit, limit_of(request, kLimitDefault, kLimitMax));
  return filter;
}

Result<json::object> report_page(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const reports::Filter filter, filter_of(request));
  TUTELA_TRY_ASSIGN(const reports::Page page,
                    app.reporting.reports.list(tenant_of(request), filter));
  ReportJson as_json(app, request);
  json::array items;
  for (const reports::Report& one : page.reports) {
    items.push_back(as_json.of(one));
  }
  json::object body = {{"items", std::move(items)}};
  if (!page.next.empty()) {
    body["next"] = page.next;
  }
  return body;
}

json::object authority_json(App& app, const reports::Authority& authority) {
  const AuthorityHealth::State health = app.reporting.health.of(authority.name);
  json::object body = {{"name", authority.name},
                       {"channel", reports::to_string(authority.channel)},
                       {"environment", reports::to_string(authority.environment)},
                       {"jurisdiction", authority.jurisdiction},
                       {"configured", authority.channel != reports::Channel::kByHand}};
  set_time(body, "last_success_at", health.last_success_ms);
  set_time(body, "last_failure_at", health.last_failure_ms);
  if (!health.failure.empty()) {
    body["failure"] = health.failure;
  }
  return body;
}

Result<json::object> summary(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const reports::Counts counts, app.reporting.reports.counts(tenant_of(request)));
  json::array authorities;
  for (const reports::Authority& authority : app.reporting.desk.authorities()) {
    authorities.push_back(authority_json(app, authority));
  }
  json::array phones;
  for (const EmergencyPhone& phone : app.reporting.phones) {
    json::object one = {{"name", phone.name}, {"number", phone.number}};
    if (!phone.hours.empty()) {
      one["hours"] = phone.hours;
    }
    phones.push_back(std::move(one));
  }
  const auto settings = app.settings.get();
  json::object body = {{"drafts", counts.drafts},
                       {"released", counts.released},
                       {"waiting", counts.waiting},
                       {"overdue", counts.overdue},
                       {"due_soon", counts.due_soon},
                       {"finished", counts.finished},
                       {"simulated", counts.simulated},
                       {"second_person", settings->reporting.second_person},
                       {"automatic", settings->reporting.automatic},
                       {"authorities", std::move(authorities)},
                       {"phones", std::move(phones)}};
  set_time(body, "oldest_debt_at", counts.oldest_debt_ms);
  set_time(body, "next_due_at", counts.next_due_ms);
  return body;
}

Result<json::object> report_register(App& app, const Request& request) {
  reports::RegisterFilter filter;
  filter.jurisdiction = query_text(request, "jurisdiction");
  TUTELA_TRY_ASSIGN(filter.since_ms, query_time(request, "since"));
  TUTELA_TRY_ASSIGN(filter.until_ms, query_time(request, "until"));
  filter.after = query_text(request, "after");
  TUTELA_TRY_ASSIGN(filter.limit, limit_of(request, kLimitDefault, kLimitMax));
  TUTELA_TRY_ASSIGN(const reports::RegisterPage page,
                    reports::registered(app.review.database, tenant_of(request), filter));
  json::array items;
  for (const reports::Registered& entry : page.entries) {
    const auto authority = app.reporting.desk.authority(entry.authority);
    items.push_back(
        registered_json(entry, authority ? authority->retention_days : kRetentionDaysDefault));
  }
  json::object body = {{"items", std::move(items)}};
  if (!page.next.empty()) {
    body["next"] = page.next;
  }
  return body;
}

Result<json::object> whole_report(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const Uuid id, id_of(request));
  TUTELA_TRY_ASSIGN(const reports::Whole whole,
                    app.reporting.reports.whole(tenant_of(request), id));
  return ReportJson(app, request).whole(whole);
}

Result<reporting::Shown> shown(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const Uuid id, id_of(request));
  TUTELA_TRY_ASSIGN(const auto number, query_integer(request, "number", 1, kNumberMax));
  return app.reporting.desk.show(tenant_of(request), id, number.value_or(0));
}

Result<json::object> document(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const reporting::Shown found, shown(app, request));
  return ReportJson(app, request).document(found);
}

Result<json::object> report_changes(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const Uuid id, id_of(request));
  TUTELA_TRY_ASSIGN(const reports::Report of, app.reporting.reports.find(tenant_of(request), id));
  TUTELA_TRY_ASSIGN(const auto to_asked, query_integer(request, "to", 1, kNumberMax));
  TUTELA_TRY_ASSIGN(const auto from_asked, query_integer(request, "from", 1, kNumberMax));
  const std::int64_t to = to_asked.value_or(of.document);
  const std::int64_t from = from_asked.value_or(std::max<std::int64_t>(1, to - 1));
  TUTELA_TRY_ASSIGN(const reports::Document before,
                    app.reporting.reports.document(tenant_of(request), id, from));
  TUTELA_TRY_ASSIGN(const reports::Document after,
                    app.reporting.reports.document(tenant_of(request), id, to));
  TUTELA_TRY_ASSIGN(const auto changes, cybertip::changes(before.body, after.body));
  json::array items;
  for (const cybertip::Change& change : changes) {
    items.push_back(change_json(change));
  }
  return json::object{{"from", from}, {"to", to}, {"items", std::move(items)}};
}

Result<std::string> page(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const reporting::Shown found, shown(app, request));
  const std::string title = "Report " + to_string(found.of.id) + ", version " +
                            std::to_string(found.document.number) + ", " +
                            std::string(reports::to_string(found.of.state));
  return cybertip::page(title, found.document.body, found.origins, found.problems);
}

Result<std::string> xml(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const reporting::Shown found, shown(app, request));
  const cybertip::Verdict verdict = cybertip::check(found.document.body, app.clock.now_ms());
  if (!verdict.checked) {
    return Error{ErrorKind::kConflict,
                 "report.incomplete",
                 "there is no XML of a document with problems; its document lists them"};
  }
  return verdict.checked->report_xml();
}

Result<std::string> receipt(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const Uuid id, id_of(request));
  TUTELA_TRY_ASSIGN(reports::Whole whole, app.reporting.reports.whole(tenant_of(request), id));
  if (!whole.receipt) {
    return Error{ErrorKind::kNotFound, "report.no_receipt", "the authority has not answered yet"};
  }
  return std::move(whole.receipt->raw);
}

/// A file of ours for a browser, which must not run anything in it.
Response answer_file(const Result<std::string>& body,
                     const Request& request,
                     std::string_view content_type) {
  if (!body) {
    return problem(body.error(), request.id);
  }
  Response response;
  response.content_type = content_type;
  response.body = *body;
  response.headers.emplace_back("Content-Security-Policy",
                                "default-src 'none'; style-src 'unsafe-inline'; sandbox");
  return response;
}

}  // namespace

Response get_reports(App& app, const Request& request) {
  return answer_json(report_page(app, request), request);
}

Response get_report_form(App& /*app*/, const Request& /*request*/) {
  Response response;
  response.body = cybertip::form_json();
  return response;
}

Response get_report_summary(App& app, const Request& request) {
  return answer_json(summary(app, request), request);
}

Response get_report_register(App& app, const Request& request) {
  return answer_json(report_register(app, request), request);
}

Response get_report(App& app, const Request& request) {
  return answer_json(whole_report(app, request), request);
}

Response get_report_document(App& app, const Request& request) {
  return answer_json(document(app, request), request);
}

Response get_report_changes(App& app, const Request& request) {
  return answer_json(report_changes(app, request), request);
}

Response get_report_page(App& app, const Request& request) {
  return answer_file(page(app, request), request, "text/html; charset=utf-8");
}

Response get_report_xml(App& app, const Request& request) {
  return answer_file(xml(app, request), request, "application/xml");
}

Response get_report_receipt(App& app, const Request& request) {
  return answer_file(receipt(app, request), request, "application/octet-stream");
}

}  // namespace tutela::http
