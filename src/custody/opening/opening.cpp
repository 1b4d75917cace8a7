#include "custody/opening/opening.hpp"

#include <algorithm>

#include "base/fault.hpp"
#include "custody/dual_control/text.hpp"
#include "custody/opening/checks.hpp"

namespace tutela::opening {

namespace {

constexpr std::int64_t kAllowedMax = 20;
constexpr std::size_t kViewsListedMax = 1000;

}  // namespace

Opening::Opening(store::Database& database,
                 dual_control::DualControl& dual_control,
                 exposure::Budgets& budgets,
                 const Clock& clock,
                 Rules rules)
    : database_(database),
      dual_control_(dual_control),
      budgets_(budgets),
      clock_(clock),
      rules_(rules) {}

Result<Viewing> Opening::view(const Requester& requester,
                              const Uuid& evidence_id,
                              std::string_view case_ref,
                              Purpose purpose,
                              Grade grade,
                              std::int64_t frame) {
  if (frame < kSheet || frame > kFramesMax) {
    return Error{ErrorKind::kInvalidInput,
                 "opening.bad_frame",
                 "a frame is 0 for the first to 1000000, or -1 for the contact sheet"};
  }
  const store::Actor& actor = requester.actor;
  Seen seen{evidence_id, std::string(case_ref), std::string(to_string(purpose)), to_string(grade)};
  seen.frame = frame;
  std::int64_t number = 0;
  audit::Entry entry{"evidence.view", object_of(evidence_id), seen.purpose, "ok"};
  Result<audit::Recorded> recorded = audit::record(
      database_, actor, clock_.now_ms(), entry, [&](store::Transaction& transaction) -> Status {
        TUTELA_TRY(check_role(requester, requester.may_view));
        TUTELA_TRY(check_case(transaction, requester, evidence_id, case_ref));
        TUTELA_TRY_ASSIGN(const auto moment, dual_control::look(transaction, clock_));
        TUTELA_TRY(check_viewers(transaction, actor, evidence_id, rules_.viewers_max));
        TUTELA_TRY(check_rate(transaction, actor, moment, rules_.views_per_hour));
        TUTELA_TRY(check_step(transaction, actor, evidence_id, grade));
        TUTELA_TRY_ASSIGN(seen.points,
                          budgets_.charge(transaction,
                                          actor,
                                          evidence_id,
                                          seen.grade,
                                          frame == kSheet ? 2 : 1,
                                          purpose != Purpose::kSafety));
        TUTELA_TRY_ASSIGN(number, insert_view(transaction, actor, moment, seen));
        return ok();
      });
  if (!recorded) {
    return refused(database_, actor, clock_, std::move(entry), std::move(recorded).error());
  }
  TUTELA_FAULT_POINT("opening.after_view");
  return Viewing{*std::move(recorded), number, seen.points};
}

Result<audit::Recorded> Opening::original(const Requester& requester,
                                          const Uuid& evidence_id,
                                          const Uuid& request_id) {
  const store::Actor& actor = requester.actor;
  return dual_control_.use(
      actor,
      request_id,
      dual_control::Kind::kOpenOriginal,
      object_of(evidence_id),
      [&](store::Transaction& transaction, const dual_control::Request& request) -> Status {
        Seen seen{evidence_id, request.ask.case_ref, request.ask.purpose, kOriginal};
        TUTELA_TRY(check_role(requester, requester.may_open_original));
        TUTELA_TRY(check_case(transaction, requester, evidence_id, seen.case_ref));
        TUTELA_TRY_ASSIGN(const auto moment, dual_control::look(transaction, clock_));
        TUTELA_TRY(check_viewers(transaction, actor, evidence_id, rules_.viewers_max));
        TUTELA_TRY(check_rate(transaction, actor, moment, rules_.views_per_hour));
        const bool refuse = seen.purpose != to_string(Purpose::kSafety);
        TUTELA_TRY_ASSIGN(seen.points,
                          budgets_.charge(transaction, actor, evidence_id, seen.grade, 1, refuse));
        TUTELA_TRY(insert_view(transaction, actor, moment, seen));
        return ok();
      });
}

Status Opening::allow_viewer(const Requester& requester,
                             const Uuid& evidence_id,
                             std::string_view reason) {
  if (!dual_control::is_reason(reason, 1)) {
    return Error{ErrorKind::kInvalidInput,
                 "opening.bad_reason",
                 "allowing one more viewer needs a reason of 1 to 1000 characters"};
  }
  const store::Actor& actor = requester.actor;
  audit::Entry entry{"evidence.allow_viewer", object_of(evidence_id), {}, "ok"};
  Status status = database_.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(check_role(requester, requester.may_approve));
    TUTELA_TRY(check_evidence(transaction, requester, evidence_id));
    const std::string id = to_string(evidence_id);
    TUTELA_TRY_ASSIGN(
        const std::int64_t allowed,
        count(transaction,
              "SELECT COUNT(*) FROM evidence_viewer_allowance WHERE evidence_id = :id",
              {id}));
    if (allowed >= kAllowedMax) {
      return Error{ErrorKind::kLimitExceeded,
                   "opening.too_many_allowed",
                   "this object has been opened to 20 more people already"};
    }
    const UtcMs now_ms = clock_.now_ms();
    TUTELA_TRY(transaction.execute(
        "INSERT INTO evidence_viewer_allowance (tenant_id, principal_id, evidence_id, reason, "
        "at_ms) VALUES (:tenant_id, :principal_id, :evidence_id, :reason, :at_ms)",
        {actor.tenant_id, actor.principal_id, id, std::string(reason), now_ms}));
    TUTELA_TRY(audit::add(transaction, actor, now_ms, entry));
    TUTELA_FAULT_POINT("opening.in_allow");
    return ok();
  });
  if (!status) {
    return refused(database_, actor, clock_, std::move(entry), std::move(status).error());
  }
  return ok();
}

Result<std::vector<View>> Opening::views(const std::string& tenant_id,
                                         const Uuid& evidence_id,
                                         std::int64_t after_number,
                                         std::size_t limit) {
  std::vector<View> views;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) {
    return transaction.query(
        "SELECT id, principal_id, purpose, grade, at_ms, frame FROM evidence_view WHERE "
        "evidence_id "
        "= :evidence_id AND tenant_id = :tenant_id AND id > :after_number ORDER BY id LIMIT "
        ":limit_rows",
        {to_string(evidence_id),
         tenant_id,
         after_number,
         static_cast<std::int64_t>(std::min(limit, kViewsListedMax))},
        [&](const store::Row& row) -> Status {
          TUTELA_TRY_ASSIGN(const Purpose purpose, parse_purpose(row.text(2)));
          views.push_back(
              {row.integer(0), row.text(1), purpose, row.text(3), row.integer(4), row.integer(5)});
          return ok();
        });
  }));
  return views;
}

}  // namespace tutela::opening
