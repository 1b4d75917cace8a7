// Random lives of objects against a model that knows only two things: when each object's latest end
// is, and which holds stand. Whatever happens, in whatever order, with crashes between: the vault
// is never asked to destroy what is held, or, but for a request of law enforcement, what has not
// ended.
#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "casework/preservation/calendar.hpp"
#include "casework/preservation/preservation_fixture.hpp"

namespace tutela::preservation {
namespace {

using vault::State;

struct Model {
  std::string case_ref;
  UtcMs end_ms = 0;  // the latest of what was promised, pending not counted
  std::set<std::string> holds;
  bool may_go_early = false;  // two people agreed on a request of law enforcement
  bool gone = false;
  bool touched = false;  // the vault was asked to destroy it
};

class PropertyTest : public PreservationTest {
 protected:
  Result<vault::Destroyed> destroy(const Uuid& id) override {
    Model& model = models_.at(id);
    EXPECT_TRUE(holds_of(model).empty()) << "destroyed under a hold";
    EXPECT_TRUE(model.may_go_early || clock_.now_ms() >= model.end_ms)
        << "destroyed at " << to_rfc3339(clock_.now_ms()) << ", before its end "
        << to_rfc3339(model.end_ms);
    model.touched = true;
    ++destroyed_;
    if (pick(4) == 0) {
      return Error{ErrorKind::kUnavailable, "test.crash", "it ends in the middle"};
    }
    return vault::Destroyed{1, clock_.now_ms() + kTestDay};
  }

  std::set<std::string> holds_of(const Model& model) {
    std::set<std::string> all = model.holds;
    all.insert(case_holds_[model.case_ref].begin(), case_holds_[model.case_ref].end());
    return all;
  }

  std::uint64_t pick(std::uint64_t below) { return random_() % below; }

  std::pair<const Uuid, Model>& any_object() {
    return *std::next(models_.begin(), static_cast<std::ptrdiff_t>(pick(models_.size())));
  }

  void promise(Model& model, std::optional<UtcMs> end) {
    ASSERT_TRUE(end);
    model.end_ms = std::max(model.end_ms, *end);
    // A later end stops what was agreed upon, unless the key may be gone.
    model.may_go_early = model.may_go_early && model.touched;
  }

  void step() {
    switch (pick(12)) {
      case 0:
        if (models_.size() < 12) {
          const std::string case_ref = "CASE-" + std::to_string(pick(3));
          models_[add(case_ref)].case_ref = case_ref;
        }
        break;
      case 1:
        keep();
        break;
      case 2:
        extend();
        break;
      case 3:
        set_hold();
        break;
      case 4:
      case 5:
        release_hold();
        break;
      case 6:
        report();
        break;
      case 7:
      case 8:
        dispose_one();
        break;
      case 9:
        reopen();
        break;
      default:
        move_clock();
        static_cast<void>(preservation_->tick(never));
        break;
    }
    check();
  }

  void keep() {
    auto& [id, model] = any_object();
    const auto days = static_cast<std::uint32_t>(1 + pick(60));
    const std::string reference = "r" + std::to_string(++counter_);
    const UtcMs now = clock_.now_ms();
    if (preservation_->keep(lead_, id, {BasisKind::kOperatorHold, reference, {}, days})) {
      promise(model, *end_of(now, {.days = days}));
    }
  }

  void extend() {
    auto& [id, model] = any_object();
    const ObjectStatus now = status(id);
    if (now.bases.empty()) {
      return;
    }
    const Basis& basis = now.bases[pick(now.bases.size())];
    const UtcMs until = clock_.now_ms() + static_cast<UtcMs>(pick(80)) * kTestDay;
    const UtcMs end = *end_of(until, {});
    const Status extended = preservation_->extend(lead_, id, basis.id, until, "longer");
    EXPECT_FALSE(extended && end <= basis.end_ms) << "shortened";
    if (extended) {
      promise(model, end);
    }
  }

  void set_hold() {
    auto& [id, model] = any_object();
    if (pick(2) == 0) {
      const auto hold = preservation_->set_hold(lead_, {id, "", "h", {}});
      if (hold) {
        model.holds.insert(to_string(hold->id));
        holds_[hold->id] = &model.holds;
      }
    } else {
      const auto hold = preservation_->set_hold(lead_, {{}, model.case_ref, "h", {}});
      ASSERT_TRUE(hold);
      case_holds_[model.case_ref].insert(to_string(hold->id));
      holds_[hold->id] = &case_holds_[model.case_ref];
    }
  }

