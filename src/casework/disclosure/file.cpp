#include "base/file.hpp"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <unistd.h>

#include "casework/disclosure/disclosure.hpp"
#include "casework/disclosure/rows.hpp"

namespace tutela::disclosure {
namespace {

class File final : public Output {
 public:
  File(std::filesystem::path folder, const std::string& name, Fd fd)
      : folder_(std::move(folder)),
        path_(folder_ / name),
        partial_(folder_ / partial_name(name)),
        fd_(std::move(fd)) {}

  File(const File&) = delete;
  File& operator=(const File&) = delete;

  ~File() override {
    if (!renamed_) {
      ::unlink(partial_.c_str());
    }
  }

  Status write(ByteView bytes) override { return write_all(fd_.get(), bytes); }

  Status finish() override {
    if (::fsync(fd_.get()) != 0) {
      return system_error("file.sync_failed", "fsync a package");
    }
    if (::rename(partial_.c_str(), path_.c_str()) != 0) {
      return system_error("file.write_failed", "rename a package");
    }
    renamed_ = true;
    return sync_folder(folder_);
  }

  void discard() override {
    if (renamed_) {
      ::unlink(path_.c_str());
    }
  }

 private:
  std::filesystem::path folder_;
  std::filesystem::path path_;
  std::filesystem::path partial_;
  Fd fd_;
  bool renamed_ = false;
};

}  // namespace

std::string partial_name(const std::string& name) {
  return name + ".partial";
}

Result<std::unique_ptr<Output>> create_file(const std::filesystem::path& folder,
                                            const std::string& name) {
  Fd fd(::open((folder / partial_name(name)).c_str(),
               O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
               0600));
  if (!fd.valid()) {
    return system_error("file.write_failed", "create a package");
  }
  return std::unique_ptr<Output>(std::make_unique<File>(folder, name, std::move(fd)));
}

}  // namespace tutela::disclosure
