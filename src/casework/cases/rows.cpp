#include "casework/cases/rows.hpp"

#include <algorithm>

#include "base/fault.hpp"
#include "custody/audit/entry.hpp"
#include "custody/store/columns.hpp"

namespace tutela::cases {

using store::Row;
using store::Transaction;
using store::Value;

const std::string_view kCaseColumns =
    "r.id, r.tenant_id, r.version, r.queue, r.state, r.origin, r.account, r.external_id, "
    "r.severity, r.marks, r.spread, r.reports, r.items, r.needs_view, r.rank_ms, r.opened_ms, "
    "r.first_look_due_ms, r.first_look_ms, r.decision_due_ms, r.decided_ms, r.undo_until_ms, "
    "r.report_due_ms, r.reported_ms, r.outcome, r.classification, r.lock_by, r.lock_until_ms, "
    "r.closed_ms, r.topic";

namespace {

constexpr std::int64_t kLinksMax = 200;

Error not_found() {
  return {ErrorKind::kNotFound, "case.not_found", "no case that you may see has this id"};
}

Value word_or_null(const std::optional<Outcome>& outcome) {
  return outcome ? Value(std::string(to_string(*outcome))) : Value();
}

// What can change, in the order of kChangeable.
std::vector<Value> changeable_of(const Case& of) {
  return {of.version,
          std::string(to_string(of.queue)),
          std::string(to_string(of.state)),
          store::to_value(of.account),
          store::to_value(of.external_id),
          std::int64_t{of.severity},
          words_of(of.marks),
          of.spread,
          of.reports,
          of.items,
          std::int64_t{of.needs_view ? 1 : 0},
          of.rank_ms,
          of.first_look_due_ms,
          store::to_value(of.first_look_ms),
          of.decision_due_ms,
          store::to_value(of.decided_ms),
          store::to_value(of.undo_until_ms),
          store::to_value(of.report_due_ms),
          store::to_value(of.reported_ms),
          word_or_null(of.outcome),
          std::string(to_string(of.classification)),
          store::to_value(of.lock_by),
          store::to_value(of.lock_until_ms),
          store::to_value(of.closed_ms),
          is_undecided(of.state) ? Value(std::string(to_string(of.queue))) : Value(),
          store::to_value(due_of(of))};
}

}  // namespace

Result<Case> read_case_row(const Row& row) {
  Case of;
  TUTELA_TRY_ASSIGN(of.id, parse_uuid(row.text(0)));
  of.tenant_id = row.text(1);
  of.version = row.integer(2);
  TUTELA_TRY_ASSIGN(of.queue, parse_queue(row.text(3)));
  TUTELA_TRY_ASSIGN(of.state, parse_state(row.text(4)));
  TUTELA_TRY_ASSIGN(of.origin, parse_origin(row.text(5)));
  of.account = optional_text(row, 6);
  of.external_id = optional_text(row, 7);
  of.severity = static_cast<int>(row.integer(8));
  TUTELA_TRY_ASSIGN(of.marks, marks_of(row.text(9)));
  of.spread = row.integer(10);
  of.reports = row.integer(11);
  of.items = row.integer(12);
  of.needs_view = row.integer(13) != 0;
  of.rank_ms = row.integer(14);
  of.opened_ms = row.integer(15);
  of.first_look_due_ms = row.integer(16);
  of.first_look_ms = optional_integer(row, 17);
  of.decision_due_ms = row.integer(18);
  of.decided_ms = optional_integer(row, 19);
  of.undo_until_ms = optional_integer(row, 20);
  of.report_due_ms = optional_integer(row, 21);
  of.reported_ms = optional_integer(row, 22);
  if (!row.is_null(23)) {
    TUTELA_TRY_ASSIGN(of.outcome, parse_outcome(row.text(23)));
  }
  TUTELA_TRY_ASSIGN(of.classification, parse_classification(row.text(24)));
  of.lock_by = optional_text(row, 25);
  of.lock_until_ms = optional_integer(row, 26);
  of.closed_ms = optional_integer(row, 27);
  TUTELA_TRY_ASSIGN(of.topic, parse_topic(row.text(28)));
  return of;
}

std::optional<UtcMs> due_of(const Case& of) noexcept {
  if (is_undecided(of.state)) {
    return of.first_look_ms ? of.decision_due_ms
                            : std::min(of.first_look_due_ms, of.decision_due_ms);
  }
  return of.reported_ms ? std::nullopt : of.report_due_ms;
}

std::string object_name(const Uuid& id) {
  return "case:" + to_string(id);
}

std::string detail_of(std::initializer_list<std::pair<std::string_view, std::string_view>> words) {
  const auto add = [](std::string& to, std::string_view word) {
    to += '"';
    for (const char c : word) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == ':' ||
                         c == ',';
      to += plain ? c : '_';
    }
    to += '"';
  };
  std::string json = "{";
  for (const auto& [name, word] : words) {
    json += json.size() > 1 ? "," : "";
    add(json, name);
    json += ':';
    add(json, word);
  }
  return json + "}";
}

