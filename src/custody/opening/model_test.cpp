// Random sequences of views, allowances and alarms on a clock that jumps, against a small model.
#include <map>
#include <random>
#include <set>

#include "support/openings.hpp"

namespace tutela::opening {
namespace {

using testing::code_of;
using testing::kHourMs;

struct ModelObject {
  std::set<std::string> viewers;
  std::multiset<std::string> allowed_by;
};

struct Model {
  static constexpr std::size_t kViewersMax = 2;
  static constexpr std::size_t kViewsPerHour = 6;

  std::string view(const std::string& who, int object) {
    ModelObject& seen = objects[object];
    const std::size_t places = kViewersMax + seen.allowed_by.size() - seen.allowed_by.count(who);
    if (!seen.viewers.contains(who) && seen.viewers.size() >= places) {
      return "opening.viewers";
    }
    std::size_t in_hour = 0;
    for (const std::int64_t at : times[who]) {
      in_hour += at > passed - kHourMs ? 1 : 0;
    }
    if (in_hour >= kViewsPerHour) {
      return "opening.too_often";
    }
    see(who, object);
    return "ok";
  }

  std::string break_glass(const std::string& who, int object) {
    if (open_reviews.count(who) >= 5) {
      return "opening.reviews_open";
    }
    open_reviews.insert(who);
    see(who, object);
    return "ok";
  }

  void see(const std::string& who, int object) {
    objects[object].viewers.insert(who);
    times[who].push_back(passed);
    ++views;
  }

  std::map<int, ModelObject> objects;
  std::map<std::string, std::vector<std::int64_t>> times;
  std::multiset<std::string> open_reviews;
  std::int64_t passed = 0;
  std::int64_t views = 0;
};

class OpeningModelTest : public testing::OpeningTest,
                         public ::testing::WithParamInterface<std::uint32_t> {
 protected:
  // Closes the oldest open review, and says of whom it was.
  std::string close_oldest(const std::string& who) {
    const std::vector<BreakGlass> open = *opening_.open_break_glasses("default", 1);
    if (open.empty() || open[0].principal_id == "person:" + who) {
      return "";
    }
    EXPECT_TRUE(opening_.close_break_glass(testing::person(who), open[0].id));
    return open[0].principal_id.substr(7);
  }
};

TEST_P(OpeningModelTest, EveryAnswerIsThatOfTheModel) {
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  std::mt19937 random(GetParam());
  Opening opening(*database_,
                  control_,
                  budgets_,
                  clock_,
                  {Model::kViewersMax, static_cast<std::uint32_t>(Model::kViewsPerHour)});
  const std::vector<std::string> people = {"a", "b", "c", "d", "e"};
  std::vector<Uuid> evidence;
  for (int i = 0; i < 4; ++i) {
    evidence.push_back(testing::add_evidence(*database_, "default", "C-1"));
  }
  ASSERT_TRUE(control_.expire_due(0));
  Model model;
  for (int step = 0; step < 400; ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    const std::string& who = people[random() % people.size()];
    const int object = static_cast<int>(random() % evidence.size());
    const Uuid& id = evidence[static_cast<std::size_t>(object)];
    const std::uint64_t what = random() % 20;
    if (what < 13) {
      const auto seen =
          opening.view(testing::person(who), id, "C-1", Purpose::kReview, Grade::kOutline);
      ASSERT_EQ(code_of(seen), model.view(who, object));
    } else if (what < 14) {
      const auto opened =
          opening.break_glass(testing::person(who), id, "C-1", "somebody is in danger");
      ASSERT_EQ(code_of(opened), model.break_glass(who, object));
    } else if (what < 15) {
      const std::string closed = close_oldest(who);
      if (!closed.empty()) {
        model.open_reviews.extract(closed);
      }
    } else if (what < 16 && random() % 4 == 0) {
      ASSERT_TRUE(opening.allow_viewer(testing::person(who), id, "one more"));
      model.objects[object].allowed_by.insert(who);
    } else {
      const std::vector<std::int64_t> moves = {
          1, 1000, kHourMs / 4, kHourMs / 2, kHourMs - 1, -1, -kHourMs, -50 * kHourMs};
      const std::int64_t by = moves[random() % moves.size()];
      clock_.advance(by);
      model.passed += std::max<std::int64_t>(by, 0);
      ASSERT_TRUE(control_.expire_due(0));
    }
  }
  EXPECT_EQ(testing::count(*database_, "evidence_view"), model.views);
  EXPECT_EQ(views_in_log(), model.views);
  for (std::size_t i = 0; i < evidence.size(); ++i) {
    std::set<std::string> viewers;
    for (const View& seen : *opening.views("default", evidence[i])) {
      viewers.insert(seen.principal_id.substr(7));
    }
    EXPECT_EQ(viewers, model.objects[static_cast<int>(i)].viewers);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, OpeningModelTest, ::testing::Range(1U, 9U));

}  // namespace
}  // namespace tutela::opening
