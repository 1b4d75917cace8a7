// tutela drill: whether what would leave a server blind is noticed.
#include <memory>

#include <CLI/CLI.hpp>

#include "base/fault.hpp"
#include "commands.hpp"
#include "drill.hpp"
#include "output.hpp"

namespace tutela::cli {
namespace {

constexpr const char* kClosing =
    "Makes an instance of its own in a temporary folder (harmless generated pictures, its own\n"
    "ports, a receiver for alarms), breaks it in one way after the other while pictures are\n"
    "uploaded, and shows by which alarms each fault was noticed, after how long, and what became\n"
    "of the pictures. Nothing else on this machine is touched. It takes about half an hour.\n"
    "Needs a binary with fault hooks, which no release has: ./dev drill builds one and runs it.\n"
    "Exit status: 0 every fault was noticed within a minute and no item was passed as clean or\n"
    "lost, 1 not so, 2 error.\n"
    "Examples:\n"
    "  ./dev drill\n"
    "  tutela drill --only NAME --only disk-full\n"
    "  tutela drill --table drill.md";

constexpr int kNotAllGood = 1;

int drill([[maybe_unused]] const DrillOptions& options) {
  if constexpr (fault::kCompiledIn) {
    const auto good = run_drill(options);
    if (!good) {
      return fail(good.error());
    }
    return *good ? kNothingFound : kNotAllGood;
  }
  return fail(Error{ErrorKind::kUnavailable,
                    "drill.no_hooks",
                    "this binary has no fault hooks, as no release has: a server that runs for "
                    "real cannot be broken on purpose. ./dev drill, in the source, builds one that "
                    "has them and runs the drill with it"});
}

}  // namespace

void add_drill(CLI::App& app, Session& session) {
  CLI::App& command =
      add_command(app, "drill", "Breaks an instance of its own, to see that it is noticed");
  std::string closing = kClosing;
  if constexpr (fault::kCompiledIn) {
    closing = "Faults:\n" + drill_faults_text() + "\n" + closing;
  }
  command.footer(closing);
  const auto options = std::make_shared<DrillOptions>();
  command.add_option("--only", options->only, "Only this fault (can be repeated)")
      ->type_name("NAME");
  command.add_flag("--keep", options->keep, "Keep the folder, with the server's log");
  command.add_option("--table", options->table, "Write the table here, too, as Markdown")
      ->type_name("FILE");
  command.add_flag("--quick",
                   options->quick,
                   "Canaries every 10 seconds instead of 30, heartbeats every 5, and no wait "
                   "until the alarms of one fault are over before the next: for tests");
  command.callback([&session, options] {
    session.run = [options] {
      return drill(*options);
    };
  });
}

}  // namespace tutela::cli
