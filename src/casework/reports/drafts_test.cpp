#include "casework/reports/reports_fixture.hpp"

namespace tutela::reports {
namespace {

class DraftsTest : public ReportsTest {
 protected:
  Result<Report> write(const Report& of, const std::string& body, const std::string& key = "") {
    return reports_->write(lead_.actor, of.id, {of.version, key}, body, "[]", {});
  }

  Result<Report> withdraw(const Report& of, const std::optional<Person>& by = {}) {
    return reports_->withdraw(by.value_or(lead_), of.id, {of.version, ""}, "not needed");
  }
};

TEST_F(DraftsTest, ADraftHasWhatItWasMadeOf) {
  NewDraft what = new_draft(2);
  what.case_id = add_case();
  what.minor = true;
  const Report of = draft(what);
  EXPECT_EQ(of.state, State::kDraft);
  EXPECT_EQ(of.version, 1);
  EXPECT_EQ(of.document, 1);
  EXPECT_EQ(of.due_ms, clock_.now_ms() + rules_.report_ms);
  EXPECT_EQ(of.created_by, "system");
  const Whole all = whole(of.id);
  EXPECT_EQ(all.of.case_id, what.case_id);
  EXPECT_EQ(all.of.account, "acc-1");
  EXPECT_EQ(all.of.jurisdiction, "US");
  EXPECT_EQ(all.of.retention_days, 365);
  EXPECT_TRUE(all.of.minor);
  EXPECT_FALSE(all.of.urgent);
  ASSERT_EQ(all.files.size(), 2U);
  EXPECT_EQ(all.files[1].evidence_id, what.files[1].evidence_id);
  EXPECT_EQ(all.files[1].md5, what.files[1].md5);
  EXPECT_EQ(all.files[1].size_bytes, 10);
  EXPECT_TRUE(all.steps.empty());
  EXPECT_FALSE(all.receipt);
  const Result<Document> document = reports_->document("default", of.id, 1);
  ASSERT_TRUE(document);
  EXPECT_EQ(document->body, what.body);
  EXPECT_EQ(document->provenance, what.provenance);
  EXPECT_EQ(document->by, "system");
  EXPECT_EQ(code_of(reports_->document("default", of.id, 2)), "report.no_document");
  EXPECT_EQ(testing::entries(*database_),
            std::vector<std::string>{"system report.draft report  ok"});
}

TEST_F(DraftsTest, AnUrgentOneIsDueWithinItsOwnClock) {
  NewDraft what = new_draft();
  what.urgent = true;
  EXPECT_EQ(draft(what).due_ms, clock_.now_ms() + rules_.urgent_ms);
  what.due_ms = clock_.now_ms() + kMinute;
  EXPECT_EQ(draft(what).due_ms, what.due_ms);
  what.due_ms = clock_.now_ms() + 5 * kHour;
  EXPECT_EQ(draft(what).due_ms, clock_.now_ms() + rules_.urgent_ms);
  what.urgent = false;
  EXPECT_EQ(draft(what).due_ms, what.due_ms);
}

TEST_F(DraftsTest, ACaseHasOneReportOfAKindAtAnAuthority) {
  NewDraft what = new_draft();
  what.case_id = add_case();
  const Report first = draft(what);
  const Result<Report> second = reports_->draft(system_, what);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "report.exists");
  EXPECT_NE(second.error().message.find(to_string(first.id)), std::string::npos);
  NewDraft elsewhere = what;
  elsewhere.authority.name = "hotline";
  draft(elsewhere);
  NewDraft referral = what;
  referral.kind = Kind::kReferral;
  draft(referral);
  release(first);
  EXPECT_EQ(code_of(reports_->draft(system_, what)), "report.exists") << "also when released";
  file(lease(), receipt());
  EXPECT_EQ(code_of(reports_->draft(system_, what)), "report.exists") << "also when finished";
}

TEST_F(DraftsTest, AWithdrawnOrSimulatedOneIsInNobodysWay) {
  NewDraft what = new_draft();
  what.case_id = add_case();
  ASSERT_TRUE(withdraw(draft(what)));
  what.authority = ncmec(Environment::kSimulated);
  draft(what);
  EXPECT_EQ(code_of(reports_->draft(system_, what)), "report.exists");
  what.authority = ncmec();
  draft(what);
  what.authority = ncmec(Environment::kTest);
  EXPECT_EQ(code_of(reports_->draft(system_, what)), "report.exists") << "production is enough";
}

TEST_F(DraftsTest, ACorrectionIsOfAFinishedReportWhichShowsIt) {
  NewDraft what = new_draft();
  what.case_id = add_case();
  const Report wrong = finished(what);
  NewDraft correction = what;
  correction.kind = Kind::kCorrection;
  EXPECT_EQ(code_of(reports_->draft(system_, correction)), "report.bad_draft");
  correction.corrects = wrong.id;
  const Report first = draft(correction);
  EXPECT_EQ(first.corrects, wrong.id);
  EXPECT_EQ(code_of(reports_->draft(system_, correction)), "report.exists")
      << "one draft at a time";
  const Whole all = whole(wrong.id);
  ASSERT_EQ(all.notes.size(), 1U);
  EXPECT_EQ(all.notes[0].kind, "correction");
  EXPECT_EQ(all.notes[0].text, to_string(first.id));
  EXPECT_GT(all.of.version, wrong.version);
  release(first);
  file(lease(), receipt("4712"));
  const Report second = draft(correction);
  NewDraft of_draft = correction;
  of_draft.case_id.reset();
  of_draft.corrects = second.id;
  EXPECT_EQ(code_of(reports_->draft(system_, of_draft)), "report.not_finished");
  of_draft.corrects = Uuid{};
  EXPECT_EQ(code_of(reports_->draft(system_, of_draft)), "report.not_found");
  of_draft.kind = Kind::kReport;
  EXPECT_EQ(code_of(reports_->draft(system_, of_draft)), "report.bad_draft");
}

TEST_F(DraftsTest, WhatIsNoDraftIsRefusedAndNothingIsThere) {
  const auto bad = [&](const std::function<void(NewDraft&)>& change) {
    NewDraft what = new_draft();
    change(what);
    const Result<Report> made = reports_->draft(system_, what);
    return code_of(made);
  };
  const std::string draft = "report.bad_draft";
  EXPECT_EQ(bad([](NewDraft& what) { what.authority.name = ""; }), draft);
  EXPECT_EQ(bad([](NewDraft& what) { what.authority.name = "NCMEC"; }), draft);
  EXPECT_EQ(bad([](NewDraft& what) { what.authority.name = std::string(33, 'a'); }), draft);
  EXPECT_EQ(bad([](NewDraft& what) { what.authority.jurisdiction = "us"; }), draft);
  EXPECT_EQ(bad([](NewDraft& what) { what.authority.jurisdiction = ""; }), draft);
  EXPECT_EQ(bad([](NewDraft& what) { what.authority.retention_days = -1; }), draft);
  EXPECT_EQ(bad([](NewDraft& what) { what.account = ""; }), draft);
  EXPECT_EQ(bad([](NewDraft& what) { what.account = std::string(513, 'a'); }), draft);
  EXPECT_EQ(bad([](NewDraft& what) { what.account = std::string("a\0b", 3); }), draft);
  const std::string document = "report.bad_document";
  EXPECT_EQ(bad([](NewDraft& what) { what.body = ""; }), document);
  EXPECT_EQ(bad([](NewDraft& what) { what.body = std::string((256U << 10) + 1, '{'); }), document);
  EXPECT_EQ(bad([](NewDraft& what) { what.body = std::string("\0", 1); }), document);
  EXPECT_EQ(bad([](NewDraft& what) { what.provenance = ""; }), document);
  EXPECT_EQ(bad([](NewDraft& what) { what.provenance = std::string((1U << 20) + 1, ' '); }),
            document);
  const std::string files = "report.bad_files";
  EXPECT_EQ(bad([](NewDraft& what) { what.files[0].number = 1; }), files);
  EXPECT_EQ(bad([](NewDraft& what) { what.files.push_back(what.files[0]); }), files);
  EXPECT_EQ(bad([](NewDraft& what) { what.files[0].md5 = std::string(32, 'g'); }), files);
  EXPECT_EQ(bad([](NewDraft& what) { what.files[0].md5 = std::string(31, 'a'); }), files);
  EXPECT_EQ(bad([](NewDraft& what) { what.files[0].size_bytes = -1; }), files);
  EXPECT_EQ(bad([](NewDraft& what) {
              what.files.resize(1001, what.files[0]);
              for (std::size_t i = 0; i < what.files.size(); ++i) {
                what.files[i].number = static_cast<std::int64_t>(i);
              }
            }),
            files);
  EXPECT_EQ(bad([](NewDraft& what) { what.case_id = Uuid{}; }), "store.conflict");
  EXPECT_EQ(count("report"), 0);
  EXPECT_EQ(count("report_document"), 0);
  EXPECT_EQ(count("audit"), 0);
}

TEST_F(DraftsTest, WritingMakesANewVersionAndKeepsTheOldDocument) {
  const Report of = draft();
  const Result<Report> written = write(of, "{}");
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(written->version, 2);
  EXPECT_EQ(written->document, 2);
  EXPECT_EQ(reports_->document("default", of.id, 1)->body, R"({"report":{}})");
  EXPECT_EQ(reports_->document("default", of.id, 2)->body, "{}");
  EXPECT_EQ(reports_->document("default", of.id, 2)->by, "person:lead");
  EXPECT_TRUE(whole(of.id).files.empty()) << "the files are those of the latest";
  EXPECT_EQ(code_of(write(of, "{}")), "report.changed");
  EXPECT_EQ(code_of(reports_->write(lead_.actor, of.id, {2, ""}, "", "[]", {})),
            "report.bad_document");
  EXPECT_EQ(
      code_of(reports_->write({"another", "person:lead", "lead"}, of.id, {2, ""}, "{}", "[]", {})),
      "report.not_found");
  const Report released = release(*written);
  EXPECT_EQ(code_of(write(released, "{}")), "report.not_draft");
  EXPECT_EQ(count("report_document"), 2);
}

TEST_F(DraftsTest, TheSameCommandAgainIsDoneOnce) {
  const Report of = draft();
  ASSERT_TRUE(write(of, "{}", "key-1"));
  const Result<Report> again = write(of, "{}", "key-1");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->version, 2);
  EXPECT_EQ(count("report_document"), 2);
  EXPECT_EQ(code_of(write(of, "{ }", "key-1")), "idempotency.mismatch");
  EXPECT_EQ(code_of(write(*again, "{ }", "a b")), "idempotency.bad_key");
  EXPECT_EQ(code_of(write(*again, "{ }", std::string(129, 'k'))), "idempotency.bad_key");
  clock_.advance(8 * 24 * kHour);
  ASSERT_TRUE(write(*again, "{ }", "key-2"));
  EXPECT_EQ(texts("SELECT key FROM report_command"), std::vector<std::string>{"key-2"});
}

