#include "service/http/router.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace tutela::http {

namespace {

constexpr std::uint64_t kMultipartExtraBytes = 64U << 10;
// What is behind the limit of a file is read and thrown away, so that whoever sends a film without
// script is told which file was too large, and finds what they typed where it was.
constexpr std::uint64_t kFormExtraBytes = 1U << 30;

/// Whether the segments of a path fit a pattern; its {names} are filled.
bool fits(std::string_view pattern, const std::vector<std::string>& segments, TextMap& parameters) {
  parameters.clear();
  for (const std::string& segment : segments) {
    if (!pattern.starts_with('/')) {
      return false;
    }
    pattern.remove_prefix(1);
    const std::string_view expected = pattern.substr(0, pattern.find('/'));
    pattern.remove_prefix(expected.size());
    if (expected.starts_with('{')) {
      if (segment.empty()) {
        return false;
      }
      parameters.emplace(expected.substr(1, expected.size() - 2), segment);
    } else if (expected != segment) {
      return false;
    }
  }
  return pattern.empty() || (segments.empty() && pattern == "/");
}

}  // namespace

Status Access::check(const auth::Principal& principal, UtcMs now_ms) const {
  const auto refuse = [](std::string_view code, std::string message) {
    return Error{ErrorKind::kForbidden, code, std::move(message)};
  };
  const bool open = !principal.session || principal.session->stage == auth::Stage::kOpen;
  if (kind_ == Kind::kSigningIn) {
    return principal.session && !open
               ? ok()
               : refuse("auth.already_open", "this is for people who are signing in");
  }
  if (!open) {
    return refuse("auth.second_factor", "the sign-in is not complete: give the second factor");
  }
  if (!principal.session && (kind_ == Kind::kAnyPerson || fresh_)) {
    return refuse("auth.people_only", "this is for people; a token cannot do it");
  }
  if (permission_ && !principal.permissions.has(*permission_)) {
    const std::string name(auth::to_string(*permission_));
    return principal.session
               ? refuse("auth.missing_permission", "your role lacks the permission " + name)
               : refuse("auth.missing_scope", "no scope of the token gives the permission " + name);
  }
  if (fresh_ && principal.session->fresh_until_ms <= now_ms) {
    return refuse("auth.not_fresh", "give your second factor again, then repeat this");
  }
  return ok();
}

std::string Access::name() const {
  std::string name;
  switch (kind_) {
    case Kind::kUndeclared:
      break;
    case Kind::kAnyone:
      name = "anyone";
      break;
    case Kind::kAnyPrincipal:
      name = "any principal";
      break;
    case Kind::kAnyPerson:
      name = "any person";
      break;
    case Kind::kSigningIn:
      name = "signing in";
      break;
    case Kind::kPermission:
      name = auth::to_string(*permission_);
      break;
  }
  return name + (fresh_ ? " fresh" : "");
}

Result<Router> Router::make(std::vector<Route> routes) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const Route& route : routes) {
    const std::string name = std::string(route.method) + " " + std::string(route.pattern);
    if (!route.access.declared()) {
      return Error{ErrorKind::kInternal, "routes.undeclared", name + " declares no permission"};
    }
    const bool streamed = route.body == BodyKind::kStream;
    if ((route.handler == nullptr) != streamed || (route.upload != nullptr) != streamed) {
      return Error{ErrorKind::kInternal, "routes.no_handler", name + " has no handler"};
    }
    if (!seen.emplace(route.method, route.pattern).second) {
      return Error{ErrorKind::kInternal, "routes.twice", name + " is declared twice"};
    }
  }
  return Router(std::move(routes));
}

std::uint64_t body_bytes_max(const config::Config& config, const Route& route) noexcept {
  if (route.body != BodyKind::kStream) {
    return route.body_bytes_max;
  }
  return route.many_files ? config.limits.size_bytes_max * std::max(1U, config.intake.files_max) +
                                kFormExtraBytes
                          : config.limits.size_bytes_max + kMultipartExtraBytes;
}

Router::Found Router::find(std::string_view method,
                           const std::vector<std::string>& segments) const {
  Found found;
  TextMap parameters;
  for (const Route& route : routes_) {
    if (!fits(route.pattern, segments, parameters)) {
      continue;
    }
    found.allow += (found.allow.empty() ? "" : ", ") + std::string(route.method);
    found.allow += route.method == "GET" ? ", HEAD" : "";
    // "/v1/reports/summary" is none of "/v1/reports/{id}", wherever each stands.
    if (route.method == method &&
        (found.route == nullptr || parameters.size() < found.parameters.size())) {
      found.route = &route;
      found.parameters = parameters;
    }
  }
  if (!found.allow.empty()) {
    found.allow += ", OPTIONS";
  }
  return found;
}

}  // namespace tutela::http
