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

enum class Health : std::uint8_t { kOn, kDegraded, kOff };
[[nodiscard]] std::string_view to_string(Health health) noexcept;

/// Why detection is not simply on; a code, and what it is about.
struct Reason {
  std::string_view code;
  std::string object;  // the name of a list
};

/// Whether detection is on, as far as this server can tell.
struct Detected {
  Health state = Health::kOff;
  std::vector<Reason> reasons;
  std::vector<ledger::DoorTraffic> doors;  // of today
  std::int64_t active = 0;
  std::int64_t signals = 0;
  std::vector<std::string> empty;
  std::vector<std::string> stale;
  std::int64_t owed = 0;
  UtcMs oldest_owed_ms = 0;
  std::optional<UtcMs> last_verdict_ms;
};

/// Of every tenant: there is one.
Result<Detected> detect(App& app);

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
