// Sorting: each notice finds its place among cases, in a unit of work of its own.
#include "base/fault.hpp"
#include "casework/intake/rows.hpp"

namespace tutela::intake {

using store::Row;
using store::Transaction;

namespace {

constexpr std::int64_t kPage = 100;

struct Unsorted {
  Uuid id;
  std::string tenant_id;
  UtcMs received_ms = 0;
};

Result<std::vector<Unsorted>> read_unsorted(store::Database& database, const Unsorted& after) {
  std::vector<Unsorted> found;
  TUTELA_TRY(database.read([&](Transaction& transaction) {
    return transaction.query(
        "SELECT id, tenant_id, received_ms FROM notice WHERE sorted_ms IS NULL AND received_ms >= "
        ":from AND (received_ms, id) > (:after, :after_id) ORDER BY received_ms, id LIMIT :limit",
        {after.received_ms, after.received_ms, to_string(after.id), kPage},
        [&](const Row& row) -> Status {
          Unsorted& each = found.emplace_back();
          TUTELA_TRY_ASSIGN(each.id, parse_uuid(row.text(0)));
          each.tenant_id = row.text(1);
          each.received_ms = row.integer(2);
          return ok();
        });
  }));
  return found;
}

/// Whether it was still to be sorted. What its sender withdrew is not brought to anybody.
Result<bool> sort_one(store::Database& database,
                      const Unsorted& unsorted,
                      const Notices::Place& place,
                      UtcMs now_ms) {
  bool sorted = false;
  TUTELA_TRY(database.write([&](Transaction& transaction) -> Status {
    sorted = false;
    TUTELA_TRY_ASSIGN(Stored stored, read_notice(transaction, unsorted.tenant_id, unsorted.id));
    Notice& of = stored.of;
    if (of.sorted_ms) {
      return ok();
    }
    if (of.state != State::kWithdrawn) {
      TUTELA_TRY_ASSIGN(const Body body, read_body(transaction, of.id));
      TUTELA_TRY_ASSIGN(const std::vector<Uuid> files, read_files(transaction, of.id));
      TUTELA_TRY_ASSIGN(const std::optional<Uuid> found, place(transaction, of, body, files));
      TUTELA_FAULT_POINT("intake.after_place");
      of.case_id = found ? found : of.case_id;
    }
    of.sorted_ms = now_ms;
    TUTELA_TRY(update_notice(transaction, stored));
    sorted = true;
    return record(
        transaction,
        system_actor(of.tenant_id),
        of,
        {.event = "sorted",
         .action = "notice.sort",
         .detail = of.case_id ? detail_of({{"case", to_string(*of.case_id)}}) : std::string("{}")},
        now_ms);
  }));
  return sorted;
}

}  // namespace

Result<std::size_t> Notices::sort(std::size_t limit, const Place& place) {
  std::size_t sorted = 0;
  std::optional<Error> failed;
  Unsorted after{.id = {}, .tenant_id = {}, .received_ms = -1};
  while (sorted < limit) {
    TUTELA_TRY_ASSIGN(const std::vector<Unsorted> page, read_unsorted(database_, after));
    for (const Unsorted& unsorted : page) {
      Result<bool> done = sort_one(database_, unsorted, place, clock_.now_ms());
      if (!done) {
        failed = std::move(done).error();  // the others go on; this one is tried again
      } else {
        sorted += *done ? 1U : 0U;
      }
      if (sorted == limit) {
        break;
      }
    }
    if (page.empty()) {
      break;
    }
    after = page.back();
  }
  if (failed && sorted == 0) {
    return *std::move(failed);
  }
  return sorted;
}

}  // namespace tutela::intake
