// Promises: by when whoever told us something has an answer. Pure.
//
// Imminent danger and what concerns a victim never waits for a working day. For the other queues
// holidays (and weekends, where the operator says so) do not count, in UTC days.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "casework/intake/model.hpp"

namespace tutela::intake {

struct Promises {
  std::array<std::int64_t, kQueues.size()> ms{};  // by Queue
  std::set<std::int64_t> holidays;                // days since 1970-01-01
  bool weekends_pause = false;
  std::uint32_t escalate_percent = 50;  // of the promise: then the deputy is told
};

/// "2026-12-25 2027-01-01". Error: kInvalidInput "config.bad_holidays".
Result<std::set<std::int64_t>> parse_holidays(std::string_view text);

struct Due {
  UtcMs due_ms = 0;
  UtcMs escalate_ms = 0;
};

[[nodiscard]] Due due_of(const Promises& promises, Queue queue, UtcMs from_ms);

}  // namespace tutela::intake
