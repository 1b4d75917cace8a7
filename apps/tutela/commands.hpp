// Commands: one function a command, each adding its options to the program and saying what runs.
//
// main() calls them all, parses, then calls Session::run of the command that was chosen. Commands
// run on the main thread; those that work in parallel own their threads.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "custody/store/store.hpp"
#include "service/config/config.hpp"
#include "service/pipeline/pipeline.hpp"

namespace CLI {
class App;
}  // namespace CLI

namespace tutela::cli {

/// Exit statuses, as clamdscan's. With errors and matches together it is kError.
inline constexpr int kNothingFound = 0;
inline constexpr int kMatchFound = 1;
inline constexpr int kError = 2;

/// What the program's own options say, and the command that was chosen.
struct Session {
  std::filesystem::path config_file;  // empty: defaults and environment alone
  std::filesystem::path data_folder;  // empty: as configured
  std::function<int()> run;
  SystemClock clock;
};

/// The configuration with --data applied.
Result<config::Config> load_config(const Session& session);
/// Opens everything of the data folder.
Result<std::unique_ptr<pipeline::Pipeline>> open_pipeline(const Session& session);
/// Decode workers alone, for commands that touch no store.
Result<std::unique_ptr<workers::Workers>> start_workers(const config::Config& config);
/// "cli:<name of the user>", in the default tenant.
[[nodiscard]] store::Actor actor();
/// Tells the error on stderr, "tutela: what happened and what to do [code]". Returns kError.
int fail(const Error& error);

void add_hash(CLI::App& app, Session& session);
void add_compare(CLI::App& app, Session& session);
void add_scan(CLI::App& app, Session& session);
void add_list(CLI::App& app, Session& session);
void add_report(CLI::App& app, Session& session);
void add_rescan(CLI::App& app, Session& session);
void add_group(CLI::App& app, Session& session);
void add_audit(CLI::App& app, Session& session);
void add_status(CLI::App& app, Session& session);
void add_serve(CLI::App& app, Session& session);
void add_token(CLI::App& app, Session& session);
void add_admin(CLI::App& app, Session& session);
void add_person(CLI::App& app, Session& session);
void add_canary(CLI::App& app, Session& session);
void add_vault(CLI::App& app, Session& session);
void add_config(CLI::App& app, Session& session);
void add_policy(CLI::App& app, Session& session);
void add_version(CLI::App& app, Session& session);
void add_bench(CLI::App& app, Session& session);
void add_completion(CLI::App& app, Session& session);
void add_demo(CLI::App& app, Session& session);
void add_simulate(CLI::App& app, Session& session);

/// A command under `app` with a one-line help and a closing text (examples, exit statuses).
CLI::App& add_command(CLI::App& app,
                      const std::string& name,
                      const std::string& help,
                      const std::string& closing = "");

}  // namespace tutela::cli
