// Figures: what the overview and the charts count. Reads alone. What takes long is bounded, and its
// callers keep it for a while: see Cached.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "casework/cases/cases.hpp"
#include "watch/ledger/coverage.hpp"

namespace tutela::http {

struct App;

/// What waits for people, of the whole tenant; kept for a second.
struct Waits : cases::Waits {
  std::int64_t requests = 0;  // for a second person's approval
};

Result<std::shared_ptr<const Waits>> waits_of(App& app, const std::string& tenant_id);

/// Verdicts of one hour.
struct Hour {
  UtcMs at_ms = 0;
  std::int64_t no_match = 0;
  std::int64_t match = 0;
  std::int64_t unscannable = 0;
  std::int64_t owed = 0;
};

struct ListMatches {
  std::string name;
  std::int64_t matches = 0;
};

/// The last 48 hours, and the queues now.
struct Hours {
  std::vector<Hour> hours;
  std::vector<cases::QueueAges> ages;
  std::vector<ListMatches> lists;
  std::int64_t scanned = 0;
};

/// Kept for a minute.
Result<std::shared_ptr<const Hours>> hours_of(App& app, const std::string& tenant_id);

}  // namespace tutela::http
