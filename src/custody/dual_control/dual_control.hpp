// Dual control: what one person asks for and another approves, for a bounded time, to be used once.
//
// Opening an original, an export, a disposal. Every step is an entry of the audit log in the same
// unit of work. On a one-person server (safeguards.md 13) a waiting time, a message to the trustee
// and a loud entry stand in for the second person; a second account of the same person does not.
//
// Thread-safe. Borrows database and clock.
#pragma once

#include <cstdint>
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

enum class Kind : std::uint8_t { kOpenOriginal, kExport, kDispose };
[[nodiscard]] std::string_view to_string(Kind kind) noexcept;  // "open_original", ...
Result<Kind> parse_kind(std::string_view text);

enum class State : std::uint8_t { kWaiting, kApproved, kRefused, kUsed, kExpired };
[[nodiscard]] std::string_view to_string(State state) noexcept;

struct Ask {
  Kind kind = Kind::kOpenOriginal;
  std::string object;    // "evidence:<uuid>", "case:<ref>"
  std::string case_ref;  // 1 to 64 of A-Z a-z 0-9 . _ -
  std::string purpose;   // a word of opening::Purpose
  std::string reason;    // in the asker's words, 1 to 1000 characters; not in the audit log
};

struct Request {
  Uuid id;
  std::string tenant_id;
  std::string asked_by;  // principal_id
  Ask ask;
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
  std::int64_t solo_wait_ms = 24LL * 3'600'000;
  std::string trustee;                       // gets an outbox message "trustee.notice" in solo
  std::int64_t waits_ms = 72LL * 3'600'000;  // an unanswered request expires
  std::int64_t usable_ms = 4LL * 3'600'000;  // an approval can be used for this long
};

class DualControl {
 public:
  DualControl(store::Database& database, const Clock& clock, Rules rules);

  /// Errors: kInvalidInput "request.bad"; kLimitExceeded "request.too_many" (waiting ones of one
  /// person are bounded).
  Result<Request> ask(const store::Actor& actor, const Ask& ask);
  /// Errors: kForbidden "request.own" (the asker); kConflict "request.not_waiting",
  /// "request.expired"; kNotFound "request.not_found".
  Result<Request> approve(const store::Actor& actor, const Uuid& id);
  Result<Request> refuse(const store::Actor& actor, const Uuid& id);
  /// Takes an approval, once, for this kind and object, by its asker, in its time. The entry
  /// ("<kind>" of the object, with the purpose) commits with it. Errors: kForbidden
  /// "request.not_approved", "request.not_yet" (solo), "request.expired", "request.used",
  /// "request.other_person", "request.other_object".
  Result<audit::Recorded> use(const store::Actor& actor,
                              const Uuid& id,
                              Kind kind,
                              std::string_view object);

  Result<Request> find(const std::string& tenant_id, const Uuid& id);
  /// The newest first; `waiting_only` for the desk of those who approve.
  Result<std::vector<Request>> list(const std::string& tenant_id,
                                    bool waiting_only,
                                    std::size_t limit);

 private:
  store::Database& database_;
  const Clock& clock_;
  Rules rules_;
};

}  // namespace tutela::dual_control
