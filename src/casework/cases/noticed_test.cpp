// What people outside tell us, as cases: joining against a definition, and deciding what we hold
// nothing of.
#include <algorithm>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "casework/cases/decisions_fixture.hpp"

namespace tutela::cases {
namespace {

using Strings = std::vector<std::string>;

const store::Actor kSystem{"default", "system", "system"};

class NoticedTest : public DecisionsTest {
 protected:
  Uuid tell(NoticeFinding notice) {
    world_.clock_.advance(1);
    notice.notice_id = new_uuid(world_.clock_.now_ms());
    Uuid id;
    const Status told = world_.database_->write([&](store::Transaction& transaction) -> Status {
      TUTELA_TRY_ASSIGN(
          id, add_notice(transaction, kSystem, world_.rules_, world_.clock_.now_ms(), notice));
      return ok();
    });
    EXPECT_TRUE(told) << (told ? "" : told.error().message);
    return id;
  }

  static NoticeFinding about(const std::string& account, const std::string& link = "") {
    NoticeFinding notice;
    if (!account.empty()) {
      notice.accounts = {account};
    }
    if (!link.empty()) {
      notice.links = {link};
    }
    return notice;
  }

  static NoticeFinding writing(const std::string& account) {
    NoticeFinding notice = about(account);
    notice.topic = Topic::kSolicitation;
    return notice;
  }

  /// Decided by whom it takes, without a view, and closed.
  void decide(const Uuid& id, const Verdict& verdict) {
    for (const Person& person : {world_.ann_, world_.ben_}) {
      const auto locked = world_.cases_->lock(person, id, false);
      ASSERT_TRUE(locked) << code_of(locked);
      const auto decided = world_.decisions_->decide(person, id, {locked->version, ""}, verdict);
      ASSERT_TRUE(decided) << decided.error().message;
      if (decided->state == State::kDecided) {
        break;
      }
    }
    world_.pass_window();
  }

  std::string links_of(const Uuid& id) {
    std::string kinds;
    for (const std::string& kind : world_.texts("SELECT kind FROM case_link WHERE case_id = '" +
                                                to_string(id) + "' ORDER BY kind")) {
      kinds += kind + " ";
    }
    return kinds;
  }
};

Verdict confirming(std::vector<std::string> accounts = {}) {
  Verdict verdict;
  verdict.classification = Classification::kA1;
  verdict.accounts = std::move(accounts);
  return verdict;
}

TEST_F(NoticedTest, AnAccountThatOnlyANoticeNamedIsLeftAloneUnlessTheDecisionNamesIt) {
  world_.rules_.on_confirmed = {"content.remove", "account.suspend"};
  world_.renew();
  const Uuid silent = tell(about("claimed-1", "https://example.org/1"));
  const auto plan = world_.decisions_->plan(world_.ann_, silent, confirming());
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->claimed_accounts, (Strings{"claimed-1"}));
  for (const Action& action : plan->actions) {
    EXPECT_EQ(action.kind, "content.remove");
  }
  decide(silent, confirming());
  EXPECT_EQ(world_.read(silent).state, State::kClosed);
  EXPECT_EQ(world_.kinds(silent), (Strings{"content.remove"}));

  const Uuid named = tell(about("claimed-2", "https://example.org/2"));
  const auto with = world_.decisions_->plan(world_.ann_, named, confirming({"claimed-2"}));
  ASSERT_TRUE(with && with->actions.size() == 2);
  EXPECT_EQ(with->actions[1].target, "account:claimed-2");
  decide(named, confirming({"claimed-2"}));
  EXPECT_EQ(world_.kinds(named), (Strings{"content.remove", "account.suspend"}));
  EXPECT_EQ(world_.texts("SELECT target FROM case_action WHERE kind = 'account.suspend'"),
            (Strings{"account:claimed-2"}));
}

TEST_F(NoticedTest, WhatIsNoClaimOfTheCaseCannotBeNamed) {
  const Uuid id = tell(about("claimed", "https://example.org/1"));
  const auto locked = world_.cases_->lock(world_.ann_, id, false);
  ASSERT_TRUE(locked);
  const auto refused = [&](const Verdict& verdict) {
    return code_of(world_.decisions_->decide(world_.ann_, id, {locked->version, ""}, verdict));
  };
  EXPECT_EQ(refused(confirming({"somebody else"})), "case.bad_verdict");
  EXPECT_EQ(refused(confirming({"claimed", "claimed"})), "case.bad_verdict");
  Verdict cleared;
  cleared.outcome = Outcome::kCleared;
  cleared.accounts = {"claimed"};
  EXPECT_EQ(refused(cleared), "case.bad_verdict");
}

TEST_F(NoticedTest, AnAccountThatSomethingOfOursCameFromIsNoClaim) {
  world_.rules_.on_confirmed = {"account.suspend"};
  world_.renew();
  const Uuid id = tell(about("user-1"));
  ASSERT_EQ(world_.add({.account = "user-1"}), id) << "found as well: the same account joins";
  const auto plan = world_.decisions_->plan(world_.ann_, id, confirming());
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->claimed_accounts.empty());
  ASSERT_EQ(plan->actions.size(), 1U);
  EXPECT_EQ(plan->actions[0].target, "account:user-1");
}

