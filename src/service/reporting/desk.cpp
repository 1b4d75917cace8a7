#include "service/reporting/desk.hpp"

#include <algorithm>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "service/reporting/incidents.hpp"

namespace tutela::reporting {

namespace json = boost::json;

namespace {

constexpr std::string_view kNothingKnown = R"({"report":{},"files":[]})";

Error no_authority(std::string_view name) {
  return {ErrorKind::kInvalidInput,
          "report.no_authority",
          name.empty() ? "no route leads to an authority; name one, or set reporting.routes"
                       : "no authority of the configuration has this name"};
}

Error corrupt() {
  return {ErrorKind::kCorrupted, "store.corrupt", "a document of a report cannot be read"};
}

constexpr std::int64_t kVersionsLookedAt = 50;

bool is_open(const reports::Report& of) noexcept {
  return of.state == reports::State::kDraft || of.state == reports::State::kAsked;
}

/// What is of no case, or corrects, is as people wrote it.
bool has_facts(const reports::Report& of) noexcept {
  return of.case_id && of.kind != reports::Kind::kCorrection;
}

/// What a correction says: what was reported and why that was wrong, and no file again.
Result<std::string> correction_body(std::string_view body,
                                    const std::string& authority_id,
                                    std::string_view reason) {
  boost::system::error_code failed;
  json::value document = json::parse(body, failed);
  if (failed || !document.is_object() || !document.as_object().contains("report") ||
      !document.at("report").is_object()) {
    return corrupt();
  }
  json::object& report = document.at("report").as_object();
  if (json::object* const summary =
          report.contains("incidentSummary") ? report["incidentSummary"].if_object() : nullptr) {
    summary->erase("escalateToHighPriority");
  }
  report["additionalInfo"] =
      "This corrects report " + authority_id + ", which was wrong: " + std::string(reason);
  document.as_object()["files"] = json::array();
  return json::serialize(document);
}

}  // namespace

Result<std::vector<cybertip::Origin>> origins_of(std::string_view provenance) {
  boost::system::error_code failed;
  const json::value entries = json::parse(provenance, failed);
  if (failed || !entries.is_array()) {
    return corrupt();
  }
  std::vector<cybertip::Origin> origins;
  for (const json::value& entry : entries.get_array()) {
    const json::object* const fields = entry.if_object();
    const auto text = [&](std::string_view name) {
      const json::value* const value = fields == nullptr ? nullptr : fields->if_contains(name);
      const json::string* const found = value == nullptr ? nullptr : value->if_string();
      return found == nullptr ? std::string() : std::string(found->data(), found->size());
    };
    origins.push_back({text("path"), text("source"), text("detail")});
  }
  return origins;
}

Desk::Desk(store::Database& database,
           opening::Opening& opening,
           reports::Reports& reports,
           const Clock& clock,
           Provider provider,
           std::vector<reports::Authority> authorities,
           std::vector<reports::Route> routes)
    : database_(database),
      opening_(opening),
      reports_(reports),
      clock_(clock),
      provider_(std::move(provider)),
      authorities_(std::move(authorities)),
      routes_(std::move(routes)) {}

reports::Authority Desk::correction_authority(const reports::Report& of) const {
  const std::string name = of.authority + "_corrections";
  const auto found = std::ranges::find(authorities_, name, &reports::Authority::name);
  if (found != authorities_.end()) {
    return *found;
  }
  reports::Authority by_hand;
  by_hand.name = name;
  by_hand.environment = of.environment;
  by_hand.jurisdiction = of.jurisdiction;
  return by_hand;
}

Result<reports::Authority> Desk::authority(std::string_view name) const {
  const auto found = std::ranges::find(authorities_, name, &reports::Authority::name);
  if (found == authorities_.end()) {
    return no_authority(name);
  }
  return *found;
}

std::vector<std::string> Desk::route(std::optional<std::string> account_country,
                                     std::string_view incident,
                                     bool urgent) const {
  return reports::route(routes_,
                        {provider_.service_country,
                         provider_.server_country,
                         std::move(account_country),
                         std::string(word_of_incident(incident)),
                         urgent});
}

Result<reports::Report> Desk::draft_case(const store::Actor& actor,
                                         const Uuid& case_id,
                                         std::string_view authority_name) {
  std::string name(authority_name);
  if (name.empty()) {
    const auto names = route({}, kMaterial, false);
    name = names.empty() ? std::string() : names.front();
  }
  TUTELA_TRY_ASSIGN(const reports::Authority to, authority(name));
  TUTELA_TRY_ASSIGN(Gathered facts,
                    gather(database_, opening_, reports_, provider_, to, actor.tenant_id, case_id));
  reports::NewDraft draft;
  draft.case_id = case_id;
  draft.account = std::move(facts.account);
  draft.authority = to;
  draft.urgent = facts.urgent;
  draft.minor = facts.minor;
  draft.due_ms = facts.due_ms;
  draft.body = std::move(facts.body);
  draft.provenance = std::move(facts.provenance);
  draft.files = std::move(facts.files);
  return reports_.draft(actor, draft);
}

Result<reports::Report> Desk::draft_text(const store::Actor& actor, const TextDraft& what) {
  std::string name = what.authority;
  if (name.empty()) {
    const auto names = route({}, what.incident_type, what.urgent);
    name = names.empty() ? std::string() : names.front();
  }
  TUTELA_TRY_ASSIGN(const reports::Authority to, authority(name));
  TUTELA_TRY_ASSIGN(Gathered facts,
                    blank(database_,
                          reports_,
                          provider_,
                          to,
                          actor.tenant_id,
                          what.account,
                          what.incident_type,
                          what.incident_ms));
  reports::NewDraft draft;
  draft.account = what.account;
  draft.authority = to;
  draft.urgent = what.urgent;
  draft.body = std::move(facts.body);
  draft.provenance = std::move(facts.provenance);
  return reports_.draft(actor, draft);
}

Result<reports::Report> Desk::correct(const store::Actor& actor,
                                      const Uuid& id,
                                      std::string_view reason) {
  TUTELA_TRY_ASSIGN(const reports::Report of, reports_.find(actor.tenant_id, id));
  if (of.state != reports::State::kFinished) {
    return Error{ErrorKind::kConflict,
                 "report.not_finished",
                 "only what an authority has can be corrected; withdraw this one instead"};
  }
  TUTELA_TRY_ASSIGN(const reports::Document last,
                    reports_.document(actor.tenant_id, id, of.document));
  reports::NewDraft draft;
  draft.case_id = of.case_id;
  draft.account = of.account;
  draft.authority = correction_authority(of);
  draft.kind = reports::Kind::kCorrection;
  draft.corrects = id;
  draft.minor = of.minor;
  TUTELA_TRY_ASSIGN(draft.body, correction_body(last.body, of.authority_id, reason));
  draft.provenance = last.provenance;
  return reports_.draft(actor, draft);
}

Result<Gathered> Desk::facts_of(const reports::Report& of) {
  if (!has_facts(of)) {
    Gathered none;
    none.body = kNothingKnown;
    none.provenance = "[]";
    return none;
  }
  TUTELA_TRY_ASSIGN(const reports::Authority to, authority(of.authority));
  return gather(database_, opening_, reports_, provider_, to, of.tenant_id, *of.case_id);
}

Result<Merged> Desk::merged(const reports::Report& of,
                            std::string_view body,
                            std::string_view principal_id,
                            Gathered& facts) {
  TUTELA_TRY_ASSIGN(facts, facts_of(of));
  return merge(facts, body, principal_id);
}

Result<Merged> Desk::current(const reports::Report& of,
                             const reports::Document& last,
                             std::string_view principal_id,
                             Gathered& facts) {
  if (!has_facts(of)) {
    return merged(of, last.body, principal_id, facts);
  }
  TUTELA_TRY_ASSIGN(facts, facts_of(of));
  std::vector<std::string> earlier;
  for (std::int64_t number = std::max<std::int64_t>(1, last.number - kVersionsLookedAt);
       number <= last.number;
       ++number) {
    TUTELA_TRY_ASSIGN(reports::Document each, reports_.document(of.tenant_id, of.id, number));
    earlier.push_back(std::move(each.body));
  }
  TUTELA_TRY_ASSIGN(const std::string body,
                    follow_service(facts, {last.body, last.provenance}, earlier));
  return merge(facts, body, principal_id);
}

Result<Shown> Desk::show(const std::string& tenant_id, const Uuid& id, std::int64_t number) {
  Shown shown;
  TUTELA_TRY_ASSIGN(shown.of, reports_.find(tenant_id, id));
  TUTELA_TRY_ASSIGN(shown.document,
                    reports_.document(tenant_id, id, number == 0 ? shown.of.document : number));
  TUTELA_TRY_ASSIGN(shown.origins, origins_of(shown.document.provenance));
  shown.problems = cybertip::check(shown.document.body, clock_.now_ms()).problems;
  if (is_open(shown.of) && shown.document.number == shown.of.document && shown.of.case_id) {
    Gathered facts;
    TUTELA_TRY_ASSIGN(const Merged now,
                      current(shown.of, shown.document, shown.document.by, facts));
    TUTELA_TRY_ASSIGN(shown.facts_changed, cybertip::changes(shown.document.body, now.body));
    shown.left_out = std::move(facts.problems);
  }
  return shown;
}

Result<reports::Report> Desk::write(const store::Actor& actor,
                                    const Uuid& id,
                                    const reports::Command& command,
                                    std::string_view body) {
  TUTELA_TRY_ASSIGN(const reports::Report of, reports_.find(actor.tenant_id, id));
  Gathered facts;
  TUTELA_TRY_ASSIGN(const Merged now, merged(of, body, actor.principal_id, facts));
  return reports_.write(actor, id, command, now.body, now.provenance, facts.files);
}

Result<reports::Report> Desk::refresh(const store::Actor& actor,
                                      const Uuid& id,
                                      const reports::Command& command) {
  TUTELA_TRY_ASSIGN(const reports::Report of, reports_.find(actor.tenant_id, id));
  TUTELA_TRY_ASSIGN(const reports::Document last,
                    reports_.document(actor.tenant_id, id, of.document));
  Gathered facts;
  TUTELA_TRY_ASSIGN(const Merged now, current(of, last, actor.principal_id, facts));
  return reports_.write(actor, id, command, now.body, now.provenance, facts.files);
}

Result<reports::Report> Desk::release(const reports::Person& person,
                                      const Uuid& id,
                                      const reports::Command& command,
                                      std::int64_t number) {
  TUTELA_TRY_ASSIGN(const Shown shown, show(person.actor.tenant_id, id, number));
  if (!shown.facts_changed.empty()) {
    return Error{ErrorKind::kConflict,
                 "report.facts_changed",
                 "what is known changed since this document was written (" +
                     shown.facts_changed.front().path + "); gather the facts anew and read it"};
  }
  if (!shown.problems.empty()) {
    return Error{ErrorKind::kConflict,
                 "report.incomplete",
                 std::to_string(shown.problems.size()) +
                     " things are missing or wrong; the first: " + shown.problems.front().message};
  }
  return reports_.release(person, id, command, number);
}

}  // namespace tutela::reporting
