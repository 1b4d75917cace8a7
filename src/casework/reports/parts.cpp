// What belongs to a report: documents, files, steps, notes.
#include <algorithm>
#include <limits>

#include "base/fault.hpp"
#include "casework/reports/rows.hpp"

namespace tutela::reports {

using store::Row;
using store::Transaction;

Status insert_document(Transaction& transaction,
                       const store::Actor& actor,
                       const Uuid& id,
                       const Document& document) {
  TUTELA_TRY(transaction.execute(
      "INSERT INTO report_document (report_id, number, tenant_id, principal_id, body, provenance, "
      "at_ms) VALUES (:id, :number, :tenant, :principal, :body, :provenance, :at)",
      {to_string(id),
       document.number,
       actor.tenant_id,
       actor.principal_id,
       document.body,
       document.provenance,
       document.at_ms}));
  TUTELA_FAULT_POINT("reports.after_document");
  return ok();
}

Result<Document> read_document(Transaction& transaction, const Uuid& id, std::int64_t number) {
  std::optional<Document> found;
  TUTELA_TRY(transaction.query(
      "SELECT number, principal_id, at_ms, body, provenance FROM report_document WHERE report_id = "
      ":id AND number = :number",
      {to_string(id), number},
      [&](const Row& row) -> Status {
        found = {row.integer(0), row.text(1), row.integer(2), row.text(3), row.text(4)};
        return ok();
      }));
  if (!found) {
    return Error{
        ErrorKind::kNotFound, "report.no_document", "the report has no document of this number"};
  }
  return *std::move(found);
}

Status replace_files(Transaction& transaction,
                     const store::Actor& actor,
                     const Uuid& id,
                     const std::vector<File>& files) {
  TUTELA_TRY(transaction.execute("DELETE FROM report_file WHERE report_id = :id", {to_string(id)}));
  for (const File& file : files) {
    TUTELA_TRY(transaction.execute(
        "INSERT INTO report_file (report_id, number, tenant_id, principal_id, content_id, "
        "evidence_id, md5, size_bytes) VALUES (:id, :number, :tenant, :principal, :content, "
        ":evidence, :md5, :size)",
        {to_string(id),
         file.number,
         actor.tenant_id,
         actor.principal_id,
         to_string(file.content_id),
         to_string(file.evidence_id),
         file.md5,
         file.size_bytes}));
  }
  TUTELA_FAULT_POINT("reports.after_files");
  return ok();
}

Result<std::vector<File>> read_files(Transaction& transaction, const Uuid& id) {
  std::vector<File> files;
  TUTELA_TRY(transaction.query(
      "SELECT number, content_id, evidence_id, md5, size_bytes FROM report_file WHERE report_id = "
      ":id ORDER BY number",
      {to_string(id)},
      [&](const Row& row) -> Status {
        File file;
        file.number = row.integer(0);
        TUTELA_TRY_ASSIGN(file.content_id, parse_uuid(row.text(1)));
        TUTELA_TRY_ASSIGN(file.evidence_id, parse_uuid(row.text(2)));
        file.md5 = row.text(3);
        file.size_bytes = row.integer(4);
        files.push_back(std::move(file));
        return ok();
      }));
  return files;
}

Result<std::vector<StepRow>> read_steps(Transaction& transaction,
                                        const Stored& stored,
                                        std::int64_t limit) {
  std::vector<StepRow> steps;
  TUTELA_TRY(transaction.query(
      "SELECT id, round, step, file, authority_id, file_id, phase, code, http_status, description, "
      "request_ref, begun_ms, ended_ms FROM report_step WHERE report_id = :id ORDER BY id DESC "
      "LIMIT :limit",
      {to_string(stored.of.id), limit},
      [&](const Row& row) -> Status {
        StepRow step;
        step.id = row.integer(0);
        step.round = row.integer(1);
        TUTELA_TRY_ASSIGN(step.step, parse_step(row.text(2)));
        step.file = row.integer(3);
        step.authority_id = row.text(4);
        step.file_id = row.text(5);
        TUTELA_TRY_ASSIGN(step.phase, parse_phase(row.text(6)));
        step.code = row.is_null(7) ? std::nullopt : std::optional(row.integer(7));
        step.http_status = row.is_null(8) ? std::nullopt : std::optional(row.integer(8));
        step.description = row.text(9);
        step.request_ref = row.text(10);
        step.begun_ms = row.integer(11);
        step.ended_ms = row.is_null(12) ? std::nullopt : std::optional(row.integer(12));
        step.before_retry = step.id <= stored.retried_step;
        steps.push_back(std::move(step));
        return ok();
      }));
  std::ranges::reverse(steps);
  return steps;
}

Result<std::vector<StepRow>> read_journal(Transaction& transaction, const Stored& stored) {
  return read_steps(transaction, stored, std::numeric_limits<std::int64_t>::max());
}

Status insert_note(Transaction& transaction,
                   const store::Actor& actor,
                   const Uuid& id,
                   std::string_view kind,
                   std::string_view text,
                   UtcMs now_ms) {
  TUTELA_TRY(transaction.execute(
      "INSERT INTO report_note (report_id, tenant_id, principal_id, kind, text, at_ms) VALUES "
      "(:id, :tenant, :principal, :kind, :text, :at)",
      {to_string(id),
       actor.tenant_id,
       actor.principal_id,
       std::string(kind),
       std::string(text),
       now_ms}));
  TUTELA_FAULT_POINT("reports.after_note");
  return ok();
}

}  // namespace tutela::reports
