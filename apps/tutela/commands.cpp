#include "commands.hpp"

#include <array>
#include <cstdio>
#include <utility>

#include <CLI/CLI.hpp>
#include <pwd.h>
#include <unistd.h>

#include "output.hpp"

namespace tutela::cli {

Result<config::Config> load_config(const Session& session) {
  TUTELA_TRY_ASSIGN(config::Config config,
                    config::load(session.config_file, config::process_environment()));
  if (!session.data_folder.empty()) {
    config.store.folder = session.data_folder;
  }
  return config;
}

Result<std::unique_ptr<pipeline::Pipeline>> open_pipeline(const Session& session) {
  TUTELA_TRY_ASSIGN(const config::Config config, load_config(session));
  return pipeline::Pipeline::open(config, session.clock);
}

Result<std::unique_ptr<workers::Workers>> start_workers(const config::Config& config) {
  workers::WorkersOptions options;
  options.program =
      config.workers.program.empty() ? workers::default_worker_program() : config.workers.program;
  options.processes_max = config.workers.processes_max;
  options.limits = config.limits;
  return workers::Workers::start(std::move(options));
}

store::Actor actor() {
  // The real user, by the system's word and not by a variable that anyone may set.
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  const uid_t user = ::getuid();
  std::string name = std::to_string(user);
  if (::getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) {
    name = found->pw_name;
  }
  return store::Actor{.tenant_id = "default", .principal_id = "cli:" + name, .role = "operator"};
}

int fail(const Error& error) {
  const std::string text = "tutela: " + error.message + " [" + std::string(error.code) + "]\n";
  complain(text);
  return kError;
}

CLI::App& add_command(CLI::App& app,
                      const std::string& name,
                      const std::string& help,
                      const std::string& closing) {
  CLI::App* const command = app.add_subcommand(name, help);
  if (!closing.empty()) {
    command->footer(closing);
  }
  return *command;
}

}  // namespace tutela::cli
