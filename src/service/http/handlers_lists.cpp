// Lists: their making, life and consent.
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
constexpr std::size_t kTextBytesMax = 512;

Result<lists::NewList> read_new_list(std::string_view body) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(body));
  lists::NewList list;
  list.name = reader.text("name", kNameBytesMax);
  list.source = reader.text("source", kTextBytesMax);
  list.classification = reader.text("classification", kTextBytesMax);
  const std::string purpose = reader.text("purpose", kNameBytesMax);
  list.provenance = reader.optional_text("provenance", kTextBytesMax).value_or("");
  list.legal_process = reader.optional_text("legal_process", kTextBytesMax).value_or("");
  const auto action = reader.optional_text("action", kNameBytesMax);
  list.automation = reader.optional_flag("automation").value_or(false);
  list.pdq_distance_max =
      static_cast<int>(reader.optional_integer("pdq_distance_max", 0, match::kPdqDistanceMax)
                           .value_or(match::kPdqDistanceDefault));
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(list.purpose, lists::parse_purpose(purpose));
  if (action) {
    TUTELA_TRY_ASSIGN(list.action, policy::parse_action(*action));
  }
  return list;
}

Result<policy::Action> read_action(std::string_view body) {
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(body));
  const std::string action = reader.text("action", kNameBytesMax);
  TUTELA_TRY(reader.finish());
  return policy::parse_action(action);
}

Result<lists::List> create(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const lists::NewList list, read_new_list(request.body));
  return app.pipeline.lists().create(request.principal->actor, list);
}

Result<lists::List> set_action(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const Uuid id, list_of(app, request));
  TUTELA_TRY_ASSIGN(const policy::Action action, read_action(request.body));
  return app.pipeline.lists().set_action(request.principal->actor, id, action);
}

Status remove(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const Uuid id, list_of(app, request));
  TUTELA_TRY(app.pipeline.lists().remove(request.principal->actor, id));
  return app.pipeline.refresh_generation();
}

Result<lists::DryRun> dry_run(App& app, const Request& request) {
  constexpr std::int64_t kSampleDefault = 10'000;
  constexpr std::int64_t kSampleMax = 1'000'000;
  TUTELA_TRY_ASSIGN(ObjectReader reader, ObjectReader::parse(request.body));
  const auto limit = reader.optional_integer("limit", 1, kSampleMax);
  TUTELA_TRY(reader.finish());
  TUTELA_TRY_ASSIGN(const Uuid id, list_of(app, request));
  return app.pipeline.dry_run_on_index(
      request.principal->actor, id, limit.value_or(kSampleDefault));
}

/// The list after the change, with the index already following it.
Result<lists::Activation> activate(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const Uuid id, list_of(app, request));
  TUTELA_TRY_ASSIGN(const lists::Activation activation,
                    app.pipeline.lists().activate(request.principal->actor, id));
  TUTELA_TRY(app.pipeline.refresh_generation());
  return activation;
}

Result<lists::List> deactivate(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const Uuid id, list_of(app, request));
  TUTELA_TRY(app.pipeline.lists().deactivate(request.principal->actor, id));
  TUTELA_TRY(app.pipeline.refresh_generation());
  return app.pipeline.lists().get(request.principal->actor, to_string(id));
}

Response answer(const Result<lists::List>& list, int status, const Request& request) {
  return list ? json_response(status, list_json(*list)) : problem(list.error(), request.id);
}

}  // namespace

Result<Uuid> list_of(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const lists::List list,
                    app.pipeline.lists().get(request.principal->actor, request.parameter("id")));
  return list.id;
}

Response get_lists(App& app, const Request& request) {
  const auto all = app.pipeline.lists().all(request.principal->actor);
  if (!all) {
    return problem(all.error(), request.id);
  }
  json::array items;
  for (const lists::List& list : *all) {
    items.push_back(list_json(list));
  }
  return json_response(200, {{"items", std::move(items)}});
}

Response post_list(App& app, const Request& request) {
  const auto list = create(app, request);
  Response response = answer(list, 201, request);
  if (list) {
    response.headers.emplace_back("Location", "/v1/lists/" + to_string(list->id));
  }
  return response;
}

Response get_list(App& app, const Request& request) {
  return answer(
      app.pipeline.lists().get(request.principal->actor, request.parameter("id")), 200, request);
}

Response patch_list(App& app, const Request& request) {
  return answer(set_action(app, request), 200, request);
}

Response delete_list(App& app, const Request& request) {
  if (const auto removed = remove(app, request); !removed) {
    return problem(removed.error(), request.id);
  }
  Response response;
  response.status = 204;
  return response;
}

Response post_dry_run(App& app, const Request& request) {
  const auto run = dry_run(app, request);
  return run ? json_response(200, dry_run_json(*run)) : problem(run.error(), request.id);
}

Response post_activate(App& app, const Request& request) {
  const auto activation = activate(app, request);
  if (!activation) {
    return problem(activation.error(), request.id);
  }
  switch (activation->state) {
    case lists::ActivationState::kActive:
      return json_response(200, {{"state", "active"}});
    case lists::ActivationState::kNeedsSecondPerson:
      return json_response(202, {{"state", "needs_second_person"}});
    case lists::ActivationState::kWaiting:
      return json_response(
          202, {{"state", "waiting"}, {"active_from", to_rfc3339(activation->active_from_ms)}});
  }
  return problem({ErrorKind::kInternal, "list.bad_state", "an activation has no state"},
                 request.id);
}

Response post_deactivate(App& app, const Request& request) {
  return answer(deactivate(app, request), 200, request);
}

}  // namespace tutela::http
