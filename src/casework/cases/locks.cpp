// Locks: who works on which case. Taking one is one unit of work, so that two never get the same.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/fault.hpp"
#include "casework/cases/cases.hpp"
#include "casework/cases/decision_rows.hpp"
#include "casework/cases/rows.hpp"

namespace tutela::cases {

using store::Row;
using store::Transaction;
using store::Value;

namespace {

Status check_workable(Transaction& transaction,
                      const Rules& rules,
                      const Person& person,
                      const Case& of) {
  if (!is_undecided(of.state)) {
    return Error{ErrorKind::kConflict, "case.decided", "the case is decided; nobody works on it"};
  }
  if (of.queue == Queue::kLegal && !person.is_legal) {
    return Error{ErrorKind::kForbidden, "case.role", "this case is a legal officer's"};
  }
  if (of.state == State::kDisagreement && !person.is_lead) {
    return Error{ErrorKind::kForbidden, "case.role", "a lead resolves this disagreement"};
  }
  if (of.state != State::kOpen && !rules.solo) {
    TUTELA_TRY_ASSIGN(const bool own, has_decided(transaction, person.actor.principal_id, of.id));
    if (own) {
      return Error{ErrorKind::kForbidden, "case.own", "you decided it; another person looks again"};
    }
  }
  if (!rules.solo) {
    TUTELA_TRY_ASSIGN(const bool known,
                      knows_sample(transaction, person.actor.principal_id, of.id));
    if (known) {
      return Error{ErrorKind::kForbidden, "case.own", "another person decides this case"};
    }
  }
  return ok();
}

Error locked_by_another(const Case& of) {
  return {
      ErrorKind::kConflict,
      "case.locked",
      of.lock_by.value_or("") + " works on it until " + to_rfc3339(of.lock_until_ms.value_or(0))};
}

Status claim(
    Transaction& transaction, const Rules& rules, const Person& person, Case& of, UtcMs now_ms) {
  const bool taken_away = is_locked(of, now_ms) && of.lock_by != person.actor.principal_id;
  const std::string before = of.lock_by.value_or("");
  of.lock_by = person.actor.principal_id;
  of.lock_until_ms = now_ms + rules.lock_ms;
  of.first_look_ms = of.first_look_ms.value_or(now_ms);
  TUTELA_TRY(update_case(transaction, of, of.version));
  TUTELA_FAULT_POINT("cases.after_claim");
  return record_event(transaction,
                      person.actor,
                      of.id,
                      "locked",
                      "case.lock",
                      taken_away ? detail_of({{"taken_from", before}}) : "{}",
                      now_ms);
}

// The words of classifications that are among `kinds`, for an IN; nothing typed gets into SQL.
std::string declined_clause(const std::vector<std::string>& kinds) {
  std::string severities;
  std::string words;
  for (const std::string_view word : {"A1", "A2", "B1", "B2"}) {
    if (std::find(kinds.begin(), kinds.end(), word) != kinds.end()) {
      severities += (severities.empty() ? "" : ", ") + std::to_string(severity_of(word));
      words += (words.empty() ? "'" : ", '") + std::string(word) + "'";
    }
  }
  if (words.empty()) {
    return "";
  }
  return " AND r.severity NOT IN (" + severities +
         ") AND NOT EXISTS (SELECT 1 FROM case_item i WHERE i.case_id = r.id AND "
         "i.classification IN (" +
         words + "))";
}

struct Taking {
  const Rules& rules;
  const Person& person;
  const std::string& declined;
  UtcMs now_ms;
};

// Where a case is taken from.
struct Place {
  Queue queue;
  bool urgent_alone = false;  // what people of ours marked so
};

// The first of a place that is free and that the person may decide.
Result<std::optional<Case>> first_free(Transaction& transaction,
                                       const Taking& taking,
                                       const Place& place) {
  const Person& person = taking.person;
  std::string sql = "SELECT " + std::string(kCaseColumns) + " FROM ";
  std::vector<Value> values;
  if (person.assigned_only) {
    sql +=
        "case_assignment a CROSS JOIN review_case r WHERE a.tenant_id = :of_tenant AND a.assignee "
        "= :assignee AND r.id = a.case_ref AND ";
    values = {person.actor.tenant_id, person.actor.principal_id};
  } else {
    sql += "review_case r WHERE ";
  }
  sql += "r.tenant_id = :tenant AND r.waiting = :queue" + taking.declined +
         " AND (r.lock_by IS NULL OR r.lock_until_ms <= :now)";
  values.insert(values.end(),
                {person.actor.tenant_id, std::string(to_string(place.queue)), taking.now_ms});
  if (place.urgent_alone) {
    sql += " AND (r.marks LIKE '%imminent_harm%' OR r.marks LIKE '%possible_new_victim%')";
  }
  if (!person.is_lead) {
    sql += " AND r.state <> 'disagreement'";
  }
  if (!taking.rules.solo) {
    sql +=
        " AND (r.state = 'open' OR NOT EXISTS (SELECT 1 FROM case_decision d WHERE d.case_id = "
        "r.id AND d.principal_id = :self AND d.undone_ms IS NULL)) AND NOT EXISTS (SELECT 1 FROM "
        "case_sample s LEFT JOIN case_decision e ON e.case_id = s.of_case AND e.principal_id = "
        ":decider WHERE s.case_id = r.id AND (e.id IS NOT NULL OR s.principal_id = :maker))";
    const std::string& self = person.actor.principal_id;
    values.insert(values.end(), {self, self, self});
  }
  sql += " ORDER BY r.rank_ms, r.id LIMIT 1";
  std::optional<Case> found;
  TUTELA_TRY(transaction.query(sql, values, [&](const Row& row) -> Status {
    TUTELA_TRY_ASSIGN(found, read_case_row(row));
    return ok();
  }));
  return found;
}

}  // namespace

Result<std::optional<Case>> Cases::take_next(const Person& person,
                                             std::optional<Queue> queue,
                                             const std::vector<std::string>& kinds_declined) {
  // A flood of self-reported cases displaces nothing, and one where somebody is in danger does not
  // wait behind it, nor behind the rest.
  std::vector<Place> places = {{Queue::kUrgent},
                               {Queue::kSelfReported, true},
                               {Queue::kStandard},
                               {Queue::kSelfReported},
                               {Queue::kLegal}};
  if (queue) {
    places = {{*queue}};
  }
  const std::string declined = declined_clause(kinds_declined);
  std::optional<Case> taken;
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    const Taking taking{rules_, person, declined, clock_.now_ms()};
    for (const Place& each : places) {
      if (each.queue == Queue::kLegal && !person.is_legal) {
        continue;
      }
      TUTELA_TRY_ASSIGN(taken, first_free(transaction, taking, each));
      if (taken) {
        return claim(transaction, rules_, person, *taken, taking.now_ms);
      }
    }
    return ok();
  }));
  return taken;
}

