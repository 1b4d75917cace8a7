// Notice text: what a pasted or forwarded text holds that can be acted on: links, and the head of a
// mail that somebody forwards. Pure; any bytes of any length may be given.
//
// A link ends where people end one: before blanks, quotes and angle brackets, without the full stop
// of its sentence and without a bracket that was opened before it. Spellings that keep a link from
// being clicked (hxxp, [.]) are read as what they mean. Hosts become lowercase ASCII, so that one
// name is one link however it is written.
//
// Sources: RFC 3986; RFC 5891 and UTS 46 (names that are not ASCII, by libidn2).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tutela::notice_text {

inline constexpr std::size_t kTextBytesMax = 256U << 10;  // what is looked at
inline constexpr std::size_t kLinksMax = 50;              // as intake::Body has it
inline constexpr std::size_t kLinkBytesMax = 2000;
inline constexpr std::size_t kHeadBytesMax = 500;

/// Valid UTF-8 without control characters, all of it.
struct Found {
  std::vector<std::string> links;  // each once, in order
  std::size_t left_out = 0;        // links that are too long, or too many
  // Of the first head of a mail in it ("From: ...", "Von: ..."); empty where there is none.
  std::string from;
  std::string date;  // their words
  std::string subject;
  std::string message_id;
};

[[nodiscard]] Found find(std::string_view text);

}  // namespace tutela::notice_text
