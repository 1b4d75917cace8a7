#include "service/reporting/drafts.hpp"

#include <algorithm>
#include <utility>

#include "base/fault.hpp"
#include "casework/cases/cases.hpp"
#include "exchange/cybertip/cybertip.hpp"

namespace tutela::reporting {

namespace {

constexpr std::size_t kCasesAtOnce = 100;
constexpr std::int64_t kDraftsAtOnce = 50;
constexpr std::int64_t kReportsOfCase = 200;
constexpr std::string_view kSystem = "system";
constexpr std::string_view kOverturned = "The decision was overturned on appeal.";

/// What waits for somebody else, or was done by somebody else meanwhile.
bool is_ordinary(const Error& error) {
  return error.code == "report.no_evidence" || error.code == "case.not_closed" ||
         error.code == "report.exists" || error.code == "report.changed" ||
         error.code == "report.not_draft";
}

store::Actor system_of(const std::string& tenant_id) {
  return {tenant_id, std::string(kSystem), "system"};
}

}  // namespace

Drafter::Drafter(store::Database& database,
                 opening::Opening& opening,
                 reports::Reports& reports,
                 Desk& desk,
                 const Clock& clock,
                 Provider provider,
                 DraftRules rules,
                 TellDraft tell)
    : database_(database),
      opening_(opening),
      reports_(reports),
      desk_(desk),
      clock_(clock),
      provider_(std::move(provider)),
      rules_(std::move(rules)),
      tell_(std::move(tell)) {}

Result<std::vector<reports::Report>> Drafter::reports_of(const Uuid& case_id) {
  reports::Filter filter;
  filter.case_id = case_id;
  filter.limit = kReportsOfCase;
  TUTELA_TRY_ASSIGN(reports::Page page, reports_.list(rules_.tenant_id, filter));
  return std::move(page.reports);
}

/// Where a report of this case goes.
Result<std::vector<std::string>> Drafter::names_for(const Uuid& case_id) {
  TUTELA_TRY_ASSIGN(const Gathered facts,
                    gather(database_,
                           opening_,
                           reports_,
                           provider_,
                           desk_.authorities().front(),
                           rules_.tenant_id,
                           case_id));
  return desk_.route(facts.account_country, facts.incident, facts.urgent);
}

Status Drafter::draft_to(const Uuid& case_id, const std::string& name, Drafted& done) {
  const auto drafted = desk_.draft_case(system_of(rules_.tenant_id), case_id, name);
  if (!drafted) {
    return drafted.error();
  }
  TUTELA_FAULT_POINT("reporting.after_draft");
  ++done.drafts;
  tell_("drafted", drafted->id, name);
  return ask_service(*drafted);
}

/// To every authority that has neither a draft of it nor a report, nor was there one that a person
/// withdrew.
Status Drafter::draft_case(const Uuid& case_id, Drafted& done) {
  TUTELA_TRY_ASSIGN(const std::vector<std::string> names, names_for(case_id));
  TUTELA_TRY_ASSIGN(const std::vector<reports::Report> present, reports_of(case_id));
  if (names.empty()) {
    ++done.nowhere;
    tell_("no_route", case_id, "");
  }
  for (const std::string& name : names) {
    TUTELA_TRY_ASSIGN(const reports::Authority authority, desk_.authority(name));
    const bool known = std::ranges::any_of(present, [&](const reports::Report& report) {
      return report.authority == name && report.environment == authority.environment &&
             report.kind == reports::Kind::kReport;
    });
    if (!known) {
      TUTELA_TRY(draft_to(case_id, name, done));
    }
  }
  return ok();
}

Status Drafter::correct_case(const Uuid& case_id, Drafted& done) {
  TUTELA_TRY_ASSIGN(const std::vector<reports::Report> present, reports_of(case_id));
  for (const reports::Report& report : present) {
    const bool corrected = std::ranges::any_of(present, [&](const reports::Report& other) {
      return other.kind == reports::Kind::kCorrection && other.corrects == report.id;
    });
    if (report.kind == reports::Kind::kCorrection || corrected ||
        !reports::counts_as_filed(report)) {
      continue;
    }
    const auto drafted = desk_.correct(system_of(rules_.tenant_id), report.id, kOverturned);
    if (!drafted) {
      return drafted.error();
    }
    TUTELA_FAULT_POINT("reporting.after_correction_draft");
    ++done.corrections;
    tell_("drafted", drafted->id, drafted->authority);
  }
  return ok();
}

/// The service may know who is behind the account, and from where.
Status Drafter::ask_service(const reports::Report& draft) {
  if (!draft.account || !draft.case_id) {
    return ok();
  }
  return database_.write([&](store::Transaction& transaction) {
    return cases::ask_for_facts(transaction,
                                system_of(rules_.tenant_id),
                                clock_.now_ms(),
                                *draft.case_id,
                                *draft.account,
                                draft.id);
  });
}

/// safeguards.md 2: only what the operator switched on, for lists that two people trust so far, and
/// never where policy asks for a second person.
Status Drafter::release(const reports::Report& draft, const Gathered& facts, Drafted& done) {
  if (!rules_.automatic || rules_.second_person || !facts.automatic_allowed || draft.minor) {
    return ok();
  }
  const UtcMs now_ms = clock_.now_ms();
  if (draft.account && !draft.urgent && now_ms < draft.created_ms + rules_.facts_wait_ms) {
    TUTELA_TRY_ASSIGN(const std::optional<std::string> said,
                      reports_.account_facts(rules_.tenant_id, *draft.account));
    if (!said) {
      return ok();
    }
  }
  if (!cybertip::check(facts.body, now_ms).checked) {
    return ok();  // a person makes it whole
  }
  const auto released = reports_.release_automatically(draft.id, draft.document);
  if (!released) {
    return released.error();
  }
  ++done.released;
  tell_("released", draft.id, draft.authority);
  return ok();
}

/// A draft that nobody has touched.
Status Drafter::look_after(const reports::Report& draft, Drafted& done) {
  TUTELA_TRY(ask_service(draft));
  TUTELA_TRY(draft_case(*draft.case_id, done));  // other authorities, where a process died between
  TUTELA_TRY_ASSIGN(const reports::Authority authority, desk_.authority(draft.authority));
  if (authority.environment != draft.environment) {
    return ok();  // of another configuration: a person withdraws it
  }
  TUTELA_TRY_ASSIGN(
      const Gathered facts,
      gather(
          database_, opening_, reports_, provider_, authority, rules_.tenant_id, *draft.case_id));
  TUTELA_TRY_ASSIGN(const reports::Document document,
                    reports_.document(rules_.tenant_id, draft.id, draft.document));
  if (document.by != kSystem) {
    return ok();
  }
  if (document.body == facts.body) {
    return release(draft, facts, done);
  }
  const auto written = reports_.write(system_of(rules_.tenant_id),
                                      draft.id,
                                      {draft.version, ""},
                                      facts.body,
                                      facts.provenance,
                                      facts.files);
  if (!written) {
    return written.error();
  }
  ++done.refreshed;
  return release(*written, facts, done);
}

Result<Drafted> Drafter::work(const std::function<bool()>& stop_requested) {
  Drafted done;
  Status first = ok();
  const auto note = [&](const Status& status, const Uuid& id) {
    if (!status && !is_ordinary(status.error())) {
      tell_("failed", id, status.error().code);
      if (first) {
        first = status;  // one that fails holds nobody else up
      }
    }
  };
  TUTELA_TRY_ASSIGN(const std::vector<Uuid> without,
                    reports_.cases_without_report(
                        rules_.tenant_id, kCasesAtOnce, desk_.authorities().front().environment));
  std::vector<Uuid> corrections;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(corrections,
                      cases::corrections_owed(
                          transaction, rules_.tenant_id, static_cast<std::int64_t>(kCasesAtOnce)));
    return ok();
  }));
  reports::Filter filter;
  filter.state = reports::State::kDraft;
  filter.after = after_;
  filter.limit = kDraftsAtOnce;
  TUTELA_TRY_ASSIGN(const reports::Page page, reports_.list(rules_.tenant_id, filter));
  after_ = page.next;
  for (const Uuid& id : without) {
    if (!stop_requested()) {
      note(draft_case(id, done), id);
    }
  }
  for (const Uuid& id : corrections) {
    if (!stop_requested()) {
      note(correct_case(id, done), id);
    }
  }
  for (const reports::Report& draft : page.reports) {
    const bool ours = draft.kind == reports::Kind::kReport && draft.case_id &&
                      draft.created_by == kSystem && !stop_requested();
    if (ours) {
      note(look_after(draft, done), draft.id);
    }
  }
  if (!first) {
    return first.error();
  }
  return done;
}

}  // namespace tutela::reporting
