// Router: the table of routes, each with who may call it.
//
// A route without a declared permission makes start-up fail. Immutable once made; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "service/auth/auth.hpp"
#include "service/http/app.hpp"
#include "service/http/request.hpp"
#include "service/http/upload.hpp"

namespace tutela::http {

/// Who may call a route. Default-constructed it is undeclared, and no router takes it.
class Access {
 public:
  Access() = default;

  [[nodiscard]] static Access anyone() { return Access(Kind::kAnyone, {}); }

  /// Any token, and any person whose session is open.
  [[nodiscard]] static Access any_principal() { return Access(Kind::kAnyPrincipal, {}); }

  /// People whose session is open; no token.
  [[nodiscard]] static Access any_person() { return Access(Kind::kAnyPerson, {}); }

  /// People who have given their first factor and owe the second.
  [[nodiscard]] static Access signing_in() { return Access(Kind::kSigningIn, {}); }

  [[nodiscard]] static Access with(auth::Permission permission) {
    return {Kind::kPermission, permission};
  }

  /// A person who gave the second factor within the last minutes; tokens never have one.
  [[nodiscard]] Access fresh() const {
    Access access = *this;
    access.fresh_ = true;
    return access;
  }

  [[nodiscard]] bool declared() const noexcept { return kind_ != Kind::kUndeclared; }

  [[nodiscard]] bool needs_principal() const noexcept { return kind_ != Kind::kAnyone; }

  [[nodiscard]] bool needs_fresh() const noexcept { return fresh_; }

  [[nodiscard]] std::optional<auth::Permission> permission() const noexcept { return permission_; }

  /// Errors: kForbidden "auth.missing_permission" (of people), "auth.missing_scope" (of tokens),
  /// "auth.people_only", "auth.second_factor" (sign-in is not complete), "auth.already_open",
  /// "auth.not_fresh".
  [[nodiscard]] Status check(const auth::Principal& principal, UtcMs now_ms) const;

  /// "scan", "anyone", "any principal", "any person", "signing in"; with " fresh" after it. What
  /// spec/openapi.yaml calls x-access.
  [[nodiscard]] std::string name() const;

 private:
  enum class Kind { kUndeclared, kAnyone, kAnyPrincipal, kAnyPerson, kSigningIn, kPermission };

  Access(Kind kind, std::optional<auth::Permission> permission)
      : kind_(kind), permission_(permission) {}

  Kind kind_ = Kind::kUndeclared;
  std::optional<auth::Permission> permission_;
  bool fresh_ = false;
};

enum class BodyKind { kNone, kJson, kText, kForm, kStream };

/// Makes what a body is fed to; `slot` bounds how many there are.
using UploadMaker = std::unique_ptr<Upload> (*)(App& app, Request request, Admission::Slot slot);

struct Route {
  std::string_view method;
  std::string_view pattern;  // "/v1/content/{id}"
  Access access;
  Response (*handler)(App&, const Request&) = nullptr;  // not for kStream
  std::vector<std::string_view> query = {};             // the parameters it takes
  BodyKind body = BodyKind::kNone;
  std::size_t body_bytes_max = 0;  // of kStream: limits.size_bytes_max
  UploadMaker upload = nullptr;    // for kStream
  bool many_files = false;         // of kStream: as many as a notice takes
};

/// How much of a body a route takes.
[[nodiscard]] std::uint64_t body_bytes_max(const config::Config& config,
                                           const Route& route) noexcept;

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

/// The tables of this server. The public pages have one of their own, on an address of their own,
/// with nothing in it that needs a token; those of its routes under /v1/ are in the API, too.
[[nodiscard]] std::vector<Route> api_routes();
[[nodiscard]] std::vector<Route> metrics_routes();
[[nodiscard]] std::vector<Route> public_routes();
[[nodiscard]] std::vector<Route> page_routes();

}  // namespace tutela::http
