// The same verdict for many cases, each by itself.
#include <algorithm>

#include "base/fault.hpp"
#include "casework/cases/decisions.hpp"
#include "casework/cases/judging.hpp"
#include "casework/cases/rows.hpp"

namespace tutela::cases {
namespace {

using Many = std::vector<std::pair<Uuid, Command>>;

Status check_count(const Many& cases) {
  if (cases.size() > kManyMax) {
    return Error{
        ErrorKind::kLimitExceeded, "case.too_many", "at most 500 cases are decided at once"};
  }
  return ok();
}

Status check_free(const Case& of, const Person& person, UtcMs now_ms) {
  if (is_locked(of, now_ms) && of.lock_by != person.actor.principal_id) {
    return Error{ErrorKind::kConflict, "case.locked", "somebody else works on this case"};
  }
  // Without a lock nobody has looked into what two people saw differently.
  if (of.state == State::kDisagreement || of.queue == Queue::kLegal) {
    return Error{ErrorKind::kForbidden, "case.role", "this case is decided by itself"};
  }
  return ok();
}

Result<bool> is_near(store::Transaction& transaction, const Uuid& one, const Uuid& other) {
  bool found = false;
  TUTELA_TRY(transaction.query(
      "SELECT 1 FROM case_link WHERE case_id = :case_id AND other_id = :other_id AND kind = "
      "'near_duplicate'",
      {to_string(one), to_string(other)},
      [&](const store::Row&) {
        found = true;
        return ok();
      }));
  return found;
}

/// What this person said last of a case, while it is new.
Result<Verdict> just_given(store::Transaction& transaction, const Person& person, const Uuid& id) {
  TUTELA_TRY_ASSIGN(const Case of, read_visible(transaction, person, id));
  TUTELA_TRY_ASSIGN(const std::vector<Decision> all, decisions_of(transaction, id));
  const std::vector<Decision> given = live(all);
  const bool fresh = of.state == State::kDecided || of.state == State::kSecondLook;
  if (!fresh || given.empty() || given.back().principal_id != person.actor.principal_id ||
      of.queue == Queue::kLegal) {
    return Error{ErrorKind::kConflict,
                 "case.changed",
                 "near-duplicates follow a case that you just decided"};
  }
  Verdict verdict = given.back().verdict;
  verdict.items.clear();  // of that case alone
  verdict.accounts.clear();
  return verdict;
}

using Decide = std::function<Result<Case>(const Uuid&, const Command&)>;

std::vector<BulkResult> each(const Many& cases, const Decide& decide) {
  std::vector<BulkResult> results;
  for (const auto& [id, command] : cases) {
    const Result<Case> decided = decide(id, command);
    results.push_back({id, decided ? "" : std::string(decided.error().code)});
  }
  return results;
}

}  // namespace

Result<std::vector<BulkResult>> Decisions::decide_many(const Person& person,
                                                       const Many& cases,
                                                       const Verdict& verdict) {
  TUTELA_TRY(check_count(cases));
  TUTELA_TRY(check_verdict(verdict));
  return each(cases, [&](const Uuid& id, const Command& command) -> Result<Case> {
    TUTELA_TRY_ASSIGN(
        const Case decided,
        run_command(
            database_,
            clock_,
            person,
            id,
            command,
            "decide_many " + digest_of(words_of(verdict)),
            [&](store::Transaction& transaction, Case& of, UtcMs now_ms) -> Status {
              TUTELA_TRY_ASSIGN(Scene scene, read_scene(transaction, of));
              TUTELA_TRY(check_person(transaction, rules_, person, of, scene));
              TUTELA_TRY(check_free(of, person, now_ms));
              if (of.needs_view) {
                return Error{ErrorKind::kForbidden,
                             "case.needs_view",
                             "this case holds more than exact matches on trusted lists: "
                             "decide it by itself"};
              }
              TUTELA_TRY(check_verdict_of(of, scene, verdict));
              return give(
                  transaction, person.actor, rules_, now_ms, of, scene, verdict, Basis::kBulk, 0);
            }));
    TUTELA_FAULT_POINT("cases.after_one_of_many");
    return decided;
  });
}

Result<std::vector<BulkResult>> Decisions::decide_group(const Person& person,
                                                        const Uuid& id,
                                                        const Many& cases) {
  TUTELA_TRY(check_count(cases));
  Verdict verdict;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(verdict, just_given(transaction, person, id));
    return ok();
  }));
  return each(cases, [&](const Uuid& other, const Command& command) -> Result<Case> {
    TUTELA_TRY_ASSIGN(
        const Case decided,
        run_command(database_,
                    clock_,
                    person,
                    other,
                    command,
                    "decide_group " + to_string(id) + " " + digest_of(words_of(verdict)),
                    [&](store::Transaction& transaction, Case& of, UtcMs now_ms) -> Status {
                      // The decision that it follows may have been undone since.
                      TUTELA_TRY_ASSIGN(const Verdict now, just_given(transaction, person, id));
                      TUTELA_TRY_ASSIGN(const bool near, is_near(transaction, id, of.id));
                      if (!near || words_of(now) != words_of(verdict)) {
                        return Error{ErrorKind::kConflict,
                                     "case.not_near",
                                     "this case is no near-duplicate of the one that you decided"};
                      }
                      TUTELA_TRY_ASSIGN(Scene scene, read_scene(transaction, of));
                      TUTELA_TRY(check_person(transaction, rules_, person, of, scene));
                      TUTELA_TRY(check_free(of, person, now_ms));
                      TUTELA_TRY(check_verdict_of(of, scene, verdict));
                      TUTELA_TRY_ASSIGN(
                          const std::int64_t views,
                          views_of(transaction, person.actor.principal_id, scene.subject));
                      return give(transaction,
                                  person.actor,
                                  rules_,
                                  now_ms,
                                  of,
                                  scene,
                                  verdict,
                                  Basis::kGroup,
                                  views);
                    }));
    TUTELA_FAULT_POINT("cases.after_one_of_group");
    return decided;
  });
}

}  // namespace tutela::cases
