// ScanJob: many files through the pipeline, in parallel, resumable.
//
// Each file has a key: the digest of its path, what the file system says of its state, the active
// lists and the policy. A file whose key already has a verdict is not read again, so a scan that
// was stopped or killed goes on where it was, and a changed list or policy scans all again.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.hpp"
#include "base/result.hpp"
#include "service/pipeline/pipeline.hpp"
#include "walk.hpp"

namespace tutela::cli {

struct ScanOptions {
  std::vector<std::filesystem::path> paths;
  std::filesystem::path data_folder;  // not entered
  std::string source = "cli";
  std::optional<std::string> account = {};  // of the service, whose uploads these are
  bool ignore_unsupported = false;          // files that are no pictures are counted and left alone
  bool again = false;                       // also what has its verdict
  unsigned threads = 0;                     // 0: the CPUs and a few, as some wait for the disk
};

struct ScannedFile {
  std::filesystem::path path;
  std::optional<ledger::Content> content;  // with its verdict; absent with an error or if ignored
  std::optional<Error> error;
  bool resumed = false;  // the verdict is of an earlier run
  bool ignored = false;
};

/// One scan. run() is called once; counters may be read meanwhile from its callback's thread.
class ScanJob {
 public:
  ScanJob(pipeline::Pipeline& pipeline, store::Actor actor, ScanOptions options);

  /// `on_file` is called for each file, one at a time, from any thread. `on_tick` is called from
  /// this thread a few times a second. Stops early after stop_requested(). Errors are those that
  /// keep the scan from beginning.
  Status run(const std::function<void(const ScannedFile&)>& on_file,
             const std::function<void(std::uint64_t done)>& on_tick);

  [[nodiscard]] const FileWalk& walk() const noexcept { return walk_; }

 private:
  void work(const std::function<void(const ScannedFile&)>& on_file);
  ScannedFile scan_file(const std::filesystem::path& path);
  Result<std::string> key_of(const std::filesystem::path& path, int fd) const;
  Result<ledger::Content> submit(int fd, const std::string& key, bool idempotent);

  pipeline::Pipeline& pipeline_;
  store::Actor actor_;
  ScanOptions options_;
  std::string basis_;  // what every key includes besides the file
  Mutex mutex_;
  Condition finished_;
  FileWalk walk_;  // under mutex_ while threads run
  unsigned running_ TUTELA_GUARDED_BY(mutex_) = 0;
  std::uint64_t done_ TUTELA_GUARDED_BY(mutex_) = 0;
};

/// True where the error means that the item itself cannot be scanned.
[[nodiscard]] bool is_unscannable(const Error& error) noexcept;
/// True for reasons that mean "this is no picture": "media.unsupported_type", "media.empty".
[[nodiscard]] bool is_unsupported(std::string_view reason) noexcept;

}  // namespace tutela::cli
