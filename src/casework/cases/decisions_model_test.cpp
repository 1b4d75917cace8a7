// Random commands of several people, held against what must be true whatever they do.
#include <map>
#include <random>
#include <set>

#include "casework/cases/decisions_fixture.hpp"

namespace tutela::cases {
namespace {

class DecisionsModelTest : public DecisionsTest {
 protected:
  DecisionsModelTest() {
    world_.rules_.on_confirmed = {"content.remove", "account.suspend"};
    world_.rules_.sample_percent = 30;
    world_.rules_.automatic = true;
    world_.renew();
  }

  std::size_t below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
  }

  const Person& somebody() { return people_[below(people_.size())]; }

  Verdict some_verdict() {
    Verdict verdict =
        below(3) == 0 ? World::cleared()
                      : World::confirmed(below(4) == 0 ? Classification::kB1 : Classification::kA1);
    if (below(8) == 0) {
      verdict.annotations = {Annotation::kPossibleMinorReported};
    }
    return verdict;
  }

  void step() {
    const Person& person = somebody();
    const std::vector<std::string> ids = world_.texts("SELECT id FROM review_case ORDER BY id");
    const Uuid id = *parse_uuid(ids[below(ids.size())]);
    switch (below(9)) {
      case 0:
      case 1:
      case 2:
      case 3: {
        const auto locked = world_.cases_->lock(person, id, false);
        if (locked) {
          const auto whole = world_.cases_->whole(person, id);
          ASSERT_TRUE(whole);
          if (locked->state == State::kSecondLook) {
            EXPECT_TRUE(whole->decisions.empty() ||
                        whole->decisions[0].principal_id == person.actor.principal_id)
                << "the second person reads the first one's verdict";
          }
          world_.view(person, id);
          static_cast<void>(
              world_.decisions_->decide(person, id, {locked->version, ""}, some_verdict()));
        }
        break;
      }
      case 4:
        undo_step();
        break;
      case 5:
        static_cast<void>(world_.decisions_->decide_many(person,
                                                         {{id, {world_.read(id).version, ""}}},
                                                         World::confirmed(Classification::kNone)));
        break;
      case 6:
        world_.clock_.advance(static_cast<std::int64_t>(below(70'000)));
        world_.tick();
        break;
      case 7:
        static_cast<void>(world_.decisions_->make_sample(person, id));
        break;
      default:
        appeal_step(person);
    }
  }

  void undo_step() {
    for (const std::string& text :
         world_.texts("SELECT id FROM review_case WHERE state = 'decided' ORDER BY id LIMIT 2")) {
      const Uuid id = *parse_uuid(text);
      static_cast<void>(world_.decisions_->undo(somebody(), id, {world_.read(id).version, ""}));
    }
  }

  void appeal_step(const Person& person) {
    const auto waiting = world_.appeals_->list(person, true, 10);
    ASSERT_TRUE(waiting);
    if (waiting->empty()) {
      static_cast<void>(world_.appeals_->ask_with_token(world_.token(), "It is not."));
      return;
    }
    static_cast<void>(world_.appeals_->decide(
        person, waiting->front().id, below(2) == 0, "what the person thinks of it"));
  }

  void check() {
    EXPECT_EQ(world_.count("review_case c WHERE c.state = 'decided' AND EXISTS (SELECT 1 FROM "
                           "case_action a JOIN case_decision d ON d.id = a.decision_id WHERE "
                           "d.case_id = c.id AND d.at_ms = c.decided_ms)"),
              0)
        << "an action before the window ended";
    EXPECT_EQ(world_.count("case_action a JOIN case_decision d ON d.id = a.decision_id WHERE "
                           "d.undone_ms IS NOT NULL"),
              0)
        << "an action of a decision that was undone";
    EXPECT_EQ(world_.count("(SELECT 1 FROM case_action GROUP BY case_id, kind, target HAVING "
                           "COUNT(*) > 1)"),
              0)
        << "an action twice";
    EXPECT_EQ(world_.count("case_action a LEFT JOIN outbox o ON o.id = a.outbox_id WHERE o.id IS "
                           "NULL"),
              0);
    EXPECT_EQ(world_.count("case_sample s JOIN case_action a ON a.case_id = s.case_id"), 0);
    EXPECT_EQ(world_.count("case_sample s JOIN review_case c ON c.id = s.case_id WHERE "
                           "c.report_due_ms IS NOT NULL"),
              0);
    EXPECT_EQ(world_.count("case_sample s JOIN case_decision d ON d.case_id = s.case_id JOIN "
                           "case_decision e ON e.case_id = s.of_case AND e.principal_id = "
                           "d.principal_id AND e.at_ms <= d.at_ms"),
              0)
        << "a sample was decided by somebody who knew it";
    // Two different people stand behind each confirmed case that needs a view.
    EXPECT_EQ(world_.count(
                  "review_case c WHERE c.state IN ('decided', 'closed') AND c.outcome = "
                  "'confirmed' AND c.needs_view = 1 AND NOT EXISTS (SELECT 1 FROM case_sample s "
                  "WHERE s.case_id = c.id) AND (SELECT COUNT(DISTINCT d.principal_id) FROM "
                  "case_decision d WHERE d.case_id = c.id AND d.undone_ms IS NULL AND d.outcome = "
                  "'confirmed' AND d.role <> 'lead' OR d.case_id = c.id AND d.undone_ms IS NULL "
                  "AND d.round = 2) < 2 AND (SELECT COUNT(DISTINCT d.principal_id) FROM "
                  "case_decision d WHERE d.case_id = c.id AND d.undone_ms IS NULL) < 2"),
              0)
        << "one person decided alone where two are asked";
    EXPECT_EQ(world_.count("(SELECT 1 FROM case_decision WHERE undone_ms IS NULL AND round = 1 "
                           "GROUP BY case_id, principal_id HAVING COUNT(*) > 1)"),
              0)
        << "one person decided twice";
    EXPECT_EQ(world_.count("review_case c WHERE c.queue = 'legal' AND c.state IN ('open', "
                           "'appealed') AND c.outcome IS NULL AND c.report_due_ms IS NOT NULL"),
              0);
    EXPECT_EQ(world_.count("case_action a JOIN case_decision d ON d.id = a.decision_id WHERE "
                           "a.kind = 'account.suspend' AND d.role <> 'legal' AND EXISTS (SELECT 1 "
                           "FROM case_decision m WHERE m.case_id = a.case_id AND m.undone_ms IS "
                           "NULL AND m.annotations LIKE '%minor%' AND m.at_ms <= d.at_ms)"),
              0)
        << "a possible minor was struck without a legal officer";
    EXPECT_EQ(world_.count("case_appeal p JOIN case_decision d ON d.case_id = p.case_id AND "
                           "d.principal_id = p.decided_by AND d.at_ms < p.decided_ms"),
              0)
        << "somebody decided the appeal of their own decision";
    EXPECT_EQ(world_.count("review_case WHERE lock_by IS NOT NULL AND state IN ('decided', "
                           "'closed')"),
              0);
    EXPECT_EQ(world_.texts("SELECT COUNT(*) - MAX(id) FROM audit").at(0), "0");
  }

  void add_cases() {
    for (int i = 0; i < 12; ++i) {
      static_cast<void>(world_.add({.exact = i % 3 == 1,
                                    .purpose = i % 6 == 5 ? "self_reported" : "known_csam",
                                    .automation = i % 6 == 4,
                                    .account = i % 2 == 0 ? "user-" + std::to_string(i) : ""}));
    }
  }

  /// What the walk speaks of and has not come by yet; "" when it has seen all.
  std::string unseen() {
    for (const char* each : {"case_action",
                             "case_event WHERE detail LIKE '%disagreement%'",
                             "case_sample",
                             "case_appeal WHERE decided_by IS NOT NULL",
                             "case_event WHERE kind = 'overturned'",
                             "case_decision WHERE undone_ms IS NOT NULL"}) {
      if (world_.count(each) == 0) {
        return each;
      }
    }
    return world_.count("review_case WHERE state = 'closed'") > 5 ? "" : "closed cases";
  }

  const std::vector<Person> people_ = {World::person("ann"),
                                       World::person("ben"),
                                       World::person("cat"),
                                       World::person("lea", "lead"),
                                       World::person("leo", "lead"),
                                       World::person("law", "legal")};
  std::mt19937_64 random_;
};

TEST_F(DecisionsModelTest, WhateverPeopleDoTheRulesHold) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  random_.seed(seed);
  // It goes on with other cases until it has come by everything that it speaks of: one walk in
  // some fifty has not.
  for (int walk = 0; walk < 20 && (walk == 0 || !unseen().empty()); ++walk) {
    add_cases();
    for (int i = 0; i < 1500 && !HasFailure(); ++i) {
      step();
      if (i % 25 == 24) {
        check();
      }
    }
  }
  world_.clock_.advance(world_.rules_.undo_ms);
  world_.tick();
  check();
  EXPECT_EQ(unseen(), "") << "the walk is worth something only where it saw all";
}

}  // namespace
}  // namespace tutela::cases
