// Parent: the warmed process that forks a fresh worker for each item.
//
// It never looks at an item itself: only its workers map the bytes. One thread.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "base/file.hpp"
#include "base/result.hpp"
#include "engine/media/media.hpp"
#include "engine/sandbox/sandbox.hpp"
#include "service/workers/protocol.hpp"

namespace tutela::decode {

class Parent {
 public:
  /// Loads the decoders, locks this process, and proves that a worker's lock holds, before the
  /// first item. Errors: those of media::warm_up; "sandbox.unavailable", "workers.no_start".
  static Result<Parent> prepare(Fd control, const media::Limits& limits);

  /// Works until the server closes the socket, then ends every worker.
  void serve();

 private:
  struct Job {
    std::uint64_t id;
    pid_t pid;
  };

  Parent(Fd control, Fd child_signals, const media::Limits& limits, sandbox::Sandbox sandbox)
      : control_(std::move(control)),
        child_signals_(std::move(child_signals)),
        limits_(limits),
        sandbox_(std::move(sandbox)) {}

  bool take_message();
  void start_worker(workers::protocol::Received work);
  void kill_worker(std::uint64_t job) const;
  void reap_workers(int wait_flags);
  void report(const workers::protocol::Message& message) const;

  Fd control_;
  Fd child_signals_;
  media::Limits limits_;
  sandbox::Sandbox sandbox_;
  std::vector<Job> jobs_;
};

}  // namespace tutela::decode
