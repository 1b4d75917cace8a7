#include "service/http/custody.hpp"

#include <utility>

#include "custody/vault/rows.hpp"
#include "service/review/rules.hpp"
#include "service/vault_process/places.hpp"

namespace tutela::http {

Custody::Custody(const config::Config& config, store::Database& database_now, const Clock& clock)
    : database(database_now),
      vault(vault_process::socket_of(config)),
      requests(database, clock, vault_process::request_rules_of(config)),
      budgets(database, clock, review::exposure_rules(config)),
      opening(database,
              requests,
              budgets,
              clock,
              {config.vault.viewers_max, config.vault.views_per_hour}),
      disclosures(database, requests, clock),
      log(vault_process::log_options_of(config)) {}

Result<std::unique_ptr<Custody>> Custody::open(const config::Config& config,
                                               store::Database& database,
                                               const Clock& clock) {
  auto custody = std::make_unique<Custody>(config, database, clock);
  TUTELA_TRY_ASSIGN(custody->preservation,
                    preservation::Preservation::open(database,
                                                     clock,
                                                     vault_process::preservation_rules_of(config),
                                                     {},
                                                     preservation::approvals_of(custody->requests),
                                                     {}));
  return custody;
}

Result<vault::Evidence> Custody::evidence(const std::string& tenant_id, const Uuid& id) {
  std::optional<vault::Evidence> found;
  TUTELA_TRY(database.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(found, vault::find_row(transaction, id));
    return ok();
  }));
  if (!found || found->tenant_id != tenant_id) {
    return Error{ErrorKind::kNotFound, "evidence.not_found", "there is no such evidence"};
  }
  return *std::move(found);
}

}  // namespace tutela::http
