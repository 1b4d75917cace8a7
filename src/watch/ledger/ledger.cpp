#include "watch/ledger/ledger.hpp"

#include <algorithm>

#include "custody/audit/entry.hpp"
#include "watch/ledger/counts.hpp"
#include "watch/ledger/rows.hpp"

namespace tutela::ledger {
namespace {

using store::Row;
using store::Transaction;
using store::Value;

/// The content that this key was used for before, if any.
Result<std::optional<Uuid>> earlier_content(Transaction& transaction,
                                            const store::Actor& actor,
                                            const Arrival& arrival) {
  std::optional<Uuid> earlier;
  TUTELA_TRY(transaction.query(
      "SELECT content_id, sha256 FROM idempotency "
      "WHERE tenant_id = :tenant AND principal_id = :principal AND key = :key",
      {actor.tenant_id, actor.principal_id, *arrival.idempotency_key},
      [&](const Row& row) -> Status {
        if (row.text(1) != to_hex(arrival.digests.sha256)) {
          return Error{ErrorKind::kConflict,
                       "idempotency.mismatch",
                       "this Idempotency-Key was used for other bytes: use a new key"};
        }
        TUTELA_TRY_ASSIGN(earlier, parse_uuid(row.text(0)));
        return ok();
      }));
  return earlier;
}

Status insert_owed(Transaction& transaction,
                   const store::Actor& actor,
                   const Arrival& arrival,
                   const std::string& instance_id,
                   bool canary) {
  TUTELA_TRY(transaction.execute(
      "INSERT INTO content (id, tenant_id, principal_id, door, source, external_id, size_bytes, "
      "md5, sha1, sha256, received_ms, instance_id, attempts, verdict, spooled, canary) VALUES "
      "(:id, :tenant, :principal, :door, :source, :external_id, :size, :md5, :sha1, :sha256, "
      ":received, :instance, 1, 'owed', 1, :canary)",
      {to_string(arrival.id),
       actor.tenant_id,
       actor.principal_id,
       arrival.door,
       arrival.source,
       optional_text(arrival.external_id),
       static_cast<std::int64_t>(arrival.size_bytes),
       to_hex(arrival.digests.md5),
       to_hex(arrival.digests.sha1),
       to_hex(arrival.digests.sha256),
       arrival.received_ms,
       instance_id,
       std::int64_t{canary}}));
  if (arrival.account) {
    TUTELA_TRY(transaction.execute(
        "INSERT INTO content_uploader (content_id, tenant_id, principal_id, account, at_ms) "
        "VALUES (:content, :tenant, :principal, :account, :at)",
        {to_string(arrival.id),
         actor.tenant_id,
         actor.principal_id,
         *arrival.account,
         arrival.received_ms}));
  }
  if (arrival.idempotency_key) {
    TUTELA_TRY(transaction.execute(
        "INSERT INTO idempotency (tenant_id, principal_id, key, content_id, sha256, at_ms) "
        "VALUES (:tenant, :principal, :key, :content, :sha256, :at)",
        {actor.tenant_id,
         actor.principal_id,
         *arrival.idempotency_key,
         to_string(arrival.id),
         to_hex(arrival.digests.sha256),
         arrival.received_ms}));
  }
  return add_event(transaction, actor, arrival.id, "received", arrival.door, arrival.received_ms);
}

Item item_of(const store::Actor& actor, const Arrival& arrival) {
  Item item;
  item.tenant_id = actor.tenant_id;
  item.door = arrival.door;
  item.received_ms = arrival.received_ms;
  item.size_bytes = static_cast<std::int64_t>(arrival.size_bytes);
  return item;
}

std::optional<std::string> text_or_none(const Row& row, std::size_t column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.text(column));
}

}  // namespace

Result<Provenance> provenance_of(Transaction& transaction, const Uuid& id) {
  std::optional<Provenance> found;
  TUTELA_TRY(transaction.query(
      "SELECT c.external_id, u.account, c.sha256, c.door FROM content c "
      "LEFT JOIN content_uploader u ON u.content_id = c.id WHERE c.id = :id",
      {to_string(id)},
      [&](const Row& row) {
        found = Provenance{text_or_none(row, 0), text_or_none(row, 1), row.text(2), row.text(3)};
        return ok();
      }));
  if (!found) {
    return Error{ErrorKind::kNotFound, "content.not_found", "no content has this id"};
  }
  return *std::move(found);
}

