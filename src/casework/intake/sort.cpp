// Sorting: each notice finds its place among cases. Some at a time share one unit of work, so that
// sorting keeps up with what comes; where one of them fails, each gets its own.
#include <algorithm>
#include <span>

#include "base/fault.hpp"
#include "casework/intake/rows.hpp"

namespace tutela::intake {

using store::Row;
using store::Transaction;

namespace {

constexpr std::int64_t kPage = 128;
constexpr std::size_t kTogether = 16;

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
Result<bool> sort_one(Transaction& transaction,
                      const Unsorted& unsorted,
                      const Notices::Place& place,
                      UtcMs now_ms) {
  TUTELA_TRY_ASSIGN(Stored stored, read_notice(transaction, unsorted.tenant_id, unsorted.id));
  Notice& of = stored.of;
  if (of.sorted_ms) {
    return false;
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
  TUTELA_TRY(record(
      transaction,
      system_actor(of.tenant_id),
      of,
      {.event = "sorted",
       .action = "notice.sort",
       .detail = of.case_id ? detail_of({{"case", to_string(*of.case_id)}}) : std::string("{}")},
      now_ms));
  return true;
}

/// How many of them were still to be sorted: all are, or none.
Result<std::size_t> sort_together(store::Database& database,
                                  std::span<const Unsorted> some,
                                  const Notices::Place& place,
                                  UtcMs now_ms) {
  std::size_t sorted = 0;
  TUTELA_TRY(database.write([&](Transaction& transaction) -> Status {
    sorted = 0;
    for (const Unsorted& unsorted : some) {
      TUTELA_TRY_ASSIGN(const bool done, sort_one(transaction, unsorted, place, now_ms));
      sorted += done ? 1U : 0U;
    }
    return ok();
  }));
  return sorted;
}

struct Progress {
  std::size_t sorted = 0;
  std::optional<Error> failed;
};

void sort_some(store::Database& database,
               std::span<const Unsorted> some,
               const Notices::Place& place,
               UtcMs now_ms,
               Progress& progress) {
  const Result<std::size_t> together = sort_together(database, some, place, now_ms);
  if (together) {
    progress.sorted += *together;
    return;
  }
  if (some.size() == 1) {
    progress.failed = together.error();  // the others go on; this one is tried again
    return;
  }
  for (std::size_t i = 0; i < some.size(); ++i) {
    sort_some(database, some.subspan(i, 1), place, now_ms, progress);
  }
}

}  // namespace

Result<std::size_t> Notices::sort(std::size_t limit, const Place& place) {
  Progress progress;
  Unsorted after{.id = {}, .tenant_id = {}, .received_ms = -1};
  while (progress.sorted < limit) {
    TUTELA_TRY_ASSIGN(const std::vector<Unsorted> page, read_unsorted(database_, after));
    if (page.empty()) {
      break;
    }
    for (std::span<const Unsorted> rest = page; !rest.empty() && progress.sorted < limit;) {
      const std::size_t count = std::min({rest.size(), kTogether, limit - progress.sorted});
      sort_some(database_, rest.first(count), place, clock_.now_ms(), progress);
      rest = rest.subspan(count);
    }
    after = page.back();
  }
  if (progress.failed && progress.sorted == 0) {
    return *std::move(progress.failed);
  }
  return progress.sorted;
}

}  // namespace tutela::intake
