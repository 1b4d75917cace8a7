// Whatever senders, people of ours and time do in whatever order: figures are those that counting
// the rows gives, versions only grow, and no promise ever moves to a later time within its round.
#include <map>
#include <random>

#include "casework/intake/intake_fixture.hpp"

namespace tutela::intake {
namespace {

class PropertyTest : public IntakeTest, public ::testing::WithParamInterface<unsigned> {
 protected:
  struct Known {
    Accepted accepted;
    Notice before;
  };

  std::uint64_t any(std::uint64_t below) { return random_() % below; }

  void accept() {
    NewNotice notice = a_notice();
    notice.kind = static_cast<Kind>(any(6));
    notice.sender = static_cast<Sender>(any(9));
    notice.imminent = any(6) == 0;
    notice.source = any(3) == 0 ? "" : "source" + std::to_string(any(2));
    notice.proved = any(2) == 0;
    notice.body.links.push_back("https://example.org/" + std::to_string(any(5)));
    if (any(3) == 0) {
      notice.contact = SealedContact{"0123456789abcdef", "c2VhbGVk"};
    }
    Known known;
    known.accepted = world_.accept(notice);
    known.before = world_.get(known.accepted.id);
    EXPECT_EQ(known.before.due_ms, known.accepted.due_ms);
    known_.push_back(std::move(known));
    ++promises_;
  }

  void act_as_sender(Known& known) {
    const Accepted& of = known.accepted;
    switch (any(8)) {
      case 0:
        static_cast<void>(notices_.withdraw(of.number, of.pin));
        return;
      case 1:
        EXPECT_FALSE(notices_.follow(of.number, "0000 0000") && of.pin != "00000000");
        return;
      case 2:
      case 3: {
        const bool answered = known.before.state == State::kAnswered;
        const std::vector<Uuid> files(any(2), new_uuid(world_.clock_.now_ms()));
        const bool added = notices_.add(of.number, of.pin, "more", files).has_value();
        promises_ += added && answered ? 1 : 0;
        return;
      }
      default:
        static_cast<void>(notices_.follow(of.number, of.pin));
    }
  }

  void act_as_ours(Known& known) {
    const Uuid& id = known.accepted.id;
    const Command command{known.before.version - static_cast<std::int64_t>(any(10) == 0)};
    switch (any(7)) {
      case 0:
        static_cast<void>(notices_.take(world_.desk_, id, command));
        return;
      case 1:
        static_cast<void>(notices_.ask(world_.desk_, id, command, "which?"));
        return;
      case 2:
        static_cast<void>(
            notices_.move(world_.desk_, id, command, static_cast<Queue>(any(7)), "reason"));
        return;
      case 3:
        static_cast<void>(notices_.verify(world_.desk_, id, command, any(2) == 0, "called back"));
        return;
      default:
        static_cast<void>(notices_.answer(
            world_.desk_, id, command, static_cast<Outcome>(any(7)), any(2) == 0 ? "" : "words"));
    }
  }

  void act() {
    if (known_.size() < 3 || any(5) == 0) {
      accept();
      return;
    }
    Known& known = known_[any(known_.size())];
    switch (any(12)) {
      case 0:
        EXPECT_TRUE(notices_.sort(any(4) + 1, [&](auto&&...) -> Result<std::optional<Uuid>> {
          return any(2) == 0 ? std::optional(cases_[any(3)]) : std::nullopt;
        }));
        return;
      case 1:
        tick();
        return;
      case 2:
      case 3:
      case 4:
        act_as_sender(known);
        return;
      default:
        act_as_ours(known);
    }
  }

  void tick() {
    const bool over = any(2) == 0;
    EXPECT_TRUE(
        notices_.tick([](auto&&...) -> Result<std::string> { return std::string("person:9"); },
                      [&](auto&&...) -> Result<bool> { return over; }));
    forget_removed();
  }

  /// What is kept no longer was over before.
  void forget_removed() {
    std::erase_if(known_, [&](const Known& known) {
      const bool gone =
          world_.count("notice WHERE id = '" + to_string(known.accepted.id) + "'") == 0;
      EXPECT_TRUE(!gone || known.before.closed_ms);
      return gone;
    });
  }

  void check_each() {
    for (Known& known : known_) {
      const Notice of = world_.get(known.accepted.id);
      Notice& before = known.before;
      EXPECT_GE(of.version, before.version);
      EXPECT_TRUE(of.version > before.version || of.state == before.state);
      const bool over = before.state == State::kWithdrawn || before.state == State::kClosed;
      EXPECT_TRUE(!over || of.state == before.state);
      const bool reopened = before.state == State::kAnswered && is_waiting(of.state);
      EXPECT_TRUE(reopened || of.due_ms <= before.due_ms) << "a promise became later";
      EXPECT_EQ(of.outcome.has_value(), of.answered_ms.has_value());
      EXPECT_TRUE(of.state != State::kAnswered || of.answered_ms);
      EXPECT_TRUE(!is_waiting(of.state) || !of.answered_ms);
      EXPECT_TRUE(!of.has_contact || (of.state != State::kWithdrawn && of.state != State::kClosed));
      EXPECT_EQ(of.closed_ms.has_value(),
                of.state == State::kWithdrawn || of.state == State::kClosed);
      before = of;
    }
  }

