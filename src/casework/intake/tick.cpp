// What time does: deputies are told, what was answered is closed, what is kept no longer goes.
#include "base/fault.hpp"
#include "casework/intake/rows.hpp"
#include "custody/audit/entry.hpp"

namespace tutela::intake {

using store::Row;
using store::Transaction;

namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kAnsweredMs = 30 * kDayMs;  // then nobody comes back to it
constexpr std::size_t kBatch = 100;                // of one tick and kind
constexpr int kSilentMax = 10;                     // in a row: the store is gone, not a notice

struct Spot {
  std::int64_t at_ms = -1;
  Uuid id;
  std::string tenant_id;
};

/// `sql` selects a time, id and tenant by the parameters from, after, after_id, until.
Result<std::vector<Spot>> read_spots(store::Database& database,
                                     std::string_view sql,
                                     const Spot& after,
                                     UtcMs until_ms) {
  std::vector<Spot> found;
  TUTELA_TRY(database.read([&](Transaction& transaction) {
    return transaction.query(std::string(sql) + " LIMIT " + std::to_string(kBatch),
                             {after.at_ms, after.at_ms, to_string(after.id), until_ms},
                             [&](const Row& row) -> Status {
                               Spot& spot = found.emplace_back();
                               spot.at_ms = row.integer(0);
                               TUTELA_TRY_ASSIGN(spot.id, parse_uuid(row.text(1)));
                               spot.tenant_id = row.text(2);
                               return ok();
                             });
  }));
  return found;
}

constexpr std::string_view kToEscalate =
    "SELECT escalate_ms, id, tenant_id FROM notice WHERE waiting = 1 AND escalated_ms IS NULL AND "
    "escalate_ms >= :from AND (escalate_ms, id) > (:after, :after_id) AND escalate_ms <= :until "
    "ORDER BY escalate_ms, id";
constexpr std::string_view kToClose =
    "SELECT answered_ms, id, tenant_id FROM notice WHERE state = 'answered' AND answered_ms >= "
    ":from AND (answered_ms, id) > (:after, :after_id) AND answered_ms <= :until ORDER BY "
    "answered_ms, id";
constexpr std::string_view kToRemove =
    "SELECT closed_ms, id, tenant_id FROM notice WHERE closed_ms IS NOT NULL AND closed_ms >= "
    ":from AND (closed_ms, id) > (:after, :after_id) AND closed_ms <= :until ORDER BY closed_ms, "
    "id";

/// Not a new version: whoever is at work on it is not to begin anew for this.
Result<std::optional<Notice>> escalate(store::Database& database,
                                       const Spot& spot,
                                       const Notices::Deputy& deputy,
                                       UtcMs now_ms) {
  std::optional<Notice> escalated;
  TUTELA_TRY(database.write([&](Transaction& transaction) -> Status {
    escalated.reset();
    TUTELA_TRY_ASSIGN(Stored stored, read_notice(transaction, spot.tenant_id, spot.id));
    Notice& of = stored.of;
    if (!is_waiting(of.state) || of.escalated_ms || stored.escalate_ms > now_ms) {
      return ok();
    }
    TUTELA_TRY_ASSIGN(const std::string to, deputy(transaction, of));
    of.escalated_ms = now_ms;
    if (!to.empty()) {
      of.escalated_to = to;
    }
    TUTELA_TRY(update_notice(transaction, stored, true));
    TUTELA_TRY(record(
        transaction,
        system_actor(of.tenant_id),
        of,
        {.event = "escalated", .action = "notice.escalate", .detail = detail_of({{"to", to}})},
        now_ms));
    escalated = std::move(of);
    return ok();
  }));
  return escalated;
}

Status close(store::Database& database, const Spot& spot, UtcMs now_ms) {
  return database.write([&](Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(Stored stored, read_notice(transaction, spot.tenant_id, spot.id));
    Notice& of = stored.of;
    if (of.state != State::kAnswered || of.answered_ms.value_or(now_ms) + kAnsweredMs > now_ms) {
      return ok();
    }
    TUTELA_TRY(erase_contact(transaction, of.id));
    of.has_contact = false;
    of.state = State::kClosed;
    of.closed_ms = now_ms;
    TUTELA_TRY(update_notice(transaction, stored));
    return record(transaction,
                  system_actor(of.tenant_id),
                  of,
                  {.event = "closed", .action = "notice.close"},
                  now_ms);
  });
}

Status delete_rows(Transaction& transaction, const Uuid& id) {
  for (const std::string_view table :
       {"notice_subject", "notice_file", "notice_contact", "notice_message", "notice_event"}) {
    TUTELA_TRY(transaction.execute("DELETE FROM " + std::string(table) + " WHERE notice_id = :id",
                                   {to_string(id)}));
    TUTELA_FAULT_POINT("intake.after_delete");
  }
  TUTELA_TRY(transaction.execute("DELETE FROM notice WHERE id = :id", {to_string(id)}));
  TUTELA_FAULT_POINT("intake.after_row");
  return ok();
}

/// Whether it is gone by this call. It stays while its case needs it, or its files have no place.
Result<bool> remove(store::Database& database,
                    const Spot& spot,
                    const Notices::CaseOver& case_over,
                    UtcMs now_ms) {
  bool removed = false;
  TUTELA_TRY(database.write([&](Transaction& transaction) -> Status {
    removed = false;
    const Result<Stored> stored = read_notice(transaction, spot.tenant_id, spot.id);
    if (!stored) {
      return stored.error().kind == ErrorKind::kNotFound ? ok() : Status(stored.error());
    }
    const Notice& of = stored->of;
    bool over = !of.case_id && of.sorted_ms;
    if (of.case_id && case_over) {
      TUTELA_TRY_ASSIGN(over, case_over(transaction, *of.case_id));
    }
    if (!over) {
      return ok();
    }
    TUTELA_TRY(delete_rows(transaction, of.id));
    removed = true;
    return audit::add(
        transaction,
        system_actor(of.tenant_id),
        now_ms,
        {"notice.remove", "notice:" + to_string(of.id), std::string(to_string(of.kind)), "ok"});
  }));
  return removed;
}

struct Walk {
  std::string_view step;
  std::string_view sql;
  UtcMs until_ms = 0;
};

/// Calls `act` for each spot until `act` says that it is enough; past what stays or fails, so that
/// neither holds up what comes after it.
Status each_spot(store::Database& database,
                 const Walk& walk,
                 std::vector<Notices::Failed>& failed,
                 const std::function<Result<bool>(const Spot&)>& act) {
  Spot after;
  std::size_t failures = 0;
  int silent = 0;
  while (true) {
    TUTELA_TRY_ASSIGN(const std::vector<Spot> spots,
                      read_spots(database, walk.sql, after, walk.until_ms));
    for (const Spot& spot : spots) {
      const Result<bool> enough = act(spot);
      if (enough && *enough) {
        return ok();
      }
      silent = !enough && enough.error().kind == ErrorKind::kUnavailable ? silent + 1 : 0;
      if (silent >= kSilentMax) {
        return enough.error();
      }
      if (!enough && ++failures <= kBatch) {
        failed.push_back({spot.id, walk.step, enough.error()});
      }
    }
    if (spots.empty()) {
      return ok();
    }
    after = spots.back();
  }
}

Status escalate_all(store::Database& database,
                    const Notices::Deputy& deputy,
                    UtcMs now_ms,
                    Notices::Ticked& ticked) {
  const Walk walk{"escalate", kToEscalate, now_ms};
  return each_spot(database, walk, ticked.failed, [&](const Spot& spot) -> Result<bool> {
    TUTELA_TRY_ASSIGN(std::optional<Notice> each, escalate(database, spot, deputy, now_ms));
    TUTELA_FAULT_POINT("intake.after_escalate");
    if (each) {
      ticked.escalated.push_back(*std::move(each));
    }
    return ticked.escalated.size() >= kBatch;
  });
}

Status close_all(store::Database& database, UtcMs now_ms, Notices::Ticked& ticked) {
  std::size_t closed = 0;
  const Walk walk{"close", kToClose, now_ms - kAnsweredMs};
  return each_spot(database, walk, ticked.failed, [&](const Spot& spot) -> Result<bool> {
    TUTELA_TRY(close(database, spot, now_ms));
    return ++closed >= kBatch;
  });
}

Status remove_all(store::Database& database,
                  const Notices::CaseOver& case_over,
                  std::uint32_t keep_days,
                  UtcMs now_ms,
                  Notices::Ticked& ticked) {
  if (keep_days == 0) {
    return ok();
  }
  const Walk walk{"remove", kToRemove, now_ms - std::int64_t{keep_days} * kDayMs};
  return each_spot(database, walk, ticked.failed, [&](const Spot& spot) -> Result<bool> {
    TUTELA_TRY_ASSIGN(const bool gone, remove(database, spot, case_over, now_ms));
    ticked.removed += gone ? 1U : 0U;
    return ticked.removed >= kBatch;
  });
}

}  // namespace

Result<Notices::Ticked> Notices::tick(const Deputy& deputy, const CaseOver& case_over) {
  const UtcMs now_ms = clock_.now_ms();
  Ticked ticked;
  // None of the three holds up the others, and who is escalated is said whatever fails after it.
  const Status all[] = {
      escalate_all(database_, deputy, now_ms, ticked),
      close_all(database_, now_ms, ticked),
      remove_all(database_, case_over, rules_().limits.keep_days, now_ms, ticked)};
  for (const Status& each : all) {
    if (!each && ticked.escalated.empty()) {
      return each.error();
    }
  }
  return ticked;
}

}  // namespace tutela::intake
