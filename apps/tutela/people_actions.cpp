#include "people_actions.hpp"

#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "output.hpp"

namespace tutela::cli {

void set_people_run(CLI::App& command, Session& session, PeopleWork work) {
  command.callback([&session, work = std::move(work)] {
    session.run = [&session, work] {
      const auto config = load_config(session);
      if (!config) {
        return fail(config.error());
      }
      const auto pipeline = pipeline::Pipeline::open(*config, session.clock);
      if (!pipeline) {
        return fail(pipeline.error());
      }
      auth::People people((*pipeline)->database(), session.clock, config->people.solo);
      return work(people, config->people.public_url);
    };
  });
}

int show_invitation(const auth::Invitation& invitation, const std::string& public_url) {
  complain(fmt::format("Invitation of {} as {}, until {}. It is shown this once:\n",
                       invitation.person.name,
                       auth::to_string(invitation.person.role),
                       to_rfc3339(invitation.person.invitation_ends_ms.value_or(0))));
  if (!public_url.empty()) {
    complain(public_url + "/invitation#" + invitation.code + "\n");
  }
  print(invitation.code + "\n");
  return kNothingFound;
}

}  // namespace tutela::cli
