// Duty: who answers a queue, who is away, who is on shift.
#include <algorithm>

#include "base/fault.hpp"
#include "casework/partners/partners.hpp"
#include "casework/partners/rows.hpp"
#include "custody/audit/entry.hpp"

namespace tutela::partners {

using store::Row;
using store::Transaction;

namespace {

constexpr std::int64_t kSpanMaxMs = 400 * kDayMs;
constexpr std::int64_t kSpansMax = 1000;

// The words of intake::kQueues, which this module does not see: a test there holds them together.
constexpr std::string_view kQueues[] = {
    "imminent", "victim", "flagger", "law", "detection", "public", "flood"};

Error bad_span(std::string message) {
  return {ErrorKind::kInvalidInput, "duty.bad_span", std::move(message)};
}

/// The table of a kind of spans: a word of a closed set, never of a caller.
Result<std::string> table_of(std::string_view kind) {
  if (kind != "absence" && kind != "shift") {
    return bad_span("a span is an absence or a shift");
  }
  return "duty_" + std::string(kind);
}

Result<Span> read_span(const Row& row) {
  Span span;
  TUTELA_TRY_ASSIGN(span.id, parse_uuid(row.text(0)));
  span.person = row.text(1);
  span.from_ms = row.integer(2);
  span.until_ms = row.integer(3);
  return span;
}

struct Named {
  std::string person;
  std::optional<std::string> deputy;
};

Result<std::optional<Named>> named_of(Transaction& transaction,
                                      const std::string& tenant_id,
                                      std::string_view queue) {
  std::optional<Named> named;
  TUTELA_TRY(transaction.query(
      "SELECT person_id, deputy_id FROM duty WHERE tenant_id = :tenant AND queue = :queue",
      {tenant_id, std::string(queue)},
      [&](const Row& row) -> Status {
        named = Named{row.text(0), std::nullopt};
        if (!row.is_null(1)) {
          named->deputy = row.text(1);
        }
        return ok();
      }));
  return named;
}

/// kOff: shifts of theirs are planned, and none of them is now.
enum class Presence : std::uint8_t { kThere, kOff, kAway };

Result<Presence> presence_of(Transaction& transaction,
                             const std::string& tenant_id,
                             const std::string& person,
                             UtcMs now_ms) {
  TUTELA_TRY_ASSIGN(const bool absent, is_absent(transaction, tenant_id, person, now_ms));
  if (absent) {
    return Presence::kAway;
  }
  std::int64_t now = 0;
  std::int64_t later = 0;
  TUTELA_TRY(
      transaction.query("SELECT COUNT(CASE WHEN from_ms <= :now THEN 1 END), COUNT(*) FROM "
                        "duty_shift WHERE tenant_id "
                        "= :tenant AND person_id = :person AND until_ms > :and_now",
                        {now_ms, tenant_id, person, now_ms},
                        [&](const Row& row) -> Status {
                          now = row.integer(0);
                          later = row.integer(1) - now;
                          return ok();
                        }));
  return now == 0 && later > 0 ? Presence::kOff : Presence::kThere;
}

Status check_room(Transaction& transaction,
                  const std::string& table,
                  const std::string& tenant_id,
                  UtcMs now_ms) {
  std::int64_t count = 0;
  TUTELA_TRY(transaction.query(
      "SELECT COUNT(*) FROM " + table + " WHERE tenant_id = :tenant AND until_ms > :now",
      {tenant_id, now_ms},
      [&](const Row& row) -> Status {
        count = row.integer(0);
        return ok();
      }));
  if (count >= kSpansMax) {
    return Error{ErrorKind::kLimitExceeded,
                 "duty.too_many",
                 "1000 of these are planned; plan less far ahead"};
  }
  return ok();
}

}  // namespace

Status check_person(std::string_view person) {
  constexpr std::string_view kPrefix = "person:";
  if (!person.starts_with(kPrefix) || !parse_uuid(person.substr(kPrefix.size()))) {
    return Error{ErrorKind::kInvalidInput,
                 "duty.bad_person",
                 "who is on duty must be a person of this server: person:<id>"};
  }
  return ok();
}

Result<bool> is_absent(Transaction& transaction,
                       const std::string& tenant_id,
                       const std::string& person,
                       UtcMs now_ms) {
  bool absent = false;
  const auto found = [&](const Row&) -> Status {
    absent = true;
    return ok();
  };
  TUTELA_TRY(transaction.query(
      "SELECT 1 FROM duty_absence WHERE tenant_id = :tenant AND person_id = :person AND from_ms "
      "<= :now AND until_ms > :and_now LIMIT 1",
      {tenant_id, person, now_ms, now_ms},
      found));
  // Whoever has left answers nobody, whether or not somebody thought of this table.
  TUTELA_TRY(transaction.query(
      "SELECT 1 FROM person WHERE tenant_id = :tenant AND id = :id AND state = 'disabled'",
      {tenant_id, person.substr(person.find(':') + 1)},
      found));
  return absent;
}

Status Partners::set_duty(const store::Actor& actor,
                          std::string_view queue,
                          std::string_view person,
                          const std::optional<std::string>& deputy) {
  if (std::ranges::find(kQueues, queue) == std::end(kQueues)) {
    return Error{ErrorKind::kInvalidInput, "duty.bad_queue", "there is no such queue of notices"};
  }
  TUTELA_TRY(check_person(person));
  if (deputy) {
    TUTELA_TRY(check_person(*deputy));
    if (*deputy == person) {
      return Error{ErrorKind::kInvalidInput,
                   "duty.same_person",
                   "the deputy must be another person: who is away cannot stand in for themselves"};
    }
  }
  const UtcMs now_ms = clock_.now_ms();
  return database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.execute("DELETE FROM duty WHERE tenant_id = :tenant AND queue = :queue",
                                   {actor.tenant_id, std::string(queue)}));
    TUTELA_FAULT_POINT("partners.after_row_removed");
    TUTELA_TRY(transaction.execute(
        "INSERT INTO duty (tenant_id, principal_id, queue, person_id, deputy_id, at_ms) VALUES "
        "(:tenant, :principal, :queue, :person, :deputy, :at)",
        {actor.tenant_id,
         actor.principal_id,
         std::string(queue),
         std::string(person),
         store::to_value(deputy),
         now_ms}));
    TUTELA_FAULT_POINT("partners.after_row");
    TUTELA_TRY(audit::add(
        transaction,
        actor,
        now_ms,
        {"duty.set", "duty:" + std::string(queue), std::string(person), deputy.value_or("alone")}));
    TUTELA_FAULT_POINT("partners.after_entry");
    return ok();
  });
}

