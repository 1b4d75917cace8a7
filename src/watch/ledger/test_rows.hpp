// Rows that tests of the ledger need beside its own.
#pragma once

#include <cstddef>
#include <string>

#include "base/clock.hpp"
#include "base/uuid.hpp"
#include "custody/store/store.hpp"

namespace tutela::testing {

/// An active list that a match can name.
inline Status add_list(store::Transaction& transaction, const Uuid& id) {
  TUTELA_TRY(transaction.execute(
      "INSERT INTO list (id, tenant_id, principal_id, name, source, provenance, legal_process, "
      "classification, purpose, action, automation, pdq_distance_max, version, state, "
      "signal_count, created_ms, updated_ms) VALUES (:id, 'default', 'system', :name, 'own', "
      "'made by a test', '', 'test', 'test', 'hold', 0, 31, 1, 'active', 0, 1, 1)",
      {to_string(id), "list-" + to_string(id)}));
  return ok();
}

/// A time after that of every id of this process: its ids never go back, so that a test whose clock
/// does would give its items ids of another time.
inline UtcMs time_after_all_ids() {
  const Uuid last = new_uuid(1'900'000'000'000);
  UtcMs time_ms = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    time_ms = time_ms * 256 + std::to_integer<UtcMs>(last.bytes[i]);
  }
  return time_ms + 1;
}

}  // namespace tutela::testing
