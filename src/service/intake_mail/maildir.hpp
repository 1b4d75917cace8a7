// Maildir: the folder that a mail server delivers into, one file a message (https://cr.yp.to/proto/
// maildir.html). Only this program reads it: a message in new/, or in cur/ without the flag S, is
// no notice yet. cur/ with S: it is a notice; with F too: its sender is owed an answer; with R: the
// answer was sent, or begun; with T: it is to be removed. Not thread-safe.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.hpp"
#include "base/result.hpp"

namespace tutela::intake_mail {

struct Letter {
  std::string name;  // of its file
  bool in_cur = false;
};

// Flags of a message that is a notice, in the order of the alphabet.
inline constexpr std::string_view kDoneFlags = "S";
inline constexpr std::string_view kOwedFlags = "FS";
inline constexpr std::string_view kRepliedFlags = "RS";
/// With T where it is to be removed.
[[nodiscard]] std::string flags_for(std::string_view flags, bool remove);

/// The part of its name that is no other's: what stands before the flags.
[[nodiscard]] std::string_view unique_of(std::string_view name) noexcept;
/// Those behind ":2,".
[[nodiscard]] std::string_view flags_of(std::string_view name) noexcept;
[[nodiscard]] bool has_flag(const Letter& letter, char flag) noexcept;
/// It is a notice, and its sender has no answer yet.
[[nodiscard]] bool is_owed(const Letter& letter) noexcept;

class Maildir {
 public:
  /// Error: kUnavailable or kNotFound "mail.no_maildir".
  static Result<Maildir> open(const std::filesystem::path& folder);

  /// The oldest messages with which something is to be done, and which are wanted, at most `limit`:
  /// no notice yet, owed an answer, to be removed. Asks of each, and holds `limit` of them.
  Result<std::vector<Letter>> waiting(std::size_t limit,
                                      const std::function<bool(const Letter&)>& wanted) const;

  /// For reading. Errors: kNotFound (it is gone), else "mail.unreadable"; also of what is no file.
  Result<Fd> read(const Letter& letter) const;

  /// Moves it to cur/ with these flags; durable when it returns. Never replaces another message.
  /// Error: "mail.unmovable".
  Result<Letter> mark(const Letter& letter, std::string_view flags) const;

  /// Removes it; durable when it returns. Error: "mail.unremovable".
  Status remove(const Letter& letter) const;

 private:
  explicit Maildir(std::filesystem::path folder) : folder_(std::move(folder)) {}

  std::filesystem::path folder_;
  Fd new_;
  Fd cur_;
};

/// A mailbox held by one reader as long as this lives; where a process ends, the kernel lets go.
class Claim {
 public:
  /// False: another reader holds it. Of another folder than before, the former is let go. Error:
  /// "mail.no_maildir".
  Result<bool> hold(const std::filesystem::path& folder);

 private:
  Fd held_;
};

}  // namespace tutela::intake_mail