Result<std::vector<Duty>> Partners::duties(const std::string& tenant_id) {
  const UtcMs now_ms = clock_.now_ms();
  std::vector<Duty> found;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    found.clear();
    TUTELA_TRY(transaction.query(
        "SELECT queue, person_id, deputy_id FROM duty WHERE tenant_id = :tenant ORDER BY queue",
        {tenant_id},
        [&](const Row& row) -> Status {
          Duty duty{row.text(0), row.text(1), std::nullopt, false, false};
          if (!row.is_null(2)) {
            duty.deputy = row.text(2);
          }
          found.push_back(std::move(duty));
          return ok();
        }));
    for (Duty& duty : found) {
      TUTELA_TRY_ASSIGN(duty.person_absent, is_absent(transaction, tenant_id, duty.person, now_ms));
      if (duty.deputy) {
        TUTELA_TRY_ASSIGN(duty.deputy_absent,
                          is_absent(transaction, tenant_id, *duty.deputy, now_ms));
      }
    }
    return ok();
  }));
  return found;
}

Result<Span> Partners::add_span(const store::Actor& actor,
                                std::string_view kind,
                                std::string_view person,
                                UtcMs from_ms,
                                UtcMs until_ms) {
  TUTELA_TRY_ASSIGN(const std::string table, table_of(kind));
  TUTELA_TRY(check_person(person));
  const UtcMs now_ms = clock_.now_ms();
  if (from_ms < 0 || until_ms <= from_ms || until_ms <= now_ms || until_ms - from_ms > kSpanMaxMs ||
      from_ms - now_ms > kSpanMaxMs) {
    return bad_span(
        "a span ends after it begins and after now, lasts at most 400 days, and begins "
        "within 400 days");
  }
  const Span span{new_uuid(now_ms), std::string(person), from_ms, until_ms};
  TUTELA_TRY(database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY(check_room(transaction, table, actor.tenant_id, now_ms));
    TUTELA_TRY(transaction.execute(
        "INSERT INTO " + table +
            " (id, tenant_id, principal_id, person_id, from_ms, until_ms) VALUES (:id, :tenant, "
            ":principal, :person, :from, :until)",
        {to_string(span.id), actor.tenant_id, actor.principal_id, span.person, from_ms, until_ms}));
    TUTELA_FAULT_POINT("partners.after_row");
    TUTELA_TRY(audit::add(transaction,
                          actor,
                          now_ms,
                          {"duty." + std::string(kind) + "_add",
                           std::string(kind) + ":" + to_string(span.id),
                           span.person,
                           "ok"}));
    TUTELA_FAULT_POINT("partners.after_entry");
    return ok();
  }));
  return span;
}

