#include "file_hash.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.hpp"

namespace tutela::cli {
namespace {

constexpr std::size_t kChunkBytes = 256U << 10;

/// Digests everything and keeps at most the limit for the worker.
Result<workers::ItemBytes> read_item(int fd,
                                     std::uint64_t size_bytes_max,
                                     std::optional<crypto::Digests>& digests) {
  TUTELA_TRY_ASSIGN(workers::ItemBytes item, workers::ItemBytes::create());
  crypto::Digester digester;
  Bytes chunk(kChunkBytes);
  std::uint64_t size = 0;
  for (;;) {
    const ssize_t got = ::read(fd, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return system_error("file.unreadable", "read the file");
    }
    if (got == 0) {
      break;
    }
    const ByteView bytes(chunk.data(), static_cast<std::size_t>(got));
    digester.update(bytes);
    size += bytes.size();
    if (size <= size_bytes_max) {
      TUTELA_TRY(item.append(bytes));
    }
  }
  digests = digester.finish();
  if (size > size_bytes_max) {
    return Error{ErrorKind::kLimitExceeded,
                 "media.too_large",
                 "the file is larger than limits.size_bytes_max; raise it to decode the file"};
  }
  return item;
}

Result<inspect::Inspection> inspect_file(workers::Workers& workers,
                                         FileHash& hash,
                                         std::uint64_t size_bytes_max) {
  Fd opened;
  int fd = STDIN_FILENO;
  if (hash.path != "-") {
    TUTELA_TRY_ASSIGN(opened, open_regular(hash.path, Links::kFollow));
    fd = opened.get();
  }
  TUTELA_TRY_ASSIGN(const workers::ItemBytes item, read_item(fd, size_bytes_max, hash.digests));
  return workers.inspect(item);
}

}  // namespace

Result<Fd> open_regular(const std::filesystem::path& path, Links links) {
  const int extra = links == Links::kRefuse ? O_NOFOLLOW : 0;
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | extra));

  struct stat status {};

  if (!fd.valid() || ::fstat(fd.get(), &status) != 0) {
    return system_error("file.unreadable", "open the file");
  }
  if (!S_ISREG(status.st_mode)) {
    return Error{ErrorKind::kInvalidInput,
                 "file.not_regular",
                 "not a regular file; give a file with a picture"};
  }
  return fd;
}

FileHash hash_file(workers::Workers& workers,
                   const std::filesystem::path& path,
                   std::uint64_t size_bytes_max) {
  FileHash hash{.path = path, .digests = {}, .inspection = inspect::Inspection{}};
  hash.inspection = inspect_file(workers, hash, size_bytes_max);
  return hash;
}

}  // namespace tutela::cli
