#include "service/http/watch_json.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace tutela::http {

namespace json = boost::json;

namespace {

void set_mean(json::object& body, std::int64_t took_ms, std::int64_t took_ms_max, std::int64_t of) {
  if (of > 0) {
    body["took_ms_mean"] = std::max<std::int64_t>(0, took_ms / of);
    body["took_ms_max"] = std::max<std::int64_t>(0, took_ms_max);
  }
}

}  // namespace

json::array cells_json(const std::vector<ledger::CoverageRow>& cells) {
  json::array all;
  all.reserve(cells.size());
  for (const ledger::CoverageRow& cell : cells) {
    const bool arrived = cell.verdict == policy::Verdict::kOwed;
    json::object one = {{"at", to_rfc3339(cell.hour_ms)},
                        {"door", cell.door},
                        {"media_type", cell.media_type},
                        {"verdict", arrived ? "arrived" : to_string(cell.verdict)},
                        {"items", cell.items},
                        {"bytes", cell.size_bytes}};
    if (!cell.reason.empty()) {
      one["reason"] = cell.reason;
    }
    if (arrived) {
      one["let_through"] = cell.let_through;
    } else {
      set_mean(one, cell.took_ms, cell.took_ms_max, cell.items);
    }
    all.push_back(std::move(one));
  }
  return all;
}

json::array canary_hours_json(const std::vector<canaries::HourRow>& hours) {
  json::array all;
  for (const canaries::HourRow& hour : hours) {
    json::object one = {{"at", to_rfc3339(hour.hour_ms)},
                        {"door", hour.door},
                        {"format", hour.format},
                        {"expected", to_string(hour.expected)},
                        {"sent", hour.sent},
                        {"good", hour.good}};
    set_mean(one, hour.took_ms, hour.took_ms_max, hour.good);
    all.push_back(std::move(one));
  }
  return all;
}

json::array bands_json(const std::vector<watch::RateLine>& rates) {
  json::array all;
  for (const watch::RateLine& rate : rates) {
    json::object one = {{"list", rate.list},
                        {"door", rate.door},
                        {"media_type", rate.media_type},
                        {"items", rate.items},
                        {"matches", rate.matches},
                        {"state", to_string(rate.verdict)}};
    if (rate.band.known) {
      one["expected"] = rate.expected;
      one["low"] = rate.band.low;
      one["high"] = rate.band.high;
    }
    all.push_back(std::move(one));
  }
  return all;
}

json::object alarm_page_json(const alarms::AlarmPage& page) {
  json::array items;
  for (const alarms::AlarmEvent& event : page.items) {
    items.push_back(json::object{{"id", std::to_string(event.id)},
                                 {"what", to_string(event.what)},
                                 {"code", event.condition.code},
                                 {"object", event.condition.object},
                                 {"level", to_string(event.condition.level)},
                                 {"why", event.condition.why},
                                 {"at", to_rfc3339(event.at_ms)}});
  }
  json::object body = {{"items", std::move(items)}};
  if (page.next) {
    body["next"] = std::to_string(*page.next);
  }
  return body;
}

}  // namespace tutela::http