Status Partners::remove_span(const store::Actor& actor, std::string_view kind, const Uuid& id) {
  TUTELA_TRY_ASSIGN(const std::string table, table_of(kind));
  const UtcMs now_ms = clock_.now_ms();
  return database_.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(
        const std::int64_t removed,
        transaction.execute("DELETE FROM " + table + " WHERE tenant_id = :tenant AND id = :id",
                            {actor.tenant_id, to_string(id)}));
    if (removed == 0) {
      return Error{ErrorKind::kNotFound, "duty.unknown", "there is nothing planned of this id"};
    }
    TUTELA_FAULT_POINT("partners.after_row_removed");
    TUTELA_TRY(audit::add(transaction,
                          actor,
                          now_ms,
                          {"duty." + std::string(kind) + "_remove",
                           std::string(kind) + ":" + to_string(id),
                           "",
                           "ok"}));
    TUTELA_FAULT_POINT("partners.after_entry");
    return ok();
  });
}

Result<std::vector<Span>> spans_of(Transaction& transaction,
                                   const std::string& tenant_id,
                                   std::string_view kind,
                                   UtcMs now_ms) {
  TUTELA_TRY_ASSIGN(const std::string table, table_of(kind));
  std::vector<Span> found;
  TUTELA_TRY(transaction.query("SELECT id, person_id, from_ms, until_ms FROM " + table +
                                   " WHERE tenant_id = :tenant AND until_ms > :now ORDER BY "
                                   "from_ms, until_ms, id LIMIT 1000",
                               {tenant_id, now_ms},
                               [&](const Row& row) -> Status {
                                 TUTELA_TRY_ASSIGN(Span span, read_span(row));
                                 found.push_back(std::move(span));
                                 return ok();
                               }));
  return found;
}

Result<std::vector<Span>> Partners::spans(const std::string& tenant_id, std::string_view kind) {
  const UtcMs now_ms = clock_.now_ms();
  std::vector<Span> found;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(found, spans_of(transaction, tenant_id, kind, now_ms));
    return ok();
  }));
  return found;
}

Result<Escalation> escalation_of(Transaction& transaction,
                                 const std::string& tenant_id,
                                 std::string_view queue,
                                 UtcMs now_ms) {
  TUTELA_TRY_ASSIGN(const auto named, named_of(transaction, tenant_id, queue));
  if (!named) {
    return Escalation{};
  }
  if (!named->deputy) {
    return Escalation{named->person, false, {}};
  }
  TUTELA_TRY_ASSIGN(const Presence person,
                    presence_of(transaction, tenant_id, named->person, now_ms));
  TUTELA_TRY_ASSIGN(const Presence deputy,
                    presence_of(transaction, tenant_id, *named->deputy, now_ms));
  if (deputy == Presence::kAway || (deputy == Presence::kOff && person == Presence::kThere)) {
    return Escalation{named->person, false, {}};
  }
  return Escalation{
      *named->deputy, true, person == Presence::kAway ? std::string() : named->person};
}

Result<bool> is_unmanned(Transaction& transaction,
                         const std::string& tenant_id,
                         std::string_view queue,
                         UtcMs now_ms) {
  TUTELA_TRY_ASSIGN(const auto named, named_of(transaction, tenant_id, queue));
  if (!named) {
    return true;
  }
  TUTELA_TRY_ASSIGN(const bool absent, is_absent(transaction, tenant_id, named->person, now_ms));
  if (!absent || !named->deputy) {
    return absent;
  }
  return is_absent(transaction, tenant_id, *named->deputy, now_ms);
}

}  // namespace tutela::partners
