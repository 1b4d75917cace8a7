// The queue with 100,000 open cases and a million contents: how long one call of each kind takes.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/uuid.hpp"
#include "casework/cases/cases.hpp"
#include "custody/store/store.hpp"

namespace {

using namespace tutela;
using namespace tutela::cases;

template <class T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
    std::exit(2);
  }
  return *std::move(result);
}

void execute(store::Database& database, const std::string& sql, std::int64_t number) {
  must(database.write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.execute(sql, {number}));
    return ok();
  }));
}

// Rows of SQLite's making: the store itself would take an hour.
void fill(store::Database& database, std::int64_t contents, std::int64_t cases, UtcMs now_ms) {
  const std::string numbers =
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) ";
  execute(database,
          "INSERT INTO content (id, tenant_id, principal_id, door, source, size_bytes, md5, sha1, "
          "sha256, received_ms, instance_id, attempts, verdict, spooled) " +
              numbers +
              "SELECT printf('00000000-0000-7000-8001-%012d', i), 'default', 'token:door', 'http', "
              "'api', 1, '', '', printf('%064d', i / 3), i, 'i', 1, 'match', 0 FROM n",
          contents);
  const std::string now = std::to_string(now_ms);
  execute(database,
          "INSERT INTO review_case (id, tenant_id, principal_id, version, queue, state, origin, "
          "account, severity, marks, spread, reports, items, needs_view, rank_ms, opened_ms, "
          "first_look_due_ms, decision_due_ms, classification) " +
              numbers +
              "SELECT printf('00000000-0000-7000-8000-%012d', i), 'default', 'system', 1, CASE "
              "WHEN i % 100 = 0 THEN 'urgent' WHEN i % 10 = 0 THEN 'self_reported' ELSE 'standard' "
              "END, 'open', 'match', 'acc-' || i, i % 5, '', 1, 0, 1, CASE WHEN i % 10 = 0 THEN 0 "
              "ELSE 1 END, " +
              now + " - i * 1000, " + now + " - i * 1000, " + now + " - (i % 2), " + now +
              " + 1000, '' FROM n",
          cases);
  execute(database,
          "UPDATE review_case SET waiting = queue, due_ms = first_look_due_ms WHERE version = :one",
          1);
  execute(database,
          "INSERT INTO case_item (content_id, tenant_id, principal_id, case_id, origin, exact, "
          "classification, at_ms) " +
              numbers +
              "SELECT printf('00000000-0000-7000-8001-%012d', i), 'default', 'system', "
              "printf('00000000-0000-7000-8000-%012d', i), 'match', 0, CASE i % 5 WHEN 4 THEN 'A1' "
              "WHEN 3 THEN 'A2' WHEN 2 THEN 'B1' WHEN 1 THEN 'B2' "
              "ELSE '' END, 0 FROM n",
          cases);
  execute(database,
          "INSERT INTO case_key (tenant_id, kind, value, case_id, principal_id) " + numbers +
              "SELECT 'default', 'sha256', printf('%064d', i / 3), "
              "printf('00000000-0000-7000-8000-%012d', i), 'system' FROM n",
          cases);
}

// The middle one and the 95th percentile of many calls.
void measure(const char* what, int times, const std::function<void(int)>& call) {
  std::vector<double> took;
  for (int i = 0; i < times; ++i) {
    const auto start = std::chrono::steady_clock::now();
    call(i);
    const std::chrono::duration<double, std::milli> one = std::chrono::steady_clock::now() - start;
    took.push_back(one.count());
  }
  std::sort(took.begin(), took.end());
  const auto at = [&](double share) {
    return took[static_cast<std::size_t>(share * static_cast<double>(took.size() - 1))];
  };
  std::printf("%-34s median %7.2f ms  p95 %7.2f ms\n", what, at(0.5), at(0.95));
}

void measure_all(store::Database& database, const Clock& clock, std::int64_t contents) {
  Cases cases(database, clock, {});
  Person person;
  person.actor = {"default", "person:bench", "lead"};
  person.is_lead = true;
  Filter queue;
  queue.queue = Queue::kStandard;
  queue.undecided = true;
  measure("list, one queue", 200, [&](int) { must(cases.list(person, queue)); });
  Filter pages = queue;
  measure("list, page after page", 200, [&](int) {
    pages.after = must(cases.list(person, pages)).next;
  });
  Filter unseen = queue;
  unseen.needs_view = false;
  measure("list, none that needs no view", 50, [&](int) { must(cases.list(person, unseen)); });
  Filter all;
  all.sort = Sort::kDue;
  measure("list, the next due", 200, [&](int) { must(cases.list(person, all)); });
  measure("counts", 50, [&](int) { must(cases.counts(person)); });
  measure("waits", 50, [&](int) { must(cases.waits("default")); });
  measure("take_next", 200, [&](int) { must(cases.take_next(person, {}, {})); });
  measure("locks of 200 cases", 200, [&](int) { must(cases.locked("default")); });
  measure("take_next, three kinds declined", 20, [&](int) {
    must(cases.take_next(person, Queue::kStandard, {"A1", "A2", "B1"}));
  });
  const Page page = must(cases.list(person, queue));
  measure("whole", 200, [&](int i) {
    must(cases.whole(person, page.cases[static_cast<std::size_t>(i) % page.cases.size()].id));
  });
  // Contents that no case has yet, from behind.
  measure("add_finding", 200, [&](int i) {
    Finding found;
    char text[48];
    std::snprintf(
        text, sizeof(text), "00000000-0000-7000-8001-%012d", static_cast<int>(contents) - i);
    found.content_id = must(parse_uuid(text));
    found.sha256 = std::string(63, '0') + "5";
    found.account = "acc-" + std::to_string(i + 1);
    must(database.write([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY(add_finding(transaction, person.actor, {}, clock.now_ms(), found));
      return ok();
    }));
  });
}

}  // namespace

int main(int argc, char** argv) {
  const SystemClock clock;
  const std::int64_t contents = argc > 2 ? std::atoll(argv[2]) : 1'000'000;
  const std::filesystem::path folder = std::filesystem::path(argc > 1 ? argv[1] : ".") /
                                       ("cases-bench-" + to_string(new_uuid(clock.now_ms())));
  std::filesystem::create_directories(folder);
  {
    const auto database = must(store::Database::open({.path = folder / "tutela.db"}));
    fill(*database, contents, contents / 10, clock.now_ms());
    std::printf("%lld contents, %lld open cases\n",
                static_cast<long long>(contents),
                static_cast<long long>(contents / 10));
    measure_all(*database, clock, contents);
  }
  std::filesystem::remove_all(folder);
  return 0;
}
