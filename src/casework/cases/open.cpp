// How findings open cases, and join them.
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

// A content that is in a case already.
struct Known {
  Uuid case_id;
  bool exact = false;
  std::string list_id;
  std::string classification;
};

struct Scene {
  Transaction& transaction;
  const store::Actor& actor;
  const Rules& rules;
  UtcMs now_ms;
  const Finding& finding;
};

Result<std::optional<Known>> find_known(const Scene& scene) {
  std::optional<Known> known;
  TUTELA_TRY(scene.transaction.query(
      "SELECT case_id, exact, list_id, classification FROM case_item WHERE content_id = :id AND "
      "tenant_id = :tenant",
      {to_string(scene.finding.content_id), scene.actor.tenant_id},
      [&](const Row& row) -> Status {
        Known item;
        TUTELA_TRY_ASSIGN(item.case_id, parse_uuid(row.text(0)));
        item.exact = row.integer(1) != 0;
        item.list_id = row.text(2);
        item.classification = row.text(3);
        known = std::move(item);
        return ok();
      }));
  return known;
}

// The row of a content: in no case before, or moved here with what is known now.
Status put_item(const Scene& scene, const Uuid& case_id) {
  const Finding& finding = scene.finding;
  const auto flag = [](bool value) {
    return std::int64_t{value ? 1 : 0};
  };
  TUTELA_TRY(scene.transaction.execute(
      "INSERT INTO case_item (content_id, tenant_id, principal_id, case_id, origin, exact, "
      "trusted, automation, list_id, classification, at_ms) VALUES (:content, :tenant, :principal, "
      ":case_id, :origin, :exact, :trusted, :automation, :list, :classification, :at) ON CONFLICT "
      "(content_id) DO UPDATE SET case_id = excluded.case_id, exact = excluded.exact, trusted = "
      "excluded.trusted, automation = excluded.automation, list_id = excluded.list_id, "
      "classification = excluded.classification",
      {to_string(finding.content_id),
       scene.actor.tenant_id,
       scene.actor.principal_id,
       to_string(case_id),
       std::string(to_string(finding.origin)),
       flag(finding.exact),
       flag(finding.exact && finding.trusted),
       flag(finding.exact && finding.automation),
       finding.list_id ? store::Value(to_string(*finding.list_id)) : store::Value(),
       finding.classification,
       scene.now_ms}));
  TUTELA_FAULT_POINT("cases.after_item");
  return insert_keys(scene.transaction, scene.actor, case_id, finding);
}

Status add_spread(const Scene& scene, Case& of) {
  TUTELA_TRY_ASSIGN(const std::int64_t spread,
                    spread_of(scene.transaction,
                              of.tenant_id,
                              scene.finding.content_id,
                              of.queue == Queue::kSelfReported));
  of.spread = std::max(of.spread, spread);
  return ok();
}

std::string detail_of_finding(const Finding& finding) {
  return detail_of({{"content", to_string(finding.content_id)},
                    {"origin", to_string(finding.origin)},
                    {"purpose", finding.list_purpose}});
}

Result<Uuid> open_case(const Scene& scene) {
  const Finding& finding = scene.finding;
  Case of;
  of.id = new_uuid(scene.now_ms);
  of.tenant_id = scene.actor.tenant_id;
  of.version = 1;
  of.queue = is_self_reported(finding) ? Queue::kSelfReported : Queue::kStandard;
  of.origin = finding.origin;
  of.account = finding.account;
  of.external_id = finding.external_id;
  of.opened_ms = scene.now_ms;
  of.first_look_due_ms = scene.now_ms + scene.rules.first_look_ms;
  of.decision_due_ms = scene.now_ms + scene.rules.decision_ms;
  of.items = 1;
  of.severity = severity_of(finding.classification);
  of.needs_view = !(finding.exact && finding.trusted);
  TUTELA_TRY(add_spread(scene, of));
  refresh_rank(of);
  TUTELA_TRY(insert_case(scene.transaction, scene.actor, of));
  TUTELA_FAULT_POINT("cases.after_case");
  TUTELA_TRY(put_item(scene, of.id));
  TUTELA_TRY(record_event(scene.transaction,
                          scene.actor,
                          of.id,
                          "opened",
                          "case.open",
                          detail_of_finding(finding),
                          scene.now_ms));
  TUTELA_TRY(link_others(scene.transaction, scene.actor, of, finding, scene.now_ms));
  return of.id;
}

