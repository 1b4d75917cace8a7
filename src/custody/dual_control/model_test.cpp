// Random sequences of operations on a clock that jumps both ways, against a small model.
#include <algorithm>
#include <map>
#include <random>

#include "custody/dual_control/dual_control.hpp"
#include "support/evidence_rows.hpp"

namespace tutela::dual_control {
namespace {

using testing::code_of;

constexpr std::int64_t kHour = 3'600'000;
const std::vector<std::string> kPrincipals = {"person:a", "person:b", "person:c", "cli:root"};

struct ModelRequest {
  std::string asked_by;
  std::string object;
  std::string state = "waiting";
  std::int64_t from[2] = {0, 0};  // by the clock, and by the time that passed
  std::int64_t until[2] = {0, 0};
};

// What the header says, in as few words as possible.
class Model {
 public:
  explicit Model(bool solo, std::int64_t start) : solo_(solo), time_{start, start} {}

  void move(std::int64_t by) {
    time_[0] += by;
    time_[1] += std::max<std::int64_t>(by, 0);
  }

  std::string ask(const std::string& who, const std::string& object, ModelRequest& made) {
    if (who == "cli:root" && !solo_) {
      return "request.not_a_person";
    }
    made.asked_by = who;
    made.object = object;
    bound(made, solo_ ? 24 * kHour : 0, solo_ ? 4 * kHour : 72 * kHour);
    return "ok";
  }

  std::string decide(const std::string& who, ModelRequest& request, bool approve) {
    const bool own = who == request.asked_by;
    if (own && approve) {
      return "request.own";
    }
    if (!own && (who == "cli:root" || (approve && request.asked_by == "cli:root"))) {
      return "request.not_a_person";
    }
    if (state(request) == "expired") {
      return "request.expired";
    }
    if (request.state != "waiting") {
      return "request.not_waiting";
    }
    request.state = approve ? "approved" : "refused";
    if (approve) {
      bound(request, 0, 4 * kHour);
    }
    return "ok";
  }

  std::string use(const std::string& who, ModelRequest& request, const std::string& object) {
    if (who != request.asked_by) {
      return "request.other_person";
    }
    if (object != request.object) {
      return "request.other_object";
    }
    const std::string now = state(request);
    if (now == "used" || now == "expired") {
      return "request." + now;
    }
    if (now != "approved" && !(solo_ && now == "waiting")) {
      return "request.not_approved";
    }
    if (time_[0] < request.from[0] || time_[1] < request.from[1]) {
      return "request.not_yet";
    }
    request.state = "used";
    return "ok";
  }

  std::string state(const ModelRequest& request) const {
    const bool open = request.state == "waiting" || request.state == "approved";
    const bool over = time_[0] >= request.until[0] || time_[1] >= request.until[1];
    return open && over ? "expired" : request.state;
  }

  // Writes down what is expired: it stays so whatever the clock says later.
  void settle(ModelRequest& request) const { request.state = state(request); }

 private:
  void bound(ModelRequest& request, std::int64_t wait, std::int64_t lasts) const {
    for (const int i : {0, 1}) {
      request.from[i] = time_[i] + wait;
      request.until[i] = request.from[i] + lasts;
    }
  }

  bool solo_;
  std::int64_t time_[2];
};

class ModelTest : public ::testing::TestWithParam<std::uint32_t> {
 protected:
  template <class T>
  const T& any_of(const std::vector<T>& values) {
    return values[random_() % values.size()];
  }

  std::int64_t any_move() {
    const std::vector<std::int64_t> moves = {
        0, 1, 1000, -1, kHour - 1, kHour, 4 * kHour, 24 * kHour, -kHour, -30 * kHour, 72 * kHour};
    return any_of(moves);
  }

  std::mt19937 random_{GetParam()};
};

TEST_P(ModelTest, EveryAnswerIsThatOfTheModel) {
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  const testing::TemporaryFolder folder;
  const auto database = testing::open_database(folder.path());
  constexpr UtcMs kStart = 1'800'000'000'000;
  ManualClock clock(kStart);
  Rules rules;
  rules.solo = GetParam() % 2 == 1;
  rules.trustee = "t";
  DualControl control(*database, clock, rules);
  Model model(rules.solo, kStart);
  std::vector<std::pair<Uuid, ModelRequest>> requests;
  const std::vector<std::string> objects = {"evidence:" + to_string(new_uuid(kStart)),
                                            "evidence:" + to_string(new_uuid(kStart))};
  ASSERT_TRUE(control.expire_due(0));
  std::map<std::string, std::int64_t> succeeded;
  for (int step = 0; step < 300; ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    const store::Actor actor{"default", any_of(kPrincipals), "lead"};
    const std::uint64_t what = random_() % 9;
    if (what == 0 || requests.empty()) {
      const Ask ask{Kind::kOpenOriginal, any_of(objects), "C", "review", "r"};
      ModelRequest made;
      const std::string expected = model.ask(actor.principal_id, ask.object, made);
      const Result<Request> asked = control.ask(actor, ask);
      if (code_of(asked) == "request.too_many") {
        continue;  // its own test
      }
      ASSERT_EQ(code_of(asked), expected);
      if (asked) {
        requests.emplace_back(asked->id, made);
      }
    } else if (what <= 2) {
      const std::int64_t by = any_move();
      clock.advance(by);
      model.move(by);
      const bool write_down = random_() % 2 == 0;
      ASSERT_TRUE(control.expire_due(write_down ? 200 : 0));
      for (auto& [id, request] : requests) {
        if (write_down) {
          model.settle(request);
        }
      }
    } else {
      auto& [id, request] =
          requests[requests.size() - 1 - random_() % std::min<std::size_t>(requests.size(), 6)];
      std::string expected;
      std::string actual;
      if (what <= 5) {
        const bool approve = random_() % 4 != 0;
        expected = model.decide(actor.principal_id, request, approve);
        actual = code_of(approve ? control.approve(actor, id) : control.refuse(actor, id));
        succeeded[approve ? "request.approve" : "request.refuse"] += actual == "ok" ? 1 : 0;
      } else {
        const std::string& object = random_() % 8 == 0 ? any_of(objects) : request.object;
        const store::Actor who{
            "default", random_() % 4 == 0 ? actor.principal_id : request.asked_by, "lead"};
        expected = model.use(who.principal_id, request, object);
        actual = code_of(control.use(who, id, Kind::kOpenOriginal, object));
        succeeded["open_original"] += actual == "ok" ? 1 : 0;
      }
      ASSERT_EQ(actual, expected);
      if (actual != "ok") {
        model.settle(request);  // a refusal writes it down too
      }
    }
    for (const auto& [id, request] : requests) {
      ASSERT_EQ(to_string(control.find("default", id)->state), model.state(request));
    }
  }
  for (const auto& [action, times] : succeeded) {
    EXPECT_EQ(testing::count(*database, "audit WHERE result = 'ok' AND action = '" + action + "'"),
              times)
        << action;
  }
  EXPECT_EQ(testing::count(*database, "dual_request WHERE state = 'expired'"),
            testing::count(*database, "audit WHERE action = 'request.expire'"));
  EXPECT_GT(succeeded["open_original"], 0) << "the sequence proved nothing";
}

INSTANTIATE_TEST_SUITE_P(Seeds, ModelTest, ::testing::Range(1U, 9U));

}  // namespace
}  // namespace tutela::dual_control
