// Folder: who may write the folder of the log, and what is left in it. Internal to the module.
#pragma once

#include <filesystem>

#include "base/file.hpp"
#include "base/result.hpp"
#include "custody/audit/log.hpp"

namespace tutela::audit {

/// With everything above it, for the owner alone. Error: "file.write_failed".
Status make_folders(const std::filesystem::path& folder);

/// Held by whoever writes. Error: kConflict "audit.followed_elsewhere".
Result<Fd> lock_folder(const std::filesystem::path& folder);

/// What writers that died left beside checkpoint, key and copy. The caller holds the lock.
void remove_temporaries(const LogOptions& options);

}  // namespace tutela::audit
