#include "service/pipeline/findings.hpp"

#include <tuple>

#include "base/fault.hpp"
#include "watch/canaries/canaries.hpp"
#include "watch/groups/groups.hpp"

namespace tutela::pipeline {
namespace {

using lists::Purpose;
using policy::Action;
using policy::Verdict;

/// The heavier first. Self-reported signals come late: their queue is one of its own, and what is
/// known besides must not wait there (safeguards.md 3). What only looks like a canary comes last.
int weight_of(Purpose purpose) {
  switch (purpose) {
    case Purpose::kKnownCsam:
      return 2;
    case Purpose::kTest:
      return 1;
    case Purpose::kSelfReported:
      break;
    case Purpose::kCanary:
      return -1;
  }
  return 0;
}

auto rank_of(const lists::List& list, const ledger::MatchRow& match) {
  return std::tuple(weight_of(list.spec.purpose),
                    match.strength == policy::Strength::kExact,
                    cases::severity_of(list.spec.classification),
                    -match.distance);
}

cases::Finding finding_of_match(const lists::List& list, const ledger::MatchRow& match) {
  cases::Finding finding;
  finding.origin = cases::Origin::kMatch;
  finding.signal_id = match.signal_id;
  finding.list_id = list.id;
  finding.classification = list.spec.classification;
  finding.list_purpose = std::string(lists::to_string(list.spec.purpose));
  finding.exact = match.strength == policy::Strength::kExact;
  // safeguards.md 1 and 2: automation is the list's own, and for exact matches alone.
  const bool vetted =
      list.spec.purpose == Purpose::kKnownCsam || list.spec.purpose == Purpose::kTest;
  finding.trusted = finding.exact && vetted && list.state == lists::State::kActive;
  finding.automation = finding.trusted && list.spec.automation;
  return finding;
}

/// What policy wants a person to look at although nothing matched.
bool asks_for_case(const ledger::Outcome& outcome) {
  const Action action = outcome.decision.action;
  return action == Action::kCase || action == Action::kQuarantine ||
         (action == Action::kHold && outcome.verdict == Verdict::kUnscannable);
}

/// What somebody sent us is looked at by a person, whatever a list says: the answer that they get
/// must not come sooner because one knows it.
cases::Finding reported(const Uuid& content_id, std::optional<cases::Finding> found) {
  cases::Finding finding = std::move(found).value_or(cases::Finding());
  finding.content_id = content_id;
  finding.origin = cases::Origin::kUserReport;
  finding.automation = false;
  return finding;
}

}  // namespace

std::optional<cases::Finding> finding_of(const Snapshot& snapshot,
                                         const Uuid& content_id,
                                         const ledger::Outcome& outcome) {
  const lists::List* best_list = nullptr;
  const ledger::MatchRow* best = nullptr;
  for (const ledger::MatchRow& match : outcome.matches) {
    const auto list = snapshot.lists.find(match.list_id);
    if (list == snapshot.lists.end()) {
      continue;
    }
    if (best == nullptr || rank_of(*best_list, *best) < rank_of(list->second, match)) {
      best_list = &list->second;
      best = &match;
    }
  }
  std::optional<cases::Finding> finding;
  if (best != nullptr) {
    finding = finding_of_match(*best_list, *best);
  } else if (outcome.matches.empty() && asks_for_case(outcome)) {
    finding.emplace().origin = cases::Origin::kHeld;
  }
  if (finding) {
    finding->content_id = content_id;
  }
  return finding;
}

Status tell_cases(store::Transaction& transaction,
                  const store::Actor& actor,
                  const cases::Rules& rules,
                  const Snapshot& snapshot,
                  const Uuid& content_id,
                  const ledger::Outcome& outcome,
                  std::string_view cause,
                  UtcMs now_ms) {
  if (outcome.canary) {
    return canaries::note_verdict(
        transaction, content_id, policy::to_string(outcome.verdict), now_ms);
  }
  std::optional<cases::Finding> finding = finding_of(snapshot, content_id, outcome);
  TUTELA_TRY_ASSIGN(ledger::Provenance known, ledger::provenance_of(transaction, content_id));
  if (known.door == ledger::kIntakeDoor) {
    finding = reported(content_id, std::move(finding));
  }
  if (!finding) {
    return cause == kScanned ? ok()
                             : cases::withdraw_finding(transaction, actor, now_ms, content_id);
  }
  if (finding->origin == cases::Origin::kMatch && cause == "list_grew") {
    finding->origin = cases::Origin::kListGrew;
  }
  finding->account = std::move(known.account);
  finding->external_id = std::move(known.external_id);
  finding->sha256 = std::move(known.sha256);
  TUTELA_TRY(cases::add_finding(transaction, actor, rules, now_ms, *finding));
  TUTELA_FAULT_POINT("pipeline.in_case");
  return link_near(transaction, actor, now_ms, content_id);
}

Status link_near(store::Transaction& transaction,
                 const store::Actor& actor,
                 UtcMs now_ms,
                 const Uuid& content_id) {
  TUTELA_TRY_ASSIGN(const auto own, cases::case_of(transaction, actor.tenant_id, content_id));
  if (!own) {
    return ok();
  }
  TUTELA_TRY_ASSIGN(const std::vector<Uuid> near, groups::Groups::near(transaction, content_id));
  for (const Uuid& other : near) {
    TUTELA_TRY_ASSIGN(const auto theirs, cases::case_of(transaction, actor.tenant_id, other));
    if (theirs && *theirs != *own) {
      TUTELA_TRY(cases::add_near_duplicates(transaction, actor, now_ms, content_id, other));
    }
  }
  return ok();
}

}  // namespace tutela::pipeline
