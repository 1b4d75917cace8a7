#include "engine/sandbox/landlock.hpp"

#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.hpp"

namespace tutela::sandbox {

namespace {

// 0 or less where there is none.
long landlock_version() {
  return ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

// Rights are numbered in the order in which versions brought them: 13 in the first, then REFER,
// TRUNCATE and (in the fifth) IOCTL_DEV.
int count_rights(long version) {
  if (version >= 5) {
    return 16;
  }
  if (version >= 3) {
    return 15;
  }
  return version == 2 ? 14 : 13;
}

}  // namespace

bool has_landlock() {
  return landlock_version() > 0;
}

Status deny_files() {
  const long version = landlock_version();
  if (version < 1) {
    return ok();
  }
  const landlock_ruleset_attr rules{(1ULL << count_rights(version)) - 1};
  const Fd ruleset(
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0)));
  if (!ruleset.valid() || ::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) {
    return system_error("sandbox.unavailable", "landlock");
  }
  return ok();
}

}  // namespace tutela::sandbox
