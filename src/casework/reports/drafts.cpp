// Drafts: what a report is before it is released, and reports that are given up.
#include <algorithm>

#include "base/fault.hpp"
#include "casework/reports/command.hpp"
#include "casework/reports/rows.hpp"

namespace tutela::reports {

using store::Row;
using store::Transaction;

namespace {

constexpr std::size_t kBodyMax = 256U << 10;
constexpr std::size_t kProvenanceMax = 1U << 20;
constexpr std::size_t kAccountMax = 512;
constexpr std::size_t kReasonMax = 1000;

bool is_plain(std::string_view text, std::size_t max, std::string_view more) {
  return !text.empty() && text.size() <= max && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || more.find(c) != more.npos;
  });
}

bool is_jurisdiction(std::string_view text) {
  return !text.empty() && text.size() <= 16 &&
         std::ranges::all_of(text, [](char c) { return (c >= 'A' && c <= 'Z') || c == '-'; });
}

bool is_md5(std::string_view text) {
  return text.size() == 32 && is_plain(text, 32, "") &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Status check_content(std::string_view body,
                     std::string_view provenance,
                     const std::vector<File>& files) {
  const auto is_bounded = [](std::string_view text, std::size_t max) {
    return !text.empty() && text.size() <= max && text.find('\0') == text.npos;
  };
  if (!is_bounded(body, kBodyMax) || !is_bounded(provenance, kProvenanceMax)) {
    return Error{ErrorKind::kInvalidInput,
                 "report.bad_document",
                 "a document has 1 byte to 256 KiB, and where it comes from at most 1 MiB"};
  }
  std::int64_t number = 0;
  for (const File& file : files) {
    if (file.number != number++ || !is_md5(file.md5) || file.size_bytes < 0 ||
        files.size() > kFilesMax) {
      return Error{
          ErrorKind::kInvalidInput,
          "report.bad_files",
          "files are numbered from 0 in their order, at most 1000, each with MD5 and size"};
    }
  }
  return ok();
}

Status check_new(const NewDraft& what) {
  TUTELA_TRY(check_content(what.body, what.provenance, what.files));
  const bool account =
      !what.account || (!what.account->empty() && what.account->size() <= kAccountMax &&
                        what.account->find('\0') == std::string::npos);
  if (!account || !is_plain(what.authority.name, 32, "_-") ||
      !is_jurisdiction(what.authority.jurisdiction) || what.authority.retention_days < 0 ||
      (what.kind == Kind::kCorrection) != what.corrects.has_value()) {
    return Error{ErrorKind::kInvalidInput,
                 "report.bad_draft",
                 "a draft names an authority with its jurisdiction, an account of 1 to 512 bytes "
                 "if any, and what it corrects if it is a correction"};
  }
  return ok();
}

// One report a case, authority and kind; a test or simulated one is in nobody's way to production.
// Corrections may follow each other.
Status check_only_one(Transaction& transaction,
                      const std::string& tenant_id,
                      const NewDraft& what) {
  if (!what.case_id) {
    return ok();
  }
  return transaction.query(
      what.kind == Kind::kCorrection
          ? "SELECT id FROM report WHERE tenant_id = :tenant AND case_id = :case_id AND authority "
            "= :authority AND kind = "
            ":kind AND (environment = 'production' OR environment = :environment) AND state IN "
            "('draft', 'asked') LIMIT 1"
          : "SELECT id FROM report WHERE tenant_id = :tenant AND case_id = :case_id AND authority "
            "= :authority AND kind = "
            ":kind AND (environment = 'production' OR environment = :environment) AND state <> "
            "'withdrawn' LIMIT 1",
      {tenant_id,
       to_string(*what.case_id),
       what.authority.name,
       std::string(to_string(what.kind)),
       std::string(to_string(what.authority.environment))},
      [](const Row& row) -> Status {
        return Error{ErrorKind::kConflict,
                     "report.exists",
                     "this case has such a report already: " + row.text(0)};
      });
}

// What is corrected says so.
Status note_correction(Transaction& transaction,
                       const store::Actor& actor,
                       const Uuid& wrong_id,
                       const Uuid& id,
                       UtcMs now_ms) {
  TUTELA_TRY_ASSIGN(Stored wrong, read_report(transaction, actor.tenant_id, wrong_id));
  if (wrong.of.state != State::kFinished) {
    return Error{ErrorKind::kConflict,
                 "report.not_finished",
                 "what no authority has yet is not corrected: withdraw or edit it"};
  }
  TUTELA_TRY(insert_note(transaction, actor, wrong_id, "correction", to_string(id), now_ms));
  return update_report(transaction, wrong);
}

Status insert_draft(Transaction& transaction,
                    const store::Actor& actor,
                    const NewDraft& what,
                    const Stored& stored) {
  const Report& of = stored.of;
  TUTELA_TRY(check_only_one(transaction, actor.tenant_id, what));
  if (what.corrects) {
    TUTELA_TRY(note_correction(transaction, actor, *what.corrects, of.id, of.created_ms));
  }
  TUTELA_TRY(insert_report(transaction, stored));
  TUTELA_TRY(insert_document(transaction,
                             actor,
                             of.id,
                             {1, actor.principal_id, of.created_ms, what.body, what.provenance}));
  TUTELA_TRY(replace_files(transaction, actor, of.id, what.files));
  return record(transaction, actor, "report.draft", of.id, of.created_ms);
}

}  // namespace

