// FileWalk: the regular files under some folders, in the order of their names. Symbolic links are
// not followed (but for those that were named themselves), special files are skipped. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/result.hpp"

namespace tutela::cli {

class FileWalk {
 public:
  /// `skipped` is a folder that is not entered (the data folder); may be empty.
  FileWalk(const std::vector<std::filesystem::path>& roots, const std::filesystem::path& skipped);

  [[nodiscard]] std::optional<std::filesystem::path> next();

  struct Problem {
    std::filesystem::path path;
    Error error;
  };

  /// Roots and folders that could not be read.
  [[nodiscard]] const std::vector<Problem>& problems() const noexcept { return problems_; }

  /// Links, pipes, sockets and devices.
  [[nodiscard]] std::uint64_t special() const noexcept { return special_; }

 private:
  void enter(const std::filesystem::path& folder);
  void add_problem(const std::filesystem::path& path, const std::error_code& error);

  std::vector<std::filesystem::directory_entry> waiting_;  // the next one last
  std::filesystem::path skipped_;
  std::vector<Problem> problems_;
  std::uint64_t special_ = 0;
};

}  // namespace tutela::cli
