// tutela audit: who did what, and the proof that nothing of it was changed.
#include <limits>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "audit_actions.hpp"
#include "commands.hpp"

namespace tutela::cli {
namespace {

constexpr const char* kClosing =
    "Every change and every access is an entry, counted from 0. The vault process signs them "
    "within\n"
    "a second; from then on nobody can change, remove or roll them back unnoticed. Only recover\n"
    "changes anything. Who looks or exports is an entry, too.\n"
    "Exit status: 0 done and all is good, 2 something was changed, or an error.\n"
    "Examples:\n"
    "  tutela audit log --action evidence. --since 2026-11-01\n"
    "  tutela audit verify --key vkey --checkpoint /mnt/elsewhere/checkpoint\n"
    "  tutela audit prove 73894 --out view.tlog-proof\n"
    "  tutela audit verify --proof view.tlog-proof --key vkey\n"
    "  tutela audit export --actor person:019b05a2 --out entries.ndjson";

constexpr std::int64_t kIndexMax = std::numeric_limits<std::int64_t>::max();

using Options = std::shared_ptr<AuditOptions>;

CLI::App& add_action(CLI::App& audit,
                     Session& session,
                     const Options& options,
                     const std::string& name,
                     const std::string& help,
                     int (*action)(Session&, const AuditOptions&)) {
  CLI::App& command = add_command(audit, name, help);
  command.callback([&session, options, action] {
    session.run = [&session, options, action] {
      return action(session, *options);
    };
  });
  return command;
}

void add_filters(CLI::App& command, const Options& options) {
  command.add_option("--since", options->since, "From this time on: 2026-11-22 or RFC 3339")
      ->type_name("TIME");
  command.add_option("--until", options->until, "Before this time")->type_name("TIME");
  command.add_option("--actor", options->actor, "Who: person:<id>, token:<id>, cli:<user>, system")
      ->type_name("WHO");
  command.add_option("--action", options->action, "What an action begins with: evidence.")
      ->type_name("ACTION");
  command.add_option("--object", options->object, "About what: evidence:<id>")->type_name("OBJECT");
  command.add_option("--result", options->result, "How it went: ok, refused")->type_name("RESULT");
}

void add_log(CLI::App& audit, Session& session, const Options& options) {
  CLI::App& log =
      add_action(audit, session, options, "log", "Shows entries, the newest first", show_audit_log);
  add_filters(log, options);
  log.add_option("--limit", options->limit, "How many")->check(CLI::Range(1, 10'000));
  log.add_option("--after", options->after, "Go on after this entry")
      ->check(CLI::Range(std::int64_t{0}, kIndexMax))
      ->type_name("ENTRY");
  log.add_flag("--oldest-first", options->oldest_first, "In the order in which they came");
  log.add_flag("--json", options->json, "One JSON object a line, as it was signed");
}

void add_verify(CLI::App& audit, Session& session, const Options& options) {
  CLI::App& verify = add_action(audit,
                                session,
                                options,
                                "verify",
                                "Compares database, tiles, checkpoint and signature",
                                verify_audit_log);
  verify.add_option("--from", options->from, "Only from this entry on")
      ->check(CLI::Range(std::int64_t{0}, kIndexMax))
      ->type_name("ENTRY");
  verify.add_option("--to", options->to, "Only up to this entry, itself included")
      ->check(CLI::Range(std::int64_t{0}, kIndexMax))
      ->type_name("ENTRY");
  verify.add_option("--key", options->key, "Public key to believe, or a file with it")
      ->type_name("VKEY");
  verify
      .add_option(
          "--checkpoint", options->checkpoint, "A checkpoint that you kept: the log must hold it")
      ->type_name("FILE");
  verify.add_option("--proof", options->proof, "Check this proof alone; needs --key and no data")
      ->type_name("FILE");
  verify.add_flag("--json", options->json, "One JSON object");
}

void add_proofs(CLI::App& audit, Session& session, const Options& options) {
  CLI::App& prove = add_action(audit,
                               session,
                               options,
                               "prove",
                               "Proves to others that an entry is in the log",
                               prove_audit_entry);
  prove.add_option("entry", options->entry, "Its number, counted from 0")
      ->required()
      ->check(CLI::Range(std::int64_t{0}, kIndexMax));
  prove.add_option("--out", options->out, "Write it here (c2sp.org/tlog-proof)")->type_name("FILE");
  CLI::App& checkpoint = add_action(audit,
                                    session,
                                    options,
                                    "checkpoint",
                                    "Prints the signed checkpoint, to be kept elsewhere",
                                    show_audit_checkpoint);
  checkpoint
      .add_option("--since", options->since_size, "With the proof that the log of this size grew")
      ->check(CLI::Range(std::int64_t{0}, kIndexMax))
      ->type_name("SIZE");
  checkpoint.add_flag("--json", options->json, "One JSON object with public key and proof");
}

}  // namespace

void add_audit(CLI::App& app, Session& session) {
  CLI::App& audit = add_command(app, "audit", "Shows, verifies and proves the audit log", kClosing);
  audit.require_subcommand(1);
  const auto options = std::make_shared<AuditOptions>();
  add_log(audit, session, options);
  add_verify(audit, session, options);
  add_proofs(audit, session, options);
  CLI::App& exporting = add_action(audit,
                                   session,
                                   options,
                                   "export",
                                   "Writes signed entries as they were signed, for auditors",
                                   export_audit_log);
  add_filters(exporting, options);
  exporting.add_option("--out", options->out, "Write it here, not to standard output")
      ->type_name("FILE");
  exporting.add_flag(
      "--proofs", options->proofs, "With each entry the proof that it is in the log");
  CLI::App& recover =
      add_action(audit,
                 session,
                 options,
                 "recover",
                 "After a restore from a backup: sets the old log aside and begins a new one",
                 recover_audit_log);
  recover.add_option("--reason", options->reason, "Why, for the entry that this makes")
      ->required()
      ->type_name("WORD");
}

}  // namespace tutela::cli
