// The words, and every answer of next_of() that a table can hold; filing_model_test.cpp walks them
// all.
#include "casework/reports/filing.hpp"

#include <gtest/gtest.h>

namespace tutela::reports {
namespace {

constexpr UtcMs kNow = 1'790'000'000'000;

class FilingTest : public ::testing::Test {
 protected:
  StepRow& add(Step step, Phase phase, std::int64_t file = -1) {
    StepRow row;
    row.id = static_cast<std::int64_t>(journal_.size()) + 1;
    row.round = journal_.empty() ? 1 : journal_.back().round;
    row.step = step;
    row.phase = phase;
    row.file = file;
    row.authority_id = step == Step::kSubmit && phase != Phase::kDone ? "" : "4711";
    row.file_id = step == Step::kUpload && phase != Phase::kDone ? "" : "f";
    row.begun_ms = kNow;
    journal_.push_back(row);
    return journal_.back();
  }

  Next next(std::int64_t files = 1, Channel channel = Channel::kCybertip, UtcMs now_ms = kNow) {
    return next_of(channel, journal_, files, rules_, now_ms);
  }

  /// "upload 0", "submit -1 round 2", "finished", "report.rejected"
  std::string words(const Next& next) {
    switch (next.what) {
      case Do::kFinished:
        return next.in_doubt ? "finished in doubt" : "finished";
      case Do::kAskPerson:
        return std::string(next.failure);
      case Do::kStep:
        break;
    }
    return std::string(to_string(next.step)) +
           (next.file < 0 ? "" : " " + std::to_string(next.file)) +
           (next.round == 1 ? "" : " round " + std::to_string(next.round));
  }

  std::string after(Step step, Phase phase, bool before_retry = false) {
    journal_.clear();
    if (step != Step::kSubmit) {
      add(Step::kSubmit, Phase::kDone);
    }
    const bool of_file = step == Step::kUpload || step == Step::kFileInfo;
    add(step, phase, of_file ? 0 : -1).before_retry = before_retry;
    return words(next());
  }

  std::vector<StepRow> journal_;
  FilingRules rules_;
};

TEST(FilingWords, AreReadAsTheyAreWrittenAndNothingElseIs) {
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(*parse_step(to_string(static_cast<Step>(i))), static_cast<Step>(i));
    EXPECT_EQ(*parse_state(to_string(static_cast<State>(i))), static_cast<State>(i));
  }
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(*parse_phase(to_string(static_cast<Phase>(i))), static_cast<Phase>(i));
  }
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(*parse_environment(to_string(static_cast<Environment>(i))),
              static_cast<Environment>(i));
    EXPECT_EQ(*parse_kind(to_string(static_cast<Kind>(i))), static_cast<Kind>(i));
  }
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(*parse_channel(to_string(static_cast<Channel>(i))), static_cast<Channel>(i));
  }
  for (const std::string text : {"", "Submit", "submit ", "done\n", "productio"}) {
    EXPECT_EQ(parse_step(text).error().code, "report.bad_step");
    EXPECT_EQ(parse_phase(text).error().code, "report.bad_phase");
    EXPECT_EQ(parse_state(text).error().code, "report.bad_state");
    EXPECT_EQ(parse_kind(text).error().code, "report.bad_kind");
    EXPECT_EQ(parse_channel(text).error().code, "report.bad_channel");
    EXPECT_EQ(parse_environment(text).error().code, "report.bad_environment");
  }
  EXPECT_EQ(parse_kind("x").error().message, "the words are: report correction referral");
}

TEST(FilingWords, WhatCountsIsFinishedInProductionAndNotSimulated) {
  Report of;
  of.state = State::kFinished;
  EXPECT_TRUE(counts_as_filed(of));
  for (const Environment environment : {Environment::kTest, Environment::kSimulated}) {
    of.environment = environment;
    EXPECT_FALSE(counts_as_filed(of));
  }
  of.environment = Environment::kProduction;
  of.simulated = true;
  EXPECT_FALSE(counts_as_filed(of));
  of.simulated = false;
  for (const State state :
       {State::kDraft, State::kAsked, State::kReleased, State::kWaiting, State::kWithdrawn}) {
    of.state = state;
    EXPECT_FALSE(counts_as_filed(of));
    EXPECT_EQ(is_debt(state), state == State::kReleased || state == State::kWaiting);
  }
}

