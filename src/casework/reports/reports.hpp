// Reports: drafts, their release, and what is owed to authorities until it is filed.
//
// A command names the version that its caller saw (kConflict "report.changed") and may carry an
// idempotency key, as in casework/cases. Every change is one unit of work with its entry of the
// audit log, which holds ids and closed words alone. Documents are kept whole, every version.
// Thread-safe, also between processes. Borrows database and clock.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "casework/reports/filing.hpp"
#include "casework/reports/model.hpp"
#include "custody/audit/entry.hpp"
#include "custody/dual_control/dual_control.hpp"
#include "custody/store/store.hpp"

namespace tutela::reports {

struct Rules {
  bool second_person = false;  // a release needs another person's (solo: dual_control's waiting)
  std::int64_t report_ms = 24LL * 3'600'000;  // from the decision, or from the draft
  std::int64_t urgent_ms = 3'600'000;
  std::int64_t escalate_ms = 15LL * 60'000;  // before an urgent one is due, somebody is told
  FilingRules filing;
};

struct Person {
  store::Actor actor;
  bool is_lead = false;
  bool is_legal = false;  // releases what concerns a possible minor (safeguards.md 5)
};

struct Command {
  std::int64_t version = 0;
  std::string key;  // idempotency; empty: none
};

struct NewDraft {
  std::optional<Uuid> case_id;
  std::optional<std::string> account;
  Authority authority;
  Kind kind = Kind::kReport;
  std::optional<Uuid> corrects;
  bool urgent = false;
  bool minor = false;
  std::optional<UtcMs> due_ms;
  std::string body;
  std::string provenance;
  std::vector<File> files;
};

struct Filter {
  std::optional<State> state;
  bool debts = false;  // released, waiting
  std::optional<Uuid> case_id;
  std::optional<std::string> account;
  std::string authority;    // empty: all
  std::string after;        // the cursor of the page before
  std::int64_t limit = 50;  // at most 200
};

/// Whom a filer works for: one that waits for nothing else is there for what is urgent.
enum class Which : std::uint8_t { kAny, kUrgent };

struct Page {
  std::vector<Report> reports;
  std::string next;  // empty: the last page
};

struct Whole {
  Report of;
  std::vector<File> files;
  std::vector<StepRow> steps;  // the newest 500, the oldest first
  std::vector<Note> notes;
  std::optional<Receipt> receipt;
  std::vector<Attestation> attestations;  // of its contents
  std::vector<std::string> prior;         // finished ones of the account, the authority's ids
};

/// A released report that this process may work on until lease_until_ms: `lease` proves it.
struct Leased {
  Report of;
  std::int64_t lease = 0;
  UtcMs lease_until_ms = 0;
  std::vector<File> files;
  std::vector<StepRow> journal;
  Document document;
};

class Reports {
 public:
  Reports(store::Database& database,
          dual_control::DualControl& dual_control,
          const Clock& clock,
          Rules rules);

  // --- drafts

  /// One report a case, authority and kind that is not withdrawn: kConflict "report.exists" (the
  /// message has its id). Corrections may follow each other; a test or simulated report is in
  /// nobody's way to production. Without `due_ms` the rules say when it is due, and an urgent one
  /// never later than they say. Errors: kInvalidInput "report.bad_draft", "report.bad_document",
  /// "report.bad_files"; kConflict "report.not_finished" (what it corrects).
  Result<Report> draft(const store::Actor& actor, const NewDraft& what);
  /// A new version of the document, by a person or with facts gathered anew. Only of a draft; one
  /// that was asked for goes back to draft, and its request is taken back. Error: kConflict
  /// "report.not_draft".
  Result<Report> write(const store::Actor& actor,
                       const Uuid& id,
                       const Command& command,
                       std::string_view body,
                       std::string_view provenance,
                       const std::vector<File>& files);
  /// Will not be filed; a reason of 1 to 1000 characters. Also of one that was released, as long as
  /// the journal proves that nothing was finished: kConflict "report.in_doubt"; kConflict
  /// "report.ended" of one that is finished or withdrawn. By those who may release it.
  Result<Report> withdraw(const Person& person,
                          const Uuid& id,
                          const Command& command,
                          std::string_view reason);

  // --- release

  /// By a lead or legal officer; of a possible minor's by a legal officer. `body_checked` is the
  /// document that the caller checked and found whole: where it is not the latest one, kConflict
  /// "report.changed". With Rules::second_person the first release asks (state asked) and another
  /// person's releases; solo: the same person after the waiting time. A request that was refused or
  /// has expired is asked for anew. Errors: kForbidden "report.role", "report.own" (the asker
  /// again), "report.not_yet" (solo); kConflict "report.not_draft"; those of DualControl.
  Result<Report> release(const Person& person,
                         const Uuid& id,
                         const Command& command,
                         std::int64_t body_checked);
  /// Without a person, where policy and list allow it (the caller has checked safeguards.md 1, 2
  /// and 5): never with `minor`. Error: kForbidden "report.role".
  Result<Report> release_automatically(const Uuid& id, std::int64_t body_checked);
  /// After whatever kept it waiting was mended: what the journal says against going on is forgiven.
  /// Error: kConflict "report.not_waiting".
  Result<Report> retry(const Person& person, const Uuid& id, const Command& command);

