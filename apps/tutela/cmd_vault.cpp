// tutela vault: the vault process and its keys.
#include <csignal>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/prctl.h>

#include "commands.hpp"
#include "custody/vault/shares.hpp"
#include "interrupt.hpp"
#include "output.hpp"
#include "service/log/log.hpp"
#include "service/vault_client/child.hpp"
#include "service/vault_client/client.hpp"
#include "service/vault_client/wire.hpp"
#include "service/vault_process/keeper.hpp"
#include "service/vault_process/places.hpp"
#include "service/vault_process/server.hpp"
#include "vault_actions.hpp"

namespace tutela::cli {
namespace {

constexpr const char* kClosing =
    "The vault process is the only one that holds keys. tutela serve starts one by itself; where\n"
    "vault.socket is set, it is a unit of its own, with a user of its own (docs/custody.md).\n"
    "Exit status: 0 done, 2 error.\n"
    "Examples:\n"
    "  tutela vault status\n"
    "  tutela vault serve --config /etc/tutela/tutela.toml\n"
    "  tutela vault split-key --shares 5 --needed 3\n"
    "  tutela vault join-key a.txt c.txt e.txt --out /etc/tutela/vault.key";

constexpr const char* kSplitClosing =
    "Each share is a line that can be printed and typed again; a typing error is found. The vault\n"
    "may run. Splitting again makes shares that do not go with earlier ones, which stay good.\n"
    "Exit status: 0 done, 2 error.\n"
    "Examples:\n"
    "  tutela vault split-key --shares 5 --needed 3 | lp\n"
    "  tutela vault split-key --shares 5 --needed 3 --out-folder /run/user/0/shares";

constexpr const char* kJoinClosing =
    "Needs no data folder. Without files, shares are read from standard input, one a line. The\n"
    "file that it writes must not be there yet.\n"
    "Exit status: 0 done, 2 error.\n"
    "Examples:\n"
    "  tutela vault join-key a.txt c.txt e.txt --out /etc/tutela/vault.key\n"
    "  tutela vault join-key --out /etc/tutela/vault.key";

constexpr const char* kChangeClosing =
    "Wraps the keys of epochs anew; no object is touched. The vault process must be stopped. What\n"
    "to set in the configuration afterwards is told at the end.\n"
    "Exit status: 0 done, 2 error.\n"
    "Examples:\n"
    "  tutela vault change-key --to file:/etc/tutela/next.key --create\n"
    "  tutela vault change-key --to "
    "'pkcs11:/usr/lib/softhsm/libsofthsm2.so?token=tutela&object=kek&pin-file=/etc/tutela/pin'";

constexpr const char* kCheckClosing =
    "After a restore, and once a year. Opens the key, the key of every epoch, and the key of one\n"
    "object of each; a key folder that lacks a key gets it from another. The vault process must "
    "be\n"
    "stopped.\n"
    "Exit status: 0 all opens, 2 something does not, or an error.\n"
    "Example: tutela vault check";

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

using Options = std::shared_ptr<VaultOptions>;

CLI::App& add_action(CLI::App& vault,
                     Session& session,
                     const Options& options,
                     const std::string& name,
                     const std::string& help,
                     const std::string& closing,
                     int (*action)(Session&, const VaultOptions&)) {
  CLI::App& command = add_command(vault, name, help, closing);
  command.callback([&session, options, action] {
    session.run = [&session, options, action] {
      return action(session, *options);
    };
  });
  return command;
}

void add_keys(CLI::App& vault, Session& session) {
  const auto options = std::make_shared<VaultOptions>();
  const CLI::Range range(std::uint32_t{2}, vault::kSharesMax);
  CLI::App& split = add_action(vault,
                               session,
                               options,
                               "split-key",
                               "Splits the key-encryption key among people",
                               kSplitClosing,
                               split_vault_key);
  split.add_option("--shares", options->shares, "How many people")->required()->check(range);
  split.add_option("--needed", options->needed, "How many of them make it again")
      ->required()
      ->check(range);
  split.add_option("--out-folder", options->out_folder, "Files share-1.txt and so on in here")
      ->type_name("DIR");
  CLI::App& join = add_action(vault,
                              session,
                              options,
                              "join-key",
                              "Makes the key-encryption key again out of shares",
                              kJoinClosing,
                              join_vault_key);
  join.add_option("share-files", options->share_files, "Files with shares")->type_name("FILE");
  join.add_option("--out", options->out, "The file of the key")->required()->type_name("FILE");
  CLI::App& change = add_action(vault,
                                session,
                                options,
                                "change-key",
                                "Puts another key-encryption key in place of the present one",
                                kChangeClosing,
                                change_vault_key);
  change.add_option("--to", options->to, "The other key, as vault.key names one")
      ->required()
      ->type_name("WHERE");
  change.add_flag("--create", options->create, "Make it, where it is a file that is not there");
  add_action(vault,
             session,
             options,
             "check",
             "Opens every key, and tells whether all are there",
             kCheckClosing,
             check_vault);
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
  add_keys(vault, session);
}

}  // namespace tutela::cli
