// What the commands admin and person share.
#pragma once

#include <functional>
#include <string>

#include "commands.hpp"
#include "service/auth/people.hpp"

namespace tutela::cli {

using PeopleWork = std::function<int(auth::People& people, const std::string& public_url)>;

/// Says that this command runs `work` on the people of the data folder.
void set_people_run(CLI::App& command, Session& session, PeopleWork work);

/// Who is invited on stderr, the code alone on stdout. Returns the exit status.
int show_invitation(const auth::Invitation& invitation, const std::string& public_url);

}  // namespace tutela::cli
