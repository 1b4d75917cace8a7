// Observations: what the watch sees at one moment, and what that means. Pure values and functions:
// whoever gathers them asks nobody here.
//
// Codes of conditions, with what they are about ("object") and how bad they are at most:
//   canary.missed     door/format  blind     it came back without its match, or as let through
//   canary.unanswered door/format  blind     no answer, no verdict or no message in time
//   canary.refused    door/format  degraded  the door refused it (busy)
//   canary.mistaken   door/format  blind     one that must not match matched the list "canary"
//   canary.none       door         blind     none was sent for three intervals, or no list of them;
//                                            degraded of a format alone, or turned off
//   door.not_scanning door         blind     configuration stops its scans
//   door.let_through  door         degraded  items were answered without a verdict (on_error allow)
//   lists.none_active              blind     no list but canary ones
//   lists.only_test                degraded  no list but test and canary ones
//   list.empty        list         blind     an active list without signals; a test list: degraded
//   list.shrunk       list         blind     lost more than list_shrunk_percent within a day;
//                                            a test list: degraded
//   list.stale        list         degraded  (not of test and canary lists)
//   index.behind                   blind     what is searched is older than the store
//   policy.no_action               blind     a match of an active list would pass
//   rate.low rate.high list/door/type  degraded  matches outside their band
//   rate.zero         list/door/type  blind  none for zero_hours where some were to be expected
//   unscannable.rate  door/type    degraded
//   owed.old                       degraded  blind beyond ten times the target
//   workers.down                   blind
//   workers.restarting             degraded
//   store.down store.read_only     blind
//   outbox.late                    degraded  a message is older than outbox_late_seconds
//   vault.down                     degraded
//   clock.jumped                   degraded  clock.stopped: blind
//   disk.low          folder       degraded  disk.full: blind
//   audit.difference               blind     a sampling audit found another result
//   audit.late                     degraded  sampling audits are not made
//   tls.expiring                   degraded  the certificate ends within two weeks
//   heartbeat.failing              degraded
//   intake.imminent                degraded  somebody may be in danger, and nobody has looked yet
//   intake.due_soon   queue        degraded  an answer is promised soon, and nobody has given it
//   intake.overdue    queue        degraded  a promise is broken
//   intake.unsorted                degraded  notices wait for their place for more than a minute
//   intake.capacity                degraded  the promises cannot be kept by the people on shift
//   intake.detection               degraded  somebody outside says that detection looks off
//   intake.flood                   degraded  one source sends masses
//   intake.mail                    degraded  the mailbox cannot be read
//   intake.mail       people       degraded  those on duty are not told of promises near their end
//   intake.no_duty    queue        degraded  nobody who is there answers this queue
//   partner.stale                  degraded  partners to be confirmed again
//   watch.stopped                  blind     (said by whoever reads: the watch itself does not run)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace tutela::alarms {

enum class Level : std::uint8_t { kOk, kDegraded, kBlind };
[[nodiscard]] std::string_view to_string(Level level) noexcept;  // "ok" "degraded" "blind"

/// Something that is wrong now.
struct Condition {
  std::string code;
  std::string object;
  Level level = Level::kDegraded;
  std::string why;  // one sentence with the figures; never hashes, names of files or persons

  friend bool operator==(const Condition&, const Condition&) = default;
};

/// How the last canaries of a door and format fared.
struct CanaryState {
  enum class Last : std::uint8_t { kNone, kGood, kMissed, kUnanswered, kRefused, kMistaken };
  std::string door;
  std::string format;
  Last last = Last::kNone;
  std::int64_t since_good_ms = -1;  // by a steady clock; -1: never
  std::int64_t since_sent_ms = -1;
  std::int64_t took_ms = 0;  // of the last good one
};

struct DoorState {
  std::string door;
  bool enabled = true;
  bool scanning = true;
  std::int64_t let_through = 0;  // in this hour and the one before
};

struct ListState {
  std::string name;
  std::string purpose;  // "known_csam" ...
  std::int64_t signals = 0;
  std::int64_t signals_most = 0;  // within the last day
  std::int64_t age_ms = 0;        // since its last change
};

