#include "service/intake/desk_fixture.hpp"

namespace tutela::intake_service {
namespace {

using intake::Kind;
using intake::Outcome;
using intake::State;

constexpr const char* kAnn = "person:01900000-0000-7000-8000-000000000001";
constexpr const char* kBen = "person:01900000-0000-7000-8000-000000000002";

class DeskTest : public ::testing::Test {
 protected:
  std::string token() {
    const std::string payload = place_.text(
        "SELECT payload FROM outbox WHERE payload LIKE '%tutelaa_%' ORDER BY id DESC LIMIT 1");
    return payload.substr(payload.find("tutelaa_"), 51);
  }

  testing::TemporaryFolder folder_;
  Place place_{folder_.path()};
};

TEST_F(DeskTest, NoticesAboutTheSameJoinOneCaseAndEachKeepsItsOwnNumber) {
  const auto one = place_.accept(Place::about("user-1", "https://example.org/1"));
  const auto two = place_.accept(Place::about("user-1"));
  const auto three = place_.accept(Place::about("", "HTTPS://Example.org/1"));
  const auto other = place_.accept(Place::about("user-2"));
  place_.sort();
  EXPECT_EQ(place_.case_of(one.id), place_.case_of(two.id));
  EXPECT_EQ(place_.case_of(one.id), place_.case_of(three.id));
  EXPECT_NE(place_.case_of(one.id), place_.case_of(other.id));
  EXPECT_NE(one.number, two.number);
  const Uuid file = place_.send(testing::picture_bmp(1), {});
  ASSERT_TRUE(place_.desk_->notices().add(one.number, one.pin, "", {file}));
  place_.sort();
  const auto figures = place_.desk_->figures();
  EXPECT_EQ(figures.received.at({"page", "public"}), 4) << "what came back with a file is no other";
}

TEST_F(DeskTest, LawRequestsAndConcernsAboutDetectionGetNoCase) {
  auto law = Place::about("user-1");
  law.kind = Kind::kLawRequest;
  law.sender = intake::Sender::kAuthority;
  auto concern = Place::about("user-1");
  concern.kind = Kind::kDetection;
  const auto first = place_.accept(law);
  const auto second = place_.accept(concern);
  place_.sort();
  EXPECT_FALSE(place_.get(first.id).case_id);
  EXPECT_FALSE(place_.get(second.id).case_id);
  EXPECT_TRUE(place_.get(first.id).sorted_ms);
  EXPECT_EQ(place_.text("SELECT COUNT(*) FROM review_case"), "0 ");
}

TEST_F(DeskTest, AnOrderAboutAnAccountIsNothingThatTheAccountPosted) {
  const auto reported = place_.accept(Place::about("user-1", "https://example.org/1"));
  place_.sort();
  auto law = Place::about("user-1", "https://example.org/1");
  law.kind = Kind::kLawRequest;
  law.sender = intake::Sender::kAuthority;
  law.files = {place_.send(as_bytes("%PDF-1.7 an order"), law)};
  const auto asked = place_.accept(law);
  place_.sort();
  EXPECT_FALSE(place_.get(asked.id).case_id);
  EXPECT_EQ(place_.read(place_.case_of(reported.id)).items, 0);
  EXPECT_EQ(place_.text("SELECT verdict FROM content"), "unscannable ");
  const auto to_keep = place_.pipeline_->ledger().to_keep("", 100);
  ASSERT_TRUE(to_keep);
  EXPECT_EQ(to_keep->size(), 1U) << "it is kept all the same";
}

TEST_F(DeskTest, WhatCameWithANoticeIsAFindingAndEvidenceWhateverItsVerdict) {
  auto notice = Place::about("user-1", "https://example.org/1");
  notice.files = {place_.send(testing::picture_bmp(1), notice),
                  place_.send(as_bytes("no picture at all"), notice)};
  const auto accepted = place_.accept(notice);
  place_.sort();
  const Uuid id = place_.case_of(accepted.id);
  EXPECT_EQ(place_.text("SELECT verdict FROM content ORDER BY verdict"), "no_match unscannable ");
  EXPECT_EQ(place_.text("SELECT DISTINCT origin FROM case_item"), "user_report ");
  EXPECT_EQ(place_.text("SELECT COUNT(DISTINCT case_id) FROM case_item"), "1 ");
  EXPECT_EQ(place_.read(id).items, 2);
  EXPECT_EQ(place_.read(id).reports, 1) << "one notice, whatever came with it";
  const auto to_keep = place_.pipeline_->ledger().to_keep("", 100);
  ASSERT_TRUE(to_keep);
  EXPECT_EQ(to_keep->size(), 2U);
  const auto page = place_.pipeline_->ledger().to_keep(to_string(to_keep->front().id), 1);
  ASSERT_TRUE(page);
  ASSERT_EQ(page->size(), 1U);
  EXPECT_EQ(page->front().id, to_keep->back().id);
  for (const ledger::Kept& kept : *to_keep) {
    EXPECT_TRUE(place_.pipeline_->spool().read(kept.id, kept.size_bytes));
  }
}

TEST_F(DeskTest, AnExactMatchThatSomebodySentIsForAPerson) {
  const Bytes picture = testing::picture_bmp(1);
  testing::add_active_list(
      *place_.pipeline_, "demo", "sha256," + to_hex(crypto::sha256_of(picture)) + "\n");
  intake::NewNotice notice;
  notice.files = {place_.send(picture, notice)};
  const auto accepted = place_.accept(notice);
  place_.sort();
  EXPECT_EQ(place_.text("SELECT verdict FROM content"), "match ");
  EXPECT_EQ(place_.text("SELECT origin || automation FROM case_item"), "user_report0 ");
  EXPECT_EQ(place_.text("SELECT case_id FROM case_item"),
            to_string(place_.case_of(accepted.id)) + " ");
}

TEST_F(DeskTest, AFileThatWasJudgedBeforeItsNoticeBringsItToItsCase) {
  intake::NewNotice notice;
  notice.files = {place_.send(testing::picture_bmp(1), notice)};
  ASSERT_TRUE(place_.pipeline_->finish(place_.page_, notice.files[0]));
  const auto accepted = place_.accept(notice);
  place_.sort();
  EXPECT_EQ(place_.text("SELECT case_id FROM case_item"),
            to_string(place_.case_of(accepted.id)) + " ");
  EXPECT_EQ(place_.text("SELECT COUNT(*) FROM review_case"), "1 ");
}

TEST_F(DeskTest, ACaseThatIsConfirmedAnswersAllThatJoinedItOnceTheWindowIsOver) {
  const auto one = place_.accept(Place::about("user-1", "https://example.org/1"));
  const auto two = place_.accept(Place::about("user-1"));
  place_.sort();
  place_.decide(place_.case_of(one.id), cases::Outcome::kConfirmed);
  EXPECT_EQ(place_.answer(), 0U) << "it can be taken back";
  place_.pass(61'000);
  EXPECT_EQ(place_.answer(), 2U);
  EXPECT_EQ(place_.get(one.id).outcome, Outcome::kActed);
  EXPECT_EQ(place_.get(two.id).outcome, Outcome::kActed);
  EXPECT_EQ(place_.get(two.id).state, State::kAnswered);
  EXPECT_EQ(place_.answer(), 0U);
}

TEST_F(DeskTest, ACaseThatIsClearedSaysThatWeLookedAndLeaveIt) {
  const auto one = place_.accept(Place::about("user-1"));
  place_.sort();
  place_.decide(place_.case_of(one.id), cases::Outcome::kCleared);
  place_.pass(61'000);
  EXPECT_EQ(place_.answer(), 1U);
  EXPECT_EQ(place_.get(one.id).outcome, Outcome::kNoViolation);
}

TEST_F(DeskTest, WhatWasWithdrawnOrCameBackIsNotAnsweredByACase) {
  const auto gone = place_.accept(Place::about("user-1"));
  const auto back = place_.accept(Place::about("user-1"));
  place_.sort();
  ASSERT_TRUE(place_.desk_->notices().withdraw(gone.number, gone.pin));
  place_.decide(place_.case_of(back.id), cases::Outcome::kConfirmed);
  place_.pass(61'000);
  EXPECT_EQ(place_.answer(), 1U);
  EXPECT_EQ(place_.get(gone.id).state, State::kWithdrawn);
  ASSERT_TRUE(place_.desk_->notices().add(back.number, back.pin, "it is there again", {}));
  EXPECT_EQ(place_.answer(), 0U);
  EXPECT_EQ(place_.get(back.id).state, State::kOpen);
}

TEST_F(DeskTest, AnAnswerToFilesAloneSaysTheSameAfterTheSameTimeWhateverTheyAre) {
  const Bytes known = testing::picture_bmp(1);
  testing::add_active_list(
      *place_.pipeline_, "demo", "sha256," + to_hex(crypto::sha256_of(known)) + "\n");
  std::vector<Uuid> sent;
  for (const Bytes& bytes : {known, testing::picture_bmp(2)}) {
    intake::NewNotice notice;
    notice.files = {place_.send(bytes, notice)};
    sent.push_back(place_.accept(notice).id);
  }
  place_.sort();
  EXPECT_EQ(place_.text("SELECT verdict FROM content ORDER BY verdict"), "match no_match ");
  for (const Uuid& id : sent) {
    place_.decide(place_.case_of(id), cases::Outcome::kCleared);
  }
  place_.pass(61'000);
  EXPECT_EQ(place_.answer(), 0U) << "not at once, although both cases are closed";
  place_.clock_.advance(6 * kHour);
  EXPECT_EQ(place_.answer(), 2U);
  EXPECT_EQ(place_.get(sent[0]).outcome, Outcome::kHandled);
  EXPECT_EQ(place_.get(sent[1]).outcome, Outcome::kHandled);
}

TEST_F(DeskTest, ALinkBesideAFileMakesItsAnswerNoFasterAndSaysNoMore) {
  auto notice = Place::about("", "https://example.org/made-up");
  notice.files = {place_.send(testing::picture_bmp(1), notice)};
  const auto one = place_.accept(notice);
  place_.sort();
  place_.decide(place_.case_of(one.id), cases::Outcome::kCleared);
  place_.pass(61'000);
  EXPECT_EQ(place_.answer(), 0U);
  place_.clock_.advance(6 * kHour);
  EXPECT_EQ(place_.answer(), 1U);
  EXPECT_EQ(place_.get(one.id).outcome, Outcome::kHandled);
}

TEST_F(DeskTest, ANoticeOfACaseIsKeptAsLongAsItsCaseIsOpenAndNoLongerThanIsSaid) {
  constexpr std::int64_t kDay = 24 * kHour;
  std::vector<Uuid> sent;
  for (const auto* const account : {"user-1", "user-2"}) {
    const auto accepted = place_.accept(Place::about(account));
    sent.push_back(accepted.id);
    place_.sort();
    const auto version = place_.get(accepted.id).version;
    ASSERT_TRUE(place_.desk_->notices().answer(
        place_.ann_.actor, accepted.id, {version}, Outcome::kHandled, ""));
  }
  place_.decide(place_.case_of(sent[0]), cases::Outcome::kConfirmed);
  place_.pass(61'000);
  for (const std::int64_t days : {31, 179, 2}) {
    EXPECT_EQ(place_.text("SELECT COUNT(*) FROM notice"), "2 ");
    place_.clock_.advance(days * kDay);
    ASSERT_TRUE(place_.desk_->escalate());
  }
  EXPECT_EQ(place_.text("SELECT COUNT(*) FROM notice"), "1 ");
  EXPECT_EQ(place_.get(sent[1]).state, State::kClosed) << "its case is open";
}

TEST_F(DeskTest, HoweverManyWaitForTheirQuarterTheyHoldUpNoOther) {
  // All of one case; those with files are due first.
  const auto with_files = [&](int i) {
    auto notice = Place::about("user-1", "https://example.org/1");
    notice.sender = intake::Sender::kVictim;
    notice.files = {new_uuid(1'000 + i)};
    return place_.accept(notice).id;
  };
  const Uuid first = with_files(0);
  for (int i = 1; i < 210; ++i) {
    with_files(i);
  }
  const Uuid other = place_.accept(Place::about("user-1", "https://example.org/1")).id;
  place_.sort();
  place_.decide(place_.case_of(other), cases::Outcome::kConfirmed);
  place_.pass(61'000);
  EXPECT_EQ(place_.answer(), 1U);
  EXPECT_EQ(place_.get(other).state, State::kAnswered);
  EXPECT_EQ(place_.get(first).state, State::kOpen) << "not before a quarter of its promise";
  place_.clock_.advance(kHour);
  EXPECT_EQ(place_.answer(), 200U);
  EXPECT_EQ(place_.answer(), 10U);
}

TEST_F(DeskTest, AnOverturnedCaseAnswersNobodyByItself) {
  const auto one = place_.accept(Place::about("user-1", "https://example.org/1"));
  place_.sort();
  const Uuid id = place_.case_of(one.id);
  place_.decide(id, cases::Outcome::kConfirmed);
  place_.pass(61'000);
  const auto asked = place_.appeals_->ask_with_token(token(), "it is a drawing of mine");
  ASSERT_TRUE(asked) << asked.error().message;
  EXPECT_EQ(place_.answer(), 0U) << "somebody looks again";
  const auto waiting = place_.appeals_->list(Place::person("cat"), true, 10);
  ASSERT_TRUE(waiting && waiting->size() == 1);
  const auto decided =
      place_.appeals_->decide(Place::person("cat"), waiting->at(0).id, true, "it is a drawing");
  ASSERT_TRUE(decided) << decided.error().message;
  EXPECT_EQ(place_.read(id).state, cases::State::kClosed);
  EXPECT_EQ(place_.answer(), 0U);
  EXPECT_EQ(place_.get(one.id).state, State::kOpen);
}

TEST_F(DeskTest, ImminentDangerIsAnAlarmAtTheNextLookUntilSomebodyTakesIt) {
  EXPECT_FALSE(place_.look().on);
  auto notice = Place::about("user-1");
  notice.imminent = true;
  const auto accepted = place_.accept(notice);
  const auto state = place_.look();
  EXPECT_TRUE(state.on);
  EXPECT_EQ(state.imminent_unseen, 1);
  alarms::Observations seen;
  seen.intake = state;
  EXPECT_TRUE(std::ranges::any_of(alarms::evaluate(seen, {}), [](const auto& condition) {
    return condition.code == "intake.imminent";
  }));
  place_.sort();
  EXPECT_EQ(place_.read(place_.case_of(accepted.id)).queue, cases::Queue::kUrgent);
  const auto version = place_.get(accepted.id).version;
  ASSERT_TRUE(place_.desk_->notices().take(place_.ann_.actor, accepted.id, {version}));
  EXPECT_EQ(place_.look().imminent_unseen, 0);
}

TEST_F(DeskTest, TheStateSaysWhatWaitsWhatIsLateAndWhoIsMissing) {
  auto concern = Place::about("", "");
  concern.kind = Kind::kDetection;
  concern.body.text = "your detection looks off";
  place_.accept(concern);
  auto state = place_.look();
  EXPECT_EQ(state.detection_unanswered, 1);
  EXPECT_EQ(state.unsorted_oldest_ms, 0);
  place_.clock_.advance(25 * kHour);
  state = place_.look();
  EXPECT_EQ(state.unsorted_oldest_ms, 25 * kHour);
  const auto detection =
      std::ranges::find(state.queues, std::string("detection"), &alarms::IntakeQueueState::queue);
  ASSERT_NE(detection, state.queues.end());
  EXPECT_EQ(detection->overdue, 1);
  EXPECT_TRUE(detection->no_duty);
  ASSERT_TRUE(place_.desk_->partners().set_duty(place_.lead_.actor, "detection", kAnn, {}));
  place_.desk_->note_mail(true);
  state = place_.look();
  EXPECT_TRUE(state.mail_failing);
  EXPECT_FALSE(
      std::ranges::find(state.queues, std::string("detection"), &alarms::IntakeQueueState::queue)
          ->no_duty);
}

TEST_F(DeskTest, ADeputyIsNamedWhenHalfOfThePromiseIsOver) {
  ASSERT_TRUE(
      place_.desk_->partners().set_duty(place_.lead_.actor, "public", kAnn, std::string(kBen)));
  const auto accepted = place_.accept(Place::about("user-1"));
  EXPECT_EQ(*place_.desk_->escalate(), 0U);
  place_.clock_.advance(13 * kHour);
  EXPECT_EQ(*place_.desk_->escalate(), 1U);
  EXPECT_EQ(place_.get(accepted.id).escalated_to, kBen);
  EXPECT_EQ(*place_.desk_->escalate(), 0U);
}

TEST_F(DeskTest, ItsThreadsSortAndAnswerByThemselvesAndEndAtOnce) {
  place_.desk_->start();
  const auto accepted = place_.accept(Place::about("user-1"));
  place_.desk_->wake();
  for (int i = 0; i < 3000 && !place_.get(accepted.id).case_id; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_TRUE(place_.get(accepted.id).case_id);
  place_.desk_->request_stop();
}

}  // namespace
}  // namespace tutela::intake_service
