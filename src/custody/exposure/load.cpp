// What others see of exposure, and bound: load of a team, points by day, limits.
#include <algorithm>
#include <map>

#include "base/fault.hpp"
#include "custody/audit/entry.hpp"
#include "custody/exposure/rows.hpp"

namespace tutela::exposure {

namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kTeamDays = 14;
constexpr std::int64_t kChartDaysMax = 31;
constexpr std::int64_t kPercentStep = 10;

constexpr std::array<std::string_view, 8> kRoles = {
    "reviewer", "contractor", "lead", "legal", "auditor", "operator", "admin", "solo"};

struct Named {
  std::string name;
  std::string role;
};

/// Those with views of late; who is no person of the database has the name of their principal.
Result<std::map<std::string, Named>> people_with_views(store::Transaction& transaction,
                                                       const std::string& tenant_id,
                                                       std::int64_t since_ms) {
  std::map<std::string, Named> people;
  TUTELA_TRY(transaction.query(
      "SELECT v.principal_id, p.name, p.role FROM (SELECT DISTINCT principal_id FROM evidence_view "
      "WHERE tenant_id = :tenant_id AND at_passed_ms > :since) v LEFT JOIN person p ON 'person:' "
      "|| p.id = v.principal_id",
      {tenant_id, since_ms},
      [&](const store::Row& row) {
        const std::string id = row.text(0);
        people[id] = row.is_null(1) ? Named{id, "operator"} : Named{row.text(1), row.text(2)};
        return ok();
      }));
  return people;
}

Load load_of(const std::string& principal_id, const Named& named, const State& state) {
  Load load;
  load.principal_id = principal_id;
  load.name = named.name;
  load.role = named.role;
  load.level = state.level;
  load.percent =
      std::min<std::int64_t>(state.points * 100 / std::max<std::int64_t>(state.points_max, 1), 100);
  load.percent -= load.percent % kPercentStep;
  load.views_again_ms = state.views_again_ms;
  return load;
}

/// What the configuration gives the subject; nothing where there is no such subject.
Result<std::int64_t> configured_for(store::Transaction& transaction,
                                    const Rules& rules,
                                    const std::string& tenant_id,
                                    std::string_view subject) {
  if (subject.starts_with("role:")) {
    const std::string_view role = subject.substr(5);
    if (std::ranges::find(kRoles, role) == kRoles.end()) {
      return Error{ErrorKind::kNotFound, "exposure.no_person", "there is no such role"};
    }
    return configured_points(rules, role);
  }
  std::optional<std::int64_t> points;
  if (subject.starts_with("person:")) {
    TUTELA_TRY(
        transaction.query("SELECT role FROM person WHERE tenant_id = :tenant_id AND id = :id",
                          {tenant_id, std::string(subject.substr(7))},
                          [&](const store::Row& row) {
                            points = configured_points(rules, row.text(0));
                            return ok();
                          }));
  }
  if (!points) {
    return Error{ErrorKind::kNotFound, "exposure.no_person", "there is no such person"};
  }
  return *points;
}

Status check_limit(std::int64_t points, std::int64_t configured) {
  if (points < 1 || points > configured) {
    return Error{ErrorKind::kInvalidInput,
                 "exposure.bad_limit",
                 "a limit is 1 to " + std::to_string(configured) +
                     " points a shift, what the configuration allows"};
  }
  return ok();
}

}  // namespace

Result<std::vector<Load>> Budgets::team(const std::string& tenant_id) {
  std::vector<Load> team;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const auto moment, dual_control::glance(transaction, clock_));
    TUTELA_TRY_ASSIGN(
        const auto people,
        people_with_views(transaction, tenant_id, moment.passed_ms - kTeamDays * kDayMs));
    for (const auto& [principal_id, named] : people) {
      TUTELA_TRY_ASSIGN(
          State state,
          passed_state(
              transaction, rules_, {tenant_id, principal_id, named.role}, moment.passed_ms));
      team.push_back(load_of(principal_id, named, shown(std::move(state), moment)));
    }
    return ok();
  }));
  std::ranges::stable_sort(team, {}, &Load::name);
  return team;
}

Result<std::vector<std::int64_t>> Budgets::by_day(const std::string& tenant_id,
                                                  std::optional<std::string> principal_id,
                                                  std::int64_t days) {
  const std::int64_t wanted = std::clamp<std::int64_t>(days, 1, kChartDaysMax);
  std::vector<std::int64_t> points(static_cast<std::size_t>(wanted));
  const std::int64_t first_day = clock_.now_ms() / kDayMs - wanted + 1;
  const auto add = [&](const store::Row& row) {
    const std::int64_t index = row.integer(0) - first_day;
    if (index >= 0 && index < wanted) {
      points[static_cast<std::size_t>(index)] = row.integer(1);
    }
    return ok();
  };
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const auto moment, dual_control::glance(transaction, clock_));
    // Only to spare the older rows; the day is that of the clock.
    std::vector<store::Value> values = {tenant_id, moment.passed_ms - wanted * kDayMs};
    std::string sql =
        "SELECT at_ms / 86400000, CAST(SUM(points) AS BIGINT) FROM evidence_view WHERE tenant_id = "
        ":tenant_id AND at_passed_ms > :since";
    if (principal_id) {
      sql += " AND principal_id = :who";
      values.emplace_back(*principal_id);
    }
    return transaction.query(sql + " GROUP BY at_ms / 86400000", values, add);
  }));
  return points;
}

Status Budgets::set_limit(const store::Actor& actor, const Limit& limit) {
  return database_.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const std::int64_t configured,
                      configured_for(transaction, rules_, actor.tenant_id, limit.subject));
    TUTELA_TRY(check_limit(limit.points_per_shift, configured));
    const UtcMs now_ms = clock_.now_ms();
    TUTELA_TRY(transaction.execute(
        "INSERT INTO exposure_limit (tenant_id, subject, principal_id, points_per_shift, at_ms) "
        "VALUES (:tenant_id, :subject, :principal_id, :points_per_shift, :at_ms) ON CONFLICT "
        "(tenant_id, subject) DO UPDATE SET principal_id = excluded.principal_id, points_per_shift "
        "= excluded.points_per_shift, at_ms = excluded.at_ms",
        {actor.tenant_id, limit.subject, actor.principal_id, limit.points_per_shift, now_ms}));
    TUTELA_TRY(audit::add(transaction, actor, now_ms, {"exposure.limit", limit.subject, {}, "ok"}));
    TUTELA_FAULT_POINT("exposure.in_limit");
    return ok();
  });
}

Result<std::vector<Limit>> Budgets::limits(const std::string& tenant_id) {
  std::vector<Limit> limits;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) {
    return transaction.query(
        "SELECT subject, points_per_shift FROM exposure_limit WHERE tenant_id = :tenant_id ORDER "
        "BY subject",
        {tenant_id},
        [&](const store::Row& row) {
          limits.push_back({row.text(0), row.integer(1)});
          return ok();
        });
  }));
  return limits;
}

}  // namespace tutela::exposure
