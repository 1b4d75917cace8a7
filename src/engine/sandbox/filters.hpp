// Filters: the lists of system calls, compiled to seccomp programs (arrays of sock_filter).
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "engine/sandbox/sandbox.hpp"

namespace tutela::sandbox {

/// For the warmed parent: what a worker may, and what forking, feeding and reaping workers takes.
Result<Bytes> compile_parent_filter(OnFiles on_files);

/// For a worker: memory, its reply, its own end.
Result<Bytes> compile_worker_filter(OnFiles on_files);

}  // namespace tutela::sandbox
