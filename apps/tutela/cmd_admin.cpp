// tutela admin: the first person, made on the machine itself.
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "commands.hpp"
#include "people_actions.hpp"

namespace tutela::cli {
namespace {

constexpr const char* kClosing =
    "Admins invite people and change their roles; they see no content. The invitation is valid "
    "for\n"
    "72 hours, works once, and is shown this once; with it the person sets a password and a "
    "second\n"
    "factor (POST /v1/invitation, then /v1/session). Further people: the admin, or tutela person.\n"
    "Exit status: 0 done, 2 error.\n"
    "Example:\n"
    "  tutela admin create anna";

struct AdminOptions {
  std::string name;
  std::string email;
  bool force = false;
};

}  // namespace

void add_admin(CLI::App& app, Session& session) {
  CLI::App& admin = add_command(app, "admin", "Makes the first admin", kClosing);
  admin.require_subcommand(1);
  const auto options = std::make_shared<AdminOptions>();
  CLI::App& creating = add_command(admin, "create", "Invites the first admin");
  creating.add_option("name", options->name, "What they will sign in as")->required();
  creating.add_option("--email", options->email, "Where mails about promises go");
  creating.add_flag("--force", options->force, "Although there is one; an alarm in the audit log");
  set_people_run(creating, session, [options](auth::People& people, const std::string& url) {
    const auto invitation =
        people.create_admin(actor(), options->name, options->force, options->email);
    return invitation ? show_invitation(*invitation, url) : fail(invitation.error());
  });
}

}  // namespace tutela::cli
