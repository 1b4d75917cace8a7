// tutela demo: a first look, with harmless pictures that it makes itself.
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.hpp"
#include "commands.hpp"
#include "demo_world.hpp"
#include "interrupt.hpp"
#include "output.hpp"
#include "scan_job.hpp"
#include "scan_report.hpp"
#include "service/http/server.hpp"

namespace tutela::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kClosing =
    "Makes a folder (default: tutela-data) with harmless generated pictures, a list of some of\n"
    "them, and a configuration; scans, shows what matched and why, then serves until Ctrl-C.\n"
    "Running it again goes on with the same folder.\n"
    "Exit status: 0 ended by Ctrl-C, 2 error.\n"
    "Examples:\n"
    "  tutela demo\n"
    "  TUTELA_SERVER__LISTEN=127.0.0.1:9000 tutela demo /tmp/tutela-demo";

struct DemoOptions {
  fs::path folder;
  bool no_serve = false;
};

/// Says clearly that an address is taken, before anything is shown that uses it.
Status check_address(const std::string& listen) {
  TUTELA_TRY_ASSIGN(const config::ListenAddress address, config::parse_listen(listen));
  if (!address.unix_path.empty()) {
    return ok();
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found) !=
      0) {
    return ok();  // the server says what is wrong with the name
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
  const Fd socket(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(socket.get(), found->ai_addr, found->ai_addrlen) != 0 && errno == EADDRINUSE) {
    return Error{ErrorKind::kConflict,
                 "demo.address_in_use",
                 listen +
                     " is in use by another program; end it, or choose other addresses: "
                     "TUTELA_SERVER__LISTEN=127.0.0.1:8441 "
                     "TUTELA_SERVER__METRICS_LISTEN=127.0.0.1:9441 tutela demo"};
  }
  return ok();
}

/// Scans the uploads as tutela scan does, and shows the same tables.
Status scan_uploads(const DemoWorld& world, pipeline::Pipeline& pipeline) {
  TUTELA_TRY_ASSIGN(const std::size_t owed, pipeline.finish_owed(stop_requested));
  ScanOptions options;
  options.paths = {world.uploads()};
  options.source = "demo";
  ScanReport report(ReportFormat::kTables);
  ScanJob job(pipeline, actor(), options);
  ProgressLine progress;
  TUTELA_TRY(job.run([&](const ScannedFile& file) { report.add(file); },
                     [&](std::uint64_t done) { progress.draw(done, done, "scanning"); }));
  progress.clear();
  report.add_walk(job.walk());
  print("\n");
  report.print_summary(owed, stop_requested());
  return ok();
}

void print_hints(const DemoWorld& world,
                 const config::Config& config,
                 const config::ListenAddress& address) {
  const bool tls = !config.server.tls_certificate.empty();
  std::string curl = "curl -s";
  std::string url = (tls ? "https://" : "http://") + config.server.listen;
  if (!address.unix_path.empty()) {
    curl += " --unix-socket " + address.unix_path.string();
    url = "http://localhost";
  }
  const std::string bearer =
      fmt::format("-H \"Authorization: Bearer $(cat {})\"", world.token_file().string());
  print(fmt::format("\nServing on {}. Try, in another terminal:\n\n", config.server.listen));
  print(fmt::format("  {} {}/readyz\n", curl, url));
  print(fmt::format("  {} {} --data-binary @{} '{}/v1/scan?source=demo'\n",
                    curl,
                    bearer,
                    (world.uploads() / "picture-01-mirrored.jpg").string(),
                    url));
  print(fmt::format("  {} {} {}/v1/matches\n\n", curl, bearer, url));
  print(fmt::format(
      "The pictures are in {0}, the configuration is {1}.\n"
      "tutela --config {1} list shows the lists, tutela --config {1} vault status what is\n"
      "kept as evidence, tutela --config {1} admin create NAME invites the first person;\n"
      "tutela --help shows the rest.\n"
      "Ctrl-C ends the demo.\n",
      world.uploads().string(),
      world.config_file().string()));
  static_cast<void>(output_whole());
}

/// Everything before serving.
Status prepare(const DemoWorld& world, const config::Config& config, const Clock& clock) {
  print(fmt::format("Demo folder: {}\n", world.folder.string()));
  TUTELA_TRY(make_demo_pictures(world));
  TUTELA_TRY(write_demo_config(world, config));
  TUTELA_TRY_ASSIGN(const std::unique_ptr<pipeline::Pipeline> pipeline,
                    pipeline::Pipeline::open(config, clock));
  TUTELA_TRY(make_demo_list(world, *pipeline));
  TUTELA_TRY(scan_uploads(world, *pipeline));
  return make_demo_token(world, *pipeline, clock);
}

int demo(const Session& session, const DemoOptions& options) {
  DemoWorld world;
  world.folder = !options.folder.empty()        ? options.folder
                 : !session.data_folder.empty() ? session.data_folder
                                                : fs::path("tutela-data");
  std::error_code error;
  config::Environment environment = config::process_environment();
  if (!environment.contains("TUTELA_STORE__FOLDER")) {
    environment["TUTELA_STORE__FOLDER"] = (fs::absolute(world.folder, error) / "store").string();
  }
  const bool again = fs::exists(world.config_file(), error);
  const auto config = config::load(again ? world.config_file() : fs::path(), environment);
  if (!config) {
    return fail(config.error());
  }
  const auto address = config::parse_listen(config->server.listen);
  if (!address) {
    return fail(address.error());
  }
  for (const std::string& listen : {config->server.listen, config->server.metrics_listen}) {
    const Status free = options.no_serve || listen.empty() ? ok() : check_address(listen);
    if (!free) {
      return fail(free.error());
    }
  }
  {
    const InterruptGuard guard;
    if (const Status prepared = prepare(world, *config, session.clock); !prepared) {
      return fail(prepared.error());
    }
    if (stop_requested() || options.no_serve) {
      return kNothingFound;
    }
    print_hints(world, *config, *address);
  }
  return http::serve({world.config_file(), environment, false});
}

}  // namespace

void add_demo(CLI::App& app, Session& session) {
  CLI::App& command = add_command(app, "demo", "Shows Tutela with harmless pictures", kClosing);
  const auto options = std::make_shared<DemoOptions>();
  command.add_option("folder", options->folder, "Where to make it (default: tutela-data)");
  command.add_flag("--no-serve", options->no_serve, "End after the scan");
  command.callback([&session, options] {
    session.run = [&session, options] {
      return demo(session, *options);
    };
  });
}

}  // namespace tutela::cli
