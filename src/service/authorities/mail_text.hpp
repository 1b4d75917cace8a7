// Mail text: a letter as an encrypted e-mail: MIME (RFC 2045, 2046), PGP/MIME (RFC 3156), ASCII
// armor (RFC 4880 section 6), all lines of ASCII that end with CR LF. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "service/authorities/letter.hpp"
#include "service/mail/text.hpp"

namespace tutela::authorities {

/// What is encrypted: some words, the letter's JSON and its page, as multipart/mixed.
[[nodiscard]] std::string mail_inside(const Letter& letter);

/// A binary OpenPGP message as text.
[[nodiscard]] std::string armored(ByteView message);

/// What is sent. Its subject says nothing: it travels in clear.
[[nodiscard]] std::string mail_outside(const mail::Head& head, std::string_view armored_message);

}  // namespace tutela::authorities
