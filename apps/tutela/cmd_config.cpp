// tutela config and tutela policy: what can be set, and whether it is right.
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/file.hpp"
#include "commands.hpp"
#include "output.hpp"

namespace tutela::cli {
namespace {

constexpr std::uint64_t kPolicyBytesMax = 1U << 20;

int show_keys() {
  Table table({"KEY", "ENVIRONMENT", "DEFAULT", "RELOAD", "MEANING"});
  for (const config::KeyHelp& key : config::keys()) {
    table.add({key.key,
               key.environment,
               key.value.empty() ? "-" : key.value,
               key.reloadable ? "yes" : "restart",
               key.help});
  }
  table.print();
  return kNothingFound;
}

int show_config(const Session& session) {
  const auto config = load_config(session);
  if (!config) {
    return fail(config.error());
  }
  Table table({"KEY", "VALUE"});
  for (const config::KeyHelp& key : config::keys(*config)) {
    table.add({key.key, key.value.empty() ? "-" : key.value});
  }
  table.print();
  return kNothingFound;
}

int check_policy(const std::filesystem::path& file) {
  const auto text = read_file(file, kPolicyBytesMax);
  if (!text) {
    return fail(text.error());
  }
  const auto policy = policy::Policy::parse(as_text(*text));
  if (!policy) {
    return fail(policy.error());
  }
  print(fmt::format("Good: policy version {}.\n", policy->version()));
  return kNothingFound;
}

}  // namespace

void add_config(CLI::App& app, Session& session) {
  CLI::App& config = add_command(app,
                                 "config",
                                 "Shows what can be configured and what is",
                                 "Exit status: 0 good, 2 error.\n"
                                 "Examples:\n"
                                 "  tutela config keys\n"
                                 "  tutela --config tutela.toml config show");
  config.require_subcommand(1);
  add_command(config, "keys", "All keys, with environment names and defaults").callback([&session] {
    session.run = show_keys;
  });
  add_command(config, "show", "The values in force").callback([&session] {
    session.run = [&session] {
      return show_config(session);
    };
  });
}

void add_policy(CLI::App& app, Session& session) {
  CLI::App& policy = add_command(app,
                                 "policy",
                                 "Checks policy files",
                                 "Exit status: 0 good, 2 error.\n"
                                 "Example:\n  tutela policy check policy.toml");
  policy.require_subcommand(1);
  CLI::App& check = add_command(policy, "check", "Checks a file, telling every problem's line");
  const auto file = std::make_shared<std::filesystem::path>();
  check.add_option("file", *file, "The policy, a TOML file")->required();
  check.callback([&session, file] {
    session.run = [file] {
      return check_policy(*file);
    };
  });
}

}  // namespace tutela::cli
