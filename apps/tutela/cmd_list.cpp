// tutela list: the life of a list, from draft through dry run and consent to active.
#include <memory>
#include <utility>

#include <CLI/CLI.hpp>

#include "commands.hpp"
#include "list_actions.hpp"

namespace tutela::cli {
namespace {

constexpr const char* kClosing =
    "A list matches only when it is active. It becomes active after a dry run that shows its "
    "match\n"
    "rate, by the consent of two people (lists for tests need one; a one-person server waits).\n"
    "Exit status: 0 done, 2 error.\n"
    "Example:\n"
    "  tutela list create known --purpose known_csam --source hotline --classification A1\n"
    "  tutela list import known hashes.csv\n"
    "  tutela list dry-run known /srv/media/sample\n"
    "  tutela list activate known";

using Action = int (*)(pipeline::Pipeline&, const ListOptions&);

/// Registers a command under `tutela list` that runs `action` on the opened data folder.
CLI::App& add_action(CLI::App& list,
                     Session& session,
                     const std::shared_ptr<ListOptions>& options,
                     const std::string& name,
                     const std::string& help,
                     Action action) {
  CLI::App& command = add_command(list, name, help);
  command.callback([&session, options, action] {
    session.run = [&session, options, action] {
      const auto pipeline = open_pipeline(session);
      return pipeline ? action(**pipeline, *options) : fail(pipeline.error());
    };
  });
  return command;
}

void add_name(CLI::App& command, const std::shared_ptr<ListOptions>& options) {
  command.add_option("name", options->name, "Name or id of the list")->required();
}

void add_create(CLI::App& list, Session& session, const std::shared_ptr<ListOptions>& options) {
  CLI::App& command =
      add_action(list, session, options, "create", "Makes an empty, inactive list", create_list);
  lists::NewList& spec = options->spec;
  command.add_option("name", spec.name, "Lowercase letters, digits, - and _")->required();
  command.add_option("--purpose", options->purpose, "known_csam, self_reported, test or canary")
      ->required();
  command.add_option("--source", spec.source, "Who curates it")->required();
  command.add_option("--provenance", spec.provenance, "How it came here");
  command.add_option(
      "--legal-process", spec.legal_process, "Reference; needed for a list that a state gave");
  command
      .add_option(
          "--classification", spec.classification, "A1, A2, B1, B2, self_reported, test or a label")
      ->required();
  command.add_option("--action", options->action, "What a match does: hold, quarantine or case");
  command.add_option("--distance",
                     spec.pdq_distance_max,
                     "Greatest PDQ distance, 0 to 63; above 31 searches are slower");
  command.add_flag(
      "--automation", spec.automation, "Exact matches may be acted on without a person");
}

void add_signals(CLI::App& list, Session& session, const std::shared_ptr<ListOptions>& options) {
  CLI::App& import = add_action(list,
                                session,
                                options,
                                "import",
                                "Adds signals: one a line, hex or kind,hex",
                                import_signals);
  add_name(import, options);
  import.add_option("file", options->file, "Text or CSV; - is standard input")->required();
  import.add_option("--kind",
                    options->kind,
                    "Of lines that do not say: pdq, md5, sha1 or sha256 (else by length; 64 digits "
                    "are PDQ)");
  import.add_flag("--skip-bad", options->skip_bad, "Import the good lines of a file with bad ones");
  CLI::App& exporting =
      add_action(list, session, options, "export", "Prints the signals as CSV", export_signals);
  add_name(exporting, options);
  CLI::App& remove = add_action(
      list, session, options, "remove", "Removes a list, or some of its signals", remove_list);
  add_name(remove, options);
  remove.add_option("--signal", options->signals, "Remove only this signal (can be repeated)")
      ->type_name("HEX");
}

void add_states(CLI::App& list, Session& session, const std::shared_ptr<ListOptions>& options) {
  CLI::App& show = add_action(list, session, options, "show", "Shows one list", show_list);
  add_name(show, options);
  show.add_flag("--json", options->json, "One JSON object");
  CLI::App& dry_run = add_action(list,
                                 session,
                                 options,
                                 "dry-run",
                                 "Shows what a list would match, without deciding anything",
                                 dry_run_list);
  add_name(dry_run, options);
  CLI::Option* const paths =
      dry_run.add_option("paths", options->paths, "Files and folders: a sample of content");
  dry_run
      .add_option("--index",
                  options->index_limit,
                  "The fingerprints of the last N scanned items, in place of files")
      ->check(CLI::Range(1, 100'000'000))
      ->excludes(paths);
  CLI::App& activate = add_action(list,
                                  session,
                                  options,
                                  "activate",
                                  "Consents to the list at its latest dry run",
                                  activate_list);
  add_name(activate, options);
  CLI::App& deactivate = add_action(
      list, session, options, "deactivate", "Ends the matching of a list", deactivate_list);
  add_name(deactivate, options);
  CLI::App& set_action = add_action(list,
                                    session,
                                    options,
                                    "set-action",
                                    "Changes what a match of the list does",
                                    set_list_action);
  add_name(set_action, options);
  set_action.add_option("action", options->action, "hold, quarantine or case")->required();
}

}  // namespace

void add_list(CLI::App& app, Session& session) {
  CLI::App& list = add_command(app, "list", "Shows and changes lists of signals", kClosing);
  const auto options = std::make_shared<ListOptions>();
  list.require_subcommand(0, 1);
  list.add_flag("--json", options->json, "One JSON object a line");
  add_create(list, session, options);
  add_signals(list, session, options);
  add_states(list, session, options);
  list.callback([&session, options, &list] {
    if (list.get_subcommands().empty()) {
      session.run = [&session, options] {
        const auto pipeline = open_pipeline(session);
        return pipeline ? show_lists(**pipeline, *options) : fail(pipeline.error());
      };
    }
  });
}

}  // namespace tutela::cli