Ledger::Ledger(store::Database& database, const Clock& clock, std::string instance_id)
    : database_(database), clock_(clock), instance_id_(std::move(instance_id)) {}

Result<Ledger::Added> Ledger::add_owed(const store::Actor& actor,
                                       const Arrival& arrival,
                                       const IsCanary& is_canary) {
  Added added{arrival.id};
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    added = {arrival.id};
    if (arrival.idempotency_key) {
      TUTELA_TRY_ASSIGN(const std::optional<Uuid> earlier,
                        earlier_content(transaction, actor, arrival));
      if (earlier) {
        added.id = *earlier;
        return ok();
      }
    }
    if (is_canary) {
      TUTELA_TRY_ASSIGN(added.canary, is_canary(transaction));
    }
    TUTELA_TRY(insert_owed(transaction, actor, arrival, instance_id_, added.canary));
    return added.canary ? ok() : count_arrival(transaction, item_of(actor, arrival));
  }));
  return added;
}

Status Ledger::let_through(const store::Actor& actor, const Uuid& id) {
  const UtcMs now_ms = clock_.now_ms();
  return database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const Item item, read_item(transaction, actor.tenant_id, id));
    if (item.let_through) {
      return ok();
    }
    TUTELA_TRY(
        transaction.execute("UPDATE content SET let_through = 1 WHERE id = :id", {to_string(id)}));
    TUTELA_TRY(add_event(transaction, actor, id, "let_through", item.door, now_ms));
    if (item.canary) {
      return ok();
    }
    TUTELA_TRY(count_let_through(transaction, item));
    return audit::add(transaction,
                      actor,
                      now_ms,
                      {"content.let_through", "content:" + to_string(id), "scan", "unscanned"});
  });
}

Status Ledger::adopt_owed(const std::function<bool(std::string_view)>& is_alive) {
  std::vector<std::string> others;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT DISTINCT instance_id FROM content WHERE verdict = 'owed' AND instance_id <> :own",
        {instance_id_},
        [&](const Row& row) -> Status {
          others.push_back(row.text(0));
          return ok();
        });
  }));
  for (const std::string& other : others) {
    if (is_alive(other)) {
      continue;
    }
    TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
      TUTELA_TRY(transaction.execute(
          "UPDATE content SET instance_id = :own WHERE verdict = 'owed' AND instance_id = :other",
          {instance_id_, other}));
      return ok();
    }));
  }
  return ok();
}

Status Ledger::begin_attempt(const Uuid& id) {
  return database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.execute(
        "UPDATE content SET attempts = attempts + 1 WHERE id = :id AND verdict = 'owed'",
        {to_string(id)}));
    return ok();
  });
}

Status Ledger::forgive_attempt(const Uuid& id) {
  return database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY(
        transaction.execute("UPDATE content SET attempts = attempts - 1 "
                            "WHERE id = :id AND verdict = 'owed' AND attempts > 0",
                            {to_string(id)}));
    return ok();
  });
}

Result<Content> Ledger::get(const store::Actor& actor, const Uuid& id) {
  std::vector<Content> found;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return read_contents(transaction,
                         "WHERE c.tenant_id = :tenant AND c.id = :id",
                         {actor.tenant_id, to_string(id)},
                         found);
  }));
  if (found.empty()) {
    return Error{ErrorKind::kNotFound, "content.not_found", "no content has this id"};
  }
  return std::move(found.front());
}

Result<std::vector<Content>> Ledger::with_matches(const store::Actor& actor, const Page& page) {
  std::vector<Content> found;
  const std::int64_t limit = std::clamp<std::int64_t>(page.limit, 1, 1000);
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return read_contents(transaction,
                         "WHERE c.tenant_id = :tenant AND c.verdict = 'match' AND c.canary = 0 "
                         "AND c.id > :after ORDER BY c.id LIMIT :limit",
                         {actor.tenant_id, page.after, limit},
                         found);
  }));
  return found;
}

