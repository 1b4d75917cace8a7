#include <string>

#include "casework/cases/cases_fixture.hpp"

namespace tutela::cases {
namespace {

class CommandsTest : public CasesTest {
 protected:
  void SetUp() override {
    CasesTest::SetUp();
    id_ = add(finding("acc-1"));
  }

  Command at(std::int64_t version, const std::string& key = "") { return {version, key}; }

  Uuid id_;
};

TEST_F(CommandsTest, ANoteIsKeptWithItsAuthorAndItsWordsAreInNoOtherRow) {
  clock_.advance(kHour);
  const Result<Case> noted = cases_->add_note(ann_, id_, at(1), "seen in a forum");
  ASSERT_TRUE(noted) << noted.error().message;
  EXPECT_EQ(noted->version, 2);
  const Whole all = whole(id_);
  ASSERT_EQ(all.notes.size(), 1U);
  EXPECT_EQ(all.notes[0].text, "seen in a forum");
  EXPECT_EQ(all.notes[0].principal_id, "person:ann");
  EXPECT_EQ(all.notes[0].at_ms, clock_.now_ms());
  EXPECT_EQ(all.events.back().kind, "noted");
  EXPECT_EQ(all.events.back().detail, "{}");
  EXPECT_EQ(text("SELECT action FROM audit ORDER BY id DESC LIMIT 1"), "case.note|");
  EXPECT_EQ(text("SELECT COUNT(*) FROM audit WHERE object LIKE '%forum%'"), "0|");
}

TEST_F(CommandsTest, ANoteHasOneToFourThousandCharacters) {
  const std::string most(4000, 'x');
  std::string umlauts;
  for (int i = 0; i < 4000; ++i) {
    umlauts += "\xC3\xA4";
  }
  EXPECT_EQ(code_of(cases_->add_note(ann_, id_, at(1), "")), "case.bad_note");
  EXPECT_EQ(code_of(cases_->add_note(ann_, id_, at(1), " \n\t")), "case.bad_note");
  EXPECT_EQ(code_of(cases_->add_note(ann_, id_, at(1), most + "x")), "case.bad_note");
  EXPECT_EQ(code_of(cases_->add_note(ann_, id_, at(1), std::string("a\0b", 3))), "case.bad_note");
  EXPECT_EQ(get(id_).version, 1);
  EXPECT_EQ(code_of(cases_->add_note(ann_, id_, at(1), most)), "");
  EXPECT_EQ(code_of(cases_->add_note(ann_, id_, at(2), umlauts)), "");
}

TEST_F(CommandsTest, WhoeverSawAnotherVersionIsToldWhatHappened) {
  add(finding("acc-1"));
  const Result<Case> late = cases_->add_note(ann_, id_, at(1), "late");
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(late.error().code, "case.changed");
  EXPECT_NE(late.error().message.find("joined at " + to_rfc3339(clock_.now_ms())),
            std::string::npos)
      << late.error().message;
  EXPECT_TRUE(whole(id_).notes.empty());
}

TEST_F(CommandsTest, TheSameKeyAndCommandGivesTheFirstAnswerAgain) {
  const Result<Case> first = cases_->add_note(ann_, id_, at(1, "k-1"), "once");
  ASSERT_TRUE(first);
  const Result<Case> again = cases_->add_note(ann_, id_, at(1, "k-1"), "once");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->id, id_);
  EXPECT_EQ(again->version, 2);
  EXPECT_EQ(whole(id_).notes.size(), 1U);
  // Of another person it is another key.
  EXPECT_EQ(code_of(cases_->add_note(ben_, id_, at(2, "k-1"), "once")), "");
}

TEST_F(CommandsTest, AnotherCommandWithTheSameKeyIsRefused) {
  ASSERT_TRUE(cases_->add_note(ann_, id_, at(1, "k-1"), "once"));
  const Uuid other = add(finding("acc-2"));
  EXPECT_EQ(code_of(cases_->add_note(ann_, id_, at(1, "k-1"), "twice")), "idempotency.mismatch");
  EXPECT_EQ(code_of(cases_->add_note(ann_, id_, at(2, "k-1"), "once")), "idempotency.mismatch");
  EXPECT_EQ(code_of(cases_->add_note(ann_, other, at(1, "k-1"), "once")), "idempotency.mismatch");
  EXPECT_EQ(code_of(cases_->mark(ann_, id_, at(2, "k-1"), {})), "idempotency.mismatch");
}

TEST_F(CommandsTest, ACommandThatFailedCanBeTriedAgainWithItsKey) {
  EXPECT_EQ(code_of(cases_->add_note(ann_, id_, at(7, "k-1"), "once")), "case.changed");
  EXPECT_EQ(code_of(cases_->add_note(ann_, id_, at(1, "k-1"), "once")), "");
}

TEST_F(CommandsTest, KeysAreBoundedAndForgottenAfterAWeek) {
  EXPECT_EQ(code_of(cases_->add_note(ann_, id_, at(1, std::string(129, 'k')), "x")),
            "idempotency.bad_key");
  EXPECT_EQ(code_of(cases_->add_note(ann_, id_, at(1, "a b"), "x")), "idempotency.bad_key");
  ASSERT_TRUE(cases_->add_note(ann_, id_, at(1, std::string(128, 'k')), "x"));
  clock_.advance(8 * 24 * kHour);
  ASSERT_TRUE(cases_->add_note(ann_, id_, at(2, "new"), "y"));
  EXPECT_EQ(text("SELECT key FROM case_command"), "new|");
}

TEST_F(CommandsTest, ALinkIsThereFromBothSides) {
  const Uuid other = add(finding("acc-2"));
  ASSERT_TRUE(cases_->link(ann_, id_, at(1), other, LinkKind::kRelated));
  EXPECT_EQ(whole(id_).links.at(0).other, other);
  EXPECT_EQ(whole(other).links.at(0).other, id_);
  EXPECT_EQ(whole(other).links.at(0).kind, LinkKind::kRelated);
  EXPECT_EQ(get(other).version, 2);
  EXPECT_EQ(events(other), "opened linked");
  const Result<Case> again = cases_->link(ann_, id_, at(2), other, LinkKind::kRelated);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->version, 2) << "nothing changed";
}

