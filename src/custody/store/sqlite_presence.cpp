#include "custody/store/sqlite_presence.hpp"

#include <chrono>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "base/uuid.hpp"

namespace tutela::store {
namespace {

std::filesystem::path beside(const std::filesystem::path& database, const std::string& suffix) {
  return std::filesystem::path(database.string() + suffix);
}

Error unavailable(std::string_view operation) {
  Error error = system_error("store.unavailable", operation);
  error.kind = ErrorKind::kUnavailable;
  error.message += "; check that the folder of the database exists and belongs to this user";
  return error;
}

bool is_locked(const std::filesystem::path& marker) {
  const Fd fd(::open(marker.c_str(), O_RDONLY | O_CLOEXEC));
  return fd.valid() && ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0;
}

}  // namespace

Result<OpeningLock> OpeningLock::take(const std::filesystem::path& database, mode_t mode) {
  const Fd maker(
      ::open(beside(database, ".lock").c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (maker.valid()) {
    ::fchmod(maker.get(), mode);  // whatever the umask says
  }
  Fd fd(::open(beside(database, ".lock").c_str(), O_RDWR | O_CLOEXEC));
  if (!fd.valid()) {
    return unavailable("open the lock of the database");
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (std::chrono::steady_clock::now() > deadline) {
      return Error{ErrorKind::kUnavailable,
                   "store.busy",
                   "another process has been opening or checking the database for a minute; try "
                   "again when it is done"};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return OpeningLock(std::move(fd));
}

Result<Presence> Presence::enter(const std::filesystem::path& database, mode_t mode) {
  Presence presence;
  const std::string prefix = database.filename().string() + ".open-";
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(database.parent_path(), error)) {
    if (entry.path().filename().string().starts_with(prefix) && !is_locked(entry.path())) {
      presence.dead_.push_back(entry.path());
    }
  }
  const std::filesystem::path marker =
      beside(database, ".open-" + to_string(new_uuid(SystemClock().now_ms())));
  presence.fd_ = Fd(::open(marker.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (error || !presence.fd_.valid() || ::fchmod(presence.fd_.get(), mode) != 0) {
    return unavailable("mark the database as open");
  }
  presence.marker_ = marker;
  if (::flock(presence.fd_.get(), LOCK_EX | LOCK_NB) != 0) {
    return unavailable("lock the marker of the database");
  }
  return presence;
}

Presence::~Presence() {
  if (fd_.valid()) {
    ::unlink(marker_.c_str());
  }
}

void Presence::forget_unclean_stop() {
  for (const std::filesystem::path& marker : dead_) {
    ::unlink(marker.c_str());
  }
  dead_.clear();
}

}  // namespace tutela::store
