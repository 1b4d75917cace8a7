#include "drill_place.hpp"

#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/bytes.hpp"
#include "base/file.hpp"
#include "crypto/secret.hpp"

namespace tutela::cli {
namespace {

namespace fs = std::filesystem;

// Room for the data of a drill, several times over, and quickly filled.
constexpr const char* kDiskSize = "size=512m,mode=0700";
constexpr std::size_t kChunkBytes = 1U << 20;

bool write_text(const char* path, const std::string& text) {
  const Fd file(::open(path, O_WRONLY | O_CLOEXEC));
  return file.valid() && write_all(file.get(), as_bytes(text)).has_value();
}

/// In namespaces of this process and its children alone; nothing outside sees the disk. False where
/// the system does not allow it.
bool mount_small_disk(const fs::path& at) {
  const std::string user = std::to_string(::getuid());
  const std::string group = std::to_string(::getgid());
  return ::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
         write_text("/proc/self/setgroups", "deny") &&
         write_text("/proc/self/uid_map", user + " " + user + " 1\n") &&
         write_text("/proc/self/gid_map", group + " " + group + " 1\n") &&
         ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("tutela-drill", at.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, kDiskSize) == 0;
}

Error no_folder(const std::error_code& error) {
  return Error{ErrorKind::kUnavailable,
               "drill.folder",
               "the drill's folder cannot be made: " + error.message() +
                   "; set TMPDIR to a folder that can be written"};
}

}  // namespace

Result<std::unique_ptr<DrillPlace>> DrillPlace::make() {
  std::array<std::byte, 6> random{};
  crypto::random_bytes(random);
  std::error_code error;
  const fs::path temporary = fs::temp_directory_path(error);
  std::unique_ptr<DrillPlace> place(new DrillPlace(temporary / ("tutela-drill-" + to_hex(random))));
  if (error || !fs::create_directories(place->data(), error)) {
    return no_folder(error);
  }
  fs::permissions(place->folder_, fs::perms::owner_all, error);
  place->small_disk_ = mount_small_disk(place->data());
  return place;
}

DrillPlace::~DrillPlace() {
  std::error_code ignored;
  if (kept_ && small_disk_) {
    fs::copy(data(), folder_ / "kept", fs::copy_options::recursive, ignored);
  }
  if (small_disk_) {
    ::umount2(data().c_str(), MNT_DETACH);
  }
  if (!kept_) {
    fs::remove_all(folder_, ignored);
  }
}

Status DrillPlace::fill() const {
  const Fd file(::open(filling().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  const Bytes chunk(kChunkBytes);
  std::size_t size = chunk.size();
  while (file.valid() && size > 0) {
    const ssize_t written = ::write(file.get(), chunk.data(), size);
    if (written < 0 && errno != ENOSPC) {
      break;
    }
    if (written <= 0) {  // smaller pieces, until nothing fits
      size /= 2;
    }
  }
  return size == 0 ? ok() : system_error("drill.disk", "fill the small disk");
}

void DrillPlace::make_room() const {
  std::error_code ignored;
  fs::remove(filling(), ignored);
}

}  // namespace tutela::cli
