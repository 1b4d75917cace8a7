// Sandbox: what takes a decode process's powers away, in two steps that cannot be undone.
//
// The warmed parent gives up files, programs, sockets and capabilities for itself and all its
// children; each forked worker then gives up nearly everything but computing and writing its reply.
// Linux only: seccomp, Landlock where the kernel has it, resource limits. Call from a process with
// one thread. See seccomp(2), landlock(7), prctl(2).
#pragma once

#include <cstdint>

#include <sys/types.h>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tutela::sandbox {

// Sanitizer runtimes make system calls of their own, open pipes and reserve terabytes of address
// space. Such a build (never a release) forbids what matters by name, allows the rest, and limits
// neither memory nor descriptors.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitizerBuild = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kSanitizerBuild = true;
#else
inline constexpr bool kSanitizerBuild = false;
#endif
#else
inline constexpr bool kSanitizerBuild = false;
#endif

/// What happens to a process that tries to open a file: it dies, or (where a library looks for
/// files that it can do without) the call fails.
enum class OnFiles : std::uint8_t { kDie, kRefuse };

struct WorkerLimits {
  std::uint64_t memory_bytes_max = 0;  // of address space
  std::uint32_t cpu_seconds_max = 0;
};

/// Filters are compiled once, so that a forked worker only has to switch them on.
class Sandbox {
 public:
  /// Error: kUnavailable "sandbox.unavailable" where the kernel has no seccomp filters.
  static Result<Sandbox> prepare(OnFiles on_files = OnFiles::kDie);

  /// For the warmed parent, after it loaded what it needs: no file can be opened any more, no
  /// program started, no socket made, by it or by its children. Error: "sandbox.unavailable".
  [[nodiscard]] Status lock_parent() const;

  /// For a forked worker, before it looks at the first hostile byte. It then dies with `parent`,
  /// cannot start processes, nor name any other process or file; a system call that is
  /// not on the list kills it with SIGSYS. Error: "sandbox.unavailable".
  [[nodiscard]] Status lock_worker(pid_t parent, const WorkerLimits& limits) const;

 private:
  Bytes parent_filter_;
  Bytes worker_filter_;
};

}  // namespace tutela::sandbox
