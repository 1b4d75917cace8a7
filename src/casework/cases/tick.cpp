// The background's part of decisions: each case in a unit of work of its own.
#include <algorithm>

#include "base/fault.hpp"
#include "casework/cases/acting.hpp"
#include "casework/cases/closing.hpp"
#include "casework/cases/rows.hpp"

namespace tutela::cases {
namespace {

constexpr std::int64_t kBatch = 200;

struct Found {
  std::string tenant_id;
  Uuid id;
};

/// `sql` selects tenant and id.
Result<std::vector<Found>> find(store::Database& database,
                                std::string_view sql,
                                const std::vector<store::Value>& values) {
  std::vector<Found> found;
  TUTELA_TRY(database.read([&](store::Transaction& transaction) {
    return transaction.query(sql, values, [&](const store::Row& row) -> Status {
      Found one;
      one.tenant_id = row.text(0);
      TUTELA_TRY_ASSIGN(one.id, parse_uuid(row.text(1)));
      found.push_back(std::move(one));
      return ok();
    });
  }));
  return found;
}

using Step = std::function<Result<bool>(store::Transaction&, UtcMs, const Found&)>;

/// Returns how many of them `step` changed. One whose rows are damaged does not keep the others
/// from their turn; its error is in `damaged` then.
Result<std::size_t> each(store::Database& database,
                         const Clock& clock,
                         const std::vector<Found>& found,
                         const std::function<bool()>& stop_requested,
                         const Step& step,
                         std::optional<Error>& damaged) {
  std::size_t done = 0;
  for (const Found& one : found) {
    if (stop_requested()) {
      break;
    }
    bool changed = false;
    const Status written = database.write([&](store::Transaction& transaction) -> Status {
      changed = false;
      TUTELA_TRY_ASSIGN(changed, step(transaction, clock.now_ms(), one));
      return ok();
    });
    if (!written) {
      if (written.error().kind != ErrorKind::kCorrupted) {
        return written.error();
      }
      damaged = written.error();
      continue;
    }
    TUTELA_FAULT_POINT("cases.after_step");
    done += changed ? 1 : 0;
  }
  return done;
}

Result<bool> end_lock(store::Transaction& transaction, UtcMs now_ms, const Found& one) {
  const store::Actor system{one.tenant_id, "system", "system"};
  TUTELA_TRY_ASSIGN(Case of, read_case(transaction, one.tenant_id, one.id));
  if (!of.lock_by || is_locked(of, now_ms)) {
    return false;
  }
  const std::string held_by = *of.lock_by;
  of.lock_by.reset();
  of.lock_until_ms.reset();
  TUTELA_TRY(update_case(transaction, of, of.version));
  TUTELA_TRY(record_event(transaction,
                          system,
                          of.id,
                          "lock_expired",
                          "case.unlock",
                          detail_of({{"person", held_by}}),
                          now_ms));
  return true;
}

}  // namespace

Result<std::size_t> Decisions::tick(const std::function<bool()>& stop_requested) {
  std::size_t done = 0;
  std::optional<Error> damaged;
  const auto close = [&](store::Transaction& transaction, UtcMs now_ms, const Found& one) {
    return close_case(transaction, rules_, now_ms, one.tenant_id, one.id);
  };
  for (std::size_t closed = 1; closed > 0 && !stop_requested();) {
    TUTELA_TRY_ASSIGN(
        const std::vector<Found> due,
        find(database_,
             "SELECT tenant_id, id FROM review_case WHERE state = 'decided' AND undo_until_ms <= "
             ":now ORDER BY undo_until_ms, id LIMIT :limit",
             {clock_.now_ms(), kBatch}));
    TUTELA_TRY_ASSIGN(closed, each(database_, clock_, due, stop_requested, close, damaged));
    done += closed;
  }
  TUTELA_TRY_ASSIGN(
      const std::vector<Found> locks,
      find(database_,
           "SELECT tenant_id, id FROM review_case WHERE lock_by IS NOT NULL AND lock_until_ms <= "
           ":now ORDER BY tenant_id, lock_by LIMIT :limit",
           {clock_.now_ms(), kBatch}));
  TUTELA_TRY_ASSIGN(const std::size_t ended,
                    each(database_, clock_, locks, stop_requested, end_lock, damaged));
  done += ended;
  if (rules_.automatic) {
    TUTELA_TRY_ASSIGN(const std::size_t decided, decide_automatically(stop_requested));
    done += decided;
  }
  TUTELA_TRY_ASSIGN(
      const std::vector<Found> silent,
      find(database_,
           "SELECT tenant_id, id FROM case_appeal WHERE tell_after_ms IS NOT NULL AND "
           "tell_after_ms <= :now AND state = 'offered' ORDER BY tell_after_ms, id LIMIT :limit",
           {clock_.now_ms(), kBatch}));
  TUTELA_TRY_ASSIGN(const std::size_t told,
                    each(
                        database_,
                        clock_,
                        silent,
                        stop_requested,
                        [&](store::Transaction& transaction, UtcMs now_ms, const Found& one) {
                          return tell_delayed(transaction, rules_, now_ms, one.tenant_id, one.id);
                        },
                        damaged));
  if (damaged) {
    return *std::move(damaged);
  }
  return done + told;
}

// Only tenants with a list that decides alone, and only cases without a decision and with no item
// that another list, or none, brought.
Result<std::size_t> Decisions::decide_automatically(const std::function<bool()>& stop_requested) {
  std::size_t done = 0;
  std::optional<Error> damaged;
  for (std::size_t decided = 1; decided > 0 && !stop_requested();) {
    TUTELA_TRY_ASSIGN(
        const std::vector<Found> open,
        find(database_,
             "SELECT r.tenant_id, r.id FROM review_case r WHERE r.tenant_id IN (SELECT tenant_id "
             "FROM list WHERE automation = 1 AND state = 'active') AND r.state = 'open' AND "
             "r.needs_view = 0 AND (r.lock_by IS NULL OR r.lock_until_ms <= :now) AND NOT EXISTS "
             "(SELECT 1 FROM case_decision d WHERE d.case_id = r.id) AND NOT EXISTS (SELECT 1 FROM "
             "case_sample s WHERE s.case_id = r.id) AND EXISTS (SELECT 1 FROM case_item i WHERE "
             "i.case_id = r.id) AND NOT EXISTS (SELECT 1 FROM case_item i LEFT JOIN list l ON l.id "
             "= i.list_id WHERE i.case_id = r.id AND (i.automation = 0 OR l.id IS NULL OR "
             "l.automation = 0 OR l.state <> 'active' OR l.purpose NOT IN ('known_csam', 'test'))) "
             "AND r.queue <> 'legal' LIMIT :limit",
             {clock_.now_ms(), kBatch}));
    TUTELA_TRY_ASSIGN(decided,
                      each(
                          database_,
                          clock_,
                          open,
                          stop_requested,
                          [&](store::Transaction& transaction, UtcMs now_ms, const Found& one) {
                            return decide_alone(transaction, rules_, now_ms, one.tenant_id, one.id);
                          },
                          damaged));
    done += decided;
  }
  if (damaged) {
    return *std::move(damaged);
  }
  return done;
}

}  // namespace tutela::cases
