// Files: descriptors that close themselves, bounded reads, and writes that are whole or absent.
//
// Error messages name the operation and the system's reason, never the path's contents.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include <sys/types.h>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tutela {

/// An owned file descriptor; -1 when empty. Move only.
class Fd {
 public:
  Fd() = default;

  explicit Fd(int fd) noexcept : fd_(fd) {}

  Fd(Fd&& other) noexcept : fd_(other.release()) {}

  Fd& operator=(Fd&& other) noexcept;
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;

  ~Fd() { reset(); }

  [[nodiscard]] int get() const noexcept { return fd_; }

  [[nodiscard]] bool valid() const noexcept { return fd_ >= 0; }

  [[nodiscard]] int release() noexcept;
  void reset() noexcept;

 private:
  int fd_ = -1;
};

/// The error of the last failed system call: kNotFound for ENOENT, kLimitExceeded for ENOSPC and
/// EDQUOT, else kUnavailable. `code` is a literal; `operation` says what failed ("open spool").
[[nodiscard]] Error system_error(std::string_view code, std::string_view operation);

/// Reads a whole regular file of at most `size_bytes_max`.
/// Errors: "file.unreadable", "file.too_large", "file.not_regular".
Result<Bytes> read_file(const std::filesystem::path& path, std::uint64_t size_bytes_max);

/// Writes all bytes, through short writes and EINTR. Error: "file.write_failed".
Status write_all(int fd, ByteView bytes);

/// Replaces `path` with the bytes so that a crash leaves the old file or the new one: temporary
/// file beside it (of this mode, less the umask), fsync, rename, fsync of the folder.
Status write_file_atomic(const std::filesystem::path& path, ByteView bytes, mode_t mode = 0600);

/// Makes the names in a folder durable. Error: "file.sync_failed".
Status sync_folder(const std::filesystem::path& folder);

}  // namespace tutela
