// The overview: is detection on, and what waits; and the configuration that runs.
#include <algorithm>
#include <string>
#include <utility>

#include <boost/json/array.hpp>

#include "service/http/handlers.hpp"
#include "service/http/problem.hpp"
#include "service/http/review.hpp"
#include "service/http/review_json.hpp"

namespace tutela::http {

namespace json = boost::json;
using auth::Permission;

namespace {

/// As the strip of the console says it.
std::string_view health_of(alarms::Level level) {
  return level == alarms::Level::kOk         ? "on"
         : level == alarms::Level::kDegraded ? "degraded"
                                             : "off";
}

json::object lists_json(const watch::Status& watched, bool with_lists) {
  std::int64_t active = 0;
  std::int64_t signals = 0;
  json::array empty;
  for (const watch::Status::List& list : watched.lists) {
    if (list.purpose == to_string(lists::Purpose::kCanary)) {
      continue;
    }
    ++active;
    signals += list.signals;
    if (with_lists && list.signals == 0) {
      empty.emplace_back(list.name);
    }
  }
  json::array stale;
  for (const alarms::Alarm& alarm : watched.alarms) {
    if (with_lists && alarm.condition.code == "list.stale") {
      stale.emplace_back(alarm.condition.object);
    }
  }
  return {{"active", active},
          {"signals", signals},
          {"empty", std::move(empty)},
          {"stale", std::move(stale)}};
}

/// As the watch saw it at its last look.
json::object detection_json(const watch::Status& watched, bool with_lists) {
  json::array reasons;
  for (const alarms::Alarm& alarm : watched.alarms) {
    json::object one = {{"code", alarm.condition.code}};
    if (with_lists && !alarm.condition.object.empty()) {
      one["object"] = alarm.condition.object;
    }
    if (std::ranges::find(reasons, one) == reasons.end()) {
      reasons.push_back(std::move(one));
    }
  }
  json::array doors;
  for (const watch::Status::Door& of : watched.doors) {
    json::object door = {{"door", of.door},
                         {"state", health_of(level_of_door(watched, of.door))},
                         {"items_today", of.items_today}};
    if (of.last_item_ms != 0) {
      door["last_item_at"] = to_rfc3339(of.last_item_ms);
    }
    doors.push_back(std::move(door));
  }
  json::object body = {{"state", health_of(watched.level)},
                       {"reasons", std::move(reasons)},
                       {"doors", std::move(doors)},
                       {"lists", lists_json(watched, with_lists)},
                       {"owed", watched.seen.owed}};
  if (watched.seen.owed > 0) {
    body["oldest_owed_at"] = to_rfc3339(watched.at_ms - watched.seen.owed_oldest_ms);
  }
  set_time(body, "last_verdict_at", watched.last_verdict_ms);
  return body;
}

struct Waiting {
  std::int64_t urgent = 0;
  std::int64_t all = 0;
};

Waiting waiting_in(const std::vector<cases::QueueCount>& counts, bool is_legal) {
  Waiting waiting;
  for (const cases::QueueCount& count : counts) {
    waiting.urgent += count.queue == cases::Queue::kUrgent ? count.waiting : 0;
    waiting.all += count.queue != cases::Queue::kLegal || is_legal ? count.waiting : 0;
  }
  return waiting;
}

/// Of the whole tenant, for who may see all of it.
Result<json::object> waiting_of_all(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const auto waits, waits_of(app, request.principal->actor.tenant_id));
  const Waiting waiting = waiting_in(waits->queues, person_of(request).is_legal);
  json::object body = {{"urgent", waiting.urgent},
                       {"queue", waiting.all},
                       {"second_looks", waits->second_looks},
                       {"disagreements", waits->disagreements},
                       {"reports_due", waits->reports_due},
                       {"owed_actions", waits->owed_actions},
                       {"appeals", waits->appeals},
                       {"requests", waits->requests}};
  set_time(body, "next_report_due_at", waits->next_report_due_ms);
  return body;
}

/// Of what is assigned: nothing else exists for such a person.
Result<json::object> waiting_of_assigned(App& app, const Request& request) {
  TUTELA_TRY_ASSIGN(const auto counts, app.review.cases.counts(person_of(request)));
  const Waiting waiting = waiting_in(counts, true);
  return json::object{{"urgent", waiting.urgent},
                      {"queue", waiting.all},
                      {"second_looks", 0},
                      {"disagreements", 0},
                      {"reports_due", 0},
                      {"owed_actions", 0},
                      {"appeals", 0},
                      {"requests", 0}};
}

Result<json::object> overview(App& app, const Request& request) {
  const bool with_lists = request.may(Permission::kListsRead) || request.may(Permission::kCaseRead);
  json::object body = {{"detection", detection_json(*app.watch->status(), with_lists)}};
  TUTELA_TRY_ASSIGN(body["exposure"], exposure_json(app, request));
  if (request.may(Permission::kCaseRead)) {
    TUTELA_TRY_ASSIGN(json::object waiting,
                      request.principal->assigned_only ? waiting_of_assigned(app, request)
                                                       : waiting_of_all(app, request));
    TUTELA_TRY_ASSIGN(waiting["mine"], app.review.cases.locked_by(request.principal->actor));
    body["waiting"] = std::move(waiting);
  }
  return body;
}

json::object settings(const config::Config& config) {
  json::array items;
  for (const config::KeyHelp& key : config::keys(config)) {
    items.push_back(json::object{{"key", key.key},
                                 {"value", key.value == "(set)" ? "set" : key.value},
                                 {"help", key.help},
                                 {"reloadable", key.reloadable}});
  }
  return {{"items", std::move(items)}};
}

}  // namespace

Response get_overview(App& app, const Request& request) {
  return answer_json(overview(app, request), request);
}

Response get_settings(App& app, const Request&) {
  return json_response(200, settings(*app.settings.get()));
}

}  // namespace tutela::http
