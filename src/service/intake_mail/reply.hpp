// Reply: the mail with number and PIN that a sender gets, once. It holds nothing of what they
// wrote. Pure.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "service/mail/text.hpp"

namespace tutela::intake_mail {

struct Reply {
  std::string number;
  std::string pin;
  UtcMs due_ms = 0;
  std::string language;    // "en" "de"; unknown ones are English
  std::string service;     // as intake.service_name; may be empty
  std::string public_url;  // of the pages; empty: none is named
};

/// The whole message. `head.in_reply_to` must be set.
[[nodiscard]] std::string reply_message(const mail::Head& head, const Reply& reply);

}  // namespace tutela::intake_mail