TEST_F(NoticedTest, OfTwoPeopleBothNameAnAccountOrItIsLeftAlone) {
  world_.rules_.on_confirmed = {"account.suspend"};
  world_.rules_.double_review = DoubleReview::kAll;
  world_.renew();
  for (const bool both : {false, true}) {
    const Uuid id = tell(about(both ? "claimed-1" : "claimed-2"));
    for (const Person& person : {world_.ann_, world_.ben_}) {
      const auto locked = world_.cases_->lock(person, id, false);
      ASSERT_TRUE(locked);
      const bool names = both || person.actor.principal_id == world_.ben_.actor.principal_id;
      const Verdict verdict =
          confirming(names ? Strings{both ? "claimed-1" : "claimed-2"} : Strings{});
      ASSERT_TRUE(world_.decisions_->decide(person, id, {locked->version, ""}, verdict));
    }
    world_.pass_window();
    EXPECT_EQ(world_.read(id).state, State::kClosed);
    EXPECT_EQ(world_.kinds(id), both ? Strings{"account.suspend"} : Strings{});
  }
}

TEST_F(NoticedTest, TheSameAccountOrLinkJoinsOneCaseAndSomethingElseDoesNot) {
  const Uuid one = tell(about("user-1", "https://example.org/1"));
  EXPECT_EQ(tell(about("user-1")), one);
  EXPECT_EQ(tell(about("", "https://example.org/1")), one);
  EXPECT_NE(tell(about("user-2")), one);
  EXPECT_NE(tell(about("", "https://example.org/2")), one);
  const Case of = world_.read(one);
  EXPECT_EQ(of.reports, 3);
  EXPECT_EQ(of.items, 0);
  EXPECT_EQ(of.origin, Origin::kUserReport);
  EXPECT_EQ(of.account, "user-1");
  EXPECT_TRUE(of.needs_view);
}

TEST_F(NoticedTest, TheSameLinkOfAnotherAccountIsAnotherCase) {
  const Uuid one = tell(about("user-1", "https://example.org/1"));
  const Uuid other = tell(about("user-2", "https://example.org/1"));
  EXPECT_NE(one, other);
  EXPECT_EQ(world_.read(one).account, "user-1");
  EXPECT_EQ(world_.read(other).account, "user-2");
}

TEST_F(NoticedTest, ACaseAboutNobodyIsAboutWhomTheNextNoticeNames) {
  const Uuid one = tell(about("", "https://example.org/1"));
  EXPECT_EQ(tell(about("user-1", "https://example.org/1")), one);
  EXPECT_EQ(world_.read(one).account, "user-1");
  EXPECT_EQ(tell(about("user-1")), one);
}

TEST_F(NoticedTest, WhatAMatchFoundIsAboutNobodyBecauseOfWhatIsClaimed) {
  const Uuid found = world_.add();
  const std::string link = world_.texts("SELECT external_id FROM content ORDER BY id DESC").at(0);
  world_.sql(
      "INSERT INTO case_key (tenant_id, kind, value, case_id, principal_id) VALUES "
      "('default', 'external_id', :link, :id, 'system')",
      {link, to_string(found)});
  EXPECT_EQ(tell(about("user-1", link)), found);
  EXPECT_FALSE(world_.read(found).account);
}

TEST_F(NoticedTest, OtherAccountsThatANoticeNamesAreLinkedAndNotMerged) {
  const Uuid one = tell(about("user-1"));
  NoticeFinding both = about("user-2");
  both.accounts.emplace_back("user-1");
  const Uuid other = tell(both);
  EXPECT_NE(other, one);
  EXPECT_EQ(links_of(other), "related ");
}

