// What the watch says, as JSON.
#include <algorithm>
#include <optional>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "service/watch/watch.hpp"
#include "watch/alarms/codes.hpp"

namespace tutela::watch {

namespace json = boost::json;

namespace {

void set_time(json::object& body, std::string_view name, UtcMs at_ms) {
  if (at_ms > 0) {
    body[name] = to_rfc3339(at_ms);
  }
}

std::string_view to_string(alarms::CanaryState::Last last) {
  using Last = alarms::CanaryState::Last;
  switch (last) {
    case Last::kNone:
      return "none";
    case Last::kGood:
      return "good";
    case Last::kMissed:
      return "missed";
    case Last::kUnanswered:
      return "unanswered";
    case Last::kRefused:
      return "refused";
    case Last::kMistaken:
      break;
  }
  return "mistaken";
}

json::array alarms_json(const Status& status) {
  json::array all;
  for (const alarms::Alarm& alarm : status.alarms) {
    all.push_back(json::object{{"code", alarm.condition.code},
                               {"object", alarm.condition.object},
                               {"level", alarms::to_string(alarm.condition.level)},
                               {"why", alarm.condition.why},
                               {"since", to_rfc3339(alarm.since_ms)},
                               {"times", alarm.times}});
  }
  return all;
}

json::array canaries_json(const Status& status) {
  json::array all;
  for (const CanaryLine& line : status.canaries) {
    json::object one = {{"door", line.state.door},
                        {"format", line.state.format},
                        {"last", to_string(line.state.last)},
                        {"sent", line.sent},
                        {"good", line.good}};
    set_time(one, "last_sent_at", line.last_sent_ms);
    set_time(one, "last_good_at", line.last_good_ms);
    if (line.last_good_ms > 0) {
      one["took_ms"] = line.state.took_ms;
    }
    all.push_back(std::move(one));
  }
  return all;
}

json::array doors_json(const Status& status) {
  json::array all;
  for (const Status::Door& door : status.doors) {
    all.push_back(json::object{{"door", door.door},
                               {"level", alarms::to_string(level_of_door(status, door.door))},
                               {"scanning", door.scanning},
                               {"on_error", door.on_error},
                               {"items_today", door.items_today},
                               {"let_through", door.let_through}});
  }
  return all;
}

json::array lists_json(const Status& status) {
  json::array all;
  for (const Status::List& list : status.lists) {
    json::object one = {{"name", list.name},
                        {"purpose", list.purpose},
                        {"signals", list.signals},
                        {"changed_at", to_rfc3339(list.changed_ms)}};
    if (list.not_rescanned) {
      one["not_rescanned"] = *list.not_rescanned;
    }
    all.push_back(std::move(one));
  }
  return all;
}

json::object backlog_json(const pipeline::Backlog& backlog) {
  json::object body = {
      {"owed", backlog.owed}, {"done", backlog.done}, {"per_second", backlog.per_second}};
  set_time(body, "oldest_at", backlog.oldest_ms);
  set_time(body, "finished_at", backlog.finished_ms.value_or(0));
  return body;
}

json::object samples_json(const Status::Samples& samples) {
  json::object body = {{"same", samples.same},
                       {"different", samples.different},
                       {"failed", samples.failed},
                       {"owed", samples.owed}};
  set_time(body, "last_at", samples.last_ms);
  return body;
}

json::array told_json(const Status& status) {
  json::array all;
  for (const Status::Told& told : status.told) {
    json::object one = {{"channel", told.channel}, {"waiting", told.waiting}};
    set_time(one, "last_success_at", told.last_success_ms);
    set_time(one, "last_failure_at", told.last_failure_ms);
    if (!told.failure.empty()) {
      one["failure"] = told.failure;
    }
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace

alarms::Level level_of_door(const Status& status, std::string_view door) {
  alarms::Level worst = alarms::Level::kOk;
  for (const alarms::Alarm& alarm : status.alarms) {
    const std::string& object = alarm.condition.object;
    if (!alarms::concerns_detection(alarm.condition.code)) {
      continue;
    }
    const bool of_a_door = alarm.condition.code.starts_with("canary.") ||
                           alarm.condition.code.starts_with("door.") ||
                           alarm.condition.code.starts_with("unscannable.");
    if (!of_a_door || std::string_view(object).substr(0, object.find('/')) == door) {
      worst = std::max(worst, alarm.condition.level);
    }
  }
  return worst;
}

std::string to_json(const Status& status) {
  json::object body = {{"state", alarms::to_string(status.level)},
                       {"at", to_rfc3339(status.at_ms)},
                       {"started_at", to_rfc3339(status.started_ms)},
                       {"alarms", alarms_json(status)},
                       {"canaries", canaries_json(status)},
                       {"doors", doors_json(status)},
                       {"lists", lists_json(status)},
                       {"backlog", backlog_json(status.backlog)},
                       {"samples", samples_json(status.samples)},
                       {"told", told_json(status)}};
  set_time(body, "last_verdict_at", status.last_verdict_ms.value_or(0));
  return json::serialize(body);
}

}  // namespace tutela::watch
