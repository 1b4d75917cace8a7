// The body of a notice: its bounds, and its JSON.
#include <boost/json.hpp>

#include "base/utf8.hpp"
#include "casework/intake/text.hpp"

namespace tutela::intake {

namespace json = boost::json;

namespace {

constexpr std::size_t kJsonMax = 8 * kWholeMax;  // four bytes a character, or an escape

Error too_long(std::string_view field, std::string_view most) {
  return {ErrorKind::kInvalidInput,
          "notice.too_long",
          std::string(field) + ": there may be at most " + std::string(most)};
}

Error bad_text(std::string_view field) {
  return {ErrorKind::kInvalidInput,
          "notice.bad_text",
          std::string(field) + ": give UTF-8 text without control characters"};
}

Error bad_json() {
  return {ErrorKind::kInvalidInput,
          "notice.bad_json",
          "the body is an object of text, links, accounts and messages (who, when, text)"};
}

Status check_text(std::string_view field, std::string_view text, std::size_t most) {
  if (!is_text(text)) {
    return bad_text(field);
  }
  if (utf8_length(text) > most) {
    return too_long(field, std::to_string(most) + " characters");
  }
  return ok();
}

Status check_words(std::string_view field,
                   const std::vector<std::string>& words,
                   std::size_t count_most,
                   std::size_t most) {
  if (words.size() > count_most) {
    return too_long(field, std::to_string(count_most));
  }
  for (const std::string& word : words) {
    TUTELA_TRY(check_text(field, word, most));
    if (is_blank(word)) {
      return bad_text(field);
    }
  }
  return ok();
}

std::size_t length_of(const Body& body) {
  std::size_t length = utf8_length(body.text);
  for (const std::string& link : body.links) {
    length += utf8_length(link);
  }
  for (const std::string& account : body.accounts) {
    length += utf8_length(account);
  }
  for (const Said& said : body.messages) {
    length += utf8_length(said.who) + utf8_length(said.when) + utf8_length(said.text);
  }
  return length;
}

json::array array_of(const std::vector<std::string>& words) {
  return json::array(words.begin(), words.end());
}

Status read_text(const json::value& value, std::string& into) {
  if (!value.is_string()) {
    return bad_json();
  }
  into = std::string(value.get_string());
  return ok();
}

Status read_words(const json::value& value, std::vector<std::string>& into) {
  if (!value.is_array()) {
    return bad_json();
  }
  for (const json::value& each : value.get_array()) {
    TUTELA_TRY(read_text(each, into.emplace_back()));
  }
  return ok();
}

Status read_messages(const json::value& value, std::vector<Said>& into) {
  if (!value.is_array()) {
    return bad_json();
  }
  for (const json::value& each : value.get_array()) {
    if (!each.is_object()) {
      return bad_json();
    }
    Said& said = into.emplace_back();
    for (const auto& [name, field] : each.get_object()) {
      std::string* const to = name == "who"    ? &said.who
                              : name == "when" ? &said.when
                              : name == "text" ? &said.text
                                               : nullptr;
      if (to == nullptr) {
        return bad_json();
      }
      TUTELA_TRY(read_text(field, *to));
    }
  }
  return ok();
}

}  // namespace

Status check(const Body& body, bool has_files) {
  TUTELA_TRY(check_text("text", body.text, kTextMax));
  TUTELA_TRY(check_words("links", body.links, kLinksMax, kLinkMax));
  TUTELA_TRY(check_words("accounts", body.accounts, kAccountsMax, kAccountMax));
  if (body.messages.size() > kMessagesMax) {
    return too_long("messages", std::to_string(kMessagesMax));
  }
  for (const Said& said : body.messages) {
    TUTELA_TRY(check_text("messages.who", said.who, kWhoMax));
    TUTELA_TRY(check_text("messages.when", said.when, kWhenMax));
    TUTELA_TRY(check_text("messages.text", said.text, kMessageMax));
    if (is_blank(said.text)) {
      return bad_text("messages.text");
    }
  }
  if (length_of(body) > kWholeMax) {
    return too_long("text, links, accounts and messages",
                    std::to_string(kWholeMax) + " characters together");
  }
  if (!has_files && is_blank(body.text) && body.links.empty() && body.accounts.empty() &&
      body.messages.empty()) {
    return Error{ErrorKind::kInvalidInput,
                 "notice.empty",
                 "text: say what it is about, or give a link, an account, a message or a file"};
  }
  return ok();
}

std::string to_json(const Body& body) {
  json::array messages;
  for (const Said& said : body.messages) {
    messages.push_back(json::object{{"who", said.who}, {"when", said.when}, {"text", said.text}});
  }
  return json::serialize(json::object{{"text", body.text},
                                      {"links", array_of(body.links)},
                                      {"accounts", array_of(body.accounts)},
                                      {"messages", std::move(messages)}});
}

Result<Body> body_from_json(std::string_view text) {
  json::parse_options options;
  options.max_depth = 4;
  boost::system::error_code error;
  const json::value value =
      text.size() <= kJsonMax ? json::parse(text, error, {}, options) : json::value();
  if (error || !value.is_object()) {
    return bad_json();
  }
  Body body;
  for (const auto& [name, field] : value.get_object()) {
    if (name == "text") {
      TUTELA_TRY(read_text(field, body.text));
    } else if (name == "links") {
      TUTELA_TRY(read_words(field, body.links));
    } else if (name == "accounts") {
      TUTELA_TRY(read_words(field, body.accounts));
    } else if (name == "messages") {
      TUTELA_TRY(read_messages(field, body.messages));
    } else {
      return bad_json();
    }
  }
  return body;
}

}  // namespace tutela::intake
