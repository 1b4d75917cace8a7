// Maildir: the folder that a mail server delivers into, one file a message (https://cr.yp.to/proto/
// maildir.html). Only this program reads it: a message in new/, or in cur/ without the flag S, is
// no notice yet. cur/ with S: it is a notice; with F too: its sender is owed an answer; with R: the
// answer was sent, or begun. Not thread-safe.
#pragma once

#include <filesystem>
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

/// The part of its name that is no other's: what stands before the flags.
[[nodiscard]] std::string_view unique_of(std::string_view name) noexcept;
/// Those behind ":2,".
[[nodiscard]] std::string_view flags_of(std::string_view name) noexcept;

class Maildir {
 public:
  /// Error: kUnavailable or kNotFound "mail.no_maildir".
  static Result<Maildir> open(const std::filesystem::path& folder);

  /// The oldest messages that are no notice yet, at most `limit`.
  Result<std::vector<Letter>> waiting(std::size_t limit) const;
  /// Those whose senders are owed an answer.
  Result<std::vector<Letter>> owed(std::size_t limit) const;

  /// For reading. Errors: kNotFound (it is gone), else "mail.unreadable"; also of what is no file.
  Result<Fd> read(const Letter& letter) const;

  /// Moves it to cur/ with these flags; durable when it returns. Never replaces another message.
  /// Error: "mail.unmovable".
  Result<Letter> mark(const Letter& letter, std::string_view flags) const;

 private:
  explicit Maildir(std::filesystem::path folder) : folder_(std::move(folder)) {}

  std::filesystem::path folder_;
  Fd new_;
  Fd cur_;
};

}  // namespace tutela::intake_mail