TEST_F(NoticedTest, WhatWasWrittenIsACaseOfItsOwnKind) {
  const Uuid written = tell(writing("user-1"));
  EXPECT_EQ(world_.read(written).topic, Topic::kSolicitation);
  const Uuid posted = tell(about("user-1"));
  EXPECT_NE(posted, written);
  EXPECT_EQ(world_.read(posted).topic, Topic::kContent);
  EXPECT_EQ(links_of(posted), "related ");
  EXPECT_EQ(world_.add({.account = "user-1"}), posted)
      << "an upload joins no case of what is written";
  EXPECT_EQ(tell(writing("user-1")), written);
}

TEST_F(NoticedTest, SelfReportedFindingsStayAFamilyOfTheirOwn) {
  const Uuid self = world_.add({.purpose = "self_reported", .account = "user-1"});
  const Case before = world_.read(self);
  NoticeFinding notice = about("user-1");
  notice.contents = {world_.content_};
  const Uuid told = tell(notice);
  EXPECT_NE(told, self);
  EXPECT_EQ(world_.read(self).version, before.version);
  EXPECT_EQ(world_.read(self).reports, 0);
  EXPECT_EQ(links_of(told), "related ");
}

TEST_F(NoticedTest, ImminentDangerIsUrgentAndAFloodMovesNothing) {
  NoticeFinding notice = about("user-1");
  const Uuid id = tell(notice);
  const UtcMs rank_ms = world_.read(id).rank_ms;
  notice.counts = false;
  tell(notice);
  EXPECT_EQ(world_.read(id).rank_ms, rank_ms);
  EXPECT_EQ(world_.read(id).queue, Queue::kStandard);
  notice.imminent = true;
  tell(notice);
  const Case urgent = world_.read(id);
  EXPECT_EQ(urgent.queue, Queue::kUrgent);
  EXPECT_EQ(urgent.marks, std::vector<Mark>{Mark::kImminentHarm});
  tell(notice);
  EXPECT_EQ(world_.read(id).marks.size(), 1U);
}

TEST_F(NoticedTest, WhatWeHoldNothingOfIsDecidedWithoutAView) {
  const Uuid written = tell(writing("user-1"));
  decide(written, World::confirmed(Classification::kNone));
  EXPECT_EQ(world_.read(written).state, State::kClosed);
  EXPECT_EQ(world_.read(written).outcome, Outcome::kConfirmed);
  EXPECT_EQ(world_.count("case_decision"), 2) << "no exact match: two people say so";
  const Uuid posted = tell(about("user-2", "https://example.org/2"));
  const auto locked = world_.cases_->lock(world_.ann_, posted, false);
  ASSERT_TRUE(locked);
  EXPECT_EQ(
      code_of(world_.decisions_->decide(
          world_.ann_, posted, {locked->version, ""}, World::confirmed(Classification::kNone))),
      "case.bad_verdict");
}

TEST_F(NoticedTest, AFileThatCameWithANoticeIsSeenBeforeItIsConfirmed) {
  const Uuid found = world_.add({.account = "user-1"});
  EXPECT_EQ(tell(about("user-1")), found) << "a duplicate";
  const auto locked = world_.cases_->lock(world_.ann_, found, false);
  ASSERT_TRUE(locked);
  EXPECT_EQ(code_of(world_.decisions_->decide(
                world_.ann_, found, {locked->version, ""}, World::confirmed())),
            "case.not_seen");
}

TEST_F(NoticedTest, JoinedDuplicatesCostNoFurtherDecisionOrView) {
  const Uuid id = world_.add({.account = "user-1"});
  ASSERT_EQ(code_of(world_.decide(world_.ann_, id, World::confirmed())), "");
  const Uuid late = tell(about("user-1"));
  EXPECT_NE(late, id) << "somebody has judged it: what comes later is looked at";
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(tell(about("user-1")), late);
  }
  EXPECT_EQ(world_.count("review_case"), 2);
}