Result<Case> Cases::lock(const Person& person, const Uuid& id, bool force) {
  Case of;
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    const UtcMs now_ms = clock_.now_ms();
    TUTELA_TRY_ASSIGN(of, read_visible(transaction, person, id));
    TUTELA_TRY(check_workable(transaction, rules_, person, of));
    if (is_locked(of, now_ms)) {
      if (of.lock_by == person.actor.principal_id) {
        // A renewal moves the time alone: what the person saw of the case is still what it is.
        of.lock_until_ms = now_ms + rules_.lock_ms;
        TUTELA_TRY(
            transaction.execute("UPDATE review_case SET lock_until_ms = :until WHERE id = :id",
                                {store::to_value(of.lock_until_ms), to_string(id)}));
        return ok();
      }
      if (!force || !person.is_lead) {
        return locked_by_another(of);
      }
    }
    return claim(transaction, rules_, person, of, now_ms);
  }));
  return of;
}

Result<Case> Cases::unlock(const Person& person, const Uuid& id) {
  Case of;
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    const UtcMs now_ms = clock_.now_ms();
    TUTELA_TRY_ASSIGN(of, read_visible(transaction, person, id));
    if (!of.lock_by) {
      return ok();
    }
    if (is_locked(of, now_ms) && of.lock_by != person.actor.principal_id && !person.is_lead) {
      return locked_by_another(of);
    }
    of.lock_by.reset();
    of.lock_until_ms.reset();
    TUTELA_TRY(update_case(transaction, of, of.version));
    TUTELA_FAULT_POINT("cases.after_unlock");
    return record_event(transaction, person.actor, id, "unlocked", "case.unlock", "{}", now_ms);
  }));
  return of;
}

}  // namespace tutela::cases
