// Reports, changed at the command line.
#include <iostream>
#include <iterator>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/file.hpp"
#include "output.hpp"
#include "person_at_terminal.hpp"
#include "report_actions.hpp"
#include "report_desk.hpp"

namespace tutela::cli {
namespace {

int say(const Result<reports::Report>& report, const ReportOptions& options) {
  if (!report) {
    return fail(report.error());
  }
  if (options.json) {
    print_json({{"id", to_string(report->id)},
                {"state", reports::to_string(report->state)},
                {"version", report->version},
                {"document", report->document}});
  } else {
    print(fmt::format("{} is {}: version {}, document {}.\n",
                      to_string(report->id),
                      reports::to_string(report->state),
                      report->version,
                      report->document));
  }
  return kReportGood;
}

/// "-" is standard input.
Result<std::string> read_document(const std::filesystem::path& file) {
  if (file != "-") {
    TUTELA_TRY_ASSIGN(const Bytes bytes, read_file(file, cybertip::kDocumentBytesMax));
    return std::string(as_text(bytes));
  }
  std::string text(std::istreambuf_iterator<char>(std::cin), {});
  return text;
}

/// Signs the person in, and gives `work` the desk, who it is, the id, and the version that they
/// saw.
template <class Work>
int as_person(const Session& session, const ReportOptions& options, const Work& work) {
  const Result<Uuid> id = parse_uuid(options.target);
  if (!id) {
    return fail(id.error());
  }
  const auto desk = ReportDesk::open(session);
  if (!desk) {
    return fail(desk.error());
  }
  const auto person = PersonAtTerminal::sign_in(
      (*desk)->config, (*desk)->pipeline->database(), (*desk)->clock, options.as);
  if (!person) {
    return fail(person.error());
  }
  const auth::Principal& who = (*person)->principal();
  const bool is_lead = who.permissions.has(auth::Permission::kCaseLead);
  const bool is_solo = who.session && who.session->role == auth::Role::kSolo;
  const bool is_legal = is_solo || (who.permissions.has(auth::Permission::kCaseAttest) && !is_lead);
  if (!who.permissions.has(auth::Permission::kReportRelease)) {
    return fail({ErrorKind::kForbidden, "report.role", "a lead or a legal officer does this"});
  }
  const reports::Command command{options.version, {}};
  return say(work(**desk, reports::Person{who.actor, is_lead, is_legal}, *id, command), options);
}

}  // namespace

int draft_report(const Session& session, const ReportOptions& options) {
  const auto desk = ReportDesk::open(session);
  if (!desk) {
    return fail(desk.error());
  }
  if (!options.case_id.empty()) {
    const Result<Uuid> id = parse_uuid(options.case_id);
    return id ? say((*desk)->desk.draft_case(actor(), *id, options.authority), options)
              : fail(id.error());
  }
  const Result<UtcMs> at = parse_time(options.at);
  if (!at) {
    return fail(at.error());
  }
  reporting::TextDraft draft;
  if (!options.account.empty()) {
    draft.account = options.account;
  }
  draft.authority = options.authority;
  draft.incident_type = options.incident_type;
  draft.incident_ms = *at;
  draft.urgent = options.urgent;
  return say((*desk)->desk.draft_text(actor(), draft), options);
}

int edit_report(const Session& session, const ReportOptions& options) {
  const Result<Uuid> id = parse_uuid(options.target);
  if (!id) {
    return fail(id.error());
  }
  const Result<std::string> document = read_document(options.file);
  if (!document) {
    return fail(document.error());
  }
  const auto desk = ReportDesk::open(session);
  if (!desk) {
    return fail(desk.error());
  }
  return say((*desk)->desk.write(actor(), *id, {options.version, {}}, *document), options);
}

int release_report(const Session& session, const ReportOptions& options) {
  return as_person(session,
                   options,
                   [](ReportDesk& desk,
                      const reports::Person& person,
                      const Uuid& id,
                      const reports::Command& command) -> Result<reports::Report> {
                     TUTELA_TRY_ASSIGN(const reports::Report now,
                                       desk.reports.find(person.actor.tenant_id, id));
                     // Another version has another document: then the version is refused.
                     return desk.desk.release(person, id, command, now.document);
                   });
}

int withdraw_report(const Session& session, const ReportOptions& options) {
  return as_person(session,
                   options,
                   [&](ReportDesk& desk, const auto& person, const auto& id, const auto& command) {
                     return desk.reports.withdraw(person, id, command, options.reason);
                   });
}

int retry_report(const Session& session, const ReportOptions& options) {
  return as_person(session,
                   options,
                   [](ReportDesk& desk, const auto& person, const auto& id, const auto& command) {
                     return desk.reports.retry(person, id, command);
                   });
}

int file_report_by_hand(const Session& session, const ReportOptions& options) {
  return as_person(session,
                   options,
                   [&](ReportDesk& desk, const auto& person, const auto& id, const auto& command) {
                     return desk.reports.file_by_hand(person, id, command, options.reference);
                   });
}

}  // namespace tutela::cli
