// ScratchFolder: where a measurement writes; it goes when that ends.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "base/result.hpp"

namespace tutela::cli {

/// A folder on the same disk as the data folder, removed at the end.
class ScratchFolder {
 public:
  static Result<ScratchFolder> beside(const std::filesystem::path& data_folder) {
    std::error_code error;
    std::filesystem::path parent = std::filesystem::absolute(data_folder, error);
    while (!parent.empty() && !std::filesystem::is_directory(parent, error)) {
      parent = parent.parent_path();
    }
    std::string name = (parent / ".tutela-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      return system_error("file.write_failed", "make a folder beside the data folder");
    }
    return ScratchFolder(name);
  }

  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}

  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}

  ScratchFolder& operator=(ScratchFolder&&) = delete;

  ~ScratchFolder() {
    std::error_code error;
    if (!path_.empty()) {
      std::filesystem::remove_all(path_, error);
    }
  }

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace tutela::cli
