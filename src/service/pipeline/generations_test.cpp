// The generation that is searched follows the lists while they change, merge and are loaded anew.
#include <algorithm>
#include <array>
#include <atomic>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/mutex.hpp"
#include "support/folder.hpp"
#include "support/pipelines.hpp"

namespace tutela::pipeline {
namespace {

using match::SignalKind;
using testing::tester;

constexpr std::size_t kLists = 3;  // the first stays active
constexpr std::size_t kSlots = 3000;

/// A signal that comes and goes. Every third is an MD5.
struct Slot {
  std::size_t list = 0;
  SignalKind kind = SignalKind::kPdq;
  Bytes value;
};

std::vector<Slot> random_slots() {
  std::mt19937_64 random(7);
  std::vector<Slot> slots(kSlots);
  for (std::size_t i = 0; i < kSlots; ++i) {
    slots[i].list = i % kLists;
    slots[i].kind = i / kLists % 3 == 0 ? SignalKind::kMd5 : SignalKind::kPdq;
    slots[i].value.resize(lists::size_bytes_of(slots[i].kind));
    std::ranges::generate(slots[i].value, [&] { return static_cast<std::byte>(random()); });
  }
  return slots;
}

/// What the lists hold, as far as a caller was told. A part that is being changed says nothing.
class Model {
 public:
  struct Part {
    bool there = false;
    bool changing = false;
    std::uint64_t changes = 0;

    friend bool operator==(const Part&, const Part&) = default;
  };

  struct State {
    std::vector<Part> slots = std::vector<Part>(kSlots);
    std::array<Part, kLists> active{};
  };

  State now() {
    const MutexLock lock(mutex_);
    return state_;
  }

  void begin(const std::vector<std::size_t>& slots) {
    const MutexLock lock(mutex_);
    for (const std::size_t slot : slots) {
      state_.slots[slot].changing = true;
      ++state_.slots[slot].changes;
    }
  }

  void end(const std::vector<std::size_t>& slots, bool there) {
    const MutexLock lock(mutex_);
    for (const std::size_t slot : slots) {
      state_.slots[slot].changing = false;
      state_.slots[slot].there = there;
    }
  }

  void begin_list(std::size_t list) {
    const MutexLock lock(mutex_);
    state_.active[list].changing = true;
    ++state_.active[list].changes;
  }

  void end_list(std::size_t list, bool active) {
    const MutexLock lock(mutex_);
    state_.active[list].changing = false;
    state_.active[list].there = active;
  }

 private:
  Mutex mutex_;
  State state_ TUTELA_GUARDED_BY(mutex_);
};

bool finds(const match::Generation& generation, const Slot& slot, const Uuid& list) {
  std::vector<match::Hit> hits;
  if (slot.kind == SignalKind::kPdq) {
    std::array<std::byte, 32> bytes{};
    std::ranges::copy(slot.value, bytes.begin());
    const fingerprint::Pdq256 value = fingerprint::pdq_from_bytes(bytes);
    hits = generation.search_pdq({{&value, 1}, 0});
  } else {
    hits = generation.search_digest(slot.kind, slot.value);
  }
  return std::ranges::any_of(
      hits, [&](const match::Hit& hit) { return generation.lists()[hit.list].id == list; });
}

class GenerationsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    first_ = opened();
    second_ = opened();
    ASSERT_TRUE(first_ && second_);
    for (std::size_t list = 0; list < kLists; ++list) {
      lists_[list] = testing::add_active_list(
          *first_, "list" + std::to_string(list), std::string(63, '0') + std::to_string(list));
      model_.end_list(list, true);
    }
  }

  std::unique_ptr<Pipeline> opened() {
    config::Config config = testing::pipeline_config(folder_.path());
    config.workers.processes_max = 1;
    // Merges all the time, and now and then a list is too much to follow.
    config.index = {.merge_signals_min = 200, .new_signals_max = 300};
    auto opened = Pipeline::open(config, clock_);
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
    return opened ? *std::move(opened) : nullptr;
  }

  void import(const std::vector<std::size_t>& slots) {
    std::array<std::string, kLists> texts;
    for (const std::size_t i : slots) {
      texts[slots_[i].list] += to_hex(slots_[i].value) + "\n";
    }
    model_.begin(slots);
    for (std::size_t list = 0; list < kLists; ++list) {
      lists::ImportReport report;
      ASSERT_TRUE(texts[list].empty() ||
                  first_->lists().import_signals(tester(), lists_[list], texts[list], {}, report));
    }
    model_.end(slots, true);
  }

  void remove(const std::vector<std::size_t>& slots) {
    std::array<std::vector<std::string>, kLists> values;
    for (const std::size_t i : slots) {
      values[slots_[i].list].push_back(to_hex(slots_[i].value));
    }
    model_.begin(slots);
    for (std::size_t list = 0; list < kLists; ++list) {
      ASSERT_TRUE(values[list].empty() ||
                  first_->lists().remove_signals(tester(), lists_[list], values[list]));
    }
    model_.end(slots, false);
  }

