// What callers send of notices, read strictly.
#include <algorithm>
#include <utility>

#include "base/utf8.hpp"
#include "crypto/digest.hpp"
#include "service/http/json.hpp"
#include "service/http/notice_json.hpp"
#include "service/http/text.hpp"

namespace tutela::http {

namespace json = boost::json;

namespace {

constexpr std::size_t kWordBytesMax = 64;
constexpr std::size_t kKeyBytesMax = 255;
constexpr std::size_t kReporterMax = 256;  // characters
// More than intake::check() takes: it says what is too long, in characters.
constexpr std::size_t kTextBytesMax = 512U << 10;
constexpr std::size_t kMembersMax = 1000;

Error bad_field(std::string_view name, std::string_view what) {
  return {ErrorKind::kInvalidInput,
          "request.bad_field",
          "the field " + std::string(name) + " " + std::string(what)};
}

Result<std::vector<std::string>> read_texts(json::array members, std::string_view name) {
  std::vector<std::string> texts;
  for (const json::value& member : members) {
    const json::string* const text = member.if_string();
    if (text == nullptr || text->empty()) {
      return bad_field(name, "must be an array of texts that are not empty");
    }
    texts.emplace_back(text->data(), text->size());
  }
  return texts;
}

Result<std::vector<intake::Said>> read_messages(json::array members) {
  std::vector<intake::Said> messages;
  for (json::value& member : members) {
    if (!member.is_object()) {
      return bad_field("messages", "must be an array of objects");
    }
    ObjectReader reader(std::move(member.as_object()));
    intake::Said said;
    said.who = reader.optional_text("who", kTextBytesMax).value_or("");
    said.when = reader.optional_text("when", kTextBytesMax).value_or("");
    said.text = reader.lines("text", kTextBytesMax);
    TUTELA_TRY(reader.finish());
    messages.push_back(std::move(said));
  }
  return messages;
}

Result<std::vector<Uuid>> read_files(json::array members) {
  std::vector<Uuid> files;
  for (const json::value& member : members) {
    const json::string* const text = member.if_string();
    if (text == nullptr) {
      return bad_field("files", "must be an array of ids");
    }
    TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid({text->data(), text->size()}));
    if (std::ranges::find(files, id) != files.end()) {
      return bad_field("files", "names a file twice");
    }
    files.push_back(id);
  }
  return files;
}

Result<contact::Contact> read_contact(ObjectReader reader) {
  contact::Contact contact;
  contact.name = reader.optional_text("name", kTextBytesMax).value_or("");
  contact.email = reader.optional_text("email", kTextBytesMax).value_or("");
  contact.phone = reader.optional_text("phone", kTextBytesMax).value_or("");
  TUTELA_TRY(reader.finish());
  TUTELA_TRY(contact::check(contact));
  return contact;
}

/// What both bodies have.
struct Common {
  std::optional<std::string> kind;
  std::optional<std::string> sender;
  std::optional<std::string> language;
  std::optional<std::string> country;
};

Common read_common(ObjectReader& reader, intake::NewNotice& notice) {
  Common common;
  common.kind = reader.optional_text("kind", kWordBytesMax);
  common.sender = reader.optional_text("sender", kWordBytesMax);
  common.language = reader.optional_text("language", kWordBytesMax);
  common.country = reader.optional_text("country", kWordBytesMax);
  notice.imminent = reader.optional_flag("imminent").value_or(false);
  notice.reference = reader.optional_text("reference", kTextBytesMax);
  if (notice.reference && notice.reference->empty()) {
    notice.reference.reset();
  }
  return common;
}

Status take_common(const Common& common, const Request& request, intake::NewNotice& notice) {
  if (common.kind) {
    TUTELA_TRY_ASSIGN(notice.kind, intake::parse_kind(*common.kind));
  }
  if (common.sender) {
    TUTELA_TRY_ASSIGN(notice.sender, intake::parse_sender(*common.sender));
  }
  notice.language = common.language.value_or("en");
  if (notice.language != "en" && notice.language != "de") {
    return bad_field("language", "must be en or de");
  }
  notice.country = common.country.value_or("");
  const bool good = notice.country.empty() ||
                    (notice.country.size() == 2 && std::ranges::all_of(notice.country, [](char c) {
                       return c >= 'A' && c <= 'Z';
                     }));
  if (!good) {
    return bad_field("country", "must be two capital letters, ISO 3166-1");
  }
  if (request.idempotency_key) {
    if (!is_label(*request.idempotency_key, kKeyBytesMax)) {
      return Error{ErrorKind::kInvalidInput,
                   "request.bad_header",
                   "Idempotency-Key must be 1 to 255 bytes of text"};
    }
    // Any text is a key.
    notice.idempotency_key = to_hex(crypto::sha256_of(as_bytes(*request.idempotency_key)));
  }
  notice.proved = true;  // a token, or one of ours
  return ok();
}

}  // namespace

Result<Submission> read_submission(const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  Submission of;
  of.notice.channel = intake::Channel::kApi;
  const Common common = read_common(reader, of.notice);
  of.notice.body.text = reader.optional_lines("text", kTextBytesMax).value_or("");
  of.reporter = reader.optional_text("reporter", kTextBytesMax).value_or("");
  json::array links = reader.members("links", kMembersMax);
  json::array accounts = reader.members("accounts", kMembersMax);
  json::array messages = reader.members("messages", kMembersMax);
  json::array files = reader.members("files", kMembersMax);
  const bool has_contact = reader.has("contact");
  ObjectReader contact = has_contact ? reader.object("contact") : ObjectReader(json::object());
  TUTELA_TRY(reader.finish());
  if (utf8_length(of.reporter) > kReporterMax) {
    return bad_field("reporter", "must have at most 256 characters");
  }
  if (!common.kind) {
    return Error{ErrorKind::kInvalidInput, "request.missing_field", "the field kind is missing"};
  }
  TUTELA_TRY(take_common(common, request, of.notice));
  TUTELA_TRY_ASSIGN(of.notice.body.links, read_texts(std::move(links), "links"));
  TUTELA_TRY_ASSIGN(of.notice.body.accounts, read_texts(std::move(accounts), "accounts"));
  TUTELA_TRY_ASSIGN(of.notice.body.messages, read_messages(std::move(messages)));
  TUTELA_TRY_ASSIGN(of.notice.files, read_files(std::move(files)));
  TUTELA_TRY_ASSIGN(of.contact, read_contact(std::move(contact)));
  of.says_sender = common.sender.has_value();
  const bool plain = of.notice.sender == intake::Sender::kAnyone ||
                     of.notice.sender == intake::Sender::kVictim ||
                     of.notice.sender == intake::Sender::kGuardian;
  if (!plain) {
    return Error{ErrorKind::kInvalidInput,
                 "notice.bad_sender",
                 "a sender is anyone, victim or guardian; of partners it follows from the token"};
  }
  return of;
}

Result<Submission> read_paste(const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  Submission of;
  of.notice.channel = intake::Channel::kDesk;
  const Common common = read_common(reader, of.notice);
  of.notice.body.text = reader.lines("text", kTextBytesMax);
  of.contact.name = reader.optional_text("from", kTextBytesMax).value_or("");
  TUTELA_TRY(reader.finish());
  TUTELA_TRY(take_common(common, request, of.notice));
  return of;
}

}  // namespace tutela::http
