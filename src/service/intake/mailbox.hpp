// Mailbox: the intake's reader of mail, put together. Internal.
#pragma once

#include <functional>
#include <memory>

#include "service/intake/intake.hpp"
#include "service/intake_mail/mail_reader.hpp"

namespace tutela::intake_service {

/// Borrows all; not started. nullptr where no mailbox is configured. The program that reads
/// messages lies beside workers.program where that is set, else beside the running one.
[[nodiscard]] std::unique_ptr<intake_mail::MailReader> make_mail_reader(Intake& intake,
                                                                        Intake::Settings settings,
                                                                        store::Database& database,
                                                                        const Clock& clock);

}  // namespace tutela::intake_service
