#include "casework/preservation/preservation.hpp"

#include <algorithm>
#include <array>

#include "casework/preservation/calendar.hpp"
#include "casework/preservation/rows.hpp"
#include "custody/audit/entry.hpp"

namespace tutela::preservation {
namespace {

using store::Row;
using store::Transaction;

constexpr std::array<std::string_view, 4> kKindWords = {
    "pending", "report", "law_enforcement", "operator_hold"};

/// One year at least after a report, whatever the rules say: 18 USC 2258A(h)(1), SI 2026/268.
Length length_of(BasisKind kind, std::uint32_t days, const Rules& rules) {
  switch (kind) {
    case BasisKind::kReport:
      return {.years = 1, .days = std::max(days, rules.report_days)};
    case BasisKind::kPending:
      return {.days = std::max(days, rules.pending_days)};
    case BasisKind::kLawEnforcement:
    case BasisKind::kOperatorHold:
      break;
  }
  return {.days = days};
}

/// Where it may begin: not after tomorrow; and while the clock is behind what was seen before, not
/// before that, or what begins now would end too early.
Result<UtcMs> start_of(Transaction& transaction, std::optional<UtcMs> wanted_ms, UtcMs now_ms) {
  TUTELA_TRY_ASSIGN(const std::optional<ClockRow> clock, read_clock(transaction));
  const UtcMs latest_ms = clock ? std::max(clock->seen_ms, now_ms) : now_ms;
  const UtcMs start_ms = wanted_ms.value_or(latest_ms);
  if (start_ms > latest_ms + kDayMs) {
    return Error{ErrorKind::kInvalidInput, "preservation.bad_time", "a basis begins in the future"};
  }
  return latest_ms > now_ms ? std::max(start_ms, latest_ms) : start_ms;
}

Result<bool> has_basis(Transaction& transaction,
                       const Uuid& evidence_id,
                       BasisKind kind,
                       std::string_view reference) {
  bool found = false;
  TUTELA_TRY(transaction.query(
      "SELECT 1 FROM preservation_basis WHERE evidence_id = :id AND kind = :kind "
      "AND reference = :reference",
      {to_string(evidence_id), std::string(to_string(kind)), std::string(reference)},
      [&](const Row&) -> Status {
        found = true;
        return ok();
      }));
  return found;
}

}  // namespace

std::string_view to_string(BasisKind kind) noexcept {
  return kKindWords[static_cast<std::size_t>(kind)];
}

Result<BasisKind> parse_basis_kind(std::string_view text) {
  const auto found = std::ranges::find(kKindWords, text);
  if (found == kKindWords.end()) {
    return Error{ErrorKind::kInvalidInput,
                 "basis.bad_kind",
                 "a basis is pending, report, law_enforcement or operator_hold"};
  }
  return static_cast<BasisKind>(found - kKindWords.begin());
}

Preservation::Preservation(store::Database& database,
                           const Clock& clock,
                           Rules rules,
                           std::optional<Signer> signer,
                           UseApproval use_approval,
                           Destroy destroy)
    : database_(database),
      clock_(clock),
      rules_(rules),
      signer_(std::move(signer)),
      use_approval_(std::move(use_approval)),
      destroy_(std::move(destroy)) {}

Result<std::unique_ptr<Preservation>> Preservation::open(store::Database& database,
                                                         const Clock& clock,
                                                         Rules rules,
                                                         std::optional<Signer> signer,
                                                         UseApproval use_approval,
                                                         Destroy destroy) {
  const auto good = [](std::uint32_t days) {
    return days >= 1 && days <= kDaysMax;
  };
  if (!good(rules.report_days) || !good(rules.pending_days) || !good(rules.clock_jump_days_max) ||
      (signer && !audit::is_origin(signer->name))) {
    return Error{ErrorKind::kInvalidInput,
                 "preservation.bad_rules",
                 "rules of preservation count days from 1 to 36525; the name of the signing key "
                 "has neither blank nor plus"};
  }
  // tidy:allow(new): the constructor is private.
  return std::unique_ptr<Preservation>(new Preservation(
      database, clock, rules, std::move(signer), std::move(use_approval), std::move(destroy)));
}

Result<std::int64_t> Preservation::keep(const store::Actor& actor,
                                        const Uuid& evidence_id,
                                        const NewBasis& wanted) {
  TUTELA_TRY(check_reference(wanted.reference));
  const Length length = length_of(wanted.kind, wanted.days, rules_);
  if (length.years == 0 && length.days == 0) {
    return Error{ErrorKind::kInvalidInput, "preservation.bad_time", "say for how many days"};
  }
  std::int64_t id = 0;
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    const UtcMs now_ms = clock_.now_ms();
    TUTELA_TRY_ASSIGN(Object object, find_object(transaction, actor.tenant_id, evidence_id));
    TUTELA_TRY(check_exists(object));
    TUTELA_TRY_ASSIGN(const bool known,
                      has_basis(transaction, evidence_id, wanted.kind, wanted.reference));
    if (known) {
      return Error{ErrorKind::kConflict,
                   "basis.exists",
                   "this object has a basis with this reference: extend that one"};
    }
    Basis basis;
    basis.kind = wanted.kind;
    basis.reference = wanted.reference;
    TUTELA_TRY_ASSIGN(basis.start_ms, start_of(transaction, wanted.start_ms, now_ms));
    TUTELA_TRY_ASSIGN(basis.end_ms, end_of(basis.start_ms, length));
    TUTELA_TRY_ASSIGN(id, add_basis(transaction, actor, object, basis, rules_, now_ms));
    return ok();
  }));
  return id;
}

