// Commands that say something of a case: notes, links, marks, a report made elsewhere, drafts.
#include <algorithm>
#include <string>

#include "base/fault.hpp"
#include "casework/cases/cases.hpp"
#include "casework/cases/joining.hpp"
#include "casework/cases/reported.hpp"
#include "casework/cases/rows.hpp"

namespace tutela::cases {

using store::Row;
using store::Transaction;

namespace {

constexpr std::size_t kNoteMax = 4000;
constexpr std::size_t kReferenceMax = 128;
constexpr std::size_t kDraftMax = 8192;

bool is_visible_ascii(char c) {
  return c >= ' ' && c < 0x7F;
}

// Characters, not bytes: what begins no sequence continues one.
std::size_t characters_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool is_urgent(const std::vector<Mark>& marks) {
  return std::ranges::any_of(marks, [](Mark mark) {
    return mark == Mark::kImminentHarm || mark == Mark::kPossibleNewVictim;
  });
}

// Each once, in the order of their enumeration.
std::vector<Mark> sorted(std::vector<Mark> marks) {
  std::ranges::sort(marks);
  const auto rest = std::ranges::unique(marks);
  marks.erase(rest.begin(), rest.end());
  return marks;
}

// Self-reported cases stay in their queue, at its front, and what a legal officer decides is
// theirs.
void set_marks(Case& of, const std::vector<Mark>& marks, const Rules& rules) {
  of.marks = marks;
  const bool urgent = is_urgent(marks);
  if (of.queue == Queue::kStandard || of.queue == Queue::kUrgent) {
    of.queue = urgent ? Queue::kUrgent : Queue::kStandard;
  }
  of.first_look_due_ms = of.opened_ms + (urgent ? rules.first_look_urgent_ms : rules.first_look_ms);
  refresh_rank(of);
}

}  // namespace

Result<Case> Cases::add_note(const Person& person,
                             const Uuid& id,
                             const Command& command,
                             std::string_view text) {
  if (is_blank(text) || characters_of(text) > kNoteMax || text.find('\0') != text.npos) {
    return Error{ErrorKind::kInvalidInput, "case.bad_note", "a note has 1 to 4000 characters"};
  }
  return run_command(
      database_,
      clock_,
      person,
      id,
      command,
      "note " + digest_of(text),
      [&](Transaction& transaction, Case& of, UtcMs now_ms) -> Status {
        TUTELA_TRY(transaction.execute(
            "INSERT INTO case_note (tenant_id, principal_id, case_id, text, at_ms) VALUES "
            "(:tenant, :principal, :case_id, :text, :at)",
            {of.tenant_id, person.actor.principal_id, to_string(id), std::string(text), now_ms}));
        TUTELA_FAULT_POINT("cases.after_note");
        TUTELA_TRY(update_case(transaction, of, of.version));
        return record_event(transaction, person.actor, id, "noted", "case.note", "{}", now_ms);
      });
}

Result<Case> Cases::link(const Person& person,
                         const Uuid& id,
                         const Command& command,
                         const Uuid& other,
                         LinkKind kind) {
  if (id == other) {
    return Error{ErrorKind::kInvalidInput, "case.bad_link", "a case is not linked with itself"};
  }
  const std::string kind_word(to_string(kind));
  return run_command(
      database_,
      clock_,
      person,
      id,
      command,
      "link " + kind_word + " " + to_string(other),
      [&](Transaction& transaction, Case& of, UtcMs now_ms) -> Status {
        TUTELA_TRY_ASSIGN(Case second, read_visible(transaction, person, other));
        const bool one_family =
            (of.queue == Queue::kSelfReported) == (second.queue == Queue::kSelfReported);
        if (kind == LinkKind::kNearDuplicate && !one_family) {
          return Error{ErrorKind::kInvalidInput,
                       "case.bad_link",
                       "self-reported cases are decided by themselves; link them as related"};
        }
        TUTELA_TRY_ASSIGN(const bool added,
                          insert_link(transaction, person.actor, id, other, kind, now_ms));
        if (!added) {
          return ok();
        }
        TUTELA_FAULT_POINT("cases.after_link");
        for (Case* const each : {&of, &second}) {
          const Uuid& to = each == &of ? other : id;
          TUTELA_TRY(update_case(transaction, *each, each->version));
          TUTELA_TRY(record_event(transaction,
                                  person.actor,
                                  each->id,
                                  "linked",
                                  "case.link",
                                  detail_of({{"case", to_string(to)}, {"link", kind_word}}),
                                  now_ms));
        }
        return ok();
      });
}

Result<Case> Cases::mark(const Person& person,
                         const Uuid& id,
                         const Command& command,
                         const std::vector<Mark>& marks) {
  const std::vector<Mark> wanted = sorted(marks);
  const std::string words = words_of(wanted);
  return run_command(
      database_,
      clock_,
      person,
      id,
      command,
      "mark " + words,
      [&](Transaction& transaction, Case& of, UtcMs now_ms) -> Status {
        if (!is_undecided(of.state)) {
          return Error{
              ErrorKind::kConflict, "case.decided", "the case is decided; its place is settled"};
        }
        if (of.marks == wanted) {
          return ok();
        }
        set_marks(of, wanted, rules_);
        TUTELA_TRY(update_case(transaction, of, of.version));
        TUTELA_FAULT_POINT("cases.after_mark");
        return record_event(transaction,
                            person.actor,
                            id,
                            "marked",
                            "case.mark",
                            detail_of({{"marks", words}, {"queue", to_string(of.queue)}}),
                            now_ms);
      });
}

Result<Case> Cases::attest_report(const Person& person,
                                  const Uuid& id,
                                  const Command& command,
                                  std::string_view reference) {
  if (!person.is_lead && !person.is_legal) {
    return Error{ErrorKind::kForbidden,
                 "case.role",
                 "that a report was made is said by a lead or a legal officer"};
  }
  if (is_blank(reference) || reference.size() > kReferenceMax ||
      !std::all_of(reference.begin(), reference.end(), is_visible_ascii)) {
    return Error{ErrorKind::kInvalidInput,
                 "case.bad_reference",
                 "give the report's reference: 1 to 128 printable ASCII characters"};
  }
  return run_command(
      database_,
      clock_,
      person,
      id,
      command,
      "attest " + digest_of(reference),
      [&](Transaction& transaction, Case& of, UtcMs now_ms) -> Status {
        const bool in_effect = of.state == State::kClosed || of.state == State::kAppealed;
        if (of.outcome != Outcome::kConfirmed || !in_effect) {
          return Error{ErrorKind::kConflict,
                       "case.not_closed",
                       "a report belongs to a confirmed case whose decision has taken effect"};
        }
        if (of.reported_ms) {
          return Error{ErrorKind::kConflict, "case.reported", "this case was reported before"};
        }
        TUTELA_TRY(transaction.execute(
            "INSERT INTO case_note (tenant_id, principal_id, case_id, text, at_ms) VALUES "
            "(:tenant, :principal, :case_id, :text, :at)",
            {of.tenant_id,
             person.actor.principal_id,
             to_string(id),
             "Reported outside Tutela: " + std::string(reference),
             now_ms}));
        TUTELA_FAULT_POINT("cases.after_note");
        TUTELA_TRY(mark_reported(transaction, person.actor, rules_, now_ms, of));
        return record_event(transaction, person.actor, id, "reported", "case.report", "{}", now_ms);
      });
}

Status Cases::save_draft(const Person& person, const Uuid& id, std::string_view body) {
  if (body.size() > kDraftMax) {
    return Error{
        ErrorKind::kLimitExceeded, "case.draft_too_long", "a draft has at most 8192 bytes"};
  }
  return database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const Case of, read_visible(transaction, person, id));
    if (body.empty()) {
      TUTELA_TRY(transaction.execute(
          "DELETE FROM case_draft WHERE case_id = :id AND principal_id = :principal",
          {to_string(id), person.actor.principal_id}));
      return ok();
    }
    if (!is_undecided(of.state)) {
      return Error{ErrorKind::kConflict, "case.decided", "the case is decided; nothing is drafted"};
    }
    TUTELA_TRY(transaction.execute(
        "INSERT INTO case_draft (case_id, principal_id, tenant_id, body, at_ms) VALUES (:id, "
        ":principal, :tenant, :body, :at) ON CONFLICT (case_id, principal_id) DO UPDATE SET body = "
        "excluded.body, at_ms = excluded.at_ms",
        {to_string(id),
         person.actor.principal_id,
         of.tenant_id,
         std::string(body),
         clock_.now_ms()}));
    return ok();
  });
}

Result<std::string> Cases::draft(const Person& person, const Uuid& id) {
  std::string body;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY(read_visible(transaction, person, id));
    return transaction.query(
        "SELECT body FROM case_draft WHERE case_id = :id AND principal_id = :principal",
        {to_string(id), person.actor.principal_id},
        [&](const Row& row) -> Status {
          body = row.text(0);
          return ok();
        });
  }));
  return body;
}

}  // namespace tutela::cases
