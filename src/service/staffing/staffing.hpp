// Staffing: what the rows of notices say of load, and whether the people on shift can keep what was
// promised. Functions are thread-safe as far as their transaction is.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "casework/intake/promises.hpp"
#include "casework/partners/partners.hpp"
#include "custody/store/store.hpp"

namespace tutela::staffing {

struct Workload {
  std::vector<partners::Load> loads;  // of every queue, in the order of intake::Queue
  partners::Staffing staffing;
};

/// As things stand now. Floods are answered together: they are a load, and need nobody's hours.
/// Looks at no more than the newest 20,000 notices.
Result<Workload> workload_of(store::Transaction& transaction,
                             const std::string& tenant_id,
                             const intake::Promises& promises,
                             UtcMs now_ms);

}  // namespace tutela::staffing
