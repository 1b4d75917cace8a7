// Random histories: after any of them the counts are those of the rows, and of the rows that went.
#include <array>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "support/folder.hpp"
#include "watch/ledger/coverage.hpp"
#include "watch/ledger/ledger.hpp"
#include "watch/ledger/test_rows.hpp"

namespace tutela::ledger {
namespace {

using policy::Verdict;

constexpr std::int64_t kHoursKeptDays = 2;

struct Sum {
  std::int64_t items = 0;
  std::int64_t size_bytes = 0;
  std::int64_t took_ms = 0;
  std::int64_t let_through = 0;

  friend bool operator==(const Sum&, const Sum&) = default;

  friend std::ostream& operator<<(std::ostream& out, const Sum& sum) {
    return out << sum.items << "/" << sum.size_bytes << "/" << sum.took_ms << "/"
               << sum.let_through;
  }
};

using Sums = std::map<std::string, Sum>;

class HistoryTest : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  HistoryTest() : clock_(testing::time_after_all_ids()), random_(GetParam()) {
    database_ = *store::Database::open({folder_.path() / "t.db"});
    ledger_ = std::make_unique<Ledger>(*database_, clock_, "instance-a");
    for (int i = 0; i < 3; ++i) {
      lists_.push_back(new_uuid(1));
      EXPECT_TRUE(database_->write([&](store::Transaction& transaction) {
        return testing::add_list(transaction, lists_.back());
      }));
    }
  }

  std::int64_t below(std::int64_t end) {
    return std::uniform_int_distribution<std::int64_t>(0, end - 1)(random_);
  }

  void arrive() {
    Arrival made;
    made.id = new_uuid(clock_.now_ms());
    made.door = below(2) == 0 ? "http" : "cli";
    made.size_bytes = static_cast<std::uint64_t>(below(1000));
    made.received_ms = clock_.now_ms();
    if (below(3) == 0) {
      made.idempotency_key = to_string(made.id);
      made.account = "account";
    }
    const bool canary = below(4) == 0;
    ASSERT_TRUE(ledger_->add_owed(
        actor_, made, [&](store::Transaction&) -> Result<bool> { return canary; }));
    ids_.push_back(made.id);
  }

  Outcome outcome(bool canary) {
    Outcome made;
    constexpr std::array kVerdicts = {Verdict::kMatch, Verdict::kNoMatch, Verdict::kUnscannable};
    made.verdict = kVerdicts[static_cast<std::size_t>(below(3))];
    made.lists_position = below(5);
    made.reason = below(2) == 0 ? "" : "a-reason";
    made.canary = canary;
    made.keep_bytes = made.verdict == Verdict::kMatch || below(8) == 0;
    if (made.verdict != Verdict::kUnscannable) {
      made.inspection = inspect::Inspection{};
      made.inspection->report.type = static_cast<media::MediaType>(1 + below(3));
      made.inspection->frames.emplace_back();
    }
    for (std::int64_t i = made.verdict == Verdict::kMatch ? 1 + below(3) : 0; i > 0; --i) {
      made.matches.emplace_back();
      made.matches.back().id = new_uuid(clock_.now_ms());
      made.matches.back().list_id = lists_[static_cast<std::size_t>(below(3))];
    }
    return made;
  }

  void judge() {
    if (ids_.empty()) {
      return;
    }
    const auto index = static_cast<std::size_t>(below(static_cast<std::int64_t>(ids_.size())));
    const auto before = ledger_->get(actor_, ids_[index]);
    if (!before) {
      ASSERT_EQ(before.error().code, "content.not_found");
      ids_.erase(ids_.begin() + static_cast<std::ptrdiff_t>(index));
      return;
    }
    const bool canary = before->canary && below(4) != 0;
    if (before->outcome.verdict == Verdict::kOwed && below(5) == 0) {
      ASSERT_TRUE(ledger_->let_through(actor_, ids_[index]));
    } else if (before->outcome.verdict == Verdict::kOwed) {
      const Status decided = ledger_->decide(actor_, ids_[index], outcome(canary));
      ASSERT_TRUE(decided) << decided.error().message;
    } else if (!before->canary) {
      ASSERT_TRUE(ledger_->redecide(*before, outcome(false), "list_grew"));
    }
  }

  void compact_now() {
    const Sums arrived = of_rows(kArrived);
    const Sums judged = of_rows(kJudged);
    const Sums matched = of_rows(kMatched);
    const auto done =
        compact(*database_, {3, 60, kHoursKeptDays}, clock_.now_ms(), [] { return false; });
    ASSERT_TRUE(done) << done.error().message;
    removed_ += done->items;
    canaries_removed_ += done->canaries;
    merged_ += done->hours;
    add_difference(gone_arrived_, arrived, of_rows(kArrived));
    add_difference(gone_judged_, judged, of_rows(kJudged));
    add_difference(gone_matched_, matched, of_rows(kMatched));
    merged_until_ms_ = clock_.now_ms() - clock_.now_ms() % kDayMs - kHoursKeptDays * kDayMs;
  }

  static void add_difference(Sums& to, const Sums& before, const Sums& after) {
    for (const auto& [key, sum] : before) {
      const auto found = after.find(key);
      const Sum left = found == after.end() ? Sum{} : found->second;
      Sum& gone = to[key];
      gone.items += sum.items - left.items;
      gone.size_bytes += sum.size_bytes - left.size_bytes;
      gone.took_ms += sum.took_ms - left.took_ms;
      gone.let_through += sum.let_through - left.let_through;
    }
  }

