// tutela scan: files and folders through the whole path, from bytes to verdict.
#include <chrono>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "commands.hpp"
#include "follow.hpp"
#include "interrupt.hpp"
#include "output.hpp"
#include "scan_job.hpp"
#include "scan_report.hpp"
#include "service/http/text.hpp"

namespace tutela::cli {
namespace {

constexpr const char* kClosing =
    "Folders are entered, links in them are not followed, and the data folder is left out. A scan\n"
    "that was stopped or killed goes on where it was: run the same command again.\n"
    "Exit status: 0 nothing found, 1 match found, 2 error. What cannot be scanned is not clean:\n"
    "unscannable files (also those that are no pictures) give 2, unless --ignore-unsupported\n"
    "leaves files that are no pictures alone.\n"
    "Examples:\n"
    "  tutela scan ~/uploads\n"
    "  tutela scan --ignore-unsupported --json /srv/media > found.jsonl\n"
    "  tutela scan --source avatar avatar.png";

constexpr std::size_t kAccountBytesMax = 256;

struct Options {
  ScanOptions scan;
  bool json = false;
};

Error no_list() {
  return Error{ErrorKind::kConflict,
               "scan.no_active_list",
               "no list is active, so nothing could match; tutela list create, import, dry-run and "
               "activate make one"};
}

/// Counts files for the progress line; without a terminal nobody would see it.
std::uint64_t count_files(const ScanOptions& options) {
  FileWalk walk(options.paths, options.data_folder);
  std::uint64_t count = 0;
  while (!stop_requested() && walk.next()) {
    ++count;
  }
  return count;
}

int scan(const Session& session, Options options) {
  const auto config = load_config(session);
  if (!config) {
    return fail(config.error());
  }
  auto pipeline = pipeline::Pipeline::open(*config, session.clock);
  if (!pipeline) {
    return fail(pipeline.error());
  }
  if ((*pipeline)->readiness().active_lists == 0) {
    return fail(no_list());
  }
  const InterruptGuard guard;
  const auto owed = (*pipeline)->finish_owed(stop_requested);
  if (!owed) {
    return fail(owed.error());
  }
  options.scan.data_folder = config->store.folder;
  ProgressLine progress;
  const std::uint64_t total = progress.shown() ? count_files(options.scan) : 0;
  ScanReport report(options.json ? ReportFormat::kJsonLines : ReportFormat::kTables);
  ScanJob job(**pipeline, actor(), options.scan);
  const auto begin = std::chrono::steady_clock::now();
  const Status ran = job.run(
      [&](const ScannedFile& file) { report.add(file); },
      [&](std::uint64_t done) {
        const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
        progress.draw(done,
                      total,
                      fmt::format("{:.0f}/s  {} matched  {} with problems",
                                  static_cast<double>(done) / elapsed.count(),
                                  report.matches(),
                                  report.problems()));
      });
  progress.clear();
  if (!ran) {
    return fail(ran.error());
  }
  if (const auto followed = follow(**pipeline); !followed) {
    return fail(followed.error());
  }
  report.add_walk(job.walk());
  report.print_summary(*owed, stop_requested());
  return report.exit_status(stop_requested());
}

}  // namespace

void add_scan(CLI::App& app, Session& session) {
  CLI::App& command = add_command(app, "scan", "Scans files and folders", kClosing);
  const auto options = std::make_shared<Options>();
  command.add_option("paths", options->scan.paths, "Files and folders")
      ->required()
      ->type_name("PATH");
  command.add_flag("--json", options->json, "One JSON object a line, the summary last");
  command.add_flag("--ignore-unsupported",
                   options->scan.ignore_unsupported,
                   "Leave files alone that are no pictures");
  command.add_flag("--again", options->scan.again, "Scan also what already has its verdict");
  command
      .add_option(
          "--source", options->scan.source, "Where the content was posted, for policy rules")
      ->capture_default_str();
  command
      .add_option("--account",
                  options->scan.account,
                  "Whose uploads these are, as the service names them: one case for each account")
      ->check([](const std::string& text) {
        return http::is_label(text, kAccountBytesMax)
                   ? std::string()
                   : std::string("--account must be 1 to 256 bytes of text");
      });
  command.add_option("--threads", options->scan.threads, "Files at the same time (0: by CPUs)")
      ->check(CLI::Range(0, 256));
  command.callback([&session, options] {
    session.run = [&session, options] {
      return scan(session, *options);
    };
  });
}

}  // namespace tutela::cli
