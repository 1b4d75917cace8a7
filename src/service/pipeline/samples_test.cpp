// Sampling audits: what is chosen, what is found, and when the bytes go.
#include "service/pipeline/samples.hpp"

#include <gtest/gtest.h>

#include "casework/cases/cases.hpp"
#include "support/folder.hpp"
#include "support/pictures.hpp"
#include "support/pipelines.hpp"

namespace tutela::pipeline {
namespace {

using policy::Verdict;
using testing::never;
using testing::picture_bmp;
using testing::tester;

class SamplesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    config_ = testing::pipeline_config(folder_.path());
    config_.watch.samples_per_1000 = 1000;
    config_.watch.samples_per_hour_max = 3'600'000'000;  // one a microsecond
    auto opened = Pipeline::open(config_, clock_);
    ASSERT_TRUE(opened) << opened.error().message;
    pipeline_ = *std::move(opened);
    list_ = testing::add_active_list(*pipeline_, "demo", std::string(64, '5'));
    ASSERT_EQ(*pipeline_->audit_samples(never), 0U);  // from here on samples are chosen
  }

  Uuid scan(ByteView bytes) {
    Result<Intake> intake = pipeline_->receive({tester(), "http", "post", {}, {}});
    EXPECT_TRUE(intake && intake->append(bytes) && intake->finish());
    const Result<ledger::Content> content = pipeline_->scan(*std::move(intake));
    EXPECT_TRUE(content) << content.error().code;
    return content->arrival.id;
  }

  ledger::Content content(const Uuid& id) { return *pipeline_->ledger().get(tester(), id); }

  SampleCounts counts() { return *pipeline_->sample_counts(); }

  bool spooled(const Uuid& id) { return pipeline_->spool().contains(id); }

  void execute(const std::string& sql, const std::vector<store::Value>& values) {
    ASSERT_TRUE(pipeline_->database().write([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY_ASSIGN(const std::int64_t changed, transaction.execute(sql, values));
      EXPECT_EQ(changed, 1) << sql;
      return ok();
    }));
  }

  std::string text(const std::string& sql, const Uuid& id) {
    std::string found;
    EXPECT_TRUE(pipeline_->database().read([&](store::Transaction& transaction) {
      return transaction.query(sql, {to_string(id)}, [&](const store::Row& row) -> Status {
        found = row.text(0);
        return ok();
      });
    }));
    return found;
  }

  std::string state(const Uuid& id) {
    return text("SELECT state || ' ' || detail FROM sample_audit WHERE content_id = :id", id);
  }

  /// A signal that the store has and that what is searched has not: an index that fell behind.
  void add_signal_behind_the_index(const std::string& pdq) {
    execute(
        "INSERT INTO signal (tenant_id, principal_id, list_id, added_version, created_ms, kind, "
        "value) VALUES ('default', 'system', :list, 1, 1, 'pdq', :value)",
        {to_string(list_), pdq});
  }

  bool has_case(const Uuid& id) {
    bool found = false;
    EXPECT_TRUE(pipeline_->database().read([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY_ASSIGN(const auto its, cases::case_of(transaction, "default", id));
      found = its.has_value();
      return ok();
    }));
    return found;
  }

  testing::TemporaryFolder folder_;
  SystemClock clock_;
  config::Config config_;
  std::unique_ptr<Pipeline> pipeline_;
  Uuid list_;
};

TEST_F(SamplesTest, TheBytesOfASampleStayUntilItIsFoundToBeTheSame) {
  const Uuid id = scan(picture_bmp(1));
  EXPECT_EQ(content(id).outcome.verdict, Verdict::kNoMatch);
  EXPECT_TRUE(spooled(id));
  EXPECT_TRUE(*pipeline_->ledger().keeps_bytes(id));
  EXPECT_EQ(counts().owed, 1);
  EXPECT_GT(counts().oldest_owed_ms, 0);
  ASSERT_TRUE(pipeline_->finish_owed(never));
  EXPECT_TRUE(spooled(id)) << "what is kept is not cleaned up";
  EXPECT_EQ(*pipeline_->audit_samples(never), 1U);
  EXPECT_FALSE(spooled(id));
  EXPECT_FALSE(*pipeline_->ledger().keeps_bytes(id));
  EXPECT_EQ(state(id), "same ");
  EXPECT_EQ(content(id).revision, 1) << "its verdict stands";
  EXPECT_EQ(counts().same, 1);
  EXPECT_EQ(counts().owed, 0);
  EXPECT_GT(counts().last_ms, 0);
  EXPECT_EQ(*pipeline_->audit_samples(never), 0U);
}

