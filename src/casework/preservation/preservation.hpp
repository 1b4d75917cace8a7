// Preservation: how long evidence is kept and why, what stops its destruction, and how that is
// done and proved. Law: 18 USC 2258A(h), 2258B(c); SI 2026/268.
//
// An object is kept until the latest end of its bases; they are only ever lengthened. A legal hold,
// of the object or of its case, stops every way to destruction for everybody: it is checked in the
// write that decides on destruction, and again in the one right before the bytes go. Every change
// is an entry of the audit log in the same unit of work. Only this module moves evidence.state:
//
//   kept <-> held    kept -> due -> kept, held    kept, due -> destroying -> destroyed
//   destroying -> kept, held (stopped, as long as the key is still there)
//
// Thread-safe; several processes may share the database. Borrows database and clock.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "casework/preservation/certificate.hpp"
#include "crypto/signature.hpp"
#include "custody/dual_control/dual_control.hpp"
#include "custody/store/store.hpp"
#include "custody/vault/vault.hpp"

namespace tutela::preservation {

/// Why an object is kept.
enum class BasisKind : std::uint8_t {
  kPending,         // found, and not reported yet
  kReport,          // a completed report: one year at least, whatever the rules say
  kLawEnforcement,  // an agency asked
  kOperatorHold,    // the operator wants it longer
};
[[nodiscard]] std::string_view to_string(BasisKind kind) noexcept;  // "pending", "report", ...
Result<BasisKind> parse_basis_kind(std::string_view text);

struct Rules {
  std::uint32_t report_days = 365;  // the law's calendar year where that is longer
  std::uint32_t pending_days = 90;
  bool automatic_disposal = false;        // what is due goes without two people
  std::uint32_t clock_jump_days_max = 7;  // a clock that leaps further between two ticks stops all
};

/// References: is_line() of certificate.hpp.
struct NewBasis {
  BasisKind kind = BasisKind::kLawEnforcement;
  std::string reference;          // one basis a kind and reference
  std::optional<UtcMs> start_ms;  // nothing: now
  std::uint32_t days = 0;         // 0: what the rules say, for kPending and kReport
};

struct Basis {
  std::int64_t id = 0;
  BasisKind kind = BasisKind::kPending;
  std::string reference;
  std::string set_by;
  UtcMs start_ms = 0;
  UtcMs end_ms = 0;
  UtcMs set_ms = 0;
};

/// For an object or for a case with all its present and future objects: one of both.
struct NewHold {
  std::optional<Uuid> evidence_id;
  std::string case_ref;
  std::string reference;
  std::optional<UtcMs> review_ms;  // when somebody looks whether it is still needed
};

struct Hold {
  Uuid id;
  std::optional<Uuid> evidence_id;
  std::string case_ref;
  std::string reference;
  std::string owner;  // who set it
  std::optional<UtcMs> review_ms;
  UtcMs set_ms = 0;
  std::optional<UtcMs> released_ms;
  std::string released_by;
  std::string release_reference;
  std::int64_t too_late = 0;  // set_hold() only: objects whose destruction was already under way
};

struct Receipt {
  UtcMs completed_ms = 0;
  std::string reference;   // the receiver's id of the report
  bool simulated = false;  // of a test: recorded, and starts no clock
};

struct Disposal {
  Ground ground = Ground::kExpired;
  std::string reference;  // of the agency's request; kExpired needs none
  Uuid request_id;        // the approved request, kind kDispose, object "evidence:<id>"
};

enum class ClockHealth : std::uint8_t { kSane, kBehind, kJumped };

struct ClockStatus {
  ClockHealth health = ClockHealth::kSane;
  UtcMs now_ms = 0;
  std::optional<UtcMs> seen_ms;  // the latest time that was trusted; nothing before the first tick
};

struct TickReport {
  std::int64_t adopted = 0;    // objects that had no clock yet
  std::int64_t due = 0;        // whose last basis has ended
  std::int64_t disposed = 0;   // given to destruction by policy
  std::int64_t destroyed = 0;  // gone, with certificate
  std::int64_t stopped = 0;    // a hold came before the key went
  std::int64_t waiting = 0;    // given to destruction, and not now: the hold came when the key may
                               // have been gone, or the clock is behind
};

struct Item {
  Uuid id;
  std::string case_ref;
  vault::State state = vault::State::kKept;
  std::optional<UtcMs> due_ms;  // nothing: no tick has seen the object yet
};

struct Cursor {
  UtcMs due_ms = 0;
  Uuid id;
};

struct Event {
  std::string what;  // "due", "hold.set"
  std::string by;
  vault::State state = vault::State::kKept;  // after it
  std::string reference;
  std::optional<UtcMs> due_ms;
  UtcMs at_ms = 0;
};

struct ObjectStatus {
  Item item;
  std::vector<Basis> bases;   // the latest end first
  std::vector<Hold> holds;    // of the object and of its case, the newest first; released ones too
  std::vector<Event> events;  // the newest first, at most 1000
  std::string certificate;    // the signed note of what was destroyed
};

struct Counts {
  std::int64_t kept = 0;
  std::int64_t held = 0;
  std::int64_t due = 0;
  std::int64_t destroying = 0;
  std::int64_t destroyed = 0;
  std::int64_t holds = 0;          // active ones
  std::int64_t holds_overdue = 0;  // of these, whose review is past
};

/// What one approval was: who asked for it and who gave it.
struct Approval {
  std::string asked_by;
  std::string approved_by;
};

/// Takes the approval of a request, once, for this object, and commits it with what `with` writes;
/// an error leaves it unused. See DualControl::use().
using UseApproval =
    std::function<Status(const store::Actor&,
                         const Uuid& request_id,
                         std::string_view object,
                         const std::function<Status(store::Transaction&, const Approval&)>& with)>;
/// Removes key and bytes; doing it again is success; see Vault::destroy().
using Destroy = std::function<Result<vault::Destroyed>(const Uuid&)>;

[[nodiscard]] UseApproval approvals_of(dual_control::DualControl& dual_control);
[[nodiscard]] Destroy destruction_by(vault::Vault& vault);

struct Signer {
  std::string name;  // audit::is_origin()
  crypto::SigningKey key;
};

class Preservation {
 public:
  /// `signer` and `destroy` are for tick() alone: a process that never ticks has neither.
  /// Error: kInvalidInput "preservation.bad_rules".
  static Result<std::unique_ptr<Preservation>> open(store::Database& database,
                                                    const Clock& clock,
                                                    Rules rules,
                                                    std::optional<Signer> signer,
                                                    UseApproval use_approval,
                                                    Destroy destroy);

