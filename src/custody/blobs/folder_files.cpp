#include "custody/blobs/folder_files.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "base/fault.hpp"
#include "base/uuid.hpp"
#include "custody/blobs/format.hpp"

namespace tutela::blobs {
namespace {

constexpr std::string_view kUnfinished = "_unfinished";
constexpr std::size_t kDurableMax = 65'536;

void remove_if_dead(const std::filesystem::path& temporary) {
  const Fd fd(::open(temporary.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (fd.valid() && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) {
    ::unlink(temporary.c_str());
  }
}

Status make_folder(const std::filesystem::path& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return folder_error("make a folder for blobs");
  }
  return ok();
}

Status sync(const std::filesystem::path& folder) {
  Status status = sync_folder(folder);
  return status ? std::move(status) : Status(folder_error(std::move(status).error()));
}

}  // namespace

Error folder_error(Error error) {
  if (error.kind == ErrorKind::kLimitExceeded) {
    return full();
  }
  return Error{ErrorKind::kUnavailable, "blob.unavailable", std::move(error.message)};
}

Error folder_error(std::string_view operation) {
  return folder_error(system_error("file.failed", operation));
}

Temporary::~Temporary() {
  if (fd_.valid()) {
    ::unlink(path_.c_str());
  }
}

Status Temporary::write(ByteView bytes) {
  Status status = write_all(fd_.get(), bytes);
  return status ? std::move(status) : Status(folder_error(std::move(status).error()));
}

Status Temporary::sync() {
  TUTELA_FAULT_POINT("blobs.after_write");
  if (::fsync(fd_.get()) != 0) {
    return folder_error("sync a blob");
  }
  TUTELA_FAULT_POINT("blobs.after_sync");
  return ok();
}

FolderFiles::FolderFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}

Result<std::unique_ptr<FolderFiles>> FolderFiles::open(std::filesystem::path folder) {
  folder = std::filesystem::absolute(folder).lexically_normal();
  if (!folder.has_filename()) {
    folder = folder.parent_path();
  }
  TUTELA_TRY(make_folder(folder));
  TUTELA_TRY(sync(folder.parent_path()));
  TUTELA_TRY(make_folder(folder / kUnfinished));
  // tidy:allow(new): because make_unique cannot call a private constructor.
  auto files = std::unique_ptr<FolderFiles>(new FolderFiles(std::move(folder)));
  TUTELA_TRY(files->remove_dead());
  return files;
}

Status FolderFiles::remove_dead() {
  std::error_code error;
  std::filesystem::directory_iterator entries(folder_ / kUnfinished, error);
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    remove_if_dead(entries->path());
  }
  if (error) {
    return Error{ErrorKind::kUnavailable,
                 "blob.unavailable",
                 "list the unfinished blobs: " + error.message()};
  }
  return ok();
}

std::filesystem::path FolderFiles::path_of(std::string_view name) const {
  return folder_ / (std::string(name) + "_");
}

// One that another process finds before it is locked is removed, so it is only ours if it still has
// a name once it is locked.
Result<Temporary> FolderFiles::make_temporary() {
  for (int attempt = 0; attempt < 8; ++attempt) {
    const auto path = folder_ / kUnfinished / to_string(new_uuid(SystemClock().now_ms()));
    Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!fd.valid()) {
      return folder_error("create a file for a blob");
    }

    struct stat info {};

    const bool locked = ::flock(fd.get(), LOCK_EX) == 0 && ::fstat(fd.get(), &info) == 0;
    Temporary made(std::move(fd), path);
    if (!locked) {
      return folder_error("lock a file for a blob");
    }
    if (info.st_nlink != 0) {
      return made;
    }
  }
  return Error{ErrorKind::kUnavailable,
               "blob.unavailable",
               "another process keeps removing the new files of blobs"};
}

// Every folder on the way to the name exists, and its own name is synced: by this process, because
// another one that made it may not have come so far.
Status FolderFiles::make_folders_durable(std::string_view name) {
  for (std::size_t at = name.find('/'); at != std::string_view::npos; at = name.find('/', at + 1)) {
    const std::string below(name.substr(0, at));
    {
      const MutexLock lock(mutex_);
      if (durable_.contains(below)) {
        continue;
      }
    }
    TUTELA_TRY(make_folder(folder_ / below));
    TUTELA_TRY(sync((folder_ / below).parent_path()));
    TUTELA_FAULT_POINT("blobs.after_folder");
    const MutexLock lock(mutex_);
    if (durable_.size() >= kDurableMax) {
      durable_.clear();
    }
    durable_.insert(below);
  }
  return ok();
}

Status FolderFiles::link(const Temporary& temporary, std::string_view name) {
  TUTELA_TRY(make_folders_durable(name));
  const std::filesystem::path path = path_of(name);
  if (::link(temporary.path().c_str(), path.c_str()) != 0) {
    return errno == EEXIST ? exists() : folder_error("give a blob its name");
  }
  const auto make_name_durable = [&]() -> Status {
    TUTELA_FAULT_POINT("blobs.after_link");
    TUTELA_TRY(sync(path.parent_path()));
    TUTELA_FAULT_POINT("blobs.after_folder_sync");
    return ok();
  };
  Status status = make_name_durable();
  if (!status) {
    ::unlink(path.c_str());
  }
  return status;
}

Status FolderFiles::replace(const Temporary& temporary, std::string_view name) {
  TUTELA_TRY(make_folders_durable(name));
  const std::filesystem::path path = path_of(name);
  if (::rename(temporary.path().c_str(), path.c_str()) != 0) {
    return folder_error("give a blob its name");
  }
  TUTELA_FAULT_POINT("blobs.after_rename");
  return sync(path.parent_path());
}

Status FolderFiles::remove(std::string_view name) {
  const std::filesystem::path path = path_of(name);
  if (::unlink(path.c_str()) != 0) {
    if (errno != ENOENT) {
      return folder_error("remove a blob");
    }
    if (::access(path.parent_path().c_str(), F_OK) != 0) {
      return errno == ENOENT ? ok() : Status(folder_error("look for a blob"));
    }
  }
  TUTELA_FAULT_POINT("blobs.after_unlink");
  // Also where nothing was there: whoever removed it may have died before this.
  return sync(path.parent_path());
}

}  // namespace tutela::blobs
