#include "casework/reports/registered.hpp"

#include <charconv>

namespace tutela::reports {

namespace {

struct Cursor {
  UtcMs finished_ms = 0;
  std::string id;
};

// "<milliseconds>.<id>", of the last entry of a page.
Result<Cursor> parse_cursor(std::string_view text) {
  const Error bad{ErrorKind::kInvalidInput,
                  "report.bad_cursor",
                  "`after` must be the `next` of the page before"};
  Cursor cursor;
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) {
    return bad;
  }
  const auto [stop, error] = std::from_chars(text.data(), text.data() + dot, cursor.finished_ms);
  const auto id = parse_uuid(text.substr(dot + 1));
  if (error != std::errc() || stop != text.data() + dot || !id) {
    return bad;
  }
  cursor.id = to_string(*id);
  return cursor;
}

Result<Registered> read_entry(const store::Row& row) {
  Registered entry;
  TUTELA_TRY_ASSIGN(entry.id, parse_uuid(row.text(0)));
  if (!row.is_null(1)) {
    TUTELA_TRY_ASSIGN(entry.case_id, parse_uuid(row.text(1)));
  }
  entry.authority = row.text(2);
  entry.jurisdiction = row.text(3);
  TUTELA_TRY_ASSIGN(entry.environment, parse_environment(row.text(4)));
  TUTELA_TRY_ASSIGN(entry.kind, parse_kind(row.text(5)));
  entry.authority_id = row.text(6);
  entry.finished_ms = row.integer(7);
  entry.files = row.integer(8);
  return entry;
}

}  // namespace

Result<RegisterPage> registered(store::Database& database,
                                const std::string& tenant_id,
                                const RegisterFilter& filter) {
  std::string sql =
      "SELECT r.id, r.case_id, r.authority, r.jurisdiction, r.environment, r.kind, "
      "r.authority_id, r.finished_ms, (SELECT COUNT(*) FROM report_file f WHERE f.report_id = "
      "r.id) FROM report r WHERE r.tenant_id = :tenant AND r.state = 'finished'";
  std::vector<store::Value> values = {tenant_id};
  const auto where = [&](std::string_view condition, store::Value value) {
    sql += " AND ";
    sql += condition;
    values.push_back(std::move(value));
  };
  if (!filter.jurisdiction.empty()) {
    where("r.jurisdiction = :jurisdiction", filter.jurisdiction);
  }
  if (filter.since_ms) {
    where("r.finished_ms >= :since", *filter.since_ms);
  }
  if (filter.until_ms) {
    where("r.finished_ms < :until", *filter.until_ms);
  }
  if (!filter.after.empty()) {
    TUTELA_TRY_ASSIGN(const Cursor cursor, parse_cursor(filter.after));
    where("(r.finished_ms, r.id) < (:after", cursor.finished_ms);
    sql += ", :after_id)";
    values.emplace_back(cursor.id);
  }
  sql += " ORDER BY r.finished_ms DESC, r.id DESC LIMIT :limit";
  values.emplace_back(filter.limit + 1);
  RegisterPage page;
  TUTELA_TRY(database.read([&](store::Transaction& transaction) {
    return transaction.query(sql, values, [&](const store::Row& row) -> Status {
      TUTELA_TRY_ASSIGN(Registered entry, read_entry(row));
      page.entries.push_back(std::move(entry));
      return ok();
    });
  }));
  if (std::cmp_greater(page.entries.size(), filter.limit)) {
    page.entries.pop_back();
    const Registered& last = page.entries.back();
    page.next = std::to_string(last.finished_ms) + "." + to_string(last.id);
  }
  return page;
}

}  // namespace tutela::reports