TEST_F(SamplesTest, OnlyItemsWithoutAMatchThatPassAreChosen) {
  const Bytes known = picture_bmp(2);
  testing::add_active_list(*pipeline_, "known", testing::pdq_hex(*pipeline_, known));
  const Uuid match = scan(known);
  const Uuid unscannable = scan(as_bytes("just some words"));
  EXPECT_EQ(counts().owed, 0);
  EXPECT_TRUE(spooled(match) && spooled(unscannable));
  config_.watch.samples_per_1000 = 0;
  ASSERT_TRUE(pipeline_->reload(config_));
  const Uuid unchosen = scan(picture_bmp(3));
  EXPECT_EQ(counts().owed, 0);
  EXPECT_FALSE(spooled(unchosen));
}

TEST_F(SamplesTest, AProcessThatMakesNoAuditsChoosesNone) {
  pipeline_.reset();
  pipeline_ = *Pipeline::open(config_, clock_);
  const Uuid id = scan(picture_bmp(4));
  EXPECT_EQ(counts().owed, 0);
  EXPECT_FALSE(spooled(id));
}

TEST_F(SamplesTest, NoMoreAreChosenThanTheHourAllows) {
  config_.watch.samples_per_hour_max = 4;
  ASSERT_TRUE(pipeline_->reload(config_));
  for (std::uint32_t i = 0; i < 6; ++i) {
    scan(picture_bmp(10 + i));
  }
  EXPECT_EQ(counts().owed, 1);
  config_.watch.samples_per_hour_max = 0;
  ASSERT_TRUE(pipeline_->reload(config_));
  scan(picture_bmp(20));
  EXPECT_EQ(counts().owed, 1);
}

TEST_F(SamplesTest, AMatchThatTheScanMissedIsFoundJudgedAgainAndOpensItsCase) {
  const Bytes picture = picture_bmp(5);
  add_signal_behind_the_index(testing::pdq_hex(*pipeline_, picture));
  const Uuid id = scan(picture);
  const Uuid other = scan(picture_bmp(6));
  ASSERT_EQ(content(id).outcome.verdict, Verdict::kNoMatch) << "the search is broken";
  EXPECT_EQ(*pipeline_->audit_samples(never), 2U);
  EXPECT_EQ(state(id), "different match");
  EXPECT_EQ(content(id).outcome.verdict, Verdict::kMatch);
  EXPECT_EQ(content(id).outcome.reason, "sample_audit");
  EXPECT_EQ(content(id).outcome.matches.at(0).distance, 0);
  EXPECT_TRUE(has_case(id));
  EXPECT_TRUE(spooled(id)) << "they are evidence";
  EXPECT_EQ(pipeline_->ledger().to_keep("", 10)->size(), 1U);
  EXPECT_EQ(state(other), "same ");
  EXPECT_EQ(counts().different, 1);
  EXPECT_EQ(counts().different_open, 1);
  ASSERT_TRUE(pipeline_->settle_differences(tester()));
  EXPECT_EQ(counts().different_open, 0);
  EXPECT_TRUE(spooled(id)) << "they are evidence still";
}

TEST_F(SamplesTest, ADigestThatTheScanMissedIsFoundToo) {
  const Bytes picture = picture_bmp(51);
  execute(
      "INSERT INTO signal (tenant_id, principal_id, list_id, added_version, created_ms, kind, "
      "value) VALUES ('default', 'system', :list, 1, 1, 'sha256', :value)",
      {to_string(list_), to_hex(crypto::sha256_of(picture))});
  const Uuid id = scan(picture);
  ASSERT_TRUE(pipeline_->audit_samples(never));
  EXPECT_EQ(content(id).outcome.verdict, Verdict::kMatch);
  EXPECT_EQ(content(id).outcome.matches.at(0).strength, policy::Strength::kExact);
}