TEST_F(DraftsTest, AWithdrawnOneIsNeverFiledAndSaysWhy) {
  const Report of = draft();
  const Result<Report> withdrawn = withdraw(of);
  ASSERT_TRUE(withdrawn) << withdrawn.error().message;
  EXPECT_EQ(withdrawn->state, State::kWithdrawn);
  const Whole all = whole(of.id);
  ASSERT_EQ(all.notes.size(), 1U);
  EXPECT_EQ(all.notes[0].kind, "withdrawn");
  EXPECT_EQ(all.notes[0].text, "not needed");
  EXPECT_EQ(code_of(withdraw(*withdrawn)), "report.ended");
  EXPECT_EQ(code_of(reports_->release(lead_, of.id, {withdrawn->version, ""}, 1)),
            "report.not_draft");
  EXPECT_EQ(code_of(write(*withdrawn, "{}")), "report.not_draft");
  clock_.advance(48 * kHour);
  EXPECT_EQ(*reports_->escalate(), 0U) << "its clock is over";
  EXPECT_FALSE(try_lease());
}

TEST_F(DraftsTest, OnlyThoseWhoMayReleaseWithdrawAndGiveAReason) {
  NewDraft what = new_draft();
  what.minor = true;
  const Report of = draft(what);
  EXPECT_EQ(code_of(withdraw(of, reviewer_)), "report.role");
  EXPECT_EQ(code_of(withdraw(of, lead_)), "report.role") << "a possible minor's";
  for (const std::string& reason :
       {std::string(), std::string(" \n"), std::string(1001, 'x'), std::string("a\0b", 3)}) {
    EXPECT_EQ(code_of(reports_->withdraw(legal_, of.id, {1, ""}, reason)), "report.bad_reason");
  }
  EXPECT_TRUE(reports_->withdraw(legal_, of.id, {1, ""}, std::string(1000, 'x')));
}

