// Drill: makes the faults that would leave a server blind, one by one, on an instance of its own,
// and sees whether each is noticed. Only where fault hooks are compiled in. One call at a time,
// from the main thread, before any other thread is started.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace tutela::cli {

struct DrillOptions {
  std::vector<std::string> only;  // names of faults; empty: all
  bool keep = false;
  std::filesystem::path table;  // Markdown; empty: none
  bool quick = false;           // more canaries than by default, and shorter pauses
};

/// Prints progress and the table. True when every fault was noticed in time, was over after it was
/// healed, and no item was passed as clean or lost.
Result<bool> run_drill(const DrillOptions& options);

/// The names of all faults, each with what it is, a line each.
[[nodiscard]] std::string drill_faults_text();

}  // namespace tutela::cli
