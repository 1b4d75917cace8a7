// Metrics of the watch: what packaging/ has dashboards and alert rules for. Made anew for each
// text, so that a label that is over leaves nothing behind.
#pragma once

#include <prometheus/registry.h>

#include "base/clock.hpp"
#include "service/watch/watch.hpp"

namespace tutela::http {

void add_watch(prometheus::Registry& registry, const watch::Status& watch, UtcMs now_ms);

}  // namespace tutela::http