Result<Uuid> join_case(const Scene& scene, const Uuid& id) {
  TUTELA_TRY_ASSIGN(Case of, read_case(scene.transaction, scene.actor.tenant_id, id));
  TUTELA_TRY(put_item(scene, of.id));
  TUTELA_TRY(add_spread(scene, of));
  TUTELA_TRY(refresh_standing(scene.transaction, of));
  TUTELA_TRY(update_case(scene.transaction, of, of.version));
  TUTELA_FAULT_POINT("cases.after_case");
  TUTELA_TRY(record_event(scene.transaction,
                          scene.actor,
                          of.id,
                          "joined",
                          "case.join",
                          detail_of_finding(scene.finding),
                          scene.now_ms));
  TUTELA_TRY(link_others(scene.transaction, scene.actor, of, scene.finding, scene.now_ms));
  return of.id;
}

// Whoever finds gives the strongest match there is now: a weaker one than before means that a list
// withdrew what the case rested on, and nobody may decide without a view because of that any more.
bool says_otherwise(const Finding& finding, const Known& known) {
  // What somebody reported is a finding without a match, too.
  const bool tells = finding.list_id || finding.origin == Origin::kUserReport;
  const std::string list_id = finding.list_id ? to_string(*finding.list_id) : std::string();
  return tells && (finding.exact != known.exact || list_id != known.list_id ||
                   finding.classification != known.classification);
}

// What is new about a content that somebody judged: another list, or the bytes themselves.
bool says_more(const Finding& finding, const Known& known) {
  if (!finding.list_id) {
    return false;
  }
  return (finding.exact && !known.exact) ||
         severity_of(finding.classification) > severity_of(known.classification) ||
         known.list_id.empty();
}

Result<bool> was_judged(const Scene& scene, const Uuid& case_id) {
  bool judged = false;
  TUTELA_TRY(scene.transaction.query("SELECT 1 FROM case_decision WHERE case_id = :id LIMIT 1",
                                     {to_string(case_id)},
                                     [&](const Row&) -> Status {
                                       judged = true;
                                       return ok();
                                     }));
  return judged;
}

Result<Uuid> place(const Scene& scene) {
  TUTELA_TRY_ASSIGN(const std::optional<Uuid> joinable,
                    find_joinable(scene.transaction, scene.actor, scene.rules, scene.finding));
  return joinable ? join_case(scene, *joinable) : open_case(scene);
}

// The content moves to a case that is open; the one that was cleared keeps what was said of it.
Result<Uuid> move_on(const Scene& scene, const Uuid& cleared) {
  TUTELA_TRY_ASSIGN(const Uuid id, place(scene));
  const std::string content = to_string(scene.finding.content_id);
  TUTELA_TRY(
      insert_link(scene.transaction, scene.actor, id, cleared, LinkKind::kRelated, scene.now_ms));
  TUTELA_TRY(record_event(scene.transaction,
                          scene.actor,
                          cleared,
                          "found_again",
                          "case.move",
                          detail_of({{"content", content}, {"case", to_string(id)}}),
                          scene.now_ms));
  return id;
}

Result<Uuid> find_again(const Scene& scene, const Known& known) {
  TUTELA_TRY_ASSIGN(const Case of,
                    read_case(scene.transaction, scene.actor.tenant_id, known.case_id));
  if (of.state == State::kOpen) {
    if (!says_otherwise(scene.finding, known)) {
      return of.id;
    }
    if (is_self_reported(scene.finding) == (of.queue == Queue::kSelfReported)) {
      return join_case(scene, of.id);
    }
    // What is known besides does not wait among the self-reported, nor the other way around.
    TUTELA_TRY(
        withdraw_finding(scene.transaction, scene.actor, scene.now_ms, scene.finding.content_id));
    return move_on(scene, of.id);
  }
  const bool more = says_more(scene.finding, known);
  if (of.outcome != Outcome::kCleared || is_undecided(of.state)) {
    return of.id;
  }
  // Cleared because the list withdrew it, and found again; or by people who did not know this.
  TUTELA_TRY_ASSIGN(const bool judged, was_judged(scene, of.id));
  return more || (!judged && scene.finding.list_id) ? move_on(scene, of.id) : of.id;
}

}  // namespace

Result<Uuid> add_finding(Transaction& transaction,
                         const store::Actor& actor,
                         const Rules& rules,
                         UtcMs now_ms,
                         const Finding& finding) {
  const Scene scene{transaction, actor, rules, now_ms, finding};
  TUTELA_TRY_ASSIGN(const std::optional<Known> known, find_known(scene));
  return known ? find_again(scene, *known) : place(scene);
}

Result<std::optional<Uuid>> case_of(Transaction& transaction,
                                    const std::string& tenant_id,
                                    const Uuid& content_id) {
  std::optional<Uuid> found;
  TUTELA_TRY(transaction.query(
      "SELECT case_id FROM case_item WHERE content_id = :id AND tenant_id = :tenant",
      {to_string(content_id), tenant_id},
      [&](const Row& row) -> Status {
        TUTELA_TRY_ASSIGN(found, parse_uuid(row.text(0)));
        return ok();
      }));
  return found;
}

}  // namespace tutela::cases
