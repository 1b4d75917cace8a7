// Figures in pairs (safeguards.md 15), from what the tables hold. Samples are no work of the queue:
// they count as samples alone.
#include <algorithm>
#include <map>

#include "casework/cases/decisions.hpp"

namespace tutela::cases {
namespace {

constexpr std::int64_t kDayMs = 24LL * 3'600'000;
constexpr std::int64_t kDaysMax = 400;

struct Figures {
  store::Transaction& transaction;
  std::string tenant_id;
  UtcMs since_ms = 0;
  std::map<std::int64_t, Day> days;  // by number of the day

  /// `sql` selects the number of a day and one or two figures of it.
  Status add(std::string_view sql, std::int64_t Day::*first, std::int64_t Day::*second = nullptr) {
    return transaction.query(sql, {tenant_id, since_ms}, [&](const store::Row& row) {
      Day& day = days[row.integer(0)];
      day.*first = row.integer(1);
      if (second != nullptr) {
        day.*second = row.integer(2);
      }
      return ok();
    });
  }
};

Status add_all(Figures& figures) {
  TUTELA_TRY(figures.add(
      "SELECT c.opened_ms / 86400000, COUNT(*) FROM review_case c LEFT JOIN case_sample s ON "
      "s.case_id = c.id WHERE c.tenant_id = :tenant_id AND c.opened_ms >= :since_ms AND s.case_id "
      "IS NULL GROUP BY c.opened_ms / 86400000",
      &Day::opened));
  // A case that two people looked at is one case.
  TUTELA_TRY(figures.add(
      "SELECT d.at_ms / 86400000, COUNT(DISTINCT d.case_id), COUNT(DISTINCT CASE WHEN d.outcome = "
      "'confirmed' THEN d.case_id END) FROM case_decision d LEFT JOIN case_sample s ON s.case_id = "
      "d.case_id WHERE d.tenant_id = :tenant_id AND d.at_ms >= :since_ms AND d.undone_ms IS NULL "
      "AND s.case_id IS NULL GROUP BY d.at_ms / 86400000",
      &Day::decided,
      &Day::confirmed));
  TUTELA_TRY(figures.add(
      "SELECT at_ms / 86400000, COUNT(*) FROM evidence_view WHERE tenant_id = :tenant_id AND at_ms "
      ">= :since_ms GROUP BY at_ms / 86400000",
      &Day::views));
  TUTELA_TRY(figures.add(
      "SELECT at_ms / 86400000, COUNT(*) FROM case_event WHERE tenant_id = :tenant_id AND kind = "
      "'overturned' AND at_ms >= :since_ms GROUP BY at_ms / 86400000",
      &Day::overturned));
  return figures.add(
      "SELECT answered_ms / 86400000, COUNT(*), SUM(CASE WHEN answer LIKE 'differs%' THEN 1 ELSE 0 "
      "END) FROM case_sample WHERE tenant_id = :tenant_id AND answered_ms >= :since_ms GROUP BY "
      "answered_ms / 86400000",
      &Day::samples,
      &Day::samples_wrong);
}

}  // namespace

Result<std::vector<Day>> Decisions::days(const Person& person, UtcMs since_ms) {
  std::vector<Day> days;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) -> Status {
    const UtcMs now_ms = clock_.now_ms();
    const UtcMs since = std::max<UtcMs>({since_ms, now_ms - kDaysMax * kDayMs, 0});
    Figures figures{transaction, person.actor.tenant_id, since / kDayMs * kDayMs, {}};
    TUTELA_TRY(add_all(figures));
    // Each day, those of which nothing is known too.
    for (std::int64_t number = figures.since_ms / kDayMs; number <= now_ms / kDayMs; ++number) {
      Day day = figures.days[number];
      day.day_ms = number * kDayMs;
      days.push_back(day);
    }
    return ok();
  }));
  return days;
}

Result<std::vector<QualityCount>> Decisions::quality(const Person& person, UtcMs since_ms) {
  if (!person.is_lead) {
    return Error{ErrorKind::kForbidden, "case.role", "how samples went is for leads"};
  }
  std::vector<QualityCount> counts;
  TUTELA_TRY(database_.read([&](store::Transaction& transaction) {
    return transaction.query(
        "SELECT answered_by, COUNT(*), SUM(CASE WHEN answer LIKE 'right%' THEN 1 ELSE 0 END) FROM "
        "case_sample WHERE tenant_id = :tenant_id AND answered_ms >= :since_ms GROUP BY "
        "answered_by ORDER BY answered_by",
        {person.actor.tenant_id, since_ms},
        [&](const store::Row& row) {
          counts.push_back({row.text(0), row.integer(1), row.integer(2)});
          return ok();
        });
  }));
  return counts;
}

}  // namespace tutela::cases
