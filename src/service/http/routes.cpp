// The routes of the API and of the metrics address, each with who may call it.
#include <memory>
#include <utility>
#include <vector>

#include "service/http/handlers.hpp"
#include "service/http/notice_file.hpp"
#include "service/http/router.hpp"
#include "service/http/scan.hpp"
#include "service/http/search.hpp"

namespace tutela::http {

namespace {

using enum auth::Permission;

constexpr std::size_t kSmallJsonBytesMax = 8U << 10;
constexpr std::size_t kTypedJsonBytesMax = 64U << 10;  // 4000 characters, all of them escaped
constexpr std::size_t kJsonBytesMax = 256U << 10;
constexpr std::size_t kDocumentJsonBytesMax = 512U << 10;  // a document and its command
constexpr std::size_t kNoticeJsonBytesMax = 1U << 20;      // 65536 characters, all of them escaped
constexpr std::size_t kImportBytesMax = 64U << 20;

std::vector<Route> list_routes() {
  const auto read = Access::with(kListsRead);
  const auto change = Access::with(kListsChange);
  const auto exports = Access::with(kSignalsExport);
  const auto json = [&](std::string_view method, std::string_view pattern, auto handler) {
    return Route{method, pattern, change, handler, {}, BodyKind::kJson, kJsonBytesMax};
  };
  return {
      {"GET", "/v1/stats/lists", read, get_list_stats},
      {"GET", "/v1/lists", read, get_lists},
      json("POST", "/v1/lists", post_list),
      {"GET", "/v1/lists/{id}", read, get_list},
      json("PATCH", "/v1/lists/{id}", patch_list),
      {"DELETE", "/v1/lists/{id}", change, delete_list},
      {"GET", "/v1/lists/{id}/signals", exports, get_signals, {"after", "limit"}},
      json("POST", "/v1/lists/{id}/signals", post_signals),
      json("DELETE", "/v1/lists/{id}/signals", delete_signals),
      {"POST",
       "/v1/lists/{id}/import",
       change,
       post_import,
       {"kind", "skip_bad"},
       BodyKind::kText,
       kImportBytesMax},
      {"GET", "/v1/lists/{id}/export", exports, get_export},
      json("POST", "/v1/lists/{id}/dry-run", post_dry_run),
      json("POST", "/v1/lists/{id}/rescan", post_rescan),
      {"GET", "/v1/rescans", read, get_rescans, {"limit"}},
      {"GET", "/v1/rescans/{id}", read, get_rescan},
      {"GET",
       "/v1/rescans/{id}/findings",
       Access::with(kContentRead),
       get_findings,
       {"after", "limit"}},
      {"POST", "/v1/lists/{id}/activate", change, post_activate},
      {"POST", "/v1/lists/{id}/deactivate", change, post_deactivate},
  };
}

std::vector<Route> custody_routes() {
  const auto json = [&](std::string_view pattern, Access access, auto handler) {
    return Route{"POST", pattern, access, handler, {}, BodyKind::kJson, kJsonBytesMax};
  };
  const auto of = [](auth::Permission permission) {
    return Access::with(permission);
  };
  return {
      {"GET", "/v1/evidence", of(kEvidenceList), get_evidence, {"case", "after", "limit"}},
      {"GET", "/v1/evidence/{id}", of(kEvidenceList), get_one_evidence},
      json("/v1/evidence/{id}/view", of(kEvidenceView), post_view),
      json("/v1/evidence/{id}/original-requests", of(kEvidenceOriginalAsk), post_original_request),
      json("/v1/evidence/{id}/original", of(kEvidenceOriginalAsk).fresh(), post_original),
      json("/v1/evidence/{id}/break-glass", of(kEvidenceBreakGlass).fresh(), post_break_glass),
      json("/v1/evidence/{id}/viewers", of(kEvidenceApprove), post_viewer),
      {"GET", "/v1/break-glass", of(kRequestsRead), get_break_glasses, {"limit"}},
      json("/v1/break-glass/{id}/close", of(kEvidenceApprove), post_break_glass_close),
      {"GET", "/v1/requests", of(kRequestsRead), get_requests, {"waiting", "limit"}},
      {"GET", "/v1/requests/{id}", of(kRequestsRead), get_request},
      json("/v1/requests/{id}/approve", of(kRequestsRead).fresh(), post_approve),
      json("/v1/requests/{id}/refuse", of(kRequestsRead), post_refuse),
      {"GET", "/v1/preservation", of(kRequestsRead), get_preserved, {"state", "limit"}},
      json("/v1/preservation/clock", of(kHoldSet).fresh(), post_clock),
      json("/v1/evidence/{id}/bases", of(kHoldSet), post_basis),
      json("/v1/evidence/{id}/extensions", of(kHoldSet), post_extension),
      {"GET", "/v1/holds", of(kHoldSet), get_holds, {"limit"}},
      json("/v1/holds", of(kHoldSet), post_hold),
      json("/v1/holds/{id}/release", of(kHoldSet).fresh(), post_release),
      json("/v1/evidence/{id}/disposal-requests", of(kDisposalAsk), post_disposal_request),
      json("/v1/evidence/{id}/disposal", of(kDisposalAsk).fresh(), post_disposal),
      {"GET", "/v1/disclosures", of(kRequestsRead), get_disclosures, {"limit"}},
      {"GET", "/v1/disclosures/{id}", of(kRequestsRead), get_disclosure},
      json("/v1/disclosures", of(kExportAsk).fresh(), post_disclosure),
      json("/v1/disclosures/{id}/package", of(kExportAsk).fresh(), post_package),
      {"GET",
       "/v1/audit/entries",
       of(kAuditRead),
       get_audit_entries,
       {"since", "until", "who", "action", "object", "result", "after", "limit"}},
      {"GET", "/v1/audit/entries/{index}/proof", of(kAuditRead), get_audit_proof},
      {"GET", "/v1/audit/checkpoint", of(kAuditRead), get_audit_checkpoint},
  };
}

std::vector<Route> case_routes() {
  const auto read = Access::with(kCaseRead);
  const auto decide = Access::with(kCaseDecide);
  const auto json =
      [](std::string_view method, std::string_view pattern, const Access& access, auto handler) {
        return Route{method, pattern, access, handler, {}, BodyKind::kJson, kJsonBytesMax};
      };
  return {
      {"GET",
       "/v1/cases",
       read,
       get_cases,
       {"queue",
        "state",
        "waiting",
        "mine",
        "account",
        "content",
        "list",
        "needs_view",
        "since",
        "until",
        "sort",
        "after",
        "limit"}},
      {"GET", "/v1/queues", read, get_queues},
      json("POST", "/v1/queues/next", decide, post_next),
      {"GET", "/v1/cases/{id}", read, get_case},
      {"GET", "/v1/cases/{id}/events", read, get_case_events, {"after", "limit"}},
      json("POST", "/v1/cases/{id}/lock", decide, post_lock),
      {"DELETE", "/v1/cases/{id}/lock", decide, delete_lock},
      json("POST", "/v1/cases/{id}/notes", decide, post_note),
      json("POST", "/v1/cases/{id}/links", decide, post_link),
      json("POST", "/v1/cases/{id}/marks", decide, post_marks),
      json("POST",
           "/v1/cases/{id}/attestation",
           Access::with(kCaseAttest).fresh(),
           post_attestation),
      {"GET", "/v1/cases/{id}/draft", decide, get_draft},
      json("PUT", "/v1/cases/{id}/draft", decide, put_draft),
      json("POST", "/v1/cases/{id}/plan", decide, post_plan),
      json("POST", "/v1/cases/{id}/decision", decide, post_decision),
      {"DELETE", "/v1/cases/{id}/decision", decide, delete_decision, {"version"}},
      json("POST", "/v1/decisions", decide, post_decisions),
      json("POST", "/v1/samples", Access::with(kCaseLead), post_sample),
      {"GET", "/v1/quality", Access::with(kCaseLead), get_quality, {"since"}},
      {"GET", "/v1/stats/review", Access::with(kStatsRead), get_review_stats, {"days"}},
  };
}

std::vector<Route> report_routes() {
  const auto read = Access::with(kReportRead);
  const auto write = Access::with(kReportWrite);
  const auto release = Access::with(kReportRelease);
  const auto typed = [](std::string_view pattern, const Access& access, auto handler) {
    return Route{"POST", pattern, access, handler, {}, BodyKind::kJson, kTypedJsonBytesMax};
  };
  return {
      {"GET",
       "/v1/reports",
       read,
       get_reports,
       {"state", "debts", "case", "account", "authority", "after", "limit"}},
      typed("/v1/reports", write, post_report),
      {"GET", "/v1/reports/form", read, get_report_form},
      {"GET", "/v1/reports/summary", read, get_report_summary},
      {"GET",
       "/v1/reports/register",
       Access::with(kReportRegister),
       get_report_register,
       {"jurisdiction", "since", "until", "after", "limit"}},
      {"GET", "/v1/reports/{id}", read, get_report},
      {"GET", "/v1/reports/{id}/document", read, get_report_document, {"number"}},
      {"PUT",
       "/v1/reports/{id}/document",
       write,
       put_report_document,
       {},
       BodyKind::kJson,
       kDocumentJsonBytesMax},
      {"GET", "/v1/reports/{id}/changes", read, get_report_changes, {"from", "to"}},
      {"GET", "/v1/reports/{id}/page", read, get_report_page},
      {"GET", "/v1/reports/{id}/xml", read, get_report_xml},
      {"GET", "/v1/reports/{id}/receipt", read, get_report_receipt},
      typed("/v1/reports/{id}/facts", write, post_report_facts),
      typed("/v1/reports/{id}/release", release.fresh(), post_report_release),
      typed("/v1/reports/{id}/withdraw", release.fresh(), post_report_withdraw),
      typed("/v1/reports/{id}/retry", release, post_report_retry),
      typed("/v1/reports/{id}/filed", release.fresh(), post_report_filed),
      typed("/v1/reports/{id}/correction", write, post_report_correction),
      typed("/v1/reports/{id}/notes", write, post_report_note),
      typed("/v1/reports/{id}/attestations", release.fresh(), post_report_attestation),
      {"PUT",
       "/v1/accounts/{account}/facts",
       Access::with(kAccountFacts),
       put_account_facts,
       {},
       BodyKind::kJson,
       kJsonBytesMax},
      typed("/v1/routes/try", read, post_routes_try),
  };
}

/// What a body that is streamed is fed to.
template <class Made>
std::unique_ptr<Upload> make_upload(App& app, Request request, Admission::Slot slot) {
  return std::make_unique<Made>(app, std::move(request), std::move(slot));
}

std::vector<Route> notice_routes() {
  const auto submit = Access::with(kNoticeSubmit);
  const auto read = Access::with(kNoticeRead);
  const auto answer = Access::with(kNoticeAnswer);
  const auto typed = [](std::string_view pattern, const Access& access, auto handler) {
    return Route{"POST", pattern, access, handler, {}, BodyKind::kJson, kTypedJsonBytesMax};
  };
  const auto large = [](std::string_view pattern, const Access& access, auto handler) {
    return Route{"POST", pattern, access, handler, {}, BodyKind::kJson, kNoticeJsonBytesMax};
  };
  return {
      {"GET",
       "/v1/notices",
       read,
       get_notices,
       {"queue",
        "state",
        "waiting",
        "kind",
        "case",
        "partner",
        "flood",
        "number",
        "after",
        "limit"}},
      large("/v1/notices", submit, post_notice),
      {"POST",
       "/v1/notices/files",
       submit,
       nullptr,
       {},
       BodyKind::kStream,
       0,
       make_upload<NoticeFile>},
      large("/v1/notices/paste", answer, post_notice_paste),
      {"GET", "/v1/notices/queues", read, get_notice_queues},
      {"GET", "/v1/notices/{id}", read, get_notice},
      typed("/v1/notices/{id}/take", answer, post_notice_take),
      typed("/v1/notices/{id}/ask", answer, post_notice_question),
      typed("/v1/notices/{id}/answer", answer, post_notice_answer),
      typed("/v1/notices/{id}/move", answer, post_notice_move),
      typed(
          "/v1/notices/{id}/verify", Access::with(kNoticeVerify).fresh(), post_notice_verification),
      typed(
          "/v1/notices/{id}/identity", Access::with(kNoticeIdentity).fresh(), post_notice_identity),
      {"GET", "/v1/cases/{id}/notices", read, get_case_notices, {"after", "limit"}},
  };
}

std::vector<Route> partner_routes() {
  const auto read = Access::with(kPartnerRead);
  const auto manage = Access::with(kPartnerManage);
  const auto json = [&](std::string_view method, std::string_view pattern, auto handler) {
    return Route{method, pattern, manage, handler, {}, BodyKind::kJson, kTypedJsonBytesMax};
  };
  return {
      {"GET", "/v1/partners", read, get_partners, {"ended"}},
      json("POST", "/v1/partners", post_partner),
      json("PUT", "/v1/partners/{id}", put_partner),
      {"DELETE", "/v1/partners/{id}", manage, delete_partner, {"version"}},
      {"POST", "/v1/partners/{id}/confirm", manage, post_partner_confirm},
      {"GET", "/v1/duty", read, get_duty},
      json("PUT", "/v1/duty/{queue}", put_duty),
      json("POST", "/v1/duty/absences", post_absence),
      json("POST", "/v1/duty/shifts", post_shift),
      {"DELETE", "/v1/duty/absences/{id}", manage, delete_absence},
      {"DELETE", "/v1/duty/shifts/{id}", manage, delete_shift},
      {"GET", "/v1/staffing", read, get_staffing},
  };
}

std::vector<Route> review_routes() {
  const auto any_person = Access::any_person();
  const auto appeals = Access::with(kAppealDecide);
  const auto json =
      [](std::string_view method, std::string_view pattern, const Access& access, auto handler) {
        return Route{method, pattern, access, handler, {}, BodyKind::kJson, kSmallJsonBytesMax};
      };
  // What people type has 4000 characters, of up to six bytes each once escaped.
  const auto typed = [](std::string_view pattern, const Access& access, auto handler) {
    return Route{"POST", pattern, access, handler, {}, BodyKind::kJson, kTypedJsonBytesMax};
  };
  return {
      {"GET", "/v1/overview", any_person, get_overview},
      {"GET", "/v1/settings", Access::with(kSettingsRead), get_settings},
      {"GET", "/v1/appeals", appeals, get_appeals, {"waiting", "limit"}},
      typed("/v1/appeals", Access::anyone(), post_appeal),
      json("POST", "/v1/appeals/state", Access::anyone(), post_appeal_state),
      {"GET", "/v1/appeals/{id}", appeals, get_appeal},
      typed("/v1/appeals/{id}/decision", appeals, post_appeal_decision),
      typed("/v1/content/{id}/appeal", Access::with(kAppealAsk), post_content_appeal),
      {"GET", "/v1/actions", Access::with(kActionRead), get_actions, {"state", "case", "limit"}},
      {"GET", "/v1/deliveries", Access::with(kActionManage), get_deliveries, {"limit"}},
      {"POST", "/v1/deliveries/{id}/replay", Access::with(kActionManage), post_replay},
      json("POST", "/v1/evidence/{id}/view-links", Access::with(kEvidenceView), post_view_link),
      {"GET", "/v1/views/{token}", Access::with(kEvidenceView), get_view},
      {"GET", "/v1/evidence/{id}/viewed", Access::with(kEvidenceList), get_viewed},
      {"GET", "/v1/evidence/{id}/costs", Access::with(kEvidenceView), get_view_costs},
      {"GET", "/v1/exposure", any_person, get_exposure},
      json("POST", "/v1/exposure/rest", any_person, post_rest),
      json("PUT", "/v1/exposure/choices", any_person, put_choices),
      {"GET", "/v1/exposure/team", Access::with(kExposureTeam), get_team},
      {"GET", "/v1/exposure/limits", Access::with(kExposureLimit), get_limits},
      json("PUT", "/v1/exposure/limits", Access::with(kExposureLimit).fresh(), put_limit),
      {"GET", "/v1/support", any_person, get_support},
      typed("/v1/concerns", any_person, post_concern),
  };
}

std::vector<Route> watch_routes() {
  const auto read = Access::with(kCoverageRead);
  return {
      {"GET", "/v1/coverage", read, get_coverage},
      {"GET", "/v1/coverage/hours", read, get_coverage_hours, {"from", "until"}},
      {"GET", "/v1/coverage/bands", read, get_coverage_bands},
      {"GET", "/v1/alarms", read, get_alarms, {"after", "limit"}},
  };
}

std::vector<Route> session_routes() {
  const auto json = [&](std::string_view pattern, Access access, auto handler) {
    return Route{"POST", pattern, access, handler, {}, BodyKind::kJson, kSmallJsonBytesMax};
  };
  return {
      json("/v1/invitation", Access::anyone(), post_invitation),
      json("/v1/session", Access::anyone(), post_session),
      {"DELETE", "/v1/session", Access::any_person(), delete_session},
      {"DELETE", "/v1/sessions", Access::any_person(), delete_sessions},
      json("/v1/session/second-factor", Access::signing_in(), post_second_factor),
      {"POST", "/v1/session/enrolment", Access::signing_in(), post_enrolment},
      json("/v1/session/enrolment/code", Access::signing_in(), post_enrolment_code),
      json("/v1/session/step-up", Access::any_person(), post_step_up),
      {"GET", "/v1/session/sign-on", Access::anyone(), get_sign_on},
      {"GET",
       "/v1/session/sign-on/return",
       Access::anyone(),
       get_sign_on_return,
       {"code", "state", "iss", "session_state", "scope", "error", "error_description"}},
      {"GET", "/v1/me", Access::any_principal(), get_me},
      json("/v1/me/password", Access::any_person().fresh(), post_my_password),
      {"PUT",
       "/v1/me/email",
       Access::any_person().fresh(),
       put_my_email,
       {},
       BodyKind::kJson,
       kSmallJsonBytesMax},
      {"POST", "/v1/me/recovery-codes", Access::any_person().fresh(), post_my_recovery_codes},
  };
}

std::vector<Route> people_routes() {
  const auto manage = Access::with(kPeopleManage);
  const auto assign = Access::with(kEvidenceAssign);
  const auto json = [&](std::string_view method, std::string_view pattern, auto handler) {
    return Route{method, pattern, manage.fresh(), handler, {}, BodyKind::kJson, kSmallJsonBytesMax};
  };
  return {
      {"GET", "/v1/people", manage, get_people},
      json("POST", "/v1/people", post_person),
      {"GET", "/v1/people/{id}", manage, get_person},
      json("PATCH", "/v1/people/{id}", patch_person),
      json("PUT", "/v1/people/{id}/email", put_person_email),
      {"POST", "/v1/people/{id}/disable", manage.fresh(), post_person_disable},
      {"POST", "/v1/people/{id}/reset", manage.fresh(), post_person_reset},
      {"GET", "/v1/assignees", assign, get_assignees},
      {"GET", "/v1/assignees/{id}/cases", assign, get_assigned_cases},
      {"PUT", "/v1/assignees/{id}/cases/{case}", assign, put_assignment},
      {"DELETE", "/v1/assignees/{id}/cases/{case}", assign, delete_assignment},
  };
}

}  // namespace

std::vector<Route> api_routes() {
  std::vector<Route> routes = {
      {"POST",
       "/v1/scan",
       Access::with(kScan),
       nullptr,
       {"source", "external_id", "account"},
       BodyKind::kStream,
       0,
       make_upload<Scan>},
      {"GET", "/v1/content/{id}", Access::with(kContentRead), get_content},
      {"GET", "/v1/content/{id}/group", Access::with(kContentRead), get_group, {"limit"}},
      {"GET", "/v1/content/{id}/receipt", Access::with(kReceiptRead), get_receipt},
      {"GET", "/.well-known/tutela-receipt-keys.json", Access::anyone(), get_receipt_keys},
      {"GET", "/v1/matches", Access::with(kContentRead), get_matches, {"after", "limit"}},
      {"POST",
       "/v1/search",
       Access::with(kSearch),
       post_search,
       {},
       BodyKind::kJson,
       kSearchBytesMax},
      {"GET", "/livez", Access::anyone(), get_livez},
      {"GET", "/readyz", Access::anyone(), get_readyz, {"verbose"}},
      {"GET", "/version", Access::any_principal(), get_version},
      {"GET", "/openapi.json", Access::any_principal(), get_openapi},
  };
  for (auto* const more : {list_routes,
                           custody_routes,
                           case_routes,
                           notice_routes,
                           public_routes,
                           partner_routes,
                           review_routes,
                           report_routes,
                           watch_routes,
                           session_routes,
                           people_routes}) {
    for (Route& route : more()) {
      routes.push_back(std::move(route));
    }
  }
  return routes;
}

std::vector<Route> metrics_routes() {
  // On an address of its own, which operators keep private; scrapers carry no token.
  return {{"GET", "/metrics", Access::anyone(), get_metrics}};
}

}  // namespace tutela::http