TEST_F(CommandsTest, ALinkNeedsAnotherCaseThatThePersonMaySee) {
  EXPECT_EQ(code_of(cases_->link(ann_, id_, at(1), id_, LinkKind::kRelated)), "case.bad_link");
  EXPECT_EQ(code_of(cases_->link(ann_, id_, at(1), new_uuid(1), LinkKind::kRelated)),
            "case.not_found");
  const Uuid other = add(finding("acc-2"));
  assign(id_, contractor_);
  EXPECT_EQ(code_of(cases_->link(contractor_, id_, at(1), other, LinkKind::kRelated)),
            "case.not_found");
}

TEST_F(CommandsTest, SelfReportedCasesAreNobodysNearDuplicateInAnotherQueue) {
  const Uuid reported = add(self_reported("acc-2"));
  EXPECT_EQ(code_of(cases_->link(ann_, id_, at(1), reported, LinkKind::kNearDuplicate)),
            "case.bad_link");
  EXPECT_EQ(code_of(cases_->link(ann_, id_, at(1), reported, LinkKind::kRelated)), "");
}

TEST_F(CommandsTest, ImminentHarmAndANewVictimMakeACaseUrgent) {
  std::int64_t version = 1;
  for (const Mark urgent : {Mark::kImminentHarm, Mark::kPossibleNewVictim}) {
    const Result<Case> marked = cases_->mark(ann_, id_, at(version++), {urgent});
    ASSERT_TRUE(marked) << marked.error().message;
    EXPECT_EQ(marked->queue, Queue::kUrgent);
    EXPECT_EQ(marked->first_look_due_ms, marked->opened_ms + kHour);
    EXPECT_EQ(marked->rank_ms, marked->opened_ms - (48 + 168) * kHour);
    const Result<Case> cleared = cases_->mark(ann_, id_, at(version++), {});
    ASSERT_TRUE(cleared);
    EXPECT_EQ(cleared->queue, Queue::kStandard);
    EXPECT_EQ(cleared->first_look_due_ms, cleared->opened_ms + 24 * kHour);
  }
  const Result<Case> vulnerable = cases_->mark(ann_, id_, at(version), {Mark::kVulnerable});
  EXPECT_EQ(vulnerable->queue, Queue::kStandard);
  EXPECT_EQ(vulnerable->rank_ms, vulnerable->opened_ms - (48 + 168) * kHour);
}

