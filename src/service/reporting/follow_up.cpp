// What follows a finished report. Everything before the last unit of work may be done again: a
// clock that runs is not started twice. The last one holds all that must be done once.
#include <algorithm>
#include <utility>

#include "base/fault.hpp"
#include "casework/cases/cases.hpp"
#include "service/reporting/filer.hpp"

namespace tutela::reporting {

namespace {

constexpr std::size_t kAtOnce = 100;
constexpr std::string_view kReferenceMaker = "report:";

store::Actor system_of(const reports::Report& of) {
  return {of.tenant_id, "system", "system"};
}

/// The authority's id, or ours where it gives none or one that is no line.
std::string reference_of(const reports::Report& of) {
  const std::string theirs = of.authority + " " + of.authority_id;
  return preservation::is_line(theirs)
             ? theirs
             : of.authority + " " + std::string(kReferenceMaker) + to_string(of.id);
}

/// The clock of every object: those of the case, and those of the report that were preserved under
/// another name, because they were found before there was a case.
Status start_clocks(preservation::Preservation& preservation,
                    reports::Reports& reports,
                    const reports::Report& of) {
  const store::Actor system = system_of(of);
  const std::string reference = reference_of(of);
  if (of.case_id) {
    TUTELA_TRY(preservation.on_case_report_completed(
        system, to_string(*of.case_id), {of.finished_ms.value_or(0), reference, false}));
  }
  TUTELA_FAULT_POINT("reporting.after_case_clock");
  TUTELA_TRY_ASSIGN(const reports::Whole whole, reports.whole(of.tenant_id, of.id));
  for (const reports::File& file : whole.files) {
    const auto kept = preservation.keep(
        system, file.evidence_id, {preservation::BasisKind::kReport, reference, of.finished_ms, 0});
    const bool settled = kept || kept.error().code == "basis.exists" ||
                         kept.error().code == "evidence.destroyed" ||
                         kept.error().code == "evidence.destroying";
    if (!settled) {
      return kept.error();
    }
    TUTELA_FAULT_POINT("reporting.after_file_clock");
  }
  return ok();
}

/// What exact matches on vetted lists turned out to be: for their sources.
Status add_opinions(store::Transaction& transaction, const reports::Report& of, UtcMs now_ms) {
  TUTELA_TRY(transaction.execute(
      "INSERT INTO signal_opinion (tenant_id, signal_id, list_id, case_id, principal_id, opinion, "
      "at_ms) SELECT DISTINCT i.tenant_id, m.signal_id, m.list_id, i.case_id, 'system', "
      "'confirmed', CAST(:at_ms AS BIGINT) FROM case_item i JOIN review_case c ON c.id = i.case_id "
      "JOIN content_match m ON m.content_id = i.content_id JOIN list l ON l.id = m.list_id WHERE "
      "i.case_id = :case_id AND i.tenant_id = :tenant_id AND c.outcome = 'confirmed' AND "
      "m.strength = 'exact' AND l.state = 'active' AND l.purpose = 'known_csam' AND NOT EXISTS "
      "(SELECT 1 FROM signal_opinion o WHERE o.tenant_id = i.tenant_id AND o.signal_id = "
      "m.signal_id AND o.case_id = i.case_id)",
      {now_ms, to_string(*of.case_id), of.tenant_id}));
  TUTELA_FAULT_POINT("reporting.after_opinions");
  return ok();
}

/// Whether every report of the case that an authority has is corrected by one that it has.
Result<bool> all_corrected(reports::Reports& reports, const reports::Report& of) {
  reports::Filter filter;
  filter.case_id = of.case_id;
  filter.limit = 200;
  TUTELA_TRY_ASSIGN(const reports::Page page, reports.list(of.tenant_id, filter));
  return std::ranges::all_of(page.reports, [&](const reports::Report& report) {
    if (report.kind == reports::Kind::kCorrection || !reports::counts_as_filed(report)) {
      return true;
    }
    return std::ranges::any_of(page.reports, [&](const reports::Report& other) {
      return other.kind == reports::Kind::kCorrection && other.corrects == report.id &&
             reports::counts_as_filed(other);
    });
  });
}

/// What a report that counts does to its case.
Status tell_case(store::Transaction& transaction,
                 const cases::Rules& rules,
                 const reports::Report& of,
                 bool corrected,
                 UtcMs now_ms) {
  const store::Actor system = system_of(of);
  if (of.kind == reports::Kind::kReport) {
    TUTELA_TRY(
        cases::report_filed(transaction, system, rules, now_ms, *of.case_id, reference_of(of)));
    return add_opinions(transaction, of, now_ms);
  }
  if (of.kind == reports::Kind::kCorrection && corrected) {
    TUTELA_TRY(cases::correction_filed(transaction, system, now_ms, *of.case_id));
  }
  return cases::report_noted(
      transaction, system, now_ms, *of.case_id, to_string(of.kind), to_string(of.environment));
}

Status follow_up_one(store::Database& database,
                     reports::Reports& reports,
                     preservation::Preservation& preservation,
                     const cases::Rules& rules,
                     const Clock& clock,
                     const reports::Report& of) {
  const bool counts = reports::counts_as_filed(of);
  bool corrected = false;
  if (counts && of.kind != reports::Kind::kCorrection) {
    TUTELA_TRY(start_clocks(preservation, reports, of));
  }
  if (counts && of.kind == reports::Kind::kCorrection && of.case_id) {
    TUTELA_TRY_ASSIGN(corrected, all_corrected(reports, of));
  }
  TUTELA_FAULT_POINT("reporting.before_last");
  return database.write([&](store::Transaction& transaction) -> Status {
    const UtcMs now_ms = clock.now_ms();
    if (of.case_id && counts) {
      TUTELA_TRY(tell_case(transaction, rules, of, corrected, now_ms));
    } else if (of.case_id) {
      const auto environment = of.simulated ? reports::Environment::kSimulated : of.environment;
      TUTELA_TRY(cases::report_noted(transaction,
                                     system_of(of),
                                     now_ms,
                                     *of.case_id,
                                     to_string(of.kind),
                                     to_string(environment)));
    }
    TUTELA_FAULT_POINT("reporting.in_last");
    return reports.followed_up(transaction, of.id);
  });
}

}  // namespace

Result<std::size_t> follow_up(store::Database& database,
                              reports::Reports& reports,
                              preservation::Preservation& preservation,
                              const cases::Rules& cases_rules,
                              const Clock& clock) {
  TUTELA_TRY_ASSIGN(const std::vector<reports::Report> owed, reports.follow_ups(kAtOnce));
  std::size_t done = 0;
  Status first = ok();
  for (const reports::Report& of : owed) {
    const Status followed = follow_up_one(database, reports, preservation, cases_rules, clock, of);
    if (followed) {
      ++done;
    } else if (followed.error().code != "report.not_owed" && first) {
      first = followed;  // one that fails holds nobody else up
    }
  }
  if (!first) {
    return first.error();
  }
  return done;
}

}  // namespace tutela::reporting