  /// Adds a basis and returns its id. Errors, here and below: kNotFound "evidence.not_found" (also
  /// another tenant's), kConflict "evidence.destroyed", "evidence.destroying" (the key may be gone
  /// already), kInvalidInput "preservation.bad_reference", "preservation.bad_time"; here kConflict
  /// "basis.exists".
  Result<std::int64_t> keep(const store::Actor& actor,
                            const Uuid& evidence_id,
                            const NewBasis& basis);
  /// Lengthens a basis until the day of `until_ms` has ended. Errors: kNotFound "basis.not_found",
  /// kConflict "basis.shorter".
  Status extend(const store::Actor& actor,
                const Uuid& evidence_id,
                std::int64_t basis_id,
                UtcMs until_ms,
                std::string_view reference);
  /// Starts the clock of a completed report for all objects of the case that still exist; returns
  /// for how many. The same receipt again changes nothing. A simulated one only leaves an entry.
  Result<std::int64_t> on_case_report_completed(const store::Actor& actor,
                                                std::string_view case_ref,
                                                const Receipt& receipt);

  /// By people only, here and where it says so: kForbidden "preservation.not_a_person".
  Result<Hold> set_hold(const store::Actor& actor, const NewHold& hold);
  /// By people. Errors: kNotFound "hold.not_found", kConflict "hold.released".
  Status release_hold(const store::Actor& actor, const Uuid& hold_id, std::string_view reference);

  /// Gives an object to destruction with two people's consent; the next tick() does it. By people.
  /// The approval is used in the same unit of work; what is refused leaves it unused, and an entry.
  /// Errors: kConflict "preservation.under_hold", "preservation.not_due",
  /// "preservation.other_request" (a request of another agency still runs), "clock.jump", and those
  /// of DualControl::use().
  Status dispose(const store::Actor& actor, const Uuid& evidence_id, const Disposal& disposal);

  /// Moves what is due and finishes what is being destroyed; goes on where a crash left it. Called
  /// from time to time, hourly say. One object that fails does not stop the others; the first error
  /// is returned. Errors: kConflict "clock.jump": nothing moves until the clock is sane again or a
  /// person confirms it; kUnavailable "clock.bad": it shows a time before 2026.
  Result<TickReport> tick(const std::function<bool()>& stop_requested);

  Result<ClockStatus> clock_status();
  /// By people: the present time is right. `shown_ms` is what they saw in clock_status(). Errors:
  /// kConflict "clock.sane", "clock.changed" (the clock differs by more than a day from that).
  Status confirm_clock(const store::Actor& actor, UtcMs shown_ms);

  Result<ObjectStatus> status(const std::string& tenant_id, const Uuid& evidence_id);
  /// In the order of their ends, after `after`; at most 1000.
  Result<std::vector<Item>> list(const std::string& tenant_id,
                                 vault::State state,
                                 const std::optional<Cursor>& after,
                                 std::size_t limit);
  /// Active ones in the order of their reviews, those without one last; at most 1000.
  Result<std::vector<Hold>> holds(const std::string& tenant_id, std::size_t limit);
  /// Of all tenants.
  Result<Counts> counts();

  [[nodiscard]] const std::optional<Signer>& signer() const noexcept { return signer_; }

 private:
  Preservation(store::Database& database,
               const Clock& clock,
               Rules rules,
               std::optional<Signer> signer,
               UseApproval use_approval,
               Destroy destroy);

  Result<ClockHealth> observe_clock();
  Status adopt(const std::function<bool()>& stop_requested, TickReport& report);
  Status move_due(const std::function<bool()>& stop_requested, TickReport& report);
  Status dispose_by_policy(const std::function<bool()>& stop_requested, TickReport& report);
  Status finish_all(const std::function<bool()>& stop_requested, TickReport& report);
  Status finish(const Uuid& evidence_id, TickReport& report);

  store::Database& database_;
  const Clock& clock_;
  Rules rules_;
  std::optional<Signer> signer_;
  UseApproval use_approval_;
  Destroy destroy_;
};

}  // namespace tutela::preservation
