// Moment: what the clock says, and how much time has passed whatever it says.
//
// Time that passed only grows: each unit of work that looks adds what the clock moved forward since
// the last look, by whichever process, and nothing where it was set back. A bound in time that
// passed is therefore never extended by a clock that is set back, and holds again as soon as a
// clock that was wrong is right. What nobody looked at is not seen: look often (once a minute does,
// DualControl::expire_due() looks). Thread-safe as far as the transaction is.
#pragma once

#include <cstdint>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "custody/store/store.hpp"

namespace tutela::dual_control {

struct Moment {
  UtcMs now_ms = 0;
  std::int64_t passed_ms = 0;  // since a day long ago; compare, do not show
};

/// Reads the clock under the lock of the unit of work, so that looks are in order, and remembers.
Result<Moment> look(store::Transaction& transaction, const Clock& clock);

/// The same for a snapshot: remembers nothing.
Result<Moment> glance(store::Transaction& transaction, const Clock& clock);

}  // namespace tutela::dual_control
