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
  using Known = std::pair<Uuid, ModelRequest>;

  static Rules rules() {
    Rules rules;
    rules.solo = GetParam() % 2 == 1;
    rules.trustee = "t";
    return rules;
  }

  template <class T>
  const T& any_of(const std::vector<T>& values) {
    return values[random_() % values.size()];
  }

  bool one_in(std::uint32_t times) { return random_() % times == 0; }

  store::Actor anybody() { return {"default", any_of(kPrincipals), "lead"}; }

  Known& a_late_one() {
    const std::size_t back = random_() % std::min<std::size_t>(requests_.size(), 6);
    return requests_[requests_.size() - 1 - back];
  }

  void ask() {
    const store::Actor actor = anybody();
    const Ask ask{Kind::kOpenOriginal, any_of(objects_), "C", "review", "r"};
    ModelRequest made;
    const std::string expected = model_.ask(actor.principal_id, ask.object, made);
    const Result<Request> asked = control_.ask(actor, ask);
    if (code_of(asked) == "request.too_many") {
      return;  // its own test
    }
    ASSERT_EQ(code_of(asked), expected);
    if (asked) {
      requests_.emplace_back(asked->id, made);
    }
  }

  void move_clock() {
    const std::vector<std::int64_t> moves = {
        0, 1, 1000, -1, kHour - 1, kHour, 4 * kHour, 24 * kHour, -kHour, -30 * kHour, 72 * kHour};
    const std::int64_t by = any_of(moves);
    clock_.advance(by);
    model_.move(by);
    const bool write_down = one_in(2);
    ASSERT_TRUE(control_.expire_due(write_down ? 200 : 0));
    for (Known& known : requests_) {
      if (write_down) {
        model_.settle(known.second);
      }
    }
  }

  void answer() {
    auto& [id, request] = a_late_one();
    const store::Actor actor = anybody();
    const bool approve = !one_in(4);
    const std::string expected = model_.decide(actor.principal_id, request, approve);
    compare(approve ? "request.approve" : "request.refuse",
            code_of(approve ? control_.approve(actor, id) : control_.refuse(actor, id)),
            expected,
            request);
  }

  void use() {
    auto& [id, request] = a_late_one();
    const std::string object = one_in(8) ? any_of(objects_) : request.object;
    const std::string who = one_in(4) ? any_of(kPrincipals) : request.asked_by;
    const std::string expected = model_.use(who, request, object);
    compare("open_original",
            code_of(control_.use({"default", who, "lead"}, id, Kind::kOpenOriginal, object)),
            expected,
            request);
  }

  void compare(const std::string& action,
               const std::string& actual,
               const std::string& expected,
               ModelRequest& request) {
    ASSERT_EQ(actual, expected) << action;
    if (actual == "ok") {
      ++succeeded_[action];
    } else {
      model_.settle(request);  // a refusal writes it down too
    }
  }

  static constexpr UtcMs kStart = 1'800'000'000'000;
  std::mt19937 random_{GetParam()};
  testing::TemporaryFolder folder_;
  std::unique_ptr<store::Database> database_ = testing::open_database(folder_.path());
  ManualClock clock_{kStart};
  DualControl control_{*database_, clock_, rules()};
  Model model_{rules().solo, kStart};
  const std::vector<std::string> objects_ = {"evidence:" + to_string(new_uuid(kStart)),
                                             "evidence:" + to_string(new_uuid(kStart))};
  std::vector<Known> requests_;
  std::map<std::string, std::int64_t> succeeded_;
};

TEST_P(ModelTest, EveryAnswerIsThatOfTheModel) {
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  ASSERT_TRUE(control_.expire_due(0));
  for (int step = 0; step < 300 && !HasFatalFailure(); ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    const std::uint64_t what = requests_.empty() ? 0 : random_() % 9;
    if (what == 0) {
      ask();
    } else if (what <= 2) {
      move_clock();
    } else if (what <= 5) {
      answer();
    } else {
      use();
    }
    for (const auto& [id, request] : requests_) {
      ASSERT_EQ(to_string(control_.find("default", id)->state), model_.state(request));
    }
  }
  for (const auto& [action, times] : succeeded_) {
    EXPECT_EQ(testing::count(*database_, "audit WHERE result = 'ok' AND action = '" + action + "'"),
              times)
        << action;
  }
  EXPECT_EQ(testing::count(*database_, "dual_request WHERE state = 'expired'"),
            testing::count(*database_, "audit WHERE action = 'request.expire'"));
  EXPECT_GT(succeeded_["open_original"], 0) << "the sequence proved nothing";
}

INSTANTIATE_TEST_SUITE_P(Seeds, ModelTest, ::testing::Range(1U, 9U));

}  // namespace
}  // namespace tutela::dual_control
