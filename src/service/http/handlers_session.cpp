// Sign-in of people: invitation, two factors, step-up, the end of sessions, and who one is.
#include <string>
#include <utility>

#include <boost/json/array.hpp>

#include "service/http/caller.hpp"
#include "service/http/handlers.hpp"
#include "service/http/json.hpp"
#include "service/http/problem.hpp"

namespace tutela::http {

namespace json = boost::json;

namespace {

constexpr std::size_t kTextBytesMax = 1024;
constexpr std::size_t kCodeBytesMax = 64;

auth::Caller caller_of(const Request& request) {
  return {request.address};
}

Response no_content() {
  Response response;
  response.status = 204;
  return response;
}

/// The answer to a refused step, with Retry-After where it came too often.
Response refuse(App& app,
                const Request& request,
                std::string_view step,
                const auth::Caller& caller,
                const Error& error) {
  app.metrics.count_sign_in(step, error.code);
  Response response = problem(error, request.id);
  if (error.code == "auth.too_many") {
    response.headers.emplace_back("Retry-After", std::to_string((caller.wait_ms + 999) / 1000));
  }
  return response;
}

/// Secrets go only to this machine, or under TLS.
Status check_transport(const Request& request) {
  if (request.transport == Transport::kOpen) {
    return Error{ErrorKind::kForbidden,
                 "auth.insecure",
                 "people sign in over TLS only: configure it, or people.public_url with a proxy"};
  }
  return ok();
}

std::string_view name_of(auth::Stage stage) {
  switch (stage) {
    case auth::Stage::kEnrol:
      return "enrol";
    case auth::Stage::kSecondFactor:
      return "second_factor";
    case auth::Stage::kOpen:
      return "open";
  }
  return "enrol";
}

json::array texts(const std::vector<std::string>& values) {
  json::array array;
  for (const std::string& value : values) {
    array.emplace_back(value);
  }
  return array;
}

Result<std::string> read_code(const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  std::string code = reader.text("code", kCodeBytesMax);
  TUTELA_TRY(reader.finish());
  return code;
}

}  // namespace

// Scripts get the secret in the answer, browsers in a cookie that no script of theirs can read.
Response session_response(const Request& request,
                          const auth::OpenedSession& opened,
                          Handover handover,
                          json::object more) {
  json::object body = std::move(more);
  body["stage"] = name_of(opened.session.stage);
  body["ends_at"] = to_rfc3339(opened.ends_ms);
  if (handover == Handover::kBearer) {
    body["session"] = opened.secret;
    return json_response(200, body);
  }
  body["csrf"] = auth::csrf_of(opened.secret);
  Response response = json_response(200, body);
  response.headers.emplace_back("Set-Cookie", set_session_cookie(request.transport, opened.secret));
  return response;
}

Response post_invitation(App& app, const Request& request) {
  auth::Caller caller = caller_of(request);
  const auto accept = [&]() -> Status {
    TUTELA_TRY(check_transport(request));
    TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
    const std::string code = reader.text("code", kCodeBytesMax);
    const std::string password = reader.text("password", kTextBytesMax);
    TUTELA_TRY(reader.finish());
    return app.sign_in.accept_invitation(caller, code, password);
  };
  if (const auto accepted = accept(); !accepted) {
    return refuse(app, request, "invitation", caller, accepted.error());
  }
  app.metrics.count_sign_in("invitation", "ok");
  return no_content();
}

Response post_session(App& app, const Request& request) {
  auth::Caller caller = caller_of(request);
  Handover handover = Handover::kCookie;
  const auto open = [&]() -> Result<auth::OpenedSession> {
    TUTELA_TRY(check_transport(request));
    TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
    const std::string name = reader.text("name", kTextBytesMax);
    const std::string password = reader.text("password", kTextBytesMax);
    const bool bearer = reader.optional_flag("bearer").value_or(false);
    TUTELA_TRY(reader.finish());
    handover = bearer ? Handover::kBearer : Handover::kCookie;
    return app.sign_in.with_password(caller, name, password);
  };
  const auto opened = open();
  if (!opened) {
    return refuse(app, request, "password", caller, opened.error());
  }
  app.metrics.count_sign_in("password", "ok");
  return session_response(request, *opened, handover);
}

Response post_second_factor(App& app, const Request& request) {
  auth::Caller caller = caller_of(request);
  const auto open = [&]() -> Result<auth::OpenedSession> {
    TUTELA_TRY_ASSIGN(const std::string code, read_code(request));
    return app.sign_in.second_factor(caller, *request.principal, code);
  };
  const auto opened = open();
  if (!opened) {
    return refuse(app, request, "second_factor", caller, opened.error());
  }
  app.metrics.count_sign_in("second_factor", "ok");
  return session_response(request, *opened, handover_of(request));
}

Response post_enrolment(App& app, const Request& request) {
  const auto enrolment = app.sign_in.enrol(*request.principal);
  if (!enrolment) {
    return problem(enrolment.error(), request.id);
  }
  return json_response(200, {{"secret", enrolment->secret}, {"uri", enrolment->uri}});
}

Response post_enrolment_code(App& app, const Request& request) {
  auth::Caller caller = caller_of(request);
  const auto confirm = [&]() -> Result<auth::Enrolled> {
    TUTELA_TRY_ASSIGN(const std::string code, read_code(request));
    return app.sign_in.confirm(caller, *request.principal, code);
  };
  const auto enrolled = confirm();
  if (!enrolled) {
    return refuse(app, request, "enrolment", caller, enrolled.error());
  }
  app.metrics.count_sign_in("enrolment", "ok");
  return session_response(request,
                          enrolled->opened,
                          handover_of(request),
                          {{"recovery_codes", texts(enrolled->recovery_codes)}});
}

Response post_step_up(App& app, const Request& request) {
  auth::Caller caller = caller_of(request);
  const auto renew = [&]() -> Result<UtcMs> {
    TUTELA_TRY_ASSIGN(const std::string code, read_code(request));
    return app.sign_in.step_up(caller, *request.principal, code);
  };
  const auto until = renew();
  if (!until) {
    return refuse(app, request, "step_up", caller, until.error());
  }
  app.metrics.count_sign_in("step_up", "ok");
  return json_response(200, {{"fresh_until", to_rfc3339(*until)}});
}

Response delete_session(App& app, const Request& request) {
  if (const auto ended = app.sign_in.sign_out(*request.principal); !ended) {
    return problem(ended.error(), request.id);
  }
  Response response = no_content();
  response.headers.emplace_back("Set-Cookie", set_session_cookie(request.transport, ""));
  return response;
}

Response delete_sessions(App& app, const Request& request) {
  if (const auto ended = app.sign_in.sign_out_everywhere(*request.principal); !ended) {
    return problem(ended.error(), request.id);
  }
  Response response = no_content();
  response.headers.emplace_back("Set-Cookie", set_session_cookie(request.transport, ""));
  return response;
}

Response get_me(App& app, const Request& request) {
  const auth::Principal& principal = *request.principal;
  json::array permissions;
  for (const std::string_view name : auth::names_of(principal.permissions)) {
    permissions.emplace_back(name);
  }
  json::object body = {{"principal", principal.actor.principal_id},
                       {"tenant", principal.actor.tenant_id},
                       {"role", principal.actor.role},
                       {"permissions", std::move(permissions)},
                       {"assigned_only", principal.assigned_only}};
  if (principal.session) {
    body["name"] = principal.session->name;
    body["fresh_until"] = to_rfc3339(principal.session->fresh_until_ms);
  }
  if (principal.session && principal.session->stage == auth::Stage::kOpen) {
    const auto person = app.people.find(principal.actor, to_string(principal.session->person_id));
    if (!person) {
      return problem(person.error(), request.id);
    }
    if (!person->email.empty()) {
      body["email"] = person->email;
    }
  }
  if (!request.csrf.empty()) {
    body["csrf"] = request.csrf;
  }
  return json_response(200, body);
}

Response post_my_password(App& app, const Request& request) {
  auth::Caller caller = caller_of(request);
  const auto change = [&]() -> Status {
    TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
    const std::string password = reader.text("password", kTextBytesMax);
    const std::string next = reader.text("new_password", kTextBytesMax);
    TUTELA_TRY(reader.finish());
    return app.sign_in.change_password(caller, *request.principal, password, next);
  };
  if (const auto changed = change(); !changed) {
    return refuse(app, request, "change_password", caller, changed.error());
  }
  return no_content();
}

Response post_my_recovery_codes(App& app, const Request& request) {
  const auto codes = app.sign_in.new_recovery_codes(*request.principal);
  if (!codes) {
    return problem(codes.error(), request.id);
  }
  return json_response(200, {{"recovery_codes", texts(*codes)}});
}

}  // namespace tutela::http
