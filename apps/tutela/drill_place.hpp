// DrillPlace: a folder of its own for a drill, with a small disk for the data where the system lets
// this user have one (user and mount namespaces). Everything goes when it ends, but for what is
// kept. One thread; make() before any other thread is started.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/result.hpp"

namespace tutela::cli {

class DrillPlace {
 public:
  static Result<std::unique_ptr<DrillPlace>> make();
  DrillPlace(const DrillPlace&) = delete;
  DrillPlace& operator=(const DrillPlace&) = delete;
  ~DrillPlace();

  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }

  /// Where the instance keeps everything: the small disk.
  [[nodiscard]] std::filesystem::path data() const { return folder_ / "data"; }

  /// Whether data() is a disk of its own, which can be filled without harm to others.
  [[nodiscard]] bool has_small_disk() const noexcept { return small_disk_; }

  /// Takes all room there is. Error: kUnavailable "drill.disk".
  [[nodiscard]] Status fill() const;
  void make_room() const;

  /// The folder stays when this ends, with a copy of what was on the small disk.
  void keep() noexcept { kept_ = true; }

 private:
  explicit DrillPlace(std::filesystem::path folder) : folder_(std::move(folder)) {}

  [[nodiscard]] std::filesystem::path filling() const { return data() / "filling"; }

  std::filesystem::path folder_;
  bool small_disk_ = false;
  bool kept_ = false;
};

}  // namespace tutela::cli
