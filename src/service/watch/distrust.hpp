// Distrust: what follows when canaries are missed: until they are found again, nothing is called
// clean that is of their kind; then what was judged since the last good one is searched once more,
// also by a process that was started in between.
//
// Belongs to the thread that looks, but for remember() and pending(), which any thread may call.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "base/result.hpp"
#include "service/pipeline/pipeline.hpp"
#include "service/watch/watch.hpp"
#include "watch/alarms/alarms.hpp"

namespace tutela::watch {

class Distrust {
 public:
  explicit Distrust(pipeline::Pipeline& pipeline) : pipeline_(pipeline) {}

  /// That canaries were missed before this process began, and when the last good one came.
  void remember(UtcMs good_ms);
  /// Whether a search is still to be asked for.
  [[nodiscard]] bool pending() const;
  /// After a look. An error: the search was not asked for, and is at the next look.
  tutela::Status follow(const std::vector<alarms::Alarm>& alarms,
                        const std::vector<CanaryLine>& lines,
                        UtcMs started_ms);

 private:
  tutela::Status search_again(UtcMs since_ms);

  pipeline::Pipeline& pipeline_;
  std::set<std::string> types_;
  mutable Mutex mutex_;
  /// The last good canary before; 0: nothing is to be searched.
  UtcMs since_ms_ TUTELA_GUARDED_BY(mutex_) = 0;
};

/// When the last good one came of the canaries that a process missed, by what it left in the store
/// (to_json()); 0: it missed none.
[[nodiscard]] UtcMs good_before(std::string_view body);

}  // namespace tutela::watch
