#include "service/pipeline/instance.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/uuid.hpp"

namespace tutela::pipeline {
namespace {

bool same_file(int fd, const std::filesystem::path& path) {
  struct stat open_info {};

  struct stat path_info {};

  return ::fstat(fd, &open_info) == 0 && ::stat(path.c_str(), &path_info) == 0 &&
         open_info.st_ino == path_info.st_ino && open_info.st_dev == path_info.st_dev;
}

/// Whether a living process holds the mark; removes it when none does.
bool is_held(const std::filesystem::path& mark) {
  const Fd fd(::open(mark.c_str(), O_RDWR | O_CLOEXEC));
  if (!fd.valid()) {
    return errno != ENOENT;
  }
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return true;
  }
  ::unlink(mark.c_str());
  return false;
}

}  // namespace

Instance::Instance(std::filesystem::path folder, std::string id, Fd lock)
    : folder_(std::move(folder)), id_(std::move(id)), lock_(std::move(lock)) {}

Instance::~Instance() {
  if (lock_.valid()) {
    ::unlink((folder_ / id_).c_str());
  }
}

Result<Instance> Instance::create(const std::filesystem::path& folder, std::string id) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  const std::filesystem::path mark = folder / id;
  // Another process may find the new mark before it is locked, and take it for a dead one's: then
  // the path no longer names our file, and we make it again.
  for (int tries = 0; tries < 100; ++tries) {
    Fd fd(::open(mark.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!fd.valid()) {
      return system_error("instance.no_lock", "create the instance's mark in the data folder");
    }
    if (::flock(fd.get(), LOCK_EX) == 0 && same_file(fd.get(), mark)) {
      return Instance(folder, std::move(id), std::move(fd));
    }
  }
  return Error{ErrorKind::kUnavailable,
               "instance.no_lock",
               "cannot lock the instance's mark in the data folder"};
}

bool Instance::is_alive(std::string_view id) const {
  return id == id_ || is_instance_alive(folder_, id);
}

bool is_instance_alive(const std::filesystem::path& folder, std::string_view id) {
  // Only names of our own making are looked up: the id comes from a row.
  return !parse_uuid(id) || is_held(folder / std::string(id));
}

bool Instance::others_alive() const {
  bool alive = false;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, failed)) {
    alive = (entry.path().filename() != id_ && is_held(entry.path())) || alive;
  }
  return alive || failed;
}

}  // namespace tutela::pipeline
