// kill -9 at every step of asking, approving, using and viewing: afterwards either nothing has
// happened or row and entry are both there, and there is never a view without an entry. And two
// processes of many threads at one database: no cap is passed, no approval is used twice.
//
// The test runs itself as "--drive FOLDER STEP" with one fault point armed, and as "--race FOLDER
// NAME OTHER" beside another of itself.
#include <cstdio>
#include <fstream>

#include "support/driven.hpp"
#include "support/openings.hpp"

namespace tutela {
namespace {

using testing::code_of;
using testing::count;
using testing::kHourMs;
using testing::person;

constexpr UtcMs kStart = 1'800'000'000'000;
constexpr int kRaceObjects = 25;
constexpr int kRaceThreads = 16;
constexpr opening::Rules kRules{.viewers_max = 2, .views_per_hour = 100'000};

// What both the process that dies and the one that looks afterwards work with.
class House {
 public:
  explicit House(const std::filesystem::path& folder) : database_(testing::open_database(folder)) {}

  store::Database& database() { return *database_; }

  void prepare() {
    const Uuid id = testing::add_evidence(*database_, "default", "C-1");
    EXPECT_EQ(ask(id), "ok");  // to be approved by the step
    EXPECT_EQ(ask(id), "ok");  // approved here, to be used by the step
    EXPECT_TRUE(control_.approve(person("b").actor, requests("waiting").at(0)));
    EXPECT_TRUE(opening_.break_glass(person("a"), id, "C-1", "somebody is in danger"));
  }

  /// The code of what the step returned.
  std::string act(const std::string& step) {
    const Uuid id = *parse_uuid(testing::texts(*database_, "SELECT id FROM evidence").at(0));
    if (step == "ask") {
      return ask(id);
    }
    if (step == "approve") {
      return code_of(control_.approve(person("b").actor, asked_second()));
    }
    if (step == "refuse") {
      return code_of(control_.refuse(person("b").actor, asked_second()));
    }
    if (step == "approve_own") {
      return code_of(control_.approve(person("a").actor, asked_second()));
    }
    if (step == "expire") {
      clock_.advance(1000 * kHourMs);
      return code_of(control_.expire_due(100));
    }
    if (step == "original") {
      return code_of(opening_.original(person("a"), id, asked_first()));
    }
    if (step == "break_glass") {
      return code_of(opening_.break_glass(person("c"), id, "C-1", "somebody is in danger"));
    }
    if (step == "close") {
      const auto open = opening_.open_break_glasses("default", 1);
      return open->empty() ? "closed"
                           : code_of(opening_.close_break_glass(person("b"), (*open)[0].id));
    }
    if (step == "allow") {
      return code_of(opening_.allow_viewer(person("b"), id, "one more"));
    }
    if (step == "shown") {
      return code_of(opening_.shown(person("a").actor, 1));
    }
    if (step == "rest") {
      return code_of(budgets_.rest(person("a").actor, 15));
    }
    if (step == "decline") {
      return code_of(budgets_.decline(person("a").actor, {"A1", "animation"}));
    }
    if (step == "limit") {
      return code_of(budgets_.set_limit(person("b").actor, {"role:contractor", 100}));
    }
    const std::string case_ref = step == "view_wrong" ? "C-9" : "C-1";
    return code_of(opening_.view(
        person("c"), id, case_ref, opening::Purpose::kReview, opening::Grade::kOutline));
  }

 private:
  std::string ask(const Uuid& id) {
    return code_of(control_.ask(person("a").actor,
                                {dual_control::Kind::kOpenOriginal,
                                 "evidence:" + to_string(id),
                                 "C-1",
                                 "report",
                                 "the report needs it"}));
  }

  std::vector<Uuid> requests(const std::string& state) {
    std::vector<Uuid> ids;
    for (const std::string& id : testing::texts(
             *database_, "SELECT id FROM dual_request WHERE state = '" + state + "' ORDER BY id")) {
      ids.push_back(*parse_uuid(id));
    }
    return ids;
  }

  // By their order, whatever became of them.
  Uuid asked_first() {
    return *parse_uuid(testing::texts(*database_, "SELECT id FROM dual_request ORDER BY id").at(0));
  }

  Uuid asked_second() {
    return *parse_uuid(testing::texts(*database_, "SELECT id FROM dual_request ORDER BY id").at(1));
  }

  std::unique_ptr<store::Database> database_;
  ManualClock clock_{kStart};
  dual_control::DualControl control_{*database_, clock_, {}};
  exposure::Budgets budgets_{*database_, clock_, testing::unbounded()};
  opening::Opening opening_{*database_, control_, budgets_, clock_, kRules};
};

int drive(const std::filesystem::path& folder, const std::string& step) {
  House house(folder);
  std::printf("%s", house.act(step).c_str());
  return std::fflush(stdout);
}

void expect_rows_and_entries_agree(store::Database& database) {
  const auto expect_equal = [&](const std::string& rows, const std::string& entries) {
    EXPECT_EQ(count(database, rows), count(database, "audit WHERE result = 'ok' AND " + entries))
        << rows;
  };
  expect_equal("evidence_view",
               "action IN ('evidence.view', 'open_original', 'evidence.break_glass')");
  expect_equal("dual_request", "action = 'request.ask'");
  expect_equal("dual_request WHERE decided_by IS NOT NULL",
               "action IN ('request.approve', 'request.refuse')");
  expect_equal("dual_request WHERE state = 'used'", "action = 'open_original'");
  expect_equal("evidence_view WHERE grade = 'original'",
               "action IN ('open_original', 'evidence.break_glass')");
  expect_equal("dual_request WHERE state = 'expired'", "action = 'request.expire'");
  expect_equal("break_glass", "action = 'evidence.break_glass'");
  expect_equal("outbox WHERE topic = 'alarm.break_glass'", "action = 'evidence.break_glass'");
  expect_equal("break_glass WHERE reviewed_ms IS NOT NULL", "action = 'break_glass.close'");
  expect_equal("evidence_viewer_allowance", "action = 'evidence.allow_viewer'");
  EXPECT_EQ(count(database, "evidence_view WHERE points < 1"), 0) << "a view was not charged";
  expect_equal("exposure_rest", "action = 'exposure.rest'");
  expect_equal("exposure_limit", "action = 'exposure.limit'");
  EXPECT_EQ(count(database, "exposure_choice") > 0,
            count(database, "audit WHERE action = 'exposure.decline'") > 0);
  EXPECT_EQ(count(database, "audit"),
            std::stoll(testing::texts(database, "SELECT COALESCE(MAX(id), 0) FROM audit")[0]));
}

struct Step {
  const char* step;
  const char* fault;
  bool done;          // the unit of work was committed before the process died
  const char* again;  // what the same step returns afterwards
};

class OpeningCrashTest : public ::testing::TestWithParam<Step> {};

TEST_P(OpeningCrashTest, LeavesNothingOrRowAndEntry) {
  const testing::TemporaryFolder folder;
  std::int64_t before = 0;
  {
    House house(folder.path());
    house.prepare();
    before = count(house.database(), "audit");
  }
  const Step& step = GetParam();
  const testing::Driven driven =
      testing::run_driver(step.fault, {"--drive", folder.path(), step.step});
  ASSERT_TRUE(driven.killed) << "the fault point was not reached";
  EXPECT_FALSE(driven.wrote) << "something was answered before the process died";
  House house(folder.path());
  expect_rows_and_entries_agree(house.database());
  EXPECT_EQ(count(house.database(), "audit") > before, step.done);
  EXPECT_EQ(house.act(step.step), step.again);
  expect_rows_and_entries_agree(house.database());
}

constexpr Step kSteps[] = {
    {"ask", "dual_control.in_ask", false, "ok"},
    {"ask", "store.before_commit", false, "ok"},
    {"ask", "store.after_commit", true, "ok"},
    {"ask", "dual_control.after_ask", true, "ok"},
    {"approve", "dual_control.in_decide", false, "ok"},
    {"approve", "store.before_commit", false, "ok"},
    {"approve", "store.after_commit", true, "request.not_waiting"},
    {"approve", "dual_control.after_decide", true, "request.not_waiting"},
    {"refuse", "dual_control.in_decide", false, "ok"},
    {"refuse", "dual_control.after_decide", true, "request.not_waiting"},
    {"approve_own", "dual_control.in_refusal", false, "request.own"},
    {"expire", "dual_control.in_expire", false, "ok"},
    {"expire", "store.before_commit", false, "ok"},
    {"expire", "store.after_commit", true, "ok"},
    {"original", "exposure.in_charge", false, "ok"},
    {"original", "opening.in_view", false, "ok"},
    {"original", "dual_control.in_use", false, "ok"},
    {"original", "store.before_commit", false, "ok"},
    {"original", "store.after_commit", true, "request.used"},
    {"original", "dual_control.after_use", true, "request.used"},
    {"view", "exposure.in_charge", false, "ok"},
    {"view", "opening.in_view", false, "ok"},
    {"view", "store.before_commit", false, "ok"},
    {"view", "store.after_commit", true, "ok"},
    {"view", "opening.after_view", true, "ok"},
    {"view_wrong", "opening.in_refusal", false, "opening.wrong_case"},
    {"break_glass", "exposure.in_charge", false, "ok"},
    {"break_glass", "opening.in_view", false, "ok"},
    {"break_glass", "store.before_commit", false, "ok"},
    {"break_glass", "store.after_commit", true, "ok"},
    {"break_glass", "opening.after_break_glass", true, "ok"},
    {"close", "opening.in_close", false, "ok"},
    {"close", "store.after_commit", true, "closed"},
    {"allow", "opening.in_allow", false, "ok"},
    {"allow", "store.after_commit", true, "ok"},
    {"shown", "opening.in_shown", false, "ok"},
    {"rest", "exposure.in_rest", false, "ok"},
    {"decline", "exposure.in_decline", false, "ok"},
    {"decline", "store.after_commit", true, "ok"},
    {"limit", "exposure.in_limit", false, "ok"},
};

std::string name_of(const ::testing::TestParamInfo<Step>& step) {
  return std::string(step.param.step) + "_" + testing::name_of_point(step.param.fault);
}

INSTANTIATE_TEST_SUITE_P(EveryStep, OpeningCrashTest, ::testing::ValuesIn(kSteps), name_of);

// Waits until the other process is there too, so that neither is done before the other begins.
bool meet(const std::filesystem::path& folder, const std::string& name, const std::string& other) {
  std::ofstream(folder / name).put('x');
  for (int i = 0; i < 3000 && !std::filesystem::exists(folder / other); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return std::filesystem::exists(folder / other);
}

int race(const std::filesystem::path& folder, const std::string& name, const std::string& other) {
  const auto database = testing::open_database(folder);
  const ManualClock clock(kStart);
  dual_control::DualControl control(*database, clock, {});
  exposure::Budgets budgets(*database, clock, testing::unbounded());
  opening::Opening opening(*database, control, budgets, clock, kRules);
  const auto evidence =
      testing::texts(*database, "SELECT id FROM evidence WHERE case_ref = 'C-1' ORDER BY id");
  const auto originals =
      testing::texts(*database, "SELECT id FROM evidence WHERE case_ref = 'C-2' ORDER BY id");
  const auto requests = testing::texts(*database, "SELECT id FROM dual_request ORDER BY object");
  if (!meet(folder, name, other)) {
    return 3;
  }
  testing::all_at_once(kRaceThreads, [&](int thread) {
    const opening::Requester who = person(name + std::to_string(thread));
    for (std::size_t i = 0; i < evidence.size(); ++i) {
      static_cast<void>(code_of(opening.view(who,
                                             *parse_uuid(evidence[i]),
                                             "C-1",
                                             opening::Purpose::kReview,
                                             opening::Grade::kOutline)));
      static_cast<void>(code_of(control.approve(who.actor, *parse_uuid(requests[i]))));
      static_cast<void>(code_of(
          opening.original(person("a"), *parse_uuid(originals[i]), *parse_uuid(requests[i]))));
    }
  });
  return 0;
}

TEST(OpeningRaceTest, TwoProcessesPassNoCapAndUseNoApprovalTwice) {
  const testing::TemporaryFolder folder;
  const auto database = testing::open_database(folder.path());
  const ManualClock clock(kStart);
  dual_control::DualControl control(*database, clock, {});
  for (int i = 0; i < kRaceObjects; ++i) {
    testing::add_evidence(*database, "default", "C-1");
    const Uuid id = testing::add_evidence(*database, "default", "C-2");
    // The bound of one person's waiting requests is not what is tested here.
    ASSERT_TRUE(control.expire_due(0));
    testing::run_sql(*database,
                     "INSERT INTO dual_request (id, tenant_id, principal_id, kind, object, "
                     "case_ref, purpose, reason, solo, state, created_ms, usable_from_ms, "
                     "usable_from_passed_ms, expires_ms, expires_passed_ms) VALUES (:id, "
                     "'default', 'person:a', 'open_original', :object, 'C-2', 'report', 'r', 0, "
                     "'waiting', 1, 1, 1, 4000000000000, 4000000000000)",
                     {to_string(new_uuid(kStart)), "evidence:" + to_string(id)});
  }
  testing::Driven driven[2];
  testing::all_at_once(2, [&](int i) {
    const std::string names[] = {"left", "right"};
    driven[i] = testing::run_driver("none", {"--race", folder.path(), names[i], names[1 - i]});
  });
  EXPECT_EQ(driven[0].status, 0);
  EXPECT_EQ(driven[1].status, 0);
  const auto viewers = testing::texts(*database,
                                      "SELECT COUNT(DISTINCT principal_id) FROM evidence_view "
                                      "WHERE case_ref = 'C-1' GROUP BY evidence_id");
  EXPECT_EQ(viewers, std::vector<std::string>(kRaceObjects, "2"));
  EXPECT_EQ(count(*database, "evidence_view WHERE case_ref = 'C-2'"), kRaceObjects);
  EXPECT_EQ(count(*database, "dual_request WHERE state = 'used'"), kRaceObjects);
  for (const std::string action : {"open_original", "request.approve"}) {
    EXPECT_EQ(count(*database, "audit WHERE result = 'ok' AND action = '" + action + "'"),
              kRaceObjects)
        << action;
    EXPECT_EQ(count(*database, "audit WHERE action = '" + action + "'"),
              kRaceObjects * 2 * kRaceThreads)
        << action;
  }
  EXPECT_EQ(count(*database, "evidence_view"),
            count(*database,
                  "audit WHERE result = 'ok' AND action IN ('evidence.view', "
                  "'open_original')"));
  for (const std::string side : {"left", "right"}) {
    EXPECT_GT(count(*database, "audit WHERE principal_id LIKE 'person:" + side + "%'"), 0);
  }
}

}  // namespace
}  // namespace tutela

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv, argv + argc);
  if (argc == 4 && arguments[1] == "--drive") {
    return tutela::drive(arguments[2], arguments[3]);
  }
  if (argc == 5 && arguments[1] == "--race") {
    return tutela::race(arguments[2], arguments[3], arguments[4]);
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
