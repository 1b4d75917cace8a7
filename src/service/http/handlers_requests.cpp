// Requests: what one person asks for and another approves: originals, disposals, packages for law
// enforcement.
#include <string>
#include <utility>

#include <boost/json/array.hpp>

#include "service/http/custody.hpp"
#include "service/http/handlers.hpp"
#include "service/http/json.hpp"
#include "service/http/problem.hpp"

namespace tutela::http {

namespace json = boost::json;
using auth::Permission;
using dual_control::Kind;

namespace {

constexpr std::int64_t kLimitDefault = 100;
constexpr std::int64_t kLimitMax = 200;
constexpr std::size_t kWordBytesMax = 64;
constexpr std::size_t kLineBytesMax = 400;
constexpr std::size_t kReasonBytesMax = 4000;
constexpr std::size_t kKeyBytesMax = 64U << 10;
constexpr std::size_t kObjectsMax = 1000;

json::object request_json(const dual_control::Request& request) {
  json::object body = {{"id", to_string(request.id)},
                       {"kind", dual_control::to_string(request.ask.kind)},
                       {"object", request.ask.object},
                       {"case", request.ask.case_ref},
                       {"purpose", request.ask.purpose},
                       {"reason", request.ask.reason},
                       {"state", dual_control::to_string(request.state)},
                       {"asked_by", request.asked_by},
                       {"asked_at", to_rfc3339(request.created_ms)},
                       {"usable_from", to_rfc3339(request.usable_from_ms)},
                       {"expires_at", to_rfc3339(request.expires_ms)}};
  if (request.decided_by) {
    body["decided_by"] = *request.decided_by;
  }
  if (request.used_ms) {
    body["used_at"] = to_rfc3339(*request.used_ms);
  }
  return body;
}

json::object disclosure_json(const disclosure::Disclosure& disclosure) {
  json::object body = {{"id", to_string(disclosure.id)},
                       {"request_id", to_string(disclosure.request_id)},
                       {"case", disclosure.case_ref},
                       {"agency", disclosure.agency},
                       {"reference", disclosure.reference},
                       {"legal_basis", disclosure.legal_basis},
                       {"recipient", disclosure.recipient},
                       {"fingerprint", disclosure.fingerprint},
                       {"state", disclosure::to_string(disclosure.state)},
                       {"objects", disclosure.objects},
                       {"asked_by", disclosure.asked_by},
                       {"created_at", to_rfc3339(disclosure.created_ms)}};
  if (disclosure.package_bytes) {
    body["package_bytes"] = *disclosure.package_bytes;
    body["package_sha256"] = disclosure.package_sha256;
  }
  if (!disclosure.failure.empty()) {
    body["failure"] = disclosure.failure;
  }
  if (disclosure.finished_ms) {
    body["finished_at"] = to_rfc3339(*disclosure.finished_ms);
  }
  return body;
}

/// Who may decide about a request of this kind.
Permission approval_of(Kind kind) {
  switch (kind) {
    case Kind::kOpenOriginal:
      return Permission::kEvidenceApprove;
    case Kind::kExport:
      return Permission::kExportApprove;
    case Kind::kReleaseReport:  // refused here alone: approved by releasing it
      return Permission::kReportRelease;
    case Kind::kDispose:
      return Permission::kDisposalApprove;
  }
  return Permission::kDisposalApprove;
}

Result<json::object> ask_about(App& app, const Request& request, Kind kind) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::string purpose =
      kind == Kind::kDispose ? "disposal" : reader.text("purpose", kWordBytesMax);
  const std::string reason = reader.text("reason", kReasonBytesMax);
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(request.parameter("id")));
  const store::Actor& actor = request.principal->actor;
  TUTELA_TRY_ASSIGN(const vault::Evidence evidence, app.custody.evidence(actor.tenant_id, id));
  TUTELA_TRY_ASSIGN(
      const dual_control::Request asked,
      app.custody.requests.ask(
          actor, {kind, "evidence:" + to_string(evidence.id), evidence.case_ref, purpose, reason}));
  return request_json(asked);
}

Result<json::object> requests_page(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const std::int64_t limit, limit_of(request, kLimitDefault, kLimitMax));
  const bool waiting_only = request.query_value("waiting").value_or("") == "true";
  TUTELA_TRY_ASSIGN(
      const auto found,
      app.custody.requests.list(
          request.principal->actor.tenant_id, waiting_only, static_cast<std::size_t>(limit)));
  json::array items;
  for (const dual_control::Request& one : found) {
    items.push_back(request_json(one));
  }
  return json::object{{"items", std::move(items)}};
}

Result<json::object> one_request(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(request.parameter("id")));
  const std::string& tenant = request.principal->actor.tenant_id;
  TUTELA_TRY_ASSIGN(const dual_control::Request found, app.custody.requests.find(tenant, id));
  json::object body = request_json(found);
  if (found.ask.kind == Kind::kExport) {
    TUTELA_TRY_ASSIGN(const disclosure::Disclosure asked,
                      app.custody.disclosures.find_by_request(tenant, id));
    body["disclosure"] = disclosure_json(asked);
  }
  return body;
}

