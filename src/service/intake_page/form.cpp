#include "service/intake_page/form.hpp"

#include <utility>

namespace tutela::intake_page {

namespace {

constexpr std::size_t kNameBytesMax = 32;

Error too_large() {
  return {ErrorKind::kLimitExceeded, "request.too_large", "the form is larger than is taken here"};
}

int hex_of(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

Result<std::string> decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_of(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_of(text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      return Error{ErrorKind::kInvalidInput, "request.malformed", "the form is malformed"};
    }
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string tidy(std::string_view value) {
  while (!value.empty() && is_blank(value.front())) {
    value.remove_prefix(1);
  }
  while (!value.empty() && is_blank(value.back())) {
    value.remove_suffix(1);
  }
  std::string text;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool pair = value[i] == '\r' && i + 1 < value.size() && value[i + 1] == '\n';
    if (!pair) {
      text += value[i] == '\r' ? '\n' : value[i];
    }
  }
  return text;
}

}  // namespace

Status Fields::add(std::string_view name, std::string_view value) {
  bytes_ += name.size() + value.size();
  if (bytes_ > kFormBytesMax || fields_.size() >= kFieldsMax || name.size() > kNameBytesMax) {
    return too_large();
  }
  fields_.try_emplace(std::string(name), tidy(value));
  return ok();
}

std::string_view Fields::get(std::string_view name) const {
  const auto found = fields_.find(name);
  return found == fields_.end() ? std::string_view() : found->second;
}

Result<Fields> parse_urlencoded(std::string_view body) {
  Fields fields;
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('&'), body.size());
    const std::string_view pair = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    TUTELA_TRY_ASSIGN(const std::string name, decode(pair.substr(0, equals)));
    TUTELA_TRY_ASSIGN(const std::string value,
                      decode(pair.substr(std::min(equals + 1, pair.size()))));
    TUTELA_TRY(fields.add(name, value));
  }
  return fields;
}

}  // namespace tutela::intake_page
