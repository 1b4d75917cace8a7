#include "base/thread.hpp"

#include <algorithm>
#include <cerrno>

#include <sys/resource.h>
#include <unistd.h>

namespace tutela {

void lower_priority_of_this_thread() noexcept {
  // Not SCHED_IDLE: what it holds a lock of would wait for as long as others keep all processors.
  constexpr int kNice = 10;
  // On Linux a thread has a nice value of its own.
  const auto thread = static_cast<id_t>(::gettid());
  errno = 0;
  const int now = ::getpriority(PRIO_PROCESS, thread);
  if (errno == 0) {
    static_cast<void>(::setpriority(PRIO_PROCESS, thread, std::max(now, kNice)));
  }
}

}  // namespace tutela
