#include "engine/sandbox/filters.hpp"

#include <cerrno>
#include <csignal>
#include <initializer_list>
#include <memory>
#include <string>

#include <linux/sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/file.hpp"
#include "engine/sandbox/sandbox.hpp"

namespace tutela::sandbox {

namespace {

using Calls = std::initializer_list<int>;

// Nothing here reaches outside the process, but for write, which can only hit the reply: no other
// descriptor is open.
constexpr Calls kWorkerMay = {
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(close),
    SCMP_SYS(futex),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(getrandom),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
};

// The decoders of AVIF and HEIC start threads. Exactly the flags of the C library's
// pthread_create() and fork(): no namespaces, no process that shares memory.
constexpr scmp_datum_t kThreadFlags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
                                      CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS |
                                      CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
constexpr scmp_datum_t kForkFlags = CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD;

// Refused with an error instead of death, because libraries make these calls harmlessly: abort()
// signals itself before it falls back on a trap instruction (which is a crash, not a violation),
// and qsort() asks how much memory there is.
constexpr Calls kWorkerRefused = {
    SCMP_SYS(tgkill),
    SCMP_SYS(sysinfo),
};

// What names a file, for OnFiles::kRefuse.
constexpr Calls kFiles = {
    SCMP_SYS(open),
    SCMP_SYS(openat),
    SCMP_SYS(openat2),
    SCMP_SYS(stat),
    SCMP_SYS(lstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(statx),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
};

constexpr Calls kParentMayToo = {
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendmsg),
    SCMP_SYS(wait4),
    SCMP_SYS(kill),
    SCMP_SYS(getppid),
    SCMP_SYS(dup3),
    SCMP_SYS(close_range),
    SCMP_SYS(prctl),
    SCMP_SYS(prlimit64),
    SCMP_SYS(seccomp),
    SCMP_SYS(tgkill),
    SCMP_SYS(sysinfo),
};

// Only for builds with a sanitizer, whose runtime needs an open list: see kSanitizerBuild.
constexpr Calls kSanitizerParentMayNot = {
    SCMP_SYS(socket),
    SCMP_SYS(connect),
    SCMP_SYS(bind),
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(ptrace),
    SCMP_SYS(mount),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(memfd_create),
    SCMP_SYS(bpf),
    SCMP_SYS(unshare),
    SCMP_SYS(io_uring_setup),
};
constexpr Calls kSanitizerWorkerMayNotEither = {
    SCMP_SYS(kill),
    SCMP_SYS(fork),
    SCMP_SYS(vfork),
};

// Instead of libseccomp's macros, which are not C++.
scmp_arg_cmp is_equal(unsigned argument, scmp_datum_t value) {
  return {.arg = argument, .op = SCMP_CMP_EQ, .datum_a = value, .datum_b = 0};
}

scmp_arg_cmp has_none_of(unsigned argument, scmp_datum_t bits) {
  return {.arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = bits, .datum_b = 0};
}

class Filter {
 public:
  explicit Filter(std::uint32_t default_action) : context_(::seccomp_init(default_action)) {}

  void add(std::uint32_t action, Calls calls) {
    for (const int call : calls) {
      note(::seccomp_rule_add_array(context_.get(), action, call, 0, nullptr));
    }
  }

  void add_where(std::uint32_t action, int call, scmp_arg_cmp argument) {
    note(::seccomp_rule_add_array(context_.get(), action, call, 1, &argument));
  }

  Result<Bytes> compile() {
    const Fd file(::memfd_create("seccomp", MFD_CLOEXEC));
    if (failed_ || !file.valid() || ::seccomp_export_bpf(context_.get(), file.get()) != 0 ||
        ::lseek(file.get(), 0, SEEK_SET) != 0) {
      return Error{ErrorKind::kUnavailable,
                   "sandbox.unavailable",
                   "the system call filter could not be compiled"};
    }
    Bytes program(64 * 1024);
    const ssize_t got = ::read(file.get(), program.data(), program.size());
    if (got <= 0) {
      return system_error("sandbox.unavailable", "read the system call filter");
    }
    program.resize(static_cast<std::size_t>(got));
    return program;
  }

 private:
  struct Release {
    void operator()(void* context) const { ::seccomp_release(context); }
  };

  void note(int result) { failed_ = failed_ || result != 0; }

  std::unique_ptr<void, Release> context_;
  bool failed_ = context_ == nullptr;
};

void allow_what_a_worker_may(Filter& filter) {
  filter.add(SCMP_ACT_ALLOW, kWorkerMay);
  // No page is ever made executable again.
  filter.add_where(SCMP_ACT_ALLOW, SCMP_SYS(mmap), has_none_of(2, PROT_EXEC));
  filter.add_where(SCMP_ACT_ALLOW, SCMP_SYS(mprotect), has_none_of(2, PROT_EXEC));
  filter.add_where(SCMP_ACT_ALLOW, SCMP_SYS(clone), is_equal(0, kThreadFlags));
  // A filter cannot look at the arguments of clone3; the C library falls back on clone.
  filter.add(SCMP_ACT_ERRNO(ENOSYS), {SCMP_SYS(clone3)});
}

}  // namespace

Result<Bytes> compile_parent_filter(OnFiles on_files) {
  if (kSanitizerBuild) {
    Filter filter(SCMP_ACT_ALLOW);
    filter.add(SCMP_ACT_KILL_PROCESS, kSanitizerParentMayNot);
    return filter.compile();
  }
  Filter filter(SCMP_ACT_KILL_PROCESS);
  allow_what_a_worker_may(filter);
  if (on_files == OnFiles::kRefuse) {
    filter.add(SCMP_ACT_ERRNO(EACCES), kFiles);
  }
  filter.add(SCMP_ACT_ALLOW, kParentMayToo);
  filter.add_where(SCMP_ACT_ALLOW, SCMP_SYS(clone), is_equal(0, kForkFlags));
  return filter.compile();
}

Result<Bytes> compile_worker_filter(OnFiles on_files) {
  if (kSanitizerBuild) {
    Filter filter(SCMP_ACT_ALLOW);
    filter.add(SCMP_ACT_KILL_PROCESS, kSanitizerParentMayNot);
    filter.add(SCMP_ACT_KILL_PROCESS, kSanitizerWorkerMayNotEither);
    filter.add(SCMP_ACT_ERRNO(ENOSYS), {SCMP_SYS(clone3)});
    filter.add_where(SCMP_ACT_KILL_PROCESS, SCMP_SYS(clone), has_none_of(0, CLONE_THREAD));
    return filter.compile();
  }
  Filter filter(SCMP_ACT_KILL_PROCESS);
  allow_what_a_worker_may(filter);
  if (on_files == OnFiles::kRefuse) {
    filter.add(SCMP_ACT_ERRNO(EACCES), kFiles);
  }
  filter.add(SCMP_ACT_ERRNO(EPERM), kWorkerRefused);
  filter.add_where(SCMP_ACT_ALLOW, SCMP_SYS(prctl), is_equal(0, PR_SET_NAME));
  return filter.compile();
}

}  // namespace tutela::sandbox
