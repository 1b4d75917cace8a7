// How the content index forgets what the ledger has no more: a new one is made beside it, without
// what is gone, and takes its place in one step.
#include <cstdio>
#include <system_error>

#include <fcntl.h>

#include "base/fault.hpp"
#include "base/file.hpp"
#include "service/pipeline/posted.hpp"

namespace tutela::pipeline {
namespace {

namespace fs = std::filesystem;

UtcMs made_ms(const Uuid& id) {
  UtcMs time_ms = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    time_ms = time_ms << 8 | std::to_integer<UtcMs>(id.bytes[i]);
  }
  return time_ms;
}

Status exchange(const fs::path& one, const fs::path& other) {
  if (::renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE) != 0) {
    return system_error("content_index.io", "put a new content index in the place of the old one");
  }
  return ok();
}

/// The copy may take as much again, and others need room meanwhile.
Status check_room(const fs::path& folder, std::uint64_t bytes) {
  std::error_code failed;
  const fs::space_info space = fs::space(folder, failed);
  if (failed || space.available / 2 < bytes) {
    return Error{ErrorKind::kLimitExceeded,
                 "content_index.no_room",
                 "fingerprints of what is kept no longer cannot be removed: the disk of "
                 "store.folder needs twice the content index free"};
  }
  return ok();
}

}  // namespace

/// Every content that was followed has a row of its group until it goes.
Result<bool> Posted::has_gone(const content_index::ContentIndex& index) {
  const auto contents = static_cast<std::int64_t>(index.stats().contents);
  std::int64_t there = 0;
  TUTELA_TRY(pipeline_.database->read([&](store::Transaction& transaction) {
    return transaction.query("SELECT COUNT(*) FROM content_group", {}, [&](const store::Row& row) {
      there = row.integer(0);
      return ok();
    });
  }));
  return contents > there;
}

Result<bool> Posted::copy_kept(const content_index::ContentIndex& from,
                               const std::function<bool()>& stop_requested) {
  const auto keeps = [this](std::span<const Uuid> ids) {
    return pipeline_.ledger->has(ids);
  };
  TUTELA_TRY_ASSIGN(const auto next,
                    content_index::ContentIndex::open({.folder = next_folder(), .run_steps = {}}));
  const content_index::Mark end = from.end();
  TUTELA_TRY_ASSIGN(const bool copied, from.copy_to(*next, {}, end, keeps, stop_requested));
  if (!copied) {
    return false;
  }
  TUTELA_FAULT_POINT("posted.after_copy");
  const MutexLock one_at_a_time(working_);
  TUTELA_TRY_ASSIGN(const std::vector<Rescan> running, rescans_.running());
  if (!running.empty()) {
    return false;  // it would begin again
  }
  TUTELA_TRY_ASSIGN(const bool all, from.copy_to(*next, end, from.end(), keeps, stop_requested));
  if (!all) {
    return false;
  }
  TUTELA_FAULT_POINT("posted.before_exchange");
  TUTELA_TRY(exchange(index_folder(), next_folder()));
  {
    // Another process may take the new one first: catch_up() opens both when it is this one's turn.
    const MutexLock lock(mutex_);
    index_.reset();
    groups_.reset();
  }
  pass_.reset();
  TUTELA_FAULT_POINT("posted.after_exchange");
  TUTELA_TRY(sync_folder(pipeline_.index_folder()));
  return true;
}

Status Posted::forget_gone(const std::function<bool()>& stop_requested) {
  const auto before = index();
  if (!before ||
      pipeline_.clock.now_ms() - made_ms(before->id()) < pipeline_.config.index.forget_after_ms) {
    return ok();
  }
  TUTELA_TRY_ASSIGN(const bool gone, has_gone(*before));
  TUTELA_TRY_ASSIGN(const std::vector<Rescan> running, rescans_.running());
  if (!gone || !running.empty()) {
    return ok();
  }
  TUTELA_TRY(check_room(pipeline_.index_folder(), before->stats().bytes));
  std::error_code failed;
  fs::remove_all(next_folder(), failed);
  const Result<bool> made = copy_kept(*before, stop_requested);
  // What was not finished, or the old one.
  fs::remove_all(next_folder(), failed);
  if (!made) {
    return made.error();
  }
  return ok();
}

}  // namespace tutela::pipeline
