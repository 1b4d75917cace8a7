// Accepting: what is written, what is refused, what a flood does, and what is never written.
#include <algorithm>

#include "casework/intake/intake_fixture.hpp"
#include "casework/intake/rows.hpp"
#include "support/explaining.hpp"

namespace tutela::intake {
namespace {

using testing::code_of;

class AcceptTest : public IntakeTest {
 protected:
  std::string refused(const NewNotice& notice) {
    return code_of(notices_.accept(world_.page_, notice));
  }

  NewNotice from(const std::string& source, bool imminent = false) {
    NewNotice notice = a_notice();
    notice.source = source;
    notice.proved = true;
    notice.imminent = imminent;
    return notice;
  }

  std::vector<Queue> queues(const NewNotice& notice, int count) {
    std::vector<Queue> all;
    for (int i = 0; i < count; ++i) {
      all.push_back(world_.accept(notice).queue);
    }
    return all;
  }
};

TEST_F(AcceptTest, EverythingGivenIsThereAfterwards) {
  NewNotice notice = a_notice();
  notice.kind = Kind::kSolicitation;
  notice.sender = Sender::kVictim;
  notice.channel = Channel::kApi;
  notice.language = "de";
  notice.country = "AT";
  notice.body.accounts = {"someone"};
  notice.body.messages = {{"them", "yesterday", "term-alpha"}};
  notice.reference = "ref 7";
  notice.partner_id = new_uuid(5);
  notice.files = {new_uuid(6)};
  notice.contact = SealedContact{"0123456789abcdef", "c2VhbGVk"};
  const Accepted accepted = world_.accept(notice);
  const Whole whole = world_.whole(accepted.id);
  const Notice& of = whole.of;
  EXPECT_EQ(of.number, accepted.number);
  EXPECT_EQ(of.kind, Kind::kSolicitation);
  EXPECT_EQ(of.sender, Sender::kVictim);
  EXPECT_EQ(of.channel, Channel::kApi);
  EXPECT_EQ(of.queue, Queue::kVictim);
  EXPECT_EQ(of.state, State::kOpen);
  EXPECT_EQ(of.language, "de");
  EXPECT_EQ(of.country, "AT");
  EXPECT_EQ(of.reference, "ref 7");
  EXPECT_EQ(of.partner_id, notice.partner_id);
  EXPECT_EQ(of.verified, Verified::kNone);
  EXPECT_TRUE(of.has_contact);
  EXPECT_EQ(to_json(whole.body), to_json(notice.body));
  EXPECT_EQ(whole.files, notice.files);
  Result<SealedContact> contact = Error{ErrorKind::kInternal, "none", ""};
  ASSERT_TRUE(world_.database_->read([&](store::Transaction& transaction) {
    contact = contact_of(transaction, "default", accepted.id);
    return ok();
  }));
  ASSERT_TRUE(contact);
  EXPECT_EQ(contact->sealed, "c2VhbGVk");
}

TEST_F(AcceptTest, TheEntryOfTheAuditLogNamesKindChannelAndQueueAlone) {
  NewNotice notice = a_notice("wordsofsomebody");
  notice.source = notices_.source_of("192.0.2.1");
  const Accepted accepted = world_.accept(notice);
  ASSERT_TRUE(notices_.add(accepted.number, accepted.pin, "wordsofsomebody", {}));
  ASSERT_TRUE(notices_.move(
      world_.desk_, accepted.id, world_.now(accepted.id), Queue::kVictim, "wordsofours"));
  world_.answer(accepted.id, Outcome::kHandled, "wordsofours");
  EXPECT_EQ(testing::entries(*world_.database_),
            (std::vector<std::string>{"intake:page notice.receive notice content page public ok",
                                      "sender notice.add notice content page public ok",
                                      "person:1 notice.move notice content page victim ok",
                                      "person:1 notice.answer notice content page victim ok"}));
  for (const std::string& word : {std::string("wordsof"), notice.source, accepted.number}) {
    EXPECT_EQ(
        world_.count("audit WHERE action || object || purpose || result LIKE '%" + word + "%'"), 0);
  }
}

TEST_F(AcceptTest, AnAuthoritysRequestIsUnverified) {
  NewNotice notice = a_notice();
  notice.kind = Kind::kLawRequest;
  notice.sender = Sender::kAuthority;
  const Accepted accepted = world_.accept(notice);
  EXPECT_EQ(accepted.queue, Queue::kLaw);
  EXPECT_EQ(world_.get(accepted.id).verified, Verified::kUnverified);
}

TEST_F(AcceptTest, WhatIsWrongIsRefusedWithItsName) {
  const auto with = [&](auto change) {
    NewNotice notice = a_notice();
    change(notice);
    return refused(notice);
  };
  EXPECT_EQ(with([](NewNotice& n) { n.body = {}; }), "notice.empty");
  EXPECT_EQ(with([](NewNotice& n) { n.files.assign(6, Uuid{}); }), "notice.too_many_files");
  EXPECT_EQ(with([](NewNotice& n) { n.language = "EN"; }), "notice.bad_language");
  EXPECT_EQ(with([](NewNotice& n) { n.language = ""; }), "notice.bad_language");
  EXPECT_EQ(with([](NewNotice& n) { n.country = "de"; }), "notice.bad_country");
  EXPECT_EQ(with([](NewNotice& n) { n.reference = std::string(129, 'x'); }),
            "notice.bad_reference");
  EXPECT_EQ(with([](NewNotice& n) { n.idempotency_key = ""; }), "idempotency.bad_key");
  EXPECT_EQ(with([](NewNotice& n) { n.contact = SealedContact{"", "x"}; }), "notice.bad_contact");
  EXPECT_EQ(with([](NewNotice& n) {
              n.contact = SealedContact{"a", std::string(8193, 'x')};
            }),
            "notice.bad_contact");
  EXPECT_EQ(with([](NewNotice& n) { n.source = "two words"; }), "notice.bad_source");
  EXPECT_EQ(world_.count("notice"), 0);
}

TEST_F(AcceptTest, TheSameKeyGivesTheSameNoticeAndNoPin) {
  NewNotice notice = a_notice();
  notice.idempotency_key = "key-1";
  const Accepted first = world_.accept(notice);
  const Accepted again = world_.accept(notice);
  EXPECT_TRUE(again.repeated);
  EXPECT_EQ(again.id, first.id);
  EXPECT_EQ(again.number, first.number);
  EXPECT_EQ(again.due_ms, first.due_ms);
  EXPECT_EQ(again.pin, "");
  notice.body.text += " changed";
  EXPECT_EQ(refused(notice), "idempotency.mismatch");
  EXPECT_FALSE(world_.notices_.accept(world_.desk_, notice)->repeated) << "of somebody else";
  EXPECT_EQ(world_.count("notice"), 2);
}

TEST_F(AcceptTest, AKeyAloneNamesWhatWasAcceptedWithIt) {
  NewNotice notice = a_notice();
  notice.idempotency_key = "key-1";
  notice.contact = SealedContact{"0123456789abcdef", "c2VhbGVk"};
  const Accepted first = world_.accept(notice);
  const auto found = notices_.accepted_with(world_.page_, "key-1");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->id, first.id);
  EXPECT_EQ((*found)->number, first.number);
  EXPECT_EQ((*found)->queue, first.queue);
  EXPECT_EQ((*found)->due_ms, first.due_ms);
  EXPECT_EQ((*found)->pin, "");
  EXPECT_TRUE((*found)->repeated);
  EXPECT_TRUE((*found)->has_contact);
  for (const auto& [actor, key] :
       {std::pair(world_.page_, "key-2"),
        std::pair(world_.desk_, "key-1"),
        std::pair(store::Actor{"other", "intake:page", "service"}, "key-1")}) {
    const auto none = notices_.accepted_with(actor, key);
    ASSERT_TRUE(none);
    EXPECT_FALSE(*none) << actor.tenant_id << key;
  }
}

TEST_F(AcceptTest, AnotherNoticeWithTheSameKeyIsAnErrorAndNothingOfItIsLost) {
  NewNotice notice = a_notice();
  notice.idempotency_key = "key-1";
  notice.reference = "7/26";
  notice.source = "a";
  notice.files = {new_uuid(1)};
  static_cast<void>(world_.accept(notice));
  EXPECT_TRUE(world_.accept(notice).repeated);
  const auto with = [&](auto change) {
    NewNotice other = notice;
    change(other);
    return refused(other);
  };
  const std::string mismatch = "idempotency.mismatch";
  EXPECT_EQ(with([](NewNotice& n) { n.body.text += "."; }), mismatch);
  EXPECT_EQ(with([](NewNotice& n) { n.body.accounts = {"a"}; }), mismatch);
  EXPECT_EQ(with([](NewNotice& n) { n.files = {new_uuid(2)}; }), mismatch);
  EXPECT_EQ(with([](NewNotice& n) { n.files.push_back(new_uuid(2)); }), mismatch);
  EXPECT_EQ(with([](NewNotice& n) { n.files.clear(); }), mismatch);
  EXPECT_EQ(with([](NewNotice& n) { n.kind = Kind::kOther; }), mismatch);
  EXPECT_EQ(with([](NewNotice& n) { n.sender = Sender::kVictim; }), mismatch);
  EXPECT_EQ(with([](NewNotice& n) { n.imminent = true; }), mismatch);
  EXPECT_EQ(with([](NewNotice& n) { n.language = "de"; }), mismatch);
  EXPECT_EQ(with([](NewNotice& n) { n.country = "AT"; }), mismatch);
  EXPECT_EQ(with([](NewNotice& n) { n.reference = "8/26"; }), mismatch);
  EXPECT_EQ(with([](NewNotice& n) { n.channel = Channel::kApi; }), mismatch);
  EXPECT_EQ(world_.count("notice"), 1);
  EXPECT_EQ(world_.count("notice_file"), 1);
  NewNotice other = notice;
  other.files.push_back(new_uuid(2));
  other.files.erase(other.files.begin());
  other.idempotency_key = "key-2";
  EXPECT_FALSE(world_.accept(other).repeated) << "its file is free for a new key";
}

TEST_F(AcceptTest, TheSameBytesUnderOtherIdsAreTheSameRequest) {
  const auto add_content = [&](std::int64_t at_ms, const std::string& digest) {
    const Uuid id = new_uuid(at_ms);
    EXPECT_TRUE(world_.database_->write([&](store::Transaction& transaction) -> Status {
      const auto added = transaction.execute(
          "INSERT INTO content (id, tenant_id, principal_id, door, source, size_bytes, md5, sha1, "
          "sha256, received_ms, instance_id, attempts, verdict, spooled) VALUES (:id, 'default', "
          "'intake:page', 'intake', 'notice', 1, '', '', :digest, 1, '', 1, 'owed', 1)",
          {to_string(id), digest});
      return added ? ok() : Status(added.error());
    }));
    return id;
  };
  NewNotice notice = a_notice();
  notice.idempotency_key = "key-1";
  notice.files = {add_content(1, "aa"), add_content(2, "bb")};
  const Accepted first = world_.accept(notice);
  notice.files = {add_content(3, "bb"), add_content(4, "aa")};  // as a form sends them again
  EXPECT_EQ(world_.accept(notice).id, first.id);
  notice.files = {add_content(5, "bb"), add_content(6, "cc")};
  EXPECT_EQ(refused(notice), "idempotency.mismatch");
  world_.clock_.advance(1);
  const Uuid more = add_content(7, "dd");
  ASSERT_TRUE(notices_.add(first.number, first.pin, "more", {more}));
  notice.files = {add_content(8, "aa"), add_content(9, "bb")};
  EXPECT_EQ(world_.accept(notice).id, first.id) << "whatever was added afterwards";
}

TEST_F(AcceptTest, ARepetitionSaysWhetherTheFirstKeptAContact) {
  NewNotice notice = a_notice();
  notice.idempotency_key = "key-1";
  notice.source = "a";
  const SealedContact contact{"0123456789abcdef", "c2VhbGVk"};
  EXPECT_FALSE(world_.accept(notice).has_contact);
  notice.contact = contact;
  EXPECT_FALSE(world_.accept(notice).has_contact) << "there was no key to seal it with, say";
  notice.idempotency_key = "key-2";
  const Accepted first = world_.accept(notice);
  EXPECT_TRUE(first.has_contact);
  notice.contact = SealedContact{"0123456789abcdef", "b3RoZXI"};  // sealed anew
  EXPECT_TRUE(world_.accept(notice).has_contact);
  EXPECT_TRUE(world_.accept(notice).repeated);
  notice.source = "b";
  EXPECT_TRUE(world_.accept(notice).repeated) << "a source is a day's, and midnight is any time";
  notice.contact.reset();
  EXPECT_EQ(refused(notice), "idempotency.mismatch");
}

TEST_F(AcceptTest, WhatOneSourceSendsInMassesWaitsByItself) {
  const std::vector<Queue> all = queues(from("a"), 12);
  EXPECT_EQ(std::count(all.begin(), all.begin() + 10, Queue::kPublic), 10);
  EXPECT_EQ(std::count(all.begin() + 10, all.end(), Queue::kFlood), 2);
  EXPECT_EQ(queues(from("b"), 1)[0], Queue::kPublic) << "others are as they were";
  EXPECT_EQ(world_.accept(a_notice()).queue, Queue::kPublic) << "partners have no source";
  const auto floods = notices_.floods("default", 10);
  ASSERT_TRUE(floods);
  ASSERT_EQ(floods->size(), 1U);
  EXPECT_EQ((*floods)[0].key, "a");
  EXPECT_EQ((*floods)[0].notices, 2);
  EXPECT_EQ(world_.count("notice"), 14) << "nothing is dropped";
  world_.clock_.advance(kHour);
  EXPECT_EQ(queues(from("a"), 1)[0], Queue::kPublic) << "an hour later it is forgotten";
}

TEST_F(AcceptTest, WithoutProofOfWorkItIsAFloodTwiceAsEarly) {
  NewNotice notice = from("a");
  notice.proved = false;
  const std::vector<Queue> all = queues(notice, 6);
  EXPECT_EQ(std::count(all.begin(), all.end(), Queue::kFlood), 1);
  EXPECT_EQ(queues(from("a"), 1)[0], Queue::kPublic) << "with it, not yet";
}

TEST_F(AcceptTest, ImminentOnesStayImminentWhileTheyAreFew) {
  static_cast<void>(queues(from("a"), 30));
  EXPECT_EQ(
      queues(from("a", true), 4),
      (std::vector<Queue>{Queue::kImminent, Queue::kImminent, Queue::kImminent, Queue::kFlood}));
  static_cast<void>(queues(from("b"), 40));
  const auto floods = notices_.floods("default", 10);
  ASSERT_TRUE(floods);
  ASSERT_EQ(floods->size(), 2U);
  EXPECT_EQ((*floods)[0].key, "a") << "in which somebody may be in danger, before a larger one";
  EXPECT_EQ((*floods)[0].imminent, 1);
  EXPECT_EQ((*floods)[1].imminent, 0);
}

TEST_F(AcceptTest, ManyAtOnceAreAllThereEachOnce) {
  testing::all_at_once(8, [&](int i) {
    for (int j = 0; j < 20; ++j) {
      NewNotice notice = from("same");
      notice.idempotency_key = std::to_string(i * 20 + j);
      EXPECT_TRUE(notices_.accept(world_.page_, notice));
      EXPECT_TRUE(notices_.accept(world_.page_, notice));
    }
  });
  EXPECT_EQ(world_.count("notice"), 160);
  EXPECT_EQ(world_.count("notice WHERE queue = 'public'"), 10);
  EXPECT_EQ(world_.count("notice_event"), 160);
  EXPECT_EQ(world_.text("SELECT SUM(received) FROM notice_promise_day"), "160");
}

TEST_F(AcceptTest, NothingThatIsAskedOftenReadsAllNotices) {
  testing::Explaining explaining(*world_.database_);
  Notices notices(explaining, world_.clock_, test_key(), [this] { return world_.rules_; });
  NewNotice notice = from("a", true);
  notice.idempotency_key = "k";
  const Result<Accepted> accepted = notices.accept(world_.page_, notice);
  ASSERT_TRUE(accepted);
  ASSERT_TRUE(notices.follow(accepted->number, accepted->pin));
  for (const bool waiting : {true, false}) {
    Filter filter;
    filter.waiting = waiting;
    ASSERT_TRUE(notices.list("default", filter));
    filter.flood_key = "a";
    ASSERT_TRUE(notices.list("default", filter));
    filter.flood_key.reset();
    filter.case_id = new_uuid(1);
    ASSERT_TRUE(notices.list("default", filter));
  }
  ASSERT_TRUE(notices.whole("default", accepted->id));
  ASSERT_TRUE(notices.counts("default"));
  ASSERT_TRUE(notices.floods("default", 10));
  ASSERT_TRUE(notices.kept("default", 30));
  ASSERT_TRUE(notices.sort(10, [](auto&&...) { return std::optional<Uuid>(); }));
  ASSERT_TRUE(notices.tick([](auto&&...) { return std::string(); }));
  ASSERT_GT(explaining.plans.size(), 20U);
  for (const std::string& plan : explaining.plans) {
    const bool whole_table = plan.starts_with("SCAN ") && plan.find("INDEX") == plan.npos &&
                             plan.find("same") == plan.npos && plan.find("sent") == plan.npos &&
                             plan.find("subquery") == plan.npos &&
                             plan.find("CONSTANT") == plan.npos;
    EXPECT_FALSE(whole_table) << plan;
  }
}

TEST_F(AcceptTest, WhatWaitsIsCountedFromItsIndexAlone) {
  testing::Explaining explaining(*world_.database_);
  Notices notices(explaining, world_.clock_, test_key(), [this] { return world_.rules_; });
  ASSERT_TRUE(notices.counts("default"));
  ASSERT_TRUE(notices.floods("default", 10));
  ASSERT_TRUE(notices.kept("default", 90));
  int covered = 0;
  for (const std::string& plan : explaining.plans) {
    covered += plan.find("USING COVERING INDEX notice_waiting") == plan.npos ? 0 : 1;
  }
  EXPECT_EQ(covered, 2 + static_cast<int>(kQueues.size()));
  EXPECT_EQ(std::ranges::count_if(explaining.plans,
                                  [](const std::string& plan) {
                                    return plan.find("(tenant_id=? AND queue=? AND due_ms<?)") !=
                                           plan.npos;
                                  }),
            static_cast<std::ptrdiff_t>(kQueues.size()))
      << "what anybody may ask reads what is overdue alone";
}

}  // namespace
}  // namespace tutela::intake
