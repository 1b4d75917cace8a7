#include "casework/partners/partners.hpp"

#include "base/fault.hpp"
#include "casework/partners/rows.hpp"
#include "custody/audit/entry.hpp"

namespace tutela::partners {

using store::Row;
using store::Transaction;
using store::Value;

namespace {

Error unknown() {
  return {ErrorKind::kNotFound, "partner.unknown", "there is no partner of this id"};
}

Error changed() {
  return {ErrorKind::kConflict,
          "partner.changed",
          "somebody changed this partner since you looked; look again"};
}

Result<std::optional<Partner>> read_one(Transaction& transaction,
                                        std::string_view where,
                                        const std::vector<Value>& values,
                                        UtcMs now_ms) {
  std::optional<Partner> found;
  TUTELA_TRY(transaction.query(
      "SELECT " + std::string(kPartnerColumns) + " FROM partner WHERE " + std::string(where),
      values,
      [&](const Row& row) -> Status {
        TUTELA_TRY_ASSIGN(found, read_row(row, now_ms));
        return ok();
      }));
  return found;
}

Result<Partner> read(Transaction& transaction,
                     const std::string& tenant_id,
                     const Uuid& id,
                     UtcMs now_ms) {
  TUTELA_TRY_ASSIGN(
      std::optional<Partner> found,
      read_one(
          transaction, "tenant_id = :tenant AND id = :id", {tenant_id, to_string(id)}, now_ms));
  if (!found) {
    return unknown();
  }
  return *std::move(found);
}

/// Of one whom we still work with, as its caller last saw it.
Result<Partner> read_current(Transaction& transaction,
                             const std::string& tenant_id,
                             const Uuid& id,
                             UtcMs now_ms) {
  TUTELA_TRY_ASSIGN(Partner partner, read(transaction, tenant_id, id, now_ms));
  if (partner.ended_ms) {
    return changed();
  }
  return partner;
}

Status check_references(Transaction& transaction,
                        const std::string& tenant_id,
                        const Uuid& id,
                        const Details& details,
                        UtcMs now_ms) {
  if (details.deputy_id) {
    const auto deputy = read_current(transaction, tenant_id, *details.deputy_id, now_ms);
    const bool none = !deputy && (deputy.error().kind == ErrorKind::kNotFound ||
                                  deputy.error().kind == ErrorKind::kConflict);
    if (*details.deputy_id == id || none) {
      return Error{ErrorKind::kInvalidInput,
                   "partner.bad_deputy",
                   "the deputy of a partner must be another one that has not ended"};
    }
    TUTELA_TRY(deputy);
  }
  if (details.token_id) {
    // A token is of one partner in all tenants: it says who sent something.
    TUTELA_TRY_ASSIGN(const auto owner,
                      read_one(transaction,
                               "token_id = :token AND ended_ms IS NULL AND id <> :id",
                               {*details.token_id, to_string(id)},
                               now_ms));
    if (owner) {
      return Error{ErrorKind::kConflict,
                   "partner.token_taken",
                   "another partner has this token; give each a token of its own"};
    }
  }
  return ok();
}

Status note(Transaction& transaction,
            const store::Actor& actor,
            UtcMs now_ms,
            std::string_view action,
            const Uuid& id,
            Kind kind) {
  TUTELA_TRY(audit::add(transaction,
                        actor,
                        now_ms,
                        {"partner." + std::string(action),
                         "partner:" + to_string(id),
                         std::string(to_string(kind)),
                         "ok"}));
  TUTELA_FAULT_POINT("partners.after_entry");
  return ok();
}

Status insert(Transaction& transaction,
              const store::Actor& actor,
              const Uuid& id,
              const Details& details,
              UtcMs now_ms) {
  std::vector<Value> values = {to_string(id), actor.tenant_id, actor.principal_id};
  for (Value& value : values_of(details)) {
    values.push_back(std::move(value));
  }
  values.insert(values.end(), {now_ms, actor.principal_id, now_ms});
  TUTELA_TRY(transaction.execute(
      "INSERT INTO partner (id, tenant_id, principal_id, version, kind, name, organisation, "
      "country, role, email, phone, url, note, deputy_id, token_id, confirm_days, "
      "absent_from_ms, absent_until_ms, confirmed_ms, confirmed_by, at_ms) VALUES (:id, :tenant, "
      ":principal, 1, :kind, :name, :organisation, :country, :role, :email, :phone, :url, :note, "
      ":deputy, :token, :confirm_days, :absent_from, :absent_until, :confirmed, :by, :at)",
      values));
  TUTELA_FAULT_POINT("partners.after_row");
  return ok();
}

Status check_room(Transaction& transaction, const std::string& tenant_id) {
  std::int64_t count = 0;
  TUTELA_TRY(transaction.query(
      "SELECT COUNT(*) FROM partner WHERE tenant_id = :tenant AND ended_ms IS NULL",
      {tenant_id},
      [&](const Row& row) -> Status {
        count = row.integer(0);
        return ok();
      }));
  if (count >= kPartnersMax) {
    return Error{ErrorKind::kLimitExceeded,
                 "partner.too_many",
                 "there are 1000 partners; end those whom nobody works with any more"};
  }
  return ok();
}

}  // namespace

Partners::Partners(store::Database& database, const Clock& clock)
    : database_(database), clock_(clock) {}

Result<Partner> Partners::add(const store::Actor& actor, const Details& details) {
  TUTELA_TRY(check(details));
  const UtcMs now_ms = clock_.now_ms();
  const Uuid id = new_uuid(now_ms);
  Partner added;
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY(check_room(transaction, actor.tenant_id));
    TUTELA_TRY(check_references(transaction, actor.tenant_id, id, details, now_ms));
    TUTELA_TRY(insert(transaction, actor, id, details, now_ms));
    TUTELA_TRY(note(transaction, actor, now_ms, "add", id, details.kind));
    TUTELA_TRY_ASSIGN(added, read(transaction, actor.tenant_id, id, now_ms));
    return ok();
  }));
  return added;
}

