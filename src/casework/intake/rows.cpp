#include "casework/intake/rows.hpp"

#include <boost/json.hpp>

#include "base/fault.hpp"
#include "custody/audit/entry.hpp"
#include "custody/store/columns.hpp"

namespace tutela::intake {

using store::Row;
using store::Transaction;
using store::Value;

const std::string_view kNoticeColumns =
    "n.id, n.tenant_id, n.version, n.number, n.channel, n.kind, n.sender, n.queue, n.state, "
    "n.imminent, n.language, n.country, n.reference, n.partner_id, n.proved, n.flood_key, "
    "n.received_ms, n.due_ms, n.escalate_ms, n.escalated_ms, n.escalated_to, n.sorted_ms, "
    "n.case_id, n.taken_by, n.taken_ms, n.outcome, n.answer, n.answered_ms, n.closed_ms, "
    "n.verified, n.verified_by, n.verified_ms, CASE WHEN EXISTS (SELECT 1 FROM notice_contact c "
    "WHERE c.notice_id = n.id) THEN 1 ELSE 0 END";

namespace {

constexpr std::int64_t kDayMs = 86'400'000;

// Columns 0 to 15: what it was when it came.
Status read_origin(const Row& row, Notice& of) {
  TUTELA_TRY_ASSIGN(of.id, parse_uuid(row.text(0)));
  of.tenant_id = row.text(1);
  of.version = row.integer(2);
  of.number = row.text(3);
  TUTELA_TRY_ASSIGN(of.channel, parse_channel(row.text(4)));
  TUTELA_TRY_ASSIGN(of.kind, parse_kind(row.text(5)));
  TUTELA_TRY_ASSIGN(of.sender, parse_sender(row.text(6)));
  TUTELA_TRY_ASSIGN(of.queue, parse_queue(row.text(7)));
  TUTELA_TRY_ASSIGN(of.state, parse_state(row.text(8)));
  of.imminent = row.integer(9) != 0;
  of.language = row.text(10);
  of.country = row.text(11);
  of.reference = optional_text(row, 12);
  TUTELA_TRY_ASSIGN(of.partner_id, optional_uuid(row, 13));
  of.proved = row.integer(14) != 0;
  of.flood_key = optional_text(row, 15);
  return ok();
}

}  // namespace

Result<Stored> read_row(const Row& row) {
  Stored stored;
  Notice& of = stored.of;
  TUTELA_TRY(read_origin(row, of));
  of.received_ms = row.integer(16);
  of.due_ms = row.integer(17);
  stored.escalate_ms = row.integer(18);
  of.escalated_ms = optional_integer(row, 19);
  of.escalated_to = optional_text(row, 20);
  of.sorted_ms = optional_integer(row, 21);
  TUTELA_TRY_ASSIGN(of.case_id, optional_uuid(row, 22));
  of.taken_by = optional_text(row, 23);
  stored.taken_ms = optional_integer(row, 24);
  if (!row.is_null(25)) {
    TUTELA_TRY_ASSIGN(of.outcome, parse_outcome(row.text(25)));
  }
  of.answer = row.text(26);
  of.answered_ms = optional_integer(row, 27);
  of.closed_ms = optional_integer(row, 28);
  TUTELA_TRY_ASSIGN(of.verified, parse_verified(row.text(29)));
  of.verified_by = optional_text(row, 30);
  stored.verified_ms = optional_integer(row, 31);
  of.has_contact = row.integer(32) != 0;
  return stored;
}

Result<Stored> read_notice(Transaction& transaction, const std::string& tenant_id, const Uuid& id) {
  static const std::string kSql = "SELECT " + std::string(kNoticeColumns) +
                                  " FROM notice n WHERE n.id = :id AND n.tenant_id = :tenant";
  std::optional<Stored> found;
  TUTELA_TRY(transaction.query(kSql, {to_string(id), tenant_id}, [&](const Row& row) -> Status {
    TUTELA_TRY_ASSIGN(found, read_row(row));
    return ok();
  }));
  if (!found) {
    return Error{ErrorKind::kNotFound, "notice.not_found", "there is no notice with this id"};
  }
  return *std::move(found);
}

Result<Body> read_body(Transaction& transaction, const Uuid& id) {
  std::string text = "{}";
  TUTELA_TRY(transaction.query(
      "SELECT body FROM notice WHERE id = :id", {to_string(id)}, [&](const Row& row) -> Status {
        text = row.text(0);
        return ok();
      }));
  return body_from_json(text);
}

Result<std::vector<Uuid>> read_files(Transaction& transaction, const Uuid& id) {
  std::vector<Uuid> files;
  TUTELA_TRY(transaction.query(
      "SELECT content_id FROM notice_file WHERE notice_id = :id ORDER BY at_ms, content_id",
      {to_string(id)},
      [&](const Row& row) -> Status {
        TUTELA_TRY_ASSIGN(const Uuid file, parse_uuid(row.text(0)));
        files.push_back(file);
        return ok();
      }));
  return files;
}

Result<std::vector<Message>> read_messages(Transaction& transaction, const Uuid& id) {
  std::vector<Message> messages;
  TUTELA_TRY(transaction.query(
      "SELECT author, body, at_ms FROM notice_message WHERE notice_id = :id ORDER BY id",
      {to_string(id)},
      [&](const Row& row) -> Status {
        const std::string author = row.text(0);
        const bool from_sender = author == kSenderName;
        messages.push_back(
            {from_sender, from_sender ? std::string() : author, row.text(1), row.integer(2)});
        return ok();
      }));
  return messages;
}

Status update_notice(Transaction& transaction, Stored& stored, bool same_version) {
  Notice& of = stored.of;
  const std::int64_t seen = of.version;
  of.version += same_version ? 0 : 1;
  const auto case_id = of.case_id ? Value(to_string(*of.case_id)) : Value();
  const auto outcome = of.outcome ? Value(std::string(to_string(*of.outcome))) : Value();
  TUTELA_TRY_ASSIGN(
      const std::int64_t changed,
      transaction.execute(
          "UPDATE notice SET version = :version, queue = :queue, state = :state, due_ms = :due, "
          "escalate_ms = :escalate, escalated_ms = :escalated, escalated_to = :escalated_to, "
          "sorted_ms = :sorted, case_id = :case_id, taken_by = :taken_by, taken_ms = :taken, "
          "outcome = :outcome, answer = :answer, answered_ms = :answered, closed_ms = :closed, "
          "verified = :verified, verified_by = :verified_by, verified_ms = :verified_at, waiting = "
          ":waiting WHERE id = :id AND version = :seen",
          {of.version,
           std::string(to_string(of.queue)),
           std::string(to_string(of.state)),
           of.due_ms,
           stored.escalate_ms,
           store::to_value(of.escalated_ms),
           store::to_value(of.escalated_to),
           store::to_value(of.sorted_ms),
           case_id,
           store::to_value(of.taken_by),
           store::to_value(stored.taken_ms),
           outcome,
           of.answer,
           store::to_value(of.answered_ms),
           store::to_value(of.closed_ms),
           std::string(to_string(of.verified)),
           store::to_value(of.verified_by),
           store::to_value(stored.verified_ms),
           is_waiting(of.state) ? Value(std::int64_t{1}) : Value(),
           to_string(of.id),
           seen}));
  if (changed != 1) {
    return Error{ErrorKind::kInternal, "notice.row", "a notice changed inside its unit of work"};
  }
  TUTELA_FAULT_POINT("intake.after_row");
  return ok();
}

Status insert_subjects(Transaction& transaction,
                       const store::Actor& actor,
                       const Uuid& id,
                       const std::vector<Subject>& subjects) {
  for (const Subject& subject : subjects) {
    TUTELA_TRY(transaction.execute(
        "INSERT INTO notice_subject (notice_id, tenant_id, principal_id, kind, value) VALUES (:id, "
        ":tenant, :principal, :kind, :value) ON CONFLICT (notice_id, kind, value) DO NOTHING",
        {to_string(id), actor.tenant_id, actor.principal_id, subject.kind, subject.value}));
    TUTELA_FAULT_POINT("intake.after_subject");
  }
  return ok();
}

Status insert_files(Transaction& transaction,
                    const store::Actor& actor,
                    const Uuid& id,
                    const std::vector<Uuid>& files,
                    UtcMs now_ms) {
  for (const Uuid& file : files) {
    TUTELA_TRY_ASSIGN(
        const std::int64_t added,
        transaction.execute(
            "INSERT INTO notice_file (content_id, notice_id, tenant_id, principal_id, at_ms) "
            "VALUES (:file, :id, :tenant, :principal, :at) ON CONFLICT (content_id) DO NOTHING",
            {to_string(file), to_string(id), actor.tenant_id, actor.principal_id, now_ms}));
    if (added != 1) {
      return Error{ErrorKind::kConflict, "notice.file_taken", "a file belongs to a notice already"};
    }
    TUTELA_FAULT_POINT("intake.after_file");
  }
  return ok();
}

Status insert_message(Transaction& transaction,
                      const store::Actor& actor,
                      const Uuid& id,
                      std::string_view author,
                      std::string_view text,
                      UtcMs now_ms) {
  TUTELA_TRY(transaction.execute(
      "INSERT INTO notice_message (notice_id, tenant_id, principal_id, author, body, at_ms) VALUES "
      "(:id, :tenant, :principal, :author, :body, :at)",
      {to_string(id),
       actor.tenant_id,
       actor.principal_id,
       std::string(author),
       std::string(text),
       now_ms}));
  TUTELA_FAULT_POINT("intake.after_message");
  return ok();
}

Status erase_contact(Transaction& transaction, const Uuid& id) {
  TUTELA_TRY(
      transaction.execute("DELETE FROM notice_contact WHERE notice_id = :id", {to_string(id)}));
  TUTELA_FAULT_POINT("intake.after_contact");
  return ok();
}

store::Actor sender_actor(const std::string& tenant_id) {
  return {tenant_id, std::string(kSenderName), "service"};
}

store::Actor system_actor(const std::string& tenant_id) {
  return {tenant_id, "system", "system"};
}

std::string detail_of(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  boost::json::object object;
  for (const auto& [name, value] : fields) {
    object.emplace(name, value);
  }
  return boost::json::serialize(object);
}

Status record(Transaction& transaction,
              const store::Actor& actor,
              const Notice& of,
              const Happening& what,
              UtcMs now_ms) {
  TUTELA_TRY(transaction.execute(
      "INSERT INTO notice_event (notice_id, tenant_id, principal_id, kind, detail, at_ms) VALUES "
      "(:id, :tenant, :principal, :kind, :detail, :at)",
      {to_string(of.id),
       of.tenant_id,
       actor.principal_id,
       std::string(what.event),
       what.detail,
       now_ms}));
  TUTELA_FAULT_POINT("intake.after_event");
  TUTELA_TRY(
      audit::add(transaction,
                 actor,
                 now_ms,
                 {std::string(what.action),
                  "notice:" + to_string(of.id),
                  std::string(to_string(of.kind)) + " " + std::string(to_string(of.channel)) + " " +
                      std::string(to_string(of.queue)),
                  "ok"}));
  TUTELA_FAULT_POINT("intake.after_entry");
  return ok();
}

Result<UtcMs> promised_from(Transaction& transaction, const Uuid& id) {
  std::optional<UtcMs> from_ms;
  TUTELA_TRY(transaction.query(
      "SELECT at_ms FROM notice_event WHERE notice_id = :id AND kind IN ('received', 'reopened') "
      "ORDER BY id DESC LIMIT 1",
      {to_string(id)},
      [&](const Row& row) -> Status {
        from_ms = row.integer(0);
        return ok();
      }));
  if (!from_ms) {
    return Error{ErrorKind::kCorrupted,
                 "notice.corrupt",
                 "a notice has no event of its receipt; restore the last backup"};
  }
  return *from_ms;
}

Status add_tally(Transaction& transaction,
                 const std::string& tenant_id,
                 Queue queue,
                 UtcMs promised_ms,
                 const Tally& tally) {
  TUTELA_TRY(transaction.execute(
      "INSERT INTO notice_promise_day AS d (tenant_id, principal_id, day_ms, queue, received, "
      "kept, broken, took_ms, took_ms_max, withdrawn) VALUES (:tenant, 'system', :day, :queue, "
      ":received, :kept, :broken, :took, :longest, :withdrawn) ON CONFLICT (tenant_id, day_ms, "
      "queue) DO UPDATE SET received = d.received + excluded.received, kept = d.kept + "
      "excluded.kept, broken = d.broken + excluded.broken, took_ms = d.took_ms + "
      "excluded.took_ms, took_ms_max = CASE WHEN excluded.took_ms_max > d.took_ms_max THEN "
      "excluded.took_ms_max ELSE d.took_ms_max END, withdrawn = d.withdrawn + excluded.withdrawn",
      {tenant_id,
       promised_ms - promised_ms % kDayMs,
       std::string(to_string(queue)),
       tally.received,
       tally.kept,
       tally.broken,
       tally.took_ms,
       tally.took_ms,
       tally.withdrawn}));
  TUTELA_FAULT_POINT("intake.after_tally");
  return ok();
}

}  // namespace tutela::intake
