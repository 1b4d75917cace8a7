#include "service/intake/mailbox.hpp"

#include <utility>

#include "service/contact/contact.hpp"
#include "service/intake_mail/child.hpp"
#include "service/notice_text/notice_text.hpp"

namespace tutela::intake_service {

std::unique_ptr<intake_mail::MailReader> make_mail_reader(Intake& intake,
                                                          Intake::Settings settings,
                                                          store::Database& database,
                                                          const Clock& clock) {
  const std::shared_ptr<const config::Config> config = settings();
  if (config->intake.maildir.empty()) {
    return nullptr;
  }
  const std::filesystem::path& worker = config->workers.program;
  return std::make_unique<intake_mail::MailReader>(intake_mail::Parts{
      .settings = std::move(settings),
      .notices = intake.notices(),
      .receive_file =
          [&intake](const store::Actor& actor, const intake::NewNotice& notice) {
            return intake.receive_file(actor, notice);
          },
      .seal =
          [&database](const std::string& name, const std::string& email) {
            return contact::seal(database, {.name = name, .email = email, .phone = {}});
          },
      .find_links = [](std::string_view text) { return notice_text::find(text).links; },
      .wake = [&intake] { intake.wake(); },
      .report = [&intake](bool failing) { intake.note_mail(failing); },
      .clock = clock,
      .reader_program = worker.empty() ? intake_mail::default_reader_program()
                                       : worker.parent_path() / "tutela-mail",
  });
}

}  // namespace tutela::intake_service