Status Preservation::extend(const store::Actor& actor,
                            const Uuid& evidence_id,
                            std::int64_t basis_id,
                            UtcMs until_ms,
                            std::string_view reference) {
  TUTELA_TRY(check_reference(reference));
  TUTELA_TRY_ASSIGN(const UtcMs end_ms, end_of(until_ms, {}));
  return database_.write([&](Transaction& transaction) -> Status {
    const UtcMs now_ms = clock_.now_ms();
    TUTELA_TRY_ASSIGN(Object object, find_object(transaction, actor.tenant_id, evidence_id));
    TUTELA_TRY(check_exists(object));
    std::optional<UtcMs> before_ms;
    TUTELA_TRY(transaction.query(
        "SELECT end_ms FROM preservation_basis WHERE id = :id AND evidence_id = :evidence",
        {basis_id, to_string(evidence_id)},
        [&](const Row& row) -> Status {
          before_ms = row.integer(0);
          return ok();
        }));
    if (!before_ms) {
      return Error{ErrorKind::kNotFound, "basis.not_found", "this object has no such basis"};
    }
    if (end_ms <= *before_ms) {
      return Error{ErrorKind::kConflict,
                   "basis.shorter",
                   "a basis is only ever lengthened; this end is not later"};
    }
    if (end_ms > std::max(now_ms, *before_ms) + std::int64_t{kDaysMax} * kDayMs) {
      return Error{ErrorKind::kInvalidInput, "preservation.bad_time", "at most 100 years at once"};
    }
    TUTELA_TRY(transaction.execute("UPDATE preservation_basis SET end_ms = :end WHERE id = :id",
                                   {end_ms, basis_id}));
    TUTELA_TRY(raise_due(transaction, object, end_ms));
    TUTELA_TRY(add_event(transaction, actor, object, "preservation.extend", reference, now_ms));
    TUTELA_TRY(audit::add(
        transaction, actor, now_ms, {"preservation.extend", object_name(evidence_id), "", "ok"}));
    return settle(transaction, actor, object, end_ms > now_ms, "extension", now_ms);
  });
}

Result<std::int64_t> Preservation::on_case_report_completed(const store::Actor& actor,
                                                            std::string_view case_ref,
                                                            const Receipt& receipt) {
  TUTELA_TRY(check_reference(receipt.reference));
  std::int64_t started = 0;
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    const UtcMs now_ms = clock_.now_ms();
    started = 0;
    Basis basis;
    basis.kind = BasisKind::kReport;
    basis.reference = receipt.reference;
    TUTELA_TRY_ASSIGN(basis.start_ms, start_of(transaction, receipt.completed_ms, now_ms));
    TUTELA_TRY_ASSIGN(basis.end_ms, end_of(basis.start_ms, length_of(basis.kind, 0, rules_)));
    TUTELA_TRY(audit::add(transaction,
                          actor,
                          now_ms,
                          {"preservation.report",
                           "case:" + std::string(case_ref),
                           "report",
                           receipt.simulated ? "simulated" : "ok"}));
    if (receipt.simulated) {
      return ok();
    }
    TUTELA_TRY_ASSIGN(std::vector<Object> objects,
                      objects_of_case(transaction, actor.tenant_id, case_ref));
    for (Object& object : objects) {
      TUTELA_TRY_ASSIGN(const bool known,
                        has_basis(transaction, object.id, basis.kind, basis.reference));
      if (!known && check_exists(object)) {
        TUTELA_TRY(add_basis(transaction, actor, object, basis, rules_, now_ms));
        ++started;
      }
    }
    return ok();
  }));
  return started;
}

UseApproval approvals_of(dual_control::DualControl& dual_control) {
  return [&dual_control](const store::Actor& actor,
                         const Uuid& request_id,
                         std::string_view object,
                         const auto& with) -> Status {
    TUTELA_TRY(dual_control.use(
        actor,
        request_id,
        dual_control::Kind::kDispose,
        object,
        [&](Transaction& transaction, const dual_control::Request& request) {
          return with(transaction,
                      {request.asked_by, request.decided_by.value_or(std::string(kWaitingTime))});
        }));
    return ok();
  };
}

Destroy destruction_by(vault::Vault& vault) {
  return [&vault](const Uuid& id) {
    return vault.destroy(id);
  };
}

}  // namespace tutela::preservation