std::string words_of(const std::vector<Mark>& marks) {
  std::string words;
  for (const Mark mark : marks) {
    words += (words.empty() ? "" : ",") + std::string(to_string(mark));
  }
  return words;
}

Result<std::vector<Mark>> marks_of(std::string_view words) {
  std::vector<Mark> marks;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(','), words.size());
    TUTELA_TRY_ASSIGN(const Mark mark, parse_mark(words.substr(0, end)));
    marks.push_back(mark);
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return marks;
}

Result<Case> read_case(Transaction& transaction, const std::string& tenant_id, const Uuid& id) {
  static const std::string kSql = "SELECT " + std::string(kCaseColumns) +
                                  " FROM review_case r WHERE r.id = :id AND r.tenant_id = :tenant";
  std::optional<Case> found;
  TUTELA_TRY(transaction.query(kSql, {to_string(id), tenant_id}, [&](const Row& row) -> Status {
    TUTELA_TRY_ASSIGN(found, read_case_row(row));
    return ok();
  }));
  if (!found) {
    return not_found();
  }
  return *std::move(found);
}

Result<Case> read_visible(Transaction& transaction, const Person& person, const Uuid& id) {
  if (person.assigned_only) {
    bool assigned = false;
    TUTELA_TRY(transaction.query(
        "SELECT 1 FROM case_assignment WHERE tenant_id = :tenant AND case_ref = :case_ref AND "
        "assignee = :assignee",
        {person.actor.tenant_id, to_string(id), person.actor.principal_id},
        [&](const Row&) -> Status {
          assigned = true;
          return ok();
        }));
    if (!assigned) {
      return not_found();
    }
  }
  return read_case(transaction, person.actor.tenant_id, id);
}

Status insert_case(Transaction& transaction, const store::Actor& actor, const Case& of) {
  std::vector<Value> values = {to_string(of.id),
                               of.tenant_id,
                               actor.principal_id,
                               std::string(to_string(of.origin)),
                               std::string(to_string(of.topic)),
                               of.opened_ms};
  const std::vector<Value> changeable = changeable_of(of);
  values.insert(values.end(), changeable.begin(), changeable.end());
  TUTELA_TRY(transaction.execute(
      "INSERT INTO review_case (id, tenant_id, principal_id, origin, topic, opened_ms, version, "
      "queue, state, account, external_id, severity, marks, spread, reports, items, needs_view, "
      "rank_ms, "
      "first_look_due_ms, first_look_ms, decision_due_ms, decided_ms, undo_until_ms, "
      "report_due_ms, reported_ms, outcome, classification, lock_by, lock_until_ms, closed_ms, "
      "waiting, due_ms) "
      "VALUES (:id, :tenant, :principal, :origin, :topic, :opened, :version, :queue, :state, "
      ":account, "
      ":external_id, :severity, :marks, :spread, :reports, :items, :needs_view, :rank, "
      ":first_look_due, :first_look, :decision_due, :decided, :undo_until, :report_due, "
      ":reported, :outcome, :classification, :lock_by, :lock_until, :closed, :waiting, :due)",
      values));
  return ok();
}

Status update_case(Transaction& transaction, Case& of, std::int64_t from_version) {
  bool was_undecided = false;
  TUTELA_TRY(transaction.query("SELECT state FROM review_case WHERE id = :id",
                               {to_string(of.id)},
                               [&](const Row& row) -> Status {
                                 TUTELA_TRY_ASSIGN(const State state, parse_state(row.text(0)));
                                 was_undecided = is_undecided(state);
                                 return ok();
                               }));
  Case next = of;
  next.version = from_version + 1;
  std::vector<Value> values = changeable_of(next);
  values.insert(values.end(), {to_string(of.id), of.tenant_id, from_version});
  TUTELA_TRY_ASSIGN(
      const std::int64_t changed,
      transaction.execute(
          "UPDATE review_case SET version = :version, queue = :queue, state = :state, "
          "account = :account, external_id = :external_id, severity = :severity, marks = :marks, "
          "spread = :spread, reports = :reports, items = :items, needs_view = :needs_view, "
          "rank_ms = :rank, first_look_due_ms = :first_look_due, first_look_ms = :first_look, "
          "decision_due_ms = :decision_due, decided_ms = :decided, undo_until_ms = :undo_until, "
          "report_due_ms = :report_due, reported_ms = :reported, outcome = :outcome, "
          "classification = :classification, lock_by = :lock_by, lock_until_ms = :lock_until, "
          "closed_ms = :closed, waiting = :waiting, due_ms = :due WHERE id = :id AND tenant_id = "
          ":tenant AND version = "
          ":seen",
          values));
  if (changed != 1) {
    return changed_since(transaction, of.id);
  }
  // Findings look for undecided cases by their keys: those of decided ones must not be in the way.
  if (was_undecided != is_undecided(of.state)) {
    TUTELA_TRY(
        transaction.execute("UPDATE case_key SET undecided = :undecided WHERE case_id = :id",
                            {std::int64_t{is_undecided(of.state) ? 1 : 0}, to_string(of.id)}));
  }
  of.version = next.version;
  return ok();
}

