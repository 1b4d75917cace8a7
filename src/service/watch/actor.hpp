// Actor: as whom the watch acts. Internal to it.
#pragma once

#include "custody/store/store.hpp"

namespace tutela::watch {

/// What this process does on its own account.
[[nodiscard]] inline store::Actor system_actor() {
  return {.principal_id = "system", .role = "system"};
}

}  // namespace tutela::watch
