// ParentProcess: one run of tutela-decode as a child of this process.
//
// Owns the process and this side's end of its socket. Not thread-safe.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "base/file.hpp"
#include "base/result.hpp"
#include "engine/media/media.hpp"

namespace tutela::workers {

class ParentProcess {
 public:
  /// Starts the program with an environment of its own, to which `more_environment` is added, and
  /// nothing open but its socket, and waits until it has warmed up and locked itself. Error:
  /// kUnavailable "workers.no_start"; what went wrong stands in the program's own words on standard
  /// error.
  static Result<ParentProcess> start(const std::filesystem::path& program,
                                     const media::Limits& limits,
                                     const std::vector<std::string>& more_environment);

  ParentProcess(ParentProcess&& other) noexcept
      : control_(std::move(other.control_)), pid_(std::exchange(other.pid_, 0)) {}

  ParentProcess& operator=(ParentProcess&& other) = delete;
  ~ParentProcess();  // kills and reaps it; its workers die with it

  [[nodiscard]] int control() const noexcept { return control_.get(); }

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

 private:
  ParentProcess(Fd control, pid_t pid) : control_(std::move(control)), pid_(pid) {}

  Fd control_;
  pid_t pid_ = 0;
};

}  // namespace tutela::workers