  // --- filing: what the filer calls, under a lease

  /// The next that is due: urgent first, then by due date. Only of authorities in `names`. Absent:
  /// none. A lease that ended is taken over; its holder's calls then fail with "report.lost_lease".
  Result<std::optional<Leased>> lease(const std::vector<std::string>& names,
                                      std::int64_t lease_ms,
                                      Which which = Which::kAny);
  /// Before a step: durable when it returns. Renews the lease.
  Result<StepRow> begin(const Leased& leased, const Next& next, std::int64_t lease_ms);
  /// During a long step.
  Status renew(const Leased& leased, std::int64_t lease_ms);
  /// Its answer: `step` as begin() gave it, with what came. Error: kConflict "report.step_ended".
  Status end(const Leased& leased, const StepRow& step);
  /// Again at `next_at_ms`, or when a person has looked (`failure` of Next; next_at_ms nothing).
  Status put_off(const Leased& leased, std::string_view failure, std::optional<UtcMs> next_at_ms);
  /// The authority has it: receipt, state, follow-up owed, in one unit of work. With a simulated
  /// receipt it is finished and counts nowhere. `answered` is the step whose answer says so, where
  /// end() has not written it: so no crash comes between that answer and its receipt. Errors:
  /// kInvalidInput "report.bad_receipt"; kConflict "report.not_finished" (no answer in the journal
  /// says so).
  Status finish(const Leased& leased,
                const Receipt& receipt,
                const std::optional<StepRow>& answered = {});
  /// A view-less opening of one file for the authority's upload: the entry "report.upload" that
  /// Vault::read asks for. In the vault process. Errors: kForbidden "report.not_filing" (no living
  /// lease `lease`, or the object is not of the report), kNotFound "report.not_found".
  Result<audit::Recorded> open_file(const store::Actor& actor,
                                    const Uuid& id,
                                    std::int64_t lease,
                                    std::int64_t file);

  /// A person filed it elsewhere: one that waits, or a released one of which nothing was ever sent
  /// (by_hand channels). Reference as cases::Cases::attest_report. Errors: kInvalidInput
  /// "report.bad_reference"; kConflict "report.not_waiting".
  Result<Report> file_by_hand(const Person& person,
                              const Uuid& id,
                              const Command& command,
                              std::string_view reference);

  // --- after it

  /// Finished reports whose follow-up is owed (preservation clock, case, opinions), the oldest
  /// first; at most 200. followed_up() marks one in the unit of work of its last part; kConflict
  /// "report.not_owed" where somebody else did.
  Result<std::vector<Report>> follow_ups(std::size_t limit);
  Status followed_up(store::Transaction& transaction, const Uuid& id);
  /// Urgent ones near their due date, and any past it, drafts too, that nobody was told of: marks
  /// them told and writes the outbox message "alarm.report_due", one a report and stage ("near",
  /// "past"). Returns how many; at most 200 a call.
  Result<std::size_t> escalate();
  /// Kind "feedback": what the authority said later; or "note". 1 to 4000 characters. Error:
  /// kInvalidInput "report.bad_note".
  Result<Report> add_note(const Person& person,
                          const Uuid& id,
                          const Command& command,
                          std::string_view kind,
                          std::string_view text);
  /// A view outside Tutela. By a lead or legal officer. Errors: kInvalidInput
  /// "report.bad_attestation" (not "file" or "exif", in the future, a reference that is not 1 to
  /// 200 characters); kNotFound "content.not_found".
  Result<Attestation> attest(const Person& person, const Attestation& what);

  // --- reading

  /// kNotFound "report.not_found", also where it is another tenant's.
  Result<Report> find(const std::string& tenant_id, const Uuid& id);
  Result<Whole> whole(const std::string& tenant_id, const Uuid& id);
  Result<Document> document(const std::string& tenant_id, const Uuid& id, std::int64_t number);
  Result<Page> list(const std::string& tenant_id, const Filter& filter);
  Result<Counts> counts(const std::string& tenant_id);
  Result<std::vector<Attestation>> attestations(const std::string& tenant_id,
                                                const std::vector<Uuid>& content_ids);
  /// Finished reports of an account in one environment: the authority's ids, the newest first, at
  /// most 100.
  Result<std::vector<std::string>> prior(const std::string& tenant_id,
                                         const std::string& account,
                                         const std::string& authority,
                                         Environment environment);
  /// Confirmed, closed cases without a report that is due, the oldest first; at most 200: what
  /// drafts are owed. A report counts that is not withdrawn and of production or `environment`, the
  /// one that is configured; without it, of any. The one place that reads cases' tables.
  Result<std::vector<Uuid>> cases_without_report(const std::string& tenant_id,
                                                 std::size_t limit,
                                                 std::optional<Environment> environment = {});

  /// What the service says of an account (a JSON object, at most 64 KiB), the latest only. Error:
  /// kInvalidInput "account.bad_facts".
  Status set_account_facts(const store::Actor& actor,
                           const std::string& account,
                           std::string_view body);
  Result<std::optional<std::string>> account_facts(const std::string& tenant_id,
                                                   const std::string& account);

 private:
  store::Database& database_;
  dual_control::DualControl& dual_control_;
  const Clock& clock_;
  Rules rules_;
};

}  // namespace tutela::reports
