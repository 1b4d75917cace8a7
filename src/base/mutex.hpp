// Mutex: std::mutex with annotations, so that clang proves which lock guards which field.
#pragma once

#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define TUTELA_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define TUTELA_THREAD_ANNOTATION(x)
#endif

#define TUTELA_GUARDED_BY(x) TUTELA_THREAD_ANNOTATION(guarded_by(x))
#define TUTELA_REQUIRES(x) TUTELA_THREAD_ANNOTATION(requires_capability(x))

namespace tutela {

class TUTELA_THREAD_ANNOTATION(capability("mutex")) Mutex {
 public:
  void lock() TUTELA_THREAD_ANNOTATION(acquire_capability()) { mutex_.lock(); }

  void unlock() TUTELA_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

class TUTELA_THREAD_ANNOTATION(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) TUTELA_THREAD_ANNOTATION(acquire_capability(mutex))
      : mutex_(mutex) {
    mutex_.lock();
  }

  ~MutexLock() TUTELA_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }

  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

/// Waits on a Mutex that the caller holds: `while (!ready) condition.wait(mutex);`.
using Condition = std::condition_variable_any;

}  // namespace tutela
