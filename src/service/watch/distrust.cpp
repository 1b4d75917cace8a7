#include "service/watch/distrust.hpp"

#include <algorithm>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "service/log/log.hpp"
#include "service/watch/actor.hpp"

namespace tutela::watch {

namespace json = boost::json;

namespace {

constexpr std::string_view kMissed = "canary.missed";

/// Neither is 0, but for none.
UtcMs earlier(UtcMs one_ms, UtcMs other_ms) {
  return one_ms == 0 || other_ms == 0 ? std::max(one_ms, other_ms) : std::min(one_ms, other_ms);
}

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// The objects of an array.
std::vector<json::object> members_of(const json::object& object, std::string_view name) {
  std::vector<json::object> members;
  const json::value* const value = object.if_contains(name);
  for (const json::value& each :
       value != nullptr && value->is_array() ? value->get_array() : json::array()) {
    if (each.is_object()) {
      members.push_back(each.get_object());
    }
  }
  return members;
}

}  // namespace

void Distrust::remember(UtcMs good_ms) {
  const MutexLock lock(mutex_);
  since_ms_ = earlier(since_ms_, good_ms);
}

bool Distrust::pending() const {
  const MutexLock lock(mutex_);
  return since_ms_ != 0;
}

tutela::Status Distrust::follow(const std::vector<alarms::Alarm>& alarms,
                                const std::vector<CanaryLine>& lines,
                                UtcMs started_ms) {
  std::set<std::string> types;
  for (const alarms::Alarm& alarm : alarms) {
    if (alarm.condition.code != kMissed) {
      continue;
    }
    const auto line = std::ranges::find_if(lines, [&](const CanaryLine& each) {
      return each.state.door + "/" + each.state.format == alarm.condition.object;
    });
    if (line == lines.end()) {
      continue;
    }
    types.insert("image/" + line->state.format);
    remember(line->last_good_ms == 0 ? started_ms : line->last_good_ms);
  }
  if (types != types_) {
    pipeline_.distrust(types);
    types_ = std::move(types);
  }
  // After a start it is not known yet whether they are found.
  const bool known = std::ranges::none_of(lines, [](const CanaryLine& line) {
    return line.state.last == alarms::CanaryState::Last::kNone ||
           line.state.last == alarms::CanaryState::Last::kMissed;
  });
  UtcMs since_ms = 0;
  {
    const MutexLock lock(mutex_);
    since_ms = since_ms_;
  }
  return types_.empty() && known && since_ms != 0 ? search_again(since_ms) : ok();
}

tutela::Status Distrust::search_again(UtcMs since_ms) {
  const store::Actor system = system_actor();
  TUTELA_TRY_ASSIGN(const std::vector<lists::List> all, pipeline_.lists().all(system));
  std::int64_t asked = 0;
  for (const lists::List& list : all) {
    if (list.state == lists::State::kActive && list.spec.purpose != lists::Purpose::kCanary) {
      TUTELA_TRY(pipeline_.ask_rescan(system, list.id, since_ms));
      ++asked;
    }
  }
  log::log_event(log::Level::kWarn,
                 "canaries are found again; what was judged meanwhile is searched once more",
                 {{"since", to_rfc3339(since_ms)}, {"lists", asked}});
  const MutexLock lock(mutex_);
  since_ms_ = since_ms_ == since_ms ? 0 : since_ms_;  // else an earlier one came meanwhile
  return ok();
}

UtcMs good_before(std::string_view body) {
  boost::system::error_code bad;
  const json::value parsed = json::parse(body, bad);
  if (bad || !parsed.is_object()) {
    return 0;
  }
  const json::object& said = parsed.get_object();
  const auto canaries = members_of(said, "canaries");
  UtcMs good_ms = 0;
  for (const json::object& alarm : members_of(said, "alarms")) {
    if (text_of(alarm, "code") != kMissed) {
      continue;
    }
    const auto line = std::ranges::find_if(canaries, [&](const json::object& each) {
      return text_of(each, "door") + "/" + text_of(each, "format") == text_of(alarm, "object");
    });
    auto at_ms =
        line == canaries.end() ? parse_time("") : parse_time(text_of(*line, "last_good_at"));
    at_ms = at_ms ? at_ms : parse_time(text_of(said, "started_at"));
    good_ms = earlier(good_ms, at_ms ? *at_ms : 0);
  }
  return good_ms;
}

}  // namespace tutela::watch
