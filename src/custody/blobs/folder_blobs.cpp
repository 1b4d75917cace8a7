#include "custody/blobs/folder_blobs.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.hpp"
#include "base/file.hpp"
#include "custody/blobs/folder_files.hpp"
#include "custody/blobs/format.hpp"
#include "custody/blobs/whole.hpp"

namespace tutela::blobs {
namespace {

/// Fills the bytes from `at` on; fewer only at the file's end. A disk that cannot read them back is
/// "blob.corrupt".
Result<std::size_t> read_at(int fd, std::span<std::byte> out, std::uint64_t at) {
  std::size_t filled = 0;
  while (filled < out.size()) {
    const ssize_t got =
        ::pread(fd, out.data() + filled, out.size() - filled, static_cast<off_t>(at + filled));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return errno == EIO ? corrupt() : folder_error("read a blob");
    }
    if (got == 0) {
      break;
    }
    filled += static_cast<std::size_t>(got);
  }
  return filled;
}

class FolderReader final : public Reader {
 public:
  static Result<std::unique_ptr<Reader>> open(const std::filesystem::path& path) {
    Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!fd.valid()) {
      return errno == ENOENT || errno == ENOTDIR ? missing() : folder_error("open a blob");
    }

    struct stat info {};

    if (::fstat(fd.get(), &info) != 0) {
      return folder_error("look at a blob");
    }
    const auto size = static_cast<std::uint64_t>(info.st_size);
    Footer footer;
    if (!S_ISREG(info.st_mode) || size < kFooterSize) {
      return corrupt();
    }
    TUTELA_TRY_ASSIGN(const std::size_t got, read_at(fd.get(), footer, size - kFooterSize));
    TUTELA_TRY_ASSIGN(const std::uint64_t named, footer_size_bytes(ByteView(footer).first(got)));
    if (named != size - kFooterSize) {
      return corrupt();
    }
    return std::unique_ptr<Reader>(std::make_unique<FolderReader>(std::move(fd), named, footer));
  }

  FolderReader(Fd fd, std::uint64_t size, const Footer& footer)
      : fd_(std::move(fd)), size_(size), footer_(footer) {}

  Result<std::size_t> read(std::span<std::byte> out) override {
    if (failed_) {
      return *failed_;
    }
    Result<std::size_t> got = read_more(out);
    if (!got) {
      failed_ = got.error();
    }
    return got;
  }

  [[nodiscard]] std::uint64_t size_bytes() const noexcept override { return size_; }

 private:
  Result<std::size_t> read_more(std::span<std::byte> out) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), size_ - at_));
    if (wanted == 0) {
      if (at_ == size_ && checksum_.footer() != footer_) {
        return corrupt();
      }
      return 0;
    }
    TUTELA_TRY_ASSIGN(const std::size_t got, read_at(fd_.get(), out.first(wanted), at_));
    if (got != wanted) {
      return corrupt();
    }
    checksum_.update(out.first(got));
    at_ += got;
    return got;
  }

  Fd fd_;
  std::uint64_t size_;
  std::uint64_t at_ = 0;
  Footer footer_;
  Checksum checksum_;
  std::optional<Error> failed_;
};

class FolderWriter final : public Writer {
 public:
  FolderWriter(FolderFiles& files, std::string name, Temporary temporary)
      : files_(files), name_(std::move(name)), temporary_(std::move(temporary)) {}

  Status append(ByteView bytes) override {
    if (!temporary_) {
      return ended();
    }
    checksum_.update(bytes);
    return ended_by(temporary_->write(bytes));
  }

  Status finish() override {
    if (!temporary_) {
      return ended();
    }
    Status status = finish_file();
    temporary_.reset();
    return status;
  }

 private:
  Status finish_file() {
    TUTELA_TRY(temporary_->write(checksum_.footer()));
    TUTELA_TRY(temporary_->sync());
    return files_.link(*temporary_, name_);
  }

  Status ended_by(Status status) {
    if (!status) {
      temporary_.reset();
    }
    return status;
  }

  FolderFiles& files_;
  const std::string name_;
  std::optional<Temporary> temporary_;
  Checksum checksum_;
};

class FolderBlobs final : public Blobs {
 public:
  FolderBlobs(std::unique_ptr<FolderFiles> files, FolderOptions options)
      : files_(std::move(files)), options_(options) {}

  Result<std::unique_ptr<Writer>> create(std::string_view name,
                                         std::optional<UtcMs> /*lock_until_ms*/) override {
    TUTELA_TRY(check_name(name));
    if (::access(files_->path_of(name).c_str(), F_OK) == 0) {
      return exists();
    }
    TUTELA_TRY_ASSIGN(Temporary temporary, files_->make_temporary());
    return std::unique_ptr<Writer>(
        std::make_unique<FolderWriter>(*files_, std::string(name), std::move(temporary)));
  }

  Result<std::unique_ptr<Reader>> open(std::string_view name) override {
    TUTELA_TRY(check_name(name));
    return FolderReader::open(files_->path_of(name));
  }

  Status replace(std::string_view name, ByteView bytes) override {
    TUTELA_TRY(check_name(name));
    if (bytes.size() > kReplaceSizeMax) {
      return too_large();
    }
    TUTELA_TRY_ASSIGN(Temporary temporary, files_->make_temporary());
    TUTELA_TRY(temporary.write(with_footer(bytes)));
    TUTELA_TRY(temporary.sync());
    return files_->replace(temporary, name);
  }

  Result<Bytes> get(std::string_view name, std::uint64_t size_bytes_max) override {
    TUTELA_TRY_ASSIGN(const std::unique_ptr<Reader> reader, open(name));
    return read_whole(*reader, size_bytes_max);
  }

  Status remove(std::string_view name) override {
    TUTELA_TRY(check_name(name));
    return files_->remove(name);
  }

  Status list(std::string_view prefix,
              const std::function<Status(std::string_view name)>& on_name) override {
    return files_->list(prefix, on_name);
  }

  Result<Scrub> scrub(std::string_view prefix,
                      const std::function<bool()>& stop_requested,
                      const std::function<void(const Scrub&)>& on_progress) override {
    return scrub_blobs(*this, prefix, options_.scrub_bytes_per_second, stop_requested, on_progress);
  }

 private:
  const std::unique_ptr<FolderFiles> files_;
  const FolderOptions options_;
};

}  // namespace

Result<std::unique_ptr<Blobs>> open_folder(std::filesystem::path folder, FolderOptions options) {
  TUTELA_TRY_ASSIGN(auto files, FolderFiles::open(std::move(folder)));
  return std::unique_ptr<Blobs>(std::make_unique<FolderBlobs>(std::move(files), options));
}

}  // namespace tutela::blobs
