// One page of notices: what waits by its promise, all others the newest first.
//
// A cursor is the place of the last one that was shown: "w:<number>:<id>" or "n:<number>:<id>".
#include <algorithm>

#include "casework/intake/rows.hpp"
#include "custody/store/page.hpp"

namespace tutela::intake {

using store::Cursor;
using store::Row;
using store::Selection;
using store::Transaction;

namespace {

constexpr std::int64_t kPageMax = 200;

// What is named first is what an index is entered with.
Selection selection_of(const std::string& tenant_id, const Filter& filter) {
  Selection selection(kNoticeColumns, "notice n");
  selection.where("n.tenant_id = :tenant", {tenant_id});
  if (filter.waiting) {
    selection.where("n.waiting = 1");
  }
  if (filter.queue) {
    selection.where("n.queue = :queue", {std::string(to_string(*filter.queue))});
  }
  if (filter.number) {
    selection.where("n.number = :number", {parse_number(*filter.number).value_or("")});
  }
  if (filter.case_id) {
    selection.where("n.case_id = :case_id", {to_string(*filter.case_id)});
  }
  if (filter.flood_key) {
    selection.where("n.flood_key = :flood_key", {*filter.flood_key});
  }
  if (filter.state) {
    selection.where("n.state = :state", {std::string(to_string(*filter.state))});
  }
  if (filter.kind) {
    selection.where("n.kind = :kind", {std::string(to_string(*filter.kind))});
  }
  if (filter.partner_id) {
    selection.where("n.partner_id = :partner", {to_string(*filter.partner_id)});
  }
  return selection;
}

struct Order {
  char letter;
  std::string_view column;
  bool descending;
};

Order order_of(const Filter& filter) {
  return filter.waiting ? Order{'w', "n.due_ms", false} : Order{'n', "n.received_ms", true};
}

/// Ids grow with time: those of one case or one source are read along their own index.
bool is_by_id(const Filter& filter) {
  return !filter.waiting && (filter.case_id || filter.flood_key);
}

std::string ordered(const Filter& filter, const Order& order) {
  const std::string direction(order.descending ? " DESC" : "");
  return " ORDER BY " + (is_by_id(filter) ? "" : std::string(order.column) + direction + ", ") +
         "n.id" + direction;
}

Status read_page(Transaction& transaction,
                 const std::string& tenant_id,
                 const Filter& filter,
                 std::int64_t limit,
                 std::vector<Notice>& into) {
  const Order order = order_of(filter);
  Selection selection = selection_of(tenant_id, filter);
  if (!filter.after.empty()) {
    TUTELA_TRY_ASSIGN(const Cursor cursor,
                      store::parse_cursor(filter.after, order.letter, "notice.bad_cursor"));
    if (is_by_id(filter)) {
      selection.where("n.id < :after_id", {to_string(cursor.id)});
    } else {
      selection.behind(order.column, "n.id", order.descending, cursor);
    }
  }
  return transaction.query(
      selection.sql(ordered(filter, order) + " LIMIT " + std::to_string(limit)),
      selection.values(),
      [&](const Row& row) -> Status {
        TUTELA_TRY_ASSIGN(Stored stored, read_row(row));
        into.push_back(std::move(stored.of));
        return ok();
      });
}

/// A page of each queue, merged: so that no list of many is sorted.
Status read_queues(Transaction& transaction,
                   const std::string& tenant_id,
                   const Filter& filter,
                   std::int64_t limit,
                   std::vector<Notice>& into) {
  for (const Queue queue : kQueues) {
    Filter one = filter;
    one.queue = queue;
    TUTELA_TRY(read_page(transaction, tenant_id, one, limit, into));
  }
  std::ranges::sort(into, [](const Notice& left, const Notice& right) {
    return std::pair(left.due_ms, left.id) < std::pair(right.due_ms, right.id);
  });
  into.resize(std::min(into.size(), static_cast<std::size_t>(limit)));
  return ok();
}

Status check_filter(const Filter& filter) {
  const auto good = [](const std::optional<std::string>& text) {
    return !text || (text->size() <= 128 && is_text(*text));
  };
  if (!good(filter.flood_key) || !good(filter.number)) {
    return Error{ErrorKind::kInvalidInput,
                 "notice.bad_filter",
                 "a number and the key of a flood have at most 128 bytes"};
  }
  return ok();
}

}  // namespace

Result<Page> Notices::list(const std::string& tenant_id, const Filter& filter) {
  TUTELA_TRY(check_filter(filter));
  const std::int64_t limit = std::clamp<std::int64_t>(filter.limit, 1, kPageMax);
  Page page;
  const bool merged = filter.waiting && !filter.queue && !filter.case_id && !filter.flood_key;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return (merged ? read_queues : read_page)(
        transaction, tenant_id, filter, limit + 1, page.notices);
  }));
  if (static_cast<std::int64_t>(page.notices.size()) > limit) {
    page.notices.pop_back();
    const Notice& last = page.notices.back();
    page.next = store::cursor_text(order_of(filter).letter,
                                   {filter.waiting ? last.due_ms : last.received_ms, last.id});
  }
  return page;
}

}  // namespace tutela::intake
