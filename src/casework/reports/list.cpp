// One page of reports: the newest first, or debts in the order of their due dates.
//
// A cursor is the place of the last one that was shown: "n:<number>:<id>", or "d:..." of debts.
#include <algorithm>
#include <charconv>

#include "casework/reports/rows.hpp"

namespace tutela::reports {

using store::Row;
using store::Transaction;
using store::Value;

namespace {

constexpr std::int64_t kPageMax = 200;

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
               "report.bad_cursor",
               "the cursor is not one of this list; begin without one"};
}

Status check_filter(const Filter& filter) {
  const bool account = !filter.account || (filter.account->size() <= 512 &&
                                           filter.account->find('\0') == std::string::npos);
  if (!account || filter.authority.size() > 32 ||
      filter.authority.find('\0') != std::string::npos) {
    return Error{ErrorKind::kInvalidInput,
                 "report.bad_filter",
                 "an account has at most 512 bytes, an authority at most 32"};
  }
  return ok();
}

class Selection {
 public:
  void where(std::string_view clause, std::vector<Value> values = {}) {
    where_ += (where_.empty() ? " WHERE " : " AND ") + std::string(clause);
    values_.insert(values_.end(), values.begin(), values.end());
  }

  [[nodiscard]] std::string sql(std::string_view rest) const {
    return "SELECT " + std::string(kReportColumns) + " FROM report r" + where_ + std::string(rest);
  }

  [[nodiscard]] const std::vector<Value>& values() const noexcept { return values_; }

 private:
  std::string where_;
  std::vector<Value> values_;
};

// What is named first is what an index is entered with.
Selection selection_of(const std::string& tenant_id, const Filter& filter) {
  Selection selection;
  selection.where("r.tenant_id = :tenant", {tenant_id});
  if (filter.debts) {
    selection.where("r.waiting = 1 AND r.due_ms IS NOT NULL");
  }
  if (filter.case_id) {
    selection.where("r.case_id = :case_id", {to_string(*filter.case_id)});
  }
  if (filter.account) {
    selection.where("r.account = :account", {*filter.account});
  }
  if (filter.state) {
    selection.where("r.state = :state", {std::string(to_string(*filter.state))});
  }
  if (!filter.authority.empty()) {
    selection.where("r.authority = :authority", {filter.authority});
  }
  return selection;
}

}  // namespace

Result<Page> Reports::list(const std::string& tenant_id, const Filter& filter) {
  TUTELA_TRY(check_filter(filter));
  const std::int64_t limit = std::clamp<std::int64_t>(filter.limit, 1, kPageMax);
  const char letter = filter.debts ? 'd' : 'n';
  const std::string column = filter.debts ? "r.due_ms" : "r.at_ms";
  const std::string direction = filter.debts ? "" : " DESC";
  Selection selection = selection_of(tenant_id, filter);
  if (!filter.after.empty()) {
    TUTELA_TRY_ASSIGN(const Cursor cursor, parse_cursor(filter.after, letter));
    // The first condition follows from the second, and is what an index is entered with.
    const std::string behind = filter.debts ? ">" : "<";
    selection.where(column + " " + behind + "= :from", {cursor.number});
    selection.where("(" + column + ", r.id) " + behind + " (:after, :after_id)",
                    {cursor.number, to_string(cursor.id)});
  }
  Page page;
  TUTELA_TRY(database_.read([&](Transaction& transaction) {
    return transaction.query(selection.sql(" ORDER BY " + column + direction + ", r.id" +
                                           direction + " LIMIT " + std::to_string(limit + 1)),
                             selection.values(),
                             [&](const Row& row) -> Status {
                               TUTELA_TRY_ASSIGN(Stored stored, read_row(row));
                               page.reports.push_back(std::move(stored.of));
                               return ok();
                             });
  }));
  if (static_cast<std::int64_t>(page.reports.size()) > limit) {
    page.reports.pop_back();
    const Report& last = page.reports.back();
    const std::int64_t number = filter.debts ? last.due_ms.value_or(0) : last.created_ms;
    page.next = std::string(1, letter) + ":" + std::to_string(number) + ":" + to_string(last.id);
  }
  return page;
}

}  // namespace tutela::reports
