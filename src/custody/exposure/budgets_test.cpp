// Budgets over a real database: charged, limited, declined, and on clocks that jump.
#include <random>

#include "custody/dual_control/dual_control.hpp"
#include "custody/dual_control/moment.hpp"
#include "custody/exposure/exposure.hpp"
#include "support/evidence_rows.hpp"

namespace tutela::exposure {
namespace {

using testing::code_of;
using testing::count;
using testing::texts;

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;
constexpr UtcMs kStart = 20'000 * kDay + 8 * kHour;

store::Actor actor_of(const std::string& principal_id, const std::string& role = "reviewer") {
  return {"default", principal_id, role};
}

class BudgetsTest : public ::testing::Test {
 protected:
  /// An object of a case, with what is known of it.
  Uuid object(const std::string& classification, const std::string& queue = "standard") {
    const Uuid evidence = testing::add_evidence(*database_, "default", "C-1");
    const std::string id = to_string(evidence);
    testing::run_sql(*database_,
                     "INSERT INTO content (id, tenant_id, principal_id, door, source, size_bytes, "
                     "md5, sha1, sha256, received_ms, instance_id, attempts, verdict, spooled) "
                     "VALUES (:id, 'default', 'token:1', 'public', 'api', 1, '', '', '', 1, '', 0, "
                     "'match', 0)",
                     {id});
    testing::run_sql(*database_,
                     "INSERT INTO review_case (id, tenant_id, principal_id, version, queue, state, "
                     "origin, severity, marks, spread, reports, items, needs_view, rank_ms, "
                     "opened_ms, first_look_due_ms, decision_due_ms) VALUES (:id, 'default', "
                     "'system', 1, :queue, 'open', 'match', 0, '', 1, 0, 1, 1, 1, 1, 1, 1)",
                     {id, queue});
    testing::run_sql(*database_,
                     "INSERT INTO case_item (content_id, tenant_id, principal_id, case_id, origin, "
                     "exact, classification, at_ms) VALUES (:id, 'default', 'system', :case_id, "
                     "'match', 0, :classification, 1)",
                     {id, id, classification});
    testing::run_sql(
        *database_, "UPDATE evidence SET content_id = :content_id WHERE id = :id", {id, id});
    return evidence;
  }

  /// Charges and writes the row, as opening does.
  Result<std::int64_t> view(Budgets& budgets,
                            const store::Actor& actor,
                            const Uuid& evidence,
                            const std::string& grade = "outline",
                            bool refuse = true) {
    std::int64_t cost = 0;
    TUTELA_TRY(database_->write([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY_ASSIGN(cost, budgets.charge(transaction, actor, evidence, grade, 1, refuse));
      TUTELA_TRY(transaction.execute(
          "INSERT INTO evidence_view (tenant_id, principal_id, evidence_id, case_ref, purpose, "
          "grade, at_ms, at_passed_ms, points) SELECT :tenant_id, :principal_id, :evidence_id, "
          "'C-1', 'review', :grade, :at_ms, passed_ms, :points FROM passed_time",
          {actor.tenant_id,
           actor.principal_id,
           to_string(evidence),
           grade,
           clock_.now_ms(),
           cost}));
      return ok();
    }));
    return cost;
  }

  /// Moves the clock; somebody looks at it before and after, as the server does all the time.
  void move_clock(std::int64_t by_ms) {
    ASSERT_TRUE(control_.expire_due(0));
    clock_.advance(by_ms);
    ASSERT_TRUE(control_.expire_due(0));
  }

