// Rows that tests of the ledger need beside its own.
#pragma once

#include <string>

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

}  // namespace tutela::testing
