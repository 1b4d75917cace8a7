#include "exchange/lists/lists.hpp"

#include <algorithm>

#include "exchange/lists/lists_fixture.hpp"

namespace tutela::lists {
namespace {

using match::SignalKind;

TEST(ListNames, RoundTripAndRejectOthers) {
  for (const auto purpose :
       {Purpose::kKnownCsam, Purpose::kSelfReported, Purpose::kTest, Purpose::kCanary}) {
    EXPECT_EQ(*parse_purpose(to_string(purpose)), purpose);
  }
  EXPECT_EQ(parse_purpose("speech").error().code, "list.bad_purpose");
  EXPECT_EQ(to_string(State::kRemoved), "removed");
}

TEST_F(ListsTest, ANewListIsInactiveAndReadsBackWhole) {
  NewList given = spec("vetted", Purpose::kKnownCsam);
  given.source = "state:example";
  given.legal_process = "ref 1";
  given.action = policy::Action::kCase;
  given.automation = true;
  given.pdq_distance_max = 20;
  const List list = make(given);
  for (const std::string& key : {std::string("vetted"), to_string(list.id)}) {
    const auto read = lists_->get(bob_, key);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->id, list.id);
    EXPECT_EQ(read->spec.name, "vetted");
    EXPECT_EQ(read->spec.source, "state:example");
    EXPECT_EQ(read->spec.provenance, "made for a test");
    EXPECT_EQ(read->spec.legal_process, "ref 1");
    EXPECT_EQ(read->spec.classification, "A1");
    EXPECT_EQ(read->spec.purpose, Purpose::kKnownCsam);
    EXPECT_EQ(read->spec.action, policy::Action::kCase);
    EXPECT_TRUE(read->spec.automation);
    EXPECT_EQ(read->spec.pdq_distance_max, 20);
    EXPECT_EQ(read->version, 1);
    EXPECT_EQ(read->state, State::kInactive);
    EXPECT_EQ(read->created_ms, clock_.now_ms());
  }
  EXPECT_EQ(audit_of(list), std::vector<std::string>{"list.create ok"});
}

TEST_F(ListsTest, RefusesAListThatIsNotWellFormed) {
  struct Row {
    const char* code;
    void (*change)(NewList&);
  };

  const std::vector<Row> table = {
      {"list.bad_name",
       [](NewList& list) {
         list.name = "";
       }},
      {"list.bad_name",
       [](NewList& list) {
         list.name = "Upper";
       }},
      {"list.bad_name",
       [](NewList& list) {
         list.name = "-dash";
       }},
      {"list.bad_name",
       [](NewList& list) {
         list.name = std::string(65, 'a');
       }},
      {"list.bad_name",
       [](NewList& list) {
         list.name = "019aa3f0-0000-7000-8000-000000000000";
       }},
      {"list.bad_name",
       [](NewList& list) {
         list.name = "a~b";
       }},
      {"list.bad_text",
       [](NewList& list) {
         list.source = "";
       }},
      {"list.bad_text",
       [](NewList& list) {
         list.source = " state:x";
       }},
      {"list.bad_text",
       [](NewList& list) {
         list.source = std::string(129, 'a');
       }},
      {"list.bad_text",
       [](NewList& list) {
         list.classification = "";
       }},
      {"list.bad_text",
       [](NewList& list) {
         list.provenance = "two\nlines";
       }},
      {"list.bad_distance",
       [](NewList& list) {
         list.pdq_distance_max = 64;
       }},
      {"list.bad_distance",
       [](NewList& list) {
         list.pdq_distance_max = -1;
       }},
      {"list.legal_process_missing",
       [](NewList& list) {
         list.source = "state:example";
       }},
      {"list.legal_process_missing",
       [](NewList& list) {
         list.source = "State:example";
       }},
      {"list.bad_action",
       [](NewList& list) {
         list.action = policy::Action::kPass;
       }},
      {"list.bad_action",
       [](NewList& list) {
         list.purpose = Purpose::kSelfReported;
         list.action = policy::Action::kQuarantine;
       }},
      {"list.bad_automation",
       [](NewList& list) {
         list.purpose = Purpose::kSelfReported;
         list.automation = true;
       }},
  };
  for (std::size_t i = 0; i < table.size(); ++i) {
    NewList list = spec("fine");
    table[i].change(list);
    const auto created = lists_->create(ann_, list);
    ASSERT_FALSE(created) << "row " << i;
    EXPECT_EQ(created.error().code, table[i].code) << "row " << i;
    EXPECT_EQ(created.error().kind, ErrorKind::kInvalidInput);
  }
  EXPECT_TRUE(lists_->all(ann_)->empty());
}

TEST_F(ListsTest, ANameIsTakenOnceATenant) {
  make(spec("one"));
  EXPECT_EQ(lists_->create(bob_, spec("one")).error().code, "list.exists");
  const store::Actor other{.tenant_id = "other", .principal_id = "token:eve"};
  EXPECT_TRUE(lists_->create(other, spec("one")));
}

TEST_F(ListsTest, AnotherTenantsListIsNotThere) {
  const List list = make(spec("one"));
  const store::Actor other{.tenant_id = "other", .principal_id = "token:eve"};
  ImportReport report;
  EXPECT_EQ(lists_->get(other, "one").error().code, "list.not_found");
  EXPECT_EQ(lists_->get(other, to_string(list.id)).error().code, "list.not_found");
  EXPECT_EQ(lists_->get(ann_, "two").error().code, "list.not_found");
  EXPECT_EQ(lists_->get(ann_, "no'name;").error().code, "list.not_found");
  EXPECT_TRUE(lists_->all(other)->empty());
  EXPECT_EQ(lists_->set_action(other, list.id, policy::Action::kCase).error().code,
            "list.not_found");
  EXPECT_EQ(lists_->remove(other, list.id).error().code, "list.not_found");
  EXPECT_EQ(lists_->activate(other, list.id).error().code, "list.not_found");
  EXPECT_EQ(lists_->deactivate(other, list.id).error().code, "list.not_found");
  EXPECT_EQ(lists_->latest_dry_run(other, list.id).error().code, "list.not_found");
  EXPECT_EQ(lists_->import_signals(other, list.id, value(1), {}, report).error().code,
            "list.not_found");
  EXPECT_EQ(
      lists_->export_signals(other, list.id, 0, 9, [](const Signal&) { return ok(); }).error().code,
      "list.not_found");
}

TEST_F(ListsTest, AllAreListedByName) {
  make(spec("b"));
  const List gone = make(spec("c"));
  make(spec("a"));
  ASSERT_TRUE(lists_->remove(ann_, gone.id));
  const auto lists = lists_->all(ann_);
  ASSERT_EQ(lists->size(), 2U);
  EXPECT_EQ((*lists)[0].spec.name, "a");
  EXPECT_EQ((*lists)[1].spec.name, "b");
}

TEST_F(ListsTest, TheActionChangesWithinWhatThePurposeAllows) {
  const List list = make(spec("one"));
  EXPECT_EQ(lists_->set_action(ann_, list.id, policy::Action::kPass).error().code,
            "list.bad_action");
  const auto changed = lists_->set_action(ann_, list.id, policy::Action::kCase);
  EXPECT_EQ(changed->spec.action, policy::Action::kCase);
  EXPECT_EQ(now(list).version, 2);
  EXPECT_TRUE(lists_->set_action(ann_, list.id, policy::Action::kCase));
  EXPECT_EQ(now(list).version, 2);
  EXPECT_EQ(audit_of(list), (std::vector<std::string>{"list.create ok", "list.set_action ok"}));
}

TEST_F(ListsTest, ARemovedListKeepsItsRowAndFreesItsName) {
  const List list = make(spec("one"));
  import(list, value(1));
  make_active(list);
  ASSERT_TRUE(lists_->remove(ann_, list.id));
  const List removed = now(list);
  EXPECT_EQ(removed.state, State::kRemoved);
  EXPECT_EQ(removed.spec.name, "one");
  EXPECT_EQ(removed.signal_count, 0);
  EXPECT_EQ(lists_->get(ann_, "one").error().code, "list.not_found");
  EXPECT_TRUE((*lists_->load_generation())->lists().empty());
  ImportReport report;
  EXPECT_EQ(lists_->import_signals(ann_, list.id, value(1), {}, report).error().code,
            "list.removed");
  EXPECT_EQ(lists_->remove(ann_, list.id).error().code, "list.removed");
  EXPECT_EQ(lists_->activate(ann_, list.id).error().code, "list.removed");
  EXPECT_EQ(lists_->deactivate(ann_, list.id).error().code, "list.removed");
  EXPECT_FALSE(lists_->load_generation(list.id));
  const List again = make(spec("one"));
  EXPECT_NE(again.id, list.id);
  ASSERT_TRUE(lists_->remove(ann_, again.id));
}

TEST_F(ListsTest, AGenerationHoldsActiveListsOnly) {
  NewList given = spec("one");
  given.pdq_distance_max = 4;
  const List list = make(given);
  const crypto::Digests digests = crypto::digests_of(as_bytes("harmless"));
  import(list,
         value(7) + "\n" + to_hex(digests.md5) + "\n" + to_hex(digests.sha1) + "\nsha256," +
             to_hex(digests.sha256));
  const List waiting = make(spec("two"));
  import(waiting, value(7));
  EXPECT_TRUE((*lists_->load_generation())->lists().empty());
  const auto alone = *lists_->load_generation(waiting.id);
  EXPECT_EQ(alone->lists().size(), 1U);
  EXPECT_EQ(alone->size(SignalKind::kPdq), 1U);
  make_active(list);
  const auto generation = *lists_->load_generation();
  ASSERT_EQ(generation->lists().size(), 1U);
  EXPECT_EQ(generation->lists()[0].id, list.id);
  EXPECT_EQ(generation->lists()[0].version, now(list).version);
  EXPECT_EQ(generation->lists()[0].pdq_distance_max, 4);
  const auto query = *fingerprint::parse_pdq(value(7));
  const auto hits = generation->search_pdq({{&query, 1}, 0});
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits[0].signal_id, exported(list)[0].id);
  EXPECT_EQ(generation->search_digests(digests).size(), 3U);
  ASSERT_TRUE(lists_->deactivate(bob_, list.id));
  EXPECT_TRUE((*lists_->load_generation())->lists().empty());
  EXPECT_EQ(lists_->load_generation(new_uuid(1)).error().code, "list.not_found");
}

