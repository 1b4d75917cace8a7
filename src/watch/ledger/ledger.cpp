#include "watch/ledger/ledger.hpp"

#include <algorithm>

#include "base/fault.hpp"
#include "watch/ledger/rows.hpp"

namespace tutela::ledger {
namespace {

using store::Row;
using store::Transaction;
using store::Value;

Status add_event(Transaction& transaction,
                 const store::Actor& actor,
                 const Uuid& id,
                 std::string_view event,
                 std::string_view detail,
                 UtcMs at_ms) {
  TUTELA_TRY(transaction.execute(
      "INSERT INTO ledger (tenant_id, principal_id, content_id, event, detail, at_ms) "
      "VALUES (:tenant, :principal, :content, :event, :detail, :at)",
      {actor.tenant_id,
       actor.principal_id,
       to_string(id),
       std::string(event),
       std::string(detail),
       at_ms}));
  return ok();
}

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
                   const std::string& instance_id) {
  TUTELA_TRY(transaction.execute(
      "INSERT INTO content (id, tenant_id, principal_id, door, source, external_id, size_bytes, "
      "md5, sha1, sha256, received_ms, instance_id, attempts, verdict, spooled) VALUES "
      "(:id, :tenant, :principal, :door, :source, :external_id, :size, :md5, :sha1, :sha256, "
      ":received, :instance, 1, 'owed', 1)",
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
       instance_id}));
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

/// Gives the verdict to an item that is still owed, and to no other.
Status update_verdict(Transaction& transaction,
                      const store::Actor& actor,
                      const Uuid& id,
                      const Outcome& outcome,
                      UtcMs now_ms) {
  const bool inspected = outcome.inspection.has_value();
  const media::DecodeReport report = inspected ? outcome.inspection->report : media::DecodeReport{};
  const auto when_inspected = [&](std::int64_t value) {
    return inspected ? Value{value} : Value{};
  };
  const policy::Decision& decision = outcome.decision;
  TUTELA_TRY_ASSIGN(
      const std::int64_t changed,
      transaction.execute(
          "UPDATE content SET verdict = :verdict, reason = :reason, decided_ms = :now, "
          "media_type = :type, width = :width, height = :height, frames_total = :frames, "
          "decoder = :decoder, damaged = :damaged, partial = :partial, quality_low = :quality_low, "
          "action = :action, rule = :rule, labels = :labels, decision_reason = :because, "
          "policy_version = :policy, dry_run = :dry_run, spooled = :spooled "
          "WHERE id = :id AND tenant_id = :tenant AND verdict = 'owed'",
          {std::string(policy::to_string(outcome.verdict)),
           outcome.reason,
           now_ms,
           inspected ? Value{std::string(media::mime_type(report.type))} : Value{},
           when_inspected(report.width),
           when_inspected(report.height),
           when_inspected(report.frames_total),
           inspected ? Value{report.decoder} : Value{},
           when_inspected(report.damaged),
           when_inspected(report.partial),
           std::int64_t{outcome.quality_low},
           std::string(policy::to_string(decision.action)),
           decision.rule,
           join_lines(decision.labels),
           decision.reason,
           decision.policy_version,
           join_lines(decision.dry_run),
           std::int64_t{outcome.keep_bytes},
           to_string(id),
           actor.tenant_id}));
  if (changed != 1) {
    return Error{ErrorKind::kConflict,
                 "ledger.already_decided",
                 "this item has its verdict already, or does not exist"};
  }
  return ok();
}

Status insert_frames(Transaction& transaction,
                     const store::Actor& actor,
                     const Uuid& id,
                     const inspect::Inspection& inspection) {
  for (const inspect::FrameFingerprint& frame : inspection.frames) {
    TUTELA_TRY(transaction.execute(
        "INSERT INTO content_frame (content_id, tenant_id, principal_id, frame, quality, pdq) "
        "VALUES (:content, :tenant, :principal, :frame, :quality, :pdq)",
        {to_string(id),
         actor.tenant_id,
         actor.principal_id,
         std::int64_t{frame.frame},
         std::int64_t{frame.pdq.quality},
         hashes_to_text(frame.pdq)}));
  }
  return ok();
}

Status insert_matches(Transaction& transaction,
                      const store::Actor& actor,
                      const Uuid& id,
                      const std::vector<MatchRow>& matches,
                      UtcMs now_ms) {
  for (const MatchRow& match : matches) {
    TUTELA_TRY(transaction.execute(
        "INSERT INTO content_match (id, content_id, tenant_id, principal_id, list_id, "
        "list_version, signal_id, kind, distance, orientation, frame, strength, at_ms) VALUES "
        "(:id, :content, :tenant, :principal, :list, :version, :signal, :kind, :distance, "
        ":orientation, :frame, :strength, :at)",
        {to_string(match.id),
         to_string(id),
         actor.tenant_id,
         actor.principal_id,
         to_string(match.list_id),
         match.list_version,
         match.signal_id,
         std::string(match::to_string(match.kind)),
         std::int64_t{match.distance},
         std::string(fingerprint::to_string(match.orientation)),
         std::int64_t{match.frame},
         std::string(match.strength == policy::Strength::kExact ? "exact" : "near"),
         now_ms}));
  }
  return ok();
}

/// Everything that a verdict changes, in the caller's unit of work.
Status write_verdict(Transaction& transaction,
                     const store::Actor& actor,
                     const Uuid& id,
                     const Outcome& outcome,
                     UtcMs now_ms) {
  const std::string verdict(policy::to_string(outcome.verdict));
  const std::string action(policy::to_string(outcome.decision.action));
  TUTELA_TRY(update_verdict(transaction, actor, id, outcome, now_ms));
  if (outcome.inspection) {
    TUTELA_TRY(insert_frames(transaction, actor, id, *outcome.inspection));
  }
  TUTELA_TRY(insert_matches(transaction, actor, id, outcome.matches, now_ms));
  TUTELA_FAULT_POINT("ledger.in_verdict");
  TUTELA_TRY(add_event(transaction, actor, id, "verdict", verdict, now_ms));
  const std::string object = "content:" + to_string(id);
  TUTELA_TRY(
      store::add_audit(transaction, actor, now_ms, {"content.verdict", object, "scan", verdict}));
  // All parts are ids and words of closed sets: nothing in them needs escaping.
  return store::add_outbox(transaction,
                           actor,
                           now_ms,
                           {"content.decided",
                            to_string(id),
                            1,
                            R"({"content_id":")" + to_string(id) + R"(","verdict":")" + verdict +
                                R"(","action":")" + action + R"("})"});
}

}  // namespace

