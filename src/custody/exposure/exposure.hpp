// Exposure: how much of what hurts one person has seen, and when it is enough.
//
// A view costs points: its grade's weight times its severity's. What is counted are the rows of
// evidence_view, so nothing can be shown uncounted. The definitions:
//
// - A shift begins with the first view after shift_gap without one. Its points are bounded, and so
//   is its length: past shift_max nothing is viewed until shift_gap has passed without a view.
// - A stretch of looking begins with the first view after break_ms without one. Its points are
//   bounded and so is its length; then nothing is viewed until break_ms has passed without a view.
//   That pause is the rest. A break by one's own will keeps views shut until its end, and is a rest
//   where it is as long as one.
// - After a full view nothing is viewed for cool_down_ms.
// - A day of work is the UTC day on which a shift began (one past midnight is not cut), and each
//   day with views past shift_max. Days of work with fewer than days_off days between them are a
//   run; after a run of days_on no shift begins until days_off whole days have passed without one.
//   days_on 0 asks for none.
//
// Time is time that passed (dual_control/moment.hpp): a clock that is set back gives nothing back.
// Days too; they are UTC days as long as the clock was never set back.
//
// Everything but Budgets is pure. Thread-safe, also between processes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "custody/store/store.hpp"

namespace tutela::exposure {

/// The grades in the order of what they show; "original" counts as full.
inline constexpr std::array<std::string_view, 6> kGrades = {
    "outline", "mosaic", "grey_blurred", "grey_small", "full", "original"};

struct Rules {
  std::array<std::int64_t, 6> grade_points = {1, 2, 4, 8, 20, 20};          // as kGrades
  std::array<std::int64_t, 5> severity_percent = {100, 80, 100, 120, 150};  // 0 unknown, B2 to A1
  std::int64_t points_per_shift = 600;
  std::int64_t contractor_points_per_shift = 400;
  std::int64_t soft_percent = 80;
  std::int64_t break_after_points = 200;
  std::int64_t break_after_ms = 60LL * 60'000;  // of looking without a break
  std::int64_t break_ms = 10LL * 60'000;
  std::int64_t cool_down_ms = 15'000;  // after a full view
  std::int64_t shift_gap_ms = 6LL * 3'600'000;
  std::int64_t shift_max_ms = 10LL * 3'600'000;
  std::int64_t days_on = 5;   // days with views, then
  std::int64_t days_off = 2;  // days without
};

/// One view as it counts.
struct Seen {
  UtcMs at_ms = 0;
  std::int64_t points = 0;
  bool full = false;
};

struct Rest {
  UtcMs start_ms = 0;
  UtcMs end_ms = 0;
};

enum class Level : std::uint8_t {
  kRested,     // no shift is running
  kSteady,     // in a shift
  kNearLimit,  // soft_percent of the shift's points are used: time for other work
  kBreak,
  kCoolDown,
  kDone,
  kDaysOff
};
std::string_view to_string(Level level) noexcept;  // "rested" "steady" "near_limit" ...

/// Where a person stands.
struct State {
  Level level = Level::kRested;
  std::int64_t points = 0;  // of this shift
  std::int64_t points_max = 0;
  std::int64_t until_break = 0;  // points until the next forced break
  std::optional<UtcMs> shift_began_ms;
  std::optional<UtcMs> last_view_ms;
  std::optional<UtcMs> views_again_ms;  // set where nothing may be viewed now
  std::vector<std::string> declined;    // kinds that the person has opted out of
};

/// 4 for A1, 3 for A2, 2 for B1, 1 for B2; 0 for any other label.
[[nodiscard]] int severity_of(std::string_view classification) noexcept;

/// What a view costs; at least 1. A grade that is none costs what the full one does.
[[nodiscard]] std::int64_t cost_of(const Rules& rules,
                                   std::string_view grade,
                                   int severity) noexcept;

/// How far back views matter to state_of().
[[nodiscard]] std::int64_t memory_ms(const Rules& rules) noexcept;

/// Where somebody stands after these views (in order of time) and rests. All times are of one clock
/// that only goes forward; so are those of the state. Leaves `declined` empty.
[[nodiscard]] State state_of(const Rules& rules,
                             std::int64_t points_max,
                             const std::vector<Seen>& views,
                             const std::vector<Rest>& rests,
                             UtcMs now_ms);

/// Whether a view of this cost may follow. Errors, all kLimitExceeded, each with what to do and
/// when views open again: "exposure.done" (the shift's points), "exposure.break",
/// "exposure.cool_down", "exposure.days_off". A view that costs more than is left is refused where
/// a lesser one is not.
Status check(const Rules& rules, const State& state, std::int64_t cost);

/// Kinds that people may opt out of.
inline constexpr std::array<std::string_view, 6> kKinds = {
    "A1", "A2", "B1", "B2", "animation", "self_reported"};

/// One line of what a lead sees: load, by name; no points, no ranking.
struct Load {
  std::string principal_id;
  std::string name;
  std::string role;
  Level level = Level::kRested;
  std::int64_t percent = 0;  // of the shift's points, in steps of 10
  std::optional<UtcMs> views_again_ms;
};

struct Limit {
  std::string subject;  // "role:contractor" or "person:<id>"
  std::int64_t points_per_shift = 0;
};

class Budgets {
 public:
  Budgets(store::Database& database, const Clock& clock, Rules rules);

