// Thread: what the scheduler of the system is told of a thread. Stateless.
#pragma once

namespace tutela {

/// For work that can wait: the calling thread, and threads that it starts from now on, leave the
/// processors to all others that want them, but for about a tenth. Not undone (a process without
/// privileges may not). Where the system refuses, the work only gets in the way more.
void lower_priority_of_this_thread() noexcept;

}  // namespace tutela
