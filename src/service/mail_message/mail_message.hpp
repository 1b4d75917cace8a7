// MailMessage: what is read out of one e-mail, and the bytes in which the process that reads it
// tells so. That process may be in somebody else's hands after a hostile message: decode() believes
// nothing. Pure; thread-safe.
//
// The bytes: "TMAIL1\n", then fields, each a letter, its size (32 bit, little endian) and so many
// bytes, in the order of the letters below; the last is 'z' of size 0, and nothing follows it.
//   a address  b name  c subject  d message id  e language  f flags (1 byte)  g text  h file (any)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tutela::mail_message {

inline constexpr std::size_t kMessageBytesMax = 64U << 20;
inline constexpr std::size_t kTextBytesMax = 64U << 10;
inline constexpr std::size_t kLineBytesMax = 1000;  // of each other field
inline constexpr std::size_t kFilesMax = 50;
/// Decoding what a message holds never makes it larger; texts and sizes come on top.
inline constexpr std::size_t kEncodedBytesMax = kMessageBytesMax + (128U << 10);

struct MailMessage {
  std::string address;      // of the sender, as written; may be empty or no address at all
  std::string name;         // of the sender
  std::string subject;      // one line
  std::string message_id;   // without < >
  std::string language;     // "de", "en", or empty
  bool automatic = false;   // from a program, a list, or an answer of a mail server
  bool incomplete = false;  // something of the message is not in here
  std::string text;
  std::vector<Bytes> files;
};

/// Text as notices hold it: valid UTF-8 (what is not becomes U+FFFD), line ends "\n", tabs, no
/// other control character. Cut before the character that would exceed `size_bytes_max`.
[[nodiscard]] std::string clean_text(std::string_view text, std::size_t size_bytes_max);
/// The same as one line.
[[nodiscard]] std::string clean_line(std::string_view text, std::size_t size_bytes_max);

[[nodiscard]] Bytes encode(const MailMessage& message);
/// Every text is clean afterwards. Error: kCorrupted "mail.bad_answer".
Result<MailMessage> decode(ByteView bytes);

}  // namespace tutela::mail_message
