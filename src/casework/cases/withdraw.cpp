// What changes about contents that are in cases: a match goes, a near-duplicate comes.
#include <algorithm>
#include <optional>

#include "base/fault.hpp"
#include "casework/cases/cases.hpp"
#include "casework/cases/joining.hpp"
#include "casework/cases/rows.hpp"

namespace tutela::cases {

using store::Row;
using store::Transaction;

namespace {

Result<Origin> origin_of(Transaction& transaction, const Uuid& content_id) {
  Origin origin = Origin::kMatch;
  TUTELA_TRY(transaction.query("SELECT origin FROM case_item WHERE content_id = :id",
                               {to_string(content_id)},
                               [&](const Row& row) -> Status {
                                 TUTELA_TRY_ASSIGN(origin, parse_origin(row.text(0)));
                                 return ok();
                               }));
  return origin;
}

// Nobody decided and nothing is left to decide. The last content stays in the row of the case, so
// that one sees what it was; found again, it moves on.
void close_empty(Case& of, UtcMs now_ms) {
  of.state = State::kClosed;
  of.outcome = Outcome::kCleared;
  of.closed_ms = now_ms;
  of.lock_by.reset();
  of.lock_until_ms.reset();
}

// What is left of a case without the match of one of its contents.
Status take_match(Transaction& transaction, Case& of, const Uuid& content_id, UtcMs now_ms) {
  TUTELA_TRY_ASSIGN(const Origin origin, origin_of(transaction, content_id));
  if (origin == Origin::kUserReport) {
    // Somebody reported it, match or not.
    TUTELA_TRY(transaction.execute(
        "UPDATE case_item SET exact = 0, trusted = 0, automation = 0, list_id = NULL, "
        "classification = '' WHERE content_id = :id",
        {to_string(content_id)}));
    return refresh_standing(transaction, of);
  }
  if (of.items <= 1 && of.reports == 0) {
    close_empty(of, now_ms);
    TUTELA_TRY(
        transaction.execute("DELETE FROM case_draft WHERE case_id = :id", {to_string(of.id)}));
    return ok();
  }
  TUTELA_TRY(
      transaction.execute("DELETE FROM case_item WHERE content_id = :id", {to_string(content_id)}));
  return refresh_standing(transaction, of);
}

Status grow_spread(Transaction& transaction, Case& of, const Uuid& content_id) {
  TUTELA_TRY_ASSIGN(
      const std::int64_t spread,
      spread_of(transaction, of.tenant_id, content_id, of.queue == Queue::kSelfReported));
  of.spread = std::max(of.spread, spread);
  refresh_rank(of);
  return ok();
}

// Of one of two near-duplicates.
Status note_duplicate(Transaction& transaction,
                      const store::Actor& actor,
                      UtcMs now_ms,
                      Case& of,
                      const Uuid& content_id,
                      const std::optional<Uuid>& linked_to,
                      LinkKind kind) {
  const std::int64_t before = of.spread;
  TUTELA_TRY(grow_spread(transaction, of, content_id));
  if (of.spread == before && !linked_to) {
    return ok();
  }
  TUTELA_TRY(update_case(transaction, of, of.version));
  TUTELA_FAULT_POINT("cases.after_spread");
  const std::string content = to_string(content_id);
  return linked_to ? record_event(transaction,
                                  actor,
                                  of.id,
                                  "linked",
                                  "case.link",
                                  detail_of({{"content", content},
                                             {"case", to_string(*linked_to)},
                                             {"link", to_string(kind)}}),
                                  now_ms)
                   : record_event(transaction,
                                  actor,
                                  of.id,
                                  "spread",
                                  "case.spread",
                                  detail_of({{"content", content}}),
                                  now_ms);
}

Result<std::optional<Case>> undecided_case_of(Transaction& transaction,
                                              const std::string& tenant_id,
                                              const Uuid& content_id) {
  std::optional<Case> found;
  TUTELA_TRY_ASSIGN(const std::optional<Uuid> id, case_of(transaction, tenant_id, content_id));
  if (id) {
    TUTELA_TRY_ASSIGN(found, read_case(transaction, tenant_id, *id));
    if (!is_undecided(found->state)) {
      found.reset();
    }
  }
  return found;
}

}  // namespace

Status withdraw_finding(Transaction& transaction,
                        const store::Actor& actor,
                        UtcMs now_ms,
                        const Uuid& content_id) {
  TUTELA_TRY_ASSIGN(std::optional<Case> of,
                    undecided_case_of(transaction, actor.tenant_id, content_id));
  if (!of) {
    return ok();
  }
  // Where somebody has decided already, people see it in the events and judge by themselves.
  if (of->state == State::kOpen && of->queue != Queue::kLegal) {
    TUTELA_TRY(take_match(transaction, *of, content_id, now_ms));
  }
  TUTELA_FAULT_POINT("cases.after_item");
  TUTELA_TRY(update_case(transaction, *of, of->version));
  TUTELA_TRY(record_event(transaction,
                          actor,
                          of->id,
                          "withdrawn",
                          "case.withdraw",
                          detail_of({{"content", to_string(content_id)}}),
                          now_ms));
  return of->state == State::kClosed
             ? record_event(transaction, actor, of->id, "closed", "case.close", "{}", now_ms)
             : ok();
}

Status add_near_duplicates(Transaction& transaction,
                           const store::Actor& actor,
                           UtcMs now_ms,
                           const Uuid& content_id,
                           const Uuid& other_id) {
  TUTELA_TRY_ASSIGN(std::optional<Case> one,
                    undecided_case_of(transaction, actor.tenant_id, content_id));
  TUTELA_TRY_ASSIGN(std::optional<Case> other,
                    undecided_case_of(transaction, actor.tenant_id, other_id));
  LinkKind kind = LinkKind::kNearDuplicate;
  bool linked = false;
  if (one && other && one->id != other->id) {
    const bool one_family =
        (one->queue == Queue::kSelfReported) == (other->queue == Queue::kSelfReported);
    kind = one_family ? LinkKind::kNearDuplicate : LinkKind::kRelated;
    TUTELA_TRY_ASSIGN(linked, insert_link(transaction, actor, one->id, other->id, kind, now_ms));
    TUTELA_FAULT_POINT("cases.after_link");
  }
  if (one) {
    TUTELA_TRY(note_duplicate(transaction,
                              actor,
                              now_ms,
                              *one,
                              content_id,
                              linked ? std::optional(other->id) : std::nullopt,
                              kind));
  }
  if (other && (!one || one->id != other->id)) {
    TUTELA_TRY(note_duplicate(transaction,
                              actor,
                              now_ms,
                              *other,
                              other_id,
                              linked ? std::optional(one->id) : std::nullopt,
                              kind));
  }
  return ok();
}

}  // namespace tutela::cases
