#include "custody/vault/rows.hpp"

#include <algorithm>

namespace tutela::vault {
namespace {

constexpr std::string_view kSelect =
    "SELECT id, tenant_id, content_id, case_ref, media_type, size_bytes, md5, sha1, sha256, epoch, "
    "state, sealed_ms FROM evidence ";
constexpr std::size_t kListMax = 1000;

Result<Evidence> read_row(const store::Row& row) {
  Evidence evidence;
  TUTELA_TRY_ASSIGN(evidence.id, parse_uuid(row.text(0)));
  evidence.tenant_id = row.text(1);
  if (!row.is_null(2)) {
    TUTELA_TRY_ASSIGN(evidence.content_id, parse_uuid(row.text(2)));
  }
  evidence.case_ref = row.text(3);
  evidence.media_type = row.text(4);
  evidence.size_bytes = static_cast<std::uint64_t>(row.integer(5));
  TUTELA_TRY(parse_hex(row.text(6), evidence.digests.md5));
  TUTELA_TRY(parse_hex(row.text(7), evidence.digests.sha1));
  TUTELA_TRY(parse_hex(row.text(8), evidence.digests.sha256));
  evidence.epoch = row.integer(9);
  TUTELA_TRY_ASSIGN(evidence.state, parse_state(row.text(10)));
  evidence.sealed_ms = row.integer(11);
  return evidence;
}

Result<std::vector<Evidence>> select(store::Transaction& transaction,
                                     std::string_view where,
                                     const std::vector<store::Value>& values) {
  std::vector<Evidence> rows;
  TUTELA_TRY(transaction.query(
      std::string(kSelect) + std::string(where), values, [&](const store::Row& row) -> Status {
        Result<Evidence> evidence = read_row(row);
        if (!evidence) {
          return Error{ErrorKind::kCorrupted,
                       "store.corrupt",
                       "a row of evidence is not what was written; restore the database"};
        }
        rows.push_back(*std::move(evidence));
        return ok();
      }));
  return rows;
}

Result<std::optional<Evidence>> first(Result<std::vector<Evidence>> rows) {
  if (!rows) {
    return std::move(rows).error();
  }
  return rows->empty() ? std::nullopt : std::optional(std::move(rows->front()));
}

std::optional<UtcMs> maybe(const store::Row& row, std::size_t column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.integer(column));
}

audit::Entry epoch_entry(std::string action, std::int64_t epoch) {
  return {std::move(action), "epoch:" + std::to_string(epoch), "custody", "ok"};
}

}  // namespace

store::Actor vault_actor(const std::string& tenant_id) {
  return {tenant_id, "system", "system"};
}

Result<std::optional<Evidence>> find_row(store::Transaction& transaction, const Uuid& id) {
  return first(select(transaction, "WHERE id = :id", {to_string(id)}));
}

Result<std::optional<Evidence>> find_row_by_content(store::Transaction& transaction,
                                                    const Uuid& content_id) {
  return first(select(transaction, "WHERE content_id = :content_id", {to_string(content_id)}));
}

Result<std::vector<Evidence>> list_rows(store::Transaction& transaction,
                                        const std::string& tenant_id,
                                        std::string_view case_ref,
                                        const std::optional<Uuid>& after,
                                        std::size_t limit) {
  const std::string from = after ? to_string(*after) : std::string();
  const auto count = static_cast<std::int64_t>(std::min(limit, kListMax));
  if (case_ref.empty()) {
    return select(transaction,
                  "WHERE tenant_id = :tenant_id AND id > :after ORDER BY id LIMIT :count",
                  {tenant_id, from, count});
  }
  return select(transaction,
                "WHERE tenant_id = :tenant_id AND case_ref = :case_ref AND id > :after ORDER BY id "
                "LIMIT :count",
                {tenant_id, std::string(case_ref), from, count});
}

Status insert_row(store::Transaction& transaction,
                  const std::string& principal_id,
                  const Evidence& evidence) {
  const std::optional<std::string> content_id =
      evidence.content_id ? std::optional(to_string(*evidence.content_id)) : std::nullopt;
  TUTELA_TRY(transaction.execute(
      "INSERT INTO evidence (id, tenant_id, principal_id, content_id, case_ref, media_type, "
      "size_bytes, md5, sha1, sha256, epoch, state, sealed_ms) VALUES (:id, :tenant_id, "
      ":principal_id, :content_id, :case_ref, :media_type, :size_bytes, :md5, :sha1, :sha256, "
      ":epoch, :state, :sealed_ms)",
      {to_string(evidence.id),
       evidence.tenant_id,
       principal_id,
       store::to_value(content_id),
       evidence.case_ref,
       evidence.media_type,
       static_cast<std::int64_t>(evidence.size_bytes),
       to_hex(evidence.digests.md5),
       to_hex(evidence.digests.sha1),
       to_hex(evidence.digests.sha256),
       evidence.epoch,
       std::string(to_string(evidence.state)),
       evidence.sealed_ms}));
  return ok();
}

Result<std::map<std::int64_t, EpochRow>> epoch_rows(store::Transaction& transaction) {
  std::map<std::int64_t, EpochRow> rows;
  TUTELA_TRY(transaction.query(
      "SELECT epoch, key_id, created_ms, promised_ms, destroyed_ms FROM vault_epoch ORDER BY epoch",
      {},
      [&](const store::Row& row) {
        rows[row.integer(0)] = {row.text(1), row.integer(2), maybe(row, 3), maybe(row, 4)};
        return ok();
      }));
  return rows;
}

Status insert_epoch(store::Transaction& transaction, std::int64_t epoch, const EpochRow& row) {
  const store::Actor actor = vault_actor();
  TUTELA_TRY(transaction.execute(
      "INSERT INTO vault_epoch (epoch, tenant_id, principal_id, key_id, created_ms, promised_ms, "
      "destroyed_ms) VALUES (:epoch, :tenant_id, :principal_id, :key_id, :created_ms, NULL, "
      ":destroyed_ms)",
      {epoch,
       actor.tenant_id,
       actor.principal_id,
       row.key_id,
       row.created_ms,
       store::to_value(row.destroyed_ms)}));
  return audit::add(
      transaction,
      actor,
      row.created_ms,
      epoch_entry(row.destroyed_ms ? "vault.epoch_destroyed" : "vault.epoch_new", epoch));
}

Status mark_destroyed(store::Transaction& transaction, std::int64_t epoch, UtcMs at_ms) {
  TUTELA_TRY_ASSIGN(const std::int64_t changed,
                    transaction.execute("UPDATE vault_epoch SET destroyed_ms = :at_ms WHERE "
                                        "epoch = :epoch AND destroyed_ms IS NULL",
                                        {at_ms, epoch}));
  return changed == 0
             ? ok()
             : audit::add(
                   transaction, vault_actor(), at_ms, epoch_entry("vault.epoch_destroyed", epoch));
}

Result<std::optional<Destroyed>> find_shredded(store::Transaction& transaction, const Uuid& id) {
  std::optional<Destroyed> found;
  TUTELA_TRY(transaction.query("SELECT epoch, final_ms FROM vault_shredded WHERE evidence_id = :id",
                               {to_string(id)},
                               [&](const store::Row& row) {
                                 found = Destroyed{row.integer(0), row.integer(1)};
                                 return ok();
                               }));
  return found;
}

}  // namespace tutela::vault
