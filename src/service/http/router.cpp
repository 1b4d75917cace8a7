#include "service/http/router.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace tutela::http {

namespace {

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
  return pattern.empty();
}

}  // namespace

Result<Router> Router::make(std::vector<Route> routes) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const Route& route : routes) {
    const std::string name = std::string(route.method) + " " + std::string(route.pattern);
    if (!route.permission.declared()) {
      return Error{ErrorKind::kInternal, "routes.undeclared", name + " declares no permission"};
    }
    if ((route.handler == nullptr) != (route.body == BodyKind::kStream)) {
      return Error{ErrorKind::kInternal, "routes.no_handler", name + " has no handler"};
    }
    if (!seen.emplace(route.method, route.pattern).second) {
      return Error{ErrorKind::kInternal, "routes.twice", name + " is declared twice"};
    }
  }
  return Router(std::move(routes));
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
    if (route.method == method) {
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
