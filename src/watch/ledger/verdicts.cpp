// Verdicts: the one that an item gets when it is scanned, and the later ones when lists change.
#include <algorithm>
#include <set>

#include "base/fault.hpp"
#include "custody/audit/entry.hpp"
#include "watch/ledger/counts.hpp"
#include "watch/ledger/ledger.hpp"
#include "watch/ledger/rows.hpp"

namespace tutela::ledger {
namespace {

using store::Row;
using store::Transaction;
using store::Value;

/// The event of an item's first verdict; those of later ones are their causes.
constexpr std::string_view kFirstVerdict = "verdict";

/// The state that an item must be in to get a verdict.
struct Expected {
  bool owed = true;
  std::int64_t revision = 0;
};

Error already_decided() {
  return {ErrorKind::kConflict,
          "ledger.already_decided",
          "this item has its verdict already, or does not exist"};
}

Status update_verdict(Transaction& transaction,
                      const store::Actor& actor,
                      const Uuid& id,
                      const Outcome& outcome,
                      const Expected& expected,
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
          "policy_version = :policy, dry_run = :dry_run, spooled = :spooled, "
          "lists_position = :lists_position, canary = :canary, revision = revision + 1 "
          "WHERE id = :id AND tenant_id = :tenant AND revision = :revision "
          "AND CASE verdict WHEN 'owed' THEN 1 ELSE 0 END = :owed",
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
           outcome.lists_position,
           std::int64_t{outcome.canary},
           to_string(id),
           actor.tenant_id,
           expected.revision,
           std::int64_t{expected.owed}}));
  if (changed != 1) {
    return already_decided();
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

/// What others learn of a verdict: event, audit row and message.
Status tell(Transaction& transaction,
            const store::Actor& actor,
            const Uuid& id,
            const Outcome& outcome,
            std::string_view cause,
            UtcMs now_ms) {
  const std::string verdict(policy::to_string(outcome.verdict));
  const std::string action(policy::to_string(outcome.decision.action));
  const bool first = cause == kFirstVerdict;
  TUTELA_TRY(add_event(transaction, actor, id, cause, verdict + " " + action, now_ms));
  const std::string purpose(first ? "scan" : cause);
  TUTELA_TRY(audit::add(transaction,
                        actor,
                        now_ms,
                        {"content.verdict", "content:" + to_string(id), purpose, verdict}));
  // All parts are ids and words of closed sets: nothing in them needs escaping.
  return store::add_outbox(transaction,
                           actor,
                           now_ms,
                           {"content.decided",
                            to_string(id),
                            1,
                            R"({"content_id":")" + to_string(id) + R"(","verdict":")" + verdict +
                                R"(","action":")" + action + R"(","cause":")" + purpose + R"("})"});
}

/// Of a canary: whoever watches for it learns of it, and nobody else.
Status tell_canary(Transaction& transaction,
                   const store::Actor& actor,
                   const Uuid& id,
                   const Outcome& outcome,
                   UtcMs now_ms) {
  const std::string verdict(policy::to_string(outcome.verdict));
  TUTELA_TRY(add_event(transaction, actor, id, "canary", verdict, now_ms));
  return store::add_outbox(
      transaction,
      actor,
      now_ms,
      {"canary.decided", to_string(id), 1, R"({"content_id":")" + to_string(id) + R"("})"});
}

/// The item with what is said of it now.
Item judged(Item item, const Outcome& outcome) {
  item.verdict = policy::to_string(outcome.verdict);
  item.reason = outcome.reason;
  item.media_type =
      outcome.inspection ? media::mime_type(outcome.inspection->report.type) : std::string_view();
  item.lists_position = outcome.lists_position;
  std::set<std::string> lists;
  for (const MatchRow& match : outcome.matches) {
    lists.insert(to_string(match.list_id));
  }
  item.lists.assign(lists.begin(), lists.end());
  return item;
}

Result<Item> item_to_judge(Transaction& transaction,
                           const store::Actor& actor,
                           const Uuid& id,
                           const Outcome& outcome) {
  Result<Item> item = read_item(transaction, actor.tenant_id, id);
  if (!item && item.error().kind == ErrorKind::kNotFound) {
    return already_decided();
  }
  if (item && outcome.canary && !item->canary) {
    return Error{ErrorKind::kInternal,
                 "ledger.not_a_canary",
                 "this item is no canary's: its verdict would reach nobody"};
  }
  return item;
}

}  // namespace

