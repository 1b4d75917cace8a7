// Texts: what mails to senders say, by language; made from locales/*.json. Internal.
#pragma once

#include <string_view>

namespace tutela::intake_mail {

/// With {service} {number} {pin} {due} {url} where those words go.
struct Texts {
  std::string_view subject;  // ASCII
  std::string_view body;
};

/// Of "en" and "de"; nullptr: there is none.
const Texts* texts_of(std::string_view language) noexcept;

}  // namespace tutela::intake_mail
