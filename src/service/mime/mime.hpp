// Mime: one hostile e-mail into what a notice takes of it (RFC 5322, RFC 2045 to 2049), through
// GMime and libxml2. Only the locked-down process tutela-mail and tests call this: the libraries
// may loop, end the process or worse. Not thread-safe.
#pragma once

#include "base/bytes.hpp"
#include "service/mail_message/mail_message.hpp"

namespace tutela::mime {

inline constexpr int kPartsMax = 50;
inline constexpr int kDepthMax = 10;

/// Loads everything that read() needs from the file system.
void warm_up();

/// The first text/plain of alternatives, else their HTML as text; texts inside forwarded messages,
/// too, each below who wrote it to whom and when; every other part that is no signature is a file.
/// What is not in here makes it incomplete: too many parts, too deep, too long, a signature, words
/// or links of an alternative that the chosen one lacks, an unknown encoding. Heads of the message
/// itself, names of files and what stands outside of all parts are left out without that. Never
/// fails: anything at all is some message.
[[nodiscard]] mail_message::MailMessage read(ByteView message);

}  // namespace tutela::mime
