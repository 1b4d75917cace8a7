#include "interrupt.hpp"

#include <atomic>
#include <csignal>

namespace tutela::cli {
namespace {

std::atomic<bool> stop{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may set it");

void on_signal(int /*signal*/) {
  stop.store(true);
}

void set_handler(void (*handler)(int), int flags) {
  struct sigaction action {};

  action.sa_handler = handler;
  action.sa_flags = flags;
  for (const int signal : {SIGINT, SIGTERM}) {
    ::sigaction(signal, &action, nullptr);
  }
}

}  // namespace

InterruptGuard::InterruptGuard() {
  stop = false;
  set_handler(on_signal, static_cast<int>(SA_RESETHAND | SA_RESTART));
}

InterruptGuard::~InterruptGuard() {
  set_handler(SIG_DFL, 0);
}

bool stop_requested() noexcept {
  return stop.load();
}

void request_stop() noexcept {
  stop.store(true);
}

}  // namespace tutela::cli
