// What is stored of lists: counts by kind, the youngest signal.
#include <array>
#include <string>

#include "exchange/lists/lists_fixture.hpp"

namespace tutela::lists {
namespace {

using Counts = std::array<std::int64_t, 4>;

TEST_F(ListsTest, StatsCountSignalsByKindAndKnowTheYoungest) {
  const List list = make(spec("mixed"));
  const UtcMs first_ms = clock_.now_ms();
  import(list, value(1) + "\n" + value(2) + "\nmd5," + std::string(32, 'a') + "\n");
  clock_.advance(5000);
  import(list, "sha1," + std::string(40, 'b') + "\nsha256," + value(1) + "\n");
  auto stats = lists_->stats(ann_);
  ASSERT_TRUE(stats) << stats.error().message;
  ASSERT_EQ(stats->size(), 1U);
  EXPECT_EQ(stats->front().signals, (Counts{2, 1, 1, 1}));
  EXPECT_EQ(stats->front().newest_signal_ms, first_ms + 5000);
  EXPECT_EQ(stats->front().list.signal_count, 5);
  EXPECT_EQ(stats->front().list.updated_ms, first_ms + 5000);
  clock_.advance(5000);
  ASSERT_TRUE(lists_->remove_signals(ann_, list.id, {std::string(40, 'b'), value(1)}));
  stats = lists_->stats(ann_);
  ASSERT_TRUE(stats);
  EXPECT_EQ(stats->front().signals, (Counts{1, 1, 0, 0})) << "a value goes in every kind";
  EXPECT_EQ(stats->front().newest_signal_ms, first_ms);
  EXPECT_EQ(stats->front().list.updated_ms, first_ms + 10'000);
}

TEST_F(ListsTest, StatsAreOfAllListsByNameOrOfOne) {
  const List second = make(spec("b"));
  const List first = make(spec("a"));
  const List gone = make(spec("gone"));
  import(second, value(7));
  import(gone, value(8));
  ASSERT_TRUE(lists_->remove(ann_, gone.id));
  const auto all = lists_->stats(ann_);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ(all->at(0).list.spec.name, "a");
  EXPECT_EQ(all->at(0).signals, Counts{});
  EXPECT_EQ(all->at(0).newest_signal_ms, std::nullopt);
  EXPECT_EQ(all->at(1).signals, (Counts{1, 0, 0, 0}));
  const auto one = lists_->stats(ann_, second.id);
  ASSERT_TRUE(one);
  ASSERT_EQ(one->size(), 1U);
  EXPECT_EQ(one->front().list.id, second.id);
  EXPECT_EQ(lists_->stats(ann_, gone.id).error().code, "list.removed");
  EXPECT_EQ(lists_->stats({"elsewhere", "token:eve"}, first.id).error().code, "list.not_found");
  EXPECT_TRUE(lists_->stats({"elsewhere", "token:eve"})->empty());
}

}  // namespace
}  // namespace tutela::lists
