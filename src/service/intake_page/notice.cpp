// What the fields of each form say as a notice.
#include <algorithm>
#include <array>
#include <utility>

#include "base/utf8.hpp"
#include "service/intake_page/chat.hpp"
#include "service/intake_page/form.hpp"
#include "service/intake_page/language.hpp"

namespace tutela::intake_page {

namespace {

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (line.starts_with(' ') || line.starts_with('\t')) {
      line.remove_prefix(1);
    }
    while (line.ends_with(' ') || line.ends_with('\t')) {
      line.remove_suffix(1);
    }
    if (!line.empty()) {
      lines.emplace_back(line);
    }
  }
  return lines;
}

std::string country_in(std::string_view text) {
  const bool good =
      text.size() == 2 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
  return good ? std::string(text) : std::string();
}

/// What it is where nobody chose: as what was given looks.
intake::Kind guess(const intake::Body& body, bool has_files) {
  if (has_files || !body.links.empty()) {
    return intake::Kind::kContent;
  }
  if (!body.messages.empty()) {
    return intake::Kind::kSolicitation;
  }
  return body.accounts.empty() ? intake::Kind::kOther : intake::Kind::kAccount;
}

void take_report(const Fields& fields, bool has_files, intake::NewNotice& notice) {
  notice.body.messages = parse_chat(fields.get("chat"));
  const auto kind = intake::parse_kind(fields.get("kind"));
  constexpr auto kChoices = std::to_array<intake::Kind>({intake::Kind::kContent,
                                                         intake::Kind::kSolicitation,
                                                         intake::Kind::kAccount,
                                                         intake::Kind::kOther});
  const bool chosen = kind && std::ranges::find(kChoices, *kind) != kChoices.end();
  notice.kind = chosen ? *kind : guess(notice.body, has_files);
  const std::string_view about = fields.get("about");
  notice.sender = about == "victim"     ? intake::Sender::kVictim
                  : about == "guardian" ? intake::Sender::kGuardian
                                        : intake::Sender::kAnyone;
}

/// The fields of an authority that a notice has no place for stand before its words, by their
/// English names: people of ours read them.
void take_law(const Fields& fields, bool has_files, intake::NewNotice& notice) {
  notice.kind = intake::Kind::kLawRequest;
  notice.sender = intake::Sender::kAuthority;
  const bool says_something = has_files || !notice.body.text.empty() ||
                              !notice.body.links.empty() || !notice.body.accounts.empty() ||
                              !fields.get("asks").empty() || !fields.get("basis").empty();
  if (!says_something) {
    return;  // nothing but a name: it is empty
  }
  constexpr auto kLines = std::to_array<std::pair<std::string_view, std::string_view>>(
      {{"asks", "Asks for: "}, {"agency", "Agency: "}, {"role", "Role: "}, {"basis", "Basis: "}});
  std::string head;
  for (const auto& [name, label] : kLines) {
    const std::string_view value = fields.get(name);
    if (!value.empty()) {
      head += std::string(label) + std::string(value) + "\n";
    }
  }
  notice.body.text = head.empty() ? notice.body.text : head + "\n" + notice.body.text;
  while (notice.body.text.ends_with('\n')) {
    notice.body.text.pop_back();
  }
}

void take_research(const Fields& fields, intake::NewNotice& notice) {
  notice.kind = intake::Kind::kDetection;
  const std::string_view who = fields.get("who");
  notice.sender = who == "researcher" ? intake::Sender::kResearcher
                  : who == "council"  ? intake::Sender::kCouncil
                                      : intake::Sender::kAnyone;
}

}  // namespace

Result<Filled> notice_of(FormKind kind, const Fields& fields, bool has_files) {
  Filled filled;
  intake::NewNotice& notice = filled.notice;
  notice.channel = intake::Channel::kPage;
  notice.imminent = kind != FormKind::kResearch && fields.get("imminent") == "yes";
  notice.language = language_of(fields.get("lang"), "");
  notice.country = country_in(fields.get("country"));
  notice.body.text = fields.get("text");
  notice.body.links = lines_of(fields.get("links"));
  notice.body.accounts = lines_of(fields.get("accounts"));
  switch (kind) {
    case FormKind::kReport:
      take_report(fields, has_files, notice);
      break;
    case FormKind::kLaw:
      take_law(fields, has_files, notice);
      break;
    case FormKind::kResearch:
      take_research(fields, notice);
      break;
  }
  if (const std::string_view reference = fields.get("reference"); !reference.empty()) {
    if (utf8_length(reference) > intake::kReferenceMax) {
      return Error{ErrorKind::kInvalidInput,
                   "notice.long_reference",
                   "the reference has more than 128 characters"};
    }
    notice.reference = reference;
  }
  filled.contact = {std::string(fields.get("name")),
                    std::string(fields.get("email")),
                    std::string(fields.get("phone"))};
  TUTELA_TRY(contact::check(filled.contact));
  filled.challenge = fields.get("challenge");
  filled.work = fields.get("work");
  return filled;
}

}  // namespace tutela::intake_page
