// Metrics of the watch: what packaging/ has dashboards and alert rules for. Made anew for each
// text, so that a label that is over leaves nothing behind.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include <prometheus/registry.h>

#include "base/clock.hpp"
#include "service/intake/intake.hpp"
#include "service/watch/watch.hpp"

namespace tutela::http {

/// The greatest count of each door and verdict that was told: a counter never falls, although an
/// item that is judged again leaves its verdict.
using ItemsTold = std::map<std::pair<std::string, std::string>, std::int64_t>;

void add_watch(prometheus::Registry& registry,
               const watch::Status& watch,
               UtcMs now_ms,
               ItemsTold& items_told);

/// The greatest count of each queue and result that was told: "kept" "broken" "withdrawn".
using PromisesTold = std::map<std::pair<std::string, std::string>, std::int64_t>;

void add_intake(prometheus::Registry& registry,
                const alarms::IntakeState& state,
                const intake_service::Figures& figures,
                PromisesTold& promises_told);

}  // namespace tutela::http
