#include "engine/match/signal_set.hpp"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <set>
#include <string>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.hpp"
#include "engine/match/test_folder.hpp"
#include "engine/match/test_signals.hpp"

namespace tutela::match {
namespace {

/// What the store does: lists with signals, and a log of what was removed.
class TestStore {
 public:
  explicit TestStore(std::uint64_t seed) : random(seed) {}

  void add(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const auto list = static_cast<std::uint32_t>(random() % lists.size());
      signals.push_back(random() % 4 == 0 ? digest_signal(list, next_id, random() % 500)
                                          : near_signal(list, next_id, variants, random));
      ++next_id;
    }
  }

  void remove(std::size_t count) {
    for (std::size_t i = 0; i < count && !signals.empty(); ++i) {
      const auto at = static_cast<std::ptrdiff_t>(random() % signals.size());
      removed_ids.push_back(signals[static_cast<std::size_t>(at)].id);
      signals.erase(signals.begin() + at);
    }
  }

  void turn_a_list() {
    const Uuid id = lists[random() % lists.size()].id;
    if (active.erase(id) == 0) {
      active.insert(id);
    }
  }

  [[nodiscard]] SignalUpdate changes_since(const SignalSet& set) const {
    SignalUpdate update;
    for (std::uint32_t list = 0; list < lists.size(); ++list) {
      if (!active.contains(lists[list].id)) {
        continue;
      }
      const auto number = static_cast<std::uint32_t>(update.lists.size());
      update.lists.push_back(lists[list]);
      update.lists_from.push_back(set.through(lists[list].id));
      update.lists_through.push_back(next_id - 1);
      for (const TestSignal& signal : signals) {
        if (signal.list == list && signal.id > update.lists_from.back()) {
          update.added.push_back({number, signal.id, signal.kind, signal.value});
        }
      }
    }
    const auto known = static_cast<std::ptrdiff_t>(set.removed_through());
    update.removed.assign(removed_ids.begin() + known, removed_ids.end());
    update.removed_through = static_cast<std::int64_t>(removed_ids.size());
    return update;
  }

  /// Equal to a linear search of everything?
  void expect_found_by(const Generation& generation) {
    std::vector<ListEntry> matching;
    std::vector<TestSignal> wanted;
    for (std::uint32_t list = 0; list < lists.size(); ++list) {
      if (active.contains(lists[list].id)) {
        for (TestSignal signal : signals) {
          if (signal.list == list) {
            signal.list = static_cast<std::uint32_t>(matching.size());
            wanted.push_back(signal);
          }
        }
        matching.push_back(lists[list]);
      }
    }
    expect_agrees(generation, wanted, matching, variants, random);
  }

  Random random;
  std::vector<ListEntry> lists = test_lists({31, 20, 31, 0});
  std::vector<Pdq256> variants = random_variants(random);
  std::set<Uuid> active = {lists[0].id, lists[1].id};
  std::vector<TestSignal> signals;
  std::vector<std::int64_t> removed_ids;  // at position i + 1
  std::int64_t next_id = 1;
};

class SignalSetTest : public testing::Test {
 protected:
  std::unique_ptr<SignalSet> open(std::size_t merge_signals_min = 1) {
    auto set = SignalSet::open(
        {.file = file_, .merge_signals_min = merge_signals_min, .run_steps = run_in_threads});
    EXPECT_TRUE(set);
    return *std::move(set);
  }

