// Instance: the mark by which processes that share one data folder know who is alive.
//
// Each process holds an exclusive lock on a file named after its instance id. The kernel drops the
// lock when the process ends, however it ends, so a kill -9 is noticed at once and without clocks.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/file.hpp"
#include "base/result.hpp"

namespace tutela::pipeline {

class Instance {
 public:
  /// Makes and locks `folder`/<id>. Error: "instance.no_lock".
  static Result<Instance> create(const std::filesystem::path& folder, std::string id);

  Instance(Instance&&) noexcept = default;
  Instance& operator=(Instance&&) noexcept = default;
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
  ~Instance();

  [[nodiscard]] const std::string& id() const noexcept { return id_; }

  /// Whether the process of this instance id still runs. In doubt, it does.
  [[nodiscard]] bool is_alive(std::string_view id) const;

  /// Whether any other instance runs. Removes the marks of those that do not.
  [[nodiscard]] bool others_alive() const;

 private:
  Instance(std::filesystem::path folder, std::string id, Fd lock);

  std::filesystem::path folder_;
  std::string id_;
  Fd lock_;
};

/// As Instance::is_alive(), for who only looks at a data folder: `folder` is "instances" in it.
[[nodiscard]] bool is_instance_alive(const std::filesystem::path& folder, std::string_view id);

}  // namespace tutela::pipeline