Ledger::Ledger(store::Database& database, const Clock& clock, std::string instance_id)
    : database_(database), clock_(clock), instance_id_(std::move(instance_id)) {}

Result<Uuid> Ledger::add_owed(const store::Actor& actor, const Arrival& arrival) {
  Uuid id = arrival.id;
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    if (arrival.idempotency_key) {
      TUTELA_TRY_ASSIGN(const std::optional<Uuid> earlier,
                        earlier_content(transaction, actor, arrival));
      if (earlier) {
        id = *earlier;
        return ok();
      }
    }
    return insert_owed(transaction, actor, arrival, instance_id_);
  }));
  return id;
}

Status Ledger::decide(const store::Actor& actor, const Uuid& id, const Outcome& outcome) {
  const UtcMs now_ms = clock_.now_ms();
  return database_.write([&](Transaction& transaction) {
    return write_verdict(transaction, actor, id, outcome, now_ms);
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

Result<std::vector<OwedItem>> Ledger::owed(std::string_view after, std::int64_t limit) {
  std::vector<OwedItem> items;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT id, tenant_id, principal_id, attempts FROM content "
        "WHERE verdict = 'owed' AND instance_id = :own AND id > :after ORDER BY id LIMIT :limit",
        {instance_id_, std::string(after), limit},
        [&](const Row& row) -> Status {
          TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(row.text(0)));
          items.push_back(
              {id, {row.text(1), row.text(2)}, static_cast<std::uint32_t>(row.integer(3))});
          return ok();
        });
  }));
  return items;
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
                         "WHERE c.tenant_id = :tenant AND c.verdict = 'match' AND c.id > :after "
                         "ORDER BY c.id LIMIT :limit",
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
        "SELECT COUNT(*), MIN(received_ms) FROM content WHERE verdict = 'owed'",
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

Status Ledger::for_each_indexed(const store::Actor& actor,
                                std::int64_t limit,
                                const std::function<Status(const Indexed&)>& on_item) {
  // Pages of whole contents, so that no snapshot stays open while the caller searches.
  std::string before = "~";  // sorts after every id
  while (limit > 0) {
    std::vector<Content> page;
    TUTELA_TRY(database_.read([&](Transaction& transaction) {
      return read_contents(transaction,
                           "WHERE c.tenant_id = :tenant AND c.verdict <> 'owed' AND c.id < :before "
                           "ORDER BY c.id DESC LIMIT :limit",
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
