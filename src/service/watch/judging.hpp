// Judging: what has become of a canary, from what its door answered and what the store says. Pure.
// Internal to watch.
#pragma once

#include <optional>
#include <string>

#include "engine/policy/policy.hpp"
#include "service/watch/door_client.hpp"
#include "watch/alarms/observations.hpp"
#include "watch/canaries/canaries.hpp"

namespace tutela::watch {

using Last = alarms::CanaryState::Last;

/// What the store says of a canary.
struct Traces {
  std::string content_id;                  // empty: its bytes have not arrived, or were not known
  std::optional<policy::Verdict> verdict;  // on the list "canary" alone
  bool ordinary = false;  // another list matched it, too: that is handled like any other match
  bool passes = false;    // the decision lets the item pass
  bool echoed = false;    // its message came out of the outbox
};

/// Absent while that cannot be said yet.
[[nodiscard]] std::optional<Last> judge(canaries::Expected expected,
                                        const DoorAnswer& answer,
                                        const Traces& traces);

/// Which of two bad ends tells more.
[[nodiscard]] Last worse(Last one, Last other) noexcept;

}  // namespace tutela::watch
