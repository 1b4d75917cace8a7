// tutela rescan: searches what was judged before, and shows what rescans found.
#include <algorithm>
#include <chrono>
#include <thread>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "commands.hpp"
#include "follow.hpp"
#include "interrupt.hpp"
#include "output.hpp"

namespace tutela::cli {
namespace {

constexpr const char* kClosing =
    "Rescans start by themselves when a list gains signals, becomes active, or loses something: a\n"
    "running server does them, and so do the commands that change a list. With --list everything\n"
    "is searched once more for all signals of one list; without options, what is still to be done\n"
    "is done and the latest rescans are shown.\n"
    "Exit status: 0 no new verdicts, 1 new verdicts that match, 2 error.\n"
    "Examples:\n"
    "  tutela rescan\n"
    "  tutela rescan --list hotline --since 2026-11-01\n"
    "  tutela rescan --show 019b05a2-6d4e-7c55-8a12-3f9d5b6e7a01 --json";

constexpr std::int64_t kPage = 1000;
constexpr std::chrono::milliseconds kPoll{300};

struct Options {
  std::string list;
  std::string since;
  std::string show;
  bool json = false;
};

boost::json::object rescan_json(const pipeline::Rescan& rescan) {
  boost::json::object object = {{"id", to_string(rescan.id)},
                                {"cause", to_string(rescan.cause)},
                                {"list_id", to_string(rescan.list_id)},
                                {"state", to_string(rescan.state)},
                                {"signals", rescan.signals},
                                {"contents", rescan.contents},
                                {"examined", rescan.examined},
                                {"found", rescan.found},
                                {"created", to_rfc3339(rescan.created_ms)}};
  if (rescan.since_ms != 0) {
    object["since"] = to_rfc3339(rescan.since_ms);
  }
  if (rescan.finished_ms != 0) {
    object["finished"] = to_rfc3339(rescan.finished_ms);
  }
  return object;
}

std::string name_of(pipeline::Pipeline& pipeline, const Uuid& list) {
  const auto found = pipeline.lists().get(actor(), to_string(list));
  return found ? found->spec.name : to_string(list);
}

Status show_latest(pipeline::Pipeline& pipeline, bool json) {
  const auto latest = pipeline.rescans().latest(actor(), 20);
  if (!latest) {
    return latest.error();
  }
  Table table({"RESCAN", "STARTED", "CAUSE", "LIST", "STATE", "SIGNALS", "EXAMINED", "FOUND"});
  for (const pipeline::Rescan& rescan : *latest) {
    if (json) {
      print_json(rescan_json(rescan));
      continue;
    }
    table.add({to_string(rescan.id),
               to_rfc3339(rescan.created_ms),
               std::string(to_string(rescan.cause)),
               name_of(pipeline, rescan.list_id),
               std::string(to_string(rescan.state)),
               std::to_string(rescan.signals),
               fmt::format("{} of {}", rescan.examined, rescan.contents),
               std::to_string(rescan.found)});
  }
  if (!json && table.empty()) {
    print("Nothing was searched again yet: no list has changed since contents were judged.\n");
  } else if (!json) {
    table.print();
  }
  return ok();
}

/// Does what is still to be done and shows the latest rescans.
int catch_up(pipeline::Pipeline& pipeline, bool json) {
  const auto done = follow(pipeline);
  if (!done) {
    return fail(done.error());
  }
  if (const Status shown = show_latest(pipeline, json); !shown) {
    return fail(shown.error());
  }
  const bool matched = std::ranges::any_of(done->ended, [](const auto& ended) {
    return ended.second.cause != pipeline::RescanCause::kListWithdrawn && ended.second.found > 0;
  });
  return matched ? kMatchFound : kNothingFound;
}

/// All findings of a rescan; the exit status tells whether there are matches among them.
int show_findings(pipeline::Pipeline& pipeline, const Uuid& id, bool json) {
  const auto rescan = pipeline.rescans().get(actor(), id);
  if (!rescan) {
    return fail(rescan.error());
  }
  Table table({"CONTENT", "BEFORE", "AFTER", "AT"});
  bool matched = false;
  std::string after;
  for (std::size_t rows = kPage; rows == kPage && !stop_requested();) {
    const auto page = pipeline.rescans().findings(actor(), id, after, kPage);
    if (!page) {
      return fail(page.error());
    }
    rows = page->size();
    for (const pipeline::Finding& finding : *page) {
      after = to_string(finding.content_id);
      matched = matched || finding.after == policy::Verdict::kMatch;
      if (json) {
        print_json({{"content_id", after},
                    {"before", policy::to_string(finding.before)},
                    {"after", policy::to_string(finding.after)},
                    {"at", to_rfc3339(finding.at_ms)}});
      } else {
        table.add({after,
                   std::string(policy::to_string(finding.before)),
                   std::string(policy::to_string(finding.after)),
                   to_rfc3339(finding.at_ms)});
      }
    }
  }
  if (json) {
    print_json(rescan_json(*rescan));
  } else {
    if (!table.empty()) {
      table.print();
    }
    print(fmt::format("{}: {} examined for {}, {} found.\n",
                      to_string(rescan->state),
                      counted(static_cast<std::uint64_t>(rescan->examined), "content"),
                      counted(static_cast<std::uint64_t>(rescan->signals), "signal"),
                      rescan->found));
  }
  return matched ? kMatchFound : kNothingFound;
}

/// Waits for a rescan that another process works on.
Status wait_for(pipeline::Pipeline& pipeline, const Uuid& id) {
  ProgressLine progress;
  while (!stop_requested()) {
    TUTELA_TRY_ASSIGN(const pipeline::Rescan rescan, pipeline.rescans().get(actor(), id));
    if (rescan.state == pipeline::RescanState::kDone) {
      break;
    }
    progress.draw(static_cast<std::uint64_t>(rescan.examined),
                  static_cast<std::uint64_t>(rescan.contents),
                  fmt::format("the running server searches, {} found", rescan.found));
    std::this_thread::sleep_for(kPoll);
  }
  progress.clear();
  return ok();
}

Result<Uuid> ask(pipeline::Pipeline& pipeline, const Options& options) {
  UtcMs since_ms = 0;
  if (!options.since.empty()) {
    TUTELA_TRY_ASSIGN(since_ms, parse_time(options.since));
  }
  TUTELA_TRY_ASSIGN(const lists::List list, pipeline.lists().get(actor(), options.list));
  TUTELA_TRY_ASSIGN(const Uuid id, pipeline.ask_rescan(actor(), list.id, since_ms));
  TUTELA_TRY_ASSIGN(const Followed done, follow(pipeline));
  if (done.elsewhere) {
    TUTELA_TRY(wait_for(pipeline, id));
  }
  return id;
}

int rescan(const Session& session, const Options& options) {
  const auto pipeline = open_pipeline(session);
  if (!pipeline) {
    return fail(pipeline.error());
  }
  const InterruptGuard guard;
  if (!options.show.empty()) {
    const auto id = parse_uuid(options.show);
    return id ? show_findings(**pipeline, *id, options.json) : fail(id.error());
  }
  if (options.list.empty()) {
    return catch_up(**pipeline, options.json);
  }
  const auto id = ask(**pipeline, options);
  return id ? show_findings(**pipeline, *id, options.json) : fail(id.error());
}

}  // namespace

void add_rescan(CLI::App& app, Session& session) {
  CLI::App& command =
      add_command(app, "rescan", "Searches what was judged before, and shows findings", kClosing);
  const auto options = std::make_shared<Options>();
  CLI::Option* const list =
      command.add_option("--list", options->list, "Search for all signals of this active list")
          ->type_name("LIST");
  command.add_option("--since", options->since, "Only what arrived since: 2026-11-22 or RFC 3339")
      ->needs(list)
      ->type_name("TIME");
  command.add_option("--show", options->show, "Show what this rescan found")
      ->excludes(list)
      ->type_name("RESCAN");
  command.add_flag("--json", options->json, "One JSON object a line, the rescan last");
  command.callback([&session, options] {
    session.run = [&session, options] {
      return rescan(session, *options);
    };
  });
}

}  // namespace tutela::cli
