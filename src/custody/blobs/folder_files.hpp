// The files under a folder of blobs: temporary ones, durable names, and the walk over them.
//
// Internal to the module. FolderFiles is thread-safe; a Temporary belongs to one caller.
#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/file.hpp"
#include "base/mutex.hpp"
#include "base/result.hpp"

namespace tutela::blobs {

/// The last system call's error in the contract's words: "blob.full" or "blob.unavailable".
[[nodiscard]] Error folder_error(std::string_view operation);
/// Any error of base/file.hpp in the contract's words.
[[nodiscard]] Error folder_error(Error error);

/// A file that is being written; it is removed when this ends, and locked until then, so that no
/// other process takes it for a dead one's.
class Temporary {
 public:
  Temporary(Fd fd, std::filesystem::path path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Temporary(Temporary&&) noexcept = default;
  Temporary& operator=(Temporary&&) = delete;
  ~Temporary();

  Status write(ByteView bytes);
  Status sync();

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  Fd fd_;
  std::filesystem::path path_;
};

class FolderFiles {
 public:
  /// Makes the folders and removes what dead processes left.
  static Result<std::unique_ptr<FolderFiles>> open(std::filesystem::path folder);

  [[nodiscard]] std::filesystem::path path_of(std::string_view name) const;
  Result<Temporary> make_temporary();
  /// Gives the file its name, for good. Error: "blob.exists".
  Status link(const Temporary& temporary, std::string_view name);
  /// The same in place of an earlier one.
  Status replace(const Temporary& temporary, std::string_view name);
  Status remove(std::string_view name);
  /// See Blobs::list.
  Status list(std::string_view prefix, const std::function<Status(std::string_view)>& on_name);

 private:
  explicit FolderFiles(std::filesystem::path folder);
  Status remove_dead();
  Status make_folders_durable(std::string_view name);
  Status list_folder(const std::string& below,
                     std::string_view prefix,
                     const std::function<Status(std::string_view)>& on_name);

  const std::filesystem::path folder_;
  Mutex mutex_;
  std::set<std::string> durable_ TUTELA_GUARDED_BY(mutex_);  // folders whose own names are synced
};

}  // namespace tutela::blobs
