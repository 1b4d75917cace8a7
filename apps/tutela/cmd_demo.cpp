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
#include "demo_cases.hpp"
#include "demo_intake.hpp"
#include "demo_people.hpp"
#include "demo_reports.hpp"
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
    "Makes a folder (default: tutela-data) with harmless generated pictures, lists of some of\n"
    "them, people of every role, cases for them, and a configuration; scans, shows what matched\n"
    "and why, then serves until Ctrl-C. Running it again goes on with the same folder.\n"
    "Exit status: 0 ended by Ctrl-C, 2 error.\n"
    "Examples:\n"
    "  tutela demo\n"
    "  tutela demo code lena\n"
    "  TUTELA_SERVER__LISTEN=127.0.0.1:9000 tutela demo /tmp/tutela-demo";

struct DemoOptions {
  fs::path folder;
  bool no_serve = false;
};

struct CodeOptions {
  std::string name;
  fs::path folder;
};

struct Prepared {
  std::vector<DemoPerson> people;
  std::int64_t cases_waiting = 0;
  std::int64_t notices_waiting = 0;
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
                     "TUTELA_SERVER__METRICS_LISTEN=127.0.0.1:9441 "
                     "TUTELA_INTAKE__LISTEN=127.0.0.1:8451 tutela demo"};
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

/// How to call this program from here, in another terminal.
std::string program() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  const fs::path shorter = error ? fs::path() : fs::proximate(self, error);
  if (error || shorter.empty()) {
    return "tutela";
  }
  // From elsewhere it is said as another terminal can use it, too.
  return (*shorter.begin() == ".." ? self : shorter).string();
}

void print_people(const DemoWorld& world,
                  const std::vector<DemoPerson>& people,
                  const std::string& url,
                  std::int64_t waiting) {
  print(
      fmt::format("\nThe console is at {}/ with {} waiting. Sign in as one of these people\n"
                  "(made up, like everything here) with their password, then the code of the\n"
                  "moment, which this prints in another terminal:\n\n  {} demo code NAME {}\n\n",
                  url,
                  counted(static_cast<std::uint64_t>(waiting), "case"),
                  program(),
                  world.folder.string()));
  Table table({"NAME", "PASSWORD", "ROLE", "WHAT THEY DO"});
  for (const DemoPerson& person : people) {
    table.add({person.name,
               person.password,
               std::string(auth::to_string(person.role)),
               std::string(demo_work_of(person.role))});
  }
  table.print();
  print(fmt::format("\nThe passwords stay the same; they are in {}.\n",
                    world.people_file().string()));
}

void print_hints(const DemoWorld& world,
                 const config::Config& config,
                 const config::ListenAddress& address,
                 const Prepared& prepared,
                 const DemoAuthority& authority,
                 const std::string& intake_listen) {
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
      "kept as evidence, tutela --config {1} person list who may sign in;\n"
      "tutela --help shows the rest.\n",
      world.uploads().string(),
      world.config_file().string()));
  print_people(world, prepared.people, url, prepared.cases_waiting);
  if (!authority.url.empty()) {
    print(fmt::format(
        "\nReports go to Tutela's own simulator of the CyberTipline at {}:\nnothing is filed with "
        "anybody. One case is confirmed already: in a moment mira finds its\ndraft among the "
        "reports, and what she releases is filed there.\n\n",
        authority.url));
  }
  if (!intake_listen.empty()) {
    print(fmt::format(
        "\nAnybody may report at http://{}/report without an account; {} of made-up\npeople "
        "wait for lena "
        "and mira, who also find partners, duty and staffing in the console.\n\n",
        intake_listen,
        counted(static_cast<std::uint64_t>(prepared.notices_waiting), "notice")));
  }
  print("Ctrl-C ends the demo.\n");
  static_cast<void>(output_whole());
}

