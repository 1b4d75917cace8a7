#include "engine/sandbox/sandbox.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <vector>

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.hpp"
#include "engine/sandbox/filters.hpp"
#include "engine/sandbox/landlock.hpp"

namespace tutela::sandbox {

namespace {

constexpr std::string_view kUnavailable = "sandbox.unavailable";

Status check(long result, std::string_view operation) {
  if (result != 0) {
    return system_error(kUnavailable, operation);
  }
  return ok();
}

Status install(const Bytes& filter) {
  // The kernel wants a mutable pointer to aligned instructions, and copies them.
  std::vector<sock_filter> program(filter.size() / sizeof(sock_filter));
  std::memcpy(program.data(), filter.data(), program.size() * sizeof(sock_filter));
  const sock_fprog described{static_cast<unsigned short>(program.size()), program.data()};
  return check(::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &described), "seccomp");
}

Status drop_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[2] = {};
  return check(::syscall(SYS_capset, &header, none), "capset");
}

// Only ever lowers a limit: raising a hard one is not ours to do.
Status set_limit(__rlimit_resource_t resource, rlim_t soft, rlim_t hard) {
  rlimit limit{};
  TUTELA_TRY(check(::getrlimit(resource, &limit), "getrlimit"));
  limit.rlim_max = std::min(limit.rlim_max, hard);
  limit.rlim_cur = std::min(limit.rlim_max, soft);
  return check(::setrlimit(resource, &limit), "setrlimit");
}

Status set_limits(const WorkerLimits& limits) {
  if (!kSanitizerBuild) {
    TUTELA_TRY(set_limit(RLIMIT_AS, limits.memory_bytes_max, limits.memory_bytes_max));
    TUTELA_TRY(set_limit(RLIMIT_NOFILE, 0, 0));
  }
  // SIGXCPU at the soft limit names the reason; SIGKILL a second later cannot be caught.
  TUTELA_TRY(set_limit(RLIMIT_CPU, limits.cpu_seconds_max, limits.cpu_seconds_max + 1ULL));
  TUTELA_TRY(set_limit(RLIMIT_FSIZE, 0, 0));
  // No RLIMIT_NPROC: it counts all threads of the user, and some decoders need a few. New processes
  // are refused by the filter, and every thread's stack counts against the memory.
  return set_limit(RLIMIT_CORE, 0, 0);
}

}  // namespace

Result<Sandbox> Sandbox::prepare(OnFiles on_files) {
  Sandbox sandbox;
  TUTELA_TRY_ASSIGN(sandbox.parent_filter_, compile_parent_filter(on_files));
  TUTELA_TRY_ASSIGN(sandbox.worker_filter_, compile_worker_filter(on_files));
  return sandbox;
}

Status Sandbox::lock_parent() const {
  TUTELA_TRY(check(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl no_new_privs"));
  TUTELA_TRY(check(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "prctl dumpable"));
  TUTELA_TRY(deny_files());
  TUTELA_TRY(drop_capabilities());
  return install(parent_filter_);
}

Status Sandbox::lock_worker(pid_t parent, const WorkerLimits& limits) const {
  TUTELA_TRY(check(::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0), "prctl pdeathsig"));
  if (::getppid() != parent) {
    return Error{ErrorKind::kUnavailable, kUnavailable, "the parent is already gone"};
  }
  TUTELA_TRY(check(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "prctl dumpable"));
  TUTELA_TRY(check(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl no_new_privs"));
  TUTELA_TRY(set_limits(limits));
  return install(worker_filter_);
}

}  // namespace tutela::sandbox
