// Watch JSON: counts by the hour, bands and past alarms as the API shows them.
#pragma once

#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "service/watch/watch.hpp"
#include "watch/alarms/alarm_log.hpp"
#include "watch/canaries/canaries.hpp"
#include "watch/ledger/coverage.hpp"

namespace tutela::http {

[[nodiscard]] boost::json::array cells_json(const std::vector<ledger::CoverageRow>& cells);
[[nodiscard]] boost::json::array canary_hours_json(const std::vector<canaries::HourRow>& hours);
[[nodiscard]] boost::json::array bands_json(const std::vector<watch::RateLine>& rates);
[[nodiscard]] boost::json::object alarm_page_json(const alarms::AlarmPage& page);

}  // namespace tutela::http
