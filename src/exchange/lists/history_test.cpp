#include <limits>

#include "exchange/lists/lists_fixture.hpp"

namespace tutela::lists {
namespace {

constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();

class HistoryTest : public ListsTest {
 protected:
  HistoryTest() {
    auto set = match::SignalSet::open({.file = folder_ / "signals.index", .run_steps = {}});
    EXPECT_TRUE(set);
    set_ = *std::move(set);
  }

  /// Brings the set to the present; returns what it lacked.
  Missing follow(std::size_t signals_max = 1000) {
    auto missing = lists_->missing(*set_, signals_max);
    EXPECT_TRUE(missing) << missing.error().message;
    if (!missing->too_many) {
      set_->apply(missing->update);
    }
    return *missing;
  }

  [[nodiscard]] std::size_t hits(int number) const {
    const auto query = *fingerprint::parse_pdq(value(number));
    return set_->generation()->search_pdq({{&query, 1}, 0}, 0).size();
  }

  std::vector<std::int64_t> signals_of(const List& list,
                                       std::int64_t first = 0,
                                       std::int64_t last = kLast,
                                       std::int64_t limit = kLast) {
    std::vector<std::int64_t> ids;
    EXPECT_TRUE(lists_->for_each_signal(
        list.id, first, last, limit, [&](const PackedSignal& signal) -> Status {
          ids.push_back(signal.id);
          return ok();
        }));
    return ids;
  }

  std::unique_ptr<match::SignalSet> set_;
};

TEST_F(HistoryTest, ASetLacksOnlyWhatIsNew) {
  const List list = make(spec("one"));
  import(list, value(1) + "\n" + value(2));
  EXPECT_TRUE(follow().update.added.empty()) << "the list is not active";
  make_active(list);
  EXPECT_EQ(follow().update.added.size(), 2U);
  EXPECT_EQ(hits(1), 1U);
  import(list, value(3));
  const Missing third = follow();
  ASSERT_EQ(third.update.added.size(), 1U);
  EXPECT_EQ(third.update.lists_through.at(0), third.update.added[0].id);
  EXPECT_EQ(third.position, *lists_->position());
  EXPECT_EQ(hits(3), 1U);
  EXPECT_TRUE(follow().update.added.empty());
}

TEST_F(HistoryTest, RemovalsAndListsThatEndAreFollowedAtOnce) {
  const List list = make(spec("one"));
  import(list, value(1) + "\n" + value(2));
  make_active(list);
  follow();
  ASSERT_TRUE(lists_->remove_signals(ann_, list.id, {value(1)}));
  EXPECT_EQ(follow().update.removed.size(), 1U);
  EXPECT_EQ(hits(1), 0U);
  EXPECT_EQ(hits(2), 1U);
  ASSERT_TRUE(lists_->deactivate(ann_, list.id));
  EXPECT_TRUE(follow().update.lists.empty());
  EXPECT_EQ(hits(2), 0U);
  make_active(list);
  follow();
  EXPECT_EQ(hits(1), 0U);
  EXPECT_EQ(hits(2), 1U);
}

TEST_F(HistoryTest, AnIdIsNeverUsedTwice) {
  const List list = make(spec("one"));
  import(list, value(1));
  make_active(list);
  const std::int64_t first = signals_of(list).at(0);
  ASSERT_TRUE(lists_->remove_signals(ann_, list.id, {value(1)}));
  import(list, value(1));
  EXPECT_GT(signals_of(list).at(0), first);
  follow();
  EXPECT_EQ(hits(1), 1U) << "the removal was of the earlier signal";
}

TEST_F(HistoryTest, ASetThatLacksTooMuchIsLoadedWhole) {
  const List list = make(spec("one"));
  const crypto::Digests digests = crypto::digests_of(as_bytes("harmless"));
  import(list, value(1) + "\n" + value(2) + "\n" + to_hex(digests.md5));
  make_active(list);
  const Missing missing = follow(2);
  EXPECT_TRUE(missing.too_many);
  EXPECT_TRUE(missing.update.added.empty());
  match::SegmentBuilder builder;
  ASSERT_TRUE(lists_->load_all(builder));
  EXPECT_EQ(builder.size(), 3U);
  ASSERT_TRUE(std::move(builder).write(folder_ / "signals.index"));
  set_ = *match::SignalSet::open({.file = folder_ / "signals.index", .run_steps = {}});
  EXPECT_TRUE(follow(0).update.added.empty());
  EXPECT_EQ(hits(1), 1U);
  EXPECT_EQ(set_->generation()->search_digests(digests).size(), 1U);
}

TEST_F(HistoryTest, TellsWhatChangedInOrder) {
  const List list = make(spec("one"));
  import(list, value(1));
  make_active(list);
  import(list, value(2) + "\n" + value(3));
  ASSERT_TRUE(lists_->remove_signals(ann_, list.id, {value(1), value(9), value(3)}));
  const std::vector<std::int64_t> all = signals_of(list);
  ASSERT_TRUE(lists_->remove(ann_, list.id));
  const auto changes = *lists_->changes_after(0, 100);
  ASSERT_EQ(changes.size(), 5U);
  const std::vector<ChangeKind> kinds = {ChangeKind::kAdded,
                                         ChangeKind::kActivated,
                                         ChangeKind::kAdded,
                                         ChangeKind::kRemoved,
                                         ChangeKind::kDeactivated};
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    EXPECT_EQ(changes[i].kind, kinds[i]) << i;
    EXPECT_EQ(changes[i].list_id, list.id);
  }
  EXPECT_EQ(changes[2].first_id, all.at(0)) << "value 2";
  EXPECT_EQ(changes[2].last_id, changes[2].first_id + 1);
  const auto removed = *lists_->removed_signals(changes[3].first_id, changes[3].last_id);
  EXPECT_EQ(removed, (std::vector<std::int64_t>{changes[0].first_id, changes[2].last_id}));
  EXPECT_TRUE(signals_of(list).empty()) << "a list that is not active has none to search for";
  EXPECT_EQ(lists_->changes_after(changes[2].position, 1)->at(0).kind, ChangeKind::kRemoved);
}

TEST_F(HistoryTest, SignalsAreGivenByTheirRange) {
  const List list = make(spec("one"));
  import(list, value(1) + "\n" + value(2) + "\n" + value(3));
  make_active(list);
  const auto all = signals_of(list);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(signals_of(list, all[1], all[1]), std::vector<std::int64_t>{all[1]});
  EXPECT_EQ(signals_of(list, all[1]), (std::vector<std::int64_t>{all[1], all[2]}));
  EXPECT_EQ(signals_of(list, 0, kLast, 1), std::vector<std::int64_t>{all[0]});
}

}  // namespace
}  // namespace tutela::lists