/// Everything before serving.
Result<Prepared> prepare(const DemoWorld& world,
                         const config::Config& config,
                         const DemoAuthority& authority,
                         const std::string& intake_listen,
                         const Clock& clock) {
  Prepared made;
  print(fmt::format("Demo folder: {}\n", world.folder.string()));
  TUTELA_TRY(make_demo_pictures(world));
  TUTELA_TRY(make_demo_uploads(world));
  TUTELA_TRY(write_demo_config(world, config, intake_listen, authority));
  TUTELA_TRY_ASSIGN(const std::unique_ptr<pipeline::Pipeline> pipeline,
                    pipeline::Pipeline::open(config, clock));
  TUTELA_TRY(make_demo_list(world, *pipeline));
  if (stop_requested()) {
    return made;
  }
  TUTELA_TRY_ASSIGN(
      made.people,
      make_demo_people(world.people_file(), config.store.folder, pipeline->database(), clock));
  TUTELA_TRY(make_demo_lists(world, *pipeline));
  // When all lists are there: a scan that goes on later sees that nothing has changed.
  TUTELA_TRY(scan_uploads(world, *pipeline));
  TUTELA_TRY_ASSIGN(made.cases_waiting, make_demo_cases(world, *pipeline, config));
  if (!stop_requested()) {
    TUTELA_TRY(make_demo_report(*pipeline, config));
    TUTELA_TRY_ASSIGN(made.notices_waiting, make_demo_intake(world, *pipeline, config));
  }
  TUTELA_TRY(make_demo_token(world, *pipeline, clock));
  return made;
}

/// The folder that is given, or else --data, or else the usual one.
DemoWorld world_of(const Session& session, const fs::path& folder) {
  DemoWorld world;
  world.folder = !folder.empty()                ? folder
                 : !session.data_folder.empty() ? session.data_folder
                                                : fs::path("tutela-data");
  return world;
}

int print_code(const Session& session, const CodeOptions& options) {
  const auto code = demo_code(
      world_of(session, options.folder).people_file(), options.name, session.clock.now_ms());
  if (!code) {
    return fail(code.error());
  }
  print(*code + "\n");
  return kNothingFound;
}

int demo(const Session& session, const DemoOptions& options) {
  const DemoWorld world = world_of(session, options.folder);
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
  // A folder that is there keeps to its configuration.
  const std::string intake_listen = again ? config->intake.listen : demo_intake_listen(*config);
  for (const std::string& listen :
       {config->server.listen, config->server.metrics_listen, intake_listen}) {
    const Status free = options.no_serve || listen.empty() ? ok() : check_address(listen);
    if (!free) {
      return fail(free.error());
    }
  }
  DemoAuthority authority;
  const auto simulator = start_demo_authority(*config, again, session.clock, authority.password);
  if (!simulator) {
    return fail(simulator.error());
  }
  if (*simulator) {
    authority.url = (*simulator)->url();
    if (again && authority.url != config->cybertip.url) {  // somebody else has its address now
      environment["TUTELA_CYBERTIP__URL"] = authority.url;
    }
  }
  {
    const InterruptGuard guard;
    const auto prepared = prepare(world, *config, authority, intake_listen, session.clock);
    if (!prepared) {
      return fail(prepared.error());
    }
    if (stop_requested() || options.no_serve) {
      return kNothingFound;
    }
    print_hints(world, *config, *address, *prepared, authority, intake_listen);
  }
  return http::serve({world.config_file(), environment, false});
}

}  // namespace

void add_demo(CLI::App& app, Session& session) {
  CLI::App& command = add_command(app, "demo", "Shows Tutela with harmless pictures", kClosing);
  const auto options = std::make_shared<DemoOptions>();
  command.add_option("folder", options->folder, "Where to make it (default: tutela-data)");
  command.add_flag("--no-serve", options->no_serve, "End after the scan");
  CLI::App& code = add_command(
      command, "code", "Prints the sign-in code of the moment of one of the demo's people");
  const auto code_options = std::make_shared<CodeOptions>();
  code.add_option("name", code_options->name, "lena, omar, kim, ...")->required();
  code.add_option("folder", code_options->folder, "The demo's folder (default: tutela-data)");
  code.callback([&session, code_options] {
    session.run = [&session, code_options] {
      return print_code(session, *code_options);
    };
  });
  command.callback([&session, &command, options] {
    if (!command.get_subcommands().empty()) {
      return;  // of the subcommand, which has said what runs
    }
    session.run = [&session, options] {
      return demo(session, *options);
    };
  });
}

}  // namespace tutela::cli