TEST_F(ListsTest, ASignalThatCannotBeReadFailsTheLoad) {
  const List list = make(spec("one"));
  import(list, value(7));
  make_active(list);
  ASSERT_TRUE(database_->write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(transaction.execute("UPDATE signal SET value = :value", {"zz"}));
    return ok();
  }));
  EXPECT_EQ(lists_->load_generation().error().code, "list.corrupt");
}

TEST_F(ListsTest, TheKeyOfAGenerationChangesWithActiveListsAndTheirSignals) {
  const List list = make(spec("one"));
  std::vector<std::string> keys = {*lists_->generation_key()};
  import(list, value(1));
  EXPECT_EQ(*lists_->generation_key(), keys.back());
  make_active(list);
  keys.push_back(*lists_->generation_key());
  import(list, value(2));
  keys.push_back(*lists_->generation_key());
  ASSERT_TRUE(lists_->remove_signals(ann_, list.id, {value(1)}));
  keys.push_back(*lists_->generation_key());
  EXPECT_EQ(*lists_->generation_key(), keys.back());
  for (std::size_t i = 1; i < keys.size(); ++i) {
    EXPECT_NE(keys[i], keys[i - 1]);
  }
  ASSERT_TRUE(lists_->deactivate(ann_, list.id));
  EXPECT_EQ(*lists_->generation_key(), keys.front());
}

}  // namespace
}  // namespace tutela::lists