TEST_F(FilingTest, WithoutTroubleEachFileIsUploadedAndDescribedAndThenItIsFinished) {
  EXPECT_EQ(words(next(2)), "submit");
  add(Step::kSubmit, Phase::kDone);
  EXPECT_EQ(words(next(0)), "finish");
  EXPECT_EQ(words(next(2)), "upload 0");
  EXPECT_EQ(next(2).authority_id, "4711");
  add(Step::kUpload, Phase::kDone, 0).file_id = "f0";
  EXPECT_EQ(words(next(2)), "file_info 0");
  EXPECT_EQ(next(2).file_id, "f0");
  add(Step::kFileInfo, Phase::kDone, 0);
  EXPECT_EQ(words(next(2)), "upload 1");
  add(Step::kUpload, Phase::kDone, 1).file_id = "f1";
  add(Step::kFileInfo, Phase::kDone, 1);
  EXPECT_EQ(words(next(2)), "finish");
  add(Step::kFinish, Phase::kDone);
  const Next end = next(2);
  EXPECT_EQ(words(end), "finished");
  EXPECT_EQ(end.authority_id, "4711");
  EXPECT_EQ(end.file_ids, (std::vector<std::string>{"f0", "f1"}));
}

struct Answered {
  Phase phase;
  const char* submit;
  const char* upload;
  const char* finish;
  const char* retract;
};

TEST_F(FilingTest, EveryAnswerHasWhatFollows) {
  constexpr Answered kAnswers[] = {
      {Phase::kBegun, "submit", "retract", "retract", "retract"},
      {Phase::kDone, "upload 0", "file_info 0", "finished", "submit round 2"},
      {Phase::kUnclear, "submit", "retract", "retract", "retract"},
      {Phase::kTrouble, "submit", "upload 0", "finish", "retract"},
      {Phase::kCredentials,
       "report.credentials",
       "report.credentials",
       "report.credentials",
       "report.credentials"},
      {Phase::kRejected,
       "report.rejected",
       "report.rejected",
       "report.rejected",
       "report.rejected"},
      {Phase::kOtherBytes, "report.rejected", "retract", "retract", "retract"},
      {Phase::kGone, "report.rejected", "submit round 2", "submit round 2", "submit round 2"},
      {Phase::kRetracted, "report.rejected", "submit round 2", "submit round 2", "submit round 2"},
      {Phase::kFinished,
       "report.rejected",
       "report.finished_elsewhere",
       "finished in doubt",
       "report.finished_elsewhere"}};
  for (const Answered& each : kAnswers) {
    EXPECT_EQ(after(Step::kSubmit, each.phase), each.submit) << to_string(each.phase);
    EXPECT_EQ(after(Step::kUpload, each.phase), each.upload) << to_string(each.phase);
    EXPECT_EQ(after(Step::kFinish, each.phase), each.finish) << to_string(each.phase);
    EXPECT_EQ(after(Step::kRetract, each.phase), each.retract) << to_string(each.phase);
  }
  EXPECT_EQ(after(Step::kFileInfo, Phase::kDone), "finish");
  EXPECT_EQ(after(Step::kFileInfo, Phase::kBegun), "retract");
  EXPECT_EQ(after(Step::kFileInfo, Phase::kTrouble), "file_info 0");
  EXPECT_EQ(next().file_id, "f") << "the same file again";
}

