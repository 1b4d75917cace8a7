// Presence: who has a database file open, across processes, so that an unclean stop is noticed.
//
// Each open database keeps a marker file "<database>.open-<id>" with a lock on it and removes it
// when it closes. A marker that nobody locks belongs to one that died. The lock goes with the
// process whatever way it ends, so several processes may come, go and die at any time.
#pragma once

#include <filesystem>
#include <vector>

#include <sys/types.h>

#include "base/file.hpp"
#include "base/result.hpp"

namespace tutela::store {

/// Held while a database is opened: one at a time checks, migrates and enters.
class OpeningLock {
 public:
  /// Error: kUnavailable "store.busy" when another holds it for a minute.
  static Result<OpeningLock> take(const std::filesystem::path& database, mode_t mode = 0600);

 private:
  explicit OpeningLock(Fd fd) : fd_(std::move(fd)) {}

  Fd fd_;
};

class Presence {
 public:
  /// The caller holds the OpeningLock.
  static Result<Presence> enter(const std::filesystem::path& database, mode_t mode = 0600);
  Presence(Presence&&) noexcept = default;
  Presence& operator=(Presence&&) = delete;
  /// Leaves: this stop was clean.
  ~Presence();

  /// Whether somebody died with the database open since it was last found whole.
  [[nodiscard]] bool found_unclean_stop() const noexcept { return !dead_.empty(); }

  /// Call when the database was found whole.
  void forget_unclean_stop();

 private:
  Presence() = default;

  Fd fd_;
  std::filesystem::path marker_;
  std::vector<std::filesystem::path> dead_;
};

}  // namespace tutela::store