  /// Received = kept + broken + withdrawn + waiting, of each queue; and everything was received.
  void check_promises() {
    std::map<std::string, std::int64_t> open;
    for (const std::string& row :
         testing::texts(*world_.database_,
                        "SELECT queue || '=' || SUM(received - kept - broken - withdrawn) FROM "
                        "notice_promise_day GROUP BY queue")) {
      open[row.substr(0, row.find('='))] = std::stoll(row.substr(row.find('=') + 1));
    }
    for (int i = 0; i < 7; ++i) {
      const std::string queue(to_string(static_cast<Queue>(i)));
      EXPECT_EQ(open[queue],
                world_.count("notice WHERE waiting IS NOT NULL AND state IN ('open', 'question') "
                             "AND queue = '" +
                             queue + "'"))
          << queue;
    }
    EXPECT_EQ(world_.text("SELECT SUM(received) FROM notice_promise_day"),
              std::to_string(promises_));
    EXPECT_EQ(world_.text("SELECT COUNT(*) FROM notice_promise_day WHERE received < 0 OR kept < 0 "
                          "OR took_ms < 0 OR took_ms_max > took_ms"),
              "0");
  }

  void check_counts() {
    const Result<std::vector<QueueCount>> counts = notices_.counts("default");
    ASSERT_TRUE(counts);
    const std::string now = std::to_string(world_.clock_.now_ms());
    for (const QueueCount& each : *counts) {
      const std::string rows = "notice WHERE state IN ('open', 'question') AND queue = '" +
                               std::string(to_string(each.queue)) + "'";
      EXPECT_EQ(each.waiting, world_.count(rows));
      EXPECT_EQ(each.taken, world_.count(rows + " AND taken_by IS NOT NULL"));
      EXPECT_EQ(each.due_soon, world_.count(rows + " AND escalate_ms <= " + now));
      EXPECT_EQ(each.overdue, world_.count(rows + " AND due_ms < " + now));
    }
    EXPECT_EQ(world_.count("notice WHERE (waiting IS NULL) = (state IN ('open', 'question'))"), 0);
    std::int64_t flooded = 0;
    std::int64_t in_danger = 0;
    const Result<std::vector<Flood>> floods = notices_.floods("default", 100);
    ASSERT_TRUE(floods);
    for (const Flood& flood : *floods) {
      flooded += flood.notices;
      in_danger += flood.imminent;
    }
    EXPECT_EQ(flooded,
              world_.count("notice WHERE queue = 'flood' AND waiting = 1 AND flood_key IS NOT "
                           "NULL"));
    EXPECT_EQ(in_danger,
              world_.count("notice WHERE queue = 'flood' AND waiting = 1 AND flood_key IS NOT "
                           "NULL AND imminent = 1"));
  }

  std::set<Uuid> paged(Filter filter) {
    std::set<Uuid> seen;
    filter.limit = static_cast<std::int64_t>(1 + any(7));
    UtcMs last = filter.waiting ? 0 : world_.clock_.now_ms();
    do {
      const Result<Page> page = notices_.list("default", filter);
      if (!page) {
        ADD_FAILURE() << page.error().message;
        break;
      }
      for (const Notice& of : page->notices) {
        EXPECT_TRUE(seen.insert(of.id).second) << "shown twice";
        EXPECT_TRUE(filter.waiting ? of.due_ms >= last : of.received_ms <= last);
        last = filter.waiting ? of.due_ms : of.received_ms;
      }
      filter.after = page->next;
    } while (!filter.after.empty());
    return seen;
  }

  void check_lists() {
    Filter filter;
    const std::set<Uuid> all = paged(filter);
    EXPECT_EQ(all.size(), known_.size());
    filter.waiting = true;
    std::set<Uuid> expected;
    for (const Known& known : known_) {
      if (is_waiting(known.before.state)) {
        expected.insert(known.accepted.id);
      }
    }
    EXPECT_EQ(paged(filter), expected);
    filter.waiting = any(2) == 0;
    filter.case_id = cases_[any(3)];
    expected.clear();
    for (const Known& known : known_) {
      if (known.before.case_id == filter.case_id &&
          (!filter.waiting || is_waiting(known.before.state))) {
        expected.insert(known.accepted.id);
      }
    }
    EXPECT_EQ(paged(filter), expected);
    filter.case_id.reset();
    filter.flood_key = "source0";
    filter.waiting = false;
    for (const Uuid& id : paged(filter)) {
      EXPECT_EQ(world_.get(id).flood_key, "source0");
    }
  }

  std::mt19937_64 random_{GetParam()};
  std::vector<Known> known_;
  std::int64_t promises_ = 0;  // given, at receipts and when something was opened again
  const std::array<Uuid, 3> cases_ = {new_uuid(1), new_uuid(2), new_uuid(3)};
};

TEST_P(PropertyTest, FiguresAreThoseOfTheRowsAndPromisesNeverBecomeLater) {
  for (int i = 0; i < 240 && !HasFailure(); ++i) {
    SCOPED_TRACE("seed " + std::to_string(GetParam()) + ", action " + std::to_string(i));
    act();
    check_each();
    if (i % 8 == 0) {
      check_promises();
      check_counts();
    }
    if (i % 40 == 39) {
      check_lists();
    }
    world_.clock_.advance(static_cast<std::int64_t>(any(any(20) == 0 ? 40 * kDay : 2 * kHour)));
  }
  // Every event has its entry; events go with their notice, entries do not.
  const bool removed = world_.count("audit WHERE action = 'notice.remove'") > 0;
  EXPECT_TRUE(removed || world_.count("notice_event") == world_.count("audit"));
}

INSTANTIATE_TEST_SUITE_P(Seeds, PropertyTest, ::testing::Range(1U, 9U));

}  // namespace
}  // namespace tutela::intake