TEST_F(CommandsTest, MarksAreASet) {
  const Result<Case> marked =
      cases_->mark(ann_, id_, at(1), {Mark::kVulnerable, Mark::kImminentHarm, Mark::kVulnerable});
  ASSERT_TRUE(marked);
  EXPECT_EQ(get(id_).marks, (std::vector<Mark>{Mark::kImminentHarm, Mark::kVulnerable}));
  EXPECT_EQ(whole(id_).events.back().detail,
            "{\"marks\":\"imminent_harm,vulnerable\",\"queue\":\"urgent\"}");
  const Result<Case> same =
      cases_->mark(ann_, id_, at(2), {Mark::kImminentHarm, Mark::kVulnerable});
  EXPECT_EQ(same->version, 2);
}

TEST_F(CommandsTest, MarksMoveNothingOutOfItsOwnQueueNorWhatIsDecided) {
  const Uuid reported = add(self_reported("acc-2"));
  const Result<Case> marked = cases_->mark(ann_, reported, at(1), {Mark::kImminentHarm});
  ASSERT_TRUE(marked);
  EXPECT_EQ(marked->queue, Queue::kSelfReported);
  EXPECT_LT(marked->rank_ms, marked->opened_ms) << "at the front of its queue";
  change(id_, [](Case& of) { of.queue = Queue::kLegal; });
  EXPECT_EQ(cases_->mark(ann_, id_, at(2), {Mark::kImminentHarm})->queue, Queue::kLegal);
  set_state(id_, State::kDecided, Outcome::kConfirmed);
  EXPECT_EQ(code_of(cases_->mark(ann_, id_, at(4), {})), "case.decided");
}

TEST_F(CommandsTest, AReportMadeElsewhereEndsItsClock) {
  change(id_, [&](Case& of) {
    of.state = State::kClosed;
    of.outcome = Outcome::kConfirmed;
    of.report_due_ms = clock_.now_ms() + 24 * kHour;
  });
  EXPECT_EQ(code_of(cases_->attest_report(ann_, id_, at(2), "NCMEC 1")), "case.role");
  EXPECT_EQ(code_of(cases_->attest_report(lead_, id_, at(2), "")), "case.bad_reference");
  EXPECT_EQ(code_of(cases_->attest_report(lead_, id_, at(2), std::string(129, 'r'))),
            "case.bad_reference");
  EXPECT_EQ(code_of(cases_->attest_report(lead_, id_, at(2), "two\nlines")), "case.bad_reference");
  const Result<Case> reported = cases_->attest_report(legal_, id_, at(2), "NCMEC 1");
  ASSERT_TRUE(reported) << reported.error().message;
  EXPECT_EQ(reported->reported_ms, clock_.now_ms());
  EXPECT_EQ(whole(id_).notes.at(0).text, "Reported outside Tutela: NCMEC 1");
  EXPECT_EQ(events(id_), "opened reported");
  EXPECT_FALSE(due_of(get(id_)));
  EXPECT_EQ(code_of(cases_->attest_report(lead_, id_, at(3), "NCMEC 2")), "case.reported");
}

TEST_F(CommandsTest, NothingIsReportedThatNobodyConfirmed) {
  EXPECT_EQ(code_of(cases_->attest_report(lead_, id_, at(1), "NCMEC 1")), "case.not_closed");
  set_state(id_, State::kDecided, Outcome::kConfirmed);
  EXPECT_EQ(code_of(cases_->attest_report(lead_, id_, at(2), "NCMEC 1")), "case.not_closed");
  set_state(id_, State::kClosed, Outcome::kCleared);
  EXPECT_EQ(code_of(cases_->attest_report(lead_, id_, at(3), "NCMEC 1")), "case.not_closed");
}

