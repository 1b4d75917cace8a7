// Model: what a case is made of. Values and pure functions; nothing here touches a database.
//
// Words of the outside (JSON, rows, the command line) are those of to_string().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"

namespace tutela::cases {

/// In the order in which they are worked on. Self-reported findings have a queue of their own, so
/// that a flood of them displaces nothing (safeguards.md 3); what a legal officer must decide
/// (safeguards.md 5) is nobody else's.
enum class Queue : std::uint8_t { kUrgent, kStandard, kSelfReported, kLegal };

/// open: nobody has decided. second_look: one decision, policy asks for another person's.
/// disagreement: two that differ, a lead decides. decided: what it does is not done yet, and it can
/// be undone. closed: done. appealed: another person looks again.
enum class State : std::uint8_t {
  kOpen,
  kSecondLook,
  kDisagreement,
  kDecided,
  kClosed,
  kAppealed,
};

/// What opened the case, or brought a content into it.
enum class Origin : std::uint8_t { kMatch, kHeld, kListGrew, kUserReport, kSample };

enum class Outcome : std::uint8_t {
  kConfirmed,  // it is what the list says, or was seen to be
  kCleared,    // it is not: what was held is released, a match is disputed
};

/// What a case is about: what somebody posted, or what they wrote to somebody. What was written is
/// a case of its own kind: it may hold no content at all, and its messages are the notices' own.
enum class Topic : std::uint8_t { kContent, kSolicitation };

/// The industry's classification: A prepubescent, B pubescent; 1 a sex act, 2 lascivious.
enum class Classification : std::uint8_t { kNone, kA1, kA2, kB1, kB2 };

/// As CyberTipline's file annotations name them, and what a case needs besides.
enum class Annotation : std::uint8_t {
  kAnimeDrawingVirtual,
  kPotentialMeme,
  kViral,
  kPossibleSelfProduction,
  kPhysicalHarm,
  kViolenceGore,
  kBestiality,
  kLiveStreaming,
  kInfant,
  kGenerativeAi,
  kPossibleMinorReported,  // the person reported may be a minor: safeguards.md 5
};

enum class Confidence : std::uint8_t { kSure, kLikely, kUnsure };

/// On what a decision rests.
enum class Basis : std::uint8_t {
  kViewed,       // the person had seen something of it, whatever the grade
  kWithoutView,  // nothing of it was seen by that person
  kGroup,        // a near-duplicate was decided
  kBulk,         // one of many exact matches on a trusted list
  kAutomatic,    // by the list's trust, without a person
};

/// What makes a case urgent.
enum class Mark : std::uint8_t { kImminentHarm, kPossibleNewVictim, kVulnerable };

enum class LinkKind : std::uint8_t { kNearDuplicate, kSameAccount, kRelated };

std::string_view to_string(Queue value) noexcept;
std::string_view to_string(State value) noexcept;
std::string_view to_string(Origin value) noexcept;
std::string_view to_string(Outcome value) noexcept;
std::string_view to_string(Classification value) noexcept;  // "", "A1", ...
std::string_view to_string(Annotation value) noexcept;      // "anime_drawing_virtual", ...
std::string_view to_string(Confidence value) noexcept;
std::string_view to_string(Basis value) noexcept;
std::string_view to_string(Mark value) noexcept;
std::string_view to_string(LinkKind value) noexcept;
std::string_view to_string(Topic value) noexcept;

/// Each: kInvalidInput "case.bad_<what>", which names the words there are.
Result<Queue> parse_queue(std::string_view text);
Result<State> parse_state(std::string_view text);
Result<Origin> parse_origin(std::string_view text);
Result<Outcome> parse_outcome(std::string_view text);
Result<Classification> parse_classification(std::string_view text);
Result<Annotation> parse_annotation(std::string_view text);
Result<Confidence> parse_confidence(std::string_view text);
Result<Basis> parse_basis(std::string_view text);
Result<Mark> parse_mark(std::string_view text);
Result<LinkKind> parse_link_kind(std::string_view text);
Result<Topic> parse_topic(std::string_view text);

struct Case {
  Uuid id;
  std::string tenant_id;
  std::int64_t version = 0;  // grows with every change; a command says which one it saw
  Queue queue = Queue::kStandard;
  State state = State::kOpen;
  Origin origin = Origin::kMatch;
  Topic topic = Topic::kContent;
  std::optional<std::string> account;      // of the service, as its caller named it
  std::optional<std::string> external_id;  // of the first content
  int severity = 0;                        // 0 unknown to 4 (A1)
  std::vector<Mark> marks;
  std::int64_t spread = 0;   // contents with the same bytes or in the same near-duplicate group
  std::int64_t reports = 0;  // of users
  std::int64_t items = 0;    // 0: somebody told us of it, and we hold nothing of it
  bool needs_view = true;    // false: exact matches on trusted lists alone
  UtcMs rank_ms = 0;         // the queue's order, the least first
  UtcMs opened_ms = 0;
  UtcMs first_look_due_ms = 0;
  std::optional<UtcMs> first_look_ms;
  UtcMs decision_due_ms = 0;
  std::optional<UtcMs> decided_ms;
  std::optional<UtcMs> undo_until_ms;
  std::optional<UtcMs> report_due_ms;
  std::optional<UtcMs> reported_ms;
  std::optional<Outcome> outcome;
  Classification classification = Classification::kNone;
  std::optional<std::string> lock_by;  // principal_id; a lock whose time is over counts as none
  std::optional<UtcMs> lock_until_ms;
  std::optional<UtcMs> closed_ms;
};

/// Nobody's word on it is final: open, second_look, disagreement, appealed.
[[nodiscard]] bool is_undecided(State state) noexcept;
/// Whether somebody holds it now: a lock whose time is over counts as none.
[[nodiscard]] bool is_locked(const Case& of, UtcMs now_ms) noexcept;

/// One content of a case, with what the ledger and the lists say of it.
struct Item {
  Uuid content_id;
  Origin origin = Origin::kMatch;
  bool exact = false;               // safeguards.md 1
  bool trusted = false;             // exact, and on a vetted active list: needs no view
  bool automation = false;          // exact, and that list decides without a person
  std::string list;                 // its name; empty without a match
  std::string list_classification;  // "A1", "self_reported", a label of the list's
  std::string list_purpose;
  std::string match_kind;  // "pdq", "sha256"
  int distance = 0;
  int quality = 100;
  std::string media_type;
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t frames = 0;
  std::int64_t size_bytes = 0;
  std::string door;
  std::string source;
  std::optional<std::string> external_id;
  std::optional<std::string> account;
  std::int64_t same_bytes = 0;  // other contents with the same SHA-256
  std::int64_t group_size = 0;  // near-duplicates, this one included; 0: not grouped yet
  std::optional<Uuid> evidence_id;
  std::string evidence_state;
  UtcMs received_ms = 0;
};

struct Event {
  std::int64_t number = 0;
  std::string kind;  // "opened" "joined" "locked" "viewed" "decided" "undone" ...
  std::string principal_id;
  std::string detail;  // a JSON object of ids and words of closed sets
  UtcMs at_ms = 0;
};

struct Note {
  std::int64_t number = 0;
  std::string principal_id;
  std::string text;
  UtcMs at_ms = 0;
};

struct Link {
  Uuid other;
  LinkKind kind = LinkKind::kRelated;
  State state = State::kOpen;  // of the other
  std::optional<Outcome> outcome;
};

/// What of one content differs from the rest of the decision.
struct ItemVerdict {
  Uuid content_id;
  Classification classification = Classification::kNone;
  std::vector<Annotation> annotations;
};

/// What somebody says of a case.
struct Verdict {
  Outcome outcome = Outcome::kConfirmed;
  Classification classification = Classification::kNone;  // needed where confirmed and viewed
  std::vector<Annotation> annotations;
  Confidence confidence = Confidence::kSure;
  std::string note;  // at most 4000 characters
  std::vector<ItemVerdict> items;
  /// Of the accounts that only people outside named, those that it is about: the others are left
  /// alone.
  std::vector<std::string> accounts;
};

struct Decision {
  Uuid id;
  Uuid case_id;
  std::int64_t round = 1;  // 1; another after an appeal or a lead's resolution
  std::string principal_id;
  std::string role;
  Basis basis = Basis::kViewed;
  Verdict verdict;
  std::int64_t views = 0;  // that this person had had of the case's objects
  UtcMs at_ms = 0;
  std::optional<UtcMs> undone_ms;
};

/// What the order of the queue is made of.
struct Urgency {
  int severity = 0;
  std::int64_t spread = 0;
  std::int64_t reports = 0;
  bool vulnerable = false;
  UtcMs opened_ms = 0;
};

/// The place in the queue: the time of opening, moved to the front by what makes it pressing, so
/// that age counts by itself and nothing waits for ever. Hours that severity, spread (logarithmic),
/// reports and vulnerability are worth: see model.cpp; never more than 30 days together.
[[nodiscard]] UtcMs rank_of(const Urgency& urgency) noexcept;

/// 4 for A1 to 1 for B2; 0 for any other label.
[[nodiscard]] int severity_of(std::string_view classification) noexcept;

/// How certain policy wants to be.
enum class DoubleReview : std::uint8_t { kNone, kNear, kAll };
Result<DoubleReview> parse_double_review(std::string_view text);  // "none" "near" "all"

struct Rules {
  bool solo = false;  // nobody else is there: no second look
  DoubleReview double_review = DoubleReview::kNear;
  bool automatic = false;  // lists with automation decide exact matches alone
  int sample_percent = 5;  // of decisions without a view, looked at by a person later
  std::int64_t lock_ms = 10LL * 60'000;
  std::int64_t undo_ms = 60'000;
  std::int64_t first_look_ms = 24LL * 3'600'000;
  std::int64_t first_look_urgent_ms = 3'600'000;
  std::int64_t decision_ms = 72LL * 3'600'000;
  std::int64_t report_ms = 24LL * 3'600'000;             // after a confirming decision
  std::int64_t appeal_open_ms = 180LL * 24 * 3'600'000;  // how long one may appeal
  std::int64_t appeal_ms = 14LL * 24 * 3'600'000;        // in which it is decided
  std::int64_t items_max = 200;  // of one case; a new one is opened beyond, and linked
  std::vector<std::string> on_confirmed = {"content.remove"};  // actions, in this order
  std::vector<std::string> on_cleared = {"content.release"};
  std::vector<std::string> on_reported;  // once an authority has the report: "account.suspend"
};

}  // namespace tutela::cases
