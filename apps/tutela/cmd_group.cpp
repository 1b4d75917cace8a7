// tutela group: the near-duplicates of a content.
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
    "Contents whose pictures are within a distance of 31 bits of each other, turned or mirrored\n"
    "too, share a group. A decision about a content reaches the members that are near it, never\n"
    "those that only a chain of others connects. Asking is recorded in the audit log.\n"
    "Exit status: 0 shown, 2 error.\n"
    "Examples:\n"
    "  tutela group 019b05a2-6d4e-7c55-8a12-3f9d5b6e7a01\n"
    "  tutela group 019b05a2-6d4e-7c55-8a12-3f9d5b6e7a01 --json";

constexpr std::size_t kMembersShown = 1000;

struct Options {
  std::string content;
  bool json = false;
};

void show(const groups::Group& group, bool json) {
  Table table({"CONTENT", "DISTANCE", "A DECISION REACHES IT"});
  for (const groups::Member& member : group.members) {
    if (json) {
      boost::json::object object = {{"content_id", to_string(member.content_id)},
                                    {"near", member.is_near()}};
      if (member.distance) {
        object["distance"] = *member.distance;
      }
      print_json(object);
    } else {
      table.add({to_string(member.content_id),
                 member.distance ? std::to_string(*member.distance) : "-",
                 member.is_near() ? "yes" : "no"});
    }
  }
  if (json) {
    print_json({{"group_id", to_string(group.id)}, {"size", group.size}});
    return;
  }
  table.print();
  print(fmt::format("Group {}: {}.\n",
                    to_string(group.id),
                    counted(static_cast<std::uint64_t>(group.size), "content")));
}

int group(const Session& session, const Options& options) {
  const auto id = parse_uuid(options.content);
  if (!id) {
    return fail(id.error());
  }
  const auto pipeline = open_pipeline(session);
  if (!pipeline) {
    return fail(pipeline.error());
  }
  const InterruptGuard guard;
  if (const auto done = follow(**pipeline); !done) {
    return fail(done.error());
  }
  const auto found = (*pipeline)->group_of(actor(), *id, kMembersShown);
  if (!found) {
    return fail(found.error());
  }
  show(*found, options.json);
  return kNothingFound;
}

}  // namespace

void add_group(CLI::App& app, Session& session) {
  CLI::App& command = add_command(app, "group", "Shows the near-duplicates of a content", kClosing);
  const auto options = std::make_shared<Options>();
  command.add_option("content", options->content, "The id of a content")
      ->required()
      ->type_name("CONTENT");
  command.add_flag("--json", options->json, "One JSON object a line, the group last");
  command.callback([&session, options] {
    session.run = [&session, options] {
      return group(session, *options);
    };
  });
}

}  // namespace tutela::cli
