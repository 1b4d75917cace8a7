#include "casework/cases/joining.hpp"

#include "casework/cases/cases_fixture.hpp"

namespace tutela::cases {
namespace {

class JoiningTest : public CasesTest {
 protected:
  LinkKind link_between(const Uuid& one, const Uuid& other) {
    for (const Link& link : whole(one).links) {
      if (link.other == other) {
        return link.kind;
      }
    }
    ADD_FAILURE() << "not linked";
    return LinkKind::kRelated;
  }

  std::size_t links_of(const Uuid& id) { return whole(id).links.size(); }

  // Any other content into the group, without a case.
  void group(const Uuid& content, const std::string& group_id) {
    execute(
        "INSERT INTO content_group (content_id, tenant_id, principal_id, group_id) VALUES (:id, "
        "'default', 'system', :group_id)",
        {to_string(content), group_id});
  }
};

TEST_F(JoiningTest, AMatchOpensACaseWithItsClocksAndItsEntry) {
  Finding found = finding("acc-1");
  found.external_id = "post-1";
  const Uuid id = add(found);
  const Case of = get(id);
  EXPECT_EQ(of.version, 1);
  EXPECT_EQ(of.queue, Queue::kStandard);
  EXPECT_EQ(of.state, State::kOpen);
  EXPECT_EQ(of.origin, Origin::kMatch);
  EXPECT_EQ(of.account, "acc-1");
  EXPECT_EQ(of.external_id, "post-1");
  EXPECT_EQ(of.severity, 2);
  EXPECT_EQ(of.spread, 1);
  EXPECT_EQ(of.items, 1);
  EXPECT_TRUE(of.needs_view);
  EXPECT_EQ(of.opened_ms, clock_.now_ms());
  EXPECT_EQ(of.first_look_due_ms, clock_.now_ms() + 24 * kHour);
  EXPECT_EQ(of.decision_due_ms, clock_.now_ms() + 72 * kHour);
  EXPECT_EQ(of.rank_ms, clock_.now_ms() - 48 * kHour);
  EXPECT_EQ(events(id), "opened");
  EXPECT_EQ(text("SELECT action || ' ' || object || ' ' || result FROM audit"),
            "case.open case:" + to_string(id) + " ok|");
  const Event opened = whole(id).events.at(0);
  EXPECT_EQ(opened.detail,
            "{\"content\":\"" + to_string(found.content_id) +
                "\",\"origin\":\"match\",\"purpose\":\"known_csam\"}");
}

TEST_F(JoiningTest, WhatOnlyLooksLikeACanaryIsLookedAt) {
  Finding found = finding("acc-1");
  found.list_purpose = "canary";
  EXPECT_EQ(get(add(found)).queue, Queue::kStandard);
}

TEST_F(JoiningTest, ATestListBehavesLikeAKnownOne) {
  Finding found = finding();
  found.list_id = add_list("demo", "test");
  found.list_purpose = "test";
  const Uuid id = add(found);
  EXPECT_EQ(get(id).queue, Queue::kStandard);
  EXPECT_EQ(whole(id).items.at(0).list_purpose, "test");
}

TEST_F(JoiningTest, TheSameFindingTwiceChangesNothing) {
  const Finding found = finding("acc-1");
  const Uuid id = add(found);
  const std::string before = text("SELECT COUNT(*) FROM audit");
  clock_.advance(kHour);
  EXPECT_EQ(add(found), id);
  EXPECT_EQ(get(id).version, 1);
  EXPECT_EQ(events(id), "opened");
  EXPECT_EQ(text("SELECT COUNT(*) FROM audit"), before);
}

TEST_F(JoiningTest, FindingsOfOneAccountMeetInOneOpenCase) {
  const Uuid id = add(finding("acc-1"));
  Finding second = finding("acc-1");
  second.classification = "A1";
  EXPECT_EQ(add(second), id);
  EXPECT_NE(add(finding("acc-2")), id);
  const Case of = get(id);
  EXPECT_EQ(of.items, 2);
  EXPECT_EQ(of.severity, 4);
  EXPECT_EQ(of.version, 2);
  EXPECT_EQ(of.rank_ms, of.opened_ms - 96 * kHour);
  EXPECT_EQ(events(id), "opened joined");
}

TEST_F(JoiningTest, OnlyExactAndTrustedItemsNeedNoView) {
  Finding exact = finding("acc-1");
  exact.exact = exact.trusted = true;
  const Uuid id = add(exact);
  EXPECT_FALSE(get(id).needs_view);
  Finding another = finding("acc-1");
  another.exact = another.trusted = true;
  add(another);
  EXPECT_FALSE(get(id).needs_view);
  add(finding("acc-1"));
  EXPECT_TRUE(get(id).needs_view);
  // Trusted without being exact is not safeguards.md 1.
  Finding near = finding("acc-2");
  near.trusted = true;
  EXPECT_TRUE(get(add(near)).needs_view);
}

TEST_F(JoiningTest, WithoutAnAccountTheExternalIdDecides) {
  Finding first = finding("acc-1");
  first.external_id = "post-7";
  const Uuid id = add(first);
  Finding second = finding();
  second.external_id = "post-7";
  EXPECT_EQ(add(second), id);
}

TEST_F(JoiningTest, WithoutAnAccountBytesAndSignalDecideAmongCasesThatNameNobody) {
  Finding first = finding("", "aa");
  first.signal_id = 41;
  const Uuid id = add(first);
  EXPECT_EQ(add(finding("", "aa")), id);
  Finding by_signal = finding();
  by_signal.signal_id = 41;
  EXPECT_EQ(add(by_signal), id);
  EXPECT_EQ(get(id).items, 3);
}

TEST_F(JoiningTest, WhatNobodyIsNamedForDoesNotCountAgainstSomebody) {
  const Uuid named = add(finding("acc-1", "aa"));
  const Uuid unnamed = add(finding("", "aa"));
  EXPECT_NE(named, unnamed);
  EXPECT_EQ(link_between(unnamed, named), LinkKind::kNearDuplicate);
}

TEST_F(JoiningTest, TheSameBytesOfAnotherAccountAreLinkedAndNotJoined) {
  const Uuid one = add(finding("acc-1", "aa"));
  const Uuid two = add(finding("acc-2", "aa"));
  EXPECT_NE(one, two);
  EXPECT_EQ(link_between(one, two), LinkKind::kNearDuplicate);
  EXPECT_EQ(link_between(two, one), LinkKind::kNearDuplicate);
  EXPECT_EQ(get(two).spread, 2);
  EXPECT_EQ(events(one), "opened linked");
  // What a reviewer of the first one saw of it stands.
  EXPECT_EQ(get(one).version, 1);
}

TEST_F(JoiningTest, AFloodOfTheSameBytesLinksTheNewestTwenty) {
  for (int i = 0; i < 30; ++i) {
    add(finding("acc-" + std::to_string(i), "aa"));
  }
  EXPECT_EQ(links_of(add(finding("last", "aa"))), 20U);
}

TEST_F(JoiningTest, NothingJoinsWhatSomebodyHasDecided) {
  for (const State state : {State::kSecondLook,
                            State::kDisagreement,
                            State::kDecided,
                            State::kClosed,
                            State::kAppealed}) {
    const std::string account = "of-" + std::string(to_string(state));
    const Uuid earlier = add(finding(account));
    set_state(earlier, state, Outcome::kConfirmed);
    const Uuid next = add(finding(account));
    EXPECT_NE(next, earlier) << account;
    EXPECT_EQ(get(earlier).items, 1);
    EXPECT_EQ(link_between(next, earlier), LinkKind::kSameAccount);
    EXPECT_EQ(whole(next).earlier_cases, 1);
    EXPECT_EQ(whole(earlier).earlier_cases, 0);
    EXPECT_EQ(add(finding(account)), next);
  }
}

TEST_F(JoiningTest, BytesThatWereDecidedBeforeAreRelated) {
  const Uuid earlier = add(finding("acc-1", "aa"));
  set_state(earlier, State::kClosed, Outcome::kConfirmed);
  const Uuid next = add(finding("", "aa"));
  EXPECT_NE(next, earlier);
  EXPECT_EQ(link_between(next, earlier), LinkKind::kRelated);
}

TEST_F(JoiningTest, AFullCaseIsFollowedByAnotherThatIsLinked) {
  rules_.items_max = 3;
  const Uuid first = add(finding("acc-1"));
  add(finding("acc-1"));
  EXPECT_EQ(add(finding("acc-1")), first);
  const Uuid next = add(finding("acc-1"));
  EXPECT_NE(next, first);
  EXPECT_EQ(get(first).items, 3);
  EXPECT_EQ(link_between(next, first), LinkKind::kSameAccount);
  EXPECT_EQ(add(finding("acc-1")), next);
}

TEST_F(JoiningTest, AFullCaseOfNobodyIsFollowedByANearDuplicate) {
  rules_.items_max = 1;
  const Uuid first = add(finding("", "aa"));
  const Uuid next = add(finding("", "aa"));
  EXPECT_NE(next, first);
  EXPECT_EQ(link_between(next, first), LinkKind::kNearDuplicate);
}

TEST_F(JoiningTest, SelfReportedFindingsMeetNoOthersAndRaiseNothing) {
  const Uuid known = add(finding("acc-1", "aa"));
  const Case before = get(known);
  const Uuid reported = add(self_reported("acc-1", "aa"));
  EXPECT_NE(reported, known);
  EXPECT_EQ(get(reported).queue, Queue::kSelfReported);
  const Case after = get(known);
  EXPECT_EQ(after.version, before.version);
  EXPECT_EQ(after.rank_ms, before.rank_ms);
  // Linked for whoever reads it, and never decided along.
  EXPECT_EQ(link_between(reported, known), LinkKind::kRelated);
  // Nor the other way around, and among themselves they meet.
  EXPECT_EQ(add(finding("acc-1")), known);
  EXPECT_EQ(add(self_reported("acc-1")), reported);
}

TEST_F(JoiningTest, SelfReportedContentsDoNotSpreadAKnownOne) {
  for (int i = 0; i < 9; ++i) {
    add(self_reported("victim-" + std::to_string(i), "aa"));
  }
  EXPECT_EQ(get(add(finding("acc-1", "aa"))).spread, 1);
  EXPECT_EQ(get(add(self_reported("victim-x", "aa"))).spread, 11);
}

TEST_F(JoiningTest, SelfReportedFindingsMeetNoOthersByBytesOrExternalIdEither) {
  Finding known = finding("", "aa");
  known.external_id = "post-1";
  known.signal_id = 5;
  const Uuid id = add(known);
  Finding reported = self_reported("", "aa");
  reported.external_id = "post-1";
  reported.signal_id = 5;
  EXPECT_NE(add(reported), id);
}

TEST_F(JoiningTest, ANoticeCountsAsOneReportWhateverCameWithItAndMovesTheCaseForward) {
  const auto tell = [&] {
    Uuid id;
    EXPECT_TRUE(database_->write([&](store::Transaction& transaction) -> Status {
      NoticeFinding notice;
      notice.notice_id = new_uuid(clock_.now_ms());
      notice.accounts = {"acc-1"};
      TUTELA_TRY_ASSIGN(
          id,
          add_notice(
              transaction, {"default", "system", "system"}, rules_, clock_.now_ms(), notice));
      return ok();
    }));
    return id;
  };
  const Uuid id = tell();
  EXPECT_EQ(get(id).reports, 1);
  EXPECT_EQ(get(id).rank_ms, get(id).opened_ms - 12 * kHour);
  EXPECT_TRUE(get(id).needs_view);
  EXPECT_EQ(get(id).items, 0);
  Finding file = finding("acc-1");
  file.origin = Origin::kUserReport;
  file.list_id.reset();
  file.list_purpose.clear();
  file.classification.clear();
  EXPECT_EQ(add(file), id);
  EXPECT_EQ(get(id).reports, 1);
  EXPECT_EQ(get(id).items, 1);
  EXPECT_EQ(tell(), id);
  EXPECT_EQ(get(id).reports, 2);
}

TEST_F(JoiningTest, AListThatGrewMakesAnOpenCaseMoreSevere) {
  Finding found = finding("acc-1");
  found.classification = "B2";
  const Uuid id = add(found);
  found.origin = Origin::kListGrew;
  found.exact = found.trusted = true;
  found.classification = "A1";
  EXPECT_EQ(add(found), id);
  EXPECT_EQ(get(id).severity, 4);
  EXPECT_FALSE(get(id).needs_view);
  EXPECT_EQ(get(id).items, 1);
  EXPECT_EQ(events(id), "opened joined");
}

TEST_F(JoiningTest, WhatWasClearedAndIsFoundOnAnotherGroundGetsACaseAgain) {
  Finding found = finding("acc-1");
  const Uuid cleared = add(found);
  add_decision(cleared, ann_);
  set_state(cleared, State::kClosed, Outcome::kCleared);
  EXPECT_EQ(add(found), cleared) << "nothing new about it";
  found.origin = Origin::kListGrew;
  found.exact = found.trusted = true;
  const Uuid next = add(found);
  EXPECT_NE(next, cleared);
  EXPECT_EQ(whole(next).items.size(), 1U);
  EXPECT_EQ(events(cleared), "opened linked linked found_again");
  // What was confirmed stays where it is.
  set_state(next, State::kClosed, Outcome::kConfirmed);
  found.classification = "A1";
  EXPECT_EQ(add(found), next);
}

TEST_F(JoiningTest, OneTenantsFindingsMeetNoneOfAnother) {
  const Uuid id = add(finding("acc-1", "aa"));
  Finding other = finding("acc-1", "aa");
  const store::Actor actor{"second", "token:door", "service"};
  std::optional<Uuid> opened;
  ASSERT_TRUE(database_->write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(opened, add_finding(transaction, actor, rules_, clock_.now_ms(), other));
    return ok();
  }));
  ASSERT_TRUE(opened);
  EXPECT_NE(*opened, id);
  EXPECT_EQ(code_of(cases_->find(lead_, *opened)), "case.not_found");
}

