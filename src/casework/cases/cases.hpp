// Cases: what people work on. Findings open or join them; commands change them.
//
// Every command is one unit of work with its event and its entry of the audit log. A command names
// the version that its caller saw (kConflict "case.changed" where it is another by now; the message
// says what happened meanwhile) and may carry an idempotency key: the same key and command by the
// same person gives the first answer again, another command kConflict "idempotency.mismatch".
//
// Whoever may see only what is assigned (Person::assigned_only) finds nothing else: kNotFound
// "case.not_found". Thread-safe, also between processes. Borrows database and clock.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "casework/cases/model.hpp"
#include "custody/store/store.hpp"

namespace tutela::cases {

/// Who acts, with what their role allows.
struct Person {
  store::Actor actor;
  bool assigned_only = false;
  bool is_lead = false;   // resolves disagreements, takes locks away, sees quality
  bool is_legal = false;  // works on Queue::kLegal
};

/// Of one command.
struct Command {
  std::int64_t version = 0;  // of the case that was seen
  std::string key;           // idempotency; empty: none
};

/// What was found, in the words of whoever found it. Where a match is there it is the strongest.
struct Finding {
  Uuid content_id;
  Origin origin = Origin::kMatch;
  std::optional<std::string> account;
  std::optional<std::string> external_id;
  std::string sha256;          // hex
  std::int64_t signal_id = 0;  // that matched; 0: none
  std::optional<Uuid> list_id;
  std::string classification;  // of the list
  std::string list_purpose;    // "known_csam" "self_reported" "test" "canary"
  bool exact = false;
  bool trusted = false;  // exact, on an active list of purpose known_csam (or test, in demos)
  bool automation = false;
};

/// Opens a case, or joins one, in the caller's unit of work; returns the case. The same content
/// twice changes nothing. Joined by rule, the first that applies: an undecided case of the same
/// account; where no account is named, one with the same bytes, external id or matched signal.
/// Undecided cases of other accounts with the same bytes or signal are linked (near_duplicate) and
/// can be decided together. No case of topic solicitation is joined, but by what came with a notice
/// (Origin::kUserReport). What only looks like a canary is a finding as any other.
Result<Uuid> add_finding(store::Transaction& transaction,
                         const store::Actor& actor,
                         const Rules& rules,
                         UtcMs now_ms,
                         const Finding& finding);

/// What somebody outside told us, as far as cases need it. Everything here is a claim.
struct NoticeFinding {
  Uuid notice_id;
  Topic topic = Topic::kContent;
  std::vector<std::string> accounts;  // the first is whom the case is about
  std::vector<std::string> links;     // the external ids of what it is about
  std::vector<Uuid> contents;         // that came with it, judged or not
  bool imminent = false;              // marks the case, which is urgent then
  bool counts = true;                 // as a report; not where one source sends masses
};

/// Opens a case, or joins one, in the caller's unit of work; returns the case. Joined by rule, the
/// first that applies, always an open case of the same topic and never one of self-reported
/// findings: of the same account; with the same link, or bytes, if it is about no other account. A
/// case of notices that was about no account is about that of this one then. Open cases of the
/// other accounts are linked. A case of notices alone has no items; contents that come with them
/// join it as findings of Origin::kUserReport.
Result<Uuid> add_notice(store::Transaction& transaction,
                        const store::Actor& actor,
                        const Rules& rules,
                        UtcMs now_ms,
                        const NoticeFinding& notice);

/// A content that matched lost its match (lists shrank) before anybody decided: an event of its
/// case, which closes as cleared where it was the last.
Status withdraw_finding(store::Transaction& transaction,
                        const store::Actor& actor,
                        UtcMs now_ms,
                        const Uuid& content_id);

/// Two contents are near-duplicates: their undecided cases are linked, spread is counted anew.
Status add_near_duplicates(store::Transaction& transaction,
                           const store::Actor& actor,
                           UtcMs now_ms,
                           const Uuid& content_id,
                           const Uuid& other_id);

/// The case of a content; absent where it has none.
Result<std::optional<Uuid>> case_of(store::Transaction& transaction,
                                    const std::string& tenant_id,
                                    const Uuid& content_id);

/// An authority has a report of this case, in the caller's unit of work: its clock ends, and what
/// waited for that (Rules::on_reported) is asked for, once, however many reports there are. About a
/// person whom a legal officer has yet to decide about nothing is asked for, nor where they decided
/// against it. Where the case was cleared meanwhile, a correction is owed. `reference` is the
/// authority's id.
Status report_filed(store::Transaction& transaction,
                    const store::Actor& actor,
                    const Rules& rules,
                    UtcMs now_ms,
                    const Uuid& case_id,
                    std::string_view reference);

/// One that counts nowhere ("test", "simulated"), or that is of another kind: an event alone.
Status report_noted(store::Transaction& transaction,
                    const store::Actor& actor,
                    UtcMs now_ms,
                    const Uuid& case_id,
                    std::string_view kind,
                    std::string_view environment);

/// The service is asked, once a report, for what it knows of the account: an event, and the message
/// "report.facts_wanted" {case_id, account, report_id}.
Status ask_for_facts(store::Transaction& transaction,
                     const store::Actor& actor,
                     UtcMs now_ms,
                     const Uuid& case_id,
                     const std::string& account,
                     const Uuid& report_id);

/// Cases that were cleared after they had been reported and whose correction no authority has yet,
/// the oldest first.
Result<std::vector<Uuid>> corrections_owed(store::Transaction& transaction,
                                           const std::string& tenant_id,
                                           std::int64_t limit);

/// An authority has the correction: the action that asked for it is done.
Status correction_filed(store::Transaction& transaction,
                        const store::Actor& actor,
                        UtcMs now_ms,
                        const Uuid& case_id);

enum class Sort : std::uint8_t { kRank, kNewest, kDue };

struct Filter {
  std::optional<Queue> queue;
  std::optional<State> state;
  bool undecided = false;  // open, second_look, disagreement, appealed
  bool mine = false;       // locked by the caller
  std::optional<std::string> account;
  std::optional<Uuid> content_id;
  std::optional<std::string> list;  // its name
  std::optional<bool> needs_view;
  std::optional<UtcMs> opened_since_ms;
  std::optional<UtcMs> opened_until_ms;
  Sort sort = Sort::kRank;
  std::string after;        // the cursor of the page before
  std::int64_t limit = 50;  // at most 200
};

struct Page {
  std::vector<Case> cases;
  std::string next;  // empty: the last page
};

/// Waiting, by queue, and how old.
struct QueueCount {
  Queue queue = Queue::kStandard;
  std::int64_t waiting = 0;
  std::int64_t locked = 0;
  std::int64_t overdue = 0;  // past first_look_due or decision_due
  std::optional<UtcMs> oldest_ms;
};

/// What waits for people, of the whole tenant.
struct Waits {
  std::vector<QueueCount> queues;  // all four
  std::int64_t second_looks = 0;
  std::int64_t disagreements = 0;
  std::int64_t reports_due = 0;
  std::optional<UtcMs> next_report_due_ms;
  std::int64_t owed_actions = 0;
  std::int64_t appeals = 0;
};

/// How long undecided cases of a queue have waited: under an hour, a day, a week, longer.
struct QueueAges {
  Queue queue = Queue::kStandard;
  std::array<std::int64_t, 4> counts{};
};

/// A case with all that its page shows.
struct Whole {
  Case of;
  std::vector<Item> items;    // at most 200
  std::vector<Event> events;  // the newest 200, the oldest first
  std::vector<Note> notes;
  std::vector<Link> links;
  std::vector<Decision>
      decisions;  // see Decisions::visible: none of another's while one is to decide
  std::int64_t earlier_cases = 0;  // of the same account
};

class Cases {
 public:
  Cases(store::Database& database, const Clock& clock, Rules rules);

