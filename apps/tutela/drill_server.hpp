// DrillServer: `tutela serve` as a child of the drill or a measurement, with what is needed to be
// cruel to it.
// Called from one thread, but for processes() and pid(), which any thread may call.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "base/result.hpp"

namespace tutela::cli {

class DrillServer {
 public:
  /// Its configuration, the file that arms faults in it and its vault process, and where what it
  /// says goes.
  struct Files {
    std::filesystem::path config;
    std::filesystem::path faults;
    std::filesystem::path log;
  };

  explicit DrillServer(Files files) : files_(std::move(files)) {}

  DrillServer(const DrillServer&) = delete;
  DrillServer& operator=(const DrillServer&) = delete;
  /// Ends it, if need be by force.
  ~DrillServer();

  /// Error: kUnavailable "drill.no_server".
  Status start();
  void reload() const;
  void kill();
  void stop();

  [[nodiscard]] pid_t pid() const noexcept { return pid_.load(); }

  [[nodiscard]] bool running() const;

  /// Those that it started, and those that they did, whose command line holds `word`.
  [[nodiscard]] std::vector<pid_t> processes(std::string_view word) const;

 private:
  const Files files_;
  std::atomic<pid_t> pid_ = 0;
};

/// A port of this machine that is free now. A server takes it again after a restart, so it cannot
/// be port 0. Error: kUnavailable "drill.no_port".
Result<std::uint16_t> free_port();

/// Runs a command of this program on a configuration and waits for it; what it says goes to `log`.
/// Error: kUnavailable "drill.command" when it ends with kError.
Status run_drill_command(const std::filesystem::path& config,
                         const std::filesystem::path& log,
                         std::vector<std::string> arguments);

}  // namespace tutela::cli
