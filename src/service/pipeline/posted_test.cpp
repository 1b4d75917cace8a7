// What was judged before is found when lists grow, and let go when they are withdrawn.
#include <algorithm>
#include <fstream>
#include <set>

#include <gtest/gtest.h>

#include "support/folder.hpp"
#include "support/pictures.hpp"
#include "support/pipelines.hpp"

namespace tutela::pipeline {
namespace {

using policy::Verdict;
using testing::never;
using testing::picture_bmp;
using testing::tester;

class PostedTest : public ::testing::Test {
 protected:
  void SetUp() override { open(); }

  void open() {
    pipeline_.reset();
    pipeline_ = opened();
    ASSERT_TRUE(pipeline_);
  }

  std::unique_ptr<Pipeline> opened() {
    auto opened = Pipeline::open(testing::pipeline_config(folder_.path()), clock_);
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
    return opened ? *std::move(opened) : nullptr;
  }

  static Result<ledger::Content> scan(Pipeline& pipeline, ByteView bytes) {
    TUTELA_TRY_ASSIGN(Intake intake, pipeline.receive({tester(), "http", "post", {}, {}}));
    TUTELA_TRY(intake.append(bytes));
    TUTELA_TRY(intake.finish());
    return pipeline.scan(std::move(intake));
  }

  /// Scans and expects a verdict.
  Uuid scanned(ByteView bytes, Verdict verdict) {
    const auto content = scan(*pipeline_, bytes);
    EXPECT_TRUE(content) << (content ? "" : content.error().message);
    EXPECT_EQ(content->outcome.verdict, verdict);
    return content->arrival.id;
  }

  void import(const Uuid& list, const std::string& signals) { import(*pipeline_, list, signals); }

  static void import(Pipeline& pipeline, const Uuid& list, const std::string& signals) {
    lists::ImportReport report;
    EXPECT_TRUE(pipeline.lists().import_signals(tester(), list, signals, {}, report));
    EXPECT_GT(report.added, 0);
  }

  CatchUp catch_up() {
    const auto done = pipeline_->catch_up(never);
    EXPECT_TRUE(done) << (done ? "" : done.error().message);
    return done ? *done : CatchUp{};
  }

  ledger::Content now(const Uuid& id) { return *pipeline_->ledger().get(tester(), id); }

  std::vector<Rescan> rescans() { return *pipeline_->rescans().latest(tester(), 100); }

  std::string text(const std::string& sql) { return testing::text_of(*pipeline_, sql); }

  testing::TemporaryFolder folder_;
  SystemClock clock_;
  std::unique_ptr<Pipeline> pipeline_;
};

TEST_F(PostedTest, AGrownListFindsAnItemAndItsTurnedCopy) {
  const Bytes picture = picture_bmp(1);
  const Uuid list = testing::add_active_list(*pipeline_, "demo", std::string(64, '5'));
  const Uuid item = scanned(picture, Verdict::kNoMatch);
  const Uuid turned = scanned(testing::turned_bmp(picture), Verdict::kNoMatch);
  const Uuid other = scanned(picture_bmp(2), Verdict::kNoMatch);
  EXPECT_EQ(catch_up().followed, 3U);
  import(list, testing::pdq_hex(*pipeline_, picture));
  EXPECT_EQ(catch_up().finished, 1U);
  EXPECT_EQ(now(item).outcome.verdict, Verdict::kMatch);
  EXPECT_EQ(now(item).outcome.reason, "list_grew");
  EXPECT_EQ(now(item).outcome.decision.action, policy::Action::kHold);
  EXPECT_EQ(now(item).outcome.matches.at(0).distance, 0);
  EXPECT_EQ(now(turned).outcome.verdict, Verdict::kMatch);
  EXPECT_NE(now(turned).outcome.matches.at(0).orientation, fingerprint::Orientation::kOriginal);
  EXPECT_EQ(now(other).outcome.verdict, Verdict::kNoMatch);
  const Rescan rescan = rescans().at(0);
  EXPECT_EQ(rescan.cause, RescanCause::kListGrew);
  EXPECT_EQ(rescan.list_id, list);
  EXPECT_EQ(rescan.state, RescanState::kDone);
  EXPECT_EQ(rescan.found, 2);
  EXPECT_EQ(rescan.signals, 1);
  EXPECT_EQ(rescan.examined, 3);
  const auto findings = *pipeline_->rescans().findings(tester(), rescan.id, "", 10);
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].before, Verdict::kNoMatch);
  EXPECT_EQ(findings[0].after, Verdict::kMatch);
  EXPECT_EQ(text("SELECT COUNT(*) FROM outbox WHERE payload LIKE '%list_grew%'"), "2 ");
  EXPECT_EQ(catch_up().finished, 0U) << "nothing is left to do";
}

