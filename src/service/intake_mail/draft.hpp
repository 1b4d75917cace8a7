// Draft: what a message becomes as a notice, before anything is written. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "casework/intake/notices.hpp"
#include "service/mail_message/mail_message.hpp"

namespace tutela::intake_mail {

/// How the links in a text are found.
using FindLinks = std::function<std::vector<std::string>(std::string_view text)>;

struct DraftLimits {
  std::size_t files_max = 5;
  std::uint64_t file_bytes_max = 0;
  std::uint64_t message_bytes = 0;  // of the whole message
};

/// Who wrote, as far as a contact can hold it: what is no address stands in the name.
struct Sender {
  std::string name;
  std::string email;
};

[[nodiscard]] Sender sender_of(const mail_message::MailMessage& message);

struct Draft {
  intake::NewNotice notice;  // without source, contact and key
  std::vector<Bytes> files;
  bool with_whole = false;  // the whole message is a file too, behind these
  bool stays = false;       // something of it has no place but the mailbox
  std::string address;      // lower case; empty: nobody who can be told apart
  std::string message_id;
  bool may_reply = false;
};

/// The text begins with the subject. Whatever of the message has no place in text and files makes
/// the whole of it a file; where that has no place either, the text says that it lies in the
/// mailbox, and under which name, and it is to stay there.
[[nodiscard]] Draft draft_of(mail_message::MailMessage message,
                             const DraftLimits& limits,
                             std::string_view letter,
                             const FindLinks& find_links);

/// Of a message that could not be read.
[[nodiscard]] Draft draft_of_unread(const DraftLimits& limits, std::string_view letter);

/// Of one whose words or files no notice takes: who wrote stays, and may have an answer.
void be_about_the_whole(Draft& draft, const DraftLimits& limits, std::string_view letter);

}  // namespace tutela::intake_mail
