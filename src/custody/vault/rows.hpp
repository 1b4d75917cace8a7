// Rows: what the vault keeps in the database. Internal to the vault.
//
// Functions are thread-safe as far as their transaction is.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "custody/store/store.hpp"
#include "custody/vault/vault.hpp"

namespace tutela::vault {

struct EpochRow {
  std::string key_id;
  UtcMs created_ms = 0;
  std::optional<UtcMs> promised_ms;
  std::optional<UtcMs> destroyed_ms;
};

/// The vault itself, as actor of what nobody asked for.
[[nodiscard]] store::Actor vault_actor(const std::string& tenant_id = "default");

/// One row; a missing one is nothing. The other finds by the content that was sealed.
Result<std::optional<Evidence>> find_row(store::Transaction& transaction, const Uuid& id);
Result<std::optional<Evidence>> find_row_by_content(store::Transaction& transaction,
                                                    const Uuid& content_id);
Result<std::vector<Evidence>> list_rows(store::Transaction& transaction,
                                        const std::string& tenant_id,
                                        std::string_view case_ref,
                                        const std::optional<Uuid>& after,
                                        std::size_t limit);
Status insert_row(store::Transaction& transaction,
                  const std::string& principal_id,
                  const Evidence& evidence);

Result<std::map<std::int64_t, EpochRow>> epoch_rows(store::Transaction& transaction);
/// Inserts the row and its audit entry.
Status insert_epoch(store::Transaction& transaction, std::int64_t epoch, const EpochRow& row);
/// With its audit entry; a row that says so already stays.
Status mark_destroyed(store::Transaction& transaction, std::int64_t epoch, UtcMs at_ms);

Result<std::optional<Destroyed>> find_shredded(store::Transaction& transaction, const Uuid& id);

}  // namespace tutela::vault
