#include "service/intake_mail/draft.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/utf8.hpp"
#include "service/intake_mail/maildir.hpp"
#include "service/mail/text.hpp"

namespace tutela::intake_mail {

namespace {

using mail_message::clean_line;
using mail_message::clean_text;
using mail_message::MailMessage;

using intake::kTextMax;

// The most characters, those of contact.hpp.
constexpr std::size_t kNameMax = 200;
constexpr std::size_t kAddressMax = 254;

// For those who read the notice; the sender never sees them.
constexpr std::string_view kSeeWhole = "\n\n[Not all of this message is here: it came as a file.]";
constexpr std::string_view kUnread = "[This message could not be read: it came as a file.]";
constexpr std::string_view kNothing = "[A message without text.]";

/// Without its flags, which change: the same words whenever it is read.
std::string in_mailbox(std::string_view letter) {
  return "\n\n[Not all of this message is here, nor among the files: it lies in the mailbox, " +
         clean_line(unique_of(letter), 200) + "]";
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) {
    return c < 0x80 ? static_cast<char>(std::tolower(c)) : static_cast<char>(c);
  });
  return text;
}

/// Subject and text, as one.
std::string whole_text(const MailMessage& message) {
  std::string text = clean_line(message.subject, mail_message::kLineBytesMax);
  if (!text.empty() && !message.text.empty()) {
    text += "\n\n";
  }
  text += message.text;
  text.erase(
      std::find_if(text.rbegin(), text.rend(), [](char c) { return c != '\n' && c != ' '; }).base(),
      text.end());
  return clean_text(text, mail_message::kTextBytesMax + mail_message::kLineBytesMax);
}

bool whole_fits(const DraftLimits& limits) {
  return limits.files_max > 0 && limits.message_bytes > 0 &&
         limits.message_bytes <= limits.file_bytes_max;
}

/// The files that have a place, when the last place is the whole message's. True: some had none.
bool choose_files(std::vector<Bytes>& files, const DraftLimits& limits, bool incomplete) {
  const auto too_large = std::ranges::remove_if(
      files, [&](const Bytes& file) { return file.size() > limits.file_bytes_max; });
  const bool lost =
      incomplete || !too_large.empty() || files.size() - too_large.size() > limits.files_max;
  files.erase(too_large.begin(), too_large.end());
  const std::size_t places = limits.files_max - (lost && whole_fits(limits) ? 1 : 0);
  files.resize(std::min(files.size(), places));
  return lost;
}

void set_text(Draft& draft, std::string text, bool lost, std::string_view letter) {
  const std::string mark = !lost              ? std::string()
                           : draft.with_whole ? std::string(kSeeWhole)
                                              : in_mailbox(letter);
  text = std::string(utf8_prefix(text, kTextMax - utf8_length(mark))) + mark;
  draft.notice.body.text = text.empty() && draft.files.empty() ? std::string(kNothing) : text;
  draft.stays = lost && !draft.with_whole;
}

}  // namespace

Sender sender_of(const MailMessage& message) {
  const std::string address = clean_line(message.address, mail_message::kLineBytesMax);
  const bool good = utf8_length(address) <= kAddressMax && address.find('@') != std::string::npos;
  std::string name = message.name;
  if (!good && !address.empty()) {
    name += (name.empty() ? "<" : " <") + address + ">";
  }
  return {std::string(utf8_prefix(clean_line(name, mail_message::kLineBytesMax), kNameMax)),
          good ? lower(address) : ""};
}

Draft draft_of(MailMessage message,
               const DraftLimits& limits,
               std::string_view letter,
               const FindLinks& find_links) {
  Draft draft;
  draft.notice.channel = intake::Channel::kMail;
  draft.notice.kind = intake::Kind::kOther;
  draft.notice.language = message.language == "de" ? "de" : "en";
  draft.address = utf8_length(message.address) <= kAddressMax ? lower(message.address) : "";
  draft.message_id = message.message_id;
  draft.may_reply = !message.automatic && mail::is_address(draft.address);
  const std::string text = whole_text(message);
  draft.files = std::move(message.files);
  const bool lost =
      choose_files(draft.files, limits, message.incomplete || utf8_length(text) > kTextMax);
  draft.with_whole = lost && whole_fits(limits);
  if (find_links) {
    for (std::string& link : find_links(text)) {
      if (utf8_length(link) <= intake::kLinkMax &&
          draft.notice.body.links.size() < intake::kLinksMax) {
        draft.notice.body.links.push_back(std::move(link));
      }
    }
  }
  set_text(draft, text, lost, letter);
  return draft;
}

Draft draft_of_unread(const DraftLimits& limits, std::string_view letter) {
  Draft draft;
  draft.notice.channel = intake::Channel::kMail;
  draft.notice.kind = intake::Kind::kOther;
  be_about_the_whole(draft, limits, letter);
  return draft;
}

void be_about_the_whole(Draft& draft, const DraftLimits& limits, std::string_view letter) {
  draft.notice.body = {};
  draft.files.clear();
  draft.with_whole = whole_fits(limits);
  if (draft.with_whole) {
    draft.notice.body.text = kUnread;
  } else {
    set_text(draft, "[This message could not be read.]", true, letter);
  }
}

}  // namespace tutela::intake_mail
