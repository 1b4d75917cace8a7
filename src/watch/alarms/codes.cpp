#include "watch/alarms/codes.hpp"

#include <algorithm>
#include <array>

namespace tutela::alarms {

namespace {

constexpr std::int64_t kClear = 30'000;
// What is seen at one look alone stays long enough to be read.
constexpr std::int64_t kClearMoment = 300'000;

constexpr CodeRule kOther = {
    "",
    0,
    kClear,
    "Nobody knows what was missed: treat items since the last good canary as not scanned.",
    "Read the log of the server and run tutela status."};

// The sentences are those of the console and of docs/watch.md.
constexpr auto kCodes = std::to_array<CodeRule>({
    {"canary.missed",
     0,
     kClear,
     "What matched before stays held. Verdicts of this door since its last good canary are not "
     "proved.",
     "Look at the other alarms first: lists, index, policy. If there are none, start the server "
     "again. What was judged since the last good canary is searched again by itself once canaries "
     "are found again."},
    {"canary.unanswered",
     0,
     kClear,
     "Nothing passes because of it, unless the door lets through on errors: what has no verdict is "
     "held and owed.",
     "See whether the server is overloaded (owed work, workers) or cannot reach its own address "
     "(server.listen, TLS, a firewall)."},
    {"canary.refused",
     0,
     kClear,
     "Uploads that it refuses were never accepted: their senders were told to come again.",
     "Look at load and owed work. If it stays, give the server more workers or the machine more "
     "cores."},
    {"canary.mistaken",
     0,
     kClear,
     "Nothing more passes than usual. Uploads may be held or opened as cases for no reason.",
     "Decide nothing by matches that arrived since. See who changed the list canary or its "
     "distance (audit), then start the server again."},
    {"canary.none",
     15'000,
     kClear,
     "It may well work: nobody knows. What was found before is kept.",
     "Look at watch.canary_seconds (0 sends none) and at the list canary: its name may be taken by "
     "another purpose. The server's log says which."},
    {"door.not_scanning",
     0,
     kClear,
     "What arrives is held and owed its scan. Nothing of it passes as clean.",
     "Set doors.http_scan to true and reload (SIGHUP). What is owed is made up by itself."},
    {"door.let_through",
     0,
     kClear,
     "They were kept and are owed their scan: if one matches later, a case opens and your service "
     "is told.",
     "Mend what kept verdicts from being reached: see the other alarms. Consider "
     "doors.http_on_error = hold."},
    {"lists.none_active",
     5'000,
     kClear,
     "Uploads are hashed and kept by their fingerprints: a list that is activated later is "
     "searched for in them.",
     "Import a list, try it with a dry run, and activate it."},
    {"lists.only_test",
     5'000,
     kClear,
     "Uploads are hashed and kept by their fingerprints: a list that is activated later is "
     "searched for in them.",
     "On a server that is only tried out this is as it should be. Otherwise import a list and "
     "activate it."},
    {"list.empty",
     5'000,
     kClear,
     "Other lists work. What matched this one before stays held until its rescan has judged it "
     "again.",
     "Import its signals, or deactivate it if it is not needed any more."},
    {"list.shrunk",
     5'000,
     kClear,
     "What is left of it is still found. What rested on signals that went is judged again by "
     "itself.",
     "Ask the source whether that was meant. If not, import the signals again; what was posted "
     "before is searched for them by itself."},
    {"list.stale",
     5'000,
     kClear,
     "What is on it is found as ever.",
     "Fetch the newest state from its source. If the list is not meant to change so often, raise "
     "watch.list_stale_hours."},
    {"index.behind",
     5'000,
     kClear,
     "Everything that was on the lists before is found. What is judged meanwhile is searched again "
     "once the index has caught up.",
     "It catches up by itself within seconds. If it does not, there is too little memory or disk: "
     "see the server's log, and start it again."},
    {"policy.no_action",
     0,
     kClear,
     "Such matches are still recorded: they can be found under matches and judged again.",
     "Mend the policy file, check it with tutela policy check FILE, and reload (SIGHUP)."},
    {"rate.low",
     60'000,
     kClear,
     "Canaries say whether the whole path works. If they are good, the list or what is uploaded "
     "has changed.",
     "Look at the list (lost signals?), at the doors (another kind of upload?) and at what cannot "
     "be scanned."},
    {"rate.high",
     60'000,
     kClear,
     "Nothing passes because of it. The queue grows.",
     "Look at some of the cases: one item spread widely, a bad signal on the list, or a real "
     "wave."},
    {"rate.zero",
     60'000,
     kClear,
     "What matched before is kept. Whether what arrives is compared rightly is in doubt.",
     "Compare the list with its source, and what the service sends with what it sent before "
     "(format, size, previews instead of originals)."},
    {"unscannable.rate",
     60'000,
     kClear,
     "It counts as not scanned, never as clean; policy says what happens to it.",
     "Look at the reasons under Counts: a new format, a limit that is too low, or uploads that are "
     "cut off."},
    {"owed.old",
     5'000,
     kClear,
     "Their bytes are kept, and none counts as clean. They are scanned in order as soon as that is "
     "possible.",
     "See whether workers run and whether the machine is too small. doors.catch_up_per_second may "
     "bound the pace too low."},
    {"workers.down",
     0,
     kClear,
     "What arrives is held and owed its scan, unless the door lets through on errors.",
     "See the server's log and workers.program: is tutela-decode there, and may it be run?"},
    {"workers.restarting",
     5'000,
     kClear,
     "An item whose decoder ended is tried again; what keeps failing is not scannable, never "
     "clean.",
     "See the server's log for the reason: memory limit, time limit, or an upload that breaks a "
     "decoder. Update the system's libraries."},
    {"store.down",
     0,
     kClear,
     "What was committed is there. Uploads are refused: none is accepted without a record.",
     "Look at the database, its disk, and its connection."},
    {"store.read_only",
     0,
     kClear,
     "What was committed is there. Uploads are refused: none is accepted without a record.",
     "See whether the disk is full, was mounted read-only after a fault, or the rights of the "
     "folder changed."},
    {"outbox.late",
     5'000,
     kClear,
     "No message is lost: each is kept until it was delivered.",
     "Look at Actions: what does the receiver answer? Is it up, and is its certificate valid?"},
    {"vault.down",
     10'000,
     kClear,
     "What matches is held with its bytes until it can be sealed. What is sealed stays sealed.",
     "The server starts it again by itself unless it is a service of its own: then start "
     "tutela-vault. Its log has the reason."},
    {"clock.jumped",
     0,
     kClearMoment,
     "Detection does not depend on it. Times in records around the jump may be wrong; the order of "
     "the log is not.",
     "See whether the machine keeps its time by NTP, or was suspended."},
    {"clock.stopped",
     0,
     kClear,
     "What is kept stays kept: nothing is removed by a clock that does not go.",
     "Mend the clock of the machine (NTP, the hypervisor), then start the server again."},
    {"disk.low",
     5'000,
     kClear,
     "Everything still works.",
     "Make room or enlarge it before it is full. What grows: the spool (owed work), the vault "
     "(evidence), the store (ledger.keep_days)."},
    {"disk.full",
     5'000,
     kClear,
     "Uploads are refused rather than accepted without being kept. What was accepted is there.",
     "Make room at once. Delete nothing of Tutela's folders by hand: records and evidence would "
     "break."},
    {"audit.difference",
     0,
     kClear,
     "The item's bytes are kept and it was judged again: if it matches, it has a case.",
     "Take it seriously: others like it may have passed. Note version and processor, and report it "
     "to the project. When you know why: tutela samples --settle."},
    {"audit.late",
     5'000,
     kClear,
     "Their bytes are kept until it is done. Verdicts are given as ever.",
     "The machine may be too busy: lower watch.samples_per_1000, or see the log for what keeps "
     "them from being made."},
    {"tls.expiring",
     0,
     kClear,
     "Until then everything works. Afterwards nobody can upload.",
     "Renew it, put it where server.tls_certificate says, and reload."},
    {"heartbeat.failing",
     30'000,
     kClear,
     "Detection works. If this server fell silent now, the monitor would say so for the wrong "
     "reason, or not at all.",
     "See whether watch.heartbeat_url is right and reachable from this machine."},
    {"intake.imminent",
     0,
     kClear,
     "The notice is kept with its promise. Whoever wrote on the public pages was shown emergency "
     "numbers first.",
     "Open Notices and take it at once; where it says who is in danger and where, call the police "
     "there. If nobody can: call whoever has the duty of this queue, or the deputy."},
    {"intake.due_soon",
     0,
     kClear,
     "The promise is not broken yet. The notice says who was told of it.",
     "Open the queue in Notices: what is due next stands first. If the people are too few, see "
     "Staffing."},
    {"intake.overdue",
     0,
     kClear,
     "The notice is kept, and stays first in its queue. The public figure of kept promises counts "
     "it as broken.",
     "Answer it now, or say with a question what keeps you. If it happens again, see Staffing, or "
     "promise a time that can be kept (intake.*_hours)."},
    {"intake.unsorted",
     0,
     kClear,
     "They were received, have their numbers and promises, and stand in their queues. Only which "
     "case they belong to is not known yet.",
     "See the log of the server for what keeps the sorting from going on: mostly the store or a "
     "full disk."},
    {"intake.capacity",
     60'000,
     kClear,
     "No promise is broken because of this alone. Staffing says which one breaks first, and when.",
     "Open Staffing: put more people on shift before that time, or promise longer times to the "
     "queues that can wait."},
    {"intake.detection",
     0,
     kClear,
     "Nothing says yet that they are right. Detection goes on as it was.",
     "Read it in Notices (queue: detection), and hold what they say against Coverage: canaries, "
     "bands, sampling audits. Answer them also where they are wrong."},
    {"intake.flood",
     5'000,
     kClear,
     "Each is kept, with number and promise. They are grouped and wait apart, and displace nobody.",
     "Open the group in Notices and look at a few of them. If something in it is urgent, move it "
     "to its queue."},
    {"intake.mail",
     60'000,
     kClear,
     "What was sent to the mailbox stays there: nothing is removed before it is kept here."
     " What people on duty are to be told waits and is tried again. The other ways in "
     "work.",
     "See whether the folder of intake.maildir is there and may be read and written by the"
     " server, and whether its disk is full. Of people: see whether the mail server of "
     "[smtp] answers and takes their addresses. The log of the server has the reason."},
    {"intake.no_duty",
     5'000,
     kClear,
     "What comes in is kept with its promise, and others may take it. Nobody is told when its time "
     "runs out.",
     "Open Duty and name a person and a deputy who are there."},
    {"partner.stale",
     5'000,
     kClear,
     "What came from them is kept, and their tokens work as before.",
     "Open Partners, ask those that are marked whether what is there is still right, then confirm "
     "it."},
    {"watch.stopped",
     0,
     kClear,
     "Detection may work or not: nobody knows.",
     "See the server's log, and start the server again."},
});

}  // namespace

std::span<const CodeRule> codes() noexcept {
  return kCodes;
}

const CodeRule& rule_of(std::string_view code) noexcept {
  const auto* const found = std::ranges::find(kCodes, code, &CodeRule::code);
  return found == kCodes.end() ? kOther : *found;
}

std::size_t place_of(std::string_view code) noexcept {
  return static_cast<std::size_t>(std::ranges::find(kCodes, code, &CodeRule::code) -
                                  kCodes.begin());
}

bool concerns_detection(std::string_view code) noexcept {
  return !code.starts_with("intake.") && !code.starts_with("partner.");
}

std::string_view advice_of(std::string_view code) noexcept {
  return rule_of(code).advice;
}

}  // namespace tutela::alarms
