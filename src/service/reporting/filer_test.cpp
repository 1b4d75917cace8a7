// The filer with real reports (SQLite) and an authority in this process that a test can spoil.
#include "service/reporting/filer.hpp"

#include "service/reporting/test_filings.hpp"

namespace tutela::reporting {
namespace {

class FilerTest : public Filings {
 protected:
  Scripted& ncmec() { return *authority_of_ncmec_; }

  /// What a report waits for, or is put off for.
  std::string failure_of(const Uuid& id) { return whole(id).of.failure; }
};

TEST_F(FilerTest, FilesEveryStepInOrderAndKeepsTheReceipt) {
  const auto filer = scripted();
  const reports::Report report = release({"hello", "world"});
  EXPECT_EQ(work(*filer), 1U);
  EXPECT_EQ(ncmec().taken,
            (std::vector<Step>{Step::kSubmit,
                               Step::kUpload,
                               Step::kFileInfo,
                               Step::kUpload,
                               Step::kFileInfo,
                               Step::kFinish}));
  const reports::Whole filed = whole(report.id);
  EXPECT_EQ(filed.of.state, State::kFinished);
  EXPECT_EQ(filed.of.authority_id, "101");
  ASSERT_TRUE(filed.receipt);
  EXPECT_EQ(filed.receipt->raw, "done");
  EXPECT_EQ(filed.receipt->how, "answer");
  EXPECT_EQ(filed.receipt->file_ids, (std::vector<std::string>{"f-hello", "f-world"}));
  EXPECT_FALSE(filed.receipt->simulated);
  ASSERT_EQ(filed.steps.size(), 6U);
  EXPECT_EQ(filed.steps.back().phase, Phase::kDone);
  EXPECT_EQ(told_.back(), "filed production");
  EXPECT_EQ(heard_, "ncmec good");
  EXPECT_EQ(work(*filer), 0U);
  EXPECT_EQ(ncmec().taken.size(), 6U);
}

TEST_F(FilerTest, AReportOfTextAloneIsSubmittedAndFinished) {
  const auto filer = scripted();
  const reports::Report report = release();
  EXPECT_EQ(work(*filer), 1U);
  EXPECT_EQ(ncmec().taken, (std::vector<Step>{Step::kSubmit, Step::kFinish}));
  EXPECT_EQ(whole(report.id).of.state, State::kFinished);
}

TEST_F(FilerTest, TroubleIsTriedAgainLaterAndLater) {
  const auto filer = scripted();
  const reports::Report report = release();
  for (int attempt = 1; attempt <= 3; ++attempt) {
    ncmec().next_acts = {Scripted::answers(Phase::kTrouble)};
    EXPECT_EQ(work(*filer), 0U);
    const reports::Report of = whole(report.id).of;
    EXPECT_EQ(of.failure, "report.not_sent");
    EXPECT_EQ(of.attempts, attempt);
    ASSERT_TRUE(of.next_at_ms);
    EXPECT_GE(*of.next_at_ms, clock_.now_ms() + reports::delay_after(attempt, 0));
    EXPECT_EQ(work(*filer), 0U) << "not before it is due";
    clock_.advance(*of.next_at_ms - clock_.now_ms());
  }
  EXPECT_EQ(ncmec().taken.size(), 3U);
  EXPECT_EQ(heard_, "ncmec trouble");
  EXPECT_EQ(work(*filer), 1U);
}

TEST_F(FilerTest, ALostAnswerOfTheFinishIsFoundByRetracting) {
  const auto filer = scripted();
  const reports::Report report = release();
  ncmec().next_acts = {nullptr, ncmec().lost()};
  EXPECT_EQ(work(*filer), 0U);
  EXPECT_EQ(failure_of(report.id), "report.no_answer");
  clock_.advance(3'600'000);
  EXPECT_EQ(work(*filer), 1U);
  EXPECT_EQ(ncmec().taken, (std::vector<Step>{Step::kSubmit, Step::kFinish, Step::kRetract}));
  const reports::Whole filed = whole(report.id);
  ASSERT_TRUE(filed.receipt);
  EXPECT_EQ(filed.receipt->how, "doubt_resolved");
  EXPECT_EQ(filed.receipt->raw, "finished before");
  EXPECT_EQ(filed.of.authority_id, "101");
  EXPECT_EQ(ncmec().finished.size(), 1U);
}

TEST_F(FilerTest, AFinishThatNeverArrivedIsBegunAnewAndFinishedOnce) {
  const auto filer = scripted();
  const reports::Report report = release({"hello"});
  ncmec().next_acts = {nullptr, nullptr, nullptr, Scripted::answers(Phase::kUnclear)};
  EXPECT_EQ(work(*filer), 0U);
  clock_.advance(3'600'000);
  EXPECT_EQ(work(*filer), 1U);
  EXPECT_EQ(whole(report.id).of.authority_id, "102");
  EXPECT_EQ(ncmec().finished, std::set<std::string>{"102"});
  EXPECT_EQ(whole(report.id).receipt->how, "answer");
}

TEST_F(FilerTest, RefusedCredentialsWaitForAPersonWhoMendsThem) {
  const auto filer = scripted();
  const reports::Report report = release();
  ncmec().next_acts = {Scripted::answers(Phase::kCredentials, 2000)};
  EXPECT_EQ(work(*filer), 0U);
  const reports::Report waits = whole(report.id).of;
  EXPECT_EQ(waits.state, State::kWaiting);
  EXPECT_EQ(waits.failure, "report.credentials");
  EXPECT_EQ(told_.back(), "asks_person report.credentials");
  clock_.advance(24LL * 3'600'000);
  EXPECT_EQ(work(*filer), 0U);
  EXPECT_EQ(ncmec().taken.size(), 1U);
  ASSERT_TRUE(reports_.retry(lead_, report.id, {waits.version, ""}));
  EXPECT_EQ(work(*filer), 1U);
}

TEST_F(FilerTest, ADocumentThatDoesNotCheckIsNeverSent) {
  const auto filer = scripted();
  for (const std::string body : {"{}", "{\"report\":{},\"files\":[]}", "no JSON"}) {
    body_ = body;
    const reports::Report report = release();
    EXPECT_EQ(work(*filer), 0U);
    EXPECT_EQ(whole(report.id).of.state, State::kWaiting) << body;
    EXPECT_EQ(failure_of(report.id), "report.rejected");
  }
  EXPECT_TRUE(ncmec().taken.empty());
}

TEST_F(FilerTest, EvidenceThatIsGoneForGoodAsksAPersonAndAVaultThatIsDownDoesNot) {
  const auto filer = scripted();
  const reports::Report report = release({"hello"});
  no_evidence_ = Error{ErrorKind::kUnavailable, "vault.down", "no vault"};
  EXPECT_EQ(work(*filer), 0U);
  EXPECT_EQ(whole(report.id).of.state, State::kReleased);
  EXPECT_EQ(failure_of(report.id), "report.vault_down");
  EXPECT_EQ(heard_, "ncmec good") << "the vault is not the authority";
  clock_.advance(3'600'000);
  no_evidence_ = Error{ErrorKind::kCorrupted, "vault.corrupt", "damaged"};
  EXPECT_EQ(work(*filer), 0U);
  EXPECT_EQ(whole(report.id).of.state, State::kWaiting);
  EXPECT_EQ(failure_of(report.id), "report.no_evidence");
  EXPECT_TRUE(ncmec().finished.empty());
}

TEST_F(FilerTest, UrgentReportsGoFirst) {
  const auto filer = scripted();
  const Uuid calm = release().id;
  const Uuid urgent = release({}, true).id;
  EXPECT_EQ(work(*filer), 2U);
  EXPECT_EQ(ncmec().reports_seen, (std::vector<Uuid>{urgent, urgent, calm, calm}));
}

TEST_F(FilerTest, WhoeverIsThereForUrgentReportsTakesNoOther) {
  const auto filer = scripted();
  const Uuid calm = release().id;
  const Uuid urgent = release({}, true).id;
  EXPECT_EQ(*filer->work([] { return false; }, reports::Which::kUrgent), 1U);
  EXPECT_EQ(ncmec().reports_seen, (std::vector<Uuid>{urgent, urgent}));
  EXPECT_EQ(whole(calm).of.state, State::kReleased);
}

TEST_F(FilerTest, OneReportInTroubleHoldsNoOtherUp) {
  const auto filer = scripted();
  const Uuid urgent = release({}, true).id;
  const Uuid calm = release().id;
  ncmec().next_acts = {Scripted::answers(Phase::kTrouble)};
  EXPECT_EQ(work(*filer), 1U);
  EXPECT_EQ(whole(urgent).of.state, State::kReleased);
  EXPECT_EQ(whole(calm).of.state, State::kFinished);
}

TEST_F(FilerTest, WhatASimulatorAnswersCountsNowhere) {
  const auto marked = scripted();
  const Uuid production = release().id;
  ncmec().next_acts = {[this](const authorities::Task& task) {
    authorities::Took took = ncmec().behave(task);
    took.simulated = true;
    took.description = "SIMULATED";
    return took;
  }};
  EXPECT_EQ(work(*marked), 1U);
  EXPECT_TRUE(whole(production).receipt->simulated) << "one marked answer is enough";
  EXPECT_EQ(told_.back(), "filed simulated");
  authority_.environment = Environment::kSimulated;
  const auto simulated = scripted();
  const Uuid other = release().id;
  EXPECT_EQ(work(*simulated), 1U);
  EXPECT_TRUE(whole(other).receipt->simulated);
}

TEST_F(FilerTest, AReportOfAnotherEnvironmentGoesNowhere) {
  authority_.environment = Environment::kSimulated;
  const Uuid report = release().id;
  authority_.environment = Environment::kProduction;
  const auto filer = scripted();
  EXPECT_EQ(work(*filer), 0U);
  EXPECT_EQ(failure_of(report), "report.other_environment");
  EXPECT_EQ(whole(report).of.state, State::kWaiting);
  EXPECT_TRUE(ncmec().taken.empty());
}

TEST_F(FilerTest, WithoutAChannelAPersonIsAsked) {
  const Uuid report = release().id;
  const auto by_hand = filer(nullptr);
  EXPECT_EQ(work(*by_hand), 0U);
  EXPECT_EQ(whole(report).of.state, State::kWaiting);
  EXPECT_EQ(failure_of(report), "report.by_hand");
}

TEST_F(FilerTest, OtherChannelsDeliverTheDocumentOnce) {
  authority_.channel = reports::Channel::kWebhook;
  body_ = "anything that the hotline takes";
  const auto filer = scripted();
  const Uuid report = release().id;
  ncmec().next_acts = {Scripted::answers(Phase::kUnclear)};
  EXPECT_EQ(work(*filer), 0U);
  clock_.advance(3'600'000);
  EXPECT_EQ(work(*filer), 1U);
  EXPECT_EQ(ncmec().taken, (std::vector<Step>{Step::kDeliver, Step::kDeliver}));
  EXPECT_EQ(whole(report).receipt->raw, "delivered");
  EXPECT_EQ(whole(report).of.authority_id, "101");
}

TEST_F(FilerTest, StopsBetweenStepsAndGoesOnWhereItWas) {
  const auto filer = scripted();
  const Uuid report = release({"hello"}).id;
  bool stop = false;
  ncmec().next_acts = {[&](const authorities::Task& task) {
    stop = true;
    return ncmec().behave(task);
  }};
  EXPECT_EQ(*filer->work([&] { return stop; }), 0U);
  EXPECT_EQ(failure_of(report), "report.stopped");
  EXPECT_EQ(work(*filer), 1U);
  EXPECT_EQ(ncmec().taken,
            (std::vector<Step>{Step::kSubmit, Step::kUpload, Step::kFileInfo, Step::kFinish}));
}

TEST_F(FilerTest, AStopEndsAnUploadAndWaitsForTheAnswerOfAFinish) {
  const auto filer = scripted();
  release({"hello"});
  bool stop = false;
  std::vector<bool> may_go_on;
  const auto in_progress = [&](const authorities::Task& task) {
    stop = true;
    may_go_on.push_back(task.on_progress(1).has_value());
    may_go_on.push_back(task.on_progress(0).has_value());
    return ncmec().behave(task);
  };
  ncmec().next_acts = {nullptr, in_progress};
  EXPECT_EQ(*filer->work([&] { return stop; }), 0U);
  stop = false;
  clock_.advance(60'000);
  ncmec().next_acts = {nullptr, in_progress};
  EXPECT_EQ(*filer->work([&] { return stop; }), 1U);
  EXPECT_EQ(may_go_on, (std::vector<bool>{false, false, true, false}));
}

TEST_F(FilerTest, ProgressKeepsTheLeaseAndALostOneEndsTheWork) {
  const auto first = scripted();
  const Uuid report = release({"hello"}).id;
  const auto second = filer(std::make_unique<Scripted>());
  ncmec().next_acts = {nullptr, [&](const authorities::Task& task) {
                         for (int i = 0; i < 10; ++i) {
                           clock_.advance(60'000);
                           EXPECT_TRUE(task.on_progress(i + 1));
                           EXPECT_EQ(work(*second), 0U);
                         }
                         return ncmec().behave(task);
                       }};
  EXPECT_EQ(work(*first), 1U);
  EXPECT_EQ(whole(report).of.authority_id, "101");
  const Uuid other = release().id;
  ncmec().next_acts = {[&](const authorities::Task& task) {
    clock_.advance(600'000);  // longer than the lease, without a word
    EXPECT_EQ(work(*second), 1U);
    EXPECT_FALSE(task.on_progress(1));
    return ncmec().behave(task);
  }};
  EXPECT_EQ(work(*first), 0U);
  EXPECT_EQ(whole(other).of.state, State::kFinished);
  EXPECT_NE(std::find(told_.begin(), told_.end(), "error report.lost_lease"), told_.end());
}

TEST_F(FilerTest, OtherBytesAreRetractedAndBegunAnew) {
  const auto filer = scripted();
  const Uuid report = release({"hello"}).id;
  ncmec().next_acts = {nullptr, Scripted::answers(Phase::kOtherBytes)};
  EXPECT_EQ(work(*filer), 1U);
  EXPECT_EQ(ncmec().taken,
            (std::vector<Step>{Step::kSubmit,
                               Step::kUpload,
                               Step::kRetract,
                               Step::kSubmit,
                               Step::kUpload,
                               Step::kFileInfo,
                               Step::kFinish}));
  EXPECT_EQ(whole(report).of.authority_id, "102");
}

TEST_F(FilerTest, WhatIsToldHoldsNoContent) {
  const auto filer = scripted();
  release({"hello"});
  ncmec().next_acts = {Scripted::answers(Phase::kTrouble)};
  EXPECT_EQ(work(*filer), 0U);
  clock_.advance(3'600'000);
  EXPECT_EQ(work(*filer), 1U);
  for (const std::string& line : told_) {
    for (const std::string part :
         {"hello", "holiday", "safety", "5d41402abc4b2a76b9719d911017c592"}) {
      EXPECT_EQ(line.find(part), std::string::npos) << line;
    }
  }
  EXPECT_EQ(told_.at(0), "step submit:trouble");
}

}  // namespace
}  // namespace tutela::reporting
