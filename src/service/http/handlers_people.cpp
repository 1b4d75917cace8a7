// People, for those who manage them, and who works on which case.
#include <string>
#include <utility>

#include <boost/json/array.hpp>

#include "service/http/handlers.hpp"
#include "service/http/json.hpp"
#include "service/http/problem.hpp"

namespace tutela::http {

namespace json = boost::json;

namespace {

constexpr std::size_t kNameBytesMax = 64;
constexpr std::size_t kEmailBytesMax = 254;

json::object person_json(const auth::Person& person) {
  json::object body = {{"id", to_string(person.id)},
                       {"name", person.name},
                       {"role", auth::to_string(person.role)},
                       {"state", auth::to_string(person.state)},
                       {"second_factor", person.has_second_factor},
                       {"created_at", to_rfc3339(person.created_ms)}};
  if (!person.email.empty()) {
    body["email"] = person.email;
  }
  if (person.invitation_ends_ms) {
    body["invitation_ends_at"] = to_rfc3339(*person.invitation_ends_ms);
  }
  return body;
}

Response answer(const Result<auth::Person>& person, const Request& request) {
  return person ? json_response(200, person_json(*person)) : problem(person.error(), request.id);
}

/// With the code, and the link that carries it where it is never sent to a server: after the #.
Response answer(App& app,
                const Result<auth::Invitation>& invitation,
                int status,
                const Request& request) {
  if (!invitation) {
    return problem(invitation.error(), request.id);
  }
  json::object body = person_json(invitation->person);
  body["invitation"] = invitation->code;
  const std::string url = app.settings.get()->people.public_url;
  if (!url.empty()) {
    body["link"] = url + "/invitation#" + invitation->code;
  }
  return json_response(status, body);
}

Result<auth::Role> read_role(const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::string role = reader.text("role", kNameBytesMax);
  TUTELA_TRY(reader.finish());
  return auth::parse_role(role);
}

Result<auth::Invitation> invite(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::string name = reader.text("name", kNameBytesMax);
  const std::string role_name = reader.text("role", kNameBytesMax);
  const std::string email = reader.optional_text("email", kEmailBytesMax).value_or("");
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(const auth::Role role, auth::parse_role(role_name));
  return app.people.invite(request.principal->actor, name, role, email);
}

/// Of whoever is named; with an empty one they have none from then on.
Result<auth::Person> set_email(App& app, const Request& request, std::string_view name_or_id) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const std::string email = reader.text("email", kEmailBytesMax);
  TUTELA_TRY(reader.finish());
  return app.people.set_email(request.principal->actor, name_or_id, email);
}

Result<auth::Person> person_of(App& app, const Request& request) {
  return app.people.find(request.principal->actor, request.parameter("id"));
}

using Change =
    Status (*)(store::Database&, const store::Actor&, UtcMs, std::string_view, const Uuid&);

Response change_assignment(App& app, const Request& request, Change change) {
  const auto run = [&]() -> Status {
    TUTELA_TRY_ASSIGN(const auth::Person person, person_of(app, request));
    return change(app.pipeline.database(),
                  request.principal->actor,
                  app.clock.now_ms(),
                  request.parameter("case"),
                  person.id);
  };
  if (const auto changed = run(); !changed) {
    return problem(changed.error(), request.id);
  }
  Response response;
  response.status = 204;
  return response;
}

}  // namespace

Response get_people(App& app, const Request& request) {
  const auto people = app.people.all(request.principal->actor);
  if (!people) {
    return problem(people.error(), request.id);
  }
  json::array items;
  for (const auth::Person& person : *people) {
    items.push_back(person_json(person));
  }
  return json_response(200, {{"items", std::move(items)}});
}

Response post_person(App& app, const Request& request) {
  const auto invitation = invite(app, request);
  Response response = answer(app, invitation, 201, request);
  if (invitation) {
    response.headers.emplace_back("Location", "/v1/people/" + to_string(invitation->person.id));
  }
  return response;
}

Response get_person(App& app, const Request& request) {
  return answer(person_of(app, request), request);
}

Response patch_person(App& app, const Request& request) {
  const auto role = read_role(request);
  if (!role) {
    return problem(role.error(), request.id);
  }
  return answer(app.people.set_role(request.principal->actor, request.parameter("id"), *role),
                request);
}

Response put_person_email(App& app, const Request& request) {
  return answer(set_email(app, request, request.parameter("id")), request);
}

Response put_my_email(App& app, const Request& request) {
  const auto person = set_email(app, request, to_string(request.principal->session->person_id));
  if (!person) {
    return problem(person.error(), request.id);
  }
  Response response;
  response.status = 204;
  return response;
}

Response post_person_disable(App& app, const Request& request) {
  return answer(app.people.disable(request.principal->actor, request.parameter("id")), request);
}

Response post_person_reset(App& app, const Request& request) {
  return answer(
      app, app.people.reset(request.principal->actor, request.parameter("id")), 200, request);
}

Response get_assignees(App& app, const Request& request) {
  const auto people = app.people.all(request.principal->actor);
  if (!people) {
    return problem(people.error(), request.id);
  }
  json::array items;
  for (const auth::Person& person : *people) {
    const bool views = auth::permissions_of(person.role).has(auth::Permission::kEvidenceView);
    if (views && person.state != auth::PersonState::kDisabled) {
      items.push_back({{"id", to_string(person.id)},
                       {"name", person.name},
                       {"role", auth::to_string(person.role)}});
    }
  }
  return json_response(200, {{"items", std::move(items)}});
}

Response get_assigned_cases(App& app, const Request& request) {
  const auto find = [&]() -> Result<std::vector<std::string>> {
    TUTELA_TRY_ASSIGN(const auth::Person person, person_of(app, request));
    return auth::assigned(app.pipeline.database(), request.principal->actor, person.id);
  };
  const auto cases = find();
  if (!cases) {
    return problem(cases.error(), request.id);
  }
  json::array items;
  for (const std::string& case_ref : *cases) {
    items.emplace_back(case_ref);
  }
  return json_response(200, {{"items", std::move(items)}});
}

Response put_assignment(App& app, const Request& request) {
  return change_assignment(app, request, auth::assign);
}

Response delete_assignment(App& app, const Request& request) {
  return change_assignment(app, request, auth::unassign);
}

}  // namespace tutela::http
