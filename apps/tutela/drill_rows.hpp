// DrillRows: the faults of a drill, one by one: how each is made, how it is healed, and by which
// alarms it must be noticed. Called from one thread, but for `again`.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "drill_world.hpp"

namespace tutela::cli {

struct DrillRow {
  std::string_view name;
  std::string_view title;
  /// Codes of alarms of which one must be raised. "silence": the heartbeats end.
  std::vector<std::string_view> codes;
  Status (*inject)(DrillWorld&);
  Status (*heal)(DrillWorld&);
  void (*again)(DrillWorld&) = nullptr;     // all the time while the fault lasts, in a thread
  Status (*repair)(DrillWorld&) = nullptr;  // what an operator does when it is over
  /// The server cannot know that its answers are wrong: those may be, until they are repaired.
  bool answers_wrongly = false;
};

[[nodiscard]] std::span<const DrillRow> drill_rows();

}  // namespace tutela::cli
