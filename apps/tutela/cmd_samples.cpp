// tutela samples: the sampling audits, and the end of the alarm that a difference raises.
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "commands.hpp"
#include "output.hpp"

namespace tutela::cli {
namespace {

constexpr const char* kClosing =
    "Of items without a match a few are decoded and matched again by another path. A difference "
    "is\n"
    "an alarm until somebody looked into it and says so with --settle; what was judged wrongly "
    "has\n"
    "been judged again by then.\n"
    "Exit status: 0 no differences that nobody looked into, 1 some, 2 error.\n"
    "Examples:\n"
    "  tutela samples\n"
    "  tutela samples --settle";

int samples(const Session& session, bool settle) {
  const auto pipeline = open_pipeline(session);
  if (!pipeline) {
    return fail(pipeline.error());
  }
  if (settle) {
    if (const Status settled = (*pipeline)->settle_differences(actor()); !settled) {
      return fail(settled.error());
    }
  }
  const auto counts = (*pipeline)->sample_counts();
  if (!counts) {
    return fail(counts.error());
  }
  print(fmt::format("owed their audit           {}\ndifferences to look into   {}\n",
                    counts->owed,
                    counts->different_open));
  return counts->different_open > 0 ? kMatchFound : kNothingFound;
}

}  // namespace

void add_samples(CLI::App& app, Session& session) {
  CLI::App& command = add_command(app, "samples", "Shows the sampling audits", kClosing);
  const auto settle = std::make_shared<bool>(false);
  command.add_flag("--settle", *settle, "Every difference so far was looked into");
  command.callback([&session, settle] {
    session.run = [&session, settle] {
      return samples(session, *settle);
    };
  });
}

}  // namespace tutela::cli
