// What the commands under `tutela vault` do with keys. Each returns an exit status.
//
// They work on the data folder itself, so all but join need its vault process stopped or do not
// touch what it holds (split).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "commands.hpp"

namespace tutela::cli {

/// All options of the commands; each command uses its own.
struct VaultOptions {
  std::uint32_t shares = 0;
  std::uint32_t needed = 0;
  std::string out_folder;
  std::vector<std::string> share_files;
  std::string out;
  std::string to;
  bool create = false;
};

int split_vault_key(Session& session, const VaultOptions& options);
int join_vault_key(Session& session, const VaultOptions& options);
int change_vault_key(Session& session, const VaultOptions& options);
int check_vault(Session& session, const VaultOptions& options);

}  // namespace tutela::cli