TEST_F(PostedTest, AGrownListFindsExactDigests) {
  const Uuid list = testing::add_active_list(*pipeline_, "demo", std::string(64, '5'));
  const Uuid item = scanned(as_bytes("any words"), Verdict::kUnscannable);
  catch_up();
  import(list, "sha256," + to_hex(crypto::sha256_of(as_bytes("any words"))));
  catch_up();
  EXPECT_EQ(now(item).outcome.verdict, Verdict::kMatch);
  EXPECT_EQ(now(item).outcome.matches.at(0).strength, policy::Strength::kExact);
  EXPECT_EQ(pipeline_->spool().list()->size(), 1U) << "its bytes were held, and stay";
}

TEST_F(PostedTest, AListThatBecomesActiveIsSearchedForWhole) {
  const Bytes picture = picture_bmp(3);
  const Uuid item = scanned(picture, Verdict::kNoMatch);
  catch_up();
  const Uuid list =
      testing::add_active_list(*pipeline_, "demo", testing::pdq_hex(*pipeline_, picture));
  import(list, std::string(64, '5'));
  ASSERT_TRUE(pipeline_->lists().remove_signals(tester(), list, {std::string(64, '5')}));
  import(list, std::string(64, '5'));
  catch_up();
  EXPECT_EQ(now(item).outcome.verdict, Verdict::kMatch);
  const auto all = rescans();
  const auto grew = std::ranges::find(all, RescanCause::kListGrew, &Rescan::cause);
  ASSERT_NE(grew, all.end());
  EXPECT_EQ(grew->signals, 2) << "each counts once";
}

TEST_F(PostedTest, TheSearchIsDoneAfterARestartToo) {
  const Bytes picture = picture_bmp(4);
  const Uuid list = testing::add_active_list(*pipeline_, "demo", std::string(64, '5'));
  const Uuid item = scanned(picture, Verdict::kNoMatch);
  import(list, testing::pdq_hex(*pipeline_, picture));
  open();
  catch_up();
  EXPECT_EQ(now(item).outcome.verdict, Verdict::kMatch);
}

TEST_F(PostedTest, AnItemThatWasJudgedByAnOldListIsJudgedAgain) {
  const Bytes picture = picture_bmp(5);
  const Uuid list = testing::add_active_list(*pipeline_, "demo", std::string(64, '5'));
  catch_up();
  const auto stale = opened();
  import(list, testing::pdq_hex(*pipeline_, picture));
  catch_up();
  const auto content = scan(*stale, picture);
  ASSERT_TRUE(content);
  ASSERT_EQ(content->outcome.verdict, Verdict::kNoMatch) << "this process had the old list";
  catch_up();
  EXPECT_EQ(now(content->arrival.id).outcome.verdict, Verdict::kMatch);
}

TEST_F(PostedTest, VerdictsThatRestedOnAWithdrawnSignalAreReopened) {
  const Bytes picture = picture_bmp(6);
  const std::string pdq = testing::pdq_hex(*pipeline_, picture);
  const Uuid list = testing::add_active_list(*pipeline_, "demo", pdq);
  const Uuid item = scanned(picture, Verdict::kMatch);
  EXPECT_EQ(pipeline_->spool().list()->size(), 1U);
  ASSERT_TRUE(pipeline_->lists().remove_signals(tester(), list, {pdq}));
  catch_up();
  EXPECT_EQ(now(item).outcome.verdict, Verdict::kNoMatch);
  EXPECT_EQ(now(item).outcome.reason, "list_withdrawn");
  EXPECT_TRUE(now(item).outcome.matches.empty());
  EXPECT_EQ(pipeline_->spool().list()->size(), 0U) << "bytes of what does not match are not kept";
  const Rescan rescan = rescans().at(0);
  EXPECT_EQ(rescan.cause, RescanCause::kListWithdrawn);
  const auto findings = *pipeline_->rescans().findings(tester(), rescan.id, "", 10);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].content_id, item);
  EXPECT_EQ(findings[0].after, Verdict::kNoMatch);
}

