#include "list_actions.hpp"

#include <cerrno>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "base/file.hpp"
#include "commands.hpp"
#include "follow.hpp"
#include "interrupt.hpp"
#include "output.hpp"
#include "walk.hpp"

namespace tutela::cli {
namespace {

constexpr std::uint64_t kImportBytesMax = 4ULL << 30;
constexpr std::int64_t kExportPage = 10'000;

boost::json::object list_json(const lists::List& list) {
  return {{"id", to_string(list.id)},
          {"name", list.spec.name},
          {"state", lists::to_string(list.state)},
          {"purpose", lists::to_string(list.spec.purpose)},
          {"source", valid_utf8(list.spec.source)},
          {"provenance", valid_utf8(list.spec.provenance)},
          {"legal_process", valid_utf8(list.spec.legal_process)},
          {"classification", valid_utf8(list.spec.classification)},
          {"action", policy::to_string(list.spec.action)},
          {"automation", list.spec.automation},
          {"pdq_distance_max", list.spec.pdq_distance_max},
          {"signals", list.signal_count},
          {"version", list.version},
          {"created", to_rfc3339(list.created_ms)},
          {"updated", to_rfc3339(list.updated_ms)}};
}

std::string rate_text(const lists::DryRun& run) {
  const double rate = run.sample_size == 0 ? 0.0
                                           : 100.0 * static_cast<double>(run.matched) /
                                                 static_cast<double>(run.sample_size);
  return fmt::format("{} of {} items would match ({:.2f} %), {} could not be scanned",
                     run.matched,
                     run.sample_size,
                     rate,
                     run.unscannable);
}

Result<Bytes> read_stdin() {
  Bytes all;
  Bytes chunk(1U << 20);
  for (;;) {
    const ssize_t got = ::read(STDIN_FILENO, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return system_error("file.unreadable", "read standard input");
    }
    if (got == 0) {
      return all;
    }
    if (all.size() + static_cast<std::size_t>(got) > kImportBytesMax) {
      return Error{ErrorKind::kLimitExceeded,
                   "file.too_large",
                   "more than 4 GB on standard input; split the list"};
    }
    all.insert(all.end(), chunk.begin(), chunk.begin() + got);
  }
}

/// Runs `work` on the list that the options name.
template <class Work>
int with_list(pipeline::Pipeline& pipeline, const ListOptions& options, const Work& work) {
  const auto list = pipeline.lists().get(actor(), options.name);
  if (!list) {
    return fail(list.error());
  }
  const Status status = work(*list);
  return status ? kNothingFound : fail(status.error());
}

Result<std::vector<std::filesystem::path>> sample_files(const ListOptions& options) {
  FileWalk walk(options.paths, {});
  std::vector<std::filesystem::path> files;
  while (auto path = walk.next()) {
    files.push_back(*std::move(path));
  }
  if (!walk.problems().empty()) {
    const FileWalk::Problem& problem = walk.problems().front();
    complain("tutela: " + printable(problem.path.native()) + "\n");
    return problem.error;
  }
  if (files.empty()) {
    return Error{ErrorKind::kInvalidInput,
                 "list.no_sample",
                 "a dry run needs a sample: give files or folders, or --index N"};
  }
  return files;
}

Result<lists::DryRun> dry_run(pipeline::Pipeline& pipeline,
                              const lists::List& list,
                              const ListOptions& options) {
  if (options.index_limit != 0) {
    return pipeline.dry_run_on_index(actor(), list.id, options.index_limit);
  }
  TUTELA_TRY_ASSIGN(const std::vector<std::filesystem::path> files, sample_files(options));
  ProgressLine progress;
  std::uint64_t done = 0;
  Table matched({"FILE", "DISTANCE"});
  auto run =
      pipeline.dry_run(actor(), list.id, files, [&](const pipeline::Pipeline::DryRunItem& item) {
        progress.draw(++done, files.size(), "dry run");
        if (item.matched) {
          matched.add({item.label, std::to_string(item.distance)});
        }
      });
  progress.clear();
  if (run && !matched.empty()) {
    matched.print();
  }
  return run;
}

}  // namespace

int show_lists(pipeline::Pipeline& pipeline, const ListOptions& options) {
  const auto lists = pipeline.lists().all(actor());
  if (!lists) {
    return fail(lists.error());
  }
  Table table(
      {"NAME", "STATE", "PURPOSE", "SOURCE", "CLASS", "ACTION", "DISTANCE", "SIGNALS", "VERSION"});
  for (const lists::List& list : *lists) {
    if (options.json) {
      print_json(list_json(list));
      continue;
    }
    table.add({list.spec.name,
               std::string(lists::to_string(list.state)),
               std::string(lists::to_string(list.spec.purpose)),
               list.spec.source,
               list.spec.classification,
               std::string(policy::to_string(list.spec.action)),
               std::to_string(list.spec.pdq_distance_max),
               std::to_string(list.signal_count),
               std::to_string(list.version)});
  }
  if (!options.json) {
    if (table.empty()) {
      print("There are no lists yet; tutela list create makes one.\n");
    } else {
      table.print();
    }
  }
  return kNothingFound;
}

int show_list(pipeline::Pipeline& pipeline, const ListOptions& options) {
  return with_list(pipeline, options, [&](const lists::List& list) -> Status {
    TUTELA_TRY_ASSIGN(const std::optional<lists::DryRun> run,
                      pipeline.lists().latest_dry_run(actor(), list.id));
    boost::json::object object = list_json(list);
    if (run) {
      object["dry_run"] = {{"list_version", run->list_version},
                           {"sample_size", run->sample_size},
                           {"matched", run->matched},
                           {"unscannable", run->unscannable},
                           {"at", to_rfc3339(run->at_ms)}};
    }
    if (options.json) {
      print_json(object);
      return ok();
    }
    object.erase("dry_run");
    for (const auto& member : object) {
      const boost::json::value& value = member.value();
      print(fmt::format("{:<17} {}\n",
                        std::string_view(member.key()),
                        value.is_string() ? printable(std::string_view(value.get_string()))
                                          : boost::json::serialize(value)));
    }
    print(fmt::format(
        "{:<17} {}\n",
        "dry run",
        run ? fmt::format(
                  "{} (version {}, {})", rate_text(*run), run->list_version, to_rfc3339(run->at_ms))
            : "none yet; tutela list dry-run makes one"));
    return ok();
  });
}

int create_list(pipeline::Pipeline& pipeline, const ListOptions& options) {
  lists::NewList spec = options.spec;
  const auto purpose = lists::parse_purpose(options.purpose);
  if (!purpose) {
    return fail(purpose.error());
  }
  spec.purpose = *purpose;
  if (!options.action.empty()) {
    const auto action = policy::parse_action(options.action);
    if (!action) {
      return fail(action.error());
    }
    spec.action = *action;
  }
  const auto list = pipeline.lists().create(actor(), spec);
  if (!list) {
    return fail(list.error());
  }
  print(
      fmt::format("Created {} ({}), inactive and empty.\n", list->spec.name, to_string(list->id)));
  return kNothingFound;
}

int remove_list(pipeline::Pipeline& pipeline, const ListOptions& options) {
  return with_list(pipeline, options, [&](const lists::List& list) -> Status {
    if (options.signals.empty()) {
      TUTELA_TRY(pipeline.lists().remove(actor(), list.id));
      print(fmt::format("Removed {}.\n", list.spec.name));
      return follow_and_tell(pipeline);
    }
    TUTELA_TRY_ASSIGN(const std::int64_t removed,
                      pipeline.lists().remove_signals(actor(), list.id, options.signals));
    print(fmt::format("Removed {} of {} from {}.\n",
                      removed,
                      counted(options.signals.size(), "signal"),
                      list.spec.name));
    return follow_and_tell(pipeline);
  });
}

int import_signals(pipeline::Pipeline& pipeline, const ListOptions& options) {
  return with_list(pipeline, options, [&](const lists::List& list) -> Status {
    TUTELA_TRY_ASSIGN(
        const Bytes text,
        options.file == "-" ? read_stdin() : read_file(options.file, kImportBytesMax));
    lists::ImportOptions how;
    how.skip_bad = options.skip_bad;
    if (!options.kind.empty()) {
      TUTELA_TRY_ASSIGN(how.kind, match::parse_signal_kind(options.kind));
    }
    lists::ImportReport report;
    const Status status =
        pipeline.lists().import_signals(actor(), list.id, as_text(text), how, report);
    for (const lists::BadLine& bad : report.bad_lines) {
      complain(fmt::format("line {}: {}\n", bad.line, bad.why));
    }
    if (report.bad > static_cast<std::int64_t>(report.bad_lines.size())) {
      complain(fmt::format("... {} bad lines in all\n", report.bad));
    }
    TUTELA_TRY(status);
    print(fmt::format("{}: added {}, {} there already, {} skipped; now version {}.\n",
                      list.spec.name,
                      counted(static_cast<std::uint64_t>(report.added), "signal"),
                      report.already_there,
                      counted(static_cast<std::uint64_t>(report.bad), "bad line"),
                      report.version));
    if (list.state != lists::State::kActive) {
      print("It is not active: tutela list dry-run and activate come next.\n");
      return ok();
    }
    return follow_and_tell(pipeline);
  });
}

int export_signals(pipeline::Pipeline& pipeline, const ListOptions& options) {
  return with_list(pipeline, options, [&](const lists::List& list) -> Status {
    std::int64_t after = 0;
    std::int64_t rows = kExportPage;
    while (rows == kExportPage && !stop_requested()) {
      rows = 0;
      TUTELA_TRY(pipeline.lists().export_signals(
          actor(), list.id, after, kExportPage, [&](const lists::Signal& signal) {
            print(fmt::format("{},{}\n", match::to_string(signal.kind), signal.value));
            after = signal.id;
            ++rows;
            return ok();
          }));
    }
    return ok();
  });
}

int dry_run_list(pipeline::Pipeline& pipeline, const ListOptions& options) {
  return with_list(pipeline, options, [&](const lists::List& list) -> Status {
    TUTELA_TRY_ASSIGN(const lists::DryRun run, dry_run(pipeline, list, options));
    print(fmt::format("{} version {}: {}.\n", list.spec.name, run.list_version, rate_text(run)));
    if (list.state != lists::State::kActive) {
      print(fmt::format("If that is what you expect: tutela list activate {}\n", list.spec.name));
    }
    return ok();
  });
}

int activate_list(pipeline::Pipeline& pipeline, const ListOptions& options) {
  return with_list(pipeline, options, [&](const lists::List& list) -> Status {
    TUTELA_TRY_ASSIGN(const lists::Activation activation,
                      pipeline.lists().activate(actor(), list.id));
    switch (activation.state) {
      case lists::ActivationState::kActive:
        print(fmt::format("{} is active: its signals match from now on.\n", list.spec.name));
        return follow_and_tell(pipeline);
      case lists::ActivationState::kNeedsSecondPerson:
        print(
            fmt::format("Your consent is recorded. {} is not active yet: a second person must "
                        "consent too, under an account of their own.\n",
                        list.spec.name));
        break;
      case lists::ActivationState::kWaiting:
        print(
            fmt::format("Your consent is recorded. {} is not active yet: this is a one-person "
                        "server, so confirm with the same command after {}.\n",
                        list.spec.name,
                        to_rfc3339(activation.active_from_ms)));
        break;
    }
    return ok();
  });
}

int deactivate_list(pipeline::Pipeline& pipeline, const ListOptions& options) {
  return with_list(pipeline, options, [&](const lists::List& list) -> Status {
    TUTELA_TRY(pipeline.lists().deactivate(actor(), list.id));
    print(fmt::format("{} is no longer active: its signals match nothing.\n", list.spec.name));
    return follow_and_tell(pipeline);
  });
}

int set_list_action(pipeline::Pipeline& pipeline, const ListOptions& options) {
  return with_list(pipeline, options, [&](const lists::List& list) -> Status {
    TUTELA_TRY_ASSIGN(const policy::Action action, policy::parse_action(options.action));
    TUTELA_TRY_ASSIGN(const lists::List changed,
                      pipeline.lists().set_action(actor(), list.id, action));
    print(fmt::format("A match of {} now means: {}.\n",
                      changed.spec.name,
                      policy::to_string(changed.spec.action)));
    return ok();
  });
}

}  // namespace tutela::cli
