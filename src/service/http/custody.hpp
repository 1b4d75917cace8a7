// Custody: what the server knows of evidence: rows, rules and requests, and the way to the vault
// process. No key. Thread-safe.
#pragma once

#include <memory>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "casework/disclosure/disclosure.hpp"
#include "casework/preservation/preservation.hpp"
#include "custody/audit/log.hpp"
#include "custody/dual_control/dual_control.hpp"
#include "custody/exposure/exposure.hpp"
#include "custody/opening/opening.hpp"
#include "custody/store/store.hpp"
#include "custody/vault/vault.hpp"
#include "service/config/config.hpp"
#include "service/vault_client/client.hpp"

namespace tutela::http {

struct Custody {
  /// Borrows database and clock.
  static Result<std::unique_ptr<Custody>> open(const config::Config& config,
                                               store::Database& database,
                                               const Clock& clock);

  Custody(const config::Config& config, store::Database& database_now, const Clock& clock);

  /// Of the tenant. Errors: kNotFound "evidence.not_found".
  Result<vault::Evidence> evidence(const std::string& tenant_id, const Uuid& id);

  store::Database& database;
  vault_client::Client vault;
  dual_control::DualControl requests;
  exposure::Budgets budgets;
  opening::Opening opening;
  disclosure::Disclosures disclosures;
  audit::LogOptions log;
  std::unique_ptr<preservation::Preservation> preservation;
};

}  // namespace tutela::http
