// Evidence: what is preserved, who looked at it, and the ways to its bytes. The bytes come from the
// vault process, which looks up by itself who asks and enters the access before the first of them.
#include <algorithm>
#include <string>
#include <utility>

#include <boost/json/array.hpp>

#include "custody/vault/rows.hpp"
#include "service/auth/people.hpp"
#include "service/http/custody.hpp"
#include "service/http/handlers.hpp"
#include "service/http/json.hpp"
#include "service/http/problem.hpp"
#include "service/vault_process/keeper.hpp"

namespace tutela::http {

namespace json = boost::json;
using vault_client::Message;

namespace {

constexpr std::int64_t kLimitDefault = 100;
constexpr std::int64_t kLimitMax = 1000;
constexpr std::size_t kWordBytesMax = 64;
constexpr std::size_t kReasonBytesMax = 4000;

json::object evidence_json(const vault::Evidence& evidence) {
  json::object body = {{"id", to_string(evidence.id)},
                       {"case", evidence.case_ref},
                       {"media_type", evidence.media_type},
                       {"size_bytes", evidence.size_bytes},
                       {"state", vault::to_string(evidence.state)},
                       {"sealed_at", to_rfc3339(evidence.sealed_ms)}};
  if (evidence.content_id) {
    body["content_id"] = to_string(*evidence.content_id);
  }
  return body;
}

json::object basis_json(const preservation::Basis& basis) {
  return {{"id", basis.id},
          {"kind", preservation::to_string(basis.kind)},
          {"reference", basis.reference},
          {"set_by", basis.set_by},
          {"start", to_rfc3339(basis.start_ms)},
          {"end", to_rfc3339(basis.end_ms)}};
}

json::object view_json(const opening::View& view) {
  return {{"person", view.principal_id},
          {"purpose", opening::to_string(view.purpose)},
          {"grade", view.grade},
          {"at", to_rfc3339(view.at_ms)}};
}

Result<bool> is_assigned(App& app, const auth::Principal& principal, const std::string& case_ref) {
  if (!principal.session) {
    return false;
  }
  TUTELA_TRY_ASSIGN(
      const std::vector<std::string> cases,
      auth::assigned(app.custody.database, principal.actor, principal.session->person_id));
  return std::ranges::find(cases, case_ref) != cases.end();
}

Result<json::object> evidence_page(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const std::int64_t limit, limit_of(request, kLimitDefault, kLimitMax));
  std::optional<Uuid> after;
  if (const auto text = request.query_value("after")) {
    TUTELA_TRY_ASSIGN(after, parse_uuid(*text));
  }
  const store::Actor& actor = request.principal->actor;
  const std::string case_ref(request.query_value("case").value_or(""));
  if (request.principal->assigned_only) {
    TUTELA_TRY_ASSIGN(const bool assigned, is_assigned(app, *request.principal, case_ref));
    if (!assigned) {
      return Error{ErrorKind::kInvalidInput,
                   "evidence.case_needed",
                   "name one of the cases that are assigned to you: ?case=..."};
    }
  }
  std::vector<vault::Evidence> found;
  TUTELA_TRY(app.custody.database.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(
        found,
        vault::list_rows(
            transaction, actor.tenant_id, case_ref, after, static_cast<std::size_t>(limit)));
    return ok();
  }));
  json::array items;
  for (const vault::Evidence& evidence : found) {
    items.push_back(evidence_json(evidence));
  }
  json::object body = {{"items", std::move(items)}};
  if (static_cast<std::int64_t>(found.size()) == limit) {
    body["next"] = to_string(found.back().id);
  }
  return body;
}

Result<json::object> one_evidence(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const vault::Evidence evidence, evidence_of(app, request));
  json::object body = evidence_json(evidence);
  TUTELA_TRY_ASSIGN(
      const preservation::ObjectStatus status,
      app.custody.preservation->status(request.principal->actor.tenant_id, evidence.id));
  json::array bases;
  for (const preservation::Basis& basis : status.bases) {
    bases.push_back(basis_json(basis));
  }
  body["bases"] = std::move(bases);
  if (status.item.due_ms) {
    body["due"] = to_rfc3339(*status.item.due_ms);
  }
  std::int64_t active = 0;
  for (const preservation::Hold& hold : status.holds) {
    active += hold.released_ms ? 0 : 1;
  }
  body["holds"] = active;
  TUTELA_TRY_ASSIGN(const auto views,
                    app.custody.opening.views(request.principal->actor.tenant_id, evidence.id));
  json::array seen;
  for (const opening::View& view : views) {
    seen.push_back(view_json(view));
  }
  body["views"] = std::move(seen);
  if (!status.certificate.empty()) {
    body["certificate"] = status.certificate;
  }
  return body;
}

