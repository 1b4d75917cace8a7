// Gather: what the watch sees, from those who know it: store, policy, disks, clocks, certificate.
// Functions that ask the store or the disk may hang; the watch asks them through Asked.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "engine/policy/policy.hpp"
#include "exchange/lists/lists.hpp"
#include "service/config/config.hpp"
#include "service/pipeline/pipeline.hpp"
#include "service/watch/asked.hpp"
#include "service/watch/watch.hpp"
#include "watch/alarms/observations.hpp"
#include "watch/ledger/coverage.hpp"

namespace tutela::watch {

[[nodiscard]] alarms::Rules rules_of(const config::WatchConfig& config);

/// Whether policy would let a match of one of these lists pass. Lists that say themselves that
/// their matches pass are left out, test lists beside others, and canaries, which show it
/// themselves.
[[nodiscard]] bool match_passes(const policy::Policy& policy,
                                std::span<const lists::List> active,
                                std::span<const std::string> doors);

/// The disks of store, spool and vault: each once, by the first of these names. The spool is also
/// bounded by its own limit.
[[nodiscard]] std::vector<alarms::DiskState> look_at_disks(const config::Config& config,
                                                           std::uint64_t spool_bytes);

/// Full days until the certificate ends, negative when it has; absent without TLS. Errors:
/// kInvalidInput "config.bad_tls", those of read_file().
Result<std::optional<std::int64_t>> tls_days_left(const std::filesystem::path& certificate,
                                                  UtcMs now_ms);

/// The wall clock against one that nobody sets and that goes on while the machine sleeps. Not
/// thread-safe.
class ClockLook {
 public:
  struct Seen {
    std::int64_t drift_ms = 0;  // since the last look; positive: the wall clock went ahead
    bool stopped = false;
  };

  /// Between two readings of the other clock, which are given, for tests.
  Seen look(UtcMs wall_ms, std::int64_t boot_ms);
  Seen look(const Clock& clock);

 private:
  std::optional<UtcMs> wall_ms_;
  std::int64_t boot_ms_ = 0;
  std::int64_t moved_at_ms_ = 0;
};

/// What was counted within the last five minutes, from a count that begins anew when who counts is
/// replaced. Not thread-safe.
class RecentCount {
 public:
  std::uint64_t add(std::uint64_t total, std::int64_t steady_ms);

 private:
  std::optional<std::uint64_t> last_;
  std::deque<std::pair<std::int64_t, std::uint64_t>> grew_;
};

/// How long the oldest change has been in the store that is not searched yet. Not thread-safe.
class Behind {
 public:
  std::int64_t look(std::int64_t searched, std::int64_t stored, std::int64_t steady_ms);

 private:
  std::deque<std::pair<std::int64_t, std::int64_t>> seen_;  // position, first seen at
};

/// What the store says of the present.
struct StoreSeen {
  UtcMs at_ms = 0;
  std::int64_t position = 0;                  // of the lists' history
  std::vector<lists::List> lists;             // active ones
  std::map<Uuid, std::int64_t> signals_most;  // of each, within the last day
  ledger::Owed owed;
  pipeline::Backlog backlog;
  std::vector<ledger::DoorTraffic> doors;  // of today
  std::vector<ledger::CoverageRow> hours;  // the last ones
  std::optional<UtcMs> last_verdict_ms;
  std::int64_t outbox_oldest_ms = 0;  // age
  pipeline::SampleCounts samples;
  std::vector<alarms::DiskState> disks;
};

/// Who is asked; all borrowed.
struct Sources {
  pipeline::Pipeline& pipeline;
  const Clock& clock;
};

Result<StoreSeen> look_into_store(Sources sources, const config::Config& config);

}  // namespace tutela::watch
