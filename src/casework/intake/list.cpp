// One page of notices: what waits by its promise, all others the newest first.
//
// A cursor is the place of the last one that was shown: "w:<number>:<id>" or "n:<number>:<id>".
#include <algorithm>
#include <charconv>

#include "casework/intake/rows.hpp"

namespace tutela::intake {

using store::Row;
using store::Transaction;
using store::Value;

namespace {

constexpr std::int64_t kPageMax = 200;
constexpr int kQueues = 7;

struct Cursor {
  std::int64_t number = 0;
  Uuid id;
};

Result<Cursor> parse_cursor(std::string_view text, char letter) {
  Cursor cursor;
  const std::size_t colon = text.rfind(':');
  const bool shaped = text.size() >= 4 && text.size() <= 64 && text[0] == letter &&
                      text[1] == ':' && colon != text.npos && colon >= 3;
  if (shaped) {
    const char* const end = text.data() + colon;
    const auto [stop, error] = std::from_chars(text.data() + 2, end, cursor.number);
    const Result<Uuid> id = parse_uuid(text.substr(colon + 1));
    if (error == std::errc() && stop == end && id) {
      cursor.id = *id;
      return cursor;
    }
  }
  return Error{ErrorKind::kInvalidInput,
               "notice.bad_cursor",
               "the cursor is not one of this list; begin without one"};
}

class Selection {
 public:
  void where(std::string_view clause, std::vector<Value> values) {
    where_ += (where_.empty() ? " WHERE " : " AND ") + std::string(clause);
    values_.insert(values_.end(), values.begin(), values.end());
  }

  [[nodiscard]] std::string sql(std::string_view rest) const {
    return "SELECT " + std::string(kNoticeColumns) + " FROM notice n" + where_ + std::string(rest);
  }

  [[nodiscard]] const std::vector<Value>& values() const noexcept { return values_; }

 private:
  std::string where_;
  std::vector<Value> values_;
};

// What is named first is what an index is entered with.
Selection selection_of(const std::string& tenant_id, const Filter& filter) {
  Selection selection;
  selection.where("n.tenant_id = :tenant", {tenant_id});
  if (filter.waiting) {
    selection.where("n.waiting = 1", {});
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
  std::string_view direction;
  std::string_view behind;
};

Order order_of(const Filter& filter) {
  // Ids grow with time: those of one case or one source are read along their own index.
  return filter.waiting ? Order{'w', "n.due_ms", "", ">"}
                        : Order{'n', "n.received_ms", " DESC", "<"};
}

std::string ordered(const Filter& filter, const Order& order) {
  const std::string direction(order.direction);
  const bool by_id = !filter.waiting && (filter.case_id || filter.flood_key);
  return " ORDER BY " + (by_id ? "" : std::string(order.column) + direction + ", ") + "n.id" +
         direction;
}

Status read_page(Transaction& transaction,
                 const std::string& tenant_id,
                 const Filter& filter,
                 std::int64_t limit,
                 std::vector<Notice>& into) {
  const Order order = order_of(filter);
  Selection selection = selection_of(tenant_id, filter);
  if (!filter.after.empty()) {
    TUTELA_TRY_ASSIGN(const Cursor cursor, parse_cursor(filter.after, order.letter));
    const std::string column(order.column);
    const std::string behind(order.behind);
    if (!filter.waiting && (filter.case_id || filter.flood_key)) {
      selection.where("n.id < :after_id", {to_string(cursor.id)});
    } else {
      // The first condition follows from the second, and is what an index is entered with.
      selection.where(column + " " + behind + "= :from", {cursor.number});
      selection.where("(" + column + ", n.id) " + behind + " (:after, :after_id)",
                      {cursor.number, to_string(cursor.id)});
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
  for (int i = 0; i < kQueues; ++i) {
    Filter one = filter;
    one.queue = static_cast<Queue>(i);
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
    page.next = std::string(1, order_of(filter).letter) + ":" +
                std::to_string(filter.waiting ? last.due_ms : last.received_ms) + ":" +
                to_string(last.id);
  }
  return page;
}

}  // namespace tutela::intake
