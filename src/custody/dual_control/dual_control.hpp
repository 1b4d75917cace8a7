// Dual control: what one person asks for and another approves, for a bounded time, to be used once.
//
// Opening an original, an export, a disposal. A request goes from waiting to approved, refused or
// expired, and from approved to used or expired; every step is an entry of the audit log in the
// same unit of work, and so is every attempt that is refused. Only people ask and approve: never a
// token, never the system.
//
// On a one-person server (safeguards.md 13) a waiting time, a message to the trustee and a loud
// entry stand in for the second person; a second account of the same person does not. There, and
// only there, may the machine's operator ask at the command line too ("cli:<user>"); but nobody can
// approve that, and "cli:<user>" approves nothing: no account is known to be another person than
// whoever holds the machine.
//
// An approval ends when the clock says so or when enough time has passed, whichever is first; a
// waiting time is over when both say so (moment.hpp). Setting the clock back extends nothing.
//
// Thread-safe, also between processes. Borrows database and clock.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "custody/audit/entry.hpp"
#include "custody/store/store.hpp"

namespace tutela::dual_control {

enum class Kind : std::uint8_t { kOpenOriginal, kExport, kDispose, kReleaseReport };
[[nodiscard]] std::string_view to_string(Kind kind) noexcept;  // "open_original", ...
Result<Kind> parse_kind(std::string_view text);

enum class State : std::uint8_t { kWaiting, kApproved, kRefused, kUsed, kExpired };
[[nodiscard]] std::string_view to_string(State state) noexcept;
Result<State> parse_state(std::string_view text);

struct Ask {
  Kind kind = Kind::kOpenOriginal;
  std::string object;    // "evidence:<uuid>", or "case:<ref>" (not for kOpenOriginal); for
                         // kReleaseReport "report:<uuid>"
  std::string case_ref;  // 1 to 64 of A-Z a-z 0-9 . _ -
  std::string purpose;   // a word of opening::Purpose; for kDispose also "disposal"
  std::string reason;    // in the asker's words, 1 to 1000 characters; not in the audit log
};

struct Request {
  Uuid id;
  std::string tenant_id;
  std::string asked_by;  // principal_id
  Ask ask;
  bool solo = false;  // asked on a one-person server: waiting may stand in for the approval
  State state = State::kWaiting;
  UtcMs created_ms = 0;
  UtcMs usable_from_ms = 0;  // later than created_ms only on a one-person server
  UtcMs expires_ms = 0;      // of the approval, or of a request that nobody answers
  std::optional<std::string> decided_by;
  std::optional<UtcMs> decided_ms;
  std::optional<UtcMs> used_ms;
};

struct Rules {
  bool solo = false;
  std::int64_t solo_wait_ms = 24LL * 3'600'000;  // one hour where it is less
  std::string trustee;                           // gets an outbox message "trustee.notice" in solo
  std::int64_t waits_ms = 72LL * 3'600'000;      // an unanswered request expires
  std::int64_t usable_ms = 4LL * 3'600'000;  // an approval, or a waiting that is over, is usable
};

/// Written beside the use of a request, in the same unit of work; an error leaves neither.
using Beside = std::function<Status(store::Transaction&, const Request&)>;

class DualControl {
 public:
  DualControl(store::Database& database, const Clock& clock, Rules rules);

  /// Errors: kInvalidInput "request.bad"; kForbidden "request.not_a_person", "request.no_trustee"
  /// (solo); kLimitExceeded "request.too_many" (a person has at most 20 that wait).
  /// `with` is written beside it; its error leaves neither.
  Result<Request> ask(const store::Actor& actor, const Ask& ask, const Beside& with = {});
  /// Errors: kForbidden "request.own" (the asker), "request.not_a_person"; kConflict
  /// "request.not_waiting", "request.expired"; kNotFound "request.not_found", also where it is
  /// another tenant's. Of kReleaseReport kForbidden "request.by_release": see consent().
  Result<Request> approve(const store::Actor& actor, const Uuid& id);
  /// The same, but the asker may: to take the request back.
  Result<Request> refuse(const store::Actor& actor, const Uuid& id);
  /// Takes an approval, once, for this kind and object, by its asker, in its time. The entry
  /// ("<kind>" of the object, with the purpose) commits with it, and with what `with` writes; an
  /// error of `with` leaves the approval unused. Errors: kInvalidInput "request.bad" (the object);
  /// kNotFound "request.not_found"; kForbidden "request.not_approved", "request.not_yet" (solo),
  /// "request.expired", "request.used", "request.other_person", "request.other_object".
  Result<audit::Recorded> use(const store::Actor& actor,
                              const Uuid& id,
                              Kind kind,
                              std::string_view object,
                              const Beside& with = {});

  /// Another person approves a request and uses it for its asker, in one unit of work; of
  /// kReleaseReport alone, where the approver is the one who acts. Errors: those of approve() and
  /// use().
  Result<audit::Recorded> consent(const store::Actor& actor,
                                  const Uuid& id,
                                  Kind kind,
                                  std::string_view object,
                                  const Beside& with);
  /// Takes an open request back, inside the caller's unit of work: what it was for has changed.
  /// Nothing where it is not open.
  Status lapse(store::Transaction& transaction, const store::Actor& actor, const Uuid& id);

  /// A request whose time is over is shown as expired, also before its entry is written.
  Result<Request> find(const std::string& tenant_id, const Uuid& id);
  /// The newest first, at most 200; `waiting_only` for the desk of those who approve.
  Result<std::vector<Request>> list(const std::string& tenant_id,
                                    bool waiting_only,
                                    std::size_t limit);

  /// How many wait for somebody's answer.
  Result<std::int64_t> count_waiting(const std::string& tenant_id);

  /// Gives up to `limit` requests of all tenants whose time is over their entry, and remembers how
  /// much time has passed. Called about once a minute. Returns how many.
  Result<std::size_t> expire_due(std::size_t limit);

 private:
  Result<Request> decide(const store::Actor& actor, const Uuid& id, State decision);
  Status take(store::Transaction& transaction,
              const store::Actor& actor,
              const Request& request,
              Kind kind,
              std::string_view object);
  Status approve_and_take(store::Transaction& transaction,
                          const store::Actor& actor,
                          const Request& request,
                          Kind kind,
                          std::string_view object);
  using Taking = Status (DualControl::*)(
      store::Transaction&, const store::Actor&, const Request&, Kind, std::string_view);
  Result<audit::Recorded> use_by(const store::Actor& actor,
                                 const Uuid& id,
                                 Kind kind,
                                 std::string_view object,
                                 const Beside& with,
                                 Taking taking);
  Error refused(const store::Actor& actor, const Uuid& id, audit::Entry entry, Error why);

  store::Database& database_;
  const Clock& clock_;
  Rules rules_;
};

}  // namespace tutela::dual_control
