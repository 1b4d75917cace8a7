// Landlock: a second lock on the file system, beside the system call filter. See landlock(7).
#pragma once

#include "base/result.hpp"

namespace tutela::sandbox {

/// True where the running kernel has it.
[[nodiscard]] bool has_landlock();

/// Denies this process and its children every access to files that the kernel knows to deny;
/// open descriptors stay usable. Needs no_new_privs. Does nothing where there is no Landlock: the
/// system call filter alone already refuses every call that names a file.
/// Error: kUnavailable "sandbox.unavailable".
Status deny_files();

}  // namespace tutela::sandbox
