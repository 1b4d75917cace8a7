#include <cstddef>

#include "service/auth/auth.hpp"

namespace tutela::auth {
namespace {

constexpr std::string_view kSeparators = " ,\t";

}  // namespace

std::string to_string(const Scopes& scopes) {
  std::string text;
  for (const Scope scope : all_scopes()) {
    if (scopes.has(scope)) {
      text += text.empty() ? "" : " ";
      text += to_string(scope);
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
                 "name at least one of the scopes scan, lists, read, search, export, admin, "
                 "report"};
  }
  return scopes;
}

Permissions permissions_of(const Scopes& scopes) noexcept {
  Permissions permissions;
  for (const Scope scope : all_scopes()) {
    if (scopes.has(scope)) {
      permissions.add(permissions_of(scope));
    }
  }
  return permissions;
}

}  // namespace tutela::auth
