// What follows a receipt, alarms, notes, attestations, and what the service says of accounts.
#include <boost/json.hpp>

#include "casework/reports/reports_fixture.hpp"

namespace tutela::reports {
namespace {

class AfterTest : public ReportsTest {
 protected:
  Status follow(const Uuid& id) {
    return database_->write(
        [&](store::Transaction& transaction) { return reports_->followed_up(transaction, id); });
  }

  std::vector<std::string> alarms() {
    std::vector<std::string> stages;
    for (const std::string& payload :
         texts("SELECT payload FROM outbox WHERE topic = 'alarm.report_due' ORDER BY id")) {
      const boost::json::object message = boost::json::parse(payload).as_object();
      stages.emplace_back(message.at("stage").as_string().c_str());
      stages.back() += " " + std::string(message.at("state").as_string().c_str());
    }
    return stages;
  }

  Attestation attestation() {
    Attestation what;
    what.content_id = add_content();
    what.what = "file";
    what.reference = "ticket 17";
    what.viewed_ms = clock_.now_ms() - kHour;
    return what;
  }
};

TEST_F(AfterTest, AFinishedReportIsFollowedUpOnceTheOldestFirst) {
  const Report first = finished(new_draft(0), "1");
  clock_.advance(kMinute);
  const Report second = finished(new_draft(0), "2");
  draft();
  const auto owed = reports_->follow_ups(10);
  ASSERT_TRUE(owed) << owed.error().message;
  ASSERT_EQ(owed->size(), 2U);
  EXPECT_EQ(owed->at(0).id, first.id);
  EXPECT_EQ(owed->at(1).id, second.id);
  EXPECT_EQ(reports_->follow_ups(1)->size(), 1U);
  ASSERT_TRUE(follow(first.id));
  EXPECT_EQ(code_of(follow(first.id)), "report.not_owed");
  EXPECT_EQ(code_of(follow(Uuid{})), "report.not_owed");
  EXPECT_EQ(reports_->follow_ups(10)->at(0).id, second.id);
  EXPECT_EQ(get(first.id).version, first.version);
}

TEST_F(AfterTest, ASimulatedOrTestReceiptEndsTheDebtAndCountsNowhere) {
  NewDraft what = new_draft(0);
  finished(what, "1");
  for (const Environment environment : {Environment::kTest, Environment::kSimulated}) {
    what.authority = ncmec(environment);
    what.urgent = true;
    EXPECT_FALSE(counts_as_filed(finished(what, "2")));
  }
  what.authority = ncmec();
  release(draft(what));
  Receipt marked = receipt("3");
  marked.simulated = true;
  const Report of = file(lease(), marked);
  EXPECT_TRUE(of.simulated);
  EXPECT_FALSE(counts_as_filed(of)) << "a marked answer, whatever the URL says";
  const Result<Counts> counts = reports_->counts("default");
  ASSERT_TRUE(counts) << counts.error().message;
  EXPECT_EQ(counts->finished, 1);
  EXPECT_EQ(counts->simulated, 3);
  EXPECT_EQ(counts->released + counts->waiting + counts->drafts, 0);
  clock_.advance(100 * kHour);
  EXPECT_EQ(*reports_->escalate(), 0U) << "their clocks are over";
  EXPECT_EQ(reports_->follow_ups(10)->size(), 4U);
  EXPECT_EQ(reports_->counts("another")->finished, 0);
}

TEST_F(AfterTest, PriorReportsAreThoseOfTheAccountThatAreReal) {
  const std::vector<std::string> none;
  for (const std::string id : {"1", "2", "3"}) {
    finished(new_draft(0), id);
    clock_.advance(kMinute);
  }
  NewDraft other = new_draft(0);
  other.account = "acc-2";
  finished(other, "4");
  other.account = "acc-1";
  other.authority = ncmec(Environment::kSimulated);
  finished(other, "5");
  release(draft(new_draft(0)));
  Receipt marked = receipt("6");
  marked.simulated = true;
  const Report simulated = file(lease(), marked);
  const auto prior = [&](const std::string& account, Environment environment) {
    return *reports_->prior("default", account, "ncmec", environment);
  };
  EXPECT_EQ(prior("acc-1", Environment::kProduction), (std::vector<std::string>{"3", "2", "1"}));
  EXPECT_EQ(prior("acc-1", Environment::kSimulated), std::vector<std::string>{"5"});
  EXPECT_EQ(prior("acc-1", Environment::kTest), none);
  EXPECT_EQ(prior("acc-3", Environment::kProduction), none);
  EXPECT_EQ(*reports_->prior("default", "acc-1", "bka", Environment::kProduction), none);
  EXPECT_EQ(*reports_->prior("another", "acc-1", "ncmec", Environment::kProduction), none);
  EXPECT_EQ(whole(simulated.id).prior, (std::vector<std::string>{"3", "2", "1"}));
  const std::string filed = texts("SELECT id FROM report WHERE authority_id = '2'").at(0);
  EXPECT_EQ(whole(*parse_uuid(filed)).prior, (std::vector<std::string>{"3", "1"})) << "not itself";
}

TEST_F(AfterTest, SomebodyIsToldOfAnUrgentOneBeforeAndOfAnyAfterItsDueDate) {
  NewDraft urgent = new_draft(0);
  urgent.urgent = true;
  const Report of = draft(urgent);
  draft();  // due in a day
  EXPECT_EQ(*reports_->escalate(), 0U);
  clock_.advance(45 * kMinute - 1);
  EXPECT_EQ(*reports_->escalate(), 0U);
  clock_.advance(1);
  EXPECT_EQ(*reports_->escalate(), 1U);
  EXPECT_EQ(*reports_->escalate(), 0U) << "once a stage";
  release(get(of.id));
  clock_.advance(15 * kMinute);
  EXPECT_EQ(*reports_->escalate(), 1U);
  EXPECT_EQ(*reports_->escalate(), 0U);
  EXPECT_EQ(alarms(), (std::vector<std::string>{"near draft", "past released"}));
  clock_.advance(24 * kHour);
  EXPECT_EQ(*reports_->escalate(), 1U);
  EXPECT_EQ(alarms().back(), "past draft");
  EXPECT_EQ(get(of.id).version, 2) << "nothing that a person saw has changed";
}

TEST_F(AfterTest, ALateLookAtAnUrgentOneIsOneAlarm) {
  NewDraft urgent = new_draft(0);
  urgent.urgent = true;
  draft(urgent);
  clock_.advance(5 * kHour);
  EXPECT_EQ(*reports_->escalate(), 1U);
  EXPECT_EQ(*reports_->escalate(), 0U);
  EXPECT_EQ(alarms(), std::vector<std::string>{"past draft"});
}

TEST_F(AfterTest, APersonSaysThatItWasFiledElsewhere) {
  const Report waits = waiting(Phase::kRejected);
  const auto by_hand = [&](const Person& person, const Report& of, const std::string& reference) {
    return reports_->file_by_hand(person, of.id, {of.version, ""}, reference);
  };
  EXPECT_EQ(code_of(by_hand(reviewer_, waits, "X-1")), "report.role");
  for (const std::string& reference :
       {std::string(), std::string("  "), std::string(129, 'x'), std::string("\xC3\xA4")}) {
    EXPECT_EQ(code_of(by_hand(lead_, waits, reference)), "report.bad_reference");
  }
  const Result<Report> filed = by_hand(lead_, waits, "X-1");
  ASSERT_TRUE(filed) << filed.error().message;
  EXPECT_EQ(filed->state, State::kFinished);
  EXPECT_TRUE(counts_as_filed(*filed));
  EXPECT_EQ(whole(waits.id).receipt->how, "by_hand");
  EXPECT_EQ(whole(waits.id).receipt->authority_id, "X-1");
  EXPECT_EQ(reports_->follow_ups(10)->size(), 1U);
  EXPECT_EQ(count("outbox WHERE topic = 'report.finished'"), 1);
  EXPECT_EQ(code_of(by_hand(lead_, *filed, "X-1")), "report.not_waiting");

  const Report other = draft(new_draft(0));
  EXPECT_EQ(code_of(by_hand(lead_, other, "X-2")), "report.not_waiting") << "not released";
  release(other);
  const Leased leased = lease();
  ASSERT_TRUE(by_hand(lead_, get(other.id), "X-2")) << "nothing of it was ever sent";
  EXPECT_EQ(code_of(reports_->renew(leased, kLeaseMs)), "report.lost_lease");
  release(draft(new_draft(0)));
  Leased begun = lease();
  step(begun, Phase::kUnclear);
  EXPECT_EQ(code_of(by_hand(lead_, get(begun.of.id), "X-3")), "report.not_waiting");
}

TEST_F(AfterTest, APossibleMinorsIsALegalOfficersToFileByHand) {
  NewDraft what = new_draft(0);
  what.minor = true;
  const Report of = release(draft(what), legal_);
  EXPECT_EQ(code_of(reports_->file_by_hand(lead_, of.id, {of.version, ""}, "X")), "report.role");
  EXPECT_TRUE(reports_->file_by_hand(legal_, of.id, {of.version, ""}, "X"));
}

TEST_F(AfterTest, NotesAndFeedbackAreKeptInTheirOrder) {
  const Report of = finished(new_draft(0));
  const Result<Report> noted =
      reports_->add_note(lead_, of.id, {of.version, ""}, "feedback", std::string(4000, 'x'));
  ASSERT_TRUE(noted) << noted.error().message;
  EXPECT_EQ(noted->version, of.version + 1);
  ASSERT_TRUE(reports_->add_note(legal_, of.id, {noted->version, ""}, "note", "called back"));
  const Whole all = whole(of.id);
  ASSERT_EQ(all.notes.size(), 2U);
  EXPECT_EQ(all.notes[0].kind, "feedback");
  EXPECT_EQ(all.notes[1].text, "called back");
  EXPECT_EQ(all.notes[1].by, "person:legal");
  const auto bad = [&](const std::string& kind, const std::string& text) {
    return code_of(reports_->add_note(lead_, of.id, {all.of.version, ""}, kind, text));
  };
  for (const std::string kind : {"", "withdrawn", "correction", "Note"}) {
    EXPECT_EQ(bad(kind, "text"), "report.bad_note");
  }
  for (const std::string& text :
       {std::string(), std::string("\t "), std::string(4001, 'x'), std::string("a\0b", 3)}) {
    EXPECT_EQ(bad("note", text), "report.bad_note");
  }
  EXPECT_EQ(count("audit WHERE action = 'report.note'"), 2);
}

TEST_F(AfterTest, AViewOutsideIsSaidByALeadOrLegalOfficer) {
  const Attestation what = attestation();
  EXPECT_EQ(code_of(reports_->attest(reviewer_, what)), "report.role");
  const Result<Attestation> said = reports_->attest(legal_, what);
  ASSERT_TRUE(said) << said.error().message;
  EXPECT_EQ(said->by, "person:legal");
  EXPECT_EQ(said->at_ms, clock_.now_ms());
  const auto found = reports_->attestations("default", {add_content(), what.content_id});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ(found->at(0).id, said->id);
  EXPECT_EQ(found->at(0).what, "file");
  EXPECT_EQ(found->at(0).reference, "ticket 17");
  EXPECT_EQ(found->at(0).viewed_ms, what.viewed_ms);
  EXPECT_TRUE(reports_->attestations("another", {what.content_id})->empty());
  const auto bad = [&](const std::function<void(Attestation&)>& change) {
    Attestation changed = attestation();
    change(changed);
    return code_of(reports_->attest(lead_, changed));
  };
  const std::string code = "report.bad_attestation";
  EXPECT_EQ(bad([](Attestation& each) { each.what = "view"; }), code);
  EXPECT_EQ(bad([&](Attestation& each) { each.viewed_ms = clock_.now_ms() + 1; }), code);
  EXPECT_EQ(bad([](Attestation& each) { each.viewed_ms = 0; }), code);
  EXPECT_EQ(bad([](Attestation& each) { each.reference = ""; }), code);
  EXPECT_EQ(bad([](Attestation& each) { each.reference = std::string(201, 'x'); }), code);
  EXPECT_EQ(bad([](Attestation& each) { each.content_id = Uuid{}; }), "content.not_found");
  NewDraft with = new_draft(1);
  with.files[0].content_id = what.content_id;
  EXPECT_EQ(whole(draft(with).id).attestations.size(), 1U);
}

TEST_F(AfterTest, OfAnAccountTheLatestFactsAreKept) {
  EXPECT_FALSE(*reports_->account_facts("default", "acc-1"));
  ASSERT_TRUE(reports_->set_account_facts(system_, "acc-1", R"({"screenName":"a"})"));
  ASSERT_TRUE(reports_->set_account_facts(system_, "acc-1", R"({"screenName":"b"})"));
  EXPECT_EQ(*reports_->account_facts("default", "acc-1"), R"({"screenName":"b"})");
  EXPECT_FALSE(*reports_->account_facts("another", "acc-1"));
  EXPECT_EQ(count("account_facts"), 1);
  const auto bad = [&](const std::string& account, const std::string& body) {
    return code_of(reports_->set_account_facts(system_, account, body));
  };
  const std::string code = "account.bad_facts";
  for (const std::string& account :
       {std::string(), std::string(513, 'a'), std::string("a\0b", 3)}) {
    EXPECT_EQ(bad(account, "{}"), code);
  }
  for (const std::string& body : {std::string(),
                                  std::string("[]"),
                                  std::string("{"),
                                  std::string("{} {}"),
                                  std::string(100'000, '['),
                                  "{\"a\":\"" + std::string(64U << 10, 'x') + "\"}"}) {
    EXPECT_EQ(bad("acc-1", body), code);
  }
  EXPECT_EQ(texts("SELECT DISTINCT object FROM audit"), std::vector<std::string>{"account"})
      << "an account is personal data";
}

}  // namespace
}  // namespace tutela::reports
