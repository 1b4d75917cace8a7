#include <csignal>
#include <string>

#include <CLI/CLI.hpp>

#include "commands.hpp"
#include "output.hpp"

namespace tutela::cli {
namespace {

constexpr const char* kClosing =
    "Exit status: 0 nothing found, 1 match found, 2 error (also with matches beside it).\n"
    "First steps: tutela demo. Every command has --help with examples.";

void add_commands(CLI::App& app, Session& session) {
  app.add_option("--config", session.config_file, "Configuration file (tutela config keys)")
      ->envname("TUTELA_CONFIG")
      ->type_name("FILE");
  app.add_option("--data", session.data_folder, "Data folder, in place of store.folder")
      ->type_name("DIR");
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(kClosing);
  add_hash(app, session);
  add_compare(app, session);
  add_scan(app, session);
  add_list(app, session);
  add_report(app, session);
  add_rescan(app, session);
  add_group(app, session);
  add_audit(app, session);
  add_status(app, session);
  add_serve(app, session);
  add_token(app, session);
  add_admin(app, session);
  add_person(app, session);
  add_vault(app, session);
  add_canary(app, session);
  add_config(app, session);
  add_policy(app, session);
  add_version(app, session);
  add_bench(app, session);
  add_completion(app, session);
  add_demo(app, session);
  add_simulate(app, session);
}

}  // namespace

/// Parses and runs. CLI11 reports what is wrong with the arguments by throwing.
static int run(int count, char** arguments) {
  CLI::App app(
      "Tutela finds known child sexual abuse material among pictures by comparing\n"
      "fingerprints with vetted lists.",
      "tutela");
  Session session;
  add_commands(app, session);
  try {
    app.parse(count, arguments);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    complain("tutela: " + printable(error.what()) +
             "; tutela --help and tutela COMMAND --help say how [cli.usage]\n");
    return kError;
  }
  return session.run();
}

}  // namespace tutela::cli

int main(int count, char** arguments) {
  // A reader of our output that goes away is an error that print() sees, not a death.
  std::signal(SIGPIPE, SIG_IGN);
  const int status = tutela::cli::run(count, arguments);
  if (!tutela::cli::output_whole()) {
    tutela::cli::complain("tutela: standard output could not be written [output.failed]\n");
    return tutela::cli::kError;
  }
  return status;
}