TEST_F(SamplesTest, AnotherFingerprintIsADifferenceAndItsBytesStayUntilSomebodyLooked) {
  const Uuid id = scan(picture_bmp(7));
  std::string pdq = text("SELECT pdq FROM content_frame WHERE content_id = :id", id);
  pdq[0] = pdq[0] == '0' ? '1' : '0';
  execute("UPDATE content_frame SET pdq = :pdq WHERE content_id = :id", {pdq, to_string(id)});
  ASSERT_TRUE(pipeline_->audit_samples(never));
  EXPECT_EQ(state(id), "different fingerprint");
  EXPECT_EQ(content(id).outcome.verdict, Verdict::kNoMatch);
  EXPECT_TRUE(spooled(id));
  EXPECT_EQ(*pipeline_->audit_samples(never), 0U);
  EXPECT_EQ(counts().different_open, 1);
  ASSERT_TRUE(pipeline_->settle_differences(tester()));
  EXPECT_EQ(state(id), "settled fingerprint");
  EXPECT_FALSE(spooled(id));
  EXPECT_EQ(counts().different_open, 0);
}

TEST_F(SamplesTest, WhatTheListsGainedMeanwhileIsLeftToTheRescanAndThenOvertaken) {
  const Bytes picture = picture_bmp(8);
  const Uuid id = scan(picture);
  testing::add_active_list(*pipeline_, "new", testing::pdq_hex(*pipeline_, picture));
  EXPECT_EQ(*pipeline_->audit_samples(never), 0U);
  EXPECT_EQ(counts().owed, 1);
  EXPECT_EQ(counts().different, 0);
  EXPECT_TRUE(spooled(id)) << "the rescan makes them evidence";
  ASSERT_TRUE(pipeline_->catch_up(never));
  EXPECT_EQ(content(id).outcome.verdict, Verdict::kMatch);
  EXPECT_EQ(*pipeline_->audit_samples(never), 1U);
  EXPECT_EQ(state(id), "overtaken match");
  EXPECT_TRUE(spooled(id));
  EXPECT_EQ(counts().same + counts().different + counts().failed, 0);
}

