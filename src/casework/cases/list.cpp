// The queue and the search: one page of cases, and how many wait.
#include <algorithm>
#include <string>
#include <vector>

#include "casework/cases/cases.hpp"
#include "casework/cases/rows.hpp"
#include "custody/store/page.hpp"

namespace tutela::cases {

using store::Row;
using store::Selection;
using store::Transaction;

namespace {

constexpr std::int64_t kPageMax = 200;
constexpr std::size_t kTextMax = 512;
// A list with fewer cases is read through its keys, one with more in the order of the queue.
constexpr std::int64_t kRareMax = 2000;

struct Order {
  std::string_view column;
  bool descending = false;
  char letter = 'r';
};

Order order_of(const Filter& filter) {
  switch (filter.sort) {
    case Sort::kNewest:
      return {"r.opened_ms", true, 'n'};
    case Sort::kDue:
      return {"r.due_ms", false, 'd'};
    case Sort::kRank:
      break;
  }
  // What waits has indexes of its own, and the one of all cases must not be taken for them: it is
  // one of this expression.
  const bool all = !filter.undecided && !filter.state;
  return {all ? "r.rank_ms + 0" : "r.rank_ms", false, 'r'};
}

Result<bool> is_rare(Transaction& transaction,
                     const std::string& tenant_id,
                     const std::string& list_id) {
  std::int64_t count = 0;
  TUTELA_TRY(transaction.query(
      "SELECT COUNT(*) FROM (SELECT 1 FROM case_key WHERE tenant_id = :tenant AND kind = 'list' "
      "AND value = :value LIMIT :limit) k",
      {tenant_id, list_id, kRareMax + 1},
      [&](const Row& row) -> Status {
        count = row.integer(0);
        return ok();
      }));
  return count <= kRareMax;
}

Result<std::string> list_id_of(Transaction& transaction,
                               const std::string& tenant_id,
                               const std::string& name) {
  std::string id;
  TUTELA_TRY(transaction.query("SELECT id FROM list WHERE tenant_id = :tenant AND name = :name",
                               {tenant_id, name},
                               [&](const Row& row) -> Status {
                                 id = row.text(0);
                                 return ok();
                               }));
  return id;
}

// What decides where the rows come from. Which index serves is settled here, not left to luck.
Status add_source(Transaction& transaction,
                  const Person& person,
                  const Filter& filter,
                  Selection& selection) {
  const std::string& tenant = person.actor.tenant_id;
  std::string list_id;
  bool rare = false;
  if (filter.list) {
    TUTELA_TRY_ASSIGN(list_id, list_id_of(transaction, tenant, *filter.list));
    TUTELA_TRY_ASSIGN(rare, is_rare(transaction, tenant, list_id));
  }
  if (person.assigned_only) {
    selection.from("case_assignment a CROSS JOIN review_case r");
    selection.where("a.tenant_id = :of_tenant AND a.assignee = :assignee AND r.id = a.case_ref",
                    {tenant, person.actor.principal_id});
  } else if (filter.mine) {
    // What one person holds is little: not to be looked for along the whole queue.
    rare = false;
    selection.from("review_case m CROSS JOIN review_case r");
    selection.where("m.tenant_id = :of_tenant AND m.lock_by = :holder AND r.id = m.id",
                    {tenant, person.actor.principal_id});
  } else if (rare) {
    selection.from("case_key k CROSS JOIN review_case r");
  }
  if (filter.list && rare && !person.assigned_only) {
    selection.where(
        "k.tenant_id = :of_tenant AND k.kind = 'list' AND k.value = :list AND r.id = k.case_id",
        {tenant, list_id});
  } else if (filter.list) {
    selection.where(
        "EXISTS (SELECT 1 FROM case_key k WHERE k.tenant_id = r.tenant_id AND k.kind = 'list' AND "
        "k.value = :list AND k.case_id = r.id)",
        {list_id});
  }
  return ok();
}

void add_filter(const Person& person, const Filter& filter, UtcMs now_ms, Selection& selection) {
  selection.where("r.tenant_id = :tenant", {person.actor.tenant_id});
  // What waits has indexes of its own: by the queue that it waits in.
  if (filter.queue) {
    selection.where(filter.undecided ? "r.waiting = :queue" : "r.queue = :queue",
                    {std::string(to_string(*filter.queue))});
  } else if (filter.undecided) {
    selection.where("r.waiting IS NOT NULL");
  }
  if (filter.state) {
    selection.where("r.state = :state", {std::string(to_string(*filter.state))});
  }
  if (filter.mine) {
    selection.where("r.lock_by = :self AND r.lock_until_ms > :now",
                    {person.actor.principal_id, now_ms});
  }
  if (filter.account) {
    selection.where("r.account = :account", {*filter.account});
  }
  if (filter.content_id) {
    selection.where("r.id = (SELECT case_id FROM case_item WHERE content_id = :content)",
                    {to_string(*filter.content_id)});
  }
  if (filter.needs_view) {
    // Written out, so that the index of those that need none is found.
    selection.where(*filter.needs_view ? "r.needs_view = 1" : "r.needs_view = 0");
  }
  if (filter.opened_since_ms) {
    selection.where("r.opened_ms >= :since", {*filter.opened_since_ms});
  }
  if (filter.opened_until_ms) {
    selection.where("r.opened_ms < :until", {*filter.opened_until_ms});
  }
}

Status check_filter(const Filter& filter) {
  const auto is_text = [](const std::optional<std::string>& text) {
    return !text || (text->size() <= kTextMax && text->find('\0') == std::string::npos);
  };
  if (!is_text(filter.account) || !is_text(filter.list)) {
    return Error{
        ErrorKind::kInvalidInput, "case.bad_filter", "an account or a list has at most 512 bytes"};
  }
  return ok();
}

}  // namespace

Result<Page> Cases::list(const Person& person, const Filter& filter) {
  TUTELA_TRY(check_filter(filter));
  const Order order = order_of(filter);
  const std::int64_t limit = std::clamp<std::int64_t>(filter.limit, 1, kPageMax);
  const std::string column(order.column);
  Page page;
  TUTELA_TRY(database_.read([&](Transaction& transaction) -> Status {
    Selection selection(kCaseColumns, "review_case r");
    TUTELA_TRY(add_source(transaction, person, filter, selection));
    add_filter(person, filter, clock_.now_ms(), selection);
    if (filter.sort == Sort::kDue) {
      selection.where(column + " IS NOT NULL");
    }
    if (!filter.after.empty()) {
      TUTELA_TRY_ASSIGN(const store::Cursor cursor,
                        store::parse_cursor(filter.after, order.letter, "case.bad_cursor"));
      selection.behind(column, "r.id", order.descending, cursor);
    }
    const std::string direction = order.descending ? " DESC" : "";
    const std::string sql = selection.sql(" ORDER BY " + column + direction + ", r.id" + direction +
                                          " LIMIT " + std::to_string(limit + 1));
    return transaction.query(sql, selection.values(), [&](const Row& row) -> Status {
      TUTELA_TRY_ASSIGN(Case of, read_case_row(row));
      page.cases.push_back(std::move(of));
      return ok();
    });
  }));
  if (static_cast<std::int64_t>(page.cases.size()) > limit) {
    page.cases.pop_back();
    const Case& last = page.cases.back();
    const std::int64_t number = filter.sort == Sort::kNewest ? last.opened_ms
                                : filter.sort == Sort::kDue  ? due_of(last).value_or(0)
                                                             : last.rank_ms;
    page.next = store::cursor_text(order.letter, {number, last.id});
  }
  return page;
}

}  // namespace tutela::cases
