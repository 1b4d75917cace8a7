// Text: what the head of an e-mail is made of, and a message of plain text (RFC 5322), all lines of
// ASCII that end with CR LF. Pure; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace tutela::mail {

struct Head {
  std::string from;
  std::string to;
  std::string message_id;  // without < >
  UtcMs at_ms = 0;
  /// Of an automatic answer (RFC 3834): the id of the message it answers, without < >, or empty
  /// where that has none.
  std::optional<std::string> in_reply_to = {};
};

/// One address, "a@b": ASCII, nothing that could end a header or hold a name or comment.
[[nodiscard]] bool is_address(std::string_view text) noexcept;

/// RFC 5322: "Sun, 22 Nov 2026 16:34:01 +0000".
[[nodiscard]] std::string date(UtcMs at_ms);

/// The lines of the head that every message of ours has, Subject and Auto-Submitted among them.
/// What a subject may not hold becomes '?'; it is cut after 200 characters.
[[nodiscard]] std::string head_lines(const Head& head, std::string_view subject);

/// `body` is of lines that end with "\n". What is not printable ASCII becomes '?'; a line is broken
/// after 900 characters, of which RFC 5322 allows 998.
[[nodiscard]] std::string plain_message(const Head& head,
                                        std::string_view subject,
                                        std::string_view body);

/// The same of a body in UTF-8, which stays as it is. The subject is ASCII all the same.
[[nodiscard]] std::string utf8_message(const Head& head,
                                       std::string_view subject,
                                       std::string_view body);

}  // namespace tutela::mail