/// Counts of one list, door and media type against what is usual at this hour of the week.
struct RateState {
  std::string object;  // "list/door/type"
  std::int64_t items = 0;
  std::int64_t matches = 0;
  double expected = 0;          // matches among so many items
  std::int64_t zero_hours = 0;  // hours without any
  double expected_in_zero_hours = 0;
};

struct UnscannableState {
  std::string object;      // "door/type"
  std::int64_t items = 0;  // in this hour and the one before
  std::int64_t unscannable = 0;
  double usual = 0;  // share, 0..1
};

struct DiskState {
  std::string folder;  // "store" "vault" "spool": never a path
  std::uint64_t free_bytes = 0;
  std::uint64_t size_bytes = 0;
};

/// How one queue of notices stands.
struct IntakeQueueState {
  std::string queue;
  std::int64_t waiting = 0;
  std::int64_t due_soon = 0;
  std::int64_t overdue = 0;
  bool no_duty = false;  // nobody is named, or all who are named are absent
};

/// What the service that takes notices says of itself.
struct IntakeState {
  bool on = false;  // the public pages, the mailbox, or a notice was ever taken
  std::int64_t imminent_unseen = 0;
  std::int64_t unsorted_oldest_ms = 0;  // age; 0: none
  std::int64_t detection_unanswered = 0;
  std::int64_t flood_sources = 0;  // with notices within the last hour
  bool mail_failing = false;
  std::int64_t people_untold = 0;  // mails to those on duty, and escalations, that failed
  bool capacity_known = false;
  bool capacity_enough = true;
  std::int64_t partners_stale = 0;
  std::vector<IntakeQueueState> queues;
};

struct Observations {
  UtcMs now_ms = 0;
  std::int64_t steady_ms = 0;  // since the watch began, by a clock that nobody sets
  bool store_up = true;
  bool store_writable = true;
  bool workers_up = true;
  std::uint64_t worker_restarts = 0;  // within the last five minutes, crashes of workers too
  bool vault_up = true;
  std::int64_t signals_searched = 0;
  std::int64_t position_searched = 0;
  std::int64_t position_stored = 0;
  std::int64_t behind_ms = 0;  // since when the two differ
  bool match_passes = false;   // policy::Policy would pass a match of an active list
  std::int64_t owed = 0;
  std::int64_t owed_oldest_ms = 0;  // age
  std::int64_t outbox_oldest_ms = 0;
  std::int64_t clock_drift_ms = 0;  // wall clock against the steady one since the last look
  bool clock_stopped = false;
  std::int64_t audits_different = 0;  // not yet looked into
  std::int64_t audits_oldest_ms = 0;  // age of the oldest sampling audit that is owed
  std::optional<std::int64_t> tls_days_left;
  bool heartbeat_failing = false;
  std::vector<CanaryState> canaries;
  std::vector<DoorState> doors;
  std::vector<ListState> lists;  // active ones
  std::vector<RateState> rates;
  std::vector<UnscannableState> unscannable;
  std::vector<DiskState> disks;
  IntakeState intake;
};

/// What counts as wrong: the keys of [watch].
struct Rules {
  std::int64_t canary_interval_ms = 30'000;
  std::int64_t canary_timeout_ms = 15'000;
  std::int64_t list_stale_ms = 168 * 3'600'000LL;
  std::int64_t list_shrunk_percent = 20;
  std::int64_t owed_target_ms = 60'000;
  std::int64_t outbox_late_ms = 600'000;
  std::int64_t unscannable_percent = 20;
  std::int64_t zero_hours = 24;
  std::int64_t disk_low_percent = 10;
  std::int64_t restarts_max = 5;
  std::int64_t audit_late_ms = 600'000;
};

/// Where the matches of a list, door and media type lie: "unknown" "within" "low" "high" "zero".
enum class RateVerdict : std::uint8_t { kUnknown, kWithin, kLow, kHigh, kZero };
[[nodiscard]] std::string_view to_string(RateVerdict verdict) noexcept;
[[nodiscard]] RateVerdict judge(const RateState& rate, const Rules& rules);

/// Everything that is wrong, in the order of the codes above. While the store is down, observations
/// that come from it are to be the last ones known; no lists at all count as not known then.
[[nodiscard]] std::vector<Condition> evaluate(const Observations& seen, const Rules& rules);

}  // namespace tutela::alarms