  Result<Page> list(const Person& person, const Filter& filter);
  Result<std::vector<QueueCount>> counts(const Person& person);
  /// Takes as long as the queues are (10 to 20 ms of 100,000 cases): callers keep it for a while.
  Result<Waits> waits(const std::string& tenant_id);
  /// Of each queue where it is not 0; and cases that wait whose lock this person holds. Both take
  /// as long as there are locks.
  Result<std::map<Queue, std::int64_t>> locked(const std::string& tenant_id);
  Result<std::int64_t> locked_by(const store::Actor& actor);
  /// As waits(), of queues in which something waits.
  Result<std::vector<QueueAges>> ages(const std::string& tenant_id);
  Result<Case> find(const Person& person, const Uuid& id);
  Result<Whole> whole(const Person& person, const Uuid& id);
  Result<std::vector<Event>> events(const Person& person,
                                    const Uuid& id,
                                    std::int64_t after,
                                    std::int64_t limit);

  /// The first of the queue (or of all that the person may work on, urgent first) that is free and
  /// that they may decide: locked for them. Somebody who gave the first decision does not get the
  /// second; contractors get what is assigned. `kinds_declined`: severities "A1" and the like that
  /// the person has opted out of. Absent: nothing waits.
  Result<std::optional<Case>> take_next(const Person& person,
                                        std::optional<Queue> queue,
                                        const std::vector<std::string>& kinds_declined);
  /// Locks one case for lock_ms, or renews the own lock. Error: kConflict "case.locked" (by whom,
  /// until when); a lead takes it over with `force`.
  Result<Case> lock(const Person& person, const Uuid& id, bool force);
  Result<Case> unlock(const Person& person, const Uuid& id);

  /// 1 to 4000 characters. Error: kInvalidInput "case.bad_note".
  Result<Case> add_note(const Person& person,
                        const Uuid& id,
                        const Command& command,
                        std::string_view text);
  Result<Case> link(const Person& person,
                    const Uuid& id,
                    const Command& command,
                    const Uuid& other,
                    LinkKind kind);
  /// Sets or clears marks; imminent harm and a possible new victim move it to the urgent queue.
  Result<Case> mark(const Person& person,
                    const Uuid& id,
                    const Command& command,
                    const std::vector<Mark>& marks);
  /// A report by hand, outside Tutela: by a lead or legal officer, with its reference; ends the
  /// clock report_due. Error: kInvalidInput "case.bad_reference"; kForbidden "case.role".
  Result<Case> attest_report(const Person& person,
                             const Uuid& id,
                             const Command& command,
                             std::string_view reference);

  /// What somebody had typed and not sent: at most 8 KiB, of that person alone; gone with the
  /// decision. Error: kLimitExceeded "case.draft_too_long".
  Status save_draft(const Person& person, const Uuid& id, std::string_view body);
  /// Empty: none.
  Result<std::string> draft(const Person& person, const Uuid& id);

 private:
  store::Database& database_;
  const Clock& clock_;
  Rules rules_;
};

}  // namespace tutela::cases
