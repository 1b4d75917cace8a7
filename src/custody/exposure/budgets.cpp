// One person's budget: charged, asked for, and what they do about it themself.
#include <algorithm>

#include "base/fault.hpp"
#include "custody/audit/entry.hpp"
#include "custody/exposure/rows.hpp"

namespace tutela::exposure {

namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kRestMinutesMax = 120;

Person person_of(const store::Actor& actor) {
  return {actor.tenant_id, actor.principal_id, actor.role};
}

Status check_declined(const State& state, const Subject& subject) {
  const bool declined = std::ranges::any_of(subject.kinds, [&](const std::string& kind) {
    return std::ranges::find(state.declined, kind) != state.declined.end();
  });
  if (declined) {
    return Error{ErrorKind::kForbidden,
                 "exposure.declined",
                 "you opted out of this kind of material; another person will take it"};
  }
  return ok();
}

struct Wish {
  Uuid evidence_id;
  std::string_view grade;
  std::int64_t times = 1;
  bool refuse = true;
};

/// What the view costs, if it may be had.
Result<std::int64_t> price(store::Transaction& transaction,
                           const Rules& rules,
                           const dual_control::Moment& moment,
                           const store::Actor& actor,
                           const Wish& wish) {
  TUTELA_TRY_ASSIGN(const Subject subject,
                    subject_of(transaction, actor.tenant_id, wish.evidence_id));
  const std::int64_t cost = cost_of(rules, wish.grade, subject.severity) * wish.times;
  if (wish.refuse) {
    TUTELA_TRY_ASSIGN(const State state,
                      passed_state(transaction, rules, person_of(actor), moment.passed_ms));
    TUTELA_TRY(check_declined(state, subject));
    TUTELA_TRY(check(rules, shown(state, moment), cost));
  }
  return cost;
}

}  // namespace

Budgets::Budgets(store::Database& database, const Clock& clock, Rules rules)
    : database_(database), clock_(clock), rules_(rules) {}

Result<std::int64_t> Budgets::charge(store::Transaction& transaction,
                                     const store::Actor& actor,
                                     const Uuid& evidence_id,
                                     std::string_view grade,
                                     std::int64_t times,
                                     bool refuse) {
  TUTELA_TRY_ASSIGN(const auto moment, dual_control::look(transaction, clock_));
  TUTELA_TRY_ASSIGN(const std::int64_t cost,
                    price(transaction, rules_, moment, actor, {evidence_id, grade, times, refuse}));
  TUTELA_FAULT_POINT("exposure.in_charge");
  return cost;
}

Result<std::int64_t> Budgets::quote(const store::Actor& actor,
                                    const Uuid& evidence_id,
                                    std::string_view grade,
                                    std::int64_t times,
                                    bool refuse) {
  std::int64_t cost = 0;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const auto moment, dual_control::glance(transaction, clock_));
    TUTELA_TRY_ASSIGN(
        cost, price(transaction, rules_, moment, actor, {evidence_id, grade, times, refuse}));
    return ok();
  }));
  return cost;
}

Result<State> Budgets::state(const store::Actor& actor) {
  State state;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const auto moment, dual_control::glance(transaction, clock_));
    TUTELA_TRY_ASSIGN(State passed,
                      passed_state(transaction, rules_, person_of(actor), moment.passed_ms));
    state = shown(std::move(passed), moment);
    return ok();
  }));
  return state;
}

Result<std::array<std::int64_t, 6>> Budgets::costs(const store::Actor& actor,
                                                   const Uuid& evidence_id) {
  std::array<std::int64_t, 6> costs{};
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const Subject subject, subject_of(transaction, actor.tenant_id, evidence_id));
    std::ranges::transform(kGrades, costs.begin(), [&](std::string_view grade) {
      return cost_of(rules_, grade, subject.severity);
    });
    return ok();
  }));
  return costs;
}

Result<State> Budgets::rest(const store::Actor& actor, std::int64_t minutes) {
  if (minutes < 1 || minutes > kRestMinutesMax) {
    return Error{ErrorKind::kInvalidInput,
                 "exposure.bad_rest",
                 "a break has 1 to 120 minutes; take another"};
  }
  State state;
  TUTELA_TRY(database_.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const auto moment, dual_control::look(transaction, clock_));
    TUTELA_TRY(transaction.execute(
        "INSERT INTO exposure_rest (tenant_id, principal_id, start_passed_ms, end_passed_ms) "
        "VALUES (:tenant_id, :principal_id, :start_passed_ms, :end_passed_ms)",
        {actor.tenant_id,
         actor.principal_id,
         moment.passed_ms,
         moment.passed_ms + minutes * kMinuteMs}));
    TUTELA_TRY(audit::add(
        transaction, actor, moment.now_ms, {"exposure.rest", actor.principal_id, {}, "ok"}));
    TUTELA_FAULT_POINT("exposure.in_rest");
    TUTELA_TRY_ASSIGN(State passed,
                      passed_state(transaction, rules_, person_of(actor), moment.passed_ms));
    state = shown(std::move(passed), moment);
    return ok();
  }));
  return state;
}

Result<State> Budgets::decline(const store::Actor& actor, const std::vector<std::string>& kinds) {
  std::vector<std::string> wanted = kinds;
  std::ranges::sort(wanted);
  const auto same = std::ranges::unique(wanted);
  wanted.erase(same.begin(), same.end());
  if (!std::ranges::all_of(wanted, [](const std::string& kind) {
        return std::ranges::find(kKinds, kind) != kKinds.end();
      })) {
    return Error{ErrorKind::kInvalidInput,
                 "exposure.bad_kind",
                 "a kind is A1, A2, B1, B2, animation or self_reported"};
  }
  State state;
  TUTELA_TRY(database_.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const auto moment, dual_control::look(transaction, clock_));
    TUTELA_TRY(transaction.execute(
        "DELETE FROM exposure_choice WHERE tenant_id = :tenant_id AND principal_id = :who",
        {actor.tenant_id, actor.principal_id}));
    for (const std::string& kind : wanted) {
      TUTELA_TRY(transaction.execute(
          "INSERT INTO exposure_choice (tenant_id, principal_id, kind, at_ms) VALUES (:tenant_id, "
          ":principal_id, :kind, :at_ms)",
          {actor.tenant_id, actor.principal_id, kind, moment.now_ms}));
    }
    TUTELA_TRY(audit::add(
        transaction, actor, moment.now_ms, {"exposure.decline", actor.principal_id, {}, "ok"}));
    TUTELA_FAULT_POINT("exposure.in_decline");
    TUTELA_TRY_ASSIGN(State passed,
                      passed_state(transaction, rules_, person_of(actor), moment.passed_ms));
    state = shown(std::move(passed), moment);
    return ok();
  }));
  return state;
}

}  // namespace tutela::exposure
