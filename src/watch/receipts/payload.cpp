#include "watch/receipts/payload.hpp"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "watch/receipts/read_json.hpp"

namespace tutela::receipts {

namespace json = boost::json;

namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::size_t kDepthMax = 4;

Error bad_payload() {
  return Error{ErrorKind::kInvalidInput,
               "receipt.bad_format",
               "what was signed is no statement of spec/scan-receipt.md, version 1"};
}

/// Reads members by name; what is missing or of another type is remembered.
class Members {
 public:
  explicit Members(const json::value& value) {
    if (value.is_object()) {
      object_ = &value.get_object();
    }
    good_ = object_ != nullptr;
  }

  std::string text(std::string_view name) {
    const json::value* const value = find(name);
    if (value == nullptr || !value->is_string()) {
      good_ = false;
      return {};
    }
    return std::string(value->get_string());
  }

  std::int64_t integer(std::string_view name) {
    const json::value* const value = find(name);
    if (value == nullptr || !value->is_int64()) {
      good_ = false;
      return 0;
    }
    return value->get_int64();
  }

  UtcMs time(std::string_view name) {
    const auto parsed = parse_time(text(name));
    good_ = good_ && parsed.has_value();
    return parsed ? *parsed : 0;
  }

  const json::value* find(std::string_view name) const {
    return object_ == nullptr ? nullptr : object_->if_contains(name);
  }

  [[nodiscard]] bool good() const noexcept { return good_; }

 private:
  const json::object* object_ = nullptr;
  bool good_ = false;
};

json::object list_json(const ListSeen& list) {
  json::object object = {{"id", list.id}};
  if (list.version > 0) {
    object["version"] = list.version;
  }
  if (!list.digest.empty()) {
    object["digest"] = list.digest;
  }
  return object;
}

bool read_lists(const json::value* value, std::vector<ListSeen>& lists) {
  if (value == nullptr || !value->is_array() || value->get_array().size() > kListsMax) {
    return false;
  }
  for (const json::value& element : value->get_array()) {
    Members members(element);
    ListSeen list;
    list.id = members.text("id");
    list.version = members.find("version") == nullptr ? 0 : members.integer("version");
    list.digest = members.find("digest") == nullptr ? "" : members.text("digest");
    if (!members.good()) {
      return false;
    }
    lists.push_back(std::move(list));
  }
  return true;
}

}  // namespace

std::string payload_of(const Statement& statement) {
  json::array lists;
  for (const ListSeen& list : statement.lists) {
    lists.push_back(list_json(list));
  }
  json::object audit = {{"index", statement.audit_index}};
  if (statement.audit_proof) {
    audit["proof"] = *statement.audit_proof;
  }
  return json::serialize(json::object{{"v", kVersion},
                                      {"issuer", statement.issuer},
                                      {"issued", to_rfc3339(statement.issued_ms)},
                                      {"content", statement.content_id},
                                      {"sha256", statement.sha256},
                                      {"door", statement.door},
                                      {"received", to_rfc3339(statement.received_ms)},
                                      {"decided", to_rfc3339(statement.decided_ms)},
                                      {"verdict", statement.verdict},
                                      {"policy", statement.policy_version},
                                      {"lists_position", statement.lists_position},
                                      {"lists", std::move(lists)},
                                      {"audit", std::move(audit)}});
}

Result<Statement> parse_payload(std::string_view text) {
  const json::value value = read_json(text, kDepthMax);
  Members members(value);
  Statement statement;
  const std::int64_t version = members.integer("v");
  statement.issuer = members.text("issuer");
  statement.issued_ms = members.time("issued");
  statement.content_id = members.text("content");
  statement.sha256 = members.text("sha256");
  statement.door = members.text("door");
  statement.received_ms = members.time("received");
  statement.decided_ms = members.time("decided");
  statement.verdict = members.text("verdict");
  statement.policy_version = members.text("policy");
  statement.lists_position = members.integer("lists_position");
  const json::value* const audit_value = members.find("audit");
  if (!members.good() || version != kVersion || audit_value == nullptr ||
      !read_lists(members.find("lists"), statement.lists)) {
    return bad_payload();
  }
  Members audit(*audit_value);
  statement.audit_index = audit.integer("index");
  if (audit.find("proof") != nullptr) {
    statement.audit_proof = audit.text("proof");
  }
  // One text a statement: nothing twice, nothing unknown, nothing that two readers take
  // differently.
  if (!audit.good() || payload_of(statement) != text) {
    return bad_payload();
  }
  return statement;
}

std::string header_of(const crypto::PublicKey& key) {
  return R"({"alg":"EdDSA","kid":")" + key_id(key) + R"(","typ":"tutela-receipt+json"})";
}

bool has_quotes(std::string_view json, std::size_t quotes) noexcept {
  return json.find('\\') == std::string_view::npos &&
         std::ranges::count(json, '"') == static_cast<std::ptrdiff_t>(quotes);
}

}  // namespace tutela::receipts
