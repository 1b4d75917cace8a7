#include "watch/alarms/codes.hpp"

#include <algorithm>
#include <array>

namespace tutela::alarms {

namespace {

constexpr std::int64_t kClear = 30'000;
// What is seen at one look alone stays long enough to be read.
constexpr std::int64_t kClearMoment = 300'000;

constexpr std::string_view kUnknown =
    "Nobody knows what was missed: treat items since the last good canary as not scanned.";
constexpr std::string_view kOwed =
    "Items are accepted, held and owed their scan; none counts as clean before it was made.";
constexpr std::string_view kRescanned =
    "Items are compared with fewer signals than before; a rescan makes up for it once the list is "
    "whole.";
constexpr std::string_view kUntouched = "Items are scanned as always.";

constexpr CodeRule kOther = {
    "", 0, kClear, kUnknown, "Read the log of the server and run tutela status."};

constexpr auto kCodes = std::to_array<CodeRule>({
    {"canary.missed",
     0,
     kClear,
     kUnknown,
     "Look which list, policy or index changed since the last good canary, and undo it; what was "
     "judged since is searched again by itself."},
    {"canary.unanswered",
     0,
     kClear,
     kOwed,
     "Look at the workers, at the load of this machine and at the outbox: the door answers late or "
     "not at all."},
    {"canary.refused",
     0,
     kClear,
     "The door turns uploads away as well: whoever sends them has to try again.",
     "Lower the load, or give the server more workers."},
    {"canary.mistaken",
     0,
     kClear,
     "Matching says yes to what is not on a list: hold actions that rest on matches alone.",
     "Check the kernels with tutela selftest, the thresholds of the policy, and the list canary."},
    {"canary.none",
     15'000,
     kClear,
     "Items are scanned, but nothing proves it.",
     "Look in the log why no canaries are sent: watch.canary_seconds, the list canary, the token "
     "of the watch."},
    {"door.not_scanning",
     0,
     kClear,
     kOwed,
     "Set the door's scan key to true again and reload; what is owed is made up."},
    {"door.let_through",
     0,
     kClear,
     "Items were answered without a verdict; they are still owed their scan, which is made up.",
     "End the fault that keeps verdicts from being made, or set on_error to hold."},
    {"lists.none_active",
     5'000,
     kClear,
     "Items are compared with nothing.",
     "Import and activate a list."},
    {"lists.only_test",
     5'000,
     kClear,
     "Items are compared with test lists alone.",
     "Import and activate a list of known material from a hotline or clearing house."},
    {"list.empty",
     5'000,
     kClear,
     kRescanned,
     "Import the list again; look in the audit log who emptied it."},
    {"list.shrunk",
     5'000,
     kClear,
     kRescanned,
     "Ask whoever curates the list whether so much was meant to go; else import it again."},
    {"list.stale",
     5'000,
     kClear,
     "Items are compared with an old state of the list.",
     "Look why no new state of the list arrives, or fetch it by hand."},
    {"index.behind",
     5'000,
     kClear,
     "Items are compared with an old state of the lists; a rescan makes up for it.",
     "Look in the log why the index is not brought up to date; a restart builds it anew."},
    {"policy.no_action",
     0,
     kClear,
     "A match would pass; matches are recorded.",
     "Give the policy a rule that acts on every match of an active list."},
    {"rate.low",
     60'000,
     kClear,
     kUntouched,
     "Compare with what arrived: did a client, a list or a media type change?"},
    {"rate.high",
     60'000,
     kClear,
     kUntouched,
     "Look at the matches: a flood of known material, or a list with a bad signal?"},
    {"rate.zero",
     60'000,
     kClear,
     kUnknown,
     "Check with a test signal of this list whether it still matches through this door."},
    {"unscannable.rate",
     60'000,
     kClear,
     "What cannot be scanned is held as the policy says, never counted as clean.",
     "Look at the reasons on the coverage page: a new format, a broken client, a decoder that "
     "fails?"},
    {"owed.old",
     5'000,
     kClear,
     kOwed,
     "Look at the workers and the load; tutela status shows how fast the backlog goes down."},
    {"workers.down",
     0,
     kClear,
     kOwed,
     "Look in the log why workers do not start: the sandbox, memory, the program tutela-decode."},
    {"workers.restarting",
     5'000,
     kClear,
     kOwed,
     "Look in the log which reason workers die of; update the libraries that decode."},
    {"store.down",
     0,
     kClear,
     "Uploads are turned away: nothing is accepted that cannot be written down.",
     "Look at the disk and the file of the database; tutela store check says what is wrong."},
    {"store.read_only",
     0,
     kClear,
     "Uploads are turned away: nothing is accepted that cannot be written down.",
     "Look whether the disk is full or was mounted read-only."},
    {"outbox.late",
     5'000,
     kClear,
     "Verdicts are made, but others are told late; messages wait in the outbox.",
     "Look at the receiver of the webhooks, and at webhook.url and its secrets."},
    {"vault.down",
     10'000,
     kClear,
     "Items are scanned; evidence cannot be put away or opened, and waits.",
     "Start the vault process, and look in its log."},
    {"clock.jumped",
     0,
     kClearMoment,
     kUntouched,
     "Look at time synchronisation: times in the ledger around this moment are off."},
    {"clock.stopped",
     0,
     kClear,
     "Items are scanned; deadlines and times in the ledger are wrong.",
     "Set the clock of this machine and look at time synchronisation."},
    {"disk.low", 5'000, kClear, kUntouched, "Make room, or give the folder a larger disk."},
    {"disk.full",
     5'000,
     kClear,
     "Uploads will be turned away as soon as nothing can be written.",
     "Make room at once, or give the folder a larger disk."},
    {"audit.difference",
     0,
     kClear,
     "An item was judged wrongly: its bytes are kept and it is judged again.",
     "Stop automatic actions, check the machine's memory and kernels, and rescan."},
    {"audit.late",
     5'000,
     kClear,
     "Items are scanned; the second, independent look at samples is not made.",
     "Look in the log why sampling audits are not made."},
    {"tls.expiring", 0, kClear, kUntouched, "Renew the certificate and reload."},
    {"heartbeat.failing",
     30'000,
     kClear,
     kUntouched,
     "Look whether the monitor at watch.heartbeat_url answers; until then nobody notices silence."},
    {"watch.stopped",
     0,
     kClear,
     "Items may be scanned, but nothing proves it.",
     "Restart the server, and keep its log for a report of the bug."},
});

}  // namespace

std::span<const CodeRule> codes() noexcept {
  return kCodes;
}

const CodeRule& rule_of(std::string_view code) noexcept {
  const auto* const found = std::ranges::find(kCodes, code, &CodeRule::code);
  return found == kCodes.end() ? kOther : *found;
}

std::string_view advice_of(std::string_view code) noexcept {
  return rule_of(code).advice;
}

}  // namespace tutela::alarms
