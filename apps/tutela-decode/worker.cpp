#include "tutela-decode/worker.hpp"

#include <algorithm>
#include <csignal>
#include <new>
#include <optional>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/inspect/inspect.hpp"
#include "engine/redact/redact.hpp"
#include "tutela-decode/faults.hpp"

namespace tutela::decode {

namespace {

// Above the standard streams, so that no library that prints can write into the reply.
constexpr int kReplyFd = 3;
constexpr int kExitFailed = 1;

/// Empty when there is no memory for it.
std::optional<ByteView> map_item(const workers::protocol::Received& work,
                                 const media::Limits& limits) {
  // One byte over the limit is enough for the decoder to say that it is too large.
  const std::uint64_t size = std::min(work.message.size_bytes, limits.size_bytes_max + 1);
  if (size == 0) {
    return ByteView();
  }
  const void* const start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, work.item.get(), 0);
  if (start == MAP_FAILED) {
    return std::nullopt;
  }
  return ByteView(static_cast<const std::byte*>(start), size);
}

bool close_all_but_reply(int reply) {
  if (reply != kReplyFd && ::dup3(reply, kReplyFd, O_CLOEXEC) < 0) {
    return false;
  }
  const unsigned first = sandbox::kSanitizerBuild ? STDERR_FILENO + 1U : 0U;
  return (first == kReplyFd || ::close_range(first, kReplyFd - 1, 0) == 0) &&
         ::close_range(kReplyFd + 1, ~0U, 0) == 0;
}

Bytes answer(const workers::protocol::Message& work, ByteView item, const media::Limits& limits) {
  if (work.kind == workers::protocol::Kind::kRender) {
    return redact::encode_reply(redact::render(item, limits, work.view));
  }
  return inspect::encode_reply(inspect::inspect(item, limits));
}

}  // namespace

void work_on(workers::protocol::Received work,
             const media::Limits& limits,
             const sandbox::Sandbox& sandbox,
             pid_t parent) {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const std::optional<ByteView> item = map_item(work, limits);
  if (!item || !close_all_but_reply(work.reply.release()) ||
      !sandbox.lock_worker(parent, {limits.memory_bytes_max, limits.cpu_seconds_max})) {
    ::_exit(kExitFailed);
  }
  std::set_new_handler([] { ::_exit(workers::protocol::kExitOutOfMemory); });
  act_out_fault(*item, kReplyFd);
  const Bytes reply = answer(work.message, *item, limits);
  ::_exit(write_all(kReplyFd, reply) ? 0 : kExitFailed);
}

}  // namespace tutela::decode
