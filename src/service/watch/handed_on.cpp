#include "service/watch/handed_on.hpp"

#include <exception>
#include <utility>

#include <boost/json.hpp>

namespace tutela::watch {

namespace json = boost::json;

namespace {

using alarms::Level;
using alarms::What;

json::object alarm_json(const alarms::Alarm& alarm) {
  return {{"code", alarm.condition.code},
          {"object", alarm.condition.object},
          {"level", to_string(alarm.condition.level)},
          {"why", alarm.condition.why},
          {"since", alarm.since_ms},
          {"times", alarm.times}};
}

/// Throws what Boost throws where something is missing or of another type.
Level level_of(const json::value& value) {
  const std::string_view text = value.as_string();
  return text == "ok" ? Level::kOk : text == "degraded" ? Level::kDegraded : Level::kBlind;
}

std::string text_of(const json::object& object, std::string_view name) {
  return std::string(std::string_view(object.at(name).as_string()));
}

alarms::Alarm alarm_of(const json::object& object) {
  return {{text_of(object, "code"),
           text_of(object, "object"),
           level_of(object.at("level")),
           text_of(object, "why")},
          object.at("since").to_number<std::int64_t>(),
          object.at("times").to_number<std::uint32_t>()};
}

Numbered change_of(const json::object& object) {
  const std::string what = text_of(object, "what");
  Numbered change;
  change.id = text_of(object, "id");
  change.change.what = what == "cleared"   ? What::kCleared
                       : what == "changed" ? What::kChanged
                                           : What::kRaised;
  change.change.alarm = alarm_of(object.at("alarm").as_object());
  change.change.at_ms = object.at("at").to_number<std::int64_t>();
  change.change.level = level_of(object.at("state"));
  return change;
}

HandedOn handed_on_of(const json::object& object) {
  HandedOn handed_on;
  for (const json::value& alarm : object.at("raised").as_array()) {
    handed_on.raised.push_back(alarm_of(alarm.as_object()));
  }
  for (const json::value& value : object.at("lines").as_array()) {
    const json::object& one = value.as_object();
    LineState line{text_of(one, "channel"), text_of(one, "to"), {}, 0};
    line.lost = one.at("lost").to_number<std::int64_t>();
    for (const json::value& change : one.at("waiting").as_array()) {
      line.waiting.push_back(change_of(change.as_object()));
    }
    handed_on.lines.push_back(std::move(line));
  }
  return handed_on;
}

}  // namespace

std::string to_text(const HandedOn& handed_on) {
  json::array raised;
  for (const alarms::Alarm& alarm : handed_on.raised) {
    raised.push_back(alarm_json(alarm));
  }
  json::array lines;
  for (const LineState& line : handed_on.lines) {
    json::array waiting;
    for (const Numbered& each : line.waiting) {
      waiting.push_back(json::object{{"id", each.id},
                                     {"what", to_string(each.change.what)},
                                     {"alarm", alarm_json(each.change.alarm)},
                                     {"at", each.change.at_ms},
                                     {"state", to_string(each.change.level)}});
    }
    lines.push_back(json::object{{"channel", line.channel},
                                 {"to", line.to},
                                 {"lost", line.lost},
                                 {"waiting", std::move(waiting)}});
  }
  return json::serialize(json::object{{"raised", std::move(raised)}, {"lines", std::move(lines)}});
}

std::optional<HandedOn> parse_handed_on(std::string_view text) {
  try {
    return handed_on_of(json::parse(text).as_object());
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace tutela::watch
