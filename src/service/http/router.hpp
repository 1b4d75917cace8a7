// Router: the table of routes, each with the permission that it needs.
//
// A route without a declared permission makes start-up fail. Immutable once made; thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "service/auth/auth.hpp"
#include "service/http/request.hpp"

namespace tutela::http {

struct App;

/// Who may call a route. Default-constructed it is undeclared, and no router takes it.
class Permission {
 public:
  Permission() = default;

  [[nodiscard]] static Permission anyone() { return Permission(Kind::kAnyone, {}); }

  [[nodiscard]] static Permission any_token() { return Permission(Kind::kAnyToken, {}); }

  [[nodiscard]] static Permission with(auth::Scope scope) { return {Kind::kScope, scope}; }

  [[nodiscard]] bool declared() const noexcept { return kind_ != Kind::kUndeclared; }

  [[nodiscard]] bool needs_token() const noexcept { return kind_ != Kind::kAnyone; }

  [[nodiscard]] std::optional<auth::Scope> scope() const noexcept { return scope_; }

 private:
  enum class Kind { kUndeclared, kAnyone, kAnyToken, kScope };

  Permission(Kind kind, std::optional<auth::Scope> scope) : kind_(kind), scope_(scope) {}

  Kind kind_ = Kind::kUndeclared;
  std::optional<auth::Scope> scope_;
};

enum class BodyKind { kNone, kJson, kText, kStream };

struct Route {
  std::string_view method;
  std::string_view pattern;  // "/v1/content/{id}"
  Permission permission;
  Response (*handler)(App&, const Request&) = nullptr;  // not for kStream: sessions feed a Scan
  std::vector<std::string_view> query = {};             // the parameters it takes
  BodyKind body = BodyKind::kNone;
  std::size_t body_bytes_max = 0;  // of kStream: limits.size_bytes_max
};

class Router {
 public:
  /// Errors: kInternal "routes.undeclared", "routes.twice", "routes.no_handler".
  static Result<Router> make(std::vector<Route> routes);

  struct Found {
    const Route* route = nullptr;
    TextMap parameters;
    std::string allow;  // the methods of this path, for 405 and OPTIONS; empty: no such path
  };

  [[nodiscard]] Found find(std::string_view method, const std::vector<std::string>& segments) const;

  [[nodiscard]] const std::vector<Route>& routes() const noexcept { return routes_; }

 private:
  explicit Router(std::vector<Route> routes) : routes_(std::move(routes)) {}

  std::vector<Route> routes_;
};

/// The two tables of this server.
[[nodiscard]] std::vector<Route> api_routes();
[[nodiscard]] std::vector<Route> metrics_routes();

}  // namespace tutela::http
