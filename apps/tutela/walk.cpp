#include "walk.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace tutela::cli {
namespace fs = std::filesystem;

FileWalk::FileWalk(const std::vector<fs::path>& roots, const fs::path& skipped) {
  std::error_code error;
  if (!skipped.empty()) {
    skipped_ = fs::canonical(skipped, error);
  }
  for (auto root = roots.rbegin(); root != roots.rend(); ++root) {
    // Who names a link means what it leads to.
    const fs::path target = fs::is_symlink(*root, error) ? fs::canonical(*root, error) : *root;
    const fs::directory_entry entry(target.empty() ? *root : target, error);
    if (error || !entry.exists(error)) {
      add_problem(*root,
                  error ? error : std::make_error_code(std::errc::no_such_file_or_directory));
    } else {
      waiting_.push_back(entry);
    }
  }
}

std::optional<fs::path> FileWalk::next() {
  while (!waiting_.empty()) {
    const fs::directory_entry entry = std::move(waiting_.back());
    waiting_.pop_back();
    std::error_code error;
    const fs::file_status status = entry.symlink_status(error);
    if (error) {
      add_problem(entry.path(), error);
    } else if (fs::is_directory(status)) {
      enter(entry.path());
    } else if (fs::is_regular_file(status)) {
      return entry.path();
    } else {
      ++special_;
    }
  }
  return std::nullopt;
}

void FileWalk::enter(const fs::path& folder) {
  std::error_code error;
  if (!skipped_.empty() && fs::equivalent(folder, skipped_, error)) {
    return;
  }
  std::vector<fs::directory_entry> children;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    children.push_back(*it);
  }
  if (error) {
    add_problem(folder, error);
  }
  std::sort(children.begin(), children.end(), [](const auto& left, const auto& right) {
    return right.path() < left.path();
  });
  waiting_.insert(waiting_.end(), children.begin(), children.end());
}

void FileWalk::add_problem(const fs::path& path, const std::error_code& error) {
  problems_.push_back(
      {path,
       Error{ErrorKind::kUnavailable, "file.unreadable", "cannot be read: " + error.message()}});
}

}  // namespace tutela::cli
