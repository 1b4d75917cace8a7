// Workers: the supervisor of the sandboxed decode processes.
//
// A warmed parent (`tutela-decode`) forks a fresh process for each item, because a captured worker
// would lie about later uploads, or keep one picture for the viewer of another. A worker that
// crashes, hangs or lies is killed, its item gets a stable reason, and the next item gets a new
// process; a dead parent is replaced. Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/file.hpp"
#include "base/result.hpp"
#include "engine/inspect/inspect.hpp"
#include "engine/media/media.hpp"
#include "engine/redact/finish.hpp"
#include "engine/redact/redact.hpp"

namespace tutela::workers {

struct WorkersOptions {
  std::filesystem::path program;    // tutela-decode; by default beside the running binary
  std::uint32_t processes_max = 0;  // at the same time; 0 = as many as CPUs
  media::Limits limits;
  std::vector<std::string> environment{};  // "NAME=value", besides what every worker gets
};

/// `tutela-decode` in the folder of the running executable.
[[nodiscard]] std::filesystem::path default_worker_program();

/// An anonymous file in memory with the item's bytes, sealed against changes before it is handed to
/// a worker. Not thread-safe while it is written. Read it with pread or mmap: all who hold the
/// descriptor share its offset.
class ItemBytes {
 public:
  static Result<ItemBytes> create();
  static Result<ItemBytes> from(ByteView bytes);
  Status append(ByteView bytes);
  /// From here on nobody can change it. Done by Workers; harmless when repeated.
  [[nodiscard]] Status seal() const;

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

 private:
  Fd fd_;
  std::uint64_t size_ = 0;
};

/// What a person is to see of an item.
struct RenderRequest {
  redact::Request view{};
  redact::Mark mark;
};

struct Rendered {
  Bytes png;
  std::uint32_t width = 0;  // of the PNG
  std::uint32_t height = 0;
  std::uint32_t frames_total = 1;  // what the file claims; not all of them need to be decodable
  bool damaged = false;            // the picture may be incomplete
};

class Workers {
 public:
  /// Starts the warmed parent and waits until it is ready. Error: kUnavailable "workers.no_start".
  static Result<std::unique_ptr<Workers>> start(WorkersOptions options);
  ~Workers();  // ends every process; no call may be in progress

  /// Decodes and fingerprints one item; blocks until the answer or the deadline, and while all
  /// processes are busy. Errors of the item (it is unscannable): those of media::decode, and
  ///   kLimitExceeded "worker.timeout", "worker.cpu_time", "worker.memory"
  ///   kInvalidInput  "worker.crashed", "worker.sandbox_violation", "worker.bad_reply"
  /// Errors of ours (the item stays owed): kUnavailable "workers.down".
  Result<inspect::Inspection> inspect(const ItemBytes& item);

  /// A redacted, marked view of one frame of an item, or its contact sheet; blocks like inspect().
  /// The worker gets the item, the grade and the frame, and gives the few pixels that the grade
  /// allows; what they are is checked, then enlarged, arranged, marked and encoded here, out of a
  /// captured worker's reach. Errors: those of inspect(),
  ///   kInvalidInput "redact.sheet_full" full is one frame at a time
  ///   kNotFound "redact.no_frame" there is no such frame within the limits
  ///   kInternal "redact.png"
  Result<Rendered> render(const ItemBytes& item, const RenderRequest& request);

  struct Health {
    bool up = false;
    std::uint32_t busy = 0;
    std::uint32_t processes_max = 0;
    std::uint64_t items = 0;
    std::uint64_t crashes = 0;   // of single workers: their items ended with a "worker." code
    std::uint64_t restarts = 0;  // of the warmed parent
    std::int64_t parent_pid = 0;
  };

  [[nodiscard]] Health health() const;

 private:
  struct State;
  explicit Workers(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// True for errors that are the item's fault and make it unscannable; false for ours.
[[nodiscard]] bool is_item_error(const Error& error) noexcept;

}  // namespace tutela::workers
