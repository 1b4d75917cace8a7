// Recover: the documented way on after a restore from a backup, which nobody can overlook.
#pragma once

#include <filesystem>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "custody/audit/log.hpp"
#include "custody/store/store.hpp"

namespace tutela::audit {

struct Recovered {
  std::filesystem::path old_folder;  // the old log, whole, for examination
  std::string old_checkpoint;        // "checkpoint:<size>:<root>", as the entry names it; or "log"
};

/// Sets the log aside and lets the next Sequencer begin a new one, with another name, over all
/// entries of the database. An entry "audit.recover" that names the last old checkpoint and
/// `reason` (a purpose, not empty) commits first. The signing key is not needed, but no Sequencer
/// may run. Errors: kInvalidInput "audit.bad_reason", kConflict "audit.followed_elsewhere",
/// "file.*", those of the store.
Result<Recovered> recover(const LogOptions& options,
                          store::Database& database,
                          const store::Actor& actor,
                          UtcMs now_ms,
                          const std::string& reason);

}  // namespace tutela::audit