TEST_F(PostedTest, NoMatchIsTakenBackWhileDetectionIsDistrusted) {
  const Bytes picture = picture_bmp(61);
  const Bytes late = picture_bmp(62);
  const Bytes found = picture_bmp(63);
  const std::string pdq = testing::pdq_hex(*pipeline_, picture);
  const std::string late_pdq = testing::pdq_hex(*pipeline_, late);
  const Uuid list = testing::add_active_list(*pipeline_, "demo", pdq + "\n" + late_pdq);
  const Uuid item = scanned(picture, Verdict::kMatch);
  const Uuid other = scanned(found, Verdict::kNoMatch);
  catch_up();
  pipeline_->distrust({"image/bmp"});
  ASSERT_TRUE(pipeline_->lists().remove_signals(tester(), list, {pdq}));
  import(list, testing::pdq_hex(*pipeline_, found));
  catch_up();
  EXPECT_EQ(now(item).outcome.verdict, Verdict::kMatch) << "what finds nothing says nothing now";
  EXPECT_EQ(now(item).outcome.matches.size(), 1U);
  EXPECT_EQ(pipeline_->spool().list()->size(), 1U) << "nor are its bytes";
  EXPECT_EQ(now(other).outcome.verdict, Verdict::kMatch) << "what is found is found";
  // Nor that of one that was judged with older lists.
  const Uuid last = scanned(late, Verdict::kMatch);
  ASSERT_TRUE(pipeline_->lists().remove_signals(tester(), list, {late_pdq}));
  EXPECT_EQ(pipeline_->catch_up(never).error().code, "detection.distrusted");
  EXPECT_EQ(now(last).outcome.verdict, Verdict::kMatch);
  pipeline_->distrust({});
  catch_up();
  EXPECT_EQ(now(item).outcome.verdict, Verdict::kNoMatch);
  EXPECT_EQ(now(last).outcome.verdict, Verdict::kNoMatch);
  EXPECT_EQ(now(other).outcome.verdict, Verdict::kMatch);
}

TEST_F(PostedTest, ANewListIsSearchedForWhileAnItemWaitsForTrustInDetection) {
  const Bytes late = picture_bmp(64);
  const std::string late_pdq = testing::pdq_hex(*pipeline_, late);
  const Uuid list = testing::add_active_list(*pipeline_, "demo", late_pdq);
  const Uuid words = scanned(as_bytes("any words"), Verdict::kUnscannable);
  catch_up();
  // Judged just before its signal is withdrawn.
  const Uuid waits = scanned(late, Verdict::kMatch);
  pipeline_->distrust({"image/bmp"});
  ASSERT_TRUE(pipeline_->lists().remove_signals(tester(), list, {late_pdq}));
  testing::add_active_list(
      *pipeline_, "new", "sha256," + to_hex(crypto::sha256_of(as_bytes("any words"))));
  EXPECT_EQ(pipeline_->catch_up(never).error().code, "detection.distrusted");
  EXPECT_EQ(now(words).outcome.verdict, Verdict::kMatch);
  EXPECT_EQ(now(waits).outcome.verdict, Verdict::kMatch);
  EXPECT_EQ(pipeline_->catch_up(never).error().code, "detection.distrusted") << "it is said again";
  pipeline_->distrust({});
  EXPECT_EQ(catch_up().followed, 1U);
  EXPECT_EQ(now(waits).outcome.verdict, Verdict::kNoMatch);
}

TEST_F(PostedTest, WhileDetectionIsDistrustedNoneOfSeveralMatchesIsTakenBack) {
  const Bytes early = picture_bmp(65);
  const Bytes late = picture_bmp(66);
  const auto sha256 = [](ByteView bytes) {
    return "sha256," + to_hex(crypto::sha256_of(bytes));
  };
  const std::string early_pdq = testing::pdq_hex(*pipeline_, early);
  const std::string late_pdq = testing::pdq_hex(*pipeline_, late);
  const Uuid one = testing::add_active_list(*pipeline_, "one", early_pdq + "\n" + late_pdq);
  const Uuid two = testing::add_active_list(*pipeline_, "two", sha256(late));
  const Uuid searched = scanned(early, Verdict::kMatch);
  catch_up();
  pipeline_->distrust({"image/bmp"});
  // One loses a match and gains another in a search for what is new.
  ASSERT_TRUE(pipeline_->lists().remove_signals(tester(), one, {early_pdq}));
  import(two, sha256(early));
  catch_up();
  EXPECT_EQ(now(searched).outcome.matches.size(), 2U) << "what is found, beside what stood there";
  EXPECT_EQ(now(searched).outcome.reason, "list_grew");
  // Another, that is not followed yet, keeps one of two.
  const Uuid followed = scanned(late, Verdict::kMatch);
  ASSERT_TRUE(pipeline_->lists().remove_signals(tester(), one, {late_pdq}));
  EXPECT_EQ(pipeline_->catch_up(never).error().code, "detection.distrusted");
  EXPECT_EQ(now(followed).outcome.matches.size(), 2U);
  pipeline_->distrust({});
  catch_up();
  for (const Uuid& item : {searched, followed}) {
    EXPECT_EQ(now(item).outcome.verdict, Verdict::kMatch);
    ASSERT_EQ(now(item).outcome.matches.size(), 1U);
    EXPECT_EQ(now(item).outcome.matches[0].list_id, two);
  }
}