Result<Report> Reports::draft(const store::Actor& actor, const NewDraft& what) {
  TUTELA_TRY(check_new(what));
  Stored stored;
  Report& of = stored.of;
  of.tenant_id = actor.tenant_id;
  of.case_id = what.case_id;
  of.account = what.account;
  of.authority = what.authority.name;
  of.environment = what.authority.environment;
  of.jurisdiction = what.authority.jurisdiction;
  of.retention_days = what.authority.retention_days;
  of.kind = what.kind;
  of.corrects = what.corrects;
  of.version = 1;
  of.document = 1;
  of.urgent = what.urgent;
  of.minor = what.minor;
  of.created_by = actor.principal_id;
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    of.created_ms = clock_.now_ms();
    of.id = new_uuid(of.created_ms);
    of.due_ms = what.due_ms.value_or(of.created_ms + rules_.report_ms);
    if (of.urgent) {
      of.due_ms = std::min(*of.due_ms, of.created_ms + rules_.urgent_ms);
    }
    stored.alarm_at_ms = of.urgent ? *of.due_ms - rules_.escalate_ms : *of.due_ms;
    return insert_draft(transaction, actor, what, stored);
  }));
  return of;
}

Result<Report> Reports::write(const store::Actor& actor,
                              const Uuid& id,
                              const Command& command,
                              std::string_view body,
                              std::string_view provenance,
                              const std::vector<File>& files) {
  TUTELA_TRY(check_content(body, provenance, files));
  std::string words = "write " + digest_of(body) + digest_of(provenance);
  for (const File& file : files) {
    words += " " + to_string(file.content_id) + to_string(file.evidence_id) + file.md5;
  }
  return run_command(database_,
                     clock_,
                     {actor, id, command, "write " + digest_of(words)},
                     [&](Transaction& transaction, Stored& stored, UtcMs now_ms) -> Status {
                       if (stored.of.state != State::kDraft && stored.of.state != State::kAsked) {
                         return Error{ErrorKind::kConflict,
                                      "report.not_draft",
                                      "the report was released; what was released is not changed"};
                       }
                       TUTELA_TRY(take_back_request(transaction, dual_control_, actor, stored));
                       stored.of.state = State::kDraft;
                       stored.of.released_by.reset();
                       ++stored.of.document;
                       TUTELA_TRY(insert_document(transaction,
                                                  actor,
                                                  id,
                                                  {stored.of.document,
                                                   actor.principal_id,
                                                   now_ms,
                                                   std::string(body),
                                                   std::string(provenance)}));
                       TUTELA_TRY(replace_files(transaction, actor, id, files));
                       TUTELA_TRY(update_report(transaction, stored));
                       return record(transaction, actor, "report.write", id, now_ms);
                     });
}

Result<Report> Reports::withdraw(const Person& person,
                                 const Uuid& id,
                                 const Command& command,
                                 std::string_view reason) {
  TUTELA_TRY(check_role(person, false));
  if (!is_text(reason, kReasonMax)) {
    return Error{
        ErrorKind::kInvalidInput, "report.bad_reason", "give a reason of 1 to 1000 characters"};
  }
  return run_command(
      database_,
      clock_,
      {person.actor, id, command, "withdraw " + digest_of(reason)},
      [&](Transaction& transaction, Stored& stored, UtcMs now_ms) -> Status {
        if (stored.of.state == State::kFinished || stored.of.state == State::kWithdrawn) {
          return Error{ErrorKind::kConflict,
                       "report.ended",
                       "the report is finished or was withdrawn; a correction can be drafted"};
        }
        TUTELA_TRY(check_role(person, stored.of.minor));
        TUTELA_TRY_ASSIGN(const std::vector<StepRow> journal, read_journal(transaction, stored));
        if (may_be_finished(journal)) {
          return Error{ErrorKind::kConflict,
                       "report.in_doubt",
                       "the authority may have this report already; have it tried again first"};
        }
        TUTELA_TRY(take_back_request(transaction, dual_control_, person.actor, stored));
        stored.of.state = State::kWithdrawn;
        stored.alarm_at_ms.reset();
        end_filing(stored);
        TUTELA_TRY(insert_note(transaction, person.actor, id, "withdrawn", reason, now_ms));
        TUTELA_TRY(update_report(transaction, stored));
        return record(transaction, person.actor, "report.withdraw", id, now_ms);
      });
}

}  // namespace tutela::reports