TEST_F(FilingTest, ARefusalIsTriedAgainWhenAPersonHadItTriedAgain) {
  EXPECT_EQ(after(Step::kSubmit, Phase::kCredentials, true), "submit");
  EXPECT_EQ(after(Step::kSubmit, Phase::kRejected, true), "submit");
  EXPECT_EQ(after(Step::kUpload, Phase::kCredentials, true), "upload 0");
  EXPECT_EQ(after(Step::kUpload, Phase::kRejected, true), "retract");
  EXPECT_EQ(after(Step::kFinish, Phase::kRejected, true), "retract");
  EXPECT_EQ(after(Step::kRetract, Phase::kCredentials, true), "retract");
  EXPECT_EQ(after(Step::kRetract, Phase::kRejected, true), "retract");
  EXPECT_EQ(after(Step::kUpload, Phase::kFinished, true), "report.finished_elsewhere");
}

TEST_F(FilingTest, AnAnswerWithoutTheIdItShouldHaveIsNone) {
  add(Step::kSubmit, Phase::kDone).authority_id.clear();
  EXPECT_EQ(words(next()), "submit");
  add(Step::kSubmit, Phase::kDone);
  add(Step::kUpload, Phase::kDone, 0).file_id.clear();
  EXPECT_EQ(words(next()), "retract");
}

TEST_F(FilingTest, ALostFinishIsFoundByRetracting) {
  add(Step::kSubmit, Phase::kDone);
  add(Step::kUpload, Phase::kDone, 0).file_id = "f0";
  add(Step::kFileInfo, Phase::kDone, 0);
  add(Step::kFinish, Phase::kBegun);
  EXPECT_EQ(words(next()), "retract");
  add(Step::kRetract, Phase::kFinished);
  const Next end = next();
  EXPECT_EQ(words(end), "finished in doubt");
  EXPECT_EQ(end.authority_id, "4711");
  EXPECT_EQ(end.file_ids, std::vector<std::string>{"f0"});
}

TEST_F(FilingTest, WhatStartsAgainTooOftenAsksAPerson) {
  for (std::int64_t round = 1; round <= rules_.rounds_max + 1; ++round) {
    add(Step::kSubmit, Phase::kDone).round = round;
    add(Step::kUpload, Phase::kGone, 0);
    EXPECT_EQ(words(next()),
              round <= rules_.rounds_max ? "submit round " + std::to_string(round + 1)
                                         : "report.too_many_rounds");
  }
  journal_.back().phase = Phase::kOtherBytes;
  EXPECT_EQ(words(next()), "report.other_bytes");
  for (StepRow& row : journal_) {
    row.before_retry = true;
  }
  EXPECT_EQ(words(next()), "retract round 6");
}

TEST_F(FilingTest, ThatTheTimeOfTryingIsOverIsSaidWhereItStillDoesNotWork) {
  const UtcMs late = kNow + rules_.horizon_ms + 1;
  add(Step::kSubmit, Phase::kTrouble);
  EXPECT_EQ(words(next(1, Channel::kCybertip, late - 1)), "submit");
  EXPECT_EQ(words(next(1, Channel::kCybertip, late)), "report.unreachable");
  journal_.back().phase = Phase::kBegun;
  EXPECT_EQ(words(next(1, Channel::kCybertip, late)), "submit") << "never answered: look first";
  journal_.back().phase = Phase::kDone;
  journal_.back().authority_id = "4711";
  EXPECT_EQ(words(next(1, Channel::kCybertip, late)), "upload 0");
  journal_.back().phase = Phase::kUnclear;
  journal_.back().before_retry = true;
  EXPECT_EQ(words(next(1, Channel::kCybertip, late)), "submit");
  add(Step::kSubmit, Phase::kUnclear).begun_ms = late;
  EXPECT_EQ(words(next(1, Channel::kCybertip, late + 1)), "submit") << "counted from the retry";
}

