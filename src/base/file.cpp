#include "base/file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/uuid.hpp"

namespace tutela {

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

int Fd::release() noexcept {
  return std::exchange(fd_, -1);
}

void Fd::reset() noexcept {
  if (fd_ >= 0) {
    ::close(std::exchange(fd_, -1));
  }
}

Error system_error(std::string_view code, std::string_view operation) {
  const int number = errno;
  ErrorKind kind = ErrorKind::kUnavailable;
  if (number == ENOENT) {
    kind = ErrorKind::kNotFound;
  } else if (number == ENOSPC || number == EDQUOT) {
    kind = ErrorKind::kLimitExceeded;
  }
  return Error{kind, code, std::string(operation) + ": " + std::strerror(number)};
}

Result<Bytes> read_file(const std::filesystem::path& path, std::uint64_t size_bytes_max) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) {
    return system_error("file.unreadable", "open");
  }

  struct stat info {};

  if (::fstat(fd.get(), &info) != 0) {
    return system_error("file.unreadable", "stat");
  }
  if (!S_ISREG(info.st_mode)) {
    return Error{ErrorKind::kInvalidInput, "file.not_regular", "not a regular file"};
  }
  Bytes bytes;
  bytes.reserve(
      std::min(static_cast<std::size_t>(info.st_size), static_cast<std::size_t>(size_bytes_max)));
  std::byte chunk[64 * 1024];
  while (true) {
    const ssize_t got = ::read(fd.get(), chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return system_error("file.unreadable", "read");
    }
    if (got == 0) {
      return bytes;
    }
    if (bytes.size() + static_cast<std::size_t>(got) > size_bytes_max) {
      return Error{ErrorKind::kLimitExceeded,
                   "file.too_large",
                   "larger than the limit of " + std::to_string(size_bytes_max) + " bytes"};
    }
    bytes.insert(bytes.end(), chunk, chunk + got);
  }
}

Status write_all(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) {
      continue;
    }
    if (put < 0) {
      return system_error("file.write_failed", "write");
    }
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return ok();
}

Status write_file_atomic(const std::filesystem::path& path, ByteView bytes, mode_t mode) {
  const std::filesystem::path temporary =
      path.string() + ".tmp-" + to_string(new_uuid(SystemClock().now_ms()));
  Fd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!fd.valid()) {
    return system_error("file.write_failed", "create");
  }
  Status written = write_all(fd.get(), bytes);
  if (written && ::fsync(fd.get()) != 0) {
    written = system_error("file.sync_failed", "fsync");
  }
  if (written && ::rename(temporary.c_str(), path.c_str()) != 0) {
    written = system_error("file.write_failed", "rename");
  }
  if (!written) {
    ::unlink(temporary.c_str());
    return written;
  }
  return sync_folder(path.has_parent_path() ? path.parent_path() : std::filesystem::path("."));
}

Status sync_folder(const std::filesystem::path& folder) {
  const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || ::fsync(fd.get()) != 0) {
    return system_error("file.sync_failed", "fsync folder");
  }
  return ok();
}

}  // namespace tutela
