// Places: where the vault's things lie, as the configuration says or in the store's folder. Pure.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "casework/preservation/preservation.hpp"
#include "custody/audit/log.hpp"
#include "custody/dual_control/dual_control.hpp"
#include "service/auth/sign_in.hpp"
#include "service/config/config.hpp"

namespace tutela::vault_process {

struct Places {
  std::filesystem::path folder;    // what nothing else names lies in here
  std::filesystem::path database;  // shared with the server
  std::string key;                 // as vault::open_key takes it
  bool key_is_ours = false;        // made at the first start
  std::vector<std::filesystem::path> epochs;
  std::filesystem::path objects;
  std::filesystem::path socket;
};

[[nodiscard]] Places places_of(const config::Config& config);

/// Where the vault process listens: vault.socket, or a place that serve and its child agree on.
[[nodiscard]] std::filesystem::path socket_of(const config::Config& config);

// What the configuration says, as the modules take it.
[[nodiscard]] audit::LogOptions log_options_of(const config::Config& config);
[[nodiscard]] dual_control::Rules request_rules_of(const config::Config& config);
[[nodiscard]] preservation::Rules preservation_rules_of(const config::Config& config);
[[nodiscard]] auth::SessionRules session_rules_of(const config::Config& config);

}  // namespace tutela::vault_process