TEST_F(CommandsTest, ADraftIsOfOnePersonAlone) {
  EXPECT_EQ(*cases_->draft(ann_, id_), "");
  ASSERT_TRUE(cases_->save_draft(ann_, id_, "first"));
  ASSERT_TRUE(cases_->save_draft(ann_, id_, "second"));
  EXPECT_EQ(*cases_->draft(ann_, id_), "second");
  EXPECT_EQ(*cases_->draft(ben_, id_), "");
  EXPECT_EQ(get(id_).version, 1) << "a draft changes no case";
  ASSERT_TRUE(cases_->save_draft(ann_, id_, ""));
  EXPECT_EQ(text("SELECT COUNT(*) FROM case_draft"), "0|");
}

TEST_F(CommandsTest, ADraftIsBounded) {
  EXPECT_EQ(code_of(cases_->save_draft(ann_, id_, std::string(8192, 'd'))), "");
  EXPECT_EQ(code_of(cases_->save_draft(ann_, id_, std::string(8193, 'd'))), "case.draft_too_long");
  set_state(id_, State::kDecided, Outcome::kConfirmed);
  EXPECT_EQ(code_of(cases_->save_draft(ann_, id_, "late")), "case.decided");
}

TEST_F(CommandsTest, WhoSeesOnlyWhatIsAssignedFindsNothingElse) {
  const Person& carl = contractor_;
  const auto codes = [&]() {
    return std::vector<std::string>{code_of(cases_->find(carl, id_)),
                                    code_of(cases_->whole(carl, id_)),
                                    code_of(cases_->events(carl, id_, 0, 10)),
                                    code_of(cases_->unlock(carl, id_)),
                                    code_of(cases_->draft(carl, id_)),
                                    code_of(cases_->save_draft(carl, id_, "d")),
                                    code_of(cases_->add_note(carl, id_, at(1), "n")),
                                    code_of(cases_->mark(carl, id_, at(2), {Mark::kVulnerable})),
                                    code_of(cases_->lock(carl, id_, false))};
  };
  for (const std::string& code : codes()) {
    EXPECT_EQ(code, "case.not_found");
  }
  EXPECT_FALSE(take(carl));
  EXPECT_TRUE(list({}, carl).empty());
  EXPECT_EQ(cases_->counts(carl)->at(1).waiting, 0);
  assign(id_, carl);
  for (const std::string& code : codes()) {
    EXPECT_EQ(code, "");
  }
  EXPECT_EQ(list({}, carl), std::vector<Uuid>{id_});
  EXPECT_EQ(cases_->counts(carl)->at(1).waiting, 1);
  EXPECT_EQ(cases_->counts(carl)->at(1).locked, 1);
}

TEST_F(CommandsTest, EventsAreReadPageByPage) {
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(cases_->add_note(ann_, id_, at(i + 1), "n"));
  }
  std::int64_t after = 0;
  std::size_t seen = 0;
  while (true) {
    const Result<std::vector<Event>> page = cases_->events(ann_, id_, after, 2);
    ASSERT_TRUE(page);
    if (page->empty()) {
      break;
    }
    seen += page->size();
    EXPECT_GT(page->front().number, after);
    after = page->back().number;
  }
  EXPECT_EQ(seen, 6U);
  EXPECT_EQ(code_of(cases_->events(ann_, id_, -1, 2)), "case.bad_page");
  EXPECT_EQ(code_of(cases_->events(ann_, id_, 0, 0)), "case.bad_page");
  EXPECT_EQ(code_of(cases_->events(ann_, id_, 0, 201)), "case.bad_page");
}

