// Interrupts: Ctrl-C and SIGTERM end the work that has begun and start no more. Thread-safe.
#pragma once

namespace tutela::cli {

/// While one lives, the first SIGINT or SIGTERM only sets stop_requested(); a second one ends the
/// process at once, which loses nothing: what was owed stays owed. One at a time.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
};

[[nodiscard]] bool stop_requested() noexcept;
void request_stop() noexcept;

}  // namespace tutela::cli
