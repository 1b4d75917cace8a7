// Distrust: what follows when canaries are missed: until they are found again, nothing is called
// clean that is of their kind; then what was judged since the last good one is searched once more.
//
// Belongs to the thread that looks; not thread-safe.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "service/pipeline/pipeline.hpp"
#include "service/watch/watch.hpp"
#include "watch/alarms/alarms.hpp"

namespace tutela::watch {

class Distrust {
 public:
  explicit Distrust(pipeline::Pipeline& pipeline) : pipeline_(pipeline) {}

  /// After a look. An error: the search was not asked for, and is at the next look.
  tutela::Status follow(const std::vector<alarms::Alarm>& alarms,
                        const std::vector<CanaryLine>& lines,
                        UtcMs started_ms);

 private:
  tutela::Status search_again();

  pipeline::Pipeline& pipeline_;
  std::set<std::string> types_;
  UtcMs since_ms_ = 0;  // the last good canary before; 0: nothing is to be searched
};

}  // namespace tutela::watch