TEST_F(NoticedTest, ALinkThatIsConfirmedIsAskedToBeRemovedAndGivenBackByAnAppeal) {
  const Uuid id = tell(about("user-1", "https://example.org/1"));
  decide(id, World::confirmed());
  EXPECT_EQ(world_.texts("SELECT kind || ' ' || target FROM case_action"),
            std::vector<std::string>{"content.remove external_id:https://example.org/1"});
  const std::string payload = world_.payloads("case.action").at(0);
  EXPECT_NE(payload.find(R"("external_id":"https://example.org/1")"), std::string::npos);
  const auto asked = world_.appeals_->ask_with_token(world_.token(), "it is a drawing of mine");
  ASSERT_TRUE(asked) << asked.error().message;
  const auto waiting = world_.appeals_->list(world_.cat_, true, 10);
  ASSERT_TRUE(waiting && waiting->size() == 1);
  ASSERT_TRUE(world_.appeals_->decide(world_.cat_, waiting->at(0).id, true, "it is a drawing"));
  EXPECT_EQ(world_.texts("SELECT target FROM case_action WHERE kind = 'content.restore'"),
            std::vector<std::string>{"external_id:https://example.org/1"});
}

TEST_F(NoticedTest, ACaseThatPeopleToldUsOfStaysWhenAListWithdrawsItsMatch) {
  const Uuid id = world_.add({.account = "user-1"});
  tell(about("user-1"));
  ASSERT_TRUE(world_.database_->write([&](store::Transaction& transaction) {
    return withdraw_finding(transaction, kSystem, world_.clock_.now_ms(), world_.content_);
  }));
  EXPECT_EQ(world_.read(id).state, State::kOpen);
  EXPECT_EQ(world_.read(id).items, 0);
}

TEST_F(NoticedTest, WhoeverWroteIsNotToldWhoToldUs) {
  const Uuid id = tell(writing("user-1"));
  world_.rules_.on_confirmed = {"account.suspend"};
  world_.renew();
  Verdict verdict = World::confirmed(Classification::kNone);
  verdict.accounts = {"user-1"};
  decide(id, verdict);
  const std::string payload = world_.payloads("case.action").at(0);
  EXPECT_EQ(payload.find("somebody notified"), std::string::npos);
  EXPECT_EQ(payload.find("depict"), std::string::npos);
  EXPECT_NE(payload.find("for the safety of others"), std::string::npos);
}

// The definition: what add_notice() promises, over a list of everything that was told.
struct Known {
  Uuid id;
  Topic topic = Topic::kContent;
  std::optional<std::string> account;
  std::set<std::string> accounts;
  std::set<std::string> links;
};

std::optional<std::size_t> joined_by_definition(const std::vector<Known>& all,
                                                const NoticeFinding& notice) {
  std::optional<std::string> account;
  if (!notice.accounts.empty()) {
    account = notice.accounts.front();
    for (std::size_t i = all.size(); i-- > 0;) {
      if (all[i].topic == notice.topic && all[i].accounts.contains(*account)) {
        return i;
      }
    }
  }
  for (const std::string& link : notice.links) {
    for (std::size_t i = all.size(); i-- > 0;) {
      const bool nobody_else = !account || !all[i].account || all[i].account == account;
      if (all[i].topic == notice.topic && all[i].links.contains(link) && nobody_else) {
        return i;
      }
    }
  }
  return std::nullopt;
}

TEST_F(NoticedTest, JoiningFollowsItsDefinitionWhateverComes) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto below = [&](unsigned count) {
    return static_cast<unsigned>(random() % count);
  };
  std::vector<Known> all;
  for (int i = 0; i < 400; ++i) {
    NoticeFinding notice;
    notice.topic = below(4) == 0 ? Topic::kSolicitation : Topic::kContent;
    if (below(2) == 0) {
      notice.accounts = {"user-" + std::to_string(below(30))};
    }
    for (unsigned n = below(3); n > 0; --n) {
      notice.links.push_back("https://example.org/" + std::to_string(below(60)));
    }
    const std::optional<std::size_t> expected = joined_by_definition(all, notice);
    const Uuid id = tell(notice);
    if (expected) {
      ASSERT_EQ(id, all[*expected].id) << i;
    } else {
      ASSERT_TRUE(std::ranges::none_of(all, [&](const Known& each) { return each.id == id; })) << i;
      all.push_back({id, notice.topic, {}, {}, {}});
    }
    Known& known = expected ? all[*expected] : all.back();
    if (!known.account && !notice.accounts.empty()) {
      known.account = notice.accounts.front();
    }
    if (known.account) {
      known.accounts.insert(*known.account);
    }
    known.links.insert(notice.links.begin(), notice.links.end());
  }
  EXPECT_EQ(world_.count("review_case"), static_cast<std::int64_t>(all.size()));
  EXPECT_EQ(world_.texts("SELECT SUM(reports) FROM review_case").at(0), "400");
}

}  // namespace
}  // namespace tutela::cases