TEST_F(PostedTest, AVerdictThatRestsOnAnotherListToStays) {
  const Bytes picture = picture_bmp(7);
  const std::string pdq = testing::pdq_hex(*pipeline_, picture);
  const Uuid one = testing::add_active_list(*pipeline_, "one", pdq);
  const Uuid two = testing::add_active_list(*pipeline_, "two", pdq);
  const Uuid item = scanned(picture, Verdict::kMatch);
  catch_up();
  ASSERT_TRUE(pipeline_->lists().deactivate(tester(), one));
  catch_up();
  EXPECT_EQ(now(item).outcome.verdict, Verdict::kMatch);
  EXPECT_EQ(now(item).outcome.matches.size(), 1U);
  ASSERT_TRUE(pipeline_->lists().remove(tester(), two));
  catch_up();
  EXPECT_EQ(now(item).outcome.verdict, Verdict::kNoMatch);
}

TEST_F(PostedTest, ARescanCanBeAskedForSinceATime) {
  const Bytes picture = picture_bmp(8);
  const Uuid list =
      testing::add_active_list(*pipeline_, "demo", testing::pdq_hex(*pipeline_, picture));
  const Uuid item = scanned(picture, Verdict::kMatch);
  catch_up();
  // As if a fault had left a content without its match.
  ASSERT_TRUE(pipeline_->database().write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.execute("DELETE FROM content_match", {}));
    TUTELA_TRY(transaction.execute("UPDATE content SET verdict = 'no_match'", {}));
    return ok();
  }));
  const auto later = pipeline_->ask_rescan(tester(), list, clock_.now_ms() + 60'000);
  ASSERT_TRUE(later);
  catch_up();
  EXPECT_EQ(now(item).outcome.verdict, Verdict::kNoMatch) << "received before the time";
  const auto all = pipeline_->ask_rescan(tester(), list, 0);
  ASSERT_TRUE(all);
  catch_up();
  EXPECT_EQ(now(item).outcome.verdict, Verdict::kMatch);
  EXPECT_EQ(pipeline_->rescans().get(tester(), *all)->found, 1);
  EXPECT_EQ(pipeline_->rescans().get(tester(), *later)->found, 0);
  ASSERT_TRUE(pipeline_->lists().deactivate(tester(), list));
  EXPECT_EQ(pipeline_->ask_rescan(tester(), list, 0).error().code, "list.not_active");
}

TEST_F(PostedTest, ADamagedContentIndexIsMadeAgain) {
  const Bytes picture = picture_bmp(9);
  const Uuid list = testing::add_active_list(*pipeline_, "demo", std::string(64, '5'));
  const Uuid item = scanned(picture, Verdict::kNoMatch);
  scanned(picture_bmp(10), Verdict::kNoMatch);
  catch_up();
  pipeline_.reset();
  std::size_t damaged = 0;
  for (const auto& file :
       std::filesystem::directory_iterator(folder_.path() / "index" / "content")) {
    if (file.file_size() > 400) {
      std::fstream stream(file.path(), std::ios::in | std::ios::out | std::ios::binary);
      stream.seekp(3);
      stream.put('#');
      ++damaged;
    }
  }
  ASSERT_EQ(damaged, 1U);
  open();
  import(list, testing::pdq_hex(*pipeline_, picture));
  const CatchUp done = catch_up();
  EXPECT_TRUE(done.rebuilding);
  EXPECT_EQ(done.followed, 2U);
  EXPECT_EQ(now(item).outcome.verdict, Verdict::kMatch);
}

