// A folder of its own for a test, removed with it.
#pragma once

#include <filesystem>

#include "base/clock.hpp"
#include "base/uuid.hpp"

namespace tutela::match {

class TestFolder {
 public:
  TestFolder()
      : path_(std::filesystem::temp_directory_path() /
              to_string(new_uuid(SystemClock().now_ms()))) {
    std::filesystem::create_directory(path_);
  }

  ~TestFolder() { std::filesystem::remove_all(path_); }

  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace tutela::match
