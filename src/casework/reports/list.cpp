// One page of reports: the newest first, or debts in the order of their due dates.
//
// A cursor is the place of the last one that was shown: "n:<number>:<id>", or "d:..." of debts.
#include <algorithm>

#include "casework/reports/rows.hpp"
#include "custody/store/page.hpp"

namespace tutela::reports {

using store::Row;
using store::Selection;
using store::Transaction;

namespace {

constexpr std::int64_t kPageMax = 200;

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

// What is named first is what an index is entered with.
Selection selection_of(const std::string& tenant_id, const Filter& filter) {
  Selection selection(kReportColumns, "report r");
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
    TUTELA_TRY_ASSIGN(const store::Cursor cursor,
                      store::parse_cursor(filter.after, letter, "report.bad_cursor"));
    selection.behind(column, "r.id", !filter.debts, cursor);
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
    page.next = store::cursor_text(letter, {number, last.id});
  }
  return page;
}

}  // namespace tutela::reports