TEST_F(SamplesTest, ThoseThatWaitForARescanHoldUpNoOtherAndAreNotSearchedAtEveryCall) {
  std::string known;
  std::vector<Uuid> waiting;
  for (std::uint32_t i = 0; i < 20; ++i) {
    waiting.push_back(scan(picture_bmp(300 + i)));
    known += "sha256," + to_hex(crypto::sha256_of(picture_bmp(300 + i))) + "\n";
  }
  testing::add_active_list(*pipeline_, "new", known);
  EXPECT_EQ(*pipeline_->audit_samples(never), 0U);
  const Uuid one = scan(picture_bmp(400));
  const Uuid two = scan(picture_bmp(401));
  EXPECT_EQ(*pipeline_->audit_samples(never), 2U) << "what came later goes on";
  EXPECT_EQ(state(one), "same ");
  EXPECT_EQ(state(two), "same ");
  EXPECT_EQ(counts().owed, 20);
  // Each has a look of its own to come, which a restart does not forget.
  const std::string next = "SELECT next_ms FROM sample_audit WHERE content_id = :id";
  for (const Uuid& id : waiting) {
    execute("UPDATE sample_audit SET next_ms = :next WHERE content_id = :id",
            {clock_.now_ms() + 250'000, to_string(id)});
  }
  const std::string planned = text(next, waiting[0]);
  pipeline_.reset();
  pipeline_ = *Pipeline::open(config_, clock_);
  EXPECT_EQ(*pipeline_->audit_samples(never), 0U);
  EXPECT_EQ(text(next, waiting[0]), planned) << "not looked at";
  execute("UPDATE sample_audit SET next_ms = 1, asked_ms = :asked WHERE content_id = :id",
          {clock_.now_ms() - 40'000, to_string(waiting[0])});
  // As when the clock was set back: further away than any look can be.
  execute("UPDATE sample_audit SET next_ms = :next WHERE content_id = :id",
          {clock_.now_ms() + 86'400'000, to_string(waiting[1])});
  const UtcMs before_ms = clock_.now_ms();
  EXPECT_EQ(*pipeline_->audit_samples(never), 0U);
  const auto pause_ms = [&](const Uuid& id) {
    return std::stoll(text(next, id)) - before_ms;
  };
  EXPECT_GE(pause_ms(waiting[0]), 20'000) << "half of the time that it is owed";
  EXPECT_LE(pause_ms(waiting[0]), 300'000 + (clock_.now_ms() - before_ms));
  EXPECT_LE(pause_ms(waiting[1]), 300'000 + (clock_.now_ms() - before_ms));
  ASSERT_TRUE(pipeline_->catch_up(never));
  EXPECT_EQ(*pipeline_->audit_samples(never), 20U) << "once judged again none waits for its look";
  EXPECT_EQ(counts().owed, 0);
}

TEST_F(SamplesTest, AnErrorThatPassesIsTriedAgainLaterAndNotForEver) {
  const Uuid id = scan(picture_bmp(94));
  const std::filesystem::path file = folder_.path() / "spool" / to_string(id);
  std::filesystem::rename(file, folder_.path() / "aside");
  std::filesystem::create_directory(file);  // cannot be read, and is not gone
  const std::string tries = "SELECT tries FROM sample_audit WHERE content_id = :id";
  EXPECT_EQ(*pipeline_->audit_samples(never), 1U) << "looked at";
  EXPECT_EQ(text(tries, id), "1");
  EXPECT_EQ(*pipeline_->audit_samples(never), 0U) << "not at once again";
  pipeline_.reset();
  pipeline_ = *Pipeline::open(config_, clock_);
  const auto again = [&] {
    execute("UPDATE sample_audit SET next_ms = 0 WHERE content_id = :id", {to_string(id)});
    return pipeline_->audit_samples(never).has_value();
  };
  EXPECT_TRUE(again());
  EXPECT_EQ(text(tries, id), "2") << "a restart forgets none";
  EXPECT_EQ(state(id), "owed ");
  std::filesystem::remove(file);
  std::filesystem::create_directory(file);
  again();
  EXPECT_EQ(state(id).substr(0, 7), "failed ");
}

TEST_F(SamplesTest, LostAndExchangedBytesFailAndAreNeverTheSame) {
  const Uuid lost = scan(picture_bmp(9));
  ASSERT_TRUE(pipeline_->spool().remove(lost));
  const Uuid one = scan(picture_bmp(91));
  const Uuid two = scan(picture_bmp(92));
  const std::filesystem::path spool = folder_.path() / "spool";
  std::filesystem::rename(spool / to_string(one), spool / "aside");
  std::filesystem::rename(spool / to_string(two), spool / to_string(one));
  std::filesystem::rename(spool / "aside", spool / to_string(two));
  EXPECT_EQ(*pipeline_->audit_samples(never), 3U);
  for (const Uuid& id : {lost, one, two}) {
    EXPECT_EQ(state(id), "failed spool.lost");
    EXPECT_FALSE(spooled(id));
  }
  EXPECT_EQ(counts().failed, 3);
}

TEST_F(SamplesTest, WithoutWorkersOfItsOwnASampleStaysOwedWithItsBytes) {
  const std::filesystem::path program = folder_.path() / "decoder";
  std::filesystem::create_symlink(config_.workers.program, program);
  config_.workers.program = program;
  pipeline_.reset();
  pipeline_ = *Pipeline::open(config_, clock_);
  ASSERT_TRUE(pipeline_->audit_samples(never));
  const Uuid id = scan(picture_bmp(93));
  std::filesystem::remove(program);
  EXPECT_EQ(pipeline_->audit_samples(never).error().code, "workers.no_start");
  EXPECT_EQ(counts().owed, 1);
  EXPECT_TRUE(spooled(id));
  std::filesystem::create_symlink(testing::pipeline_config({}).workers.program, program);
  EXPECT_EQ(*pipeline_->audit_samples(never), 1U);
  EXPECT_EQ(state(id), "same ");
}

TEST_F(SamplesTest, ManySamplesTakeFewWalksOverTheSignals) {
  for (std::uint32_t i = 0; i < 20; ++i) {
    scan(picture_bmp(200 + i));
  }
  EXPECT_EQ(counts().owed, 20);
  EXPECT_EQ(*pipeline_->audit_samples(never), 20U);
  EXPECT_EQ(counts().same, 20);
  EXPECT_TRUE(pipeline_->spool().list()->empty());
}

}  // namespace
}  // namespace tutela::pipeline