  void release_hold() {
    if (holds_.empty()) {
      return;
    }
    const auto chosen = std::next(holds_.begin(), static_cast<std::ptrdiff_t>(pick(holds_.size())));
    ASSERT_TRUE(preservation_->release_hold(legal_, chosen->first, "over"));
    chosen->second->erase(to_string(chosen->first));
    holds_.erase(chosen);
  }

  void report() {
    const std::string case_ref = "CASE-" + std::to_string(pick(3));
    const bool simulated = pick(2) == 0;
    if (pick(6) != 0) {  // rarely: it keeps everything for a year
      return;
    }
    const UtcMs now = clock_.now_ms();
    const auto started = preservation_->on_case_report_completed(
        service_, case_ref, {now, "report" + std::to_string(++counter_), simulated});
    ASSERT_TRUE(started);
    for (auto& [id, model] : models_) {
      if (!simulated && model.case_ref == case_ref && !model.gone && !model.touched) {
        promise(model, *end_of(now, {.years = 1}));
      }
    }
  }

  void dispose_one() {
    auto& [id, model] = any_object();
    const bool early = pick(3) == 0;
    const State before = state(id);
    const bool held = !holds_of(model).empty();
    const Status disposed = early ? dispose(id, Ground::kLawEnforcementRequest, "L") : dispose(id);
    EXPECT_FALSE(disposed && held) << "agreed upon under a hold";
    EXPECT_FALSE(disposed && !early && (before != State::kDue || clock_.now_ms() < model.end_ms));
    model.may_go_early = model.may_go_early || (disposed && early);
  }

  void move_clock() {
    const std::uint64_t how = pick(20);
    if (how == 0) {
      clock_.advance(-static_cast<std::int64_t>(pick(20)) * kTestDay);  // back
    } else if (how == 1) {
      clock_.advance(400 * kTestDay);  // a leap, which a tick must refuse
      EXPECT_EQ(code_of(preservation_->tick(never)), "clock.jump");
      clock_.advance(-400 * kTestDay);
    } else {
      clock_.advance(static_cast<std::int64_t>(pick(6 * 24)) * 3'600'000);
    }
  }

  void check() {
    for (auto& [id, model] : models_) {
      const State now = state(id);
      EXPECT_FALSE(model.gone && now != State::kDestroyed) << "came back";
      if (now == State::kDestroyed) {
        EXPECT_TRUE(model.touched);
        model.gone = true;
        EXPECT_FALSE(status(id).certificate.empty());
      }
      if (now == State::kHeld) {
        EXPECT_FALSE(holds_of(model).empty());
        model.may_go_early = false;
      }
      if (now == State::kKept && !model.touched) {
        model.may_go_early = false;
      }
    }
  }

  std::mt19937_64 random_;
  std::map<Uuid, Model> models_;
  std::map<std::string, std::set<std::string>> case_holds_;
  std::map<Uuid, std::set<std::string>*> holds_;
  int counter_ = 0;
  int destroyed_ = 0;
};

TEST_F(PropertyTest, NothingIsDestroyedUnderAHoldOrBeforeItsEnd) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  RecordProperty("seed", std::to_string(seed));
  random_.seed(seed);
  rules_.pending_days = 20;
  for (int life = 0; (life < 12 || (destroyed_ == 0 && life < 240)) && !HasFailure(); ++life) {
    rules_.automatic_disposal = life % 3 == 0;
    reopen();
    models_.clear();
    for (int i = 0; i < 4; ++i) {
      const std::string case_ref = "CASE-" + std::to_string(pick(3));
      models_[add(case_ref)].case_ref = case_ref;
    }
    tick();
    for (int i = 0; i < 120 && !HasFailure(); ++i) {
      step();
    }
    while (!holds_.empty()) {
      release_hold();
    }
    // Objects of earlier lives must not meet the next one's model.
    ASSERT_TRUE(database_->write([&](store::Transaction& transaction) -> Status {
      for (const char* table :
           {"preservation_basis", "preservation_event", "legal_hold", "destruction", "evidence"}) {
        TUTELA_TRY(transaction.execute(std::string("DELETE FROM ") + table, {}));
      }
      return ok();
    }));
    case_holds_.clear();
  }
  EXPECT_GT(destroyed_, 0) << "a test in which nothing is destroyed proves nothing";
}

}  // namespace
}  // namespace tutela::preservation
