// Reported: what follows from a report that an authority has. Internal; for others: cases.hpp.
#pragma once

#include <vector>

#include "casework/cases/acting.hpp"
#include "casework/cases/cases.hpp"
#include "casework/cases/model.hpp"
#include "custody/store/store.hpp"

namespace tutela::cases {

/// Writes the case as reported and what waited for that; no event.
Status mark_reported(store::Transaction& transaction,
                     const store::Actor& actor,
                     const Rules& rules,
                     UtcMs now_ms,
                     Case& of);

/// Without those that this case has asked for before.
Result<std::vector<Order>> not_ordered_yet(store::Transaction& transaction,
                                           const Case& of,
                                           std::vector<Order> orders);

}  // namespace tutela::cases
