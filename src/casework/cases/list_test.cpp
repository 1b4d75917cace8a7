#include <algorithm>

#include "casework/cases/cases_fixture.hpp"

namespace tutela::cases {
namespace {

class ListTest : public CasesTest {
 protected:
  using Ids = std::vector<Uuid>;

  Uuid add_at(const std::string& account, const std::string& classification = "B1") {
    clock_.advance(1000);
    Finding found = finding(account);
    found.classification = classification;
    return add(found);
  }

  Ids list_by(Sort sort) {
    Filter filter;
    filter.sort = sort;
    return list(filter);
  }
};

TEST_F(ListTest, IsInTheOrderOfTheQueueTheNewestOrTheNextDue) {
  const Uuid first = add_at("acc-1", "B2");
  const Uuid second = add_at("acc-2", "A1");
  const Uuid third = add_at("acc-3", "B2");
  ASSERT_TRUE(cases_->mark(ann_, third, {1, ""}, {Mark::kImminentHarm}));
  EXPECT_EQ(list_by(Sort::kRank), (Ids{third, second, first}));
  EXPECT_EQ(list_by(Sort::kNewest), (Ids{third, second, first}));
  EXPECT_EQ(list_by(Sort::kDue), (Ids{third, first, second}));
  // Whose first look was taken is due when its decision is.
  ASSERT_TRUE(cases_->lock(ann_, first, false));
  EXPECT_EQ(list_by(Sort::kDue), (Ids{third, second, first}));
}

TEST_F(ListTest, FiltersByEachPropertyAndByAllOfThem) {
  const Uuid one = add_at("acc-1");
  Finding exact = finding("acc-2");
  exact.exact = exact.trusted = true;
  exact.list_id = add_list("other list", "known_csam");
  clock_.advance(1000);
  const UtcMs second_ms = clock_.now_ms();
  const Uuid two = add(exact);
  const Uuid three = add(self_reported("acc-3"));
  set_state(one, State::kClosed, Outcome::kCleared);
  ASSERT_TRUE(cases_->lock(ann_, two, false));
  const auto with = [&](auto set) {
    Filter filter;
    filter.sort = Sort::kNewest;
    set(filter);
    return list(filter, ann_);
  };
  EXPECT_EQ(with([](Filter& of) { of.queue = Queue::kSelfReported; }), Ids{three});
  EXPECT_EQ(with([](Filter& of) { of.state = State::kClosed; }), Ids{one});
  EXPECT_EQ(with([](Filter& of) { of.undecided = true; }), (Ids{three, two}));
  EXPECT_EQ(with([](Filter& of) { of.mine = true; }), Ids{two});
  EXPECT_EQ(with([](Filter& of) { of.account = "acc-1"; }), Ids{one});
  EXPECT_EQ(with([&](Filter& of) { of.content_id = exact.content_id; }), Ids{two});
  EXPECT_EQ(with([](Filter& of) { of.list = "other list"; }), Ids{two});
  EXPECT_EQ(with([](Filter& of) { of.list = "vetted"; }), Ids{one});
  EXPECT_EQ(with([](Filter& of) { of.list = "no such list"; }), Ids{});
  EXPECT_EQ(with([](Filter& of) { of.needs_view = false; }), Ids{two});
  EXPECT_EQ(with([&](Filter& of) { of.opened_since_ms = second_ms; }), (Ids{three, two}));
  EXPECT_EQ(with([&](Filter& of) { of.opened_until_ms = second_ms; }), Ids{one});
  EXPECT_EQ(with([&](Filter& of) {
              of.queue = Queue::kStandard;
              of.state = State::kOpen;
              of.undecided = of.mine = true;
              of.account = "acc-2";
              of.content_id = exact.content_id;
              of.list = "other list";
              of.needs_view = false;
              of.opened_since_ms = second_ms;
              of.opened_until_ms = second_ms + 1;
            }),
            Ids{two});
}

TEST_F(ListTest, AListWithManyCasesIsFoundTheOtherWayAndHasTheSame) {
  const Uuid one = add_at("acc-1");
  add_many(2500);
  Filter filter;
  filter.list = "vetted";
  filter.limit = 200;
  filter.sort = Sort::kNewest;
  EXPECT_EQ(list(filter).front(), one);
  std::size_t seen = 0;
  do {
    const Result<Page> page = cases_->list(lead_, filter);
    ASSERT_TRUE(page) << page.error().message;
    seen += page->cases.size();
    filter.after = page->next;
  } while (!filter.after.empty());
  EXPECT_EQ(seen, 2501U);
}

TEST_F(ListTest, PagesFollowOneAnotherInEachOrder) {
  for (int i = 0; i < 7; ++i) {
    add_at("acc-" + std::to_string(i), i % 2 == 0 ? "A1" : "B2");
  }
  for (const Sort sort : {Sort::kRank, Sort::kNewest, Sort::kDue}) {
    Filter filter;
    filter.sort = sort;
    const Ids whole_list = list(filter);
    EXPECT_EQ(whole_list.size(), 7U);
    filter.limit = 3;
    Ids paged;
    do {
      const Result<Page> page = cases_->list(lead_, filter);
      ASSERT_TRUE(page) << page.error().message;
      ASSERT_LE(page->cases.size(), 3U);
      for (const Case& of : page->cases) {
        paged.push_back(of.id);
      }
      filter.after = page->next;
    } while (!filter.after.empty());
    EXPECT_EQ(paged, whole_list);
  }
}

TEST_F(ListTest, CursorsOfOtherListsAndBrokenOnesAreRefused) {
  add_at("acc-1");
  Filter filter;
  const std::string id = to_string(new_uuid(1));
  for (const std::string& bad : std::vector<std::string>{"x",
                                                         "n:12:" + id,
                                                         "r:12",
                                                         "r::" + id,
                                                         "r:12x:" + id,
                                                         "r:99999999999999999999:" + id,
                                                         "r:12:" + id + "0",
                                                         "r:12:" + std::string(36, 'z'),
                                                         std::string(1000, 'r')}) {
    filter.after = bad;
    EXPECT_EQ(code_of(cases_->list(lead_, filter)), "case.bad_cursor") << bad;
  }
  filter.after = "r:-5:" + id;
  EXPECT_EQ(code_of(cases_->list(lead_, filter)), "");
}

TEST_F(ListTest, WhatIsAskedForIsBounded) {
  for (int i = 0; i < 3; ++i) {
    add_at("acc-" + std::to_string(i));
  }
  Filter filter;
  filter.limit = 0;
  EXPECT_EQ(list(filter).size(), 1U);
  filter.limit = 1'000'000;
  EXPECT_EQ(list(filter).size(), 3U);
  filter.account = std::string(513, 'a');
  EXPECT_EQ(code_of(cases_->list(lead_, filter)), "case.bad_filter");
  filter.account = std::string("a\0b", 3);
  EXPECT_EQ(code_of(cases_->list(lead_, filter)), "case.bad_filter");
}

TEST_F(ListTest, CountsSayWhatWaitsInEachQueueAndHowOldItIs) {
  const UtcMs first_ms = clock_.now_ms();
  add(finding("acc-1"));
  clock_.advance(25 * kHour);
  const Uuid second = add(finding("acc-2"));
  const Uuid decided = add(finding("acc-3"));
  set_state(decided, State::kDecided, Outcome::kConfirmed);
  add(self_reported("victim"));
  ASSERT_TRUE(cases_->lock(ann_, second, false));
  const Result<std::vector<QueueCount>> counts = cases_->counts(ann_);
  ASSERT_TRUE(counts);
  ASSERT_EQ(counts->size(), 4U);
  EXPECT_EQ((*counts)[0].waiting, 0);
  EXPECT_FALSE((*counts)[0].oldest_ms);
  const QueueCount& standard = (*counts)[1];
  EXPECT_EQ(standard.queue, Queue::kStandard);
  EXPECT_EQ(standard.waiting, 2);
  EXPECT_EQ(standard.locked, 1);
  EXPECT_EQ(standard.overdue, 1);
  EXPECT_EQ(standard.oldest_ms, first_ms);
  EXPECT_EQ((*counts)[2].waiting, 1);
  EXPECT_EQ(cases_->locked("default")->at(Queue::kStandard), 1);
  EXPECT_EQ(*cases_->locked_by(ann_.actor), 1);
  EXPECT_EQ(*cases_->locked_by(lead_.actor), 0);
  EXPECT_TRUE(cases_->locked("elsewhere")->empty());
  clock_.advance(rules_.lock_ms);
  EXPECT_EQ(cases_->counts(ann_)->at(1).locked, 0) << "a lock whose time is over counts as none";
  EXPECT_TRUE(cases_->locked("default")->empty());
  EXPECT_EQ(*cases_->locked_by(ann_.actor), 0);
}

TEST_F(ListTest, WhatWaitsIsCountedForItsTenantAlone) {
  add(finding("acc-1"));
  clock_.advance(25 * kHour);
  set_state(add(finding("acc-2")), State::kSecondLook);
  set_state(add(finding("acc-3")), State::kDisagreement);
  const Uuid decided = add(finding("acc-4"));
  set_state(decided, State::kDecided, Outcome::kConfirmed);
  execute("UPDATE review_case SET report_due_ms = 77 WHERE id = :id", {to_string(decided)});
  const Result<Waits> waits = cases_->waits("default");
  ASSERT_TRUE(waits) << waits.error().message;
  ASSERT_EQ(waits->queues.size(), 4U);
  EXPECT_EQ(waits->queues[1].waiting, 3);
  EXPECT_EQ(waits->second_looks, 1);
  EXPECT_EQ(waits->disagreements, 1);
  EXPECT_EQ(waits->reports_due, 1);
  EXPECT_EQ(waits->next_report_due_ms, 77);
  const auto ages = cases_->ages("default");
  ASSERT_EQ(ages->size(), 1U);
  EXPECT_EQ((*ages)[0].queue, Queue::kStandard);
  EXPECT_EQ((*ages)[0].counts, (std::array<std::int64_t, 4>{2, 0, 1, 0}));
  const Result<Waits> elsewhere = cases_->waits("elsewhere");
  EXPECT_EQ(elsewhere->queues[1].waiting, 0);
  EXPECT_EQ(elsewhere->second_looks + elsewhere->disagreements + elsewhere->reports_due, 0);
  EXPECT_TRUE(cases_->ages("elsewhere")->empty());
}

}  // namespace
}  // namespace tutela::cases