TEST_F(PostedTest, IndexesThatAreAheadOfARestoredDatabaseAreMadeAgain) {
  const Bytes early = picture_bmp(30);
  const Bytes late = picture_bmp(31);
  const Uuid list = testing::add_active_list(*pipeline_, "demo", std::string(64, '5'));
  const Uuid kept = scanned(early, Verdict::kNoMatch);
  catch_up();
  pipeline_.reset();
  const testing::TemporaryFolder backup;
  std::filesystem::copy(folder_.path() / "tutela.db", backup.path() / "tutela.db");
  open();
  scanned(picture_bmp(32), Verdict::kNoMatch);
  scanned(picture_bmp(33), Verdict::kNoMatch);
  catch_up();
  pipeline_.reset();
  for (const char* file : {"tutela.db", "tutela.db-wal", "tutela.db-shm"}) {
    std::filesystem::remove(folder_.path() / file);
  }
  std::filesystem::copy(backup.path() / "tutela.db", folder_.path() / "tutela.db");
  open();
  // Its verdict gets a number in the ledger that the content index has seen already.
  const Uuid item = scanned(late, Verdict::kNoMatch);
  const CatchUp done = catch_up();
  EXPECT_TRUE(done.rebuilding);
  EXPECT_EQ(pipeline_->index_stats().contents->contents, 2U);
  import(list, testing::pdq_hex(*pipeline_, late) + "\n" + testing::pdq_hex(*pipeline_, early));
  catch_up();
  EXPECT_EQ(now(item).outcome.verdict, Verdict::kMatch);
  EXPECT_EQ(now(kept).outcome.verdict, Verdict::kMatch);
}

TEST_F(PostedTest, OneProcessAtATimeKeepsTheContentIndex) {
  scanned(picture_bmp(11), Verdict::kNoMatch);
  catch_up();
  const auto other = opened();
  const auto done = other->catch_up(never);
  ASSERT_TRUE(done);
  EXPECT_TRUE(done->elsewhere);
  EXPECT_FALSE(other->index_stats().contents);
  EXPECT_EQ(pipeline_->index_stats().contents->contents, 1U);
}

TEST_F(PostedTest, NearDuplicatesShareAGroup) {
  const Bytes picture = picture_bmp(12, 160, 120);
  const Uuid first = scanned(picture, Verdict::kNoMatch);
  const Uuid larger = scanned(picture_bmp(12, 320, 240), Verdict::kNoMatch);
  const Uuid turned = scanned(testing::turned_bmp(picture), Verdict::kNoMatch);
  const Uuid other = scanned(picture_bmp(13), Verdict::kNoMatch);
  catch_up();
  const auto group = pipeline_->group_of(tester(), larger, 100);
  ASSERT_TRUE(group) << group.error().message;
  EXPECT_EQ(group->id, first);
  std::set<Uuid> members;
  for (const groups::Member& member : group->members) {
    members.insert(member.content_id);
  }
  EXPECT_EQ(members, (std::set<Uuid>{first, larger, turned}));
  EXPECT_EQ(pipeline_->group_of(tester(), other, 100)->size, 1);
}

TEST_F(PostedTest, ManySignalsAreTakenInSeveralPasses) {
  const Bytes picture = picture_bmp(14);
  const Uuid list = testing::add_active_list(*pipeline_, "demo", std::string(64, '5'));
  const Uuid item = scanned(picture, Verdict::kNoMatch);
  catch_up();
  std::string signals;
  for (int i = 0; i < 20'010; ++i) {
    signals += "md5," + std::string(26, 'a') + std::to_string(100'000 + i) + "\n";
  }
  import(list, signals + testing::pdq_hex(*pipeline_, picture));
  catch_up();
  EXPECT_EQ(now(item).outcome.verdict, Verdict::kMatch);
  EXPECT_EQ(rescans().at(0).signals, 20'011);
  EXPECT_EQ(rescans().at(0).examined, 2) << "one content, in two passes";
}

TEST_F(PostedTest, AManyTimesChangedSetIsTheSameAsALoadedOne) {
  const Uuid list = testing::add_active_list(*pipeline_, "demo", std::string(64, '5'));
  for (std::uint32_t seed = 20; seed < 24; ++seed) {
    import(list, testing::pdq_hex(*pipeline_, picture_bmp(seed)));
    ASSERT_TRUE(pipeline_->refresh_generation());
    scanned(picture_bmp(seed), Verdict::kMatch);
  }
  ASSERT_TRUE(pipeline_->lists().remove_signals(
      tester(), list, {testing::pdq_hex(*pipeline_, picture_bmp(20))}));
  ASSERT_TRUE(pipeline_->refresh_generation());
  scanned(picture_bmp(20), Verdict::kNoMatch);
  scanned(picture_bmp(21), Verdict::kMatch);
  EXPECT_EQ(pipeline_->index_stats().position, *pipeline_->lists().position());
}

}  // namespace
}  // namespace tutela::pipeline
