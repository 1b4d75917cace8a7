// tutela report: reports to authorities.
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "commands.hpp"
#include "report_actions.hpp"

namespace tutela::cli {
namespace {

constexpr const char* kClosing =
    "Drafts are made by themselves when a case is confirmed and closed. A lead or a legal officer\n"
    "releases them (docs/reporting.md); the server files what is released. Documents hold "
    "personal\n"
    "data: what is printed here belongs to whoever may read reports, and to nobody else.\n"
    "Exit status: 0 done and good, 2 error, or something is to be done.\n"
    "Examples:\n"
    "  tutela report list --debts\n"
    "  tutela report show 0192f0aa-0000-7000-8000-000000000001\n"
    "  tutela report validate report.xml\n"
    "  tutela report release 0192f0aa-0000-7000-8000-000000000001 --version 3 --as mara";

constexpr const char* kValidateClosing =
    "A document as `tutela report show --document` prints it, XML (<report> or <fileDetails>), a\n"
    "report, or a case, of which it says what its draft would lack. Files need no data folder.\n"
    "Exit status: 0 nothing is missing or wrong, 2 something is, or an error.\n"
    "Examples:\n"
    "  tutela report validate document.json\n"
    "  tutela report validate 0192f0aa-0000-7000-8000-000000000001 --json";

constexpr const char* kShowClosing =
    "Exit status: 0 done, 2 error.\n"
    "Examples:\n"
    "  tutela report show ID --page > report.html\n"
    "  tutela report show ID --document > document.json";

constexpr const char* kDraftClosing =
    "Of a case that was confirmed and closed, or (--type, --at) of text alone, such as "
    "enticement.\n"
    "Exit status: 0 done, 2 error.\n"
    "Examples:\n"
    "  tutela report draft --case 0192f0aa-0000-7000-8000-000000000001 --authority ncmec\n"
    "  tutela report draft --account 81723 --at 2026-11-20T17:03:22Z \\\n"
    "    --type 'Online Enticement of Children for Sexual Acts'";

constexpr const char* kEditClosing =
    "What only facts may fill (views, hashes, times, what files there are) stays as the facts "
    "say.\n"
    "Exit status: 0 done, 2 error.\n"
    "Example: tutela report show ID --document > d.json, then: tutela report edit ID d.json "
    "--version 3";

constexpr const char* kPersonClosing =
    "A lead or legal officer signs in with --as: password and code are asked for at the terminal,\n"
    "or are two lines of standard input.\n"
    "Exit status: 0 done, 2 error.";

constexpr const char* kStatusClosing =
    "Asks every authority that has a channel whether it lets us in; --offline asks none.\n"
    "Exit status: 0 all good, 2 a report waits for a person or is overdue, an authority is not\n"
    "reached, or an error.\n"
    "Example: tutela report status";

using Options = std::shared_ptr<ReportOptions>;
using Action = int (*)(const Session&, const ReportOptions&);

CLI::App& add_action(CLI::App& report,
                     Session& session,
                     const Options& options,
                     const std::string& name,
                     const std::string& help,
                     const char* closing,
                     Action action) {
  CLI::App& command = add_command(report, name, help, closing);
  command.callback([&session, options, action] {
    session.run = [&session, options, action] {
      return action(session, *options);
    };
  });
  return command;
}

void add_json(CLI::App& command, const Options& options) {
  command.add_flag("--json", options->json, "One JSON object a line");
}

void add_target(CLI::App& command, const Options& options) {
  command.add_option("id", options->target, "Of the report")->required();
}

void add_version_seen(CLI::App& command, const Options& options) {
  command.add_option("--version", options->version, "The version that you read")
      ->required()
      ->check(CLI::PositiveNumber);
}

void add_reading(CLI::App& report, Session& session, const Options& options) {
  CLI::App& validate = add_action(report,
                                  session,
                                  options,
                                  "validate",
                                  "Says what is missing or wrong, in words",
                                  kValidateClosing,
                                  validate_report);
  validate.add_option("target", options->target, "A file, or the id of a report or case")
      ->required();
  add_json(validate, options);
  CLI::App& list =
      add_action(report, session, options, "list", "Shows reports", kClosing, list_reports);
  list.add_option("--state", options->state, "draft asked released waiting finished withdrawn");
  list.add_flag("--debts", options->debts, "What is to be filed, or waits for a person");
  list.add_option("--case", options->case_id, "Of this case");
  list.add_option("--authority", options->authority, "To this authority");
  list.add_option("--limit", options->limit, "At most so many")->check(CLI::Range(1, 200));
  add_json(list, options);
  CLI::App& show = add_action(
      report, session, options, "show", "Shows all of one report", kShowClosing, show_report);
  add_target(show, options);
  CLI::Option* const page = show.add_flag("--page", options->page, "As a page for printing: HTML");
  show.add_flag("--document", options->document, "The document alone: JSON")->excludes(page);
  add_json(show, options);
  CLI::App& status = add_action(report,
                                session,
                                options,
                                "status",
                                "Shows debts, authorities and whom to call",
                                kStatusClosing,
                                show_reporting);
  status.add_flag("--offline", options->offline, "Ask no authority");
}

void add_writing(CLI::App& report, Session& session, const Options& options) {
  CLI::App& draft = add_action(report,
                               session,
                               options,
                               "draft",
                               "Makes a draft with the facts",
                               kDraftClosing,
                               draft_report);
  CLI::Option* const of_case = draft.add_option("--case", options->case_id, "The case");
  draft.add_option("--authority", options->authority, "To whom; else where the routes say");
  draft.add_option("--type", options->incident_type, "Kind of incident, as the CyberTipline says")
      ->excludes(of_case);
  draft.add_option("--at", options->at, "When it happened, with zone")->excludes(of_case);
  draft.add_option("--account", options->account, "The account reported")->excludes(of_case);
  draft.add_flag("--urgent", options->urgent, "Somebody is in danger now")->excludes(of_case);
  add_json(draft, options);
  CLI::App& edit = add_action(report,
                              session,
                              options,
                              "edit",
                              "Replaces the document of a draft",
                              kEditClosing,
                              edit_report);
  add_target(edit, options);
  edit.add_option("file", options->file, "The document; - is standard input")->required();
  add_version_seen(edit, options);
  add_json(edit, options);
}

CLI::App& add_person_action(CLI::App& report,
                            Session& session,
                            const Options& options,
                            const std::string& name,
                            const std::string& help,
                            Action action) {
  CLI::App& command = add_action(report, session, options, name, help, kPersonClosing, action);
  add_target(command, options);
  command.add_option("--as", options->as, "Name of the person who does it")->required();
  add_version_seen(command, options);
  add_json(command, options);
  return command;
}

}  // namespace

void add_report(CLI::App& app, Session& session) {
  CLI::App& report = add_command(app, "report", "Reports to authorities", kClosing);
  report.require_subcommand(1);
  const auto options = std::make_shared<ReportOptions>();
  add_reading(report, session, options);
  add_writing(report, session, options);
  add_person_action(
      report, session, options, "release", "Has a draft filed, as it was read", release_report);
  CLI::App& withdraw = add_person_action(
      report, session, options, "withdraw", "Says that it will not be filed", withdraw_report);
  withdraw.add_option("--reason", options->reason, "Why")->required();
  add_person_action(report,
                    session,
                    options,
                    "retry",
                    "Goes on after what kept it waiting was mended",
                    retry_report);
  CLI::App& by_hand = add_person_action(report,
                                        session,
                                        options,
                                        "file-by-hand",
                                        "Says that it was filed elsewhere",
                                        file_report_by_hand);
  by_hand.add_option("--reference", options->reference, "The authority's id of it")->required();
}

}  // namespace tutela::cli
