#include <array>
#include <cstddef>
#include <utility>

#include "service/auth/auth.hpp"

namespace tutela::auth {
namespace {

constexpr std::array<std::pair<Scope, std::string_view>, 6> kNames = {{
    {Scope::kScan, "scan"},
    {Scope::kLists, "lists"},
    {Scope::kRead, "read"},
    {Scope::kSearch, "search"},
    {Scope::kExport, "export"},
    {Scope::kAdmin, "admin"},
}};

constexpr std::string_view kSeparators = " ,\t";

}  // namespace

std::string_view to_string(Scope scope) noexcept {
  return kNames[static_cast<std::size_t>(scope)].second;
}

Result<Scope> parse_scope(std::string_view text) {
  for (const auto& [scope, name] : kNames) {
    if (text == name) {
      return scope;
    }
  }
  return Error{ErrorKind::kInvalidInput,
               "scope.unknown",
               "a scope is one of scan, lists, read, search, export, admin"};
}

std::string to_string(const Scopes& scopes) {
  std::string text;
  for (const auto& [scope, name] : kNames) {
    if (scopes.has(scope)) {
      text += text.empty() ? "" : " ";
      text += name;
    }
  }
  return text;
}

Result<Scopes> parse_scopes(std::string_view text) {
  Scopes scopes;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of(kSeparators);
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!word.empty()) {
      TUTELA_TRY_ASSIGN(const Scope scope, parse_scope(word));
      scopes.add(scope);
    }
  }
  if (scopes.empty()) {
    return Error{ErrorKind::kInvalidInput,
                 "scope.unknown",
                 "name at least one of the scopes scan, lists, read, search, export, admin"};
  }
  return scopes;
}

}  // namespace tutela::auth