TEST_F(DraftsTest, AReleasedOneIsWithdrawnAsLongAsNothingCanHaveBeenFinished) {
  const Report of = release(draft());
  Leased leased = lease();
  step(leased, Phase::kDone);
  step(leased, Phase::kUnclear);
  const Result<Report> withdrawn = withdraw(get(of.id));
  ASSERT_TRUE(withdrawn) << withdrawn.error().message;
  Next finish;
  finish.step = Step::kFinish;
  finish.authority_id = "4711";
  EXPECT_EQ(code_of(reports_->begin(leased, finish, kLeaseMs)), "report.lost_lease");

  const Report second = release(draft());
  Leased other = lease();
  while (other.journal.empty() || other.journal.back().step != Step::kFileInfo) {
    step(other, Phase::kDone);
  }
  step(other, Phase::kUnclear);
  ASSERT_TRUE(reports_->put_off(other, "report.unreachable", {}));
  EXPECT_EQ(code_of(withdraw(get(second.id))), "report.in_doubt");
  ASSERT_TRUE(reports_->retry(lead_, second.id, {get(second.id).version, ""}));
  Leased third = lease();
  step(third, Phase::kDone);
  EXPECT_EQ(third.journal.back().step, Step::kRetract);
  EXPECT_TRUE(withdraw(get(second.id))) << "the authority said that it was open";
  const Report filed = finished(new_draft());
  EXPECT_EQ(code_of(withdraw(filed)), "report.ended");
}

}  // namespace
}  // namespace tutela::reports
