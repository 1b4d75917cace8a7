// Folder: who may write the folder of the log, and what is left in it. Internal to the module.
#pragma once

#include <filesystem>

#include <sys/types.h>

#include "base/file.hpp"
#include "base/result.hpp"
#include "custody/audit/log.hpp"

namespace tutela::audit {

/// What others need who check the log, in a data folder that their group may enter: nothing in it
/// is more secret than the rows that it proves.
inline constexpr mode_t kFolderMode = 0750;
inline constexpr mode_t kFileMode = 0640;

/// With everything above it. Error: "file.write_failed".
Status make_folders(const std::filesystem::path& folder);

/// Held by whoever writes. Error: kConflict "audit.followed_elsewhere".
Result<Fd> lock_folder(const std::filesystem::path& folder);

/// What writers that died left beside checkpoint, key and copy. The caller holds the lock.
void remove_temporaries(const LogOptions& options);

}  // namespace tutela::audit
