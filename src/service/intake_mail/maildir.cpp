#include "service/intake_mail/maildir.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <functional>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.hpp"

namespace tutela::intake_mail {

namespace {

constexpr std::string_view kInfo = ":2,";

/// Something is to be done with it.
bool is_open(const Letter& letter) {
  return !letter.in_cur || !has_flag(letter, 'S') || has_flag(letter, 'T') || is_owed(letter);
}

/// The oldest ones, as a heap with the newest of them on top.
class Oldest {
 public:
  explicit Oldest(std::size_t limit) : limit_(limit) {}

  void add(Letter letter) {
    if (limit_ == 0 || (letters_.size() == limit_ && letter.name >= letters_.front().name)) {
      return;
    }
    if (letters_.size() == limit_) {
      std::ranges::pop_heap(letters_, {}, &Letter::name);
      letters_.pop_back();
    }
    letters_.push_back(std::move(letter));
    std::ranges::push_heap(letters_, {}, &Letter::name);
  }

  [[nodiscard]] std::vector<Letter> take() && {
    std::ranges::sort_heap(letters_, {}, &Letter::name);
    return std::move(letters_);
  }

 private:
  std::size_t limit_;
  std::vector<Letter> letters_;
};

Status list(const std::filesystem::path& folder,
            bool is_cur,
            const std::function<bool(const Letter&)>& wanted,
            Oldest& into) {
  std::error_code failed;
  std::filesystem::directory_iterator entries(folder, failed);
  for (; !failed && entries != std::filesystem::directory_iterator(); entries.increment(failed)) {
    Letter letter{entries->path().filename().string(), is_cur};
    std::error_code unknown;
    const bool is_file = std::filesystem::is_regular_file(entries->symlink_status(unknown));
    if (is_file && !unknown && !letter.name.starts_with('.') && is_open(letter) && wanted(letter)) {
      into.add(std::move(letter));
    }
  }
  if (failed) {
    return Error{ErrorKind::kUnavailable,
                 "mail.no_maildir",
                 "the mailbox cannot be listed: " + failed.message()};
  }
  return ok();
}

Result<Fd> open_folder(const std::filesystem::path& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) {
    return system_error("mail.no_maildir", "open the mailbox");
  }
  return fd;
}

}  // namespace

std::string flags_for(std::string_view flags, bool remove) {
  return std::string(flags) + (remove ? "T" : "");
}

std::string_view unique_of(std::string_view name) noexcept {
  return name.substr(0, name.find(':'));
}

std::string_view flags_of(std::string_view name) noexcept {
  const std::size_t at = name.find(kInfo);
  return at == std::string_view::npos ? std::string_view() : name.substr(at + kInfo.size());
}

bool has_flag(const Letter& letter, char flag) noexcept {
  return flags_of(letter.name).find(flag) != std::string_view::npos;
}

bool is_owed(const Letter& letter) noexcept {
  return letter.in_cur && has_flag(letter, 'S') && has_flag(letter, 'F') && !has_flag(letter, 'R');
}

Result<Maildir> Maildir::open(const std::filesystem::path& folder) {
  Maildir maildir(folder);
  TUTELA_TRY_ASSIGN(maildir.new_, open_folder(folder / "new"));
  TUTELA_TRY_ASSIGN(maildir.cur_, open_folder(folder / "cur"));
  return maildir;
}

Result<std::vector<Letter>> Maildir::waiting(
    std::size_t limit, const std::function<bool(const Letter&)>& wanted) const {
  Oldest oldest(limit);
  TUTELA_TRY(list(folder_ / "new", false, wanted, oldest));
  // A mail program that looked into the mailbox has moved messages there, without S.
  TUTELA_TRY(list(folder_ / "cur", true, wanted, oldest));
  return std::move(oldest).take();
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

Status Maildir::remove(const Letter& letter) const {
  const int folder = letter.in_cur ? cur_.get() : new_.get();
  TUTELA_FAULT_POINT("intake_mail.before_remove");
  if (::unlinkat(folder, letter.name.c_str(), 0) != 0) {
    return system_error("mail.unremovable", "remove a message");
  }
  TUTELA_FAULT_POINT("intake_mail.after_remove");
  return ::fsync(folder) == 0 ? ok() : Status(system_error("mail.unremovable", "sync the mailbox"));
}

Result<bool> Claim::hold(const std::filesystem::path& folder) {
  TUTELA_TRY_ASSIGN(Fd fd, open_folder(folder));

  struct stat now {
  }, before{};

  if (::fstat(fd.get(), &now) != 0) {
    return system_error("mail.no_maildir", "look at the mailbox");
  }
  if (held_.valid() && ::fstat(held_.get(), &before) == 0 && before.st_dev == now.st_dev &&
      before.st_ino == now.st_ino) {
    return true;
  }
  held_ = Fd();
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return errno == EWOULDBLOCK ? Result<bool>(false)
                                : Result<bool>(system_error("mail.no_maildir", "lock the mailbox"));
  }
  held_ = std::move(fd);
  return true;
}

}  // namespace tutela::intake_mail