Result<Partner> Partners::change(const store::Actor& actor,
                                 const Uuid& id,
                                 std::int64_t version,
                                 const Details& details) {
  TUTELA_TRY(check(details));
  const UtcMs now_ms = clock_.now_ms();
  Partner after;
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const Partner before, read_current(transaction, actor.tenant_id, id, now_ms));
    if (before.version != version) {
      return changed();
    }
    TUTELA_TRY(check_references(transaction, actor.tenant_id, id, details, now_ms));
    std::vector<Value> values = values_of(details);
    values.insert(values.end(), {now_ms, to_string(id)});
    TUTELA_TRY(transaction.execute(
        "UPDATE partner SET version = version + 1, kind = :kind, name = :name, organisation = "
        ":organisation, country = :country, role = :role, email = :email, phone = :phone, url = "
        ":url, note = :note, deputy_id = :deputy, token_id = :token, confirm_days = "
        ":confirm_days, absent_from_ms = :absent_from, absent_until_ms = :absent_until, at_ms = "
        ":at WHERE id = :id",
        values));
    TUTELA_FAULT_POINT("partners.after_row");
    TUTELA_TRY(note(transaction, actor, now_ms, "change", id, details.kind));
    TUTELA_TRY_ASSIGN(after, read(transaction, actor.tenant_id, id, now_ms));
    return ok();
  }));
  return after;
}

Result<Partner> Partners::confirm(const store::Actor& actor, const Uuid& id) {
  const UtcMs now_ms = clock_.now_ms();
  Partner after;
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const Partner before, read_current(transaction, actor.tenant_id, id, now_ms));
    TUTELA_TRY(transaction.execute(
        "UPDATE partner SET version = version + 1, confirmed_ms = :now, confirmed_by = :by WHERE "
        "id = :id",
        {now_ms, actor.principal_id, to_string(id)}));
    TUTELA_FAULT_POINT("partners.after_row");
    TUTELA_TRY(note(transaction, actor, now_ms, "confirm", id, before.details.kind));
    TUTELA_TRY_ASSIGN(after, read(transaction, actor.tenant_id, id, now_ms));
    return ok();
  }));
  return after;
}

Result<Partner> Partners::end(const store::Actor& actor, const Uuid& id, std::int64_t version) {
  const UtcMs now_ms = clock_.now_ms();
  Partner after;
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const Partner before, read_current(transaction, actor.tenant_id, id, now_ms));
    if (before.version != version) {
      return changed();
    }
    TUTELA_TRY(transaction.execute(
        "UPDATE partner SET version = version + 1, ended_ms = :now WHERE id = :id",
        {now_ms, to_string(id)}));
    TUTELA_FAULT_POINT("partners.after_row");
    // A line to somebody who has left is cut: those who relied on it show no deputy.
    TUTELA_TRY(transaction.execute(
        "UPDATE partner SET version = version + 1, deputy_id = NULL WHERE tenant_id = :tenant AND "
        "deputy_id = :id",
        {actor.tenant_id, to_string(id)}));
    TUTELA_FAULT_POINT("partners.after_deputies");
    TUTELA_TRY(note(transaction, actor, now_ms, "end", id, before.details.kind));
    TUTELA_TRY_ASSIGN(after, read(transaction, actor.tenant_id, id, now_ms));
    return ok();
  }));
  return after;
}

Result<std::vector<Partner>> Partners::list(const std::string& tenant_id, bool with_ended) {
  const UtcMs now_ms = clock_.now_ms();
  std::vector<Partner> found;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    found.clear();
    return transaction.query("SELECT " + std::string(kPartnerColumns) +
                                 " FROM partner WHERE tenant_id = :tenant" +
                                 (with_ended ? "" : " AND ended_ms IS NULL") +
                                 " ORDER BY ended_ms IS NOT NULL, name, id LIMIT 1000",
                             {tenant_id},
                             [&](const Row& row) -> Status {
                               TUTELA_TRY_ASSIGN(Partner partner, read_row(row, now_ms));
                               found.push_back(std::move(partner));
                               return ok();
                             });
  }));
  return found;
}

Result<Partner> Partners::find(const std::string& tenant_id, const Uuid& id) {
  Partner found;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(found, read(transaction, tenant_id, id, clock_.now_ms()));
    return ok();
  }));
  return found;
}

Result<std::optional<Partner>> Partners::of_token(const std::string& tenant_id,
                                                  std::string_view token_id) {
  std::optional<Partner> found;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(found,
                      read_one(transaction,
                               "tenant_id = :tenant AND token_id = :token AND ended_ms IS NULL",
                               {tenant_id, std::string(token_id)},
                               clock_.now_ms()));
    return ok();
  }));
  return found;
}

Result<std::int64_t> count_stale(Transaction& transaction,
                                 const std::string& tenant_id,
                                 UtcMs now_ms) {
  std::int64_t count = 0;
  TUTELA_TRY(transaction.query(
      "SELECT COUNT(*) FROM partner WHERE tenant_id = :tenant AND ended_ms IS NULL AND "
      "confirmed_ms + confirm_days * 86400000 <= :now",
      {tenant_id, now_ms},
      [&](const Row& row) -> Status {
        count = row.integer(0);
        return ok();
      }));
  return count;
}

}  // namespace tutela::partners
