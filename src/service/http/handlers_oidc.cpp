// Single sign-on: to the provider and back. What comes back is a session that owes its second
// factor, as after a password.
#include <string>
#include <utility>

#include "service/http/caller.hpp"
#include "service/http/handlers.hpp"
#include "service/http/problem.hpp"

namespace tutela::http {

namespace {

constexpr std::uint32_t kAtOnceMax = 2;  // each may wait for the provider
constexpr std::size_t kStateBytesMax = 128;

std::string_view cookie_name(const Request& request) {
  return request.transport == Transport::kSecure ? "__Host-tutela-sso" : "tutela-sso";
}

/// Lax, because the browser comes back from another site.
std::string set_cookie(const Request& request, std::string_view value) {
  return std::string(cookie_name(request)) + "=" + std::string(value) +
         "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + (value.empty() ? "0" : "600") +
         (request.transport == Transport::kSecure ? "; Secure" : "");
}

/// That there is a provider, secrets are safe, and it is this caller's turn.
Status check(const App& app, const Request& request, const Admission::Slot& slot) {
  if (app.oidc == nullptr) {
    return Error{ErrorKind::kNotFound, "oidc.off", "there is no single sign-on on this server"};
  }
  if (request.transport == Transport::kOpen) {
    return Error{ErrorKind::kForbidden, "auth.insecure", "people sign in over TLS only"};
  }
  if (!slot) {
    return Error{
        ErrorKind::kUnavailable, "auth.busy", "too many people are signing in; try again later"};
  }
  return ok();
}

Result<auth::OpenedSession> finish(App& app, const Request& request) {
  const auto slot = app.sign_ons.enter(kAtOnceMax);
  TUTELA_TRY(check(app, request, slot));
  const std::string_view state = request.query_value("state").value_or("");
  const std::string_view cookie = cookie_of(request.cookie, cookie_name(request));
  if (state.size() > kStateBytesMax || cookie.size() > kStateBytesMax) {
    return Error{ErrorKind::kForbidden, "oidc.bad_state", "this sign-on was not begun here"};
  }
  TUTELA_TRY_ASSIGN(const auth::oidc::Claims claims,
                    app.oidc->finish(state, cookie, request.query_value("code").value_or("")));
  const std::string role = app.settings.get()->oidc.create_role;
  std::optional<auth::Role> create;
  if (role != "none") {
    TUTELA_TRY_ASSIGN(create, auth::parse_role(role));
  }
  return app.sign_in.with_provider(claims.subject, claims.name, create, claims.email);
}

}  // namespace

Response get_sign_on(App& app, const Request& request) {
  const auto begin = [&]() -> Result<auth::Oidc::Begun> {
    const auto slot = app.sign_ons.enter(kAtOnceMax);
    TUTELA_TRY(check(app, request, slot));
    return app.oidc->begin();
  };
  const auto begun = begin();
  if (!begun) {
    return problem(begun.error(), request.id);
  }
  Response response;
  response.status = 303;
  response.headers.emplace_back("Location", begun->url);
  response.headers.emplace_back("Set-Cookie", set_cookie(request, begun->cookie));
  return response;
}

Response get_sign_on_return(App& app, const Request& request) {
  const auto opened = finish(app, request);
  app.metrics.count_sign_in("provider", opened ? "ok" : opened.error().code);
  Response response = opened ? session_response(request, *opened, Handover::kCookie)
                             : problem(opened.error(), request.id);
  if (app.oidc != nullptr) {
    response.headers.emplace_back("Set-Cookie", set_cookie(request, ""));
  }
  return response;
}

}  // namespace tutela::http
