#include "custody/audit/search.hpp"

#include <utility>

#include "custody/audit/entry.hpp"

namespace tutela::audit {

namespace {

/// A statement that grows by the conditions that are asked for.
class Question {
 public:
  Question() : sql_(std::string("SELECT ") + kColumns + " FROM audit WHERE 1 = 1") {}

  void add(const std::string& condition, store::Value value) {
    sql_ += " AND " + condition;
    values_.push_back(std::move(value));
  }

  void add_text(const std::string& column, const std::string& text) {
    if (!text.empty()) {
      add(column + " = :" + column, text);
    }
  }

  Result<std::vector<LoggedEntry>> ask(store::Database& database,
                                       Order order,
                                       std::uint32_t limit) {
    sql_ += order == Order::kNewestFirst ? " ORDER BY id DESC" : " ORDER BY id";
    sql_ += " LIMIT :limit";
    values_.emplace_back(std::int64_t{limit});
    std::vector<LoggedEntry> found;
    TUTELA_TRY(database.read([&](store::Transaction& transaction) {
      found.clear();
      return transaction.query(sql_, values_, [&](const store::Row& row) {
        found.push_back(entry_of(row));
        return ok();
      });
    }));
    return found;
  }

 private:
  std::string sql_;
  std::vector<store::Value> values_;
};

Question question_of(const Filter& filter) {
  Question question;
  if (filter.since_ms) {
    question.add("at_ms >= :since", *filter.since_ms);
  }
  if (filter.until_ms) {
    question.add("at_ms < :until", *filter.until_ms);
  }
  question.add_text("tenant_id", filter.tenant);
  question.add_text("principal_id", filter.principal);
  if (!filter.action.empty()) {
    // All that begins with it, as an index finds it: '~' comes after every character of a word.
    question.add("action >= :action", filter.action);
    question.add("action < :action_end", filter.action + "~");
  }
  question.add_text("object", filter.object);
  question.add_text("result", filter.result);
  return question;
}

Result<std::vector<LoggedEntry>> read_page(store::Database& database,
                                           const Filter& filter,
                                           const Page& page) {
  Question question = question_of(filter);
  if (page.after && page.order == Order::kNewestFirst) {
    question.add("id <= :after", static_cast<std::int64_t>(*page.after));
  } else if (page.order == Order::kOldestFirst) {
    question.add("id > :after", page.after ? static_cast<std::int64_t>(*page.after) + 1 : 0);
  }
  return question.ask(database, page.order, page.limit);
}

}  // namespace

Result<std::vector<LoggedEntry>> search(store::Database& database,
                                        const store::Actor& actor,
                                        UtcMs now_ms,
                                        const Filter& filter,
                                        const Page& page) {
  if (page.limit == 0 || page.limit > kPageMax) {
    return Error{ErrorKind::kInvalidInput,
                 "audit.bad_limit",
                 "ask for 1 to " + std::to_string(kPageMax) + " entries at once"};
  }
  TUTELA_TRY(record(database, actor, now_ms, {"audit.search", "audit:log", "", "ok"}));
  return read_page(database, filter, page);
}

Status export_entries(store::Database& database,
                      const store::Actor& actor,
                      UtcMs now_ms,
                      const Filter& filter,
                      std::uint64_t end,
                      const std::function<Status(const LoggedEntry&)>& on_entry) {
  TUTELA_TRY(record(database, actor, now_ms, {"audit.export", "audit:log", "", "ok"}));
  Page page{.order = Order::kOldestFirst, .after = std::nullopt, .limit = kPageMax};
  while (true) {
    TUTELA_TRY_ASSIGN(const auto entries, read_page(database, filter, page));
    for (const LoggedEntry& logged : entries) {
      if (logged.index >= end) {
        return ok();
      }
      TUTELA_TRY(on_entry(logged));
    }
    if (entries.size() < page.limit) {
      return ok();
    }
    page.after = entries.back().index;
  }
}

}  // namespace tutela::audit
