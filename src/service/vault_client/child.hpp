// Child: the vault process that a server starts for itself, and starts again when it dies.
//
// Where vault.socket names one that runs as a user of its own, nothing is started. Owns a thread;
// the destructor ends both.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <sys/types.h>

#include "base/mutex.hpp"

namespace tutela::vault_client {

class Child {
 public:
  struct Options {
    std::filesystem::path program;
    std::vector<std::string> arguments;
    std::vector<std::string> environment;  // "NAME=value"
    /// Called when it died or could not be started, from the child's thread.
    std::function<void(std::string_view what)> tell;
    /// How long it may take to end when asked, before it is killed: its calls have half of that.
    std::chrono::milliseconds grace = std::chrono::seconds(20);
  };

  explicit Child(Options options);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// 0 while none runs.
  [[nodiscard]] pid_t pid() const noexcept { return pid_.load(); }

  [[nodiscard]] std::uint64_t restarts() const noexcept { return restarts_.load(); }

 private:
  void watch();
  bool start();

  Options options_;
  std::atomic<pid_t> pid_{0};
  std::atomic<std::uint64_t> restarts_{0};
  Mutex mutex_;
  Condition changed_;
  bool stop_ TUTELA_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

/// In the child: ends it when `parent`, the process that started it, ends. Process 1 may be that.
void die_with_parent(pid_t parent);

}  // namespace tutela::vault_client