  /// In the unit of work of a view, before its row: what it costs, if it may be had now. A contact
  /// sheet costs `times` as much as one view. A danger to life (purpose safety, break-glass) is not
  /// refused, but counts. Errors: those of check(), and kForbidden "exposure.declined".
  Result<std::int64_t> charge(store::Transaction& transaction,
                              const store::Actor& actor,
                              const Uuid& evidence_id,
                              std::string_view grade,
                              std::int64_t times,
                              bool refuse);

  /// What charge() would answer now; charges nothing.
  Result<std::int64_t> quote(const store::Actor& actor,
                             const Uuid& evidence_id,
                             std::string_view grade,
                             std::int64_t times,
                             bool refuse);

  Result<State> state(const store::Actor& actor);
  /// What a view of this object would cost, by grade. Error: kNotFound "evidence.not_found".
  Result<std::array<std::int64_t, 6>> costs(const store::Actor& actor, const Uuid& evidence_id);
  /// A break by one's own will, of 1 to 120 minutes; audited without a reason. Error:
  /// kInvalidInput "exposure.bad_rest".
  Result<State> rest(const store::Actor& actor, std::int64_t minutes);
  /// Opts out of kinds, all at once; nobody needs to say why. Error: kInvalidInput
  /// "exposure.bad_kind".
  Result<State> decline(const store::Actor& actor, const std::vector<std::string>& kinds);
  /// People with views in the last 14 days, by name.
  Result<std::vector<Load>> team(const std::string& tenant_id);
  /// Points by UTC day of the last `days` (1 to 31), today last; for one person's own chart, or
  /// the team's sum.
  Result<std::vector<std::int64_t>> by_day(const std::string& tenant_id,
                                           std::optional<std::string> principal_id,
                                           std::int64_t days);
  /// The tenant's owner lowers, never raises, what the configuration allows; of several limits the
  /// lowest counts, from the next view on. Errors: kInvalidInput "exposure.bad_limit"; kNotFound
  /// "exposure.no_person".
  Status set_limit(const store::Actor& actor, const Limit& limit);
  Result<std::vector<Limit>> limits(const std::string& tenant_id);

 private:
  store::Database& database_;
  const Clock& clock_;
  Rules rules_;
};

/// What somebody says of material, access or workload (safeguards.md 14).
struct Concern {
  Uuid id;
  std::string tenant_id;
  std::string kind;     // "material" "access" "workload" "other"
  std::string payload;  // JSON for whoever hears it; it is kept nowhere else
};

/// Passes it on. Neither row, entry nor message knows who it was.
Status raise_concern(store::Database& database, const Concern& concern, UtcMs now_ms);

}  // namespace tutela::exposure