/// An answer whose bytes follow from the vault. Nothing of it is ever stored on the way.
Response stream_response(vault_client::Stream stream) {
  Response response;
  const Message about = stream.about();
  // A picture of ours is shown; an original is only ever a file, whatever it says that it is.
  const bool is_view = about.has("width");
  response.content_type = is_view ? "image/png" : "application/octet-stream";
  response.headers = {{"Cache-Control", "no-store"},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Content-Security-Policy", "sandbox; default-src 'none'"}};
  for (const std::string_view name : {"width", "height", "frames_total", "damaged"}) {
    if (about.has(name)) {
      response.headers.emplace_back("Tutela-View-" + std::string(name), about.get(name));
    }
  }
  if (!is_view) {
    response.headers.emplace_back("Content-Disposition", "attachment");
  }
  auto shared = std::make_shared<vault_client::Stream>(std::move(stream));
  response.more = [shared]() -> Result<std::optional<std::string>> {
    TUTELA_TRY_ASSIGN(const std::optional<Bytes> bytes, shared->next());
    if (!bytes) {
      return std::optional<std::string>();
    }
    return std::optional<std::string>(as_text(*bytes));
  };
  return response;
}

/// A call of the vault process about the object that the path names.
Result<Message> call_about(App& app, const Request& request, std::string_view call) {
  TUTELA_TRY_ASSIGN(const vault::Evidence evidence, evidence_of(app, request));
  Message message(call);
  message.set("credential", request.credential).set("evidence_id", to_string(evidence.id));
  return message;
}

Result<Message> view_call(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::string case_ref = reader.text("case", kWordBytesMax);
  const std::string purpose = reader.text("purpose", kWordBytesMax);
  const std::string grade = reader.text("grade", kWordBytesMax);
  const auto frame = reader.optional_integer_or("frame", 0, opening::kFramesMax, "sheet");
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(Message call, call_about(app, request, "view"));
  call.set("case_ref", case_ref).set("purpose", purpose).set("grade", grade);
  call.set("frame", frame.value_or("0"));
  return call;
}

Result<Message> original_call(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::string id = reader.text("request_id", kWordBytesMax);
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(Message call, call_about(app, request, "original"));
  call.set("request_id", id);
  return call;
}

Result<Message> break_glass_call(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::string case_ref = reader.text("case", kWordBytesMax);
  const std::string reason = reader.text("reason", kReasonBytesMax);
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(Message call, call_about(app, request, "break_glass"));
  call.set("case_ref", case_ref).set("reason", reason);
  return call;
}

Result<json::object> allow_viewer(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::string reason = reader.text("reason", kReasonBytesMax);
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(const vault::Evidence evidence, evidence_of(app, request));
  TUTELA_TRY(app.custody.opening.allow_viewer(
      vault_process::requester_of(*request.principal), evidence.id, reason));
  return json::object{{"id", to_string(evidence.id)}};
}

Result<json::object> open_glasses(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const std::int64_t limit, limit_of(request, kLimitDefault, kLimitMax));
  TUTELA_TRY_ASSIGN(const auto open,
                    app.custody.opening.open_break_glasses(request.principal->actor.tenant_id,
                                                           static_cast<std::size_t>(limit)));
  json::array items;
  for (const opening::BreakGlass& glass : open) {
    items.push_back(json::object{{"id", to_string(glass.id)},
                                 {"evidence_id", to_string(glass.evidence_id)},
                                 {"case", glass.case_ref},
                                 {"person", glass.principal_id},
                                 {"reason", glass.reason},
                                 {"at", to_rfc3339(glass.at_ms)}});
  }
  return json::object{{"items", std::move(items)}};
}

Result<json::object> close_glass(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(request.parameter("id")));
  TUTELA_TRY(
      app.custody.opening.close_break_glass(vault_process::requester_of(*request.principal), id));
  return json::object{{"id", to_string(id)}};
}

Response answer(const Result<json::object>& body, const Request& request) {
  return body ? json_response(200, *body) : problem(body.error(), request.id);
}

}  // namespace

Result<vault::Evidence> evidence_of(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(request.parameter("id")));
  const store::Actor& actor = request.principal->actor;
  TUTELA_TRY_ASSIGN(vault::Evidence evidence, app.custody.evidence(actor.tenant_id, id));
  TUTELA_TRY_ASSIGN(
      evidence.case_ref,
      app.custody.opening.known_case(vault_process::requester_of(*request.principal), id));
  return evidence;
}

Response open_bytes(App& app, const Request& request, const Result<Message>& call) {
  if (!call) {
    return problem(call.error(), request.id);
  }
  auto stream = app.custody.vault.open(*call);
  return stream ? stream_response(*std::move(stream)) : problem(stream.error(), request.id);
}

Response get_evidence(App& app, const Request& request) {
  return answer(evidence_page(app, request), request);
}

Response get_one_evidence(App& app, const Request& request) {
  return answer(one_evidence(app, request), request);
}

Response post_view(App& app, const Request& request) {
  return open_bytes(app, request, view_call(app, request));
}

Response post_original(App& app, const Request& request) {
  return open_bytes(app, request, original_call(app, request));
}

Response post_break_glass(App& app, const Request& request) {
  return open_bytes(app, request, break_glass_call(app, request));
}

Response post_viewer(App& app, const Request& request) {
  return answer(allow_viewer(app, request), request);
}

Response get_break_glasses(App& app, const Request& request) {
  return answer(open_glasses(app, request), request);
}

Response post_break_glass_close(App& app, const Request& request) {
  return answer(close_glass(app, request), request);
}

}  // namespace tutela::http
