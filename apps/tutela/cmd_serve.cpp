// tutela serve: the server.
#include <memory>

#include <CLI/CLI.hpp>

#include "commands.hpp"
#include "service/http/server.hpp"

namespace tutela::cli {
namespace {

constexpr const char* kClosing =
    "Every key of the configuration can be set in the environment (tutela config keys). SIGHUP\n"
    "reloads what can be reloaded; SIGTERM and Ctrl-C finish what is in flight, then end.\n"
    "Exit status: 0 ended cleanly or the configuration is good, 2 error.\n"
    "Examples:\n"
    "  tutela serve --config /etc/tutela/tutela.toml\n"
    "  tutela serve --config tutela.toml --check-config\n"
    "  TUTELA_SERVER__LISTEN=127.0.0.1:8080 tutela serve";

}  // namespace

void add_serve(CLI::App& app, Session& session) {
  CLI::App& command = add_command(app, "serve", "Runs the server", kClosing);
  const auto check_only = std::make_shared<bool>(false);
  command.add_flag("--check-config", *check_only, "Only check the configuration");
  command.callback([&session, check_only] {
    session.run = [&session, check_only] {
      http::ServeOptions options;
      options.config_file = session.config_file;
      options.environment = config::process_environment();
      options.check_only = *check_only;
      if (!session.data_folder.empty()) {
        options.environment["TUTELA_STORE__FOLDER"] = session.data_folder.string();
      }
      return http::serve(options);
    };
  });
}

}  // namespace tutela::cli