  /// Keys with their hour, or the day where hours may have become one.
  Sums read(const std::string& sql) {
    Sums found;
    EXPECT_TRUE(database_->read([&](store::Transaction& transaction) {
      return transaction.query(sql, {}, [&](const store::Row& row) {
        Sum& sum = found[row.text(0) + " " + row.text(1)];
        sum.items += row.integer(2);
        sum.size_bytes += row.integer(3);
        sum.took_ms += row.integer(4);
        sum.let_through += row.integer(5);
        return ok();
      });
    }));
    return found;
  }

  Sums of_rows(const std::string& select) { return read(select); }

  /// As the counts have it: per hour, or per day before `merged_until_ms_`.
  Sums rounded(const Sums& sums) const {
    Sums found;
    for (const auto& [key, sum] : sums) {
      const std::size_t blank = key.find(' ');
      const UtcMs hour_ms = std::stoll(key.substr(0, blank));
      const UtcMs at_ms = hour_ms < merged_until_ms_ ? hour_ms - hour_ms % kDayMs : hour_ms;
      Sum& to = found[std::to_string(at_ms) + key.substr(blank)];
      to.items += sum.items;
      to.size_bytes += sum.size_bytes;
      to.took_ms += sum.took_ms;
      to.let_through += sum.let_through;
    }
    std::erase_if(found, [](const auto& entry) { return entry.second.items == 0; });
    return found;
  }

  static Sums together(Sums left, const Sums& right) {
    for (const auto& [key, sum] : right) {
      left[key].items += sum.items;
      left[key].size_bytes += sum.size_bytes;
      left[key].took_ms += sum.took_ms;
      left[key].let_through += sum.let_through;
    }
    return left;
  }

  void expect_counts_are_those_of_the_rows() {
    const std::string of_hours =
        "SELECT hour_ms, door || ' ' || media_type || ' ' || verdict || ' ' || reason, items, "
        "size_bytes, took_ms, let_through FROM coverage_hour WHERE verdict ";
    EXPECT_EQ(rounded(read(of_hours + "= 'arrived'")),
              rounded(together(of_rows(kArrived), gone_arrived_)));
    EXPECT_EQ(rounded(read(of_hours + "<> 'arrived'")),
              rounded(together(of_rows(kJudged), gone_judged_)));
    EXPECT_EQ(rounded(read("SELECT hour_ms, list_id || ' ' || door || ' ' || media_type, items, 0, "
                           "0, 0 FROM match_hour")),
              rounded(together(of_rows(kMatched), gone_matched_)));
    EXPECT_EQ(read("SELECT lists_position, '', items, 0, 0, 0 FROM judged_at WHERE items > 0"),
              read("SELECT lists_position, '', COUNT(*), 0, 0, 0 FROM content WHERE canary = 0 "
                   "AND verdict <> 'owed' GROUP BY lists_position"));
    Coverage coverage(*database_);
    const Owed owed = *coverage.owed("default");
    EXPECT_EQ(read("SELECT 0, '', COUNT(*), 0, 0, 0 FROM content WHERE verdict = 'owed' AND "
                   "canary = 0")
                  .at("0 ")
                  .items,
              owed.items);
  }

  inline static const std::string kArrived =
      "SELECT received_ms - received_ms % 3600000, door || '  arrived ', COUNT(*), "
      "SUM(size_bytes), 0, SUM(let_through) FROM content WHERE canary = 0 GROUP BY 1, 2";
  inline static const std::string kJudged =
      "SELECT c.received_ms - c.received_ms % 3600000, c.door || ' ' || "
      "COALESCE(c.media_type, '') || ' ' || c.verdict || ' ' || c.reason, COUNT(*), "
      "SUM(c.size_bytes), SUM(l.at_ms - c.received_ms), 0 FROM content c "
      "JOIN ledger l ON l.content_id = c.id AND l.event = 'verdict' "
      "WHERE c.canary = 0 AND c.verdict <> 'owed' GROUP BY 1, 2";
  inline static const std::string kMatched =
      "SELECT c.received_ms - c.received_ms % 3600000, m.list_id || ' ' || c.door || ' ' || "
      "COALESCE(c.media_type, ''), COUNT(DISTINCT c.id), 0, 0, 0 FROM content c "
      "JOIN content_match m ON m.content_id = c.id WHERE c.canary = 0 GROUP BY 1, 2";

  testing::TemporaryFolder folder_;
  ManualClock clock_;
  std::mt19937_64 random_;
  const store::Actor actor_{"default", "token:a"};
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<Ledger> ledger_;
  std::vector<Uuid> lists_;
  std::vector<Uuid> ids_;
  Sums gone_arrived_;
  Sums gone_judged_;
  Sums gone_matched_;
  UtcMs merged_until_ms_ = 0;
  std::int64_t removed_ = 0;
  std::int64_t canaries_removed_ = 0;
  std::int64_t merged_ = 0;
};

TEST_P(HistoryTest, CountsAreThoseOfTheRowsAndOfThoseThatWent) {
  for (int step = 0; step < 500; ++step) {
    const std::int64_t what = below(100);
    if (what < 45) {
      arrive();
    } else if (what < 85) {
      judge();
    } else if (what < 97) {
      clock_.advance(below(3 * kHourMs));
    } else {
      compact_now();
      expect_counts_are_those_of_the_rows();
    }
    ASSERT_FALSE(HasFailure()) << "seed " << GetParam() << ", step " << step;
  }
  clock_.advance(kDayMs);
  compact_now();
  expect_counts_are_those_of_the_rows();
  EXPECT_GT(removed_, 0);
  EXPECT_GT(canaries_removed_, 0);
  EXPECT_GT(merged_, 0);
}

INSTANTIATE_TEST_SUITE_P(Seeds, HistoryTest, ::testing::Values(1U, 2U, 3U));

}  // namespace
}  // namespace tutela::ledger
