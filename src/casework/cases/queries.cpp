// What the page of one case shows.
#include <algorithm>
#include <utility>
#include <vector>

#include "casework/cases/cases.hpp"
#include "casework/cases/decision_rows.hpp"
#include "casework/cases/items.hpp"
#include "casework/cases/rows.hpp"

namespace tutela::cases {

using store::Row;
using store::Transaction;
using store::Value;

namespace {

constexpr std::int64_t kEventsMax = 200;
constexpr std::int64_t kNotesMax = 200;

Result<std::vector<Event>> read_events(Transaction& transaction,
                                       std::string_view clause,
                                       const std::vector<Value>& values) {
  std::vector<Event> events;
  TUTELA_TRY(transaction.query(
      "SELECT id, kind, principal_id, detail, at_ms FROM case_event WHERE "
      "case_id = :id" +
          std::string(clause),
      values,
      [&](const Row& row) -> Status {
        events.push_back({row.integer(0), row.text(1), row.text(2), row.text(3), row.integer(4)});
        return ok();
      }));
  return events;
}

// The newest, the oldest of them first.
Result<std::vector<Note>> read_notes(Transaction& transaction, const Uuid& id) {
  std::vector<Note> notes;
  TUTELA_TRY(transaction.query(
      "SELECT id, principal_id, text, at_ms FROM case_note WHERE case_id = :id ORDER BY id DESC "
      "LIMIT :limit",
      {to_string(id), kNotesMax},
      [&](const Row& row) -> Status {
        notes.push_back({row.integer(0), row.text(1), row.text(2), row.integer(3)});
        return ok();
      }));
  std::ranges::reverse(notes);
  return notes;
}

// An event tells that another decided, and not what.
void hide_verdicts(const Person& person, const Case& of, std::vector<Event>& events) {
  for (Event& event : events) {
    if (is_blind(person, of) && event.kind == "decided" &&
        event.principal_id != person.actor.principal_id) {
      event.detail = "{}";
    }
  }
}

Result<std::vector<Decision>> read_visible_decisions(Transaction& transaction,
                                                     const Person& person,
                                                     const Case& of) {
  TUTELA_TRY_ASSIGN(const std::vector<Decision> decisions, decisions_of(transaction, of.id));
  return visible(decisions, person, of);
}

Result<std::int64_t> count_earlier(Transaction& transaction, const Case& of) {
  std::int64_t earlier = 0;
  if (!of.account) {
    return earlier;
  }
  TUTELA_TRY(transaction.query(
      "SELECT COUNT(*) FROM review_case WHERE tenant_id = :tenant AND account = :account AND id < "
      ":id AND NOT EXISTS (SELECT 1 FROM case_sample s WHERE s.case_id = review_case.id)",
      {of.tenant_id, *of.account, to_string(of.id)},
      [&](const Row& row) -> Status {
        earlier = row.integer(0);
        return ok();
      }));
  return earlier;
}

Error bad_page() {
  return {ErrorKind::kInvalidInput, "case.bad_page", "events are counted from 0, 1 to 200 a page"};
}

}  // namespace

Cases::Cases(store::Database& database, const Clock& clock, Rules rules)
    : database_(database), clock_(clock), rules_(std::move(rules)) {}

Result<Case> Cases::find(const Person& person, const Uuid& id) {
  Case found;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(found, read_visible(transaction, person, id));
    return ok();
  }));
  return found;
}

Result<Whole> Cases::whole(const Person& person, const Uuid& id) {
  Whole whole;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(whole.of, read_visible(transaction, person, id));
    TUTELA_TRY_ASSIGN(const std::optional<Sample> sample, sample_of(transaction, id));
    TUTELA_TRY_ASSIGN(whole.items, read_items(transaction, subject_of(id, sample)));
    TUTELA_TRY_ASSIGN(
        whole.events,
        read_events(transaction, " ORDER BY id DESC LIMIT :limit", {to_string(id), kEventsMax}));
    std::ranges::reverse(whole.events);
    hide_verdicts(person, whole.of, whole.events);
    TUTELA_TRY_ASSIGN(whole.notes, read_notes(transaction, id));
    TUTELA_TRY_ASSIGN(whole.links, read_links(transaction, id));
    TUTELA_TRY_ASSIGN(whole.decisions, read_visible_decisions(transaction, person, whole.of));
    TUTELA_TRY_ASSIGN(whole.earlier_cases, count_earlier(transaction, whole.of));
    return ok();
  }));
  return whole;
}

Result<std::vector<Event>> Cases::events(const Person& person,
                                         const Uuid& id,
                                         std::int64_t after,
                                         std::int64_t limit) {
  if (after < 0 || limit < 1 || limit > kEventsMax) {
    return bad_page();
  }
  std::vector<Event> events;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(const Case of, read_visible(transaction, person, id));
    TUTELA_TRY_ASSIGN(events,
                      read_events(transaction,
                                  " AND id > :after ORDER BY id LIMIT :limit",
                                  {to_string(id), after, limit}));
    hide_verdicts(person, of, events);
    return ok();
  }));
  return events;
}

}  // namespace tutela::cases
