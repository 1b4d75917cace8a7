#include "service/intake_mail/maildir.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.hpp"

namespace tutela::intake_mail {

namespace {

constexpr std::string_view kInfo = ":2,";

bool has(std::string_view flags, char flag) {
  return flags.find(flag) != std::string_view::npos;
}

Status list(const std::filesystem::path& folder,
            bool is_cur,
            const std::function<bool(std::string_view flags)>& wanted,
            std::vector<Letter>& into) {
  std::error_code failed;
  std::filesystem::directory_iterator entries(folder, failed);
  for (; !failed && entries != std::filesystem::directory_iterator(); entries.increment(failed)) {
    std::string name = entries->path().filename().string();
    std::error_code unknown;
    const bool is_file = std::filesystem::is_regular_file(entries->symlink_status(unknown));
    if (is_file && !unknown && !name.starts_with('.') && wanted(flags_of(name))) {
      into.push_back({std::move(name), is_cur});
    }
  }
  if (failed) {
    return Error{ErrorKind::kUnavailable,
                 "mail.no_maildir",
                 "the mailbox cannot be listed: " + failed.message()};
  }
  return ok();
}

void keep_oldest(std::vector<Letter>& letters, std::size_t limit) {
  std::ranges::sort(letters, {}, &Letter::name);
  letters.resize(std::min(letters.size(), limit));
}

Result<Fd> open_folder(const std::filesystem::path& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) {
    return system_error("mail.no_maildir", "open the mailbox");
  }
  return fd;
}

}  // namespace

std::string_view unique_of(std::string_view name) noexcept {
  return name.substr(0, name.find(':'));
}

std::string_view flags_of(std::string_view name) noexcept {
  const std::size_t at = name.find(kInfo);
  return at == std::string_view::npos ? std::string_view() : name.substr(at + kInfo.size());
}

Result<Maildir> Maildir::open(const std::filesystem::path& folder) {
  Maildir maildir(folder);
  TUTELA_TRY_ASSIGN(maildir.new_, open_folder(folder / "new"));
  TUTELA_TRY_ASSIGN(maildir.cur_, open_folder(folder / "cur"));
  return maildir;
}

Result<std::vector<Letter>> Maildir::waiting(std::size_t limit) const {
  std::vector<Letter> letters;
  TUTELA_TRY(list(
      folder_ / "new", false, [](std::string_view) { return true; }, letters));
  // A mail program that looked into the mailbox has moved messages there, without S.
  TUTELA_TRY(list(
      folder_ / "cur", true, [](std::string_view flags) { return !has(flags, 'S'); }, letters));
  keep_oldest(letters, limit);
  return letters;
}

Result<std::vector<Letter>> Maildir::owed(std::size_t limit) const {
  std::vector<Letter> letters;
  TUTELA_TRY(list(
      folder_ / "cur",
      true,
      [](std::string_view flags) { return has(flags, 'S') && has(flags, 'F') && !has(flags, 'R'); },
      letters));
  keep_oldest(letters, limit);
  return letters;
}

Result<Fd> Maildir::read(const Letter& letter) const {
  const int folder = letter.in_cur ? cur_.get() : new_.get();
  Fd fd(::openat(folder, letter.name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));

  struct stat status {};

  if (!fd.valid() || ::fstat(fd.get(), &status) != 0) {
    return system_error("mail.unreadable", "open a message");
  }
  if (!S_ISREG(status.st_mode)) {
    return Error{ErrorKind::kInvalidInput, "mail.unreadable", "a message is no regular file"};
  }
  return fd;
}

Result<Letter> Maildir::mark(const Letter& letter, std::string_view flags) const {
  Letter moved{std::string(unique_of(letter.name)) + std::string(kInfo) + std::string(flags), true};
  const int from = letter.in_cur ? cur_.get() : new_.get();
  if (moved.name == letter.name && letter.in_cur) {
    return moved;
  }
  if (::renameat2(from, letter.name.c_str(), cur_.get(), moved.name.c_str(), RENAME_NOREPLACE) !=
      0) {
    return system_error("mail.unmovable", "move a message to cur");
  }
  TUTELA_FAULT_POINT("intake_mail.after_rename");
  if (::fsync(cur_.get()) != 0 || (!letter.in_cur && ::fsync(new_.get()) != 0)) {
    return system_error("mail.unmovable", "sync the mailbox");
  }
  return moved;
}

}  // namespace tutela::intake_mail
