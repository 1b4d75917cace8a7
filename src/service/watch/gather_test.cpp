#include "service/watch/gather.hpp"

#include <array>
#include <future>
#include <map>
#include <random>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/file.hpp"
#include "service/watch/gather_rates.hpp"
#include "support/folder.hpp"
#include "support/pictures.hpp"
#include "support/pipelines.hpp"

namespace tutela::watch {
namespace {

using ledger::kDayMs;
using ledger::kHourMs;
using std::chrono::milliseconds;

constexpr UtcMs kNow = 1'800'000'000'000 - 1'800'000'000'000 % (7 * 24 * kHourMs);

const std::vector<std::string> kDoors = {"http"};

lists::List list_of(std::string name, lists::Purpose purpose, policy::Action action) {
  lists::List list;
  list.spec.name = std::move(name);
  list.spec.purpose = purpose;
  list.spec.action = action;
  list.spec.classification = "A1";
  return list;
}

policy::Policy policy_of(std::string_view toml) {
  auto policy = policy::Policy::parse(toml);
  EXPECT_TRUE(policy) << (policy ? "" : policy.error().message);
  return *std::move(policy);
}

TEST(PolicyProbe, TheSafeDefaultLetsNoMatchPass) {
  const std::vector<lists::List> active = {
      list_of("known", lists::Purpose::kKnownCsam, policy::Action::kHold)};
  EXPECT_FALSE(match_passes(policy::Policy::safe_default(), active, kDoors));
}

TEST(PolicyProbe, WhereOnlyATestListIsActiveARuleThatPassesItsMatchesIsFound) {
  const auto policy = policy_of(
      "version = 1\n[[rule]]\nname = \"open\"\nverdict = \"match\"\nstrength = \"near\"\n"
      "purpose = \"test\"\nbelow_list = true\naction = \"pass\"\n");
  std::vector<lists::List> active = {
      list_of("tried", lists::Purpose::kTest, policy::Action::kHold)};
  EXPECT_TRUE(match_passes(policy, active, kDoors));
  active.push_back(list_of("known", lists::Purpose::kKnownCsam, policy::Action::kHold));
  EXPECT_FALSE(match_passes(policy, active, kDoors)) << "a test list may pass beside others";
}

TEST(PolicyProbe, ListsThatPassByThemselvesAndCanariesAreNoFault) {
  const std::vector<lists::List> active = {
      list_of("mild", lists::Purpose::kTest, policy::Action::kPass),
      list_of("canary", lists::Purpose::kCanary, policy::Action::kHold)};
  const auto policy = policy_of(
      "version = 1\n[[rule]]\nname = \"open\"\nverdict = \"match\"\n"
      "purpose = \"canary\"\nbelow_list = true\naction = \"pass\"\n");
  EXPECT_FALSE(match_passes(policy, active, kDoors));
}

TEST(ClockLook, AWallClockThatKeepsPaceDoesNotDrift) {
  ClockLook look;
  for (std::int64_t at = 0; at < 60'000; at += 1000) {
    const auto seen = look.look(kNow + at, 5000 + at);
    EXPECT_EQ(seen.drift_ms, 0);
    EXPECT_FALSE(seen.stopped);
  }
}

TEST(ClockLook, AJumpIsSeenOnceWithItsDirection) {
  ClockLook look;
  look.look(kNow, 0);
  EXPECT_EQ(look.look(kNow + 61'000, 1000).drift_ms, 60'000);
  EXPECT_EQ(look.look(kNow + 62'000, 2000).drift_ms, 0);
  EXPECT_EQ(look.look(kNow - 3'600'000, 3000).drift_ms, -3'663'000);
}

TEST(ClockLook, AClockThatStandsStillIsStoppedUntilItMoves) {
  ClockLook look;
  look.look(kNow, 0);
  EXPECT_FALSE(look.look(kNow, 3000).stopped);
  EXPECT_TRUE(look.look(kNow, 4000).stopped);
  EXPECT_FALSE(look.look(kNow + 1, 5000).stopped);
}

TEST(ClockLook, TheClockOfThisMachineMoves) {
  ClockLook look;
  const SystemClock clock;
  look.look(clock);
  const auto seen = look.look(clock);
  EXPECT_LT(std::abs(seen.drift_ms), 5000);
  EXPECT_FALSE(seen.stopped);
}

TEST(RecentCount, CountsWhatGrewWithinFiveMinutesAlsoWhenTheCounterBeginsAnew) {
  RecentCount recent;
  EXPECT_EQ(recent.add(7, 0), 0U) << "what was before is not recent";
  EXPECT_EQ(recent.add(9, 1000), 2U);
  EXPECT_EQ(recent.add(3, 2000), 5U) << "another counter took its place";
  EXPECT_EQ(recent.add(3, 301'000), 5U);
  EXPECT_EQ(recent.add(3, 301'001), 3U);
  EXPECT_EQ(recent.add(3, 302'001), 0U);
}

TEST(Behind, TellsHowLongTheOldestChangeHasWaited) {
  Behind behind;
  EXPECT_EQ(behind.look(5, 5, 0), 0);
  EXPECT_EQ(behind.look(5, 6, 1000), 0);
  EXPECT_EQ(behind.look(5, 9, 11'000), 10'000);
  EXPECT_EQ(behind.look(6, 9, 12'000), 1000) << "6 is searched; 9 came at 11 s";
  EXPECT_EQ(behind.look(9, 9, 13'000), 0);
}

TEST(Behind, AnIndexThatMovesButNeverCatchesUpIsBehind) {
  Behind behind;
  std::int64_t worst = 0;
  for (std::int64_t second = 0; second < 120; ++second) {
    worst = behind.look(second, second + 60, second * 1000);
  }
  EXPECT_GE(worst, 59'000);
}

TEST(Disks, AreThoseOfTheFoldersEachOnceAndTheSpoolsOwnLimitCounts) {
  const testing::TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "spool");
  std::filesystem::create_directories(folder.path() / "vault");
  config::Config config;
  config.store.folder = folder.path();
  config.store.spool_bytes_max = 1000;
  const auto disks = look_at_disks(config, 900);
  ASSERT_EQ(disks.size(), 2U) << "the vault is on the disk of the store";
  EXPECT_EQ(disks[0].folder, "store");
  EXPECT_GT(disks[0].size_bytes, 1000U);
  EXPECT_EQ(disks[1].folder, "spool");
  EXPECT_EQ(disks[1].size_bytes, 1000U);
  EXPECT_EQ(disks[1].free_bytes, 100U);
  EXPECT_EQ(look_at_disks(config, 5000)[1].free_bytes, 0U);
}

/// A self-signed certificate that ends so many seconds after `now_ms`.
std::string certificate_until(std::int64_t seconds) {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, void (*)(X509*)> made(X509_new(), X509_free);
  X509_set_version(made.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
  ASN1_TIME_set(X509_getm_notBefore(made.get()), kNow / 1000 - 86'400);
  ASN1_TIME_set(X509_getm_notAfter(made.get()), kNow / 1000 + seconds);
  X509_set_pubkey(made.get(), key.get());
  EXPECT_GT(X509_sign(made.get(), key.get(), EVP_sha256()), 0);
  const std::unique_ptr<BIO, int (*)(BIO*)> out(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_X509(out.get(), made.get());
  char* text = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

TEST(Tls, FullDaysUntilTheCertificateEndsAreTold) {
  const testing::TemporaryFolder folder;
  const auto file = folder.path() / "tls.pem";
  for (const auto& [seconds, days] : std::vector<std::pair<std::int64_t, std::int64_t>>{
           {86'400 * 10 + 5, 10}, {86'399, 0}, {-1, -1}, {-86'400 * 3 - 1, -4}}) {
    ASSERT_TRUE(write_file_atomic(file, as_bytes(certificate_until(seconds))));
    const auto left = tls_days_left(file, kNow);
    ASSERT_TRUE(left && left->has_value());
    EXPECT_EQ(**left, days) << seconds;
  }
}

TEST(Tls, WithoutACertificateThereIsNothingToSayAndABadOneIsAnError) {
  const auto none = tls_days_left({}, kNow);
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->has_value());
  const testing::TemporaryFolder folder;
  ASSERT_TRUE(write_file_atomic(folder.path() / "bad.pem", as_bytes("no certificate")));
  EXPECT_EQ(tls_days_left(folder.path() / "bad.pem", kNow).error().code, "config.bad_tls");
  EXPECT_FALSE(tls_days_left(folder.path() / "absent.pem", kNow));
}

/// Six weeks of 100 items an hour.
HourCounts steady_items() {
  HourCounts items;
  for (std::int64_t hour = 0; hour < 42 * 24; ++hour) {
    items[kNow - hour * kHourMs] = 100;
  }
  return items;
}

TEST(Rates, MatchesAsUsualAreExpectedAsTheyAre) {
  const HourCounts items = steady_items();
  HourCounts matches;
  for (const auto& [hour_ms, count] : items) {
    matches[hour_ms] = 5;
  }
  const auto rate = rate_of(items, matches, 0, kNow + 1);
  EXPECT_EQ(rate.items, 200) << "this hour and the one before";
  EXPECT_EQ(rate.matches, 10);
  EXPECT_NEAR(rate.expected, 10, 0.5);
  EXPECT_EQ(rate.zero_hours, 0);
  EXPECT_EQ(judge(rate, {}), alarms::RateVerdict::kWithin);
}

TEST(Rates, AListThatStoppedMatchingIsCountedBackToItsLastMatch) {
  const HourCounts items = steady_items();
  HourCounts matches;
  for (const auto& [hour_ms, count] : items) {
    if (hour_ms < kNow - 29 * kHourMs) {
      matches[hour_ms] = 1;
    }
  }
  const auto rate = rate_of(items, matches, 0, kNow + 1);
  EXPECT_EQ(rate.zero_hours, 30);
  EXPECT_GT(rate.expected_in_zero_hours, 20);
  EXPECT_EQ(judge(rate, {}), alarms::RateVerdict::kZero);
}

TEST(Rates, NothingIsExpectedWhereNothingArrivesOrLittleIsKnown) {
  HourCounts items = steady_items();
  HourCounts matches;
  for (const auto& [hour_ms, count] : items) {
    matches[hour_ms] = 1;
  }
  for (std::int64_t hour = 0; hour < 48; ++hour) {  // nobody uploads for two days
    items.erase(kNow - hour * kHourMs);
    matches.erase(kNow - hour * kHourMs);
  }
  const auto quiet = rate_of(items, matches, 0, kNow + 1);
  EXPECT_EQ(quiet.zero_hours, 48);
  EXPECT_DOUBLE_EQ(quiet.expected_in_zero_hours, 0);
  EXPECT_EQ(judge(quiet, {}), alarms::RateVerdict::kWithin);
  // A list that is an hour old has no past, though items have.
  const auto young = rate_of(steady_items(), {{kNow, 1}}, kNow, kNow + 1);
  EXPECT_EQ(judge(young, {}), alarms::RateVerdict::kUnknown);
  EXPECT_EQ(judge(rate_of({}, {}, 0, kNow), {}), alarms::RateVerdict::kUnknown);
}

ledger::CoverageRow cell(UtcMs hour_ms,
                         std::string type,
                         policy::Verdict verdict,
                         std::int64_t items) {
  ledger::CoverageRow row;
  row.hour_ms = hour_ms;
  row.door = "http";
  row.media_type = std::move(type);
  row.verdict = verdict;
  row.items = items;
  return row;
}

TEST(Unscannable, SharesAreOfTheTypeAndOfTheDoorWhereNoTypeIsKnown) {
  using enum policy::Verdict;
  const UtcMs before = kNow - 5 * kHourMs;
  const std::vector<ledger::CoverageRow> cells = {cell(before, "image/png", kNoMatch, 90),
                                                  cell(before, "image/png", kUnscannable, 10),
                                                  cell(before, "", kUnscannable, 100),
                                                  cell(kNow, "image/png", kNoMatch, 30),
                                                  cell(kNow, "image/png", kUnscannable, 20),
                                                  cell(kNow, "", kUnscannable, 5),
                                                  cell(kNow, "", kOwed, 1000)};
  const auto found = unscannable_of(cells, kNow + 1);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].object, "http/image/png");
  EXPECT_EQ(found[0].items, 50);
  EXPECT_EQ(found[0].unscannable, 20);
  EXPECT_DOUBLE_EQ(found[0].usual, 0.1);
  EXPECT_EQ(found[1].object, "http/unknown");
  EXPECT_EQ(found[1].items, 55);
  EXPECT_EQ(found[1].unscannable, 5);
  EXPECT_DOUBLE_EQ(found[1].usual, 0.5);
}

TEST(Asked, WhoNeedsTheAnswerNeverWaitsForOneThatHangs) {
  std::promise<void> release;
  auto released = release.get_future().share();
  std::atomic<int> asked{0};
  Asked<int> question(milliseconds(1), [&]() -> Result<int> {
    if (++asked == 3) {
      released.wait();
    }
    return asked.load();
  });
  while (asked < 3) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  std::this_thread::sleep_for(milliseconds(50));
  const auto answer = question.latest();
  ASSERT_TRUE(answer.value);
  EXPECT_EQ(*answer.value, 2) << "the last good one stays";
  EXPECT_GE(answer.open, milliseconds(40)) << "its silence is told";
  release.set_value();
}

TEST(Asked, AnErrorIsToldAndTheLastGoodAnswerStays) {
  std::atomic<bool> fails{false};
  Asked<int> question(milliseconds(1), [&]() -> Result<int> {
    if (fails) {
      return Error{ErrorKind::kUnavailable, "store.unavailable", "gone"};
    }
    return 7;
  });
  question.wait_for_first(std::chrono::seconds(10));
  EXPECT_EQ(question.latest().failure, "");
  fails = true;
  question.wake();
  while (question.latest().failure.empty()) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  EXPECT_EQ(question.latest().failure, "store.unavailable");
  EXPECT_EQ(*question.latest().value, 7);
}

class StoreLook : public ::testing::Test {
 protected:
  StoreLook() : config_(testing::pipeline_config(folder_.path())) {
    auto opened = pipeline::Pipeline::open(config_, clock_);
    EXPECT_TRUE(opened);
    pipeline_ = *std::move(opened);
  }

  StoreSeen look() {
    auto seen = look_into_store({*pipeline_, clock_}, config_);
    EXPECT_TRUE(seen) << (seen ? "" : seen.error().message);
    return *std::move(seen);
  }

  testing::TemporaryFolder folder_;
  ManualClock clock_{kNow};
  config::Config config_;
  std::unique_ptr<pipeline::Pipeline> pipeline_;
};

TEST_F(StoreLook, AListThatShrankIsSeenForADay) {
  const std::string ten =
      "00000000000000000000000000000001\n00000000000000000000000000000002\n"
      "00000000000000000000000000000003\n00000000000000000000000000000004\n";
  const Uuid id = testing::add_active_list(*pipeline_, "four", ten);
  EXPECT_EQ(look().signals_most.at(id), 4);
  clock_.advance(60 * kHourMs);
  ASSERT_TRUE(pipeline_->lists().remove_signals(
      testing::tester(),
      id,
      {"00000000000000000000000000000001", "00000000000000000000000000000002"}));
  const StoreSeen seen = look();
  ASSERT_EQ(seen.lists.size(), 1U);
  EXPECT_EQ(seen.lists[0].signal_count, 2);
  EXPECT_EQ(seen.signals_most.at(id), 4) << "what was in force when the day began";
  clock_.advance(kDayMs + 1);
  EXPECT_EQ(look().signals_most.at(id), 2);
}

TEST_F(StoreLook, WhatIsOwedAndWhatArrivedIsSeen) {
  testing::add_active_list(*pipeline_, "one", "00000000000000000000000000000001\n");
  auto intake = pipeline_->receive({testing::tester(), "http", "post", {}, {}, {}});
  ASSERT_TRUE(intake);
  ASSERT_TRUE(intake->append(as_bytes("not a picture")));
  ASSERT_TRUE(intake->finish());
  StoreSeen seen = look();
  EXPECT_EQ(seen.owed.items, 1);
  ASSERT_EQ(seen.doors.size(), 1U);
  EXPECT_EQ(seen.doors[0].items, 1);
  EXPECT_FALSE(seen.last_verdict_ms);
  ASSERT_TRUE(pipeline_->scan(*std::move(intake)));
  seen = look();
  EXPECT_EQ(seen.owed.items, 0);
  EXPECT_EQ(seen.last_verdict_ms, kNow);
  const auto rates = look_at_rates({*pipeline_, clock_}, kNow);
  ASSERT_TRUE(rates);
  Totals totals = rates->totals;
  for (const ledger::CoverageRow& one : seen.hours) {
    add_to(totals, one);
  }
  EXPECT_EQ(totals, (Totals{{{"http", "arrived"}, 1}, {{"http", "unscannable"}, 1}}));
}

/// What is shown of lists and of what is owed, against its definition by the rows themselves.
class ShownNumbers : public StoreLook, public ::testing::WithParamInterface<std::uint64_t> {
 protected:
  std::int64_t below(std::int64_t end) {
    return std::uniform_int_distribution<std::int64_t>(0, end - 1)(random_);
  }

  void arrive() {
    auto intake = pipeline_->receive({testing::tester(), "http", "post", {}, {}, {}});
    ASSERT_TRUE(intake);
    const auto picture = static_cast<std::uint32_t>(below(40));
    ASSERT_TRUE(intake->append(below(5) == 0 ? as_bytes("no picture")
                                             : ByteView(testing::picture_bmp(picture, 64, 64))));
    ASSERT_TRUE(intake->finish());
    if (below(4) != 0) {
      ASSERT_TRUE(pipeline_->scan(*std::move(intake)));
    }
  }

  void change(const Uuid& list) {
    const Bytes picture = testing::picture_bmp(static_cast<std::uint32_t>(below(40)), 64, 64);
    const std::string value = to_hex(crypto::digests_of(picture).md5);
    lists::ImportReport report;
    if (below(3) == 0) {
      const auto removed = pipeline_->lists().remove_signals(testing::tester(), list, {value});
      ASSERT_TRUE(removed || removed.error().kind == ErrorKind::kNotFound);
    } else {
      ASSERT_TRUE(pipeline_->lists().import_signals(testing::tester(), list, value, {}, report));
    }
    ASSERT_TRUE(pipeline_->refresh_generation());
  }

  std::int64_t number(const std::string& sql) {
    return std::stoll("0" + testing::text_of(*pipeline_, sql));
  }

  void expect_numbers(const std::vector<Uuid>& lists) {
    const auto rates = look_at_rates({*pipeline_, clock_}, kNow);
    ASSERT_TRUE(rates);
    for (const Uuid& list : lists) {
      EXPECT_EQ(rates->not_rescanned.at(list),
                number("SELECT COUNT(*) FROM content WHERE canary = 0 AND verdict <> 'owed' AND "
                       "lists_position < (SELECT COALESCE(MAX(c.id), 0) FROM list_change c WHERE "
                       "c.list_id = '" +
                       to_string(list) +
                       "' AND c.kind IN ('added', 'removed', 'activated') AND NOT EXISTS (SELECT 1 "
                       "FROM rescan r WHERE r.list_id = c.list_id AND r.state = 'done' AND r.cause "
                       "= CASE WHEN c.kind = 'removed' THEN 'list_withdrawn' ELSE 'list_grew' END "
                       "AND r.after_change < c.id AND c.id <= r.through_change))"));
    }
    const StoreSeen seen = look();
    const std::int64_t owed = number("SELECT COUNT(*) FROM content WHERE verdict = 'owed'");
    const std::int64_t oldest =
        number("SELECT COALESCE(MIN(received_ms), 0) FROM content WHERE verdict = 'owed'");
    EXPECT_EQ(seen.owed.items, owed);
    EXPECT_EQ(seen.owed.oldest_ms, oldest);
    EXPECT_EQ(seen.backlog.owed, owed);
    EXPECT_EQ(seen.backlog.oldest_ms, oldest);
    std::map<std::string, std::int64_t> reasons;
    const auto hours = ledger::Coverage(pipeline_->database()).hours("default", 0, kNow * 2);
    ASSERT_TRUE(hours);
    for (const auto& cell : hours->rows) {
      if (cell.verdict == policy::Verdict::kUnscannable) {
        reasons[cell.reason] += cell.items;
      }
    }
    std::int64_t unscannable = 0;
    for (const auto& [reason, items] : reasons) {
      EXPECT_EQ(items,
                number("SELECT COUNT(*) FROM content WHERE verdict = 'unscannable' AND reason = '" +
                       reason + "'"))
          << reason;
      unscannable += items;
    }
    EXPECT_EQ(unscannable, number("SELECT COUNT(*) FROM content WHERE verdict = 'unscannable'"));
  }

  std::mt19937_64 random_{GetParam()};
};

TEST_P(ShownNumbers, AreThoseOfTheRowsAfterAnyHistory) {
  const std::vector<Uuid> lists = {
      testing::add_active_list(*pipeline_, "one", std::string(64, '5')),
      testing::add_active_list(*pipeline_, "two", std::string(64, '6'))};
  for (int step = 0; step < 80; ++step) {
    clock_.advance(below(kHourMs));
    const std::int64_t what = below(10);
    if (what < 4) {
      arrive();
    } else if (what < 6) {
      change(lists[static_cast<std::size_t>(below(2))]);
    } else if (what < 7) {
      ASSERT_TRUE(pipeline_->finish_owed(testing::never));
    } else if (what < 9) {
      // Not to its end: rescans are planned, and some have ended.
      std::int64_t asked = below(6);
      ASSERT_TRUE(pipeline_->catch_up([&] { return asked-- <= 0; }));
    } else {
      ASSERT_TRUE(pipeline_->catch_up(testing::never));
    }
    expect_numbers(lists);
    ASSERT_FALSE(HasFailure()) << "seed " << GetParam() << ", step " << step;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ShownNumbers, ::testing::Values(1U, 2U, 3U));

}  // namespace
}  // namespace tutela::watch
