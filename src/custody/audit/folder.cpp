#include "custody/audit/folder.hpp"

#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace tutela::audit {

Status make_folders(const std::filesystem::path& folder) {
  if (folder.empty()) {
    return ok();
  }
  std::error_code error;
  std::filesystem::create_directories(folder.parent_path(), error);
  if (::mkdir(folder.c_str(), kFolderMode) != 0 && errno != EEXIST) {
    return system_error("file.write_failed", "make a folder of the audit log");
  }
  return sync_folder(folder.has_parent_path() ? folder.parent_path() : std::filesystem::path("."));
}

Result<Fd> lock_folder(const std::filesystem::path& folder) {
  Fd fd(::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd.valid()) {
    return system_error("file.write_failed", "open the lock of the audit log");
  }
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{ErrorKind::kConflict,
                 "audit.followed_elsewhere",
                 "another process signs this audit log; stop it first, or leave it to that one"};
  }
  return fd;
}

void remove_temporaries(const LogOptions& options) {
  const auto remove_beside = [](const std::filesystem::path& file) {
    const std::string prefix = file.filename().string() + ".tmp-";
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(file.parent_path(), error)) {
      if (entry.path().filename().string().starts_with(prefix)) {
        std::filesystem::remove(entry.path(), error);
      }
    }
  };
  remove_beside(options.folder / "checkpoint");
  remove_beside(options.folder / "vkey");
  if (!options.checkpoint_copy.empty()) {
    remove_beside(options.checkpoint_copy);
  }
}

}  // namespace tutela::audit
