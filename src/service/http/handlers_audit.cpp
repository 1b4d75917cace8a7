// The audit log, for those who check: entries, proofs, and the signed tree as it lies in its
// folder.
#include <charconv>
#include <string>
#include <utility>

#include <boost/json/array.hpp>

#include "base/file.hpp"
#include "custody/audit/note.hpp"
#include "custody/audit/rows.hpp"
#include "custody/audit/search.hpp"
#include "service/http/custody.hpp"
#include "service/http/handlers.hpp"
#include "service/http/json.hpp"
#include "service/http/problem.hpp"
#include "service/http/review_json.hpp"

namespace tutela::http {

namespace json = boost::json;

namespace {

constexpr std::int64_t kLimitDefault = 100;
constexpr std::int64_t kLimitMax = 1000;

json::object entry_json(const audit::LoggedEntry& logged, Names& names) {
  json::object entry = {{"index", logged.index},
          {"at", to_rfc3339(logged.at_ms)},
          {"who", logged.actor.principal_id},
          {"role", logged.actor.role},
          {"action", logged.entry.action},
          {"object", logged.entry.object},
          {"purpose", logged.entry.purpose},
          {"result", logged.entry.result}};
  if (const auto name = names.find(logged.actor.principal_id)) {
    entry["name"] = *name;
  }
  return entry;
}

Result<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || failed != std::errc() || end != text.data() + text.size()) {
    return Error{
        ErrorKind::kInvalidInput, "request.bad_parameter", "an index is a number from 0 on"};
  }
  return number;
}

Result<std::optional<UtcMs>> time_of(const Request& request, std::string_view name) {
  const auto text = request.query_value(name);
  if (!text) {
    return std::optional<UtcMs>();
  }
  TUTELA_TRY_ASSIGN(const UtcMs time_ms, parse_time(*text));
  return std::optional<UtcMs>(time_ms);
}

Result<json::object> entries_page(App& app, const Request& request) {
  const auto text = [&](std::string_view name) {
    return std::string(request.query_value(name).value_or(""));
  };
  TUTELA_TRY_ASSIGN(const std::int64_t limit, limit_of(request, kLimitDefault, kLimitMax));
  audit::Filter filter;
  TUTELA_TRY_ASSIGN(filter.since_ms, time_of(request, "since"));
  TUTELA_TRY_ASSIGN(filter.until_ms, time_of(request, "until"));
  filter.tenant = request.principal->actor.tenant_id;
  filter.principal = text("who");
  filter.action = text("action");
  filter.object = text("object");
  filter.result = text("result");
  audit::Page page;
  page.limit = static_cast<std::uint32_t>(limit);
  if (const auto after = request.query_value("after")) {
    TUTELA_TRY_ASSIGN(page.after, number_of(*after));
  }
  TUTELA_TRY_ASSIGN(
      const auto found,
      audit::search(
          app.custody.database, request.principal->actor, app.clock.now_ms(), filter, page));
  Names names(app, request);
  json::array items;
  for (const audit::LoggedEntry& logged : found) {
    items.push_back(entry_json(logged, names));
  }
  json::object body = {{"items", std::move(items)}};
  if (static_cast<std::int64_t>(found.size()) == limit) {
    body["next"] = found.back().index;
  }
  return body;
}

/// A proof carries its entry, so it is only given to the entry's tenant.
Status check_tenant(App& app, const Request& request, std::uint64_t index) {
  bool own = false;
  if (index < std::uint64_t{INT64_MAX}) {
    TUTELA_TRY(app.custody.database.read([&](store::Transaction& transaction) {
      return audit::read_entries(
          transaction, index, 1, [&](const audit::LoggedEntry& logged) -> Status {
            own = logged.actor.tenant_id == request.principal->actor.tenant_id;
            return ok();
          });
    }));
  }
  if (!own) {
    return Error{ErrorKind::kNotFound, "audit.no_entry", "there is no entry with this index"};
  }
  return ok();
}

Result<std::string> proof_of(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const std::uint64_t index, number_of(request.parameter("index")));
  TUTELA_TRY(check_tenant(app, request, index));
  TUTELA_TRY_ASSIGN(audit::Log log, audit::Log::open(app.custody.log, app.custody.database));
  TUTELA_TRY_ASSIGN(const audit::Proof proof, log.prove(index));
  return audit::to_text(proof);
}

Result<std::string> checkpoint_of(App& app) {
  TUTELA_TRY_ASSIGN(const audit::Log log, audit::Log::open(app.custody.log, app.custody.database));
  return log.note();
}

Response text_response(const Result<std::string>& text, const Request& request) {
  if (!text) {
    return problem(text.error(), request.id);
  }
  Response response;
  response.content_type = "text/plain; charset=utf-8";
  response.body = *text;
  return response;
}

}  // namespace

Response get_audit_entries(App& app, const Request& request) {
  const auto page = entries_page(app, request);
  return page ? json_response(200, *page) : problem(page.error(), request.id);
}

Response get_audit_proof(App& app, const Request& request) {
  return text_response(proof_of(app, request), request);
}

Response get_audit_checkpoint(App& app, const Request& request) {
  return text_response(checkpoint_of(app), request);
}

}  // namespace tutela::http
