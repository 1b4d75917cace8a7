#include "custody/exposure/rows.hpp"

#include <algorithm>

namespace tutela::exposure {

namespace {

/// Of views before the present shift only the gaps between shifts still matter: the first and the
/// last of each hour keep them, and spare reading thousands of rows. An hour is less than a gap.
Status add_older(store::Transaction& transaction,
                 const Person& person,
                 std::int64_t since_ms,
                 std::int64_t until_ms,
                 std::vector<Seen>& views) {
  return transaction.query(
      "SELECT MIN(at_passed_ms), MAX(at_passed_ms) FROM evidence_view WHERE tenant_id = :tenant_id "
      "AND principal_id = :who AND at_passed_ms > :since AND at_passed_ms <= :until GROUP BY "
      "at_passed_ms / 3600000 ORDER BY 1",
      {person.tenant_id, person.principal_id, since_ms, until_ms},
      [&](const store::Row& row) {
        views.push_back({row.integer(0)});
        views.push_back({row.integer(1)});
        return ok();
      });
}

Result<std::vector<Seen>> views_of(store::Transaction& transaction,
                                   const Rules& rules,
                                   const Person& person,
                                   std::int64_t passed_ms) {
  std::vector<Seen> views;
  // A shift that began earlier is over by its length, whatever its points.
  const std::int64_t recent_ms = passed_ms - rules.shift_max_ms - rules.shift_gap_ms;
  TUTELA_TRY(add_older(transaction, person, passed_ms - memory_ms(rules), recent_ms, views));
  TUTELA_TRY(transaction.query(
      "SELECT at_passed_ms, points, CASE WHEN grade IN ('full', 'original') THEN 1 ELSE 0 END FROM "
      "evidence_view WHERE tenant_id = :tenant_id AND principal_id = :who AND at_passed_ms > "
      ":recent ORDER BY at_passed_ms",
      {person.tenant_id, person.principal_id, recent_ms},
      [&](const store::Row& row) {
        views.push_back({row.integer(0), row.integer(1), row.integer(2) == 1});
        return ok();
      }));
  return views;
}

Result<std::vector<Rest>> rests_of(store::Transaction& transaction,
                                   const Person& person,
                                   std::int64_t passed_ms) {
  std::vector<Rest> rests;
  TUTELA_TRY(transaction.query(
      "SELECT start_passed_ms, end_passed_ms FROM exposure_rest WHERE tenant_id = :tenant_id AND "
      "principal_id = :who AND end_passed_ms > :passed_ms",
      {person.tenant_id, person.principal_id, passed_ms},
      [&](const store::Row& row) {
        rests.push_back({row.integer(0), row.integer(1)});
        return ok();
      }));
  return rests;
}

Result<std::int64_t> points_max_of(store::Transaction& transaction,
                                   const Rules& rules,
                                   const Person& person) {
  std::int64_t lowest = configured_points(rules, person.role);
  TUTELA_TRY(transaction.query(
      "SELECT points_per_shift FROM exposure_limit WHERE tenant_id = :tenant_id AND subject IN "
      "(:role, :person)",
      {person.tenant_id, "role:" + person.role, person.principal_id},
      [&](const store::Row& row) {
        lowest = std::min(lowest, row.integer(0));
        return ok();
      }));
  return lowest;
}

}  // namespace

std::int64_t configured_points(const Rules& rules, std::string_view role) noexcept {
  return role == "contractor" ? std::min(rules.contractor_points_per_shift, rules.points_per_shift)
                              : rules.points_per_shift;
}

Result<State> passed_state(store::Transaction& transaction,
                           const Rules& rules,
                           const Person& person,
                           std::int64_t passed_ms) {
  TUTELA_TRY_ASSIGN(const std::int64_t points_max, points_max_of(transaction, rules, person));
  TUTELA_TRY_ASSIGN(const std::vector<Seen> views, views_of(transaction, rules, person, passed_ms));
  TUTELA_TRY_ASSIGN(const std::vector<Rest> rests, rests_of(transaction, person, passed_ms));
  State state = state_of(rules, points_max, views, rests, passed_ms);
  TUTELA_TRY(transaction.query(
      "SELECT kind FROM exposure_choice WHERE tenant_id = :tenant_id AND principal_id = :who "
      "ORDER BY kind",
      {person.tenant_id, person.principal_id},
      [&](const store::Row& row) {
        state.declined.push_back(row.text(0));
        return ok();
      }));
  return state;
}

State shown(State state, const dual_control::Moment& moment) {
  const std::int64_t behind_ms = moment.now_ms - moment.passed_ms;
  for (std::optional<UtcMs>* time :
       {&state.shift_began_ms, &state.last_view_ms, &state.views_again_ms}) {
    if (*time) {
      **time += behind_ms;
    }
  }
  return state;
}

Result<Subject> subject_of(store::Transaction& transaction,
                           const std::string& tenant_id,
                           const Uuid& evidence_id) {
  std::optional<Subject> found;
  TUTELA_TRY(transaction.query(
      "SELECT i.classification, c.queue, CASE WHEN i.classification = 'animation' OR EXISTS "
      "(SELECT "
      "1 FROM case_decision_item d WHERE d.content_id = e.content_id AND d.annotations LIKE "
      "'%anime_drawing_virtual%') THEN 1 ELSE 0 END FROM evidence e LEFT JOIN case_item i ON "
      "i.content_id = e.content_id LEFT JOIN review_case c ON c.id = i.case_id WHERE e.id = :id "
      "AND "
      "e.tenant_id = :tenant_id",
      {to_string(evidence_id), tenant_id},
      [&](const store::Row& row) {
        Subject subject;
        const std::string label = row.text(0);
        subject.severity = severity_of(label);
        if (subject.severity > 0) {
          subject.kinds.push_back(label);
        }
        if (row.integer(2) == 1) {
          subject.kinds.emplace_back("animation");
        }
        if (row.text(1) == "self_reported" || label == "self_reported") {
          subject.kinds.emplace_back("self_reported");
        }
        found = std::move(subject);
        return ok();
      }));
  if (!found) {
    return Error{ErrorKind::kNotFound, "evidence.not_found", "there is no such object"};
  }
  return *std::move(found);
}

}  // namespace tutela::exposure