Result<Content> Ledger::by_external_id(const store::Actor& actor, std::string_view external_id) {
  std::vector<Content> found;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return read_contents(transaction,
                         "WHERE c.tenant_id = :tenant AND c.external_id = :external_id "
                         "ORDER BY c.id DESC LIMIT 1",
                         {actor.tenant_id, std::string(external_id)},
                         found);
  }));
  if (found.empty()) {
    return Error{ErrorKind::kNotFound, "content.not_found", "no content has this external id"};
  }
  return std::move(found.front());
}

Result<Ledger::Counts> Ledger::owed_counts() {
  Counts counts;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT COUNT(*), MIN(received_ms) FROM content WHERE verdict = 'owed' AND canary = 0",
        {},
        [&](const Row& row) -> Status {
          counts = {row.integer(0), row.integer(1)};
          return ok();
        });
  }));
  return counts;
}

Result<bool> Ledger::keeps_bytes(const Uuid& id) {
  bool keeps = false;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query("SELECT spooled FROM content WHERE id = :id",
                             {to_string(id)},
                             [&](const Row& row) -> Status {
                               keeps = row.integer(0) != 0;
                               return ok();
                             });
  }));
  return keeps;
}

Result<std::vector<Kept>> Ledger::to_keep(std::string_view after, std::int64_t limit) {
  std::vector<Kept> items;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT id, tenant_id, principal_id, size_bytes, media_type FROM content WHERE id IN "
        "(SELECT id FROM (SELECT id FROM content WHERE verdict = 'match' AND spooled = 1 AND "
        "canary = 0 AND id > :after_match ORDER BY id LIMIT :limit_match) m UNION SELECT id FROM "
        "(SELECT id FROM content WHERE door = 'intake' AND verdict <> 'owed' AND spooled = 1 AND "
        "id > :after_told ORDER BY id LIMIT :limit_told) t) ORDER BY id LIMIT :limit",
        {std::string(after), limit, std::string(after), limit, limit},
        [&](const Row& row) -> Status {
          TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(row.text(0)));
          items.push_back({id,
                           {row.text(1), row.text(2)},
                           static_cast<std::uint64_t>(row.integer(3)),
                           row.text(4)});
          return ok();
        });
  }));
  return items;
}

Status Ledger::release_bytes(const Kept& item, std::string_view why) {
  const UtcMs now_ms = clock_.now_ms();
  return database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY(
        transaction.execute("UPDATE content SET spooled = 0 WHERE id = :id", {to_string(item.id)}));
    TUTELA_TRY(add_event(transaction, item.actor, item.id, "bytes", why, now_ms));
    return audit::add(
        transaction,
        item.actor,
        now_ms,
        {"content.bytes", "content:" + to_string(item.id), "evidence", std::string(why)});
  });
}

Status Ledger::for_each_indexed(const store::Actor& actor,
                                std::int64_t limit,
                                const std::function<Status(const Indexed&)>& on_item) {
  // Pages of whole contents, so that no snapshot stays open while the caller searches.
  std::string before = "~";  // sorts after every id
  while (limit > 0) {
    std::vector<Content> page;
    TUTELA_TRY(database_.read([&](Transaction& transaction) {
      return read_contents(transaction,
                           "WHERE c.tenant_id = :tenant AND c.verdict <> 'owed' AND c.canary = 0 "
                           "AND c.id < :before ORDER BY c.id DESC LIMIT :limit",
                           {actor.tenant_id, before, std::min<std::int64_t>(limit, 500)},
                           page);
    }));
    if (page.empty()) {
      return ok();
    }
    for (Content& content : page) {
      Indexed indexed{content.arrival.digests, {}};
      if (content.outcome.inspection) {
        indexed.frames = std::move(content.outcome.inspection->frames);
      }
      TUTELA_TRY(on_item(indexed));
    }
    before = to_string(page.back().arrival.id);
    limit -= static_cast<std::int64_t>(page.size());
  }
  return ok();
}

}  // namespace tutela::ledger
