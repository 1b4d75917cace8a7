// Worker: the life of one forked process, from one item to one reply.
#pragma once

#include <sys/types.h>

#include "engine/media/media.hpp"
#include "engine/sandbox/sandbox.hpp"
#include "service/workers/protocol.hpp"

namespace tutela::decode {

/// Runs in the forked child: keeps the item's bytes and the reply's descriptor, locks itself,
/// inspects or renders, replies and ends.
[[noreturn]] void work_on(workers::protocol::Received work,
                          const media::Limits& limits,
                          const sandbox::Sandbox& sandbox,
                          pid_t parent);

}  // namespace tutela::decode
