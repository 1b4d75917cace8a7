// tutela person: people's accounts, for whoever runs the machine.
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "commands.hpp"
#include "output.hpp"
#include "people_actions.hpp"

namespace tutela::cli {
namespace {

constexpr const char* kClosing =
    "Roles: reviewer, contractor (only assigned cases), lead, legal, auditor, operator, admin. "
    "What\n"
    "each may do: docs/people.md. Every change is in the audit log; all but the address end the\n"
    "person's sessions. Whoever is on duty or a deputy gets a mail when a promise is near its "
    "end.\n"
    "Nobody sets a password for another: add and reset print an invitation, once.\n"
    "Exit status: 0 done, 2 error.\n"
    "Examples:\n"
    "  tutela person add bert --role reviewer --email bert@example.org\n"
    "  tutela person email bert b.meyer@example.org\n"
    "  tutela person role bert lead\n"
    "  tutela person disable bert";

struct PersonOptions {
  std::string name;
  std::string role;
  std::string email;
  bool remove = false;
};

int show(auth::People& people) {
  const auto all = people.all(actor());
  if (!all) {
    return fail(all.error());
  }
  if (all->empty()) {
    print("There are no people yet; tutela admin create invites the first.\n");
    return kNothingFound;
  }
  Table table({"NAME", "ROLE", "STATE", "SECOND FACTOR", "EMAIL", "CREATED", "ID"});
  for (const auth::Person& person : *all) {
    table.add({person.name,
               std::string(auth::to_string(person.role)),
               std::string(auth::to_string(person.state)),
               person.has_second_factor ? "yes" : "no",
               person.email.empty() ? "-" : person.email,
               to_rfc3339(person.created_ms),
               to_string(person.id)});
  }
  table.print();
  return kNothingFound;
}

int add(auth::People& people, const PersonOptions& options, const std::string& url) {
  const auto role = auth::parse_role(options.role);
  if (!role) {
    return fail(role.error());
  }
  const auto invitation = people.invite(actor(), options.name, *role, options.email);
  return invitation ? show_invitation(*invitation, url) : fail(invitation.error());
}

int set_role(auth::People& people, const PersonOptions& options) {
  const auto role = auth::parse_role(options.role);
  if (!role) {
    return fail(role.error());
  }
  const auto person = people.set_role(actor(), options.name, *role);
  if (!person) {
    return fail(person.error());
  }
  print("Changed; their sessions are over.\n");
  return kNothingFound;
}

int set_email(auth::People& people, const PersonOptions& options) {
  if (options.remove == !options.email.empty()) {
    return fail({ErrorKind::kInvalidInput, "person.bad_email", "name an address, or --remove"});
  }
  const auto person = people.set_email(actor(), options.name, options.email);
  if (!person) {
    return fail(person.error());
  }
  print(options.remove ? "Removed; they get no mails.\n" : "Changed.\n");
  return kNothingFound;
}

int disable(auth::People& people, const PersonOptions& options) {
  const auto person = people.disable(actor(), options.name);
  if (!person) {
    return fail(person.error());
  }
  print("Disabled; their sessions are over. tutela person reset lets them in again.\n");
  return kNothingFound;
}

}  // namespace

void add_person(CLI::App& app, Session& session) {
  CLI::App& person = add_command(app, "person", "Invites people and changes accounts", kClosing);
  person.require_subcommand(1);
  const auto options = std::make_shared<PersonOptions>();
  CLI::App& adding = add_command(person, "add", "Invites a person");
  adding.add_option("name", options->name, "What they will sign in as")->required();
  adding.add_option("--role", options->role, "What they may do")->required();
  adding.add_option("--email", options->email, "Where mails about promises go");
  set_people_run(adding, session, [options](auth::People& people, const std::string& url) {
    return add(people, *options, url);
  });
  CLI::App& listing = add_command(person, "list", "Shows everybody, without secrets");
  set_people_run(
      listing, session, [](auth::People& people, const std::string&) { return show(people); });
  CLI::App& changing = add_command(person, "role", "Gives another role");
  changing.add_option("name", options->name, "Name or id")->required();
  changing.add_option("role", options->role, "The new role")->required();
  set_people_run(changing, session, [options](auth::People& people, const std::string&) {
    return set_role(people, *options);
  });
  CLI::App& writing = add_command(person, "email", "Says where mails about promises go");
  writing.add_option("name", options->name, "Name or id")->required();
  writing.add_option("email", options->email, "The address");
  writing.add_flag("--remove", options->remove, "They have none any more");
  set_people_run(writing, session, [options](auth::People& people, const std::string&) {
    return set_email(people, *options);
  });
  CLI::App& disabling = add_command(person, "disable", "Shuts an account at once");
  disabling.add_option("name", options->name, "Name or id")->required();
  set_people_run(disabling, session, [options](auth::People& people, const std::string&) {
    return disable(people, *options);
  });
  CLI::App& resetting =
      add_command(person, "reset", "Forgets password and second factor, and invites again");
  resetting.add_option("name", options->name, "Name or id")->required();
  set_people_run(resetting, session, [options](auth::People& people, const std::string& url) {
    const auto invitation = people.reset(actor(), options->name);
    return invitation ? show_invitation(*invitation, url) : fail(invitation.error());
  });
}

}  // namespace tutela::cli