Result<json::object> decide(App& app, const Request& request, bool approve) {
  TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(request.parameter("id")));
  const store::Actor& actor = request.principal->actor;
  TUTELA_TRY_ASSIGN(const dual_control::Request found,
                    app.custody.requests.find(actor.tenant_id, id));
  const bool own = found.asked_by == actor.principal_id;
  if (!request.principal->permissions.has(approval_of(found.ask.kind)) && (approve || !own)) {
    return Error{ErrorKind::kForbidden,
                 "auth.missing_permission",
                 "deciding about this request needs another role"};
  }
  TUTELA_TRY_ASSIGN(
      const dual_control::Request decided,
      approve ? app.custody.requests.approve(actor, id) : app.custody.requests.refuse(actor, id));
  return request_json(decided);
}

Result<json::object> dispose(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::string request_id = reader.text("request_id", kWordBytesMax);
  const auto ground = reader.optional_text("ground", kWordBytesMax);
  const auto reference = reader.optional_text("reference", kLineBytesMax);
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(request.parameter("id")));
  preservation::Disposal disposal;
  TUTELA_TRY_ASSIGN(disposal.request_id, parse_uuid(request_id));
  TUTELA_TRY_ASSIGN(disposal.ground, preservation::parse_ground(ground.value_or("expired")));
  disposal.reference = reference.value_or("");
  TUTELA_TRY(app.custody.preservation->dispose(request.principal->actor, id, disposal));
  return json::object{{"id", to_string(id)}, {"state", "destroying"}};
}

Result<std::vector<Uuid>> ids_of(const std::optional<json::array>& texts) {
  std::vector<Uuid> ids;
  for (const json::value& text : texts.value_or(json::array())) {
    const auto* string = text.if_string();
    TUTELA_TRY_ASSIGN(
        const Uuid id,
        parse_uuid(string == nullptr ? std::string_view()
                                     : std::string_view(string->data(), string->size())));
    ids.push_back(id);
  }
  return ids;
}

Result<json::object> ask_disclosure(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  disclosure::Ask ask;
  ask.case_ref = reader.text("case", kWordBytesMax);
  ask.agency = reader.text("agency", kLineBytesMax);
  ask.reference = reader.text("reference", kLineBytesMax);
  ask.legal_basis = reader.text("legal_basis", kLineBytesMax);
  ask.reason = reader.text("reason", kReasonBytesMax);
  const std::string kind = reader.text("recipient_kind", kWordBytesMax);
  ask.recipient = reader.text("recipient", kKeyBytesMax);
  const auto objects = reader.optional_array("objects", kObjectsMax);
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(ask.recipient_kind, disclosure::parse_recipient_kind(kind));
  TUTELA_TRY_ASSIGN(ask.objects, ids_of(objects));
  TUTELA_TRY_ASSIGN(const disclosure::Disclosure asked,
                    app.custody.disclosures.ask(request.principal->actor, ask));
  return disclosure_json(asked);
}

Result<json::object> disclosures_page(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const std::int64_t limit, limit_of(request, kLimitDefault, kLimitMax));
  TUTELA_TRY_ASSIGN(const auto found,
                    app.custody.disclosures.list(request.principal->actor.tenant_id,
                                                 static_cast<std::size_t>(limit)));
  json::array items;
  for (const disclosure::Disclosure& one : found) {
    items.push_back(disclosure_json(one));
  }
  return json::object{{"items", std::move(items)}};
}

Result<disclosure::Disclosure> disclosure_of(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(request.parameter("id")));
  return app.custody.disclosures.find(request.principal->actor.tenant_id, id);
}

Response answer(const Result<json::object>& body, const Request& request, int status = 200) {
  return body ? json_response(status, *body) : problem(body.error(), request.id);
}

}  // namespace

Response post_original_request(App& app, const Request& request) {
  return answer(ask_about(app, request, Kind::kOpenOriginal), request, 201);
}

Response post_disposal_request(App& app, const Request& request) {
  return answer(ask_about(app, request, Kind::kDispose), request, 201);
}

Response get_requests(App& app, const Request& request) {
  return answer(requests_page(app, request), request);
}

Response get_request(App& app, const Request& request) {
  return answer(one_request(app, request), request);
}

Response post_approve(App& app, const Request& request) {
  return answer(decide(app, request, true), request);
}

Response post_refuse(App& app, const Request& request) {
  return answer(decide(app, request, false), request);
}

Response post_disposal(App& app, const Request& request) {
  return answer(dispose(app, request), request, 202);
}

Response post_disclosure(App& app, const Request& request) {
  return answer(ask_disclosure(app, request), request, 201);
}

Response get_disclosures(App& app, const Request& request) {
  return answer(disclosures_page(app, request), request);
}

Response get_disclosure(App& app, const Request& request) {
  const auto found = disclosure_of(app, request);
  return found ? json_response(200, disclosure_json(*found)) : problem(found.error(), request.id);
}

Response post_package(App& app, const Request& request) {
  const auto found = disclosure_of(app, request);
  if (!found) {
    return problem(found.error(), request.id);
  }
  vault_client::Message call("package");
  call.set("credential", request.credential).set("request_id", to_string(found->request_id));
  return open_bytes(app, request, call);
}

}  // namespace tutela::http