TEST_F(FilingTest, OtherChannelsDeliverInOneStepThatIsRepeatedInDoubt) {
  for (const Channel channel : {Channel::kWebhook, Channel::kEmail}) {
    journal_.clear();
    EXPECT_EQ(words(next(3, channel)), "deliver");
    for (const Phase phase : {Phase::kBegun, Phase::kUnclear, Phase::kTrouble}) {
      add(Step::kDeliver, phase);
      EXPECT_EQ(words(next(3, channel)), "deliver");
    }
    EXPECT_EQ(words(next(3, channel, kNow + rules_.horizon_ms + 1)), "report.unreachable");
    add(Step::kDeliver, Phase::kCredentials);
    EXPECT_EQ(words(next(3, channel)), "report.credentials");
    add(Step::kDeliver, Phase::kRejected);
    EXPECT_EQ(words(next(3, channel)), "report.rejected");
    journal_.back().before_retry = true;
    EXPECT_EQ(words(next(3, channel)), "deliver");
    EXPECT_EQ(words(next(3)), "report.other_channel");
    add(Step::kDeliver, Phase::kDone).authority_id = "H-1";
    EXPECT_EQ(words(next(3, channel)), "finished");
    EXPECT_EQ(next(3, channel).authority_id, "H-1");
  }
  journal_.clear();
  EXPECT_EQ(words(next(1, Channel::kByHand)), "report.by_hand");
  add(Step::kSubmit, Phase::kDone);
  EXPECT_EQ(words(next(1, Channel::kWebhook)), "report.other_channel");
}

TEST_F(FilingTest, TheJournalProvesThatNothingWasFinishedOrItDoesNot) {
  EXPECT_FALSE(may_be_finished(journal_));
  add(Step::kSubmit, Phase::kBegun);
  add(Step::kSubmit, Phase::kDone);
  add(Step::kUpload, Phase::kUnclear, 0);
  EXPECT_FALSE(may_be_finished(journal_)) << "nothing was asked to be finished";
  for (const Phase phase : {Phase::kTrouble, Phase::kCredentials, Phase::kRejected, Phase::kGone}) {
    add(Step::kFinish, phase);
    EXPECT_FALSE(may_be_finished(journal_)) << to_string(phase);
  }
  for (const Phase phase : {Phase::kBegun, Phase::kUnclear}) {
    add(Step::kFinish, phase);
    EXPECT_TRUE(may_be_finished(journal_));
    add(Step::kRetract, Phase::kUnclear);
    EXPECT_TRUE(may_be_finished(journal_));
    add(Step::kRetract, Phase::kDone).authority_id = "another";
    EXPECT_TRUE(may_be_finished(journal_));
    add(Step::kRetract, phase == Phase::kBegun ? Phase::kDone : Phase::kGone);
    EXPECT_FALSE(may_be_finished(journal_));
  }
  add(Step::kRetract, Phase::kFinished);
  EXPECT_TRUE(may_be_finished(journal_));
  journal_.clear();
  add(Step::kDeliver, Phase::kTrouble);
  EXPECT_FALSE(may_be_finished(journal_));
  add(Step::kDeliver, Phase::kUnclear);
  EXPECT_TRUE(may_be_finished(journal_));
}

TEST(FilingDelay, GrowsToAnHourWithATenthOfJitter) {
  constexpr std::int64_t kSeconds[] = {30, 60, 120, 300, 600, 1800, 3600, 3600};
  for (std::int64_t attempts = 1; attempts <= 8; ++attempts) {
    const std::int64_t delay = kSeconds[attempts - 1] * 1000;
    EXPECT_EQ(delay_after(attempts, 0), delay);
    for (const std::uint64_t random : {1ULL, 99'999'999ULL, ~0ULL}) {
      EXPECT_GE(delay_after(attempts, random), delay);
      EXPECT_LE(delay_after(attempts, random), delay + delay / 10);
    }
  }
  EXPECT_EQ(delay_after(0, 0), 30'000);
  EXPECT_EQ(delay_after(-5, 0), 30'000);
  EXPECT_EQ(delay_after(1'000'000, 0), 3'600'000);
}

}  // namespace
}  // namespace tutela::reports