  Uuid person(const std::string& name, const std::string& role) {
    const Uuid id = new_uuid(kStart);
    testing::run_sql(*database_,
                     "INSERT INTO person (id, tenant_id, principal_id, name, role, state, "
                     "last_step, created_ms) VALUES (:id, 'default', 'system', :name, :role, "
                     "'active', 0, 1)",
                     {to_string(id), name, role});
    return id;
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<store::Database> database_ = testing::open_database(folder_.path());
  ManualClock clock_{kStart};
  dual_control::DualControl control_{*database_, clock_, {}};
  Budgets budgets_{*database_, clock_, {}};
  const Uuid evidence_ = object("");
  const store::Actor ann_ = actor_of("person:ann");
  const store::Actor lead_ = actor_of("person:lead", "admin");
};

TEST_F(BudgetsTest, AViewIsChargedByGradeAndSeverity) {
  EXPECT_EQ(*view(budgets_, ann_, evidence_), 1);
  EXPECT_EQ(*view(budgets_, ann_, object("A1"), "full"), 30);
  clock_.advance(15'000);
  EXPECT_EQ(*view(budgets_, ann_, object("B2"), "full"), 16);
  EXPECT_EQ(budgets_.state(ann_)->points, 47);
  EXPECT_EQ(budgets_.state(ann_)->until_break, 153);
  EXPECT_EQ(budgets_.state(actor_of("person:other"))->points, 0);
  const auto costs = budgets_.costs(ann_, object("A1"));
  ASSERT_TRUE(costs);
  EXPECT_EQ(*costs, (std::array<std::int64_t, 6>{2, 3, 6, 12, 30, 30}));
  EXPECT_EQ(code_of(budgets_.costs(ann_, new_uuid(1))), "evidence.not_found");
  EXPECT_EQ(code_of(budgets_.costs({"other", "person:ann", "reviewer"}, evidence_)),
            "evidence.not_found");
}

TEST_F(BudgetsTest, AQuoteSaysWhatAChargeWouldAndChargesNothing) {
  EXPECT_EQ(*budgets_.quote(ann_, evidence_, "full", 2, true), 40);
  EXPECT_EQ(count(*database_, "evidence_view"), 0);
  ASSERT_TRUE(view(budgets_, ann_, evidence_, "full"));
  EXPECT_EQ(code_of(budgets_.quote(ann_, evidence_, "outline", 1, true)), "exposure.cool_down");
  EXPECT_EQ(*budgets_.quote(ann_, evidence_, "outline", 1, false), 1);
}

TEST_F(BudgetsTest, ADangerIsNotRefusedButCounts) {
  ASSERT_TRUE(view(budgets_, ann_, evidence_, "full"));
  EXPECT_EQ(code_of(view(budgets_, ann_, evidence_)), "exposure.cool_down");
  EXPECT_EQ(*view(budgets_, ann_, evidence_, "original", false), 20);
  EXPECT_EQ(budgets_.state(ann_)->points, 40);
}

TEST_F(BudgetsTest, AContractorHasLess) {
  EXPECT_EQ(budgets_.state(ann_)->points_max, 600);
  EXPECT_EQ(budgets_.state(actor_of("person:ann", "contractor"))->points_max, 400);
}

TEST_F(BudgetsTest, OfSeveralLimitsTheLowestHoldsAtOnce) {
  const Uuid ben = person("Ben", "contractor");
  const store::Actor contractor = actor_of("person:" + to_string(ben), "contractor");
  ASSERT_TRUE(budgets_.set_limit(lead_, {"role:contractor", 100}));
  EXPECT_EQ(budgets_.state(contractor)->points_max, 100);
  ASSERT_TRUE(budgets_.set_limit(lead_, {contractor.principal_id, 250}));
  EXPECT_EQ(budgets_.state(contractor)->points_max, 100);
  ASSERT_TRUE(view(budgets_, contractor, evidence_, "grey_small"));
  ASSERT_TRUE(budgets_.set_limit(lead_, {contractor.principal_id, 8}));
  EXPECT_EQ(code_of(view(budgets_, contractor, evidence_)), "exposure.done");
  EXPECT_EQ(budgets_.state(contractor)->level, Level::kDone);
  ASSERT_TRUE(budgets_.set_limit(lead_, {contractor.principal_id, 400}));
  EXPECT_EQ(budgets_.state(contractor)->points_max, 100);
  EXPECT_EQ(budgets_.limits("default")->size(), 2U);
  EXPECT_TRUE(budgets_.limits("other")->empty());
  EXPECT_EQ(budgets_.state(ann_)->points_max, 600);
  EXPECT_EQ(count(*database_, "audit WHERE action = 'exposure.limit' AND result = 'ok'"), 4);
}

TEST_F(BudgetsTest, ALimitOnlyLowersWhatIsConfigured) {
  const std::string ben = "person:" + to_string(person("Ben", "contractor"));
  const std::string eve = "person:" + to_string(person("Eve", "reviewer"));
  EXPECT_EQ(code_of(budgets_.set_limit(lead_, {"role:reviewer", 601})), "exposure.bad_limit");
  EXPECT_EQ(code_of(budgets_.set_limit(lead_, {"role:contractor", 401})), "exposure.bad_limit");
  EXPECT_EQ(code_of(budgets_.set_limit(lead_, {ben, 401})), "exposure.bad_limit");
  EXPECT_EQ(code_of(budgets_.set_limit(lead_, {eve, 600})), "ok");
  for (const std::int64_t points : {0LL, -1LL}) {
    EXPECT_EQ(code_of(budgets_.set_limit(lead_, {eve, points})), "exposure.bad_limit");
  }
  for (const std::string subject : {"", "role:", "role:king", "person:", "person:nobody", "Eve"}) {
    EXPECT_EQ(code_of(budgets_.set_limit(lead_, {subject, 10})), "exposure.no_person") << subject;
  }
  const store::Actor stranger{"other", "person:x", "admin"};
  EXPECT_EQ(code_of(budgets_.set_limit(stranger, {eve, 10})), "exposure.no_person");
}

TEST_F(BudgetsTest, WhatSomebodyDeclinesIsNotShownToThem) {
  const Uuid worst = object("A1");
  const Uuid own = object("self_reported", "self_reported");
  ASSERT_EQ(code_of(view(budgets_, ann_, worst)), "ok");
  const auto state = budgets_.decline(ann_, {"self_reported", "A1", "A1"});
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_EQ(state->declined, (std::vector<std::string>{"A1", "self_reported"}));
  EXPECT_EQ(code_of(view(budgets_, ann_, worst)), "exposure.declined");
  EXPECT_EQ(code_of(view(budgets_, ann_, own)), "exposure.declined");
  EXPECT_EQ(code_of(view(budgets_, ann_, object("A2"))), "ok");
  EXPECT_EQ(code_of(view(budgets_, ann_, evidence_)), "ok");
  EXPECT_EQ(code_of(view(budgets_, actor_of("person:ben"), worst)), "ok");
  EXPECT_EQ(code_of(view(budgets_, ann_, worst, "outline", false)), "ok") << "a danger to life";
  EXPECT_EQ(code_of(budgets_.decline(ann_, {"A1", "all"})), "exposure.bad_kind");
  EXPECT_EQ(budgets_.state(ann_)->declined.size(), 2U);
  ASSERT_TRUE(budgets_.decline(ann_, {}));
  EXPECT_EQ(code_of(view(budgets_, ann_, own)), "ok");
  EXPECT_EQ(count(*database_, "audit WHERE action || object || purpose || result LIKE '%A1%'"), 0)
      << "the log says what somebody cannot bear";
}

TEST_F(BudgetsTest, AnimationIsKnownFromADecision) {
  const Uuid drawn = object("B1");
  testing::run_sql(*database_,
                   "INSERT INTO case_decision (id, tenant_id, principal_id, case_id, round, role, "
                   "basis, outcome, classification, annotations, confidence, note, views, at_ms) "
                   "VALUES ('d', 'default', 'person:b', :case_id, 1, 'reviewer', 'viewed', "
                   "'confirmed', 'B1', '', 'sure', '', 1, 1)",
                   {to_string(drawn)});
  testing::run_sql(*database_,
                   "INSERT INTO case_decision_item (decision_id, content_id, tenant_id, "
                   "principal_id, classification, annotations) VALUES ('d', :content_id, "
                   "'default', 'person:b', 'B1', 'viral anime_drawing_virtual')",
                   {to_string(drawn)});
  ASSERT_TRUE(budgets_.decline(ann_, {"animation"}));
  EXPECT_EQ(code_of(view(budgets_, ann_, drawn)), "exposure.declined");
  EXPECT_EQ(code_of(view(budgets_, ann_, object("B1"))), "ok");
}

TEST_F(BudgetsTest, ABreakByOnesOwnWillShutsViewsUntilItsEnd) {
  const auto resting = budgets_.rest(ann_, 30);
  ASSERT_TRUE(resting);
  EXPECT_EQ(resting->level, Level::kBreak);
  EXPECT_EQ(resting->views_again_ms, kStart + 30 * kMinute);
  EXPECT_EQ(code_of(view(budgets_, ann_, evidence_)), "exposure.break");
  clock_.advance(30 * kMinute);
  EXPECT_EQ(code_of(view(budgets_, ann_, evidence_)), "ok");
  for (const std::int64_t minutes : {0LL, -1LL, 121LL}) {
    EXPECT_EQ(code_of(budgets_.rest(ann_, minutes)), "exposure.bad_rest");
  }
  EXPECT_EQ(testing::entries(*database_).size(), 1U);
}

TEST_F(BudgetsTest, AClockThatIsSetBackGivesNothingBack) {
  Rules rules;
  rules.points_per_shift = 3;
  Budgets budgets(*database_, clock_, rules);
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(code_of(view(budgets, ann_, evidence_)), "ok");
  }
  ASSERT_EQ(code_of(view(budgets, ann_, evidence_)), "exposure.done");
  for (const std::int64_t back : {kMinute, 7 * kHour, 3 * kDay, 100 * kDay}) {
    move_clock(-back);
    EXPECT_EQ(code_of(view(budgets, ann_, evidence_)), "exposure.done") << back;
    EXPECT_EQ(budgets.state(ann_)->points, 3);
    EXPECT_EQ(budgets.state(ann_)->views_again_ms, clock_.now_ms() + 6 * kHour);
  }
  move_clock(6 * kHour - 1);
  EXPECT_EQ(code_of(view(budgets, ann_, evidence_)), "exposure.done");
  move_clock(1);
  EXPECT_EQ(code_of(view(budgets, ann_, evidence_)), "ok");
}

TEST_F(BudgetsTest, DaysOffAreKeptOnAClockThatIsSetBack) {
  for (int day = 0; day < 5; ++day) {
    ASSERT_EQ(code_of(view(budgets_, ann_, evidence_)), "ok");
    move_clock(kDay);
  }
  EXPECT_EQ(code_of(view(budgets_, ann_, evidence_)), "exposure.days_off");
  move_clock(-3 * kDay);
  EXPECT_EQ(code_of(view(budgets_, ann_, evidence_)), "exposure.days_off");
  move_clock(2 * kDay);
  EXPECT_EQ(code_of(view(budgets_, ann_, evidence_)), "ok");
}

class ClockWeeksTest : public BudgetsTest, public ::testing::WithParamInterface<std::uint32_t> {
 protected:
  /// The state that is read says what all rows together do.
  void expect_state_of_all_rows(Budgets& budgets, const Rules& rules) {
    std::vector<Seen> views;
    std::int64_t passed_ms = 0;
    const Status read = database_->read([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY_ASSIGN(const auto moment, dual_control::glance(transaction, clock_));
      passed_ms = moment.passed_ms;
      return transaction.query(
          "SELECT at_passed_ms, points, grade = 'full' FROM evidence_view ORDER BY id",
          {},
          [&](const store::Row& row) {
            views.push_back({row.integer(0), row.integer(1), row.integer(2) == 1});
            return ok();
          });
    });
    ASSERT_TRUE(read);
    const State all = state_of(rules, rules.points_per_shift, views, {}, passed_ms);
    const auto state = budgets.state(ann_);
    ASSERT_TRUE(state);
    EXPECT_EQ(state->level, all.level);
    EXPECT_EQ(state->points, all.points);
    EXPECT_EQ(state->until_break, all.until_break);
    EXPECT_EQ(state->views_again_ms.has_value(), all.views_again_ms.has_value());
    EXPECT_EQ(state->views_again_ms.value_or(clock_.now_ms()) - clock_.now_ms(),
              all.views_again_ms.value_or(passed_ms) - passed_ms);
  }
};

TEST_P(ClockWeeksTest, NoClockGivesMoreThanTheBoundsInTimeThatPassed) {
  std::printf("seed %u\n", GetParam());
  std::mt19937 random(GetParam());
  Rules rules;
  rules.points_per_shift = 60;
  rules.break_after_points = 25;
  rules.grade_points = {1, 2, 4, 8, 20, 20};
  Budgets budgets(*database_, clock_, rules);
  for (int step = 0; step < 500; ++step) {
    const std::string grade(kGrades[random() % 5]);
    static_cast<void>(view(budgets, ann_, evidence_, grade).has_value());
    const std::vector<std::int64_t> moves = {1000,
                                             kMinute,
                                             5 * kMinute,
                                             11 * kMinute,
                                             kHour,
                                             7 * kHour,
                                             -kMinute,
                                             -kHour,
                                             -7 * kHour,
                                             -2 * kDay,
                                             2 * kMinute,
                                             3 * kMinute};
    move_clock(moves[random() % moves.size()]);
    expect_state_of_all_rows(budgets, rules);
  }
  const auto rows =
      texts(*database_, "SELECT at_passed_ms || ' ' || points FROM evidence_view ORDER BY id");
  EXPECT_GT(rows.size(), 50U);
  std::int64_t last = 0;
  std::int64_t shift = 0;
  std::int64_t stretch = 0;
  for (const std::string& row : rows) {
    const std::int64_t at = std::stoll(row);
    const std::int64_t points = std::stoll(row.substr(row.find(' ')));
    shift = at - last >= rules.shift_gap_ms ? points : shift + points;
    stretch = at - last >= rules.break_ms ? points : stretch + points;
    ASSERT_LE(shift, rules.points_per_shift);
    ASSERT_LE(stretch, rules.break_after_points);
    last = at;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ClockWeeksTest, ::testing::Range(1U, 5U));

TEST_F(BudgetsTest, ATeamIsShownByNameInStepsOfTenAndWithoutPoints) {
  const std::string zoe = "person:" + to_string(person("Zoe", "reviewer"));
  const std::string adam = "person:" + to_string(person("Adam", "contractor"));
  const std::string idle = "person:" + to_string(person("Idle", "reviewer"));
  ASSERT_TRUE(view(budgets_, actor_of(idle), evidence_));
  clock_.advance(15 * kDay);
  ASSERT_TRUE(view(budgets_, actor_of(adam, "contractor"), evidence_));
  ASSERT_TRUE(view(budgets_, actor_of("cli:root", "operator"), evidence_));
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(view(budgets_, actor_of(zoe), evidence_, "full"));
    clock_.advance(15'000);
  }
  const auto team = budgets_.team("default");
  ASSERT_TRUE(team) << team.error().message;
  ASSERT_EQ(team->size(), 3U);
  EXPECT_EQ(team->at(0).name, "Adam");
  EXPECT_EQ(team->at(0).role, "contractor");
  EXPECT_EQ(team->at(0).percent, 0);
  EXPECT_EQ(team->at(0).level, Level::kSteady);
  EXPECT_EQ(team->at(1).name, "Zoe");
  EXPECT_EQ(team->at(1).percent, 10) << "80 of 600";
  EXPECT_EQ(team->at(2).name, "cli:root");
  EXPECT_TRUE(budgets_.team("other")->empty());
}

TEST_F(BudgetsTest, PointsByDayAreThoseOfOnePersonOrOfAll) {
  ASSERT_TRUE(view(budgets_, ann_, evidence_, "grey_small"));
  clock_.advance(2 * kDay);
  ASSERT_TRUE(view(budgets_, ann_, evidence_, "mosaic"));
  ASSERT_TRUE(view(budgets_, actor_of("person:ben"), evidence_, "outline"));
  using Points = std::vector<std::int64_t>;
  EXPECT_EQ(*budgets_.by_day("default", ann_.principal_id, 4), (Points{0, 8, 0, 2}));
  EXPECT_EQ(*budgets_.by_day("default", std::nullopt, 4), (Points{0, 8, 0, 3}));
  EXPECT_EQ(*budgets_.by_day("default", ann_.principal_id, 2), (Points{0, 2}));
  EXPECT_EQ(budgets_.by_day("default", std::nullopt, 0)->size(), 1U);
  EXPECT_EQ(budgets_.by_day("default", std::nullopt, 1000)->size(), 31U);
}

}  // namespace
}  // namespace tutela::exposure
