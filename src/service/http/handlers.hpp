// Handlers: one function a route. They block (store, index), so sessions call them from a pool.
#pragma once

#include <cstdint>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/result.hpp"
#include "casework/cases/model.hpp"
#include "custody/vault/vault.hpp"
#include "service/http/app.hpp"
#include "service/http/request.hpp"

namespace tutela::http {

Response get_livez(App& app, const Request& request);
Response get_readyz(App& app, const Request& request);
Response get_version(App& app, const Request& request);
Response get_openapi(App& app, const Request& request);
Response get_metrics(App& app, const Request& request);

Response get_content(App& app, const Request& request);
Response get_matches(App& app, const Request& request);
Response post_search(App& app, const Request& request);

Response get_receipt(App& app, const Request& request);
Response get_receipt_keys(App& app, const Request& request);

Response get_intake_challenge(App& app, const Request& request);
Response get_intake_promises(App& app, const Request& request);
Response post_intake_follow(App& app, const Request& request);
Response post_intake_add(App& app, const Request& request);
Response post_intake_withdraw(App& app, const Request& request);
Response get_help(App& app, const Request& request);

Response get_list_stats(App& app, const Request& request);
Response get_lists(App& app, const Request& request);
Response post_list(App& app, const Request& request);
Response get_list(App& app, const Request& request);
Response patch_list(App& app, const Request& request);
Response delete_list(App& app, const Request& request);
Response post_dry_run(App& app, const Request& request);
Response post_activate(App& app, const Request& request);
Response post_deactivate(App& app, const Request& request);

Response get_signals(App& app, const Request& request);
Response post_signals(App& app, const Request& request);
Response delete_signals(App& app, const Request& request);
Response post_import(App& app, const Request& request);
Response get_export(App& app, const Request& request);

Response get_rescans(App& app, const Request& request);
Response get_rescan(App& app, const Request& request);
Response get_findings(App& app, const Request& request);
Response post_rescan(App& app, const Request& request);
Response get_group(App& app, const Request& request);

Response get_evidence(App& app, const Request& request);
Response get_one_evidence(App& app, const Request& request);
Response post_view(App& app, const Request& request);
Response post_original(App& app, const Request& request);
Response post_break_glass(App& app, const Request& request);
Response post_viewer(App& app, const Request& request);
Response get_break_glasses(App& app, const Request& request);
Response post_break_glass_close(App& app, const Request& request);

Response post_view_link(App& app, const Request& request);
Response get_view(App& app, const Request& request);
Response get_viewed(App& app, const Request& request);
Response get_view_costs(App& app, const Request& request);

Response get_cases(App& app, const Request& request);
Response get_queues(App& app, const Request& request);
Response post_next(App& app, const Request& request);
Response get_case(App& app, const Request& request);
Response get_case_events(App& app, const Request& request);
Response post_lock(App& app, const Request& request);
Response delete_lock(App& app, const Request& request);
Response post_note(App& app, const Request& request);
Response post_link(App& app, const Request& request);
Response post_marks(App& app, const Request& request);
Response post_attestation(App& app, const Request& request);
Response get_draft(App& app, const Request& request);
Response put_draft(App& app, const Request& request);

Response post_plan(App& app, const Request& request);
Response post_decision(App& app, const Request& request);
Response delete_decision(App& app, const Request& request);
Response post_decisions(App& app, const Request& request);
Response post_sample(App& app, const Request& request);
Response get_quality(App& app, const Request& request);
Response get_review_stats(App& app, const Request& request);

Response get_appeals(App& app, const Request& request);
Response post_appeal(App& app, const Request& request);
Response post_appeal_state(App& app, const Request& request);
Response get_appeal(App& app, const Request& request);
Response post_appeal_decision(App& app, const Request& request);
Response post_content_appeal(App& app, const Request& request);

Response get_actions(App& app, const Request& request);
Response get_deliveries(App& app, const Request& request);
Response post_replay(App& app, const Request& request);

Response get_reports(App& app, const Request& request);
Response get_report_form(App& app, const Request& request);
Response get_report_summary(App& app, const Request& request);
Response get_report_register(App& app, const Request& request);
Response get_report(App& app, const Request& request);
Response get_report_document(App& app, const Request& request);
Response get_report_changes(App& app, const Request& request);
Response get_report_page(App& app, const Request& request);
Response get_report_xml(App& app, const Request& request);
Response get_report_receipt(App& app, const Request& request);
Response post_report(App& app, const Request& request);
Response put_report_document(App& app, const Request& request);
Response post_report_facts(App& app, const Request& request);
Response post_report_release(App& app, const Request& request);
Response post_report_withdraw(App& app, const Request& request);
Response post_report_retry(App& app, const Request& request);
Response post_report_filed(App& app, const Request& request);
Response post_report_correction(App& app, const Request& request);
Response post_report_note(App& app, const Request& request);
Response post_report_attestation(App& app, const Request& request);
Response put_account_facts(App& app, const Request& request);
Response post_routes_try(App& app, const Request& request);

Response post_notice(App& app, const Request& request);
Response post_notice_paste(App& app, const Request& request);
Response get_notices(App& app, const Request& request);
Response get_notice_queues(App& app, const Request& request);
Response get_notice(App& app, const Request& request);
Response get_case_notices(App& app, const Request& request);
Response post_notice_take(App& app, const Request& request);
Response post_notice_question(App& app, const Request& request);
Response post_notice_answer(App& app, const Request& request);
Response post_notice_move(App& app, const Request& request);
Response post_notice_verification(App& app, const Request& request);
Response post_notice_identity(App& app, const Request& request);

Response get_partners(App& app, const Request& request);
Response post_partner(App& app, const Request& request);
Response put_partner(App& app, const Request& request);
Response post_partner_confirm(App& app, const Request& request);
Response delete_partner(App& app, const Request& request);
Response get_duty(App& app, const Request& request);
Response put_duty(App& app, const Request& request);
Response post_absence(App& app, const Request& request);
Response post_shift(App& app, const Request& request);
Response delete_absence(App& app, const Request& request);
Response delete_shift(App& app, const Request& request);
Response get_staffing(App& app, const Request& request);

Response get_exposure(App& app, const Request& request);
Response post_rest(App& app, const Request& request);
Response put_choices(App& app, const Request& request);
Response get_team(App& app, const Request& request);
Response get_limits(App& app, const Request& request);
Response put_limit(App& app, const Request& request);
Response get_support(App& app, const Request& request);
Response post_concern(App& app, const Request& request);

Response get_overview(App& app, const Request& request);
Response get_settings(App& app, const Request& request);

Response get_coverage(App& app, const Request& request);
Response get_coverage_hours(App& app, const Request& request);
Response get_coverage_bands(App& app, const Request& request);
Response get_alarms(App& app, const Request& request);

Response post_original_request(App& app, const Request& request);
Response post_disposal_request(App& app, const Request& request);
Response get_requests(App& app, const Request& request);
Response get_request(App& app, const Request& request);
Response post_approve(App& app, const Request& request);
Response post_refuse(App& app, const Request& request);
Response post_disposal(App& app, const Request& request);
Response post_disclosure(App& app, const Request& request);
Response get_disclosures(App& app, const Request& request);
Response get_disclosure(App& app, const Request& request);
Response post_package(App& app, const Request& request);

Response post_basis(App& app, const Request& request);
Response post_extension(App& app, const Request& request);
Response get_holds(App& app, const Request& request);
Response post_hold(App& app, const Request& request);
Response post_release(App& app, const Request& request);
Response get_preserved(App& app, const Request& request);
Response post_clock(App& app, const Request& request);

Response get_audit_entries(App& app, const Request& request);
Response get_audit_proof(App& app, const Request& request);
Response get_audit_checkpoint(App& app, const Request& request);

/// Bytes that the vault process gives for a call, streamed.
Response open_bytes(App& app, const Request& request, const Result<vault_client::Message>& call);
Response post_invitation(App& app, const Request& request);
Response post_session(App& app, const Request& request);
Response post_second_factor(App& app, const Request& request);
Response post_enrolment(App& app, const Request& request);
Response post_enrolment_code(App& app, const Request& request);
Response post_step_up(App& app, const Request& request);
Response delete_session(App& app, const Request& request);
Response delete_sessions(App& app, const Request& request);
Response get_me(App& app, const Request& request);
Response post_my_password(App& app, const Request& request);
Response put_my_email(App& app, const Request& request);
Response post_my_recovery_codes(App& app, const Request& request);

Response get_sign_on(App& app, const Request& request);
Response get_sign_on_return(App& app, const Request& request);

Response get_people(App& app, const Request& request);
Response post_person(App& app, const Request& request);
Response get_person(App& app, const Request& request);
Response patch_person(App& app, const Request& request);
Response put_person_email(App& app, const Request& request);
Response post_person_disable(App& app, const Request& request);
Response post_person_reset(App& app, const Request& request);
Response get_assignees(App& app, const Request& request);
Response get_assigned_cases(App& app, const Request& request);
Response put_assignment(App& app, const Request& request);
Response delete_assignment(App& app, const Request& request);

/// How a session's secret reaches its person.
enum class Handover : std::uint8_t { kCookie, kBearer };

/// The way that the request itself carried its session.
[[nodiscard]] inline Handover handover_of(const Request& request) {
  return request.csrf.empty() ? Handover::kBearer : Handover::kCookie;
}

[[nodiscard]] Response session_response(const Request& request,
                                        const auth::OpenedSession& opened,
                                        Handover handover,
                                        boost::json::object more = {});

/// The object that the path names, where the person may know of it.
Result<vault::Evidence> evidence_of(App& app, const Request& request);
/// Whether people of ours looked at an object: "no", "partly" or "yes", as a report says it.
Result<boost::json::value> viewed_word(App& app, const Request& request, const Uuid& evidence_id);

/// Where the caller stands.
Result<boost::json::object> exposure_json(App& app, const Request& request);

[[nodiscard]] Response answer_case(App& app,
                                   const Result<cases::Case>& of,
                                   const Request& request,
                                   int status = 200);

/// The id of the list that the path names by id or name.
Result<Uuid> list_of(App& app, const Request& request);

/// `limit` of the query, 1 to `max`. Error: kInvalidInput "request.bad_parameter".
Result<std::int64_t> limit_of(const Request& request, std::int64_t otherwise, std::int64_t max);

/// What this process does on its own account.
[[nodiscard]] store::Actor system_actor();

}  // namespace tutela::http
