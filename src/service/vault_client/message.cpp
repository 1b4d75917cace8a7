#include "service/vault_client/message.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/mutex.hpp"

namespace tutela::vault_client {

namespace json = boost::json;

namespace {

constexpr std::size_t kFieldsMax = 32;
constexpr std::size_t kCodesMax = 512;

constexpr auto kKinds = std::to_array<std::pair<ErrorKind, std::string_view>>({
    {ErrorKind::kInvalidInput, "invalid_input"},
    {ErrorKind::kNotFound, "not_found"},
    {ErrorKind::kConflict, "conflict"},
    {ErrorKind::kLimitExceeded, "limit_exceeded"},
    {ErrorKind::kUnavailable, "unavailable"},
    {ErrorKind::kForbidden, "forbidden"},
    {ErrorKind::kCorrupted, "corrupted"},
    {ErrorKind::kInternal, "internal"},
});

Error bad_message() {
  return Error{ErrorKind::kInvalidInput,
               "vault.bad_message",
               "the message is no flat JSON object of texts; are both processes of one version?"};
}

/// Codes of errors are literals everywhere; those that come over the wire are kept for good.
std::string_view lasting(std::string_view code) {
  static Mutex mutex;
  static std::set<std::string, std::less<>> codes;
  const MutexLock lock(mutex);
  const auto found = codes.find(code);
  if (found != codes.end()) {
    return *found;
  }
  return codes.size() < kCodesMax ? std::string_view(*codes.emplace(code).first)
                                  : std::string_view("vault.error");
}

}  // namespace

Message::Message(std::string_view call) {
  set("call", call);
}

Message& Message::set(std::string_view name, std::string_view value) {
  values_.insert_or_assign(std::string(name), std::string(value));
  return *this;
}

std::string_view Message::get(std::string_view name) const noexcept {
  const auto found = values_.find(name);
  return found == values_.end() ? std::string_view() : std::string_view(found->second);
}

Result<Uuid> Message::id(std::string_view name) const {
  return parse_uuid(get(name));
}

Bytes Message::encode() const {
  json::object object;
  for (const auto& [name, value] : values_) {
    object[name] = value;
  }
  const std::string text = json::serialize(object);
  const ByteView bytes = as_bytes(text);
  return Bytes(bytes.begin(), bytes.end());
}

Result<Message> Message::parse(ByteView bytes) {
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = 2;
  const json::value value = json::parse(as_text(bytes), error, {}, options);
  if (error || !value.is_object() || value.get_object().size() > kFieldsMax) {
    return bad_message();
  }
  Message message;
  for (const auto& [name, field] : value.get_object()) {
    if (!field.is_string()) {
      return bad_message();
    }
    message.set(std::string_view(name.data(), name.size()),
                std::string_view(field.get_string().data(), field.get_string().size()));
  }
  return message;
}

Message Message::of(const Error& error) {
  const auto* kind =
      std::ranges::find(kKinds, error.kind, &std::pair<ErrorKind, std::string_view>::first);
  Message message;
  message.set("error_kind", kind->second);
  message.set("error_code", error.code);
  message.set("error_message", error.message);
  return message;
}

Status Message::status() const {
  if (!has("error_kind")) {
    return ok();
  }
  const auto* kind =
      std::ranges::find(kKinds, get("error_kind"), &std::pair<ErrorKind, std::string_view>::second);
  return Error{kind == kKinds.end() ? ErrorKind::kInternal : kind->first,
               lasting(get("error_code")),
               std::string(get("error_message"))};
}

}  // namespace tutela::vault_client
