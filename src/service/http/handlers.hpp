// Handlers: one function a route. They block (store, index), so sessions call them from a pool.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.hpp"
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

/// The id of the list that the path names by id or name.
Result<Uuid> list_of(App& app, const Request& request);

/// `limit` of the query, 1 to `max`. Error: kInvalidInput "request.bad_parameter".
Result<std::int64_t> limit_of(const Request& request, std::int64_t otherwise, std::int64_t max);

/// What this process does on its own account.
[[nodiscard]] store::Actor system_actor();

}  // namespace tutela::http