Error changed_since(Transaction& transaction, const Uuid& id) {
  std::string message = "the case changed since you read it";
  const Status read = transaction.query(
      "SELECT kind, at_ms FROM case_event WHERE case_id = :id ORDER BY id DESC LIMIT 1",
      {to_string(id)},
      [&](const Row& row) -> Status {
        message += " (last: " + row.text(0) + " at " + to_rfc3339(row.integer(1)) + ")";
        return ok();
      });
  if (!read) {
    return read.error();
  }
  return {ErrorKind::kConflict, "case.changed", message + "; read it again and decide anew"};
}

Status insert_event(Transaction& transaction,
                    const store::Actor& actor,
                    const Uuid& case_id,
                    std::string_view kind,
                    std::string_view detail_json,
                    UtcMs now_ms) {
  TUTELA_TRY(transaction.execute(
      "INSERT INTO case_event (tenant_id, principal_id, case_id, kind, detail, at_ms) VALUES "
      "(:tenant, :principal, :case_id, :kind, :detail, :at)",
      {actor.tenant_id,
       actor.principal_id,
       to_string(case_id),
       std::string(kind),
       std::string(detail_json),
       now_ms}));
  TUTELA_FAULT_POINT("cases.after_event");
  return ok();
}

Status record_event(Transaction& transaction,
                    const store::Actor& actor,
                    const Uuid& case_id,
                    std::string_view kind,
                    std::string_view action,
                    std::string_view detail_json,
                    UtcMs now_ms) {
  TUTELA_TRY(insert_event(transaction, actor, case_id, kind, detail_json, now_ms));
  TUTELA_TRY(audit::add(
      transaction, actor, now_ms, {std::string(action), object_name(case_id), "", "ok"}));
  TUTELA_FAULT_POINT("cases.after_entry");
  return ok();
}

Result<bool> insert_link(Transaction& transaction,
                         const store::Actor& actor,
                         const Uuid& one,
                         const Uuid& other,
                         LinkKind kind,
                         UtcMs now_ms) {
  std::int64_t added = 0;
  for (const auto& [from, to] : {std::pair(one, other), std::pair(other, one)}) {
    TUTELA_TRY_ASSIGN(
        const std::int64_t rows,
        transaction.execute(
            "INSERT INTO case_link (case_id, other_id, kind, tenant_id, principal_id, at_ms) "
            "VALUES (:case_id, :other, :kind, :tenant, :principal, :at) ON CONFLICT DO NOTHING",
            {to_string(from),
             to_string(to),
             std::string(to_string(kind)),
             actor.tenant_id,
             actor.principal_id,
             now_ms}));
    added += rows;
  }
  return added > 0;
}

Result<std::vector<Link>> read_links(Transaction& transaction, const Uuid& case_id) {
  std::vector<Link> links;
  TUTELA_TRY(transaction.query(
      "SELECT l.other_id, l.kind, r.state, r.outcome FROM case_link l JOIN review_case r ON "
      "r.id = l.other_id WHERE l.case_id = :id ORDER BY l.other_id DESC, l.kind LIMIT :limit",
      {to_string(case_id), kLinksMax},
      [&](const Row& row) -> Status {
        Link link;
        TUTELA_TRY_ASSIGN(link.other, parse_uuid(row.text(0)));
        TUTELA_TRY_ASSIGN(link.kind, parse_link_kind(row.text(1)));
        TUTELA_TRY_ASSIGN(link.state, parse_state(row.text(2)));
        if (!row.is_null(3)) {
          TUTELA_TRY_ASSIGN(link.outcome, parse_outcome(row.text(3)));
        }
        links.push_back(link);
        return ok();
      }));
  return links;
}

}  // namespace tutela::cases
