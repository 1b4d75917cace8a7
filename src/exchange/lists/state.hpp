// State: what a list was at each step of its history, named by a digest over all that led there:
// spec/scan-receipt.md. Whoever has a list's values and the salts can compute it; whoever has the
// digest learns nothing of them, and cannot try any without the salts. Internal to lists, but for
// state_digest().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "custody/store/store.hpp"
#include "exchange/lists/lists.hpp"

namespace tutela::lists {

/// One step.
struct StateStep {
  std::string previous;  // digest of the list's step before; empty: the first, or not known
  std::string salt;      // 64 hex digits
  Uuid list_id;
  ChangeKind kind = ChangeKind::kAdded;
  std::int64_t version = 0;  // the version, whether it is active, and its size after the step
  bool active = false;
  std::int64_t signals = 0;
};

/// 64 hex digits. `changed`: the signals that were added or removed; sorted here.
[[nodiscard]] std::string state_digest(const StateStep& step, std::vector<PackedSignal> changed);

/// Adds the row of a step to list_state. `list` is as it is after the change.
Status add_state(store::Transaction& transaction,
                 const store::Actor& actor,
                 const List& list,
                 std::int64_t position,
                 UtcMs at_ms,
                 ChangeKind kind,
                 std::vector<PackedSignal> changed);

}  // namespace tutela::lists
