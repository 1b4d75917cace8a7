// Decisions: what people, and trusted lists, say of cases, and what follows from it.
//
// A decision takes the case's lock with it. What it does is done when its undo window is over and
// not before: `tick` closes cases whose window is over, in one unit of work with their actions,
// which then are debts until whoever executes them says that they are done. Thread-safe, also
// between processes. Borrows database and clock.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "casework/cases/cases.hpp"
#include "casework/cases/model.hpp"
#include "custody/store/store.hpp"

namespace tutela::cases {

enum class ActionState : std::uint8_t { kWaiting, kDone, kFailed };
std::string_view to_string(ActionState state) noexcept;

/// Something that others must do because of a decision. "content.remove", "content.restore",
/// "content.release", "account.suspend", "account.restore", "signal.dispute", "report.correct".
struct Action {
  Uuid id;
  Uuid case_id;
  std::string kind;
  std::string target;  // "content:<id>", "account:<as the service names it>"
  ActionState state = ActionState::kWaiting;
  std::string failure;
  UtcMs at_ms = 0;
  std::optional<UtcMs> done_ms;
};

/// What a verdict would do, before it is given: for the page to write out.
struct Plan {
  bool second_look = false;  // another person will be asked first
  bool legal = false;        // a legal officer decides about the person (safeguards.md 5)
  UtcMs undo_until_ms = 0;   // if given now
  std::optional<UtcMs> report_due_ms;
  std::vector<Action> actions;  // ids are nil
  /// Accounts that only people outside named: the verdict names those that it is about, or nothing
  /// is done to them.
  std::vector<std::string> claimed_accounts;
  std::int64_t evidence_kept_days = 0;
  std::vector<Uuid> near_duplicates;  // undecided cases that it may be given for too
};

/// How one case of many went.
struct BulkResult {
  Uuid id;
  std::string error;  // a code; empty: decided
};

struct QualityCount {
  std::string principal_id;
  std::int64_t answered = 0;
  std::int64_t right = 0;
};

/// Pairs of figures (safeguards.md 15), of one day.
struct Day {
  UtcMs day_ms = 0;  // its begin, UTC
  std::int64_t opened = 0;
  std::int64_t decided = 0;
  std::int64_t confirmed = 0;
  std::int64_t views = 0;       // of pixels
  std::int64_t overturned = 0;  // by appeals
  std::int64_t samples = 0;
  std::int64_t samples_wrong = 0;
};

/// While somebody has yet to decide without knowing what another said, people read of decisions
/// only their own; of a disagreement a lead reads all.
[[nodiscard]] bool is_blind(const Person& person, const Case& of) noexcept;
[[nodiscard]] std::vector<Decision> visible(const std::vector<Decision>& decisions,
                                            const Person& person,
                                            const Case& of);
/// All of a case, the oldest first, those undone too: not for people before visible().
Result<std::vector<Decision>> decisions_of(store::Transaction& transaction, const Uuid& case_id);
/// Whose contents a case shows: of a sample those of the case that it was made from.
Result<Uuid> contents_from(store::Transaction& transaction, const Uuid& case_id);

class Decisions {
 public:
  Decisions(store::Database& database,
            const Clock& clock,
            Rules rules,
            std::int64_t evidence_kept_days);

  Result<Plan> plan(const Person& person, const Uuid& id, const Verdict& verdict);

  /// By whoever holds the lock; in a disagreement by a lead who gave neither decision; in the queue
  /// of legal officers by one of them, and about the person: confirmed starts what is done about
  /// accounts and the report's clock, cleared does neither; the outcome of the case stays that of
  /// its content. A case that was appealed is decided by Appeals::decide alone. A verdict that
  /// confirms what needs a view needs a classification and that the person saw something of it.
  /// Errors: kForbidden "case.not_locked", "case.own" (the second by the first person),
  /// "case.role", "case.not_seen"; kInvalidInput "case.bad_verdict"; kConflict "case.changed",
  /// "case.decided".
  Result<Case> decide(const Person& person,
                      const Uuid& id,
                      const Command& command,
                      const Verdict& verdict);

  /// The same verdict for many cases that need no view (all their items exact and trusted), at most
  /// 500; each by itself. Samples of them come back to another person later.
  Result<std::vector<BulkResult>> decide_many(const Person& person,
                                              const std::vector<std::pair<Uuid, Command>>& cases,
                                              const Verdict& verdict);
  /// For near-duplicates of a case that this person just decided (linked, undecided).
  Result<std::vector<BulkResult>> decide_group(const Person& person,
                                               const Uuid& id,
                                               const std::vector<std::pair<Uuid, Command>>& cases);

  /// By whoever decided, or a lead, until undo_until_ms. Error: kConflict "case.too_late".
  Result<Case> undo(const Person& person, const Uuid& id, const Command& command);

  /// Samples with known answers are cases like any other for whoever works on them and do nothing.
  /// By a lead, from a closed case. Error: kForbidden "case.role"; kConflict "case.not_closed".
  Result<Case> make_sample(const Person& person, const Uuid& of_case);
  /// For leads: how samples went, by name, never ordered by result.
  Result<std::vector<QualityCount>> quality(const Person& person, UtcMs since_ms);

  /// What is owed to others, the oldest first.
  Result<std::vector<Action>> actions(const Person& person,
                                      std::optional<ActionState> state,
                                      std::optional<Uuid> case_id,
                                      std::int64_t limit);
  Result<std::vector<Day>> days(const Person& person, UtcMs since_ms);

  /// The background's work: closes what was decided, decides what lists may decide alone, ends
  /// locks whose time is over (an event says so). Returns how much it did.
  Result<std::size_t> tick(const std::function<bool()>& stop_requested);

 private:
  Result<std::size_t> decide_automatically(const std::function<bool()>& stop_requested);

  store::Database& database_;
  const Clock& clock_;
  Rules rules_;
  std::int64_t evidence_kept_days_;
};

/// The message of an action was delivered, or failed for good: in the unit of work that marks it.
/// Of messages that belong to no action nothing is changed; what is done stays done.
Status settle_action(store::Transaction& transaction,
                     UtcMs now_ms,
                     std::int64_t outbox_id,
                     bool done,
                     std::string_view failure);
/// The message of a failed action is on its way again, and so the action is: in the unit of work
/// that sends it. Of other messages, and of actions that did not fail, nothing is changed.
Status reopen_action(store::Transaction& transaction,
                     const std::string& tenant_id,
                     std::int64_t outbox_id);

}  // namespace tutela::cases
