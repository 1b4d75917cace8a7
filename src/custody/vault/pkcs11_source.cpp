#include <optional>

#include "custody/vault/pkcs11_key.hpp"

namespace tutela::vault {
namespace {

std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    std::byte byte{};
    if (text.size() - i < 3 || !parse_hex(text.substr(i + 1, 2), {&byte, 1})) {
      return std::nullopt;
    }
    out.push_back(static_cast<char>(byte));
    i += 2;
  }
  return out;
}

}  // namespace

Result<Pkcs11Source> parse_pkcs11_source(std::string_view text) {
  const auto bad = [](std::string_view what) {
    return Error{ErrorKind::kInvalidInput,
                 "vault.bad_key_source",
                 "a key in a token is \"pkcs11:/module.so?token=LABEL&object=LABEL&pin-file="
                 "/path\": " +
                     std::string(what)};
  };
  const std::size_t question = text.find('?');
  Pkcs11Source source;
  source.module = text.substr(0, question);
  if (!source.module.is_absolute()) {
    return bad("the module needs an absolute path");
  }
  std::string_view rest =
      question == std::string_view::npos ? std::string_view() : text.substr(question + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    const std::string_view name = pair.substr(0, equals);
    const auto value =
        unescaped(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1));
    if (!value || value->empty()) {
      return bad("a value is empty or badly escaped");
    }
    if (name == "token" && source.token.empty()) {
      source.token = *value;
    } else if (name == "object" && source.object.empty()) {
      source.object = *value;
    } else if (name == "pin-file" && source.pin_file.empty()) {
      source.pin_file = *value;
    } else {
      return bad("a part is unknown or stands there twice");
    }
  }
  if (source.token.empty() || source.object.empty() || source.pin_file.empty()) {
    return bad("token, object and pin-file must be there");
  }
  return source;
}

}  // namespace tutela::vault
