// Child: one message read by a process of its own, tutela-mail, which has no powers and no second
// message to spoil. Stateless; thread-safe.
#pragma once

#include <filesystem>

#include "base/result.hpp"
#include "service/mail_message/mail_message.hpp"

namespace tutela::intake_mail {

/// `tutela-mail` in the folder of the running executable.
[[nodiscard]] std::filesystem::path default_reader_program();

/// What is in the message that `fd` reads from its beginning. Waits at most `timeout_ms`, and takes
/// no more than kEncodedBytesMax. Errors: kUnavailable "mail.no_reader" (it did not start, or not
/// lock itself in); kInvalidInput "mail.not_read" (it died, hung or lied: the message is to blame).
Result<mail_message::MailMessage> read_message(const std::filesystem::path& program,
                                               int fd,
                                               int timeout_ms = 20'000);

}  // namespace tutela::intake_mail