TEST_F(CommandsTest, AnothersDecisionIsHiddenFromWhoeverIsToDecide) {
  add_decision(id_, ann_);
  execute(
      "INSERT INTO case_event (tenant_id, principal_id, case_id, kind, detail, at_ms) VALUES "
      "('default', 'person:ann', :id, 'decided', '{\"outcome\":\"confirmed\"}', 0)",
      {to_string(id_)});
  set_state(id_, State::kSecondLook);
  EXPECT_EQ(cases_->whole(ann_, id_)->decisions.size(), 1U);
  EXPECT_EQ(cases_->whole(ben_, id_)->decisions.size(), 0U);
  EXPECT_EQ(cases_->whole(lead_, id_)->decisions.size(), 0U);
  EXPECT_EQ(cases_->whole(ben_, id_)->events.back().detail, "{}");
  EXPECT_EQ(cases_->events(ben_, id_, 0, 10)->back().detail, "{}");
  EXPECT_EQ(cases_->whole(ann_, id_)->events.back().detail, "{\"outcome\":\"confirmed\"}");
  set_state(id_, State::kDisagreement);
  EXPECT_EQ(cases_->whole(ben_, id_)->decisions.size(), 0U);
  EXPECT_EQ(cases_->whole(lead_, id_)->decisions.size(), 1U);
  set_state(id_, State::kClosed, Outcome::kConfirmed);
  EXPECT_EQ(cases_->whole(ben_, id_)->decisions.size(), 1U);
}

TEST_F(CommandsTest, ThePageOfACaseTellsWhatTheLedgerTheListsAndTheVaultKnow) {
  Finding found = finding("acc-9", "bb");
  found.exact = found.trusted = found.automation = true;
  const Uuid id = add(found);
  const std::string content = to_string(found.content_id);
  const auto add_match = [&](const std::string& kind, int distance, const std::string& strength) {
    execute(
        "INSERT INTO content_match (id, content_id, tenant_id, principal_id, list_id, "
        "list_version, signal_id, kind, distance, orientation, frame, strength, at_ms) VALUES "
        "(:id, :content, 'default', 'system', :list, 1, 1, :kind, :distance, 'none', 0, "
        ":strength, 0)",
        {to_string(new_uuid(1)),
         content,
         to_string(list_),
         kind,
         std::int64_t{distance},
         strength});
  };
  add_match("pdq", 4, "near");
  add_match("sha256", 0, "exact");
  execute(
      "INSERT INTO content_frame (content_id, tenant_id, principal_id, frame, quality, pdq) "
      "VALUES (:id, 'default', 'system', 0, 73, '')",
      {content});
  const Uuid evidence = new_uuid(clock_.now_ms());
  execute(
      "INSERT INTO evidence (id, tenant_id, principal_id, case_ref, content_id, media_type, "
      "size_bytes, md5, sha1, sha256, epoch, state, sealed_ms) VALUES (:id, 'default', "
      "'system', 'C', :content, 'image/png', 10, '', '', '', 1, 'kept', 0)",
      {to_string(evidence), content});
  const Uuid twin = add_content("bb");
  for (const std::string& each : {content, to_string(twin)}) {
    execute(
        "INSERT INTO content_group (content_id, tenant_id, principal_id, group_id) VALUES "
        "(:id, 'default', 'system', 'g')",
        {each});
  }
  const Item item = whole(id).items.at(0);
  EXPECT_TRUE(item.exact && item.trusted && item.automation);
  EXPECT_EQ(item.list, "vetted");
  EXPECT_EQ(item.list_classification, "B1");
  EXPECT_EQ(item.list_purpose, "known_csam");
  EXPECT_EQ(item.match_kind, "sha256");
  EXPECT_EQ(item.distance, 0);
  EXPECT_EQ(item.quality, 73);
  EXPECT_EQ(item.media_type, "image/png");
  EXPECT_EQ(item.width, 64);
  EXPECT_EQ(item.height, 48);
  EXPECT_EQ(item.frames, 1);
  EXPECT_EQ(item.size_bytes, 10);
  EXPECT_EQ(item.door, "http");
  EXPECT_EQ(item.account, "acc-9");
  EXPECT_EQ(item.same_bytes, 1);
  EXPECT_EQ(item.group_size, 2);
  EXPECT_EQ(item.evidence_id, evidence);
  EXPECT_EQ(item.evidence_state, "kept");
  // A list that went is trusted no more, whatever was known when the case opened.
  execute("UPDATE list SET state = 'retired' WHERE id = :id", {to_string(list_)});
  EXPECT_FALSE(whole(id).items.at(0).trusted);
  EXPECT_FALSE(whole(id).items.at(0).automation);
}

}  // namespace
}  // namespace tutela::cases