Status Ledger::decide(const store::Actor& actor,
                      const Uuid& id,
                      const Outcome& outcome,
                      const InSameUnit& in_same_unit) {
  const UtcMs now_ms = clock_.now_ms();
  return database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(Item item, item_to_judge(transaction, actor, id, outcome));
    TUTELA_TRY(update_verdict(transaction, actor, id, outcome, {}, now_ms));
    if (outcome.inspection) {
      TUTELA_TRY(insert_frames(transaction, actor, id, *outcome.inspection));
    }
    TUTELA_TRY(insert_matches(transaction, actor, id, outcome.matches, now_ms));
    TUTELA_FAULT_POINT("ledger.in_verdict");
    if (outcome.canary) {
      TUTELA_TRY(tell_canary(transaction, actor, id, outcome, now_ms));
    } else {
      if (item.canary) {
        TUTELA_TRY(count_arrival(transaction, item));  // an ordinary item from now on
      }
      item.took_ms = std::max<std::int64_t>(0, now_ms - item.received_ms);
      TUTELA_TRY(count_verdict(transaction, judged(std::move(item), outcome)));
      TUTELA_FAULT_POINT("ledger.after_counts");
      TUTELA_TRY(tell(transaction, actor, id, outcome, kFirstVerdict, now_ms));
    }
    return in_same_unit ? in_same_unit(transaction) : ok();
  });
}

Status Ledger::redecide(const Content& before,
                        const Outcome& outcome,
                        std::string_view cause,
                        const InSameUnit& in_same_unit) {
  const UtcMs now_ms = clock_.now_ms();
  const store::Actor actor{before.tenant_id, "system"};
  const Uuid& id = before.arrival.id;
  return database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const Item item, item_to_judge(transaction, actor, id, outcome));
    TUTELA_TRY(update_verdict(transaction, actor, id, outcome, {false, before.revision}, now_ms));
    TUTELA_TRY(
        transaction.execute("DELETE FROM content_match WHERE content_id = :id", {to_string(id)}));
    TUTELA_TRY(insert_matches(transaction, actor, id, outcome.matches, now_ms));
    TUTELA_FAULT_POINT("ledger.in_new_verdict");
    if (item.canary) {
      TUTELA_TRY(count_arrival(transaction, item));
    } else {
      TUTELA_TRY(uncount_verdict(transaction, item));
    }
    TUTELA_TRY(count_verdict(transaction, judged(item, outcome)));
    TUTELA_TRY(tell(transaction, actor, id, outcome, cause, now_ms));
    return in_same_unit ? in_same_unit(transaction) : ok();
  });
}

Result<std::vector<Verdicted>> Ledger::verdicts_after(std::int64_t position, std::int64_t limit) {
  std::vector<Verdicted> found;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT id, content_id FROM ledger WHERE id > :position AND event = 'verdict' "
        "ORDER BY id LIMIT :limit",
        {position, limit},
        [&](const Row& row) -> Status {
          TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(row.text(1)));
          found.push_back({row.integer(0), id});
          return ok();
        });
  }));
  return found;
}

Result<std::vector<bool>> Ledger::has(std::span<const Uuid> ids) {
  constexpr std::size_t kAtOnce = 500;
  std::set<std::string> there;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    there.clear();
    for (std::size_t begin = 0; begin < ids.size(); begin += kAtOnce) {
      std::string sql = "SELECT id FROM content WHERE id IN (";
      std::vector<store::Value> values;
      for (const Uuid& id : ids.subspan(begin, std::min(kAtOnce, ids.size() - begin))) {
        sql += (values.empty() ? ":i" : ", :i") + std::to_string(values.size());
        values.emplace_back(to_string(id));
      }
      TUTELA_TRY(transaction.query(sql + ")", values, [&](const Row& row) {
        there.insert(row.text(0));
        return ok();
      }));
    }
    return ok();
  }));
  std::vector<bool> found;
  for (const Uuid& id : ids) {
    found.push_back(there.contains(to_string(id)));
  }
  return found;
}

Result<std::vector<Content>> Ledger::contents(std::span<const Uuid> ids) {
  std::vector<Content> found;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    for (const Uuid& id : ids) {
      std::vector<Content> one;
      TUTELA_TRY(read_contents(transaction, "WHERE c.id = :id", {to_string(id)}, one));
      for (Content& content : one) {
        found.push_back(std::move(content));
      }
    }
    return ok();
  }));
  return found;
}

Result<std::vector<Uuid>> Ledger::resting_on_signal(std::int64_t signal_id) {
  return content_ids("WHERE m.signal_id = :signal", {signal_id});
}

Result<std::vector<Uuid>> Ledger::resting_on_list(const Uuid& list_id) {
  return content_ids("WHERE m.list_id = :list", {to_string(list_id)});
}

Result<std::vector<Uuid>> Ledger::content_ids(std::string_view where,
                                              const std::vector<Value>& values) {
  std::vector<Uuid> ids;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT DISTINCT m.content_id FROM content_match m "
        "JOIN content c ON c.id = m.content_id AND c.canary = 0 " +
            std::string(where) + " ORDER BY m.content_id",
        values,
        [&](const Row& row) -> Status {
          TUTELA_TRY_ASSIGN(const Uuid id, parse_uuid(row.text(0)));
          ids.push_back(id);
          return ok();
        });
  }));
  return ids;
}

}  // namespace tutela::ledger