TEST_F(JoiningTest, CaseOfSaysWhereAContentIs) {
  const Finding found = finding("acc-1");
  const Uuid id = add(found);
  std::optional<Uuid> of_found;
  std::optional<Uuid> of_other;
  const Uuid other = add_content();
  ASSERT_TRUE(database_->read([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY_ASSIGN(of_found, case_of(transaction, "default", found.content_id));
    TUTELA_TRY_ASSIGN(of_other, case_of(transaction, "default", other));
    return ok();
  }));
  EXPECT_EQ(of_found, id);
  EXPECT_FALSE(of_other);
}

TEST_F(JoiningTest, NearDuplicatesLinkTheirCasesAndCountTheSpreadAnew) {
  const Finding one = finding("acc-1");
  const Finding two = finding("acc-2");
  const Uuid first = add(one);
  const Uuid second = add(two);
  for (const Uuid& content : {one.content_id, two.content_id, add_content(), add_content()}) {
    group(content, "g");
  }
  near_duplicates(one.content_id, two.content_id);
  EXPECT_EQ(link_between(first, second), LinkKind::kNearDuplicate);
  EXPECT_EQ(get(first).spread, 4);
  EXPECT_EQ(get(second).spread, 4);
  EXPECT_EQ(get(first).rank_ms, get(first).opened_ms - (48 + 24) * kHour);
  const std::int64_t version = get(first).version;
  near_duplicates(one.content_id, two.content_id);
  EXPECT_EQ(get(first).version, version);
  EXPECT_EQ(events(first), "opened linked");
}

TEST_F(JoiningTest, ANearDuplicateWithoutACaseCountsForTheSpread) {
  const Finding one = finding("acc-1");
  const Uuid id = add(one);
  const Uuid other = add_content();
  group(one.content_id, "g");
  group(other, "g");
  near_duplicates(other, one.content_id);
  EXPECT_EQ(get(id).spread, 2);
  EXPECT_EQ(events(id), "opened spread");
}

}  // namespace
}  // namespace tutela::cases
