#include "service/watch/distrust.hpp"

#include <algorithm>
#include <utility>

#include "service/log/log.hpp"
#include "service/watch/actor.hpp"

namespace tutela::watch {

tutela::Status Distrust::follow(const std::vector<alarms::Alarm>& alarms,
                                const std::vector<CanaryLine>& lines,
                                UtcMs started_ms) {
  std::set<std::string> types;
  for (const alarms::Alarm& alarm : alarms) {
    if (alarm.condition.code != "canary.missed") {
      continue;
    }
    const auto line = std::ranges::find_if(lines, [&](const CanaryLine& each) {
      return each.state.door + "/" + each.state.format == alarm.condition.object;
    });
    if (line == lines.end()) {
      continue;
    }
    types.insert("image/" + line->state.format);
    const UtcMs good_ms = line->last_good_ms == 0 ? started_ms : line->last_good_ms;
    since_ms_ = since_ms_ == 0 ? good_ms : std::min(since_ms_, good_ms);
  }
  if (types != types_) {
    pipeline_.distrust(types);
    types_ = std::move(types);
  }
  return types_.empty() && since_ms_ != 0 ? search_again() : ok();
}

tutela::Status Distrust::search_again() {
  const store::Actor system = system_actor();
  TUTELA_TRY_ASSIGN(const std::vector<lists::List> all, pipeline_.lists().all(system));
  std::int64_t asked = 0;
  for (const lists::List& list : all) {
    if (list.state == lists::State::kActive && list.spec.purpose != lists::Purpose::kCanary) {
      TUTELA_TRY(pipeline_.ask_rescan(system, list.id, since_ms_));
      ++asked;
    }
  }
  log::log_event(log::Level::kWarn,
                 "canaries are found again; what was judged meanwhile is searched once more",
                 {{"since", to_rfc3339(since_ms_)}, {"lists", asked}});
  since_ms_ = 0;
  return ok();
}

}  // namespace tutela::watch