  const TestFolder folder_;
  const std::filesystem::path file_ = folder_.path() / "signals.index";
  const std::uint64_t seed_ = std::random_device{}();
  const testing::ScopedTrace trace_{__FILE__, __LINE__, "seed " + std::to_string(seed_)};
  TestStore store_{seed_};
};

TEST_F(SignalSetTest, FindsASignalAsSoonAsItIsAppliedAndNotAfterItsRemoval) {
  const auto set = open();
  EXPECT_TRUE(set->refused().empty());
  store_.expect_found_by(*set->apply(store_.changes_since(*set)));
  store_.signals.push_back({0, 1, SignalKind::kPdq, bytes_of(store_.variants[0])});
  store_.next_id = 2;
  const auto generation = set->apply(store_.changes_since(*set));
  EXPECT_EQ(generation->search_pdq({store_.variants, 0}).size(), 1U);
  EXPECT_EQ(generation->size(SignalKind::kPdq), 1U);
  EXPECT_EQ(set->through(store_.lists[0].id), 1);
  store_.remove(1);
  EXPECT_TRUE(set->apply(store_.changes_since(*set))->search_pdq({store_.variants, 0}).empty());
  EXPECT_EQ(set->removed_through(), 1);
  EXPECT_EQ(generation->search_pdq({store_.variants, 0}).size(), 1U) << "generations do not change";
}

TEST_F(SignalSetTest, AgreesWithALinearScanInAnyOrderOfChangesMergesAndStarts) {
  auto set = open();
  for (int round = 0; round < 400; ++round) {
    switch (store_.random() % 8) {
      case 0:
        store_.turn_a_list();
        break;
      case 1:
        store_.remove(store_.random() % 30);
        break;
      case 2:
        ASSERT_TRUE(set->merge());
        break;
      case 3:
        if (store_.random() % 4 == 0) {
          set.reset();
          set = open();
        }
        break;
      case 4:
        store_.lists[store_.random() % 4].pdq_distance_max = static_cast<int>(store_.random() % 32);
        break;
      default:
        store_.add(store_.random() % 20);
    }
    store_.expect_found_by(*set->apply(store_.changes_since(*set)));
    if (store_.random() % 3 == 0) {
      ASSERT_TRUE(set->merge());
      store_.expect_found_by(*set->generation());
      EXPECT_EQ(set->stats().delta_signals, 0U);
      EXPECT_EQ(set->stats().removed, 0U);
    }
    ASSERT_FALSE(HasFailure()) << "round " << round;
  }
}

TEST_F(SignalSetTest, OfTwoProcessesAgreesInBoth) {
  std::array<std::unique_ptr<SignalSet>, 2> sets = {open(), open()};
  for (int round = 0; round < 400; ++round) {
    auto& set = sets[store_.random() % 2];
    switch (store_.random() % 6) {
      case 0:
        store_.turn_a_list();
        break;
      case 1:
        store_.remove(store_.random() % 30);
        break;
      case 2:
        ASSERT_TRUE(set->merge());
        break;
      case 3:
        if (store_.random() % 8 == 0) {
          set.reset();
          set = open();
        }
        break;
      default:
        store_.add(store_.random() % 20);
    }
    if (store_.random() % 2 == 0) {
      store_.expect_found_by(*set->apply(store_.changes_since(*set)));
    }
    ASSERT_FALSE(HasFailure()) << "round " << round;
  }
}

TEST_F(SignalSetTest, TakesTheFileOfAnotherProcess) {
  const auto first = open();
  const auto second = open();
  store_.add(300);
  first->apply(store_.changes_since(*first));
  second->apply(store_.changes_since(*second));
  ASSERT_TRUE(first->merge());
  EXPECT_EQ(first->stats().delta_signals, 0U);
  EXPECT_GT(second->stats().delta_signals, 0U);
  EXPECT_TRUE(second->merge_due());
  ASSERT_TRUE(second->merge());
  EXPECT_EQ(second->stats().delta_signals, 0U);
  EXPECT_EQ(second->stats().segment_written_ms, first->stats().segment_written_ms);
  EXPECT_FALSE(second->merge_due());
  store_.expect_found_by(*second->generation());
}

TEST_F(SignalSetTest, OpensWhatWasMergedWithoutTheStore) {
  store_.add(500);
  {
    const auto set = open();
    set->apply(store_.changes_since(*set));
    ASSERT_TRUE(set->merge());
  }
  const auto set = open();
  EXPECT_TRUE(set->generation()->lists().empty());
  EXPECT_EQ(set->through(store_.lists[0].id), 500);
  const SignalUpdate update = store_.changes_since(*set);
  EXPECT_TRUE(update.added.empty());
  store_.expect_found_by(*set->apply(update));
  EXPECT_GT(set->stats().segment_written_ms, 1'600'000'000'000);
}

TEST_F(SignalSetTest, RefusesADamagedFileAndWritesItAgain) {
  ASSERT_TRUE(write_plain(file_, as_bytes(std::string(10'000, 'x'))));
  const auto set = open();
  EXPECT_EQ(set->refused().substr(0, 13), "index.corrupt");
  EXPECT_EQ(set->through(store_.lists[0].id), 0);
  store_.add(100);
  set->apply(store_.changes_since(*set));
  EXPECT_TRUE(set->merge_due());
  ASSERT_TRUE(set->merge());
  EXPECT_TRUE(set->refused().empty());
  store_.expect_found_by(*set->generation());
  EXPECT_TRUE(open()->refused().empty());
}

TEST_F(SignalSetTest, WritesTheFileAnewUnlessAnotherOneDid) {
  const auto first = open();
  const auto second = open();
  int collected = 0;
  const auto collect = [&](SegmentBuilder& builder) {
    ++collected;
    const std::uint32_t list = builder.add_list({.id = store_.lists[0].id, .through_id = 7});
    builder.add_pdq(list, 7, {});
    return ok();
  };
  ASSERT_TRUE(first->rewrite(collect));
  EXPECT_EQ(collected, 1);
  EXPECT_EQ(open()->through(store_.lists[0].id), 7);
  EXPECT_EQ(first->through(store_.lists[0].id), 0) << "it is to be opened again";
  ASSERT_TRUE(second->rewrite(collect));
  EXPECT_EQ(collected, 1) << "the file is newer than what the second one looked at";
  const auto third = open();
  const Error failed{ErrorKind::kUnavailable, "test.failed", "no signals now"};
  EXPECT_EQ(third->rewrite([&](SegmentBuilder&) -> Status { return failed; }).error().code,
            failed.code);
  EXPECT_EQ(open()->through(store_.lists[0].id), 7);
}

TEST_F(SignalSetTest, WritesTheFileAnewAfterTheOneWhoWritesItNow) {
  const auto set = open();
  const int lock = ::open((file_.string() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_EQ(::flock(lock, LOCK_EX), 0);
  std::atomic<bool> collected = false;
  std::thread writer([&] {
    EXPECT_TRUE(set->rewrite([&](SegmentBuilder&) {
      collected = true;
      return ok();
    }));
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_FALSE(collected);
  ::close(lock);
  writer.join();
  EXPECT_TRUE(collected);
}

TEST_F(SignalSetTest, IsDueForAMergeWhenEnoughIsNewAndAnEighthOfTheFile) {
  const auto set = open(50);
  EXPECT_FALSE(set->merge_due());
  store_.active = {store_.lists[0].id, store_.lists[1].id, store_.lists[2].id, store_.lists[3].id};
  store_.add(49);
  set->apply(store_.changes_since(*set));
  EXPECT_FALSE(set->merge_due());
  store_.add(751);
  set->apply(store_.changes_since(*set));
  EXPECT_TRUE(set->merge_due());
  ASSERT_TRUE(set->merge());
  EXPECT_FALSE(set->merge_due());
  store_.add(60);
  set->apply(store_.changes_since(*set));
  store_.remove(39);
  set->apply(store_.changes_since(*set));
  EXPECT_FALSE(set->merge_due());
  store_.add(5);
  set->apply(store_.changes_since(*set));
  EXPECT_TRUE(set->merge_due());
}

TEST_F(SignalSetTest, TakesNothingOfAListThatAMergeLeftOutMeanwhile) {
  const auto set = open();
  store_.add(100);
  set->apply(store_.changes_since(*set));
  ASSERT_TRUE(set->merge());
  store_.active.erase(store_.lists[0].id);
  set->apply(store_.changes_since(*set));
  store_.active.insert(store_.lists[0].id);
  store_.add(10);
  const SignalUpdate late = store_.changes_since(*set);
  ASSERT_TRUE(set->merge());
  set->apply(late);
  EXPECT_EQ(set->through(store_.lists[0].id), 0);
  EXPECT_FALSE(set->has(late)) << "the caller is told to read it again";
  store_.expect_found_by(*set->apply(store_.changes_since(*set)));
  EXPECT_TRUE(set->has(late));
  EXPECT_EQ(set->through(store_.lists[0].id), 110);
}

TEST_F(SignalSetTest, DoesNotTakeBackWhatWasRemovedFromALateUpdate) {
  const auto set = open();
  store_.add(100);
  const SignalUpdate late = store_.changes_since(*set);
  store_.remove(50);
  store_.active.clear();
  set->apply(store_.changes_since(*set));
  ASSERT_TRUE(set->merge());
  EXPECT_EQ(set->stats().removed, 0U);
  set->apply(late);
  EXPECT_FALSE(set->has(late));
  store_.active = {store_.lists[0].id, store_.lists[1].id};
  store_.expect_found_by(*set->apply(store_.changes_since(*set)));
}

TEST_F(SignalSetTest, AnUpdateThatIsKnownChangesNothing) {
  const auto set = open();
  store_.add(100);
  const SignalUpdate update = store_.changes_since(*set);
  set->apply(update);
  const auto stats = set->stats();
  store_.expect_found_by(*set->apply(update));
  EXPECT_EQ(set->stats().delta_signals, stats.delta_signals);
  ASSERT_TRUE(set->merge());
  store_.expect_found_by(*set->apply(update));
  EXPECT_EQ(set->stats().delta_signals, 0U);
}

TEST_F(SignalSetTest, AnswersWhileItGrowsAndMerges) {
  const auto set = open();
  const Pdq256 wanted = store_.variants[0];
  std::atomic<bool> stop = false;
  std::atomic<std::int64_t> applied = 0;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      while (!stop) {
        const auto least = static_cast<std::size_t>(applied.load());
        const auto hits = set->generation()->search_pdq({{&wanted, 1}, 0});
        wrong += hits.size() >= least ? 0 : 1;
        for (std::size_t hit = 0; hit < hits.size(); ++hit) {
          wrong += hits[hit].signal_id == static_cast<std::int64_t>(hit) + 1 ? 0 : 1;
        }
      }
    });
  }
  threads.emplace_back([&] {
    while (!stop) {
      EXPECT_TRUE(set->merge());
    }
  });
  for (std::int64_t id = 1; id <= 300; ++id) {
    set->apply({.lists = {store_.lists[0]},
                .lists_through = {id},
                .lists_from = {id - 1},
                .added = {{0, id, SignalKind::kPdq, bytes_of(wanted)}},
                .removed = {},
                .removed_through = 0});
    applied = id;
  }
  stop = true;
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(set->generation()->search_pdq({{&wanted, 1}, 0}).size(), 300U);
}

TEST_F(SignalSetTest, OfManySignalsKeepsFewSegmentsAndFindsAll) {
  const auto set = open(1U << 30);
  std::vector<Pdq256> values;
  SignalUpdate update;
  update.lists = {store_.lists[0]};
  update.lists_through = {0};
  for (int batch = 0; batch < 10; ++batch) {
    update.added.clear();
    for (std::size_t i = 0; i < 70'000; ++i) {
      values.push_back(random_pdq(store_.random));
      update.added.push_back(
          {0, static_cast<std::int64_t>(values.size()), SignalKind::kPdq, bytes_of(values.back())});
    }
    update.lists_through[0] = static_cast<std::int64_t>(values.size());
    set->apply(update);
  }
  EXPECT_EQ(set->stats().delta_signals, values.size());
  EXPECT_EQ(set->generation()->size(SignalKind::kPdq), values.size());
  for (int i = 0; i < 1000; ++i) {
    const std::size_t at = store_.random() % values.size();
    const Pdq256 query = flipped(values[at], store_.random() % 32, store_.random);
    const auto hits = set->generation()->search_pdq({{&query, 1}, 0});
    ASSERT_EQ(hits.size(), 1U);
    EXPECT_EQ(hits[0].signal_id, static_cast<std::int64_t>(at) + 1);
  }
  ASSERT_TRUE(set->merge());
  EXPECT_EQ(set->stats().segment_signals, values.size());
  const auto hits = set->generation()->search_pdq({{&values[12'345], 1}, 0});
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits[0].signal_id, 12'346);
}

}  // namespace
}  // namespace tutela::match
