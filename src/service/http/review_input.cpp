// What callers say of cases: the strict reading of it.
#include <charconv>
#include <utility>

#include "base/bytes.hpp"
#include "crypto/digest.hpp"
#include "service/http/review_json.hpp"
#include "service/http/text.hpp"

namespace tutela::http {

namespace json = boost::json;

namespace {

constexpr std::size_t kWordBytesMax = 64;
constexpr std::size_t kTypedBytesMax = 16'000;  // 4000 characters
constexpr std::size_t kAnnotationsMax = 16;
constexpr std::size_t kItemsMax = 200;
constexpr std::size_t kKeyBytesMax = 255;
constexpr std::int64_t kVersionMax = 1'000'000'000;

Error bad_parameter(std::string_view name, std::string_view must) {
  return {ErrorKind::kInvalidInput,
          "request.bad_parameter",
          std::string(name) + " must be " + std::string(must)};
}

Error bad_member() {
  return {ErrorKind::kInvalidInput,
          "request.bad_field",
          "an array of the body has a member of another kind than it must have"};
}

Result<std::vector<cases::Annotation>> read_annotations(const json::array& words) {
  std::vector<cases::Annotation> annotations;
  for (const json::value& word : words) {
    const json::string* text = word.if_string();
    if (text == nullptr) {
      return bad_member();
    }
    TUTELA_TRY_ASSIGN(const cases::Annotation annotation,
                      cases::parse_annotation({text->data(), text->size()}));
    annotations.push_back(annotation);
  }
  return annotations;
}

Result<cases::ItemVerdict> read_item(ObjectReader reader) {
  const std::string id = reader.text("content_id", kWordBytesMax);
  const std::string classification = reader.text("classification", kWordBytesMax);
  const json::array annotations = reader.members("annotations", kAnnotationsMax);
  TUTELA_TRY(reader.finish());
  cases::ItemVerdict item;
  TUTELA_TRY_ASSIGN(item.content_id, parse_uuid(id));
  TUTELA_TRY_ASSIGN(item.classification, cases::parse_classification(classification));
  TUTELA_TRY_ASSIGN(item.annotations, read_annotations(annotations));
  return item;
}

Result<ObjectReader> reader_of(json::value& member) {
  if (!member.is_object()) {
    return bad_member();
  }
  return ObjectReader(std::move(member.as_object()));
}

}  // namespace

Result<cases::Verdict> read_verdict(ObjectReader reader) {
  const std::string outcome = reader.text("outcome", kWordBytesMax);
  const auto classification = reader.optional_text("classification", kWordBytesMax);
  const json::array annotations = reader.members("annotations", kAnnotationsMax);
  const auto confidence = reader.optional_text("confidence", kWordBytesMax);
  const auto note = reader.optional_lines("note", kTypedBytesMax);
  json::array items = reader.members("items", kItemsMax);
  const json::array accounts = reader.members("accounts", kItemsMax);
  TUTELA_TRY(reader.finish());
  cases::Verdict verdict;
  TUTELA_TRY_ASSIGN(verdict.outcome, cases::parse_outcome(outcome));
  TUTELA_TRY_ASSIGN(verdict.classification,
                    cases::parse_classification(classification.value_or("")));
  TUTELA_TRY_ASSIGN(verdict.annotations, read_annotations(annotations));
  TUTELA_TRY_ASSIGN(verdict.confidence, cases::parse_confidence(confidence.value_or("sure")));
  verdict.note = note.value_or("");
  for (json::value& member : items) {
    TUTELA_TRY_ASSIGN(ObjectReader item_reader, reader_of(member));
    TUTELA_TRY_ASSIGN(cases::ItemVerdict item, read_item(std::move(item_reader)));
    verdict.items.push_back(std::move(item));
  }
  for (const json::value& member : accounts) {
    const json::string* const account = member.if_string();
    if (account == nullptr) {
      return bad_member();
    }
    verdict.accounts.emplace_back(account->data(), account->size());
  }
  return verdict;
}

Result<std::vector<std::pair<Uuid, cases::Command>>> read_versions(json::array members,
                                                                   const Request& request) {
  std::vector<std::pair<Uuid, cases::Command>> cases;
  for (json::value& member : members) {
    TUTELA_TRY_ASSIGN(ObjectReader reader, reader_of(member));
    const std::string id_text = reader.text("id", kWordBytesMax);
    const std::int64_t version = reader.integer("version", 1, kVersionMax);
    TUTELA_TRY(reader.finish());
    TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(id_text));
    TUTELA_TRY_ASSIGN(cases::Command command, command_of(request, version, to_string(id)));
    cases.emplace_back(id, std::move(command));
  }
  return cases;
}

Result<cases::Command> command_of(const Request& request,
                                  std::int64_t version,
                                  std::string_view of_many) {
  const auto& key = request.idempotency_key;
  if (!key) {
    return cases::Command{version, ""};
  }
  if (!is_label(*key, kKeyBytesMax)) {
    return Error{ErrorKind::kInvalidInput,
                 "request.bad_header",
                 "Idempotency-Key must be 1 to 255 bytes of text"};
  }
  // Any text is a key, and each of many commands has one of its own.
  const std::string whole = *key + "\n" + std::string(of_many);
  return cases::Command{version, to_hex(crypto::sha256_of(as_bytes(whole)))};
}

Result<Uuid> id_of(const Request& request) {
  return parse_uuid(request.parameter("id"));
}

Result<std::optional<UtcMs>> query_time(const Request& request, std::string_view name) {
  const auto text = request.query_value(name);
  if (!text) {
    return std::optional<UtcMs>();
  }
  TUTELA_TRY_ASSIGN(const UtcMs time_ms, parse_time(*text));
  return std::optional(time_ms);
}

Result<std::optional<bool>> query_flag(const Request& request, std::string_view name) {
  const auto text = request.query_value(name);
  if (!text) {
    return std::optional<bool>();
  }
  if (*text != "true" && *text != "false") {
    return bad_parameter(name, "true or false");
  }
  return std::optional(*text == "true");
}

Result<std::optional<std::int64_t>> query_integer(const Request& request,
                                                  std::string_view name,
                                                  std::int64_t min,
                                                  std::int64_t max) {
  const auto text = request.query_value(name);
  if (!text) {
    return std::optional<std::int64_t>();
  }
  std::int64_t number = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, number);
  if (error != std::errc() || stop != end || number < min || number > max) {
    return bad_parameter(name, "from " + std::to_string(min) + " to " + std::to_string(max));
  }
  return std::optional(number);
}

}  // namespace tutela::http