  void toggle(std::size_t list, bool active) {
    lists::Lists& lists = first_->lists();
    model_.begin_list(list);
    if (active) {
      const auto now = lists.get(tester(), to_string(lists_[list]));
      ASSERT_TRUE(now);
      ASSERT_TRUE(lists.record_dry_run(
          tester(), lists_[list], {.list_version = now->version, .sample_size = 1}));
      ASSERT_TRUE(lists.activate(tester(), lists_[list]));
    } else {
      ASSERT_TRUE(lists.deactivate(tester(), lists_[list]));
    }
    model_.end_list(list, active);
  }

  /// Imports, removes and toggles, a batch at a time.
  void change_lists(int rounds) {
    std::mt19937_64 random(11);
    for (int round = 0; round < rounds && !HasFatalFailure(); ++round) {
      if (round % 5 == 4) {
        const std::size_t list = 1 + random() % (kLists - 1);
        const bool active = model_.now().active[list].there;
        toggle(list, !active);
        if (active && random() % 2 == 0) {
          toggle(list, true);  // a merge may leave it out meanwhile
        }
        continue;
      }
      // Every slot of a stretch that is not there, or every one that is.
      const std::size_t length = std::size_t{1} << random() % 11;
      const std::size_t begin = random() % kSlots;
      const Model::State now = model_.now();
      const bool there = round % 2 == 1;
      std::vector<std::size_t> chosen;
      for (std::size_t i = begin; i < std::min(begin + length, kSlots); ++i) {
        if (now.slots[i].there == there) {
          chosen.push_back(i);
        }
      }
      there ? remove(chosen) : import(chosen);
    }
  }

  /// Refreshes, then expects what was there before and still is, and nothing that was gone.
  void check(Pipeline& pipeline, std::size_t step) {
    const Model::State before = model_.now();
    const Status refreshed = pipeline.refresh_generation();
    if (!refreshed) {
      // Five merges in a row came between: it says so, and the next one follows.
      ASSERT_EQ(refreshed.error().code, "index.behind") << refreshed.error().message;
      ++behind_;
      return;
    }
    const auto generation = pipeline.generation();
    std::vector<std::size_t> found;
    std::vector<std::size_t> not_found;
    for (std::size_t i = step % 7; i < kSlots; i += 7) {
      (finds(*generation, slots_[i], lists_[slots_[i].list]) ? found : not_found).push_back(i);
    }
    const Model::State after = model_.now();
    const auto expect = [&](const std::vector<std::size_t>& slots, bool is_found) {
      for (const std::size_t i : slots) {
        const std::size_t list = slots_[i].list;
        if (before.slots[i].changing || before.active[list].changing ||
            before.slots[i] != after.slots[i] || before.active[list] != after.active[list]) {
          continue;
        }
        ++checked_;
        ASSERT_EQ(before.slots[i].there && before.active[list].there, is_found)
            << "slot " << i << " of list " << list;
      }
    };
    expect(found, true);
    expect(not_found, false);
  }

  testing::TemporaryFolder folder_;
  SystemClock clock_;
  std::unique_ptr<Pipeline> first_;
  std::unique_ptr<Pipeline> second_;
  const std::vector<Slot> slots_ = random_slots();
  std::array<Uuid, kLists> lists_{};
  Model model_;
  std::atomic<std::uint64_t> checked_{0};
  std::atomic<std::uint64_t> behind_{0};
};

TEST_F(GenerationsTest, ARefreshFollowsEveryChangeThatReturnedBeforeIt) {
  std::atomic<bool> done = false;
  std::atomic<std::uint64_t> merges = 0;
  std::vector<std::thread> threads;
  for (Pipeline* const pipeline : {first_.get(), first_.get(), first_.get(), second_.get()}) {
    threads.emplace_back([&, pipeline] {
      for (std::size_t step = 0; !done && !HasFatalFailure(); ++step) {
        check(*pipeline, step);
      }
    });
  }
  for (Pipeline* const pipeline : {first_.get(), second_.get()}) {
    threads.emplace_back([&, pipeline] {
      std::int64_t last = 0;
      while (!done) {
        const Status merged = pipeline->merge_indexes();
        EXPECT_TRUE(merged) << (merged ? "" : merged.error().message);
        const std::int64_t written = pipeline->index_stats().signals.segment_written_ms;
        merges += written != last ? 1U : 0U;
        last = written;
      }
    });
  }
  // A fast machine changes lists faster than it merges.
  for (int rounds = 0; rounds < 20 && (rounds == 0 || merges < 5 || checked_ < 10'001); ++rounds) {
    change_lists(300);
  }
  done = true;
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_GT(merges, 4U);
  EXPECT_GT(checked_, 10'000U);
  for (std::size_t step = 0; step < 7; ++step) {
    check(*first_, step);
    check(*second_, step);
  }
  EXPECT_EQ(first_->index_stats().position, second_->index_stats().position);
  std::printf("%llu checks, %llu files taken, %llu times behind\n",
              static_cast<unsigned long long>(checked_),
              static_cast<unsigned long long>(merges),
              static_cast<unsigned long long>(behind_));
  // What is in the files is what the lists hold.
  first_.reset();
  second_ = opened();
  for (std::size_t step = 0; step < 7; ++step) {
    check(*second_, step);
  }
}

}  // namespace
}  // namespace tutela::pipeline
