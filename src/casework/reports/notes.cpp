// Notes of people, and what they say of views outside Tutela.
#include "base/fault.hpp"
#include "casework/reports/command.hpp"
#include "casework/reports/rows.hpp"

namespace tutela::reports {

using store::Row;
using store::Transaction;

namespace {

constexpr std::size_t kNoteMax = 4000;
constexpr std::size_t kReferenceMax = 200;
constexpr std::int64_t kAttestationsMax = 100;  // of one content

Status check_content(Transaction& transaction, const std::string& tenant_id, const Uuid& id) {
  bool found = false;
  TUTELA_TRY(transaction.query("SELECT 1 FROM content WHERE id = :id AND tenant_id = :tenant",
                               {to_string(id), tenant_id},
                               [&](const Row&) -> Status {
                                 found = true;
                                 return ok();
                               }));
  if (!found) {
    return Error{ErrorKind::kNotFound, "content.not_found", "there is no such content"};
  }
  return ok();
}

}  // namespace

Result<Report> Reports::add_note(const Person& person,
                                 const Uuid& id,
                                 const Command& command,
                                 std::string_view kind,
                                 std::string_view text) {
  if ((kind != "note" && kind != "feedback") || !is_text(text, kNoteMax)) {
    return Error{
        ErrorKind::kInvalidInput, "report.bad_note", "a note or feedback has 1 to 4000 characters"};
  }
  return run_command(database_,
                     clock_,
                     {person.actor, id, command, std::string(kind) + " " + digest_of(text)},
                     [&](Transaction& transaction, Stored& stored, UtcMs now_ms) -> Status {
                       TUTELA_TRY(insert_note(transaction, person.actor, id, kind, text, now_ms));
                       TUTELA_TRY(update_report(transaction, stored));
                       return record(transaction, person.actor, "report.note", id, now_ms, kind);
                     });
}

Result<Attestation> Reports::attest(const Person& person, const Attestation& what) {
  TUTELA_TRY(check_role(person, false));
  Attestation attestation = what;
  attestation.by = person.actor.principal_id;
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    attestation.at_ms = clock_.now_ms();
    attestation.id = new_uuid(attestation.at_ms);
    if ((what.what != "file" && what.what != "exif") || what.viewed_ms <= 0 ||
        what.viewed_ms > attestation.at_ms || !is_text(what.reference, kReferenceMax)) {
      return Error{ErrorKind::kInvalidInput,
                   "report.bad_attestation",
                   "say what was viewed (file: the entire contents; exif), when, and where that is "
                   "recorded, in 1 to 200 characters"};
    }
    TUTELA_TRY(check_content(transaction, person.actor.tenant_id, what.content_id));
    TUTELA_TRY(transaction.execute(
        "INSERT INTO report_attestation (id, tenant_id, principal_id, content_id, what, reference, "
        "viewed_ms, at_ms) VALUES (:id, :tenant, :principal, :content, :what, :reference, :viewed, "
        ":at)",
        {to_string(attestation.id),
         person.actor.tenant_id,
         attestation.by,
         to_string(what.content_id),
         what.what,
         what.reference,
         what.viewed_ms,
         attestation.at_ms}));
    TUTELA_FAULT_POINT("reports.after_attestation");
    return audit::add(transaction,
                      person.actor,
                      attestation.at_ms,
                      {"report.attest", "content:" + to_string(what.content_id), what.what, "ok"});
  }));
  return attestation;
}

Result<std::vector<Attestation>> Reports::attestations(const std::string& tenant_id,
                                                       const std::vector<Uuid>& content_ids) {
  std::vector<Attestation> found;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    for (const Uuid& content_id : content_ids) {
      TUTELA_TRY(transaction.query(
          "SELECT id, what, reference, principal_id, viewed_ms, at_ms FROM report_attestation "
          "WHERE content_id = :content AND tenant_id = :tenant ORDER BY id DESC LIMIT :limit",
          {to_string(content_id), tenant_id, kAttestationsMax},
          [&](const Row& row) -> Status {
            Attestation attestation;
            TUTELA_TRY_ASSIGN(attestation.id, parse_uuid(row.text(0)));
            attestation.content_id = content_id;
            attestation.what = row.text(1);
            attestation.reference = row.text(2);
            attestation.by = row.text(3);
            attestation.viewed_ms = row.integer(4);
            attestation.at_ms = row.integer(5);
            found.push_back(std::move(attestation));
            return ok();
          }));
    }
    return ok();
  }));
  return found;
}

}  // namespace tutela::reports
