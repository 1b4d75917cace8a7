// Partners: whom we work with outside (authorities, hotlines, trusted flaggers, council members),
// and who answers inside (duty by queue, deputies, absences, shifts), so that a resignation does
// not cut the line. People inside are principals ("person:<id>"); names and addresses here are
// those of partners, for those with the permission. Every change is a unit of work with its audit
// entry.
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
#include "custody/store/store.hpp"

namespace tutela::partners {

enum class Kind : std::uint8_t { kAuthority, kHotline, kFlagger, kCouncil, kResearcher, kService };
std::string_view to_string(Kind value) noexcept;
Result<Kind> parse_kind(std::string_view text);  // "partner.bad_kind"

/// Fields: at most 200 bytes of UTF-8 without control characters; note 2000, of lines.
struct Details {
  Kind kind = Kind::kHotline;
  std::string name;  // of the person or the desk
  std::string organisation;
  std::string country;  // ISO 3166-1 alpha-2, or empty
  std::string role;     // "officer on call"
  std::string email;
  std::string phone;
  std::string url;  // https://
  std::string note;
  std::optional<Uuid> deputy_id;        // another partner
  std::optional<std::string> token_id;  // the API token that notices of theirs come with
  std::int64_t confirm_days = 180;      // 1 to 3650: then somebody checks that it is still right
  std::optional<UtcMs> absent_from_ms;
  std::optional<UtcMs> absent_until_ms;
};

struct Partner {
  Uuid id;
  std::int64_t version = 0;
  Details details;
  UtcMs confirmed_ms = 0;
  std::string confirmed_by;
  std::optional<UtcMs> ended_ms;
  UtcMs at_ms = 0;
  bool stale = false;   // to be confirmed again
  bool absent = false;  // now
};

/// Who answers a queue of notices, by the words of intake::Queue.
struct Duty {
  std::string queue;
  std::string person;                 // a principal
  std::optional<std::string> deputy;  // a principal
  bool person_absent = false;         // now
  bool deputy_absent = false;
};

struct Span {
  Uuid id;
  std::string person;
  UtcMs from_ms = 0;
  UtcMs until_ms = 0;
};

class Partners {
 public:
  Partners(store::Database& database, const Clock& clock);

  /// Errors: kInvalidInput "partner.bad_<field>"; kConflict "partner.token_taken",
  /// "partner.changed" (the version is another by now, or they are a partner no longer);
  /// kNotFound "partner.unknown"; kLimitExceeded "partner.too_many" (1000).
  Result<Partner> add(const store::Actor& actor, const Details& details);
  Result<Partner> change(const store::Actor& actor,
                         const Uuid& id,
                         std::int64_t version,
                         const Details& details);
  /// Somebody asked them, and it is still right.
  Result<Partner> confirm(const store::Actor& actor, const Uuid& id);
  /// Nobody has them as deputy any more.
  Result<Partner> end(const store::Actor& actor, const Uuid& id, std::int64_t version);
  Result<std::vector<Partner>> list(const std::string& tenant_id, bool with_ended);  // at most 1000
  Result<Partner> find(const std::string& tenant_id, const Uuid& id);
  Result<std::optional<Partner>> of_token(const std::string& tenant_id, std::string_view token_id);

  /// Errors: "duty.bad_queue", "duty.bad_person", "duty.same_person" (deputy).
  Status set_duty(const store::Actor& actor,
                  std::string_view queue,
                  std::string_view person,
                  const std::optional<std::string>& deputy);
  Result<std::vector<Duty>> duties(const std::string& tenant_id);
  /// Whole spans in the future or now, at most 400 days; kinds "absence" and "shift".
  /// Errors: "duty.bad_span", "duty.bad_person"; kLimitExceeded "duty.too_many" (1000);
  /// kNotFound "duty.unknown".
  Result<Span> add_span(const store::Actor& actor,
                        std::string_view kind,
                        std::string_view person,
                        UtcMs from_ms,
                        UtcMs until_ms);
  Status remove_span(const store::Actor& actor, std::string_view kind, const Uuid& id);
  /// Those that are not over, the earliest first.
  Result<std::vector<Span>> spans(const std::string& tenant_id, std::string_view kind);

 private:
  store::Database& database_;
  const Clock& clock_;
};

/// Whom to tell that a promise of a queue is near its end.
struct Escalation {
  std::string to;  // whoever is to answer now; empty: nobody is named
  bool to_deputy = false;
  std::string warned;  // the person on duty, where they are there and another one is to answer
};

/// The deputy where there is one who is there, else the person. Whoever has shifts planned and is
/// on none now is there only where the other one is not either; at night somebody is told all the
/// same.
Result<Escalation> escalation_of(store::Transaction& transaction,
                                 const std::string& tenant_id,
                                 std::string_view queue,
                                 UtcMs now_ms);

/// Load against promised times, of one queue.
struct Load {
  std::string queue;
  std::int64_t waiting = 0;
  double arrivals_per_hour = 0;  // of the last 7 days
  double minutes_each = 0;  // from taking to the answer, median of the last 28 days; 0: unknown
  std::int64_t promise_ms = 0;
  std::optional<UtcMs> next_due_ms;
  /// When one that comes then is due; absent: promise_ms later. (Holidays.)
  std::function<UtcMs(UtcMs)> due_of;
};

struct Staffing {
  std::int64_t people_now = 0;     // on shift
  double people_next_day = 0;      // mean of the next 24 hours
  double hours_needed = 0;         // of one person, for what waits and what will come in a day
  double hours_there = 0;          // on shift in the next 24 hours
  bool enough = true;              // every promise can be kept at the present rate
  std::optional<UtcMs> breaks_ms;  // when the first promise breaks, at the present rate
  std::string breaks_queue;
  bool known = false;  // enough answers were given, and shifts are planned
};

/// Pure: works queues off in the order of their promises with the people of `shifts`, as far ahead
/// as shifts are planned, at least a day and at most a week. What waits of a queue is due evenly
/// from its next promise on; what comes, comes evenly. A promise that is broken already is work,
/// and breaks no other; one that will break counts from half a notice on. A queue whose
/// minutes_each is unknown is taken to need the longest of the others.
[[nodiscard]] Staffing staffing_of(const std::vector<Load>& loads,
                                   const std::vector<Span>& shifts,
                                   UtcMs now_ms);

/// The parts of shifts in which their person is not absent. Pure.
[[nodiscard]] std::vector<Span> without_absences(const std::vector<Span>& shifts,
                                                 const std::vector<Span>& absences);

/// How many are to be confirmed again.
Result<std::int64_t> count_stale(store::Transaction& transaction,
                                 const std::string& tenant_id,
                                 UtcMs now_ms);
/// As Partners::spans(), in the caller's unit of work.
Result<std::vector<Span>> spans_of(store::Transaction& transaction,
                                   const std::string& tenant_id,
                                   std::string_view kind,
                                   UtcMs now_ms);
/// Whether a queue has nobody who is there: nobody is named, or all who are named are absent.
Result<bool> is_unmanned(store::Transaction& transaction,
                         const std::string& tenant_id,
                         std::string_view queue,
                         UtcMs now_ms);

}  // namespace tutela::partners
