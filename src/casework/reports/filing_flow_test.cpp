// Leases, the journal and what is written when a report is filed.
#include <atomic>

#include <boost/json.hpp>

#include "casework/reports/reports_fixture.hpp"

namespace tutela::reports {
namespace {

class FilingFlowTest : public ReportsTest {};

TEST_F(FilingFlowTest, AReleasedReportIsFiledStepByStepAndSettledInOneGo) {
  NewDraft what = new_draft(2);
  what.case_id = add_case();
  const Report released = release(draft(what));
  EXPECT_EQ(released.state, State::kReleased);
  EXPECT_EQ(released.next_at_ms, clock_.now_ms());
  const Report filed = file(lease(), receipt());
  EXPECT_EQ(filed.state, State::kFinished);
  EXPECT_EQ(filed.authority_id, "4711");
  EXPECT_EQ(filed.finished_ms, clock_.now_ms());
  EXPECT_FALSE(filed.next_at_ms);
  EXPECT_TRUE(counts_as_filed(filed));
  const Whole all = whole(filed.id);
  std::string steps;
  for (const StepRow& row : all.steps) {
    steps += std::string(to_string(row.step)) + " ";
    EXPECT_EQ(row.authority_id, "4711");
  }
  EXPECT_EQ(steps, "submit upload file_info upload file_info finish ");
  ASSERT_TRUE(all.receipt);
  EXPECT_EQ(all.receipt->raw, "<reportDoneResponse/>");
  EXPECT_EQ(all.receipt->how, "answer");
  const auto messages = texts("SELECT payload FROM outbox WHERE topic = 'report.finished'");
  ASSERT_EQ(messages.size(), 1U);
  const boost::json::object message = boost::json::parse(messages[0]).as_object();
  EXPECT_EQ(message.at("report"), to_string(filed.id).c_str());
  EXPECT_EQ(message.at("case"), to_string(*what.case_id).c_str());
  EXPECT_EQ(message.at("reference"), "4711");
  EXPECT_EQ(message.at("environment"), "production");
  EXPECT_FALSE(try_lease());
}

TEST_F(FilingFlowTest, UrgentOnesGoFirstThenTheEarliestDue) {
  std::vector<Uuid> expected;
  for (const auto& [urgent, due] : std::vector<std::pair<bool, std::int64_t>>{
           {true, 30 * kMinute}, {true, 50 * kMinute}, {false, kMinute}, {false, kHour}}) {
    NewDraft what = new_draft(0);
    what.urgent = urgent;
    what.due_ms = clock_.now_ms() + due;
    expected.push_back(draft(what).id);
  }
  for (const std::size_t i : {3U, 1U, 2U, 0U}) {
    release(get(expected[i]));
  }
  for (const Uuid& id : expected) {
    EXPECT_EQ(lease().of.id, id);
  }
  EXPECT_FALSE(try_lease());
}

TEST_F(FilingFlowTest, OnlyReportsOfTheAuthoritiesThatAreServedAreTaken) {
  NewDraft what = new_draft(0);
  what.authority.name = "bka";
  release(draft(what));
  EXPECT_FALSE(try_lease());
  EXPECT_FALSE(*reports_->lease({}, kLeaseMs));
  EXPECT_TRUE(*reports_->lease({"a", "bka"}, kLeaseMs));
  EXPECT_EQ(code_of(reports_->lease(std::vector<std::string>(33, "bka"), kLeaseMs)),
            "report.bad_lease");
  EXPECT_EQ(code_of(reports_->lease({"bka"}, 0)), "report.bad_lease");
}

TEST_F(FilingFlowTest, WhoLostTheLeaseWritesNothing) {
  const Report of = release(draft());
  Leased first = lease();
  step(first, Phase::kDone);
  clock_.advance(kLeaseMs - 1);
  EXPECT_FALSE(try_lease()) << "the step had renewed it";
  clock_.advance(1);
  Leased second = lease();
  EXPECT_EQ(second.of.id, of.id);
  EXPECT_GT(second.lease, first.lease);
  ASSERT_EQ(second.journal.size(), 1U);
  Next next;
  next.step = Step::kFinish;
  next.authority_id = "4711";
  const std::int64_t entries = count("audit");
  EXPECT_EQ(code_of(reports_->begin(first, next, kLeaseMs)), "report.lost_lease");
  EXPECT_EQ(code_of(reports_->renew(first, kLeaseMs)), "report.lost_lease");
  EXPECT_EQ(code_of(reports_->end(first, first.journal[0])), "report.lost_lease");
  EXPECT_EQ(code_of(reports_->put_off(first, "report.trouble", clock_.now_ms())),
            "report.lost_lease");
  EXPECT_EQ(code_of(reports_->put_off(first, "report.trouble", {})), "report.lost_lease");
  EXPECT_EQ(code_of(reports_->finish(first, receipt())), "report.lost_lease");
  EXPECT_EQ(code_of(reports_->open_file(system_, of.id, first.lease, 0)), "report.not_filing");
  EXPECT_EQ(count("audit"), entries);
  EXPECT_EQ(whole(of.id).steps.size(), 1U);
  EXPECT_EQ(get(of.id).state, State::kReleased);
  EXPECT_EQ(file(second, receipt()).state, State::kFinished);
  EXPECT_EQ(code_of(reports_->begin(second, next, kLeaseMs)), "report.lost_lease");
  EXPECT_EQ(code_of(reports_->put_off(second, "report.trouble", {})), "report.lost_lease");
}

TEST_F(FilingFlowTest, AHolderGoesOnAfterItsTimeWhereNobodyTookItAndEndsItByPuttingOff) {
  const Report of = release(draft(new_draft(0)));
  Leased leased = lease();
  clock_.advance(10 * kLeaseMs);
  step(leased, Phase::kDone);
  ASSERT_TRUE(reports_->renew(leased, 10 * kLeaseMs));
  clock_.advance(9 * kLeaseMs);
  EXPECT_FALSE(try_lease());
  ASSERT_TRUE(reports_->put_off(leased, "report.trouble", clock_.now_ms() + kMinute));
  EXPECT_EQ(code_of(reports_->renew(leased, kLeaseMs)), "report.lost_lease");
  EXPECT_EQ(get(of.id).state, State::kReleased);
}

TEST_F(FilingFlowTest, WhatIsPutOffIsTriedAgainAtItsTimeAndSaysSinceWhen) {
  const Report of = release(draft());
  const UtcMs since = clock_.now_ms();
  for (std::int64_t attempt = 1; attempt <= 3; ++attempt) {
    const Leased leased = lease();
    EXPECT_EQ(leased.of.attempts, attempt - 1);
    ASSERT_TRUE(reports_->put_off(leased, "report.trouble", clock_.now_ms() + kMinute));
    const Report put_off = get(of.id);
    EXPECT_EQ(put_off.attempts, attempt);
    EXPECT_EQ(put_off.failing_since_ms, since) << "since the first";
    EXPECT_EQ(put_off.failure, "report.trouble");
    EXPECT_EQ(put_off.next_at_ms, clock_.now_ms() + kMinute);
    clock_.advance(kMinute - 1);
    EXPECT_FALSE(try_lease());
    clock_.advance(1);
  }
  const Leased leased = lease();
  for (const std::string failure : {"", "Bad", "a b"}) {
    EXPECT_EQ(code_of(reports_->put_off(leased, failure, {})), "report.bad_failure");
  }
  ASSERT_TRUE(reports_->put_off(leased, "report.rejected", {}));
  EXPECT_EQ(get(of.id).state, State::kWaiting);
  EXPECT_EQ(get(of.id).failing_since_ms, since);
  clock_.advance(1000 * kHour);
  EXPECT_FALSE(try_lease());
}

TEST_F(FilingFlowTest, AStepIsAnsweredOnceAndKeepsWhatItWasBegunWith) {
  release(draft());
  Leased leased = lease();
  step(leased, Phase::kDone);
  Next next = next_of(Channel::kCybertip, leased.journal, 1, rules_.filing, clock_.now_ms());
  Result<StepRow> row = reports_->begin(leased, next, kLeaseMs);
  ASSERT_TRUE(row);
  EXPECT_EQ(code_of(reports_->end(leased, *row)), "report.no_answer");
  row->phase = Phase::kUnclear;
  row->authority_id = "something else";
  row->code = 1000;
  row->http_status = 500;
  row->description = std::string("a\0b\nc ", 6) + std::string(1992, 'x') + "\xC3\xA4\xC3\xA4";
  row->request_ref = "request-1";
  clock_.advance(5);
  ASSERT_TRUE(reports_->end(leased, *row));
  EXPECT_EQ(code_of(reports_->end(leased, *row)), "report.step_ended");
  const StepRow stored = whole(leased.of.id).steps.back();
  EXPECT_EQ(stored.authority_id, "4711") << "of the report that the upload went to";
  EXPECT_EQ(stored.code, 1000);
  EXPECT_EQ(stored.http_status, 500);
  EXPECT_EQ(stored.description, "a b c " + std::string(1992, 'x') + "\xC3\xA4")
      << "whole characters, in one line";
  EXPECT_EQ(stored.request_ref, "request-1");
  EXPECT_EQ(stored.begun_ms + 5, stored.ended_ms);
  next.what = Do::kAskPerson;
  EXPECT_EQ(code_of(reports_->begin(leased, next, kLeaseMs)), "report.no_step");
}

TEST_F(FilingFlowTest, NothingIsFinishedWithoutAnAnswerInTheJournal) {
  const Report of = release(draft(new_draft(0)));
  Leased leased = lease();
  EXPECT_EQ(code_of(reports_->finish(leased, receipt())), "report.not_finished");
  step(leased, Phase::kDone);
  EXPECT_EQ(code_of(reports_->finish(leased, receipt())), "report.not_finished");
  const Next next = next_of(Channel::kCybertip, leased.journal, 0, rules_.filing, clock_.now_ms());
  ASSERT_EQ(next.step, Step::kFinish);
  Result<StepRow> row = reports_->begin(leased, next, kLeaseMs);
  ASSERT_TRUE(row);
  EXPECT_EQ(code_of(reports_->finish(leased, receipt())), "report.not_finished");
  row->phase = Phase::kUnclear;
  EXPECT_EQ(code_of(reports_->finish(leased, receipt(), *row)), "report.not_finished");
  Receipt bad = receipt();
  row->phase = Phase::kDone;
  bad.how = "guessed";
  EXPECT_EQ(code_of(reports_->finish(leased, bad, *row)), "report.bad_receipt");
  bad = receipt("a\nb");
  EXPECT_EQ(code_of(reports_->finish(leased, bad, *row)), "report.bad_receipt");
  bad = receipt();
  bad.raw.assign((1U << 20) + 1, 'x');
  EXPECT_EQ(code_of(reports_->finish(leased, bad, *row)), "report.bad_receipt");
  EXPECT_EQ(whole(of.id).steps.back().phase, Phase::kBegun) << "an error leaves neither";
  Receipt good = receipt();
  good.raw = std::string("\0\xFF<", 3);
  ASSERT_TRUE(reports_->finish(leased, good, *row));
  const Whole all = whole(of.id);
  EXPECT_EQ(all.of.state, State::kFinished);
  EXPECT_EQ(all.steps.back().phase, Phase::kDone);
  EXPECT_EQ(all.receipt->raw, good.raw) << "as it came";
  EXPECT_EQ(all.receipt->file_ids, good.file_ids);
}

TEST_F(FilingFlowTest, AFinishThatWasFoundInDoubtIsSaidToBe) {
  const Report of = release(draft(new_draft(0)));
  Leased leased = lease();
  step(leased, Phase::kDone);
  step(leased, Phase::kUnclear);
  EXPECT_EQ(step(leased, Phase::kFinished).step, Step::kRetract);
  Receipt found = receipt();
  found.how = "doubt_resolved";
  found.at_ms = clock_.now_ms() + kHour;  // of a clock that is wrong
  ASSERT_TRUE(reports_->finish(leased, found));
  EXPECT_EQ(whole(of.id).receipt->how, "doubt_resolved");
  EXPECT_EQ(get(of.id).finished_ms, clock_.now_ms());
}

TEST_F(FilingFlowTest, AFileIsOpenedUnderALivingLeaseAlone) {
  const NewDraft what = new_draft(2);
  const Report of = release(draft(what));
  EXPECT_EQ(code_of(reports_->open_file(system_, of.id, 0, 0)), "report.not_filing");
  const Leased leased = lease();
  const Result<audit::Recorded> opened = reports_->open_file(system_, of.id, leased.lease, 1);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->object(), "evidence:" + to_string(what.files[1].evidence_id));
  EXPECT_EQ(texts("SELECT action || ' ' || object || ' ' || purpose FROM audit ORDER BY id DESC "
                  "LIMIT 1"),
            std::vector<std::string>{"report.upload " + opened->object() + " report"});
  EXPECT_EQ(code_of(reports_->open_file(system_, of.id, leased.lease, 2)), "report.not_filing");
  EXPECT_EQ(code_of(reports_->open_file(system_, of.id, leased.lease + 1, 0)), "report.not_filing");
  EXPECT_EQ(code_of(reports_->open_file({"another", "system", "system"}, of.id, leased.lease, 0)),
            "report.not_found");
  clock_.advance(kLeaseMs);
  EXPECT_EQ(code_of(reports_->open_file(system_, of.id, leased.lease, 0)), "report.not_filing");
  EXPECT_EQ(count("audit WHERE action = 'report.upload'"), 1);
}

TEST_F(FilingFlowTest, EvidenceThatIsNotTheTenantsIsNotOpened) {
  NewDraft what = new_draft(1);
  what.files[0].evidence_id = testing::add_evidence(*database_, "another", "CASE-1");
  const Report of = release(draft(what));
  EXPECT_EQ(code_of(reports_->open_file(system_, of.id, lease().lease, 0)), "report.not_filing");
}

TEST_F(FilingFlowTest, OfManyWhoLeaseEachReportHasOneHolder) {
  constexpr int kReports = 12;
  for (int i = 0; i < kReports; ++i) {
    release(draft(new_draft(0)));
  }
  std::atomic<int> filed = 0;
  std::atomic<int> wrong = 0;
  testing::all_at_once(4, [&](int number) {
    for (;;) {
      Result<std::optional<Leased>> leased = reports_->lease({"ncmec"}, kLeaseMs);
      if (!leased || !*leased) {
        wrong += leased ? 0 : 1;
        return;
      }
      Leased& held = **leased;
      for (const Step step : {Step::kSubmit, Step::kFinish}) {
        Next next;
        next.step = step;
        next.authority_id = step == Step::kSubmit ? "" : "4711";
        Result<StepRow> row = reports_->begin(held, next, kLeaseMs);
        if (!row) {
          ++wrong;
          return;
        }
        row->phase = Phase::kDone;
        row->authority_id = "id-" + std::to_string(number);
        wrong += reports_->end(held, *row) ? 0 : 1;
      }
      const bool finished = reports_->finish(held, receipt()).has_value();
      filed += finished ? 1 : 0;
      wrong += finished ? 0 : 1;
    }
  });
  EXPECT_EQ(filed, kReports);
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(count("report_step"), 2 * kReports) << "nobody took another's";
  EXPECT_EQ(count("outbox WHERE topic = 'report.finished'"), kReports);
}

}  // namespace
}  // namespace tutela::reports
