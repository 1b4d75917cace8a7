// tutela vault: the vault process and its keys.
#include <csignal>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/prctl.h>

#include "commands.hpp"
#include "interrupt.hpp"
#include "output.hpp"
#include "service/log/log.hpp"
#include "service/vault_client/child.hpp"
#include "service/vault_client/client.hpp"
#include "service/vault_client/wire.hpp"
#include "service/vault_process/keeper.hpp"
#include "service/vault_process/places.hpp"
#include "service/vault_process/server.hpp"

namespace tutela::cli {
namespace {

constexpr const char* kClosing =
    "The vault process is the only one that holds keys. tutela serve starts one by itself; where\n"
    "vault.socket is set, it is a unit of its own, with a user of its own (docs/custody.md).\n"
    "Exit status: 0 done, 2 error.\n"
    "Examples:\n"
    "  tutela vault status\n"
    "  tutela vault serve --config /etc/tutela/tutela.toml";

constexpr std::size_t kCallsMax = 32;

int complain_and_end(const Error& error) {
  log::log_event(log::Level::kError,
                 "the vault cannot start",
                 {{"code", std::string(error.code)}, {"why", error.message}});
  return kError;
}

int serve(const Session& session, int parent) {
  if (parent != 0) {
    vault_client::die_with_parent(parent);
  }
  const auto config = load_config(session);
  if (!config) {
    return fail(config.error());
  }
  // Nobody of the same user reads its memory, and no core file keeps it.
  ::prctl(PR_SET_DUMPABLE, 0);
  log::configure_log(config->log);
  const InterruptGuard guard;
  auto keeper = vault_process::Keeper::open(*config, session.clock);
  if (!keeper) {
    return complain_and_end(keeper.error());
  }
  auto listener = vault_client::listen_at(vault_process::socket_of(*config));
  if (!listener) {
    return complain_and_end(listener.error());
  }
  log::log_event(log::Level::kInfo, "the vault is open");
  const Status done = vault_process::run(
      **keeper, *std::move(listener), kCallsMax, [] { return stop_requested(); });
  log::log_event(log::Level::kInfo, "the vault is closed");
  return done ? kNothingFound : complain_and_end(done.error());
}

int status(const Session& session) {
  const auto config = load_config(session);
  if (!config) {
    return fail(config.error());
  }
  const auto said = vault_client::Client(vault_process::socket_of(*config)).status();
  if (!said) {
    return fail(said.error());
  }
  Table table({"VAULT", ""});
  for (const auto& [name, value] : said->values()) {
    table.add({name, value});
  }
  table.print();
  return kNothingFound;
}

}  // namespace

void add_vault(CLI::App& app, Session& session) {
  CLI::App& vault = add_command(app, "vault", "Runs and shows the evidence vault", kClosing);
  vault.require_subcommand(1);
  const auto parent = std::make_shared<int>(0);
  CLI::App& serving = add_command(vault, "serve", "Runs the vault process");
  serving.add_option("--with-parent", *parent, "End with this process, which started it");
  serving.callback([&session, parent] {
    session.run = [&session, parent] {
      return serve(session, *parent);
    };
  });
  CLI::App& showing = add_command(vault, "status", "Shows what the vault process says of itself");
  showing.callback([&session] {
    session.run = [&session] {
      return status(session);
    };
  });
}

}  // namespace tutela::cli
