// tutela completion: shell completion, generated from the commands themselves.
#include <functional>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "commands.hpp"
#include "output.hpp"

namespace tutela::cli {
namespace {

constexpr const char* kClosing =
    "Exit status: 0.\n"
    "Examples:\n"
    "  source <(tutela completion bash)\n"
    "  tutela completion bash > /etc/bash_completion.d/tutela\n"
    "  source <(tutela completion zsh)\n"
    "  tutela completion fish > ~/.config/fish/completions/tutela.fish";

/// The names of a command's options, "--json --config".
std::string options_of(const CLI::App& app) {
  std::string text;
  for (const CLI::Option* const option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      text += " --" + name;
    }
  }
  return text;
}

std::string commands_of(const CLI::App& app) {
  std::string text;
  for (const CLI::App* const command : app.get_subcommands({})) {
    text += " " + command->get_name();
  }
  return text;
}

/// Calls back for every command with its path: "list create".
void for_each_command(const CLI::App& app,
                      const std::string& path,
                      const std::function<void(const std::string&, const CLI::App&)>& visit) {
  visit(path, app);
  for (const CLI::App* const command : app.get_subcommands({})) {
    const std::string& name = command->get_name();
    for_each_command(*command, path.empty() ? name : path + " " + name, visit);
  }
}

std::string bash_script(const CLI::App& app) {
  std::string cases;
  for_each_command(app, "", [&](const std::string& path, const CLI::App& command) {
    cases += fmt::format("    '{}') words='{}{}{}' ;;\n",
                         path,
                         commands_of(command),
                         options_of(command),
                         path.empty() ? "" : options_of(app));
  });
  std::string names;
  for_each_command(
      app, "", [&](const std::string& path, const CLI::App&) { names += "|'" + path + "'"; });
  // A word belongs to the command as long as the words so far name one.
  return fmt::format(
      "_tutela() {{\n"
      "  local path='' word words\n"
      "  COMPREPLY=()\n"
      "  for word in \"${{COMP_WORDS[@]:1:COMP_CWORD-1}}\"; do\n"
      "    case \"${{path:+$path }}$word\" in\n"
      "      {}) path=\"${{path:+$path }}$word\" ;;\n"
      "    esac\n"
      "  done\n"
      "  case \"$path\" in\n{}  esac\n"
      "  word=\"${{COMP_WORDS[COMP_CWORD]}}\"\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
      "}}\n"
      "complete -o default -F _tutela tutela\n",
      names.substr(1),
      cases);
}

std::string fish_quoted(std::string text) {
  for (std::size_t at = 0; (at = text.find_first_of("'\\", at)) != std::string::npos; at += 2) {
    text.insert(at, "\\");
  }
  return "'" + text + "'";
}

std::string fish_script(const CLI::App& app) {
  std::string script = "complete -c tutela -e\n";
  for_each_command(app, "", [&](const std::string& path, const CLI::App& command) {
    std::string seen = "__fish_use_subcommand";
    if (!path.empty()) {
      const std::size_t last = path.rfind(' ');
      seen = last == std::string::npos
                 ? "__fish_seen_subcommand_from " + path
                 : fmt::format("__fish_seen_subcommand_from {}; and __fish_seen_subcommand_from {}",
                               path.substr(0, last),
                               path.substr(last + 1));
    }
    for (const CLI::App* const child : command.get_subcommands({})) {
      script += fmt::format("complete -c tutela -n '{}' -a {} -d {}\n",
                            seen,
                            child->get_name(),
                            fish_quoted(child->get_description()));
    }
    for (const CLI::Option* const option : command.get_options()) {
      for (const std::string& name : option->get_lnames()) {
        script += fmt::format("complete -c tutela{} -l {} -d {}\n",
                              path.empty() ? "" : fmt::format(" -n '{}'", seen),
                              name,
                              fish_quoted(option->get_description()));
      }
    }
  });
  return script;
}

int completion(const CLI::App& app, const std::string& shell) {
  if (shell == "fish") {
    print(fish_script(app));
  } else if (shell == "zsh") {
    // zsh runs completion functions written for bash.
    print("autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n" +
          bash_script(app));
  } else {
    print(bash_script(app));
  }
  return kNothingFound;
}

}  // namespace

void add_completion(CLI::App& app, Session& session) {
  CLI::App& command = add_command(app, "completion", "Prints shell completion", kClosing);
  const auto shell = std::make_shared<std::string>();
  command.add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command.callback([&app, &session, shell] {
    session.run = [&app, shell] {
      return completion(app, *shell);
    };
  });
}

}  // namespace tutela::cli
