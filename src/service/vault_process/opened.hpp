// Opened: the vault and what it stands on, without the rest of the process: for the process itself,
// and for commands that work on keys while it is stopped.
//
// One at a time: a second, of whatever process, is refused with "vault.in_use".
#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "custody/blobs/blobs.hpp"
#include "custody/store/store.hpp"
#include "custody/vault/vault.hpp"
#include "service/config/config.hpp"

namespace tutela::vault_process {

struct Opened {
  std::unique_ptr<store::Database> database;
  std::unique_ptr<blobs::Blobs> blobs;
  std::string key_id;
  std::unique_ptr<vault::Vault> vault;
};

/// Makes what is missing at a first start. Errors: kNotFound "vault.no_key" (the file of the key is
/// gone, or not there yet), those of vault::open_key, Vault::open and the store of blobs.
Result<Opened> open_vault(const config::Config& config, const Clock& clock);

}  // namespace tutela::vault_process
