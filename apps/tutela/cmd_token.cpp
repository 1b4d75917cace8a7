// tutela token: bearer tokens for the HTTP API.
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "commands.hpp"
#include "output.hpp"
#include "service/auth/auth.hpp"

namespace tutela::cli {
namespace {

constexpr const char* kClosing =
    "Scopes: scan, lists, read, search, export, report, admin. Each stands for itself; give no\n"
    "more than needed. With report, notices are handed in: by your own button, trusted flaggers,\n"
    "hotlines.\n"
    "The secret is shown once and stored as a hash only.\n"
    "Exit status: 0 done, 2 error.\n"
    "Examples:\n"
    "  tutela token create mastodon --scopes scan --expires 365\n"
    "  tutela token revoke mastodon";

constexpr UtcMs kDayMs = 24LL * 3600 * 1000;

struct TokenOptions {
  std::string name;
  std::string scopes;
  int expires_days = 0;
};

int create(auth::Auth& auth, const Clock& clock, const TokenOptions& options) {
  const auto scopes = auth::parse_scopes(options.scopes);
  if (!scopes) {
    return fail(scopes.error());
  }
  std::optional<UtcMs> expires;
  if (options.expires_days != 0) {
    expires = clock.now_ms() + options.expires_days * kDayMs;
  }
  const auto token = auth.create(actor(), options.name, *scopes, expires);
  if (!token) {
    return fail(token.error());
  }
  complain(fmt::format("Token {} for {}{}. It is shown this once:\n",
                       token->info.name,
                       auth::to_string(token->info.scopes),
                       expires ? ", until " + to_rfc3339(*expires) : ", without an end"));
  print(token->secret + "\n");
  return kNothingFound;
}

int show(auth::Auth& auth, const Clock& clock) {
  const auto tokens = auth.all(actor());
  if (!tokens) {
    return fail(tokens.error());
  }
  if (tokens->empty()) {
    print("There are no tokens yet; tutela token create makes one.\n");
    return kNothingFound;
  }
  Table table({"NAME", "SCOPES", "STATE", "CREATED", "EXPIRES", "ID"});
  for (const auth::TokenInfo& token : *tokens) {
    const bool expired = token.expires_ms && *token.expires_ms <= clock.now_ms();
    table.add({token.name,
               auth::to_string(token.scopes),
               token.revoked_ms ? "revoked"
               : expired        ? "expired"
                                : "valid",
               to_rfc3339(token.created_ms),
               token.expires_ms ? to_rfc3339(*token.expires_ms) : "never",
               to_string(token.id)});
  }
  table.print();
  return kNothingFound;
}

int revoke(auth::Auth& auth, const Clock& /*clock*/, const TokenOptions& options) {
  const Status status = auth.revoke(actor(), options.name);
  if (!status) {
    return fail(status.error());
  }
  print("Revoked; it opens nothing from now on.\n");
  return kNothingFound;
}

/// Says that this command runs `work` on the tokens of the data folder.
template <class Work>
void set_run(CLI::App& command, Session& session, const Work& work) {
  command.callback([&session, work] {
    session.run = [&session, work] {
      const auto pipeline = open_pipeline(session);
      if (!pipeline) {
        return fail(pipeline.error());
      }
      auth::Auth auth((*pipeline)->database(), session.clock);
      return work(auth, session.clock);
    };
  });
}

}  // namespace

void add_token(CLI::App& app, Session& session) {
  CLI::App& token = add_command(app, "token", "Makes, shows and revokes API tokens", kClosing);
  token.require_subcommand(1);
  const auto options = std::make_shared<TokenOptions>();
  CLI::App& creating = add_command(token, "create", "Makes a token and prints its secret once");
  creating.add_option("name", options->name, "A name for it")->required();
  creating.add_option("--scopes", options->scopes, "What it may do: \"scan read\"")->required();
  creating.add_option("--expires", options->expires_days, "Days until it ends (default: never)")
      ->check(CLI::Range(1, 36'500));
  set_run(creating, session, [options](auth::Auth& auth, const Clock& clock) {
    return create(auth, clock, *options);
  });
  CLI::App& listing = add_command(token, "list", "Shows all tokens, without secrets");
  set_run(listing, session, show);
  CLI::App& revoking = add_command(token, "revoke", "Ends a token at once");
  revoking.add_option("name", options->name, "Name or id")->required();
  set_run(revoking, session, [options](auth::Auth& auth, const Clock& clock) {
    return revoke(auth, clock, *options);
  });
}

}  // namespace tutela::cli
